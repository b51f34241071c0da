"""When a person should take over: asked for, offered, complaints and abuse."""

from __future__ import annotations

import re

from actions.dialogue import Request, Skill, Task, Turn
from actions.reading import answer_in

REASONS = frozenset(
    {
        "asked_for_human",
        "frustration",
        "complex_intent",
        "repeated_failure",
        "sensitive",
        "engine_down",
        "action_failed",
    }
)
_SERIOUS = re.compile(
    r"投诉|举报|曝光|12315|12345|消协|消费者协会|工商|市场监管|起诉|律师|法院|媒体|微博|差评|领导|经理|主管"
)


class AskHuman(Skill):
    """ask_human: register the wish; also takes the answer to an offer of a person."""

    intent = "ask_human"

    async def start(self, turn: Turn, request: Request) -> None:
        """Register it at once; a second wish is acknowledged, not registered again."""
        if turn.memory.said.get("handoff"):
            turn.use("utter_handoff_already")
            return
        reason = request.choice if request.choice in REASONS else "asked_for_human"
        await hand_off(turn, reason)

    async def go_on(self, turn: Turn, task: Task) -> bool:
        """Take yes or no to the offer."""
        answer = answer_in(turn.message.text, turn.message.intent)
        if answer is None:
            return False
        turn.memory.drop(task)
        if answer == "no":
            turn.use("utter_no_human_then")
        elif turn.memory.said.get("handoff"):
            turn.use("utter_handoff_already")
        else:
            reason = str(task.data.get("reason") or "asked_for_human")
            await hand_off(turn, reason, str(task.data.get("evidence") or ""))
        return True


async def hand_off(turn: Turn, reason: str, evidence: str = "") -> None:
    """Request a person once per episode and say so."""
    await turn.hand_off(reason, evidence)
    turn.memory.said["handoff"] = 1


class Complaint(Skill):
    """complaint: an apology and a person; threats of authorities go to one at once."""

    intent = "complaint"
    topical = True

    async def start(self, turn: Turn, request: Request) -> None:
        """Apologise; hand over when serious, angry or repeated, else offer."""
        before = turn.memory.said.get("complaints", 0)
        turn.memory.said["complaints"] = before + 1
        if turn.memory.said.get("handoff"):
            turn.use("utter_complaint_sorry")
            turn.use("utter_handoff_already")
        elif _SERIOUS.search(request.text) or before or turn.message.emotion == "severe":
            serious = bool(_SERIOUS.search(request.text))
            turn.use("utter_complaint_sorry")
            await hand_off(turn, "sensitive" if serious else "frustration")
        else:
            turn.offer_human("utter_complaint_offer", "frustration")


class Abuse(Skill):
    """abuse: stay calm, and offer a person."""

    intent = "abuse"
    topical = False

    async def start(self, turn: Turn, request: Request) -> None:
        """Do not answer in kind."""
        del request
        turn.offer_human("utter_abuse", "frustration")
