"""Starting a return: which order, which product, why, opened or not, confirm, done."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import ClassVar

from actions.dialogue import Request, Task, Turn
from actions.orders import OrderSkill, Search, find_order, order_name, short_title
from actions.reading import ordinal_in
from actions.returns.progress import tell_return
from actions.returns.reading import REASONS, opened_in, reason_in
from actions.returns.rules import last_day
from actions.shop.client import ShopRefused
from actions.shop.models import (
    Order,
    OrderLine,
    OrderState,
    ParcelState,
    ReturnPolicy,
    ReturnState,
)
from actions.wording import ORDER_STATES, Button, business_day, full_day

_EXCHANGE = re.compile(r"换货|换一[件个双条]|换个|调换|换大|换小|换[SMLX码]")
_ALL = re.compile(r"都|全部|全退|一起")
_PROGRESS = re.compile(r"进度|进展|审核")
_NO_RETURN = re.compile(r"不(是|想|要)*退")
_GONE = frozenset(
    {OrderState.RETURNED, OrderState.REFUNDING, OrderState.REFUNDED, OrderState.CANCELLED}
)

_ON_ITS_WAY = re.compile(r"(没|未|还没)(有)?(发货|发出|发|到货|收到|送到)|拦截|在路上|拒收")
_NOT_HERE = Search(
    "request_return",
    wanted=lambda order: (
        order.state
        in (OrderState.UNPAID, OrderState.PAID, OrderState.PACKED, OrderState.IN_TRANSIT)
    ),
    none="utter_nothing_to_return",
    ask="utter_choose_return",
)


class StartReturn(OrderSkill):
    """request_return: asks one thing at a time and keeps the answers in the task."""

    intent = "request_return"
    follow_ups = re.compile(
        r"(为什么|为啥|凭什么|凭啥|怎么|咋)(会|就)?(不行|不(能|可以|给|让)退?(货|款|换)?|过期|过了|超(期|时))?"
        r"|(怎么|咋|往哪里?|到哪里?)(寄|退|还)(回?去?|过去|给你们)?|寄(到|回|给)?(哪里?|哪儿|谁)|(寄|退货)?地址(是|在)?(什么|哪里?|多少)?|(什么|啥)时候(来|上门)(取|拿|收)"
    )
    search: ClassVar[Search] = Search(
        "request_return",
        wanted=lambda order: order.state is OrderState.SIGNED,
        none="utter_nothing_to_return",
        ask="utter_choose_return",
    )

    async def start(self, turn: Turn, request: Request) -> None:
        """An exchange goes to a person; a return is started here."""
        if _PROGRESS.search(request.text):
            turn.redirect = ("query_refund", request)
            return
        if _exchange(request.text):
            turn.offer_human("utter_exchange_offer", "complex_intent")
            return
        reason = reason_in(request.text)
        if reason and reason.defective and not request.order_number:
            turn.use("utter_return_sorry")
        search = _NOT_HERE if _ON_ITS_WAY.search(request.text) else self.search
        order = await find_order(turn, request, search)
        if order is not None:
            await self.answer(turn, request, order)

    async def answer(self, turn: Turn, request: Request, order: Order) -> None:
        """Check the order's state, then ask for what is missing."""
        name = order_name(order, heard=turn.on_phone)
        if order.state in _GONE:
            turn.use("utter_return_running", order=name, state=ORDER_STATES[order.state])
            turn.fulfil()
            return
        if self._here_already(order, request):
            turn.offer_human("utter_return_part_signed", "complex_intent", order=name)
            return
        if order.state is not OrderState.SIGNED:
            sent = order.state is OrderState.IN_TRANSIT
            turn.use("utter_return_refuse_parcel" if sent else "utter_return_cancel", order=name)
            turn.fulfil()
            if not sent:
                turn.offer(
                    [Button("取消订单", f'/cancel_order{{"order_number":"{order.number}"}}')]
                )
            return
        asked = {r.sku: r for r in reversed(await turn.shop.returns(order.number))}
        line = _line(order, request, request.text)
        known = asked.get(line.sku) if line else None
        if known and known.state is not ReturnState.REJECTED:
            tell_return(turn, name, known)
            turn.fulfil()
            return
        if await self._long_past(turn, order):
            return
        data: dict[str, object] = {"order_number": order.number, "order": name}
        if line:
            data["sku"] = line.sku
        reason = reason_in(request.text)
        if reason:
            data |= {"reason": reason.title, "defective": reason.defective}
        opened = opened_in(request.text)
        if opened is not None:
            data["opened"] = opened
        task = Task(self.intent, "line", data)
        turn.memory.push(task)
        await self._next(turn, task, order)

    def _here_already(self, order: Order, request: Request) -> bool:
        """Whether the thing meant has come while the rest of its order is on the way."""
        line = _line(order, request, request.text, single=False)
        parcels = [p for p in order.parcels if line and line.sku in p.skus]
        return order.state is OrderState.IN_TRANSIT and any(
            p.state is ParcelState.SIGNED for p in parcels
        )

    async def _long_past(self, turn: Turn, order: Order) -> bool:
        """Refuse at once when no reason in the world could help any more."""
        if order.signed_at is None:
            return False
        policies = {p.category: p for p in await turn.shop.return_policies()}
        found = [policies[line.category] for line in order.lines if line.category in policies]
        signed = business_day(order.signed_at)
        days = [max(p.days_unopened, p.days_opened, p.days_defective) for p in found]
        if not found or signed + timedelta(max(days)) >= turn.today:
            return False
        until = signed + timedelta(found[0].days_unopened)
        turn.offer_human(
            "utter_return_too_late",
            "complex_intent",
            category=found[0].category,
            signed=full_day(signed, turn.today),
            until=full_day(until, turn.today),
        )
        turn.fulfil()
        return True

    async def answered(self, turn: Turn, task: Task) -> bool:
        """Take a product, a reason, opened or not, or the confirmation."""
        order = await turn.shop.order(str(task.data["order_number"]))
        if order is None:
            return False
        text = turn.message.text or str(turn.message.value("choice") or "")
        if _exchange(text):
            turn.memory.drop(task)
            turn.offer_human("utter_exchange_offer", "complex_intent")
            return True
        if _PROGRESS.search(text):
            turn.memory.drop(task)
            turn.redirect = ("query_refund", Request(text=text, order_number=order.number))
            return True
        match task.awaits:
            case "line":
                index = ordinal_in(text, len(order.lines))
                choice = str(turn.message.value("choice") or "")
                line = next((x for x in order.lines if x.sku == choice), None)
                request = Request(
                    text=text, products=[str(v) for v in turn.message.values("product")]
                )
                line = line or (order.lines[index] if index is not None else None)
                line = line or _line(order, request, text, single=False)
                if line is None and _ALL.search(text):
                    turn.memory.drop(task)
                    turn.offer_human("utter_return_all_offer", "complex_intent")
                    return True
                if line is None:
                    return False
                task.data["sku"] = line.sku
            case "reason":
                index = ordinal_in(text, len(REASONS))
                reason = REASONS[index] if index is not None else reason_in(text)
                if reason is None:
                    return False
                task.data |= {"reason": reason.title, "defective": reason.defective}
            case "opened":
                opened = opened_in(text)
                if opened is None:
                    said = turn.answer(text)
                    opened = None if said is None else said == "yes"
                if opened is None:
                    return False
                task.data["opened"] = opened
            case _:
                return await self._confirmed(turn, task, order)
        await self._next(turn, task, order)
        return True

    async def _next(self, turn: Turn, task: Task, order: Order) -> None:
        """Ask for the next missing thing, or for the confirmation."""
        if "sku" not in task.data:
            task.awaits = "line"
        elif "reason" not in task.data:
            task.awaits = "reason"
        else:
            line = next(x for x in order.lines if x.sku == task.data["sku"])
            policy = await _policy(turn, line)
            faulty = bool(task.data.get("defective"))
            if policy and policy.days_opened == 0 and not faulty and "opened" not in task.data:
                task.awaits = "opened"
            elif policy and self._too_late(turn, task, order, policy):
                return
            else:
                task.awaits = "confirm"
                task.data["goods"] = short_title(line.title)
        task.tries = 0
        self._ask(turn, task, order)

    def _too_late(self, turn: Turn, task: Task, order: Order, policy: ReturnPolicy) -> bool:
        if order.signed_at is None:
            return False
        opened = bool(task.data.get("opened"))
        faulty = bool(task.data.get("defective"))
        until = last_day(policy, business_day(order.signed_at), opened=opened, defective=faulty)
        if until and until >= turn.today:
            return False
        turn.memory.drop(task)
        name = "utter_return_too_late" if until else "utter_return_opened"
        turn.offer_human(
            name,
            "complex_intent",
            category=policy.category,
            signed=full_day(business_day(order.signed_at), turn.today),
            until=full_day(until, turn.today) if until else "",
        )
        turn.fulfil()
        return True

    def _ask(self, turn: Turn, task: Task, order: Order | None = None) -> None:
        match task.awaits:
            case "line" if order:
                turn.use("utter_return_which_line", order=task.data["order"])
                turn.offer(
                    Button(short_title(x.title), f'/request_return{{"choice":"{x.sku}"}}')
                    for x in order.lines
                )
            case "line":
                turn.use("utter_return_which_line", order=task.data["order"])
            case "reason":
                turn.use("utter_return_reason")
                turn.offer(
                    Button(r.title, f'/request_return{{"choice":"{r.title}"}}') for r in REASONS
                )
            case "opened":
                turn.use("utter_return_opened_question")
            case _:
                turn.use(
                    "utter_confirm_return",
                    order=task.data["order"],
                    goods=task.data["goods"],
                    reason=task.data["reason"],
                )

    async def _confirmed(self, turn: Turn, task: Task, order: Order) -> bool:
        text = turn.message.text
        reason = reason_in(text)
        if reason and reason.title != task.data["reason"] and "不退" not in text:
            task.data |= {"reason": reason.title, "defective": reason.defective}
            await self._next(turn, task, order)
            return True
        opened = opened_in(text)
        if opened is not None and opened != task.data.get("opened"):
            task.data["opened"] = opened
            await self._next(turn, task, order)
            return True
        answer = turn.answer(text)
        if answer is None:
            return False
        turn.memory.drop(task)
        if answer == "no":
            turn.use("utter_return_not_started")
            return True
        number, sku = str(task.data["order_number"]), str(task.data["sku"])
        try:
            done = await turn.shop.start_return(
                number,
                sku,
                str(task.data["reason"]),
                turn.key("return", number, sku),
                opened=bool(task.data.get("opened")),
                defective=bool(task.data.get("defective")),
            )
        except ShopRefused as refusal:
            turn.offer_human("utter_refused_offer", "complex_intent", reason=refusal.message)
            return True
        if done.send_by:
            by = full_day(done.send_by, turn.today)
            turn.use("utter_return_started", number=done.number, by=by)
        else:
            turn.use("utter_return_submitted", number=done.number)
        if done.instructions and not turn.on_phone:
            turn.say(done.instructions.rstrip("。") + "。")
        turn.fulfil()
        return True

    def ask_again(self, turn: Turn, task: Task) -> bool:
        """Repeat what the return still needs."""
        turn.use("utter_back_to_return")
        self._ask(turn, task)
        return True


def _exchange(text: str) -> bool:
    """Whether an exchange is wanted and not a return."""
    return bool(_EXCHANGE.search(text)) and "退" not in _NO_RETURN.sub("", text)


def _line(order: Order, request: Request, text: str, *, single: bool = True) -> OrderLine | None:
    """The line that is named, or the only one there is."""
    if single and len(order.lines) == 1:
        return order.lines[0]
    named = [x for x in order.lines if x.sku in request.products or short_title(x.title) in text]
    named = named or [
        x for x in order.lines if any(short_title(x.title)[-n:] in text for n in (4, 3, 2))
    ]
    return named[0] if len(named) == 1 else None


async def _policy(turn: Turn, line: OrderLine) -> ReturnPolicy | None:
    policies = await turn.shop.return_policies()
    return next((p for p in policies if p.category == line.category), None)
