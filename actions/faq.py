"""Frequently asked questions: the answer is the operator's, the way back to the dialogue ours."""

from __future__ import annotations

import re

from actions.asking_on import COUPONS_ASKED, PROMOTION, Next, asked_next
from actions.delivering import delivery_entry, delivery_sentence
from actions.dialogue import FALLBACK, FAQ, LOOKS_UP, Request, Skill, Turn
from actions.wording import answer_part

_ENTRY = "faq"
"""Where ``Memory.about`` keeps the entry answered last."""
_WITHIN = "faq_within"
"""The same of the entry whose subject is still spoken of, though another one was told for it."""
_NO_HELP = re.compile(
    r"(我|这样|那|按你说的|照做了)*(还是|试(过|了)?(好?几次)?(也|还是|都|还)?|都|也|仍然)(说|显示|提示)?"
    r"(不行|不可以|没用|不管用|不成功|失败|没反应|[一-鿿]{1,2}不[了上通到出动开])[了啊呀呢，,。！]*"
)
"""What was told was tried, and did not help."""
_FAILS = re.compile(r"(还是|都|也|老是|一直|怎么)*[一-鿿]{1,2}不[了上通到出动开][了啊呀呢，,。！]*")
"""The same in words that an entry's next question may have, too."""

_UNCLAIMED = LOOKS_UP | {FALLBACK, FAQ, "out_of_scope", "product_question", "store_info"}
"""What the classifier makes of a question about delivery in general."""
_SHOPPING = frozenset({FAQ, "product_question", "promotion"})


def _no_help(text: str) -> bool:
    return bool(_NO_HELP.fullmatch(text) or _FAILS.fullmatch(text))


def tell_entry(turn: Turn, entry: str) -> None:
    """Let the engine say an entry's answer, and remember that it was told."""
    turn.memory.about[_ENTRY] = entry
    turn.say_response(f"utter_faq/{entry}")
    turn.fulfil()


def entry_told(turn: Turn) -> str | None:
    """The entry answered last, while it is still what we speak of."""
    return turn.memory.about.get(_ENTRY) if turn.memory.topic == FAQ else None


def tell_next(turn: Turn, asked: Next, told: str | None) -> None:
    """Tell the entry that is asked for next; of the one told last, only the part asked for."""
    part = None
    if asked.entry == told:
        part = answer_part(asked.entry, asked.part, spoken=turn.on_phone)
    if part:
        turn.say(part)
        turn.fulfil()
    else:
        tell_entry(turn, asked.entry)


class Faq(Skill):
    """faq: let the engine say the answer of the entry that it found."""

    intent = FAQ
    follow_ups = re.compile(
        r"(具体|要|该|应该|要?去|得)?(怎么|咋|如何|在?哪里?|在?哪儿)(样|去|个)?(操作|弄|办|办理|申请|搞|用|领|开|找|点|设置|看)?(流程|步骤)?"
        r"|然后|(具体)?(流程|步骤)|(要|得)?(几天|多久|多长时间)|为什么|为啥"
    )

    async def claims(self, turn: Turn, request: Request) -> bool:
        """Take what goes on with the entry's subject, what did not help, and how we deliver at all."""
        text, last = turn.message.text, entry_told(turn)
        if turn.message.chosen:
            return False
        if self._of_delivery(turn, request):
            return True
        if last is None:
            return False
        within = turn.memory.about.get(_WITHIN) or last
        return bool(_no_help(text) or asked_next(text, within))

    async def start(self, turn: Turn, request: Request) -> None:
        """Answer; the same question again gets the offer of a person with it."""
        last = entry_told(turn)
        within = turn.memory.about.get(_WITHIN) or last or ""
        turn.memory.about.pop(_WITHIN, None)
        asked = asked_next(request.text, within) if last else None
        if last and (_NO_HELP.fullmatch(request.text) or (not asked and _no_help(request.text))):
            turn.offer_human("utter_faq_again", "repeated_failure")
            return
        if asked is not None:
            turn.memory.about[_WITHIN] = within
            if asked.entry == PROMOTION:
                request.choice = COUPONS_ASKED
                turn.redirect = (PROMOTION, request)
            else:
                tell_next(turn, asked, last)
            return
        general = None if turn.message.chosen else self._of_delivery(turn, request)
        if general and general.startswith("utter_"):
            turn.use(general)
            turn.fulfil()
            return
        entry = general or (last if self.asks_on(request.text) else turn.message.faq_id)
        if entry is None:
            turn.use("utter_rephrase")
            return
        tell_entry(turn, entry)
        if entry == last:
            turn.offer_human("utter_faq_again", "repeated_failure")

    def _of_delivery(self, turn: Turn, request: Request) -> str | None:
        """The entry or sentence for a question about delivery that is about no order."""
        topic = turn.memory.topic
        told_of_order = turn.memory.order_number and topic in LOOKS_UP
        if turn.message.intent not in _UNCLAIMED or request.order_number or told_of_order:
            return None
        shopping = topic in _SHOPPING
        return delivery_entry(request.text) or delivery_sentence(request.text, shopping=shopping)
