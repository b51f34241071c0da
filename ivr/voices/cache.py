"""Sound that was spoken before, on disk."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import time
from collections.abc import Callable
from pathlib import Path

from ivr.spoken import VERSION

_FORMAT = 1
_SUFFIX = ".pcm"


class SoundCache:
    """A folder of spoken sentences, bounded in size and age; the oldest use goes first.

    The name of a file is a digest: no text is written. What a file holds may be a customer's own
    data all the same, so it is not kept long, and readable for the service's user only. A cache
    that cannot be read or written is no error: the sentence is spoken anew.

    Args:
        folder: made when needed.
        most_bytes: upper bound of all files together; None for no bound.
        keep_s: age in seconds after which a sound not used is dropped; None for no bound.
        now: seconds since the epoch, as the files' times.
    """

    def __init__(
        self,
        folder: Path,
        most_bytes: int | None = None,
        keep_s: float | None = None,
        now: Callable[[], float] = time.time,
    ) -> None:
        self._folder = folder
        self._most = most_bytes
        self._keep_s = keep_s
        self._now = now
        self._written = 0

    def get(self, voice: str, text: str, rate: int) -> bytes | None:
        """The sound (s16le, mono) of a text by a voice, if it is there."""
        path = self._path(voice, text, rate)
        try:
            now = self._now()
            if self._keep_s is not None and now - path.stat().st_mtime > self._keep_s:
                path.unlink()
                return None
            pcm = path.read_bytes()
            os.utime(path, (now, now))
        except OSError:
            return None
        return pcm or None

    def put(self, voice: str, text: str, rate: int, pcm: bytes) -> None:
        """Keep the whole sound of a text."""
        path = self._path(voice, text, rate)
        making = path.with_suffix(f".{os.getpid()}.making")
        with contextlib.suppress(OSError):
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            making.write_bytes(pcm)
            making.chmod(0o600)
            os.utime(making, (self._now(), self._now()))
            making.replace(path)
            self._written += len(pcm)
            if self._most is not None and self._written > self._most // 16:
                self._written = 0
                self.tidy()

    def tidy(self) -> None:
        """Drop what is too old, then the longest unused until the bound is kept."""
        found = []
        for path in self._folder.glob(f"*/*{_SUFFIX}"):
            with contextlib.suppress(OSError):
                state = path.stat()
                found.append((state.st_mtime, state.st_size, path))
        found.sort(key=lambda entry: entry[0])
        total = sum(size for _, size, _ in found)
        oldest = self._now() - self._keep_s if self._keep_s is not None else None
        for used, size, path in found:
            too_old = oldest is not None and used < oldest
            if not too_old and (self._most is None or total <= self._most):
                break
            with contextlib.suppress(OSError):
                path.unlink()
            total -= size

    def _path(self, voice: str, text: str, rate: int) -> Path:
        key = json.dumps([_FORMAT, voice, VERSION, rate, text], ensure_ascii=False)
        name = hashlib.sha256(key.encode()).hexdigest()
        return self._folder / name[:2] / f"{name}{_SUFFIX}"
