"""How ``ivr/models/hotline.npz`` was made: Whisper, taught on the shop's own sentences.

Run by hand when the training texts or the model change; hours of two cores, so neither the tests nor
an installation do it. In order:

    python -m tools.teach_whisper.speak VOICES clips.pkl       # texts read by mixed synthetic voices
    python -m tools.teach_whisper.lines clips.pkl heard-1.pkl  # … over bad lines, as spectra; several
    python -m tools.teach_whisper.train heard-*.pkl --model model.bin --out hotline.npz  # has torch

``model.bin`` is the published one, put together from the catalogue's packages: what `yingda speech install`
leaves in the home is taught already.

The texts are ``data/nlu`` and ``data/faq`` (never a judging set), the voices Kokoro's (Apache-2.0).
"""
