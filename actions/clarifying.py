"""Not understood: first the two likeliest meanings as quick replies, then a person."""

from __future__ import annotations

import re

from actions.dialogue import FALLBACK, LOOKS_UP, MEANINGS, Request, Skill, Task, Turn
from actions.dialogue.fragments import SHORT, asks_beside_no
from actions.dialogue.wishes import TALE, is_tale
from actions.foreign import offer_chinese
from actions.orders import NOT_SENT, named_by, notice_order
from actions.reading import ordinal_in, says_no
from actions.shop.models import OrderState
from actions.smalltalk import only_sounds
from actions.wording import Button

PLAUSIBLE = 0.06
"""Below this a meaning is not worth asking about."""

EQUAL = 0.18
"""Two meanings above this, each in a clause of its own, are both meant."""

TOGETHER = 0.55
"""Above this sum two meanings that one answer satisfies need no question."""

NEAR = 0.5
"""From this share of the likeliest meaning on, what we have just spoken of is meant."""

ORDER_TAIL = 4
_GIVES_UP = {"cancel_order", "request_return"}
_MONEY = re.compile(r"钱|退款|到账")
_DIGITS = re.compile(r"\d\D*\d\D*\d")
_LETTERS = re.compile(r"[^\W\d_]")
_CLAUSES = re.compile(r"[。？！?!；;，,].{2,}|还有|另外|顺便|以及|再帮|也[查看]")
_WORDS = {
    "query_order": r"订单|发货",
    "query_logistics": r"快递|物流|包裹|到哪|送到|到货",
    "query_points": r"积分",
    "query_refund": r"退款|退的钱",
    "return_policy": r"退货|能退|退换",
    "invoice": r"发票|开票",
    "member_tier": r"会员|等级",
    "store_info": r"门店|店|营业",
}


def _real(turn: Turn) -> list[tuple[str, float]]:
    """The engine's guesses without the fallback itself."""
    return [(name, c) for name, c in turn.message.ranking if name != FALLBACK]


