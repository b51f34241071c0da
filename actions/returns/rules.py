"""The return rules: by category, days since signing, opened or not, faulty or not."""

from __future__ import annotations

import re
from datetime import date, timedelta

from actions.dialogue import Request, Skill, Turn
from actions.orders import Search, find_order, mentions, products_of, same_product
from actions.reading import days_in
from actions.returns.reading import category_in, defective_in, opened_in, used_in
from actions.shop.models import Order, OrderState, ReturnPolicy
from actions.wording import Button, business_day, full_day

_SIGNED_DAY = re.compile(r"签收|收到|到货|拿到|买了?")
_MONEY = (
    (
        re.compile(r"运费|邮费|快递费|运输费|(寄回|退货).{0,6}(费用|[要花]钱)"),
        "utter_policy_freight",
    ),
    (
        re.compile(
            r"(退|到).{0,6}(哪里|哪儿|哪去|哪$|什么账户|余额|卡里|银行卡|微信|支付宝|原路|账户)"
        ),
        "utter_policy_money",
    ),
    (
        re.compile(
            r"(退|审核|到账|售后|处理).{0,8}(多久|几天|多长时间|什么时候|多少天|这么久|这么慢)"
            r"|(多久|几天|什么时候|啥时候).{0,6}(到账|退给|退钱|退款|退回|退[呢啊呀吗]?$)|还在(处理|审核)"
        ),
        "utter_policy_time",
    ),
)
_REPAIR = re.compile(
    r"保修|质保|三包|包修|维修|修理|[能怎咋]么?修|报修|修(好|一下)|(免费|花钱|要钱)修"
)
_SENDS = re.compile(
    r"(怎么|咋|往哪里?|到哪里?)寄|寄(到|回|给)?(哪|谁|什么地方)|寄(过|回)?去|退货地址|(收货|寄回|仓库)地址"
)
_RULE = "rule"
"""Where ``Memory.about`` keeps which of the rules we spoke of last."""

_WINDOW = re.compile(r"天(之)?内|还能|能退|可以退|退货期|期限|无理由")
_RULE_NAME = re.compile(r"[7七]天(内)?无理由")
_BOUGHT = re.compile(r"我.{0,2}(买|那|的|这)")
_THIS_ORDER = re.compile(r"这[个单件笔]|那[个单件笔]|我的|我买|我这|刚才|它")
_COMING = frozenset({OrderState.UNPAID, OrderState.PAID, OrderState.PACKED, OrderState.IN_TRANSIT})
_SEARCH = Search(
    "return_policy",
    wanted=lambda order: order.state is OrderState.SIGNED,
    none="utter_policy_no_signed",
    or_latest=True,
)


def last_day(policy: ReturnPolicy, signed: date, *, opened: bool, defective: bool) -> date | None:
    """The last day for a return, or None when the rule does not allow it.

    The period starts on the day after signing (Consumer Rights Law art. 25).
    """
    days = policy.days_opened if opened else policy.days_unopened
    if defective:
        days = policy.days_defective
    return signed + timedelta(days) if days else None


