"""What a start shows while it goes on: one line a step, with a moving clock on a terminal."""

from __future__ import annotations

import contextlib
import sys
import time
from collections.abc import Iterator
from typing import TextIO


class Progress:
    """Prints steps to a stream; a quiet one prints nothing but ``say``."""

    def __init__(self, stream: TextIO | None = None, *, quiet: bool = False) -> None:
        self._stream = stream or sys.stdout
        self._quiet = quiet
        self._live = not quiet and self._stream.isatty()
        self._open = ""

    def say(self, text: str = "") -> None:
        """Print a line whatever happens."""
        self._erase()
        print(text, file=self._stream, flush=True)

    def done(self, text: str) -> None:
        """A step that is finished."""
        if not self._quiet:
            self.say(f"✓ {text}")

    def trouble(self, text: str) -> None:
        """Something went wrong and is being dealt with."""
        if not self._quiet:
            self.say(f"! {text}")

    def begin(self, text: str) -> None:
        """A step that takes a while begins."""
        if not self._quiet:
            self.say(f"→ {text} …")

    def say_step(self, text: str) -> None:
        """A part of the step that has begun."""
        if not self._quiet:
            self.say(f"  · {text}")

    def tick(self, text: str) -> None:
        """Show the present state of a step on the line that is overwritten next (terminal only)."""
        if self._live:
            self._erase()
            self._open = f"  {text}"[:100]
            print(self._open, end="", file=self._stream, flush=True)

    @contextlib.contextmanager
    def step(self, title: str) -> Iterator[None]:
        """A step with its time taken."""
        began = time.monotonic()
        self.begin(title)
        yield
        self.done(f"{title} ({time.monotonic() - began:.1f} s)")

    def _erase(self) -> None:
        if self._open:
            print("\r\x1b[K", end="", file=self._stream)
            self._open = ""