class Clarify(Skill):
    """nlu_fallback: two stages, and never twice the same sentence."""

    intent = FALLBACK
    topical = False

    async def claims(self, turn: Turn, request: Request) -> bool:
        """Take a long tale of several goods, whatever one word in it is heard as."""
        return is_tale(turn.message)

    async def start(self, turn: Turn, request: Request) -> None:
        """Ask which of two meanings, or offer a person at the second failure in a row."""
        if offer_chinese(turn):
            return
        if only_sounds(request.text) and not turn.message.chosen:
            turn.meant = "greet"
            turn.use("utter_listening")
            return
        options = [
            name for name, confidence in _real(turn) if name in MEANINGS and confidence >= PLAUSIBLE
        ][:2]
        if self._angry(turn):
            turn.redirect = ("complaint", request)
            return
        if self._both(turn, request):
            return
        if len(request.text) > TALE and len(request.products) > 1:
            turn.offer_human("utter_story_offer", "complex_intent")
            return
        if set(options) == _GIVES_UP and (given_up := await self._stage(turn, request)):
            turn.redirect = (given_up, request)
            return
        topic = turn.memory.topic
        shares = dict(_real(turn))
        if topic in options and shares[topic] >= NEAR * shares[options[0]]:
            turn.redirect = (topic, request)  # "啥时候过期" after the points were told
            return
        two = dict(_real(turn)[:2])
        if set(two) == LOOKS_UP and sum(two.values()) > TOGETHER:
            # Both look the order up and tell where it is: not worth a question.
            turn.redirect = (_real(turn)[0][0], request)
            return
        if set(options) == {"return_policy", "query_refund"} and _MONEY.search(request.text):
            turn.redirect = ("query_refund", request)  # which tells the rule if nothing runs
            return
        if request.products and set(options) == {"product_question", "promotion"}:
            turn.redirect = ("product_question", request)
            return
        if _DIGITS.search(request.text) and not _LETTERS.search(request.text):
            await self._number(turn, request)
            return
        if turn.memory.product and set(options) == {"product_question", "store_info"}:
            turn.redirect = ("store_info", request)  # "北京有货吗" of what we speak of
            return
        await notice_order(turn, request)
        turn.memory.misses += 1
        if turn.memory.misses >= 2:
            turn.offer_human("utter_fallback_offer", "repeated_failure")
            return
        if len(options) < 2 or not re.search(r"[一-鿿A-Za-z]{2}", request.text):
            turn.use("utter_rephrase")
            return
        data = {"options": options, "request": request.as_dict()}
        turn.memory.push(Task(self.intent, "clarify", data))
        self._ask(turn, options)

    def _ask(self, turn: Turn, options: list[str]) -> None:
        first, second = (MEANINGS[name] for name in options)
        turn.use("utter_clarify", first=first, second=second)
        buttons = [Button(MEANINGS[name], f"/{name}") for name in options]
        turn.offer([*buttons, Button("都不是", "/deny")])

    async def _number(self, turn: Turn, request: Request) -> None:
        """Digits that nobody asked for: the end of an own order's number, or what they should be."""
        tail = re.sub(r"\D", "", request.text)
        if len(tail) == ORDER_TAIL:
            own = [order for order in await turn.orders() if order.number.endswith(tail)]
            if len(own) == 1:
                request.order_number = own[0].number
                turn.redirect = ("query_order", request)
                return
        turn.use("utter_bare_number")

    @staticmethod
    async def _stage(turn: Turn, request: Request) -> str | None:
        """Whether what is not wanted can still be cancelled or must be sent back, if it is known which."""
        meant = {order.state for order in named_by(request, await turn.orders())}
        if meant and meant <= NOT_SENT:
            return "cancel_order"
        return "request_return" if meant == {OrderState.SIGNED} else None

    def _angry(self, turn: Turn) -> bool:
        """Torn between complaint and abuse is not torn at all."""
        two = {name for name, _ in _real(turn)[:2]}
        return two == {"complaint", "abuse"}

    def _both(self, turn: Turn, request: Request) -> bool:
        """Torn between two tasks because two clauses ask for both: answer both, in their order."""
        two = [n for n, confidence in _real(turn)[:2] if n in _WORDS and confidence >= EQUAL]
        places = [re.search(_WORDS[name], request.text) for name in two]
        if len(two) < 2 or not _CLAUSES.search(request.text) or not all(places):
            return False
        ordered = [
            n for _, n in sorted((p.start(), n) for p, n in zip(places, two, strict=True) if p)
        ]
        turn.redirect = (ordered[0], request)
        turn.memory.queue.append({"skill": ordered[1], "request": request.as_dict()})
        return True

    async def go_on(self, turn: Turn, task: Task) -> bool:
        """Take "第一个", the words of an option, or "都不是"."""
        options = [str(name) for name in task.data.get("options") or []]
        text = turn.message.text
        index = ordinal_in(text, len(options))
        if index is None:
            index = {"前者": 0, "前一个": 0, "后者": 1, "后一个": 1}.get(text.strip("。，！ "))
        if index is None:
            named = [i for i, n in enumerate(options) if MEANINGS[n] == text.strip("。，！? ")]
            index = named[0] if len(named) == 1 else None
        if index is not None and index < len(options):
            turn.memory.drop(task)
            turn.redirect = (options[index], Request.from_dict(task.data.get("request") or {}))
            return True
        if turn.answer(text) == "yes" and len(options) == 2:
            # Which of the two? Asked again once; then it was the first.
            if task.data.get("again"):
                turn.memory.drop(task)
                turn.redirect = (options[0], Request.from_dict(task.data.get("request") or {}))
                return True
            task.data["again"] = True
            self._ask(turn, options)
            return True
        plain = turn.message.chosen or says_no(text) or len(text) <= SHORT
        if turn.answer(text) == "no" and plain and not asks_beside_no(turn.message):
            turn.memory.drop(task)
            turn.memory.misses = 1
            turn.use("utter_rephrase")
            return True
        return False