class ReturnPolicySkill(Skill):
    """return_policy: told for a category, or for an order when one is known."""

    intent = "return_policy"

    async def start(self, turn: Turn, request: Request) -> None:
        """Tell the rule that applies, with a verdict when enough is known."""
        if self._about_repair(turn, request) or self._about_money(turn, request):
            return
        policies = {p.category: p for p in await turn.shop.return_policies()}
        order = await self._order(turn, request)
        if order is None and not turn.silent:
            return
        if order and order.signed_at:
            self._for_order(turn, request, order, policies)
            return
        if order and order.state in _COMING and self._not_signed(turn, order, policies):
            return
        category = await self._category(turn, request, policies)
        if category is None:
            turn.use("utter_policy_general")
            turn.fulfil()
            turn.offer(Button(c, f'/return_policy{{"choice":"{c}"}}') for c in policies)
            return
        turn.memory.about["category"] = category
        self._for_category(turn, request, policies[category])

    def _about_repair(self, turn: Turn, request: Request) -> bool:
        """Answer how long we repair for nothing, how, and where what comes back is sent."""
        about = turn.memory.about
        repaired = turn.memory.topic == self.intent and about.pop(_RULE, "") == "repair"
        sends = bool(_SENDS.search(request.text))
        if _REPAIR.search(request.text) or (repaired and sends):
            about[_RULE] = "repair"
            turn.use("utter_policy_repair_sent" if sends or repaired else "utter_policy_repair")
        elif sends:
            turn.use("utter_policy_send")
        else:
            return False
        turn.fulfil()
        return True

    def _about_money(self, turn: Turn, request: Request) -> bool:
        """Answer where the money goes, how long it takes, or who pays the freight."""
        if _WINDOW.search(request.text):
            return False
        found = next((name for pattern, name in _MONEY if pattern.search(request.text)), None)
        if found is None:
            return False
        turn.use(found)
        turn.fulfil()
        return True

    async def _order(self, turn: Turn, request: Request) -> Order | None:
        """The order that the question is about, if it is about one we may know."""
        who = await turn.who()
        if request.choice:
            return None
        if request.order_number:
            return await find_order(turn, request, _SEARCH)
        if not who.verified or who.customer_id is None:
            return None
        if request.points_at_order and (request.start or request.latest):
            return await find_order(turn, request, _SEARCH)
        if request.products or _BOUGHT.search(request.text):
            orders = await turn.shop.orders(who.customer_id, limit=20)
            bought = [o for o in orders if o.signed_at and mentions(o, request)]
            if bought or request.products:
                return bought[0] if bought else None
        focus = turn.memory.order_number
        if focus and (_THIS_ORDER.search(request.text) or not category_in(request.text)):
            order = await turn.shop.order(focus)
            this = _THIS_ORDER.search(request.text) and not category_in(request.text)
            return order if order and (order.signed_at or this) else None
        return None

    async def _category(
        self, turn: Turn, request: Request, policies: dict[str, ReturnPolicy]
    ) -> str | None:
        if request.choice in policies:
            return request.choice
        for sku in request.products[:1]:
            found = await turn.shop.products(sku, limit=1)
            if found and found[0].category in policies:
                return found[0].category
        named = category_in(request.text)
        if named in policies:
            return named
        # "拆了呢" after a category was told.
        last = turn.memory.about.get("category")
        if turn.memory.topic != self.intent or last not in policies:
            return None
        goes_on = opened_in(request.text) is not None or days_in(request.text)
        return last if goes_on or defective_in(request.text) else None

    def _for_order(
        self, turn: Turn, request: Request, order: Order, policies: dict[str, ReturnPolicy]
    ) -> None:
        if order.signed_at is None:
            return
        signed = business_day(order.signed_at)
        named = [x for x in order.lines if same_product(x.title, x.sku, request)]
        line = named[0] if named else order.lines[0]
        policy = policies.get(line.category)
        if policy is None:
            turn.use("utter_policy_general")
            return
        turn.memory.order_number = order.number
        days = (turn.today - signed).days
        turn.use(
            "utter_policy_order",
            goods=products_of(order),
            signed=full_day(signed, turn.today),
            days=days,
            category=policy.category,
        )
        self._verdict(turn, request, policy, signed)
        turn.fulfil()
        if not turn.on_phone:
            turn.offer([Button("申请退货", f'/request_return{{"order_number":"{order.number}"}}')])

    def _not_signed(self, turn: Turn, order: Order, policies: dict[str, ReturnPolicy]) -> bool:
        """Say what will hold once it is there, and what can be done now."""
        policy = policies.get(order.lines[0].category)
        if policy is None:
            return False
        sent = order.state is OrderState.IN_TRANSIT
        turn.use(
            "utter_policy_refuse" if sent else "utter_policy_cancel",
            goods=products_of(order),
            category=policy.category,
            days=policy.days_unopened,
        )
        turn.fulfil()
        if not sent and not turn.on_phone:
            turn.offer([Button("取消订单", f'/cancel_order{{"order_number":"{order.number}"}}')])
        return True

    def _verdict(self, turn: Turn, request: Request, policy: ReturnPolicy, signed: date) -> None:
        """Say until when, for what was said; else for unopened, opened and faulty goods."""
        opened, defective = opened_in(request.text), defective_in(request.text)
        if defective:
            cases = [("有质量问题", True, True)]
        elif used_in(request.text):
            turn.use("utter_verdict_never", case="已经使用过")
            cases = []
        elif opened is not None:
            cases = [("已经拆封" if opened else "没有拆封", opened, False)]
        elif policy.days_opened == policy.days_unopened:
            cases = [("没有质量问题", False, False)]
        else:
            cases = [("没有拆封", False, False), ("已经拆封", True, False)]
        for name, is_open, faulty in cases:
            until = last_day(policy, signed, opened=is_open, defective=faulty)
            if until is None:
                turn.use("utter_verdict_never", case=name)
            elif until < turn.today:
                turn.use("utter_verdict_over", case=name, until=full_day(until, turn.today))
            else:
                turn.use("utter_verdict_until", case=name, until=full_day(until, turn.today))
        if not turn.on_phone:
            turn.say(f"{policy.freight_note}。" + (f"{policy.note}。" if policy.note else ""))

    def _for_category(self, turn: Turn, request: Request, policy: ReturnPolicy) -> None:
        days = (
            days_in(_RULE_NAME.sub("", request.text))
            if _SIGNED_DAY.search(request.text) or "天" in request.text
            else None
        )
        if days is not None:
            turn.use("utter_policy_category_days", category=policy.category, days=days)
            self._verdict(turn, request, policy, turn.today - timedelta(days))
            turn.fulfil()
            return
        opened = opened_in(request.text)
        values = {
            "category": policy.category,
            "unopened": policy.days_unopened,
            "opened": policy.days_opened,
            "defective": policy.days_defective,
        }
        if defective_in(request.text):
            turn.use("utter_policy_defective", **values)
        elif used_in(request.text) and policy.days_opened:
            turn.use("utter_policy_used", **values)
        elif opened and policy.days_opened == 0:
            turn.use("utter_policy_opened_no", **values)
        elif opened:
            turn.use("utter_policy_opened_yes", **values)
        elif policy.days_opened == 0:
            turn.use("utter_policy_category_sealed", **values)
        elif policy.days_opened == policy.days_unopened:
            turn.use("utter_policy_category_same", **values)
        else:
            turn.use("utter_policy_category", **values)
        if not turn.on_phone:
            turn.say(f"{policy.freight_note}。" + (f"{policy.note}。" if policy.note else ""))
        turn.fulfil()

    async def continues(self, turn: Turn, request: Request) -> bool:
        """Goes on with "那食品呢", "拆开了呢", "过了十天呢" after a rule was told."""
        del turn
        text = request.text
        return bool(
            category_in(text)
            or opened_in(text) is not None
            or defective_in(text)
            or (days_in(text) and len(text) <= 16)
            or request.products
        )
