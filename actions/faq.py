"""Frequently asked questions: the answer is the operator's, the way back to the dialogue ours."""

from __future__ import annotations

from actions.dialogue import FAQ, Request, Skill, Turn


class Faq(Skill):
    """faq: let the engine say the answer of the entry that it found."""

    intent = FAQ

    async def start(self, turn: Turn, request: Request) -> None:
        """Answer; the same question again gets the offer of a person with it."""
        del request
        entry = turn.message.faq_id
        if entry is None:
            turn.use("utter_rephrase")
            return
        again = turn.memory.topic == FAQ and turn.memory.said.get("faq:last") == _mark(entry)
        turn.memory.said["faq:last"] = _mark(entry)
        turn.say_response(f"utter_faq/{entry}")
        turn.fulfil()
        if again:
            turn.offer_human("utter_faq_again", "repeated_failure")


def _mark(entry: str) -> int:
    return sum(ord(c) * (i + 1) for i, c in enumerate(entry))
