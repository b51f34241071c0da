"""What can stop a start, as one sentence for the person at the terminal."""

from __future__ import annotations


class LaunchError(Exception):
    """The stack cannot be started or kept up; the text is one sentence saying what to do."""

    def __init__(self, sentence: str, exit_code: int = 1) -> None:
        super().__init__(sentence)
        self.exit_code = exit_code
