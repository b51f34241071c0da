"""Starting a return: which order and article, or what else is wanted; the form asks for the rest."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta
from typing import Any, ClassVar

from actions.dialogue import LOOKS_UP, Request, Task, Turn
from actions.dialogue.fragments import bare_question
from actions.dialogue.proving import remind_proof
from actions.orders import (
    NOT_SENT,
    SENT_BACK,
    UNDER_WAY,
    OrderSkill,
    Search,
    find_order,
    notice_order,
    order_name,
    tell_other_parcel,
)
from actions.returns.articles import LAST_GOODS, LAST_REASON, open_form
from actions.returns.asking import ask
from actions.returns.form import ReturnForm, note, sympathise, wanted_lines
from actions.returns.general import asks_how, asks_procedure
from actions.returns.goods import GOODS, besides_goods, line_in, lines_in, names_in, wants_all
from actions.returns.instead import MISSING, instead_in
from actions.returns.money import asks_money
from actions.returns.practical import is_freight
from actions.returns.progress import tell_return
from actions.returns.reading import opened_in
from actions.returns.reasons import Reason, allergic_in, reason_in
from actions.returns.running import has_refund
from actions.returns.verdict import refuse
from actions.returns.wanting import means_return, nothing_came, only_kind
from actions.shop.models import Order, OrderLine, OrderState, ParcelState, ReturnState
from actions.wording import ORDER_STATES, business_day

MAX_TEXT = 200
_OTHER_SUBJECTS = frozenset(
    {"return_policy", "query_refund", "query_order", "query_logistics", "faq"}
)
_HOW_LONG = re.compile(
    r"(大概|一般)?(要|得|需要)?(几天|多久|多长时间)(能|才)?(好|到|到账|审核完?|通过)?"
)
_WISHES = re.compile(r"[要想]退(?!货?[要需]|多|几)|帮我退|给我退|申请|不[想要喜合]|[坏破错]")
_SO_MANY = re.compile(r"([两二三四2-4])(?:件|个|样|条|双|款|单|笔)都")
_NUMBERS = {"两": 2, "二": 2, "三": 3, "四": 4} | {str(n): n for n in (2, 3, 4)}
_NOT_NAMES = re.compile(rf"[{GOODS}那个件条双这是我的就买就，,。！!～~ 啊呀吧呢]")
_PROGRESS = re.compile(r"进度|进展|审核")
_ONE_BY_ONE = re.compile(r"一([件个样单条台款])一\1")
_LAST_OFFER = "return_offer"
"""Where ``Memory.about`` keeps which person was offered instead of a return."""
_GONE = SENT_BACK | {OrderState.CANCELLED}

_ON_ITS_WAY = re.compile(r"(没|未|还没)(有)?(发货|发出|发|到货|收到|送到)|拦截|在路上|拒收")
_NOT_HERE = Search(
    "request_return",
    wanted=lambda order: order.state in UNDER_WAY,
    none="utter_nothing_to_return",
    ask="utter_choose_return",
)


def _means_just_told(turn: Turn, request: Request) -> bool:
    """Whether the order is meant of which we have just said where it is, even if it is too early to return it."""
    memory = turn.memory
    names_another = request.points_at_order or request.other or request.exclude
    return bool(memory.order_number) and memory.topic in LOOKS_UP and not names_another


class StartReturn(OrderSkill):
    """request_return: asks one thing at a time and keeps the answers in the task."""

    intent = "request_return"
    follow_ups = re.compile(
        r"(为什么|为啥|凭什么|凭啥|怎么|咋)(会|就)?(不行|不(能|可以|给|让)退?(货|款|换)?|过期|过了|超(期|时))?"
        r"|(怎么|咋|往哪里?|到哪里?)(寄|退|还)(回?去?|过去|给你们)?|寄(到|回|给)?(哪里?|哪儿|谁)|(寄|退货)?地址(是|在)?(什么|哪里?|多少)?|(什么|啥)时候(来|上门)(取|拿|收)"
        r"|(大概|一般)?(要|得|需要)?(几天|多久|多长时间)(能|才)?(好|到|到账|审核完?|通过)?"
    )
    search: ClassVar[Search] = Search(
        "request_return",
        wanted=lambda order: order.state is OrderState.SIGNED,
        none="utter_nothing_to_return",
        ask="utter_choose_return",
    )

    async def start(self, turn: Turn, request: Request) -> None:
        """What is no return goes to a person; a return is started here, or gone on with."""
        if _PROGRESS.search(request.text):
            turn.redirect = ("query_refund", request)
            return
        if _asks_rule(request):
            turn.redirect = ("return_policy", request)
            return
        if _HOW_LONG.fullmatch(bare_question(request.text)):
            turn.redirect = ("return_policy", replace(request, text=f"退款{request.text}"))
            return
        said = besides_goods(request.text, names_in(turn.message))
        if await self._instead(turn, request, said) or await self._gone_on_with(turn, request):
            return
        if await self._told_how(turn, request, said) or await _same_offer(turn, request, said):
            return
        _recall(turn, request)
        reason = reason_in(besides_goods(request.text, names_in(turn.message)))
        if reason and not request.order_number:
            sympathise(turn, reason)
        if _means_just_told(turn, request):
            request.order_number = turn.memory.order_number
        elif of_kind := await only_kind(turn, request):
            request.order_number = of_kind.number
        not_here = _ON_ITS_WAY.search(request.text) or await nothing_came(turn)
        search = _NOT_HERE if not_here else self.search
        order = await find_order(turn, request, search)
        if order is not None:
            await self.answer(turn, request, order)

    async def _instead(self, turn: Turn, request: Request, said: str) -> bool:
        """Offer a person for what is wanted instead; what was said of the goods is kept."""
        name = instead_in(said)
        if name is None:
            return False
        if name == MISSING and await _rest_is_coming(turn, request):
            turn.redirect = ("query_logistics", request)
            return True
        await notice_order(turn, request)
        reason = reason_in(said)
        turn.memory.about[_LAST_OFFER] = name
        if name != MISSING:
            turn.memory.about[LAST_GOODS] = await _goods_named(turn, request)
            turn.memory.about[LAST_REASON] = reason.title if reason else ""
        turn.offer_human(name, "complex_intent")
        return True

    async def _told_how(self, turn: Turn, request: Request, said: str) -> bool:
        """Tell how a return goes; a stranger with no goods in mind needs to prove nothing for it."""
        if not asks_how(request.text):
            return False
        who = await turn.who()
        if who.verified and not asks_procedure(request.text):
            return False
        turn.use("utter_policy_steps")
        turn.fulfil()
        return who.verified or not (reason_in(said) or request.products or request.order_number)

    async def _gone_on_with(self, turn: Turn, request: Request) -> bool:
        """Go back to the return that was left for something else; what is known stays known."""
        task = open_form(turn)
        number = str(task.data.get("order_number") or "") if task else ""
        order = await turn.shop.order(number) if number else None
        if task is None or order is None or not _same_business(task, order, request):
            return False
        turn.memory.push(task)
        reason = reason_in(besides_goods(request.text, names_in(turn.message), order))
        note(task, reason, opened_in(request.text))
        if turn.silent:  # otherwise the question has just been asked again
            await ReturnForm(turn, task, order).proceed()
        return True

    async def answer(self, turn: Turn, request: Request, order: Order) -> None:
        """Check the order's state, then ask for what is missing."""
        name = order_name(order, heard=turn.on_phone)
        if tell_other_parcel(turn, request, order):
            return
        if order.state in _GONE and has_refund(order) and "退款" in request.text:
            turn.redirect = ("query_refund", request.merged(Request(order_number=order.number)))
            return
        if not self._can_be_returned(turn, request, order, name):
            return
        asked = {r.sku: r for r in reversed(await turn.shop.returns(order.number))}
        line = next(iter(wanted_lines(order, request)), None)
        known = asked.get(line.sku) if line else None
        if known and known.state is not ReturnState.REJECTED:
            tell_return(turn, name, known)
            turn.fulfil()
            return
        reason = reason_in(besides_goods(request.text, names_in(turn.message), order))
        if await self._long_past(turn, order, line, reason):
            return
        task = Task(self.intent, "line", {"order_number": order.number, "order": name})
        turn.memory.push(task)
        await ReturnForm(turn, task, order).begin(request)

    def _can_be_returned(self, turn: Turn, request: Request, order: Order, name: str) -> bool:
        """Whether the order has come; otherwise what is done instead is said."""
        if order.state in _GONE:
            turn.use("utter_return_running", order=name, state=ORDER_STATES[order.state])
            turn.fulfil()
        elif self._here_already(order, request):
            turn.offer_human("utter_return_part_signed", "complex_intent", order=name)
        elif order.state is OrderState.IN_TRANSIT:
            turn.use("utter_return_refuse_parcel", order=name)
            turn.fulfil()
        elif order.state in NOT_SENT:
            if "退" in request.text:
                turn.use("utter_return_cancel", order=name)
            cancelled = Request(text=request.text, order_number=order.number)
            turn.redirect = ("cancel_order", request.merged(cancelled))
        return order.state is OrderState.SIGNED

    def _here_already(self, order: Order, request: Request) -> bool:
        """Whether the thing meant has come while the rest of its order is on the way."""
        line = line_in(order, request.products, request.text)
        parcels = [p for p in order.parcels if line and line.sku in p.skus]
        return order.state is OrderState.IN_TRANSIT and any(
            p.state is ParcelState.SIGNED for p in parcels
        )

    async def _long_past(
        self, turn: Turn, order: Order, line: OrderLine | None, reason: Reason | None
    ) -> bool:
        """Refuse at once when no reason in the world could help any more."""
        if order.signed_at is None:
            return False
        policies = {p.category: p for p in await turn.shop.return_policies()}
        lines = [x for x in ([line] if line else order.lines) if x.category in policies]
        signed = business_day(order.signed_at)
        rules = [policies[x.category] for x in lines]
        days = [max(p.days_unopened, p.days_opened, p.days_defective) for p in rules]
        if not lines or signed + timedelta(max(days)) >= turn.today:
            return False
        faulty = bool(reason and reason.defective)
        refuse(turn, order, lines[0], rules[0], opened=False, faulty=faulty)
        return True

    async def go_on(self, turn: Turn, task: Task) -> bool:
        """Take the choice of an order together with what is said of the goods meanwhile."""
        if task.awaits != "order":
            return await self.answered(turn, task)
        name = instead_in(besides_goods(turn.message.text, names_in(turn.message)))
        if name:
            turn.offer_human(name, "complex_intent")
            return True
        if await self._means_some(turn, task):
            return True
        before = dict(task.data.get("request") or {})
        task.data["request"] = _with_words(before, turn)
        if await super().go_on(turn, task):
            return True
        task.data["request"] = before
        return bool(turn.message.text) and await self._said_before_order(turn, task)

    async def _means_some(self, turn: Turn, task: Task) -> bool:
        """Ask which two are meant by "两件都退" where more are offered, unless one order has just two."""
        said, offered = _SO_MANY.search(turn.message.text), task.data.get("offered") or []
        count = _NUMBERS.get(said[1], 0) if said else 0
        if turn.message.chosen or not said or not 0 < count < len(offered):
            return False
        orders = [await turn.shop.order(str(entry["number"])) for entry in offered]
        fitting = [o for o in orders if o and len(o.lines) == count]
        if len(fitting) != 1:
            turn.use("utter_return_how_many", count=said[0].removesuffix("都"))
            self.remind(turn, task)
            return True
        turn.memory.drop(task)
        request = Request.from_dict(_with_words(dict(task.data.get("request") or {}), turn))
        await self.answer(turn, request, fitting[0])
        return True

    async def _said_before_order(self, turn: Turn, task: Task) -> bool:
        """Take what else may be said while we ask for the order."""
        text = turn.message.text
        said = besides_goods(text, names_in(turn.message))
        if wants_all(text):
            turn.offer_human("utter_return_all_offer", "complex_intent")
        elif _ONE_BY_ONE.search(text):
            self.remind(turn, task)
        elif _products(turn) or (reason_in(said) is None and opened_in(text) is None):
            return False
        else:
            task.data["request"] = _with_words(task.data["request"], turn)
            turn.use("utter_return_noted")
            self.remind(turn, task)
        return True

    async def answered(self, turn: Turn, task: Task) -> bool:
        """Let the form take it, unless the progress of another return is asked for."""
        order = await turn.shop.order(str(task.data["order_number"]))
        if order is None:
            return False
        text = turn.message.text
        if _PROGRESS.search(text):
            turn.memory.drop(task)
            turn.redirect = ("query_refund", Request(text=text, order_number=order.number))
            return True
        return await ReturnForm(turn, task, order).answered()

    async def claims(self, turn: Turn, request: Request) -> bool:
        """Whether it wants something back that has come, or another one for it, in other words."""
        return await means_return(turn, request)

    async def meanwhile(self, turn: Turn, task: Task) -> bool:
        """Keep what is said of the goods while the proof of who is speaking is waited for."""
        said = besides_goods(turn.message.text, names_in(turn.message))
        if turn.message.chosen or turn.message.intent in _OTHER_SUBJECTS:
            return False
        tells = reason_in(said) or opened_in(said) is not None or _products(turn)
        if not tells or instead_in(said):
            return False
        task.data["request"] = _with_words(dict(task.data.get("request") or {}), turn)
        turn.use("utter_return_noted")
        remind_proof(turn, task)
        return True

    async def continues(self, turn: Turn, request: Request) -> bool:
        """Goes on with "能补发吗" and with what the goods did to somebody's skin, too."""
        said = besides_goods(request.text, names_in(turn.message))
        spoken = instead_in(said) is not None or allergic_in(said)
        return spoken or await super().continues(turn, request)

    def ask_again(self, turn: Turn, task: Task) -> bool:
        """Repeat what the return still needs."""
        turn.use("utter_back_to_return")
        ask(turn, task)
        return True


