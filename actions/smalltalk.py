"""Greetings, thanks, goodbyes, a yes or no to nothing, and what is not our subject."""

from __future__ import annotations

from typing import ClassVar

from actions.dialogue import Request, Skill, Turn
from actions.reading import asks_who_we_are


class Saying(Skill):
    """Answers with one sentence of domain.yml."""

    topical = False
    sentence: ClassVar[str]

    async def start(self, turn: Turn, request: Request) -> None:
        """Say it."""
        del request
        turn.use(self.sentence)


class Greet(Saying):
    """greet."""

    intent = "greet"
    sentence = "utter_greet"

    async def start(self, turn: Turn, request: Request) -> None:
        """A full welcome the first time, a short one while something is open."""
        del request
        turn.use("utter_greet_again" if turn.memory.tasks or turn.memory.topic else "utter_greet")


class Goodbye(Saying):
    """goodbye."""

    intent = "goodbye"
    sentence = "utter_goodbye"


class Thanks(Saying):
    """thanks."""

    intent = "thanks"
    sentence = "utter_thanks"


class Affirm(Saying):
    """affirm, when nothing was asked."""

    intent = "affirm"
    sentence = "utter_affirm"


class Deny(Saying):
    """deny, when nothing was asked."""

    intent = "deny"
    sentence = "utter_deny"


class OutOfScope(Saying):
    """out_of_scope: friendly, and back to what we can do; the second time a person is offered."""

    intent = "out_of_scope"

    async def start(self, turn: Turn, request: Request) -> None:
        """Say what we can do."""
        if asks_who_we_are(request.text):
            turn.use("utter_who_am_i")
            return
        turn.memory.misses += 1
        if turn.memory.misses >= 2:
            turn.offer_human("utter_out_of_scope_offer", "repeated_failure")
        else:
            turn.use("utter_out_of_scope")
