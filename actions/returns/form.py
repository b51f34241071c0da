"""The open return: takes one answer at a time, and asks for the next thing that is missing."""

from __future__ import annotations

import re
from dataclasses import dataclass

from actions.dialogue import FAQ, Request, Task, Turn
from actions.orders import short_title
from actions.reading import ordinal_in
from actions.returns.articles import LAST_GOODS, LAST_REASON, RETURNING
from actions.returns.asking import ask, submit
from actions.returns.general import PROVED_BY
from actions.returns.goods import (
    adds,
    besides_goods,
    lines_in,
    names_in,
    wants_all,
    wants_part,
    wants_several,
)
from actions.returns.instead import MISSING, instead_in, lacks_proof
from actions.returns.reading import not_yet, opened_in, spoilt_in
from actions.returns.reasons import ALLERGY, REASONS, Reason, reason_answered, reason_in
from actions.returns.verdict import last_day, refuse, rule_for, tell_quality
from actions.shop.models import Order, OrderLine, ReturnPolicy
from actions.wording import business_day, joined

MAX_IN_TURN = 4
"""So many goods are taken one after the other; more are for a person."""
_TITLES = frozenset(reason.title for reason in REASONS)
_ONE_BY_ONE = re.compile(r"一([件个样单条台款])一\1|分开退?|分别")
_NO_RETURN = re.compile(r"不.{0,2}退")
_GO_AHEAD = re.compile(
    r"([那就还是直接我要想好的吧嗯行对先给帮，,。！! ]|可以|确定|确认|同意|麻烦)*退(货|掉|了|这[个件条双]|吧|呗|啊|呀|哈|[，,。！! ])*"
)
"""Whoever is asked whether to hand the return in, and says "那就退吧", wants it."""
_CAN_GO = re.compile(r"(还|能|可以).{0,3}退.{0,2}[吗么不？?]")
_SHORT = 12
_INFORMS = frozenset({"return_policy", "query_refund", FAQ})
_OF_MONEY_OR_TIME = re.compile(r"[运邮路]费|快递费|谁[出付掏]|多少钱|几天|多久|什么时候")
_ASKS = re.compile(r"[吗呢？?哪几]|什么|怎么|多少|为啥")