def _products(turn: Turn) -> list[str]:
    return [str(value) for value in turn.message.values("product")]


def _with_words(request: dict[str, Any], turn: Turn) -> dict[str, Any]:
    """A kept request with what the customer says while choosing an order ("牛仔裤，腰大了")."""
    words = "，".join(t for t in (str(request.get("text") or ""), turn.message.text) if t)
    named = _products(turn) or list(request.get("products") or [])
    return request | {"text": words[-MAX_TEXT:], "products": named}


def _same_business(task: Task, order: Order, request: Request) -> bool:
    """Whether a request speaks of no other goods than the open return."""
    if request.order_number and request.order_number != order.number:
        return False
    if request.start or request.latest or request.other:
        return False
    named = lines_in(order, request.products, request.text)
    if task.data.get("sku") and named:
        return any(line.sku == task.data["sku"] for line in named)
    return not request.products or bool(named)


def _asks_rule(request: Request) -> bool:
    """Whether only the rule is asked for ("你先告诉我退货要几天")."""
    asks = is_freight(request.text) or asks_money(request.text)
    return asks and not request.points_at_order and not _WISHES.search(request.text)


async def _same_offer(turn: Turn, request: Request, said: str) -> bool:
    """Go on with the offer of a person where only the goods are named that it was about."""
    name = turn.memory.about.pop(_LAST_OFFER, "")
    if turn.memory.topic != StartReturn.intent or not name:
        return False
    only_named = bool(request.products) and not _NOT_NAMES.sub("", said)
    tells = name == MISSING and "退" not in said and reason_in(said) is None
    if not only_named and not tells:
        return False
    await notice_order(turn, request)
    turn.offer_human(name, "complex_intent")
    return True


