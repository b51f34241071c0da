"""What is too much for one breath: the rest is offered piece by piece."""

from __future__ import annotations

from actions.reading.hearing import wants_more
from ivr.call.menu import Menu
from ivr.call.phrasing import Spoken
from ivr.call.talk import yes_or_no


class Listing:
    """What is left to be told of an answer.

    Args:
        menu: how more is offered.
    """

    def __init__(self, menu: Menu) -> None:
        self._sentences = menu.sentences
        self._later: list[str] = []
        self._listed = False

    def begin(self, spoken: Spoken) -> str:
        """Take an answer; what to say now, with the offer of more if there is more."""
        self._later, self._listed = list(spoken.later), spoken.listed
        return self._with_offer(spoken.now) if spoken.now else ""

    def forget(self) -> None:
        """Something else is talked about."""
        self._later = []

    def next(self, said: str) -> str | None:
        """What to say to the answer to an offer; None if it was no answer to it."""
        if not self._later:
            return None
        wanted = yes_or_no(said)
        if wanted or wants_more(said):
            return self._with_offer(self._later.pop(0))
        self.forget()
        return self._sentences.anything_else if wanted is False and len(said) <= 4 else None

    def _with_offer(self, text: str) -> str:
        if not self._later:
            return text + (self._sentences.no_more if self._listed else "")
        return text + (self._sentences.next_one if self._listed else self._sentences.go_on)
