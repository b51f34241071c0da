"""Frequently asked questions: the answer is the operator's, the way back to the dialogue ours."""

from __future__ import annotations

import re

from actions.dialogue import FAQ, Request, Skill, Turn

_ENTRY = "faq"
"""Where ``Memory.about`` keeps the entry answered last."""


class Faq(Skill):
    """faq: let the engine say the answer of the entry that it found."""

    intent = FAQ
    follow_ups = re.compile(
        r"(具体|要|该|应该|要?去|得)?(怎么|咋|如何|在?哪里?|在?哪儿)(样|去|个)?(操作|弄|办|办理|申请|搞|用|领|开|找|点|设置|看)?(流程|步骤)?"
        r"|然后|(具体)?(流程|步骤)|(要|得)?(几天|多久|多长时间)|为什么|为啥"
    )

    async def start(self, turn: Turn, request: Request) -> None:
        """Answer; the same question again gets the offer of a person with it."""
        last = turn.memory.about.get(_ENTRY) if turn.memory.topic == FAQ else None
        entry = last if last and self.asks_on(request.text) else turn.message.faq_id
        if entry is None:
            turn.use("utter_rephrase")
            return
        again = entry == last
        turn.memory.about[_ENTRY] = entry
        turn.say_response(f"utter_faq/{entry}")
        turn.fulfil()
        if again:
            turn.offer_human("utter_faq_again", "repeated_failure")