async def _goods_named(turn: Turn, request: Request) -> str:
    """The order that is spoken of, and the articles that are named ("number/sku,sku")."""
    number, products = turn.memory.order_number or "", request.products
    order = await turn.shop.order(number) if number and not products else None
    if order:
        products = [line.sku for line in lines_in(order, products, request.text)]
    return f"{number}/{','.join(products)}"


def _recall(turn: Turn, request: Request) -> None:
    """Add what was said of the goods before an exchange or the like was wanted of them."""
    about = turn.memory.about
    goods, reason = about.pop(LAST_GOODS, ""), about.pop(LAST_REASON, "")
    number, _, skus = goods.partition("/")
    if request.points_at_order or number != (turn.memory.order_number or ""):
        return
    request.products = skus.split(",") if skus else []
    if reason and reason_in(request.text) is None:
        request.text = f"{request.text}，{reason}"


async def _rest_is_coming(turn: Turn, request: Request) -> bool:
    """Whether what is missed is in a parcel that is still on its way."""
    coming = {
        line.sku
        for order in await turn.orders()
        if order.state is OrderState.IN_TRANSIT
        for parcel in order.parcels
        if parcel.state is not ParcelState.SIGNED
        for line in order.lines
        if not parcel.skus or line.sku in parcel.skus
    }
    return bool(coming.intersection(request.products))