@dataclass
class ReturnForm:
    """One article of an order that shall go back, while something is still to be asked."""

    turn: Turn
    task: Task
    order: Order

    @property
    def line(self) -> OrderLine | None:
        """The article, once it is known."""
        sku = self.task.data.get("sku")
        return next((x for x in self.order.lines if x.sku == sku), None)

    async def begin(self, request: Request) -> None:
        """Take what the first message says, and ask for the rest."""
        text = request.text
        said = besides_goods(text, names_in(self.turn.message), self.order)
        note(self.task, reason_in(said), opened_in(text))
        self.task.data["spoilt"] = spoilt_in(text) or self.task.data.get("spoilt", "")
        wanted = wanted_lines(self.order, request)
        if wanted and len(wanted) <= MAX_IN_TURN:
            take(self.task, wanted[0])
        self.task.awaits = await self._open_question()
        if instead_in(said) == MISSING:
            self.turn.offer_human(MISSING, "complex_intent")
        elif self._too_many(wanted):
            return
        elif self.line and wants_part(text, self.line):
            self._offer_for_part()
        else:
            self._later(wanted[1:])
            await self.proceed()

    async def answered(self) -> bool:
        """Take an answer; False when it is none, and nothing was said or changed then."""
        text = self.turn.message.text or str(self.turn.message.value("choice") or "")
        said = besides_goods(text, names_in(self.turn.message), self.order)
        self.task.data["spoilt"] = spoilt_in(text) or self.task.data.get("spoilt", "")
        if text not in _TITLES and self._aside(said):
            return True
        match self.task.awaits:
            case "line":
                return await self._line(said)
            case "reason":
                return await self._reason(said)
            case "opened":
                return await self._opened(said)
            case _:
                return await self._confirmed(said)

    async def proceed(self) -> None:
        """Ask for the next missing thing, or for the confirmation."""
        task, line = self.task, self.line
        self.turn.memory.order_number = self.order.number
        task.awaits = await self._open_question()
        if line and task.awaits == "confirm":
            policy = await self._policy(line)
            if policy and (self._spoilt(policy) or self._too_late(line, policy)):
                return
            self._tell_proof(policy)
        task.tries = 0
        task.data.pop("part", None)
        ask(self.turn, task, self.order)

    async def _open_question(self) -> str:
        """What is still to be asked; the confirmation comes last."""
        data, line = self.task.data, self.line
        if line is None:
            return "line"
        if "reason" not in data:
            return "reason"
        policy = await self._policy(line)
        sealed_only = policy is not None and policy.days_opened == 0
        if sealed_only and not data.get("defective") and "opened" not in data:
            return "opened"
        return "confirm"

    def _aside(self, said: str) -> bool:
        """Offer a person for what the form cannot do; the form stays as it is."""
        turn, line, text = self.turn, self.line, self.turn.message.text
        name = instead_in(said)
        if name:
            turn.offer_human(name, "complex_intent")
        elif line and wants_part(text, line):
            self._offer_for_part()
        elif self.task.data.get("reason") == ALLERGY.title and lacks_proof(text):
            turn.offer_human("utter_return_no_proof_offer", "complex_intent")
        elif line and adds(text):
            return self._also(line)
        elif _ONE_BY_ONE.search(text) and line:
            ask(turn, self.task, self.order)
        else:
            return False
        return True

    def _also(self, line: OrderLine) -> bool:
        """Keep further goods that shall go back for after this return."""
        turn, products = self.turn, _products(self.turn)
        more = [x for x in lines_in(self.order, products, turn.message.text) if x.sku != line.sku]
        if more:
            self._later(more)
        elif products and line.sku not in products:
            request = Request(products=products)
            turn.memory.queue.append({"skill": RETURNING, "request": request.as_dict()})
            self._tell_turn(next(iter(names_in(turn.message)), "另一件"))
        else:
            return False
        ask(turn, self.task, self.order)
        return True

    def _later(self, lines: list[OrderLine]) -> None:
        """Take these one by one, once the present return is done."""
        reason = str(self.task.data.get("reason") or "")
        for line in lines:
            number = self.order.number
            request = Request(text=reason, order_number=number, products=[line.sku])
            self.turn.memory.queue.append({"skill": RETURNING, "request": request.as_dict()})
        if lines:
            rest = joined([short_title(line.title) for line in lines])
            self._tell_turn(rest)

    def _tell_turn(self, rest: str) -> None:
        goods = self.task.data["goods"]
        self.task.data["told"] = goods
        self.turn.use("utter_return_one_by_one", goods=goods, rest=rest)

    async def _line(self, said: str) -> bool:
        text = self.turn.message.text
        reason, opened = reason_in(said), opened_in(text)
        chosen = self._chosen_lines(text)
        if self._too_many(chosen):
            return True
        if not chosen and reason is None and opened is None and not _ONE_BY_ONE.search(text):
            return False
        note(self.task, reason, opened)
        if chosen:
            take(self.task, chosen[0])
        elif reason or opened is not None:
            self.turn.use("utter_return_noted")
        if chosen and wants_part(text, chosen[0]):
            self._offer_for_part()
            return True
        self._later(chosen[1:])
        await self.proceed()
        return True

    def _chosen_lines(self, text: str) -> list[OrderLine]:
        lines = self.order.lines
        index = ordinal_in(text, len(lines))
        choice = self.turn.message.value("choice")
        pressed = [x for x in lines if x.sku == choice]
        counted = [lines[index]] if index is not None else []
        named = Request(text=text, products=_products(self.turn))
        return pressed or counted or wanted_lines(self.order, named)

    def _too_many(self, lines: list[OrderLine]) -> bool:
        if len(lines) <= MAX_IN_TURN:
            return False
        self.turn.offer_human("utter_return_all_offer", "complex_intent")
        return True

    async def _reason(self, said: str) -> bool:
        index = ordinal_in(self.turn.message.text, len(REASONS))
        reason = REASONS[index] if index is not None else None
        if reason is None and not self._only_asks():
            reason = reason_answered(said)
        opened = opened_in(said)
        if reason is None and opened is None:
            return await self._named_again()
        note(self.task, reason, opened)
        if reason == ALLERGY:
            sympathise(self.turn, reason)
        elif reason is None:
            self.turn.use("utter_return_noted")
        await self.proceed()
        return True

    async def _named_again(self) -> bool:
        """Take the name of an article alone: it is the one that is meant."""
        text = self.turn.message.text
        named = lines_in(self.order, _products(self.turn), text)
        if len(named) != 1 or len(text) > len(named[0].title) or _ASKS.search(text):
            return False
        take(self.task, named[0])
        await self.proceed()
        return True

    async def _opened(self, said: str) -> bool:
        opened = False if not_yet(said) else opened_in(said)
        reason = reason_in(said)
        if opened is not None:
            note(self.task, None, opened)
        elif reason and reason.defective and not self._only_asks():
            sympathise(self.turn, reason)
            note(self.task, reason, None)
        elif self.turn.answer() == "yes" and self.task.tries == 0:
            # "好的" to "opened or not?" says neither; nothing may be refused on it
            self.task.tries = 1
            self.turn.use("utter_return_opened_either")
            return True
        else:
            return False
        await self.proceed()
        return True

    async def _confirmed(self, said: str) -> bool:
        turn, task, text = self.turn, self.task, self.turn.message.text
        line, answer = self.line, turn.answer()
        if line is None:
            return False
        if await self._said_otherwise(said, answer):
            return True
        if wants_all(text) and len(text) <= _SHORT:
            rest = [x for x in self.order.lines if x is not line]
            rest = [] if turn.memory.queue else rest
            self._later(rest)
            if rest or task.data.pop("part", False):
                ask(turn, task, self.order)
                return True
            answer = "yes"
        if answer is None and _GO_AHEAD.fullmatch(text):
            answer = "yes"
        if answer is None:
            return False
        turn.memory.drop(task)
        if answer == "no":
            turn.memory.queue = [q for q in turn.memory.queue if q.get("skill") != RETURNING]
            turn.memory.about[LAST_GOODS] = f"{self.order.number}/{line.sku}"
            turn.memory.about[LAST_REASON] = str(task.data["reason"])
            turn.use("utter_return_not_started")
        else:
            await submit(turn, task, line)
        return True

    async def _said_otherwise(self, said: str, answer: str | None) -> bool:
        """Take another reason, or a fault told once more ("不加热"), which refuses nothing."""
        reason, opened = reason_in(said), opened_in(self.turn.message.text)
        if _NO_RETURN.search(said) or self._only_asks():
            return False
        changed = _changes(self.task, reason, opened)
        if changed and _CAN_GO.search(said):
            note(self.task, reason, opened)
            return False  # the rule answers that, with what was said
        if not changed and not self._says_why_again(reason, answer):
            return False
        note(self.task, reason, opened)
        if changed and reason == ALLERGY:
            sympathise(self.turn, reason)
        await self.proceed()
        return True

    def _says_why_again(self, reason: Reason | None, answer: str | None) -> bool:
        """Whether the known reason is told in other words, which is neither yes nor no."""
        if reason is None or answer == "yes":
            return False
        text = self.turn.message.text
        tells = answer is None and len(text) <= _SHORT and not _ASKS.search(text)
        return reason.defective or tells

    def _only_asks(self) -> bool:
        """Whether "质量问题运费谁出" is a question and gives no reason."""
        message = self.turn.message
        return message.intent in _INFORMS and bool(_OF_MONEY_OR_TIME.search(message.text))

    def _offer_for_part(self) -> None:
        goods, self.task.data["part"] = self.task.data["goods"], True
        self.turn.offer_human("utter_return_part_offer", "complex_intent", goods=goods)

    async def _policy(self, line: OrderLine) -> ReturnPolicy | None:
        policies = await self.turn.shop.return_policies()
        found = next((p for p in policies if p.category == line.category), None)
        return rule_for(found, line.title) if found else None

    def _spoilt(self, policy: ReturnPolicy) -> bool:
        """Refuse what was washed, or has no tag any more, and has no fault; what that leaves is told with it."""
        task, signed_at = self.task, self.order.signed_at
        if not task.data.get("spoilt") or task.data.get("defective") or signed_at is None:
            return False
        self.turn.memory.drop(task)
        self.turn.use("utter_verdict_never", case=task.data["spoilt"])
        tell_quality(self.turn, policy, business_day(signed_at))
        self.turn.fulfil()
        self.turn.offer_human("utter_refusal_offer", "complex_intent")
        return True

    def _too_late(self, line: OrderLine, policy: ReturnPolicy) -> bool:
        if self.order.signed_at is None:
            return False
        opened = bool(self.task.data.get("opened"))
        faulty = bool(self.task.data.get("defective"))
        signed = business_day(self.order.signed_at)
        until = last_day(policy, signed, opened=opened, defective=faulty)
        if until and until >= self.turn.today:
            return False
        self.turn.memory.drop(self.task)
        refuse(self.turn, self.order, line, policy, opened=opened, faulty=faulty)
        return True

    def _tell_proof(self, policy: ReturnPolicy | None) -> None:
        """Say once until when an allergy is taken back, and against which paper."""
        data = self.task.data
        if data["reason"] != ALLERGY.title or data.get("proof"):
            return
        if policy and PROVED_BY in policy.note:
            data["proof"] = True
            self.turn.use("utter_return_allergy_proof", days=policy.days_defective)


