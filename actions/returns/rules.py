"""The return rules: by category, days since signing, opened or not, faulty or not."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import timedelta

from actions.dialogue import FALLBACK, Request, Skill, Turn
from actions.dialogue.turn import LAST
from actions.orders import (
    SENT_BACK,
    UNDER_WAY,
    Search,
    find_order,
    mentions,
    notice_order,
    products_of,
    short_title,
)
from actions.reading import days_in
from actions.returns.articles import (
    SUBJECTS,
    article_meant,
    facts_said,
    form_of,
    named_line,
    open_form,
    remember_article,
)
from actions.returns.general import (
    PROVED_BY,
    answer_needed,
    is_needed,
    tell_allergy,
    tell_general,
)
from actions.returns.instead import REFUND_ONLY, lacks_proof, wants_refund_only
from actions.returns.money import WINDOW, answer_amount, answer_money, asks_money
from actions.returns.practical import answer_freight, answer_practical, is_freight, is_practical
from actions.returns.reading import category_in, defective_in, opened_in, says_state, used_in
from actions.returns.reasons import allergic_in
from actions.returns.repairs import answer_repair, asks_to_send, speaks_of_repair
from actions.returns.running import runs_asked_about
from actions.returns.verdict import (
    REFUSED,
    explain_refusal,
    last_day,
    note_refused,
    rule_for,
    spared,
    tell_verdict,
)
from actions.shop.models import Order, OrderLine, OrderState, ReturnPolicy
from actions.wording import Button, business_day, full_day

__all__ = ["ReturnPolicySkill", "last_day"]

_SIGNED_DAY = re.compile(r"签收|收到|到货|拿到|买了?")
_WHY = re.compile(
    r"^.{0,8}(为什么|为啥|凭什么|凭啥).{0,10}$|(怎么|咋)(就|会)?(不(能|给|让|可以)退|过期了?|过了)|通融|破例|商量一?下|行个方便|不是.{0,4}[七7]天"
)
_BEGS = re.compile(r"通融|破例|行个方便|商量一?下|想想办法")
_SLOW = re.compile(r"慢|多久|还没|到账|发货|取消")
_ONLY_REASON = re.compile(
    r"(我|就是?|单纯|只是|[，,。 ])*(不想要|不要|不喜欢|不合适|不好看|用不[上着])(这个|它)?(了|的|而已|罢了|啊|呀|嘛|[，,。！ ])*"
)
_SURE = 0.75
"""From this on the classifier is believed where a message looks like one of our practical questions."""
_GOODS = "goods"
"""Where ``Memory.about`` keeps what the goods of the category spoken of are called in their rule."""
_NOTES = "notes"
"""Where it keeps the rule whose notes were told last."""
_RULE_NAME = re.compile(r"[7七]天(内)?无理由")
_THIS_ORDER = re.compile(
    r"这[个单件笔]|那[个单件笔]|我的|我买|我这|刚才|它|(^|不想?要了?[，, ]*)[那还这现在就]*(能|可以|能不能|好)退(货|掉)?[吗么嘛不]*[？?]*$"
)
_SEARCH = Search(
    "return_policy",
    wanted=lambda order: order.state is OrderState.SIGNED,
    none="utter_policy_no_signed",
    or_latest=True,
)


class ReturnPolicySkill(Skill):
    """return_policy: told for a category, or for an order when one is known."""

    intent = "return_policy"

    async def start(self, turn: Turn, request: Request) -> None:
        """Tell the rule that applies, with a verdict when enough is known."""
        await notice_order(turn, request)
        if named := category_in(request.text):
            turn.memory.about["category"] = named
        if not request.choice and await self._answered_apart(turn, request):
            return
        policies = {p.category: p for p in await turn.shop.return_policies()}
        order = await self._order(turn, request)
        if order is None and not turn.silent:
            return
        if order and order.state in SENT_BACK and len(order.lines) == 1:
            request.order_number, turn.redirect = order.number, ("query_refund", request)
            return
        if order and order.signed_at:
            self._for_order(turn, request, order, policies)
            return
        if order and order.state in UNDER_WAY and self._not_signed(turn, request, order, policies):
            return
        policy = await self._rule(turn, request, policies)
        if policy is None:
            tell_general(turn, request.text, policies)
            turn.offer(Button(c, f'/return_policy{{"choice":"{c}"}}') for c in policies)
            return
        self._for_category(turn, request, policy)

    def asks_on(self, text: str) -> bool:
        """Whether it says why the goods shall go back; that refuses nobody's help."""
        return bool(_ONLY_REASON.fullmatch(text.strip())) or super().asks_on(text)

    async def claims(self, turn: Turn, request: Request) -> bool:
        """Whether a message said while returns are spoken of is answered here, whatever it looks like."""
        form = open_form(turn) is not None
        if turn.memory.topic not in SUBJECTS and not form:
            return False
        text, message = request.text, turn.message
        apart = is_freight(text) or speaks_of_repair(turn, text) or _has_no_paper(turn, text)
        if apart or _BEGS.search(text):
            return True
        if _WHY.search(text) and not _SLOW.search(text) and not form:
            return bool(turn.memory.about.get(REFUSED))
        doubtful = message.confidence < _SURE or message.intent in (FALLBACK, "out_of_scope")
        asks_next = form and (asks_to_send(text) or asks_money(text))
        practical = asks_next or is_practical(text) or is_needed(text)
        return practical and (doubtful or message.intent in SUBJECTS)

    async def _answered_apart(self, turn: Turn, request: Request) -> bool:
        """Answer what is asked apart from the period: a repair, a running return, money and so on."""
        if answer_repair(turn, request) or await self._about_refusal(turn, request):
            return True
        if _has_no_paper(turn, request.text):
            turn.offer_human("utter_return_no_proof_offer", "complex_intent")
            return True
        if wants_refund_only(request.text):
            turn.offer_human(REFUND_ONLY, "complex_intent")
            return True
        if await runs_asked_about(turn, request):
            turn.redirect = ("query_refund", request)
            return True
        return (
            await self._about_freight(turn, request)
            or await answer_practical(turn, request)
            or await self._about_sending(turn, request)
            or await answer_amount(turn, request)
            or answer_money(turn, request)
            or answer_needed(turn, request.text)
        )

    async def _about_freight(self, turn: Turn, request: Request) -> bool:
        """Say who pays the freight, and until when the goods can go back if that is asked, too."""
        if not await answer_freight(turn, request):
            return False
        if WINDOW.search(request.text) and category_in(request.text):
            policies = {p.category: p for p in await turn.shop.return_policies()}
            if rule := await self._rule(turn, request, policies):
                self._for_category(turn, request, rule)
        return True

    async def _about_refusal(self, turn: Turn, request: Request) -> bool:
        """Answer why something could not go back."""
        refused = turn.memory.about.get(REFUSED, "")
        if not refused and _BEGS.search(request.text):
            turn.offer_human("utter_refusal_offer", "complex_intent")
            return True
        if not refused or not _WHY.search(request.text) or _SLOW.search(request.text):
            return False
        number, _, sku = refused.partition("/")
        order = await turn.shop.order(number)
        line = next((x for x in order.lines if x.sku == sku), None) if order else None
        policies = {p.category: p for p in await turn.shop.return_policies()}
        if order is None or line is None or line.category not in policies:
            return False
        explain_refusal(turn, order, line, policies[line.category])
        return True

    async def _about_sending(self, turn: Turn, request: Request) -> bool:
        """Say that a return is asked for first, and which goods need not be sent at all."""
        if not asks_to_send(request.text):
            return False
        article = await article_meant(turn, request)
        policies = await turn.shop.return_policies()
        category = article.line.category if article else category_in(request.text)
        rule = next((spared(p) for p in policies if p.category == category), "")
        if rule:
            turn.use("utter_policy_send_spared", category=category, rule=rule)
        else:
            turn.use("utter_policy_send_open" if open_form(turn) else "utter_policy_send")
        turn.fulfil()
        return True

    async def _order(self, turn: Turn, request: Request) -> Order | None:
        """The order that the question is about, if it is about one we may know."""
        if request.choice:
            return None
        if request.order_number:
            return await find_order(turn, request, _SEARCH)
        if not (await turn.who()).verified:
            return None
        if request.points_at_order and (request.start or request.latest):
            return await find_order(turn, request, _SEARCH)
        orders = await turn.orders()
        bought = [o for o in orders if o.signed_at and mentions(o, request)]
        if bought or request.products:
            return bought[0] if bought else None
        focus = turn.memory.order_number
        if focus and (_THIS_ORDER.search(request.text) or not category_in(request.text)):
            order = await turn.shop.order(focus)
            this = _THIS_ORDER.search(request.text) and not category_in(request.text)
            return order if order and (order.signed_at or this) else None
        coming = [o for o in orders if o.state in UNDER_WAY]
        only = len(coming) == 1 and not any(o.signed_at for o in orders)
        return coming[0] if only and not category_in(request.text) else None

    async def _rule(
        self, turn: Turn, request: Request, policies: Mapping[str, ReturnPolicy]
    ) -> ReturnPolicy | None:
        """The rule of the goods that are named, or of those spoken of before ("拆了呢")."""
        about = turn.memory.about
        named, goods = await self._goods(turn, request, policies)
        if not named:
            last = about.get("category", "")
            if turn.memory.topic != self.intent or last not in policies:
                return None
            goes_on = opened_in(request.text) is not None or days_in(request.text)
            if not (goes_on or defective_in(request.text)):
                return None
            named, goods = last, about.get(_GOODS, "")
        rule = rule_for(policies[named], goods)
        about["category"], about[_GOODS] = named, rule.category
        return rule

    async def _goods(
        self, turn: Turn, request: Request, policies: Mapping[str, ReturnPolicy]
    ) -> tuple[str, str]:
        """The category of the goods that are named ("" if none), and what they are called."""
        if request.choice and request.choice in policies:
            return request.choice, ""
        for sku in request.products[:1]:
            found = await turn.shop.products(sku, limit=1)
            if found and found[0].category in policies:
                return found[0].category, found[0].title
        named = category_in(request.text)
        if named and named in policies:
            return named, request.text
        excepting = (c for c, p in policies.items() if rule_for(p, request.text) is not p)
        return next(excepting, ""), request.text

    def _for_order(
        self, turn: Turn, request: Request, order: Order, policies: Mapping[str, ReturnPolicy]
    ) -> None:
        if order.signed_at is None:
            return
        judged = _judged(turn, request, order, policies)
        if not judged:
            turn.use("utter_policy_general")
            return
        turn.memory.order_number = order.number
        if len(judged) == 1:
            remember_article(turn, order, judged[0][0])
        signed, (line, rule) = business_day(order.signed_at), judged[0]
        again = turn.memory.about.get(REFUSED) == f"{order.number}/{line.sku}"
        over = signed + timedelta(rule.days_unopened) < turn.today
        news = says_state(request.text) or days_in(request.text)
        if len(judged) == 1 and again and over and not news:
            explain_refusal(turn, order, line, policies[line.category])
            return
        can = False
        for line, rule in judged:
            turn.use(
                "utter_policy_order",
                goods=short_title(line.title),
                signed=full_day(signed, turn.today),
                days=(turn.today - signed).days,
                category=rule.category,
            )
            said = facts_said(turn, order, line, request.text)
            if tell_verdict(turn, said, rule, signed):
                can = True
                turn.memory.about.pop(REFUSED, None)
            else:
                note_refused(turn, order, line)
                if form := form_of(turn, order, line):
                    # Nobody shall be asked to hand in what we have just said cannot go back.
                    turn.memory.drop(form)
                    turn.offer_human("utter_refusal_offer", "complex_intent")
        asks_person = turn.memory.task is not None and turn.memory.task.skill == "ask_human"
        if len(judged) == 1 and not asks_person:
            _tell_notes(turn, judged[0][1])
        turn.fulfil()
        if can and not turn.on_phone:
            turn.offer([Button("申请退货", f'/request_return{{"order_number":"{order.number}"}}')])

    def _not_signed(
        self, turn: Turn, request: Request, order: Order, policies: Mapping[str, ReturnPolicy]
    ) -> bool:
        """Say what will hold once it is there, and what can be done now."""
        policy = policies.get((named_line(turn, request, order) or order.lines[0]).category)
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

    def _for_category(self, turn: Turn, request: Request, policy: ReturnPolicy) -> None:
        days = (
            days_in(_RULE_NAME.sub("", request.text))
            if _SIGNED_DAY.search(request.text) or "天" in request.text
            else None
        )
        if days is not None:
            turn.use("utter_policy_category_days", category=policy.category, days=days)
            tell_verdict(turn, request.text, policy, turn.today - timedelta(days))
            if turn.memory.task is None:
                _tell_notes(turn, policy)
            turn.fulfil()
            return
        opened = opened_in(request.text)
        values = {
            "category": policy.category,
            "unopened": policy.days_unopened,
            "opened": policy.days_opened,
            "defective": policy.days_defective,
        }
        if allergic_in(request.text) and PROVED_BY in policy.note:
            tell_allergy(turn, policy)
            turn.fulfil()
            return
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
        _tell_notes(turn, policy)
        turn.fulfil()

    async def continues(self, turn: Turn, request: Request) -> bool:
        """Goes on with "那食品呢", "拆开了呢", "过了十天呢" after a rule was told."""
        del turn
        text = request.text
        return bool(
            category_in(text)
            or says_state(text)
            or (days_in(text) and len(text) <= 16)
            or request.products
        )


def _has_no_paper(turn: Turn, text: str) -> bool:
    """Whether somebody has not got the doctor's paper that we have just asked for."""
    return lacks_proof(text) and PROVED_BY in turn.memory.about.get(LAST, "")


def _judged(
    turn: Turn, request: Request, order: Order, policies: Mapping[str, ReturnPolicy]
) -> list[tuple[OrderLine, ReturnPolicy]]:
    """The article asked about with its rule; if none is, one article for every rule of the order."""
    line = named_line(turn, request, order)
    lines = [line] if line else order.lines
    rules = {
        rule_for(policies[x.category], x.title).category: (
            x,
            rule_for(policies[x.category], x.title),
        )
        for x in reversed(lines)
        if x.category in policies
    }
    return list(reversed(rules.values()))


def _tell_notes(turn: Turn, policy: ReturnPolicy) -> None:
    """Say once what else holds for a category."""
    told, turn.memory.about[_NOTES] = turn.memory.about.get(_NOTES), policy.category
    if not turn.on_phone and told != policy.category:
        turn.say(f"{policy.freight_note}。" + (f"{policy.note}。" if policy.note else ""))
