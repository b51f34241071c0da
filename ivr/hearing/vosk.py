"""Vosk: understands while one speaks; grammars at run time for menu words and digits."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import soxr
import vosk

from ivr.hearing.recogniser import Heard, HearingError
from ivr.hearing.sound import RATE
from ivr.hearing.transcript import plain, without_unknown

_UNKNOWN = "[unk]"
_STEP_S = 0.1
"""Sound is handed over in steps of this length: a thread's hop for each frame would cost more."""
_THREADS = 2


class VoskRecogniser:
    """One model for all calls.

    Args:
        folder: of the model, for the small models with a graph that grammars can be put into.
        simplify: bring the text into the form of Mandarin (simplified, no gaps).
    """

    name = "vosk"

    def __init__(self, folder: Path, *, simplify: bool = True) -> None:
        self._folder = folder
        self._clean: Callable[[str], str] = plain if simplify else _joined
        self._model: Any = None
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="vosk")

    async def start(self) -> None:
        """Load the model.

        Raises:
            HearingError: it cannot be loaded.
        """
        await asyncio.get_running_loop().run_in_executor(self._threads, self._loaded)

    async def stop(self) -> None:
        """End the threads."""
        self._threads.shutdown(wait=False, cancel_futures=True)

    def stream(self, rate: int, grammar: Sequence[str] | None = None) -> VoskStream:
        """Begin an utterance; with a grammar nothing but its phrases is understood."""
        phrases = tuple(grammar) if grammar else None
        return VoskStream(lambda: self._engine(phrases), self._threads, rate, self._clean)

    def _engine(self, grammar: tuple[str, ...] | None) -> Any:
        model = self._loaded()
        if grammar is None:
            engine = vosk.KaldiRecognizer(model, RATE)
        else:
            engine = vosk.KaldiRecognizer(model, RATE, self._words_of(grammar))
        engine.SetWords(True)
        return engine

    def _loaded(self) -> Any:
        if self._model is None:
            vosk.SetLogLevel(-1)
            try:
                self._model = vosk.Model(str(self._folder))
            except Exception as error:  # Vosk raises no narrower one
                raise HearingError(f"no Vosk model in {self._folder.name}") from error
        return self._model

    def _words_of(self, grammar: tuple[str, ...]) -> str:
        """The grammar in words that the model knows, as it wants them: parted by blanks."""
        phrases = {" ".join(words) for phrase in grammar if (words := self._parted(phrase))}
        return json.dumps([*sorted(phrases), _UNKNOWN], ensure_ascii=False)

    def _parted(self, phrase: str) -> list[str]:
        """A phrase in the longest words that the model knows; empty if it lacks one."""
        words: list[str] = []
        for stretch in phrase.split():
            rest = stretch
            while rest:
                known = next(
                    (rest[:n] for n in range(len(rest), 0, -1) if self._knows(rest[:n])), ""
                )
                if not known:
                    return []
                words.append(known)
                rest = rest[len(known) :]
        return words

    def _knows(self, word: str) -> bool:
        return bool(self._model.vosk_model_find_word(word) >= 0)


class VoskStream:
    """One utterance being heard."""

    def __init__(
        self,
        engine: Callable[[], Any],
        threads: ThreadPoolExecutor,
        rate: int,
        clean: Callable[[str], str],
    ) -> None:
        self._make = engine
        self._threads = threads
        self._rate = rate
        self._clean = clean
        self._engine: Any = None
        self._widen = soxr.ResampleStream(rate, RATE, 1, "int16") if rate != RATE else None
        self._waiting = bytearray()
        self._done: list[tuple[str, float | None]] = []
        self._partial = ""
        self._closed = False

    async def feed(self, pcm: bytes) -> str | None:
        """Hear more; returns what is understood so far.

        Raises:
            HearingError: the model cannot be loaded.
        """
        if self._closed:
            return None
        self._waiting += pcm
        if len(self._waiting) >= int(_STEP_S * self._rate) * 2:
            await self._in_thread(self._hear, self._taken(), False)
        return self._so_far()

    async def finish(self) -> Heard:
        """Everything that was said.

        Raises:
            HearingError: the model cannot be loaded, or the utterance is closed.
        """
        if self._closed:
            raise HearingError("the utterance is closed")
        self._closed = True
        await self._in_thread(self._hear, self._taken(), True)
        self._partial = ""
        sure = [one for _, one in self._done if one is not None]
        text = self._so_far()
        mean = round(sum(sure) / len(sure), 3) if sure and text else None
        self._engine = None
        return Heard(text, mean)

    def close(self) -> None:
        """Forget it."""
        self._closed = True
        self._engine = None
        self._waiting.clear()

    def _so_far(self) -> str:
        parts = [text for text, _ in self._done] + [self._partial]
        return self._clean(without_unknown(" ".join(part for part in parts if part)))

    def _taken(self) -> bytes:
        taken = bytes(self._waiting)
        self._waiting.clear()
        return taken

    async def _in_thread(self, work: Callable[..., None], *given: Any) -> None:
        try:
            await asyncio.get_running_loop().run_in_executor(self._threads, work, *given)
        except RuntimeError as error:  # the threads are stopped
            raise HearingError("the engine has stopped") from error

    def _hear(self, pcm: bytes, last: bool) -> None:
        if self._engine is None:
            self._engine = self._make()
        engine = self._engine
        if self._widen is not None:
            samples = np.frombuffer(pcm[: len(pcm) & ~1], np.int16)
            pcm = self._widen.resample_chunk(samples, last=last).tobytes()
        if pcm and engine.AcceptWaveform(pcm):
            self._keep(json.loads(engine.Result()))
        if last:
            self._keep(json.loads(engine.FinalResult()))
        else:
            self._partial = json.loads(engine.PartialResult()).get("partial", "")

    def _keep(self, result: dict[str, Any]) -> None:
        self._partial = ""
        words = [word["conf"] for word in result.get("result", []) if word["word"] != _UNKNOWN]
        if result.get("text"):
            self._done.append((result["text"], sum(words) / len(words) if words else None))


def _joined(text: str) -> str:
    return " ".join(text.split())