def wanted_lines(order: Order, request: Request) -> list[OrderLine]:
    """The lines that shall go back: the only one, the one named, or all that are spoken of."""
    if len(order.lines) == 1:
        return list(order.lines)
    named = lines_in(order, request.products, request.text)
    if len(named) == 1 or (len(named) > 1 and wants_several(request.text)):
        return named
    return list(order.lines) if not named and wants_all(request.text) else []


def take(task: Task, line: OrderLine) -> None:
    """Know which article it is."""
    task.data |= {"sku": line.sku, "goods": short_title(line.title), "count": line.quantity}


def note(task: Task, reason: Reason | None, opened: bool | None) -> None:
    """Keep a reason and whether the goods were opened; what was said before stays otherwise."""
    if reason:
        task.data |= {"reason": reason.title, "defective": reason.defective}
    if opened is not None:
        task.data["opened"] = opened


def sympathise(turn: Turn, reason: Reason) -> None:
    """Be sorry for a fault; whom the goods harm is told what to do first."""
    if reason == ALLERGY:
        turn.use("utter_return_allergy")
    elif reason.defective:
        turn.use("utter_return_sorry")


def _products(turn: Turn) -> list[str]:
    return [str(value) for value in turn.message.values("product")]


def _changes(task: Task, reason: Reason | None, opened: bool | None) -> bool:
    """Whether something is said otherwise than before."""
    other = reason is not None and reason.title != task.data["reason"]
    return other or (opened is not None and opened != task.data.get("opened"))
