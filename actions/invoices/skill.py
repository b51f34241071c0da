"""Invoices: where one is, and asking for one (title, e-mail, confirm)."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from typing import ClassVar

from actions.dialogue import UNHEARD, Request, Task, Turn, read_request
from actions.dialogue.fragments import bare_product
from actions.dialogue.turn import LAST
from actions.faq import entry_told, tell_entry
from actions.invoices.rules import WANTS_ONE, of_an_order, rule_asked
from actions.invoices.titles import COMPANY, TAX_ID, TAX_LENGTHS, person_in, read_title
from actions.orders import OrderSkill, Search, mentions, order_name
from actions.reading import email_in
from actions.shop.client import ShopRefused
from actions.shop.models import Invoice, InvoiceState, Order, OrderState
from actions.wording import Button, email_said, mask_email, moment

MOST_LOOKED_AT = 10
_SPECIAL = re.compile(r"专票|专用发票|增值税专")
_PERSON = re.compile(
    r"专票|专用发票|增值?税|纸质|红冲|冲红|作废|重开|重新开|换开|开错|开成|发错|修改|改(一下)?(抬头|发票|税号|信息|名)|[换改].{0,2}抬头|(抬头|税号|邮箱|金额|名称).{0,4}(错|不对)|再发|重发|重新发|换.{0,2}邮箱|改.{0,2}邮箱"
    r"|合并|(开|合)(到|在|成)?(一张|一起)|(两|几|三|多)(个|笔|单|份).{0,8}(一张|一起)|拆(开|成|分)|开[少多]了"
)
_NOT_WITH_US = re.compile(r"还是电子|电子(的)?(还是|和|跟|或)")
"""A question which kinds there are asks for no colleague."""
_WRONG = re.compile(r"不对|错|不是|改|有误")
_RETITLES = re.compile(r"抬头|个人|私人|税号")
_WRITTEN_WRONG = re.compile(
    r"(抬头|税号|邮箱|名称|名字).{0,4}[填写弄输发]错|[填写弄输]错.{0,3}(抬头|税号|邮箱)"
)
_NO_INVOICE = frozenset({OrderState.UNPAID, OrderState.CANCELLED, OrderState.REFUNDED})
_STATE = "invoice"
"""Where ``Memory.about`` keeps what was said of an invoice last."""
_BY_PERSON = "by a person"
_ELECTRONIC = re.compile(
    r"(那|就|行|好的?|嗯|我|给我|帮我|要|[，, ])*(开|要)?(个)?(电子|普通?|分开|一单一单|一张一张|单独)(的|版)?(发?票|开)?(的)?(就行|就好|就可以|也行|也可以|吧|好了|呗|算了)*[。！]*"
)
_NOT_HERE = re.compile(
    r"(我|的|可是|但是|但|看了|查了|翻了|邮箱|里面?|垃圾箱|垃圾邮件|箱|根本|也|都|还是|就是|一直|并|[，, ])*(没有|没收到|没看到|没看见|没找到|找不到|收不到|没见)[了啊呀呢的过邮件，,。！]*"
)
_MISSING = re.compile(r"没.{0,2}(收到|看到|找到|见|发)|收不到|找不到|去哪|呢[？?]?$|在哪")
_CHANGES = re.compile(
    r"(那|还|我|想|要|能|可以|能不能|可不可以|怎么|咋|帮我|给我)*(改|换|重开|重新开|更改|修改)(一下|一张|掉|吗|么|不|呢|啊|抬头|邮箱|名字|税号|成.{2,20})*[？?。]*"
)
_DETAIL = re.compile(r"抬头|[改换]成|公司|个人|税号|邮箱|@|那个|那单|那笔|应该是|名字")
_NO_TAX = re.compile(
    r"(没有?|没|不要|哪来的|不知道|不清楚|不晓得|不懂).{0,4}税号|税号.{0,5}(不知道|没有|不清楚|在?哪|怎么|是什么|是啥|多少)|不(知道|清楚|记得|晓得)(啊|税号|公司税号|呢)*$"
)
_NO_EMAIL = re.compile(
    r"没有?.{0,3}(邮箱|邮件)|发?(给|到)?.{0,3}(手机|微信|短信)|不会(用|弄|发)|邮箱(是)?(什么|啥)|(怎么|咋)(注册|申请)"
)
_COMMA_DOT = re.compile(r"[,，。、](?=(com|cn|net)\b)")
_OWN_NAME = re.compile(
    r"(写|填|用|开)(我|自己|个人|本人)*(的)?名字.{0,3}[吗么行不]|区别|(个人|公司)(和|跟|还是).{0,6}(不一样|好)"
)
_PARTS = (("邮箱|邮件", "email"), ("税号", "tax_id"), ("抬头|名称|名字|公司", "title"))


class InvoiceSkill(OrderSkill):
    """invoice: state, rules, or request one."""

    intent = "invoice"
    follow_ups = re.compile(
        r"(要|得|还要)?((什么|啥)时候|几天|多久|哪天)(能|会)?(开|开好|收到|到|发|有|好)?|在?哪里?(看|下载|找|下)|发(到)?哪里?|(再|重新?|给我)(再)?发.{0,6}"
    )
    search: ClassVar[Search] = Search(
        "invoice",
        wanted=lambda order: order.state not in _NO_INVOICE,
        none="utter_no_invoice_order",
        ask="utter_choose_invoice",
    )

    async def claims(self, turn: Turn, request: Request) -> bool:
        """Take what goes on with invoices: rules, one that is not there, one that is wrong."""
        text = turn.message.text
        told = entry_told(turn) or ""
        if turn.message.chosen:
            return False
        if turn.memory.topic != self.intent and not told.startswith("invoice_"):
            names_it = re.search(r"发票|开票|的票", text)
            return turn.message.intent in UNHEARD and bool(names_it and rule_asked(text))
        state = turn.memory.about.get(_STATE)
        return bool(
            rule_asked(text)
            or _ELECTRONIC.fullmatch(text)
            or (
                state in (InvoiceState.ISSUED, InvoiceState.REQUESTED) and _NOT_HERE.fullmatch(text)
            )
            or (state and _CHANGES.fullmatch(text))
            or (state and _details(text) and not request.points_at_order)
            or (state == _BY_PERSON and (_DETAIL.search(text) or request.products))
        )

    async def start(self, turn: Turn, request: Request) -> None:
        """Special invoices, corrections and paper are a colleague's work; rules need no order."""
        text = request.text
        state = turn.memory.about.get(_STATE) if turn.memory.topic == self.intent else None
        told = state in (InvoiceState.ISSUED, InvoiceState.REQUESTED)
        if told and _NOT_HERE.fullmatch(text):
            turn.offer_human("utter_invoice_resend_offer", "complex_intent")
            return
        details = told and _details(text) and not request.points_at_order
        changes = details or bool(state and _CHANGES.fullmatch(text))
        if state == _BY_PERSON and not _ELECTRONIC.fullmatch(text) and not rule_asked(text):
            if changes or _DETAIL.search(text) or request.products:
                turn.offer_human("utter_invoice_noted_offer", "complex_intent")
                return
        if changes or (_PERSON.search(text) and not _NOT_WITH_US.search(text)):
            noted = details and "同事" in turn.memory.about.get(LAST, "")
            turn.memory.about[_STATE] = _BY_PERSON
            name = "utter_invoice_noted_offer" if noted else "utter_invoice_person"
            turn.offer_human(name, "complex_intent")
            return
        rule = None if told and self.asks_on(text) else rule_asked(text)
        if rule and not of_an_order(text):
            if state == _BY_PERSON and rule in WANTS_ONE:
                tell_entry(turn, "invoice_title_advice")
                return
            turn.use(rule)
            turn.fulfil()
            if rule not in WANTS_ONE and not request.points_at_order:
                return
        if rule is None and _MISSING.search(text) and not request.points_at_order:
            await self._the_only_one(turn, request)
        await super().start(turn, request)

    async def _the_only_one(self, turn: Turn, request: Request) -> None:
        """Who misses an invoice means one that was asked for: where there is just one, that."""
        orders = (await turn.orders())[:MOST_LOOKED_AT]
        numbers = [o.number for o in orders if o.state not in _NO_INVOICE]
        invoices = await asyncio.gather(*map(turn.shop.invoice, numbers))
        for state in (InvoiceState.ISSUED, InvoiceState.REQUESTED):
            found = [i.order_number for i in invoices if i and i.state is state]
            if len(found) == 1:
                request.order_number = found[0]
                return

    async def answer(self, turn: Turn, request: Request, order: Order) -> None:
        """Tell where the invoice is; without one, start asking for it."""
        name = order_name(order, heard=turn.on_phone)
        if order.state in _NO_INVOICE:
            unpaid = order.state is OrderState.UNPAID
            turn.use("utter_invoice_unpaid" if unpaid else "utter_invoice_impossible", order=name)
            turn.fulfil()
            return
        invoice = await turn.shop.invoice(order.number)
        if invoice is not None and invoice.state is not InvoiceState.NONE:
            self._tell(turn, name, invoice)
            turn.fulfil()
            if invoice.state is InvoiceState.ISSUED and _MISSING.search(request.text):
                turn.offer_human("utter_invoice_resend_offer", "complex_intent")
            return
        turn.memory.about.pop(_STATE, None)
        data = {"order_number": order.number, "order": name, "amount": turn.yuan(order.total_fen)}
        task = Task(self.intent, "title", data)
        read_title(task, request.text)
        email = email_in(request.text)
        if email:
            task.data["email"] = email
        turn.memory.push(task)
        turn.use("utter_invoice_none", order=name)
        self._ask_next(turn, task)

    def _tell(self, turn: Turn, name: str, invoice: Invoice) -> None:
        turn.memory.about[_STATE] = str(invoice.state.value)
        sent_to = mask_email(invoice.sent_to) if invoice.sent_to else "您预留的邮箱"
        if invoice.state is InvoiceState.ISSUED:
            at = moment(invoice.issued_at, turn.today) if invoice.issued_at else ""
            turn.use("utter_invoice_issued", order=name, at=at, to=sent_to)
        else:
            turn.use("utter_invoice_requested", order=name, to=sent_to)

    async def insist(self, turn: Turn, task: Task) -> bool:
        """Answer a rule instead of the choice of an order, and ask for that again."""
        text = turn.message.text
        rule = rule_asked(text)
        if task.awaits == "order" and (_PERSON.search(text) or _WRITTEN_WRONG.search(text)):
            turn.memory.drop(task)
            turn.memory.about[_STATE] = _BY_PERSON
            turn.offer_human("utter_invoice_person", "complex_intent")
            return True
        if rule is None or rule in WANTS_ONE or task.awaits != "order":
            return await super().insist(turn, task)
        turn.use(rule)
        turn.fulfil()
        self.remind(turn, task)
        return True

    def _beside(self, turn: Turn, task: Task) -> bool:
        """Answer a question within the form, and go on with the form."""
        text = turn.message.text
        rule = rule_asked(text)
        if task.awaits == "company" and _NO_TAX.search(text):
            turn.use("utter_invoice_no_tax")
            turn.offer([Button("个人", f'/{self.intent}{{"choice":"个人"}}')])
            return True
        if task.awaits == "email" and not _email(text):
            missing = bool(_NO_EMAIL.search(text))
            if missing or "邮箱" in text:
                turn.use("utter_invoice_no_email" if missing else "utter_invoice_email")
                return True
        if _OWN_NAME.search(text):
            tell_entry(turn, "invoice_title_advice")
        elif rule and rule not in WANTS_ONE:
            turn.use(rule)
        else:
            return False
        self._ask(turn, task)
        return True

    def _wrong_part(self, turn: Turn, task: Task) -> bool:
        """Ask again for the part of a request that is said to be wrong, or which part it is."""
        text = turn.message.text
        if not _WRONG.search(text):
            return False
        part = next((part for words, part in _PARTS if re.search(words, text)), None)
        if part is None or part not in task.data:
            if turn.answer() == "yes" or (part is None and turn.answer() is None):
                return False
            turn.use("utter_invoice_what_wrong")
            return True
        task.data.pop(part)
        self._ask_next(turn, task)
        return True

    async def answered(self, turn: Turn, task: Task) -> bool:
        """Take title, company, e-mail, or the confirmation."""
        text = turn.message.text or str(turn.message.value("choice") or "")
        if not turn.message.chosen and await self._of_another(turn, task):
            return True
        if _SPECIAL.search(text):
            turn.memory.drop(task)
            turn.memory.about[_STATE] = _BY_PERSON
            turn.offer_human("utter_invoice_person", "complex_intent")
            return True
        tax = TAX_ID.search(text.upper())
        if tax and len(tax.group()) not in TAX_LENGTHS:
            turn.use("utter_invoice_tax_length", count=len(tax.group()))
            return True
        if not turn.message.chosen and not tax and self._beside(turn, task):
            return True
        retitles = bool(tax or _RETITLES.search(text) or COMPANY.search(text))
        email = _email(text)
        if task.awaits == "confirm" and not email and not retitles:
            return await self._confirmed(turn, task)
        named = task.awaits == "email" and not email and person_in(text) is not None
        got = False
        if task.awaits != "email" or retitles or named:
            written = turn.message.original or text  # a name stays as it was written
            got = read_title(task, written, free=task.awaits == "company")
            got = got or read_title(task, text, free=task.awaits == "company")
            if not got and task.awaits == "title" and re.search(r"公司|企业|单位|专票", text):
                task.data["company"] = True
                got = True
        if email:
            task.data["email"] = email
            got = True
        if not got:
            return task.awaits == "confirm" and self._wrong_part(turn, task)
        self._ask_next(turn, task)
        return True

    async def _of_another(self, turn: Turn, task: Task) -> bool:
        """Begin anew for another order whose article is named and nothing else: that is no title."""
        if not bare_product(turn.message):
            return False
        request = read_request(turn.message, turn.today)
        named = {order.number for order in await turn.orders() if mentions(order, request)}
        if not named or task.data["order_number"] in named:
            return False
        turn.memory.drop(task)
        await self.start(turn, replace(request, text=""))
        return True

    def _ask_next(self, turn: Turn, task: Task) -> None:
        data = task.data
        task.tries = 0
        if not data.get("title") or (data.get("company") and not data.get("tax_id")):
            task.awaits = "company" if data.get("company") else "title"
        elif not data.get("email"):
            task.awaits = "email"
        else:
            task.awaits = "confirm"
        self._ask(turn, task)

    def _ask(self, turn: Turn, task: Task) -> None:
        match task.awaits:
            case "title":
                turn.use("utter_invoice_title")
                turn.offer(Button(t, f'/invoice{{"choice":"{t}"}}') for t in ("个人", "公司"))
            case "company":
                named = bool(task.data.get("title"))
                turn.use("utter_invoice_tax_id" if named else "utter_invoice_company")
            case "email":
                turn.use("utter_invoice_email")
            case _:
                email = str(task.data["email"])
                turn.use(
                    "utter_confirm_invoice",
                    order=task.data["order"],
                    title=task.data["title"],
                    tax=_tax(turn, task),
                    amount=task.data["amount"],
                    email=email_said(email) if turn.on_phone else email,
                )

    async def _confirmed(self, turn: Turn, task: Task) -> bool:
        if self._wrong_part(turn, task):
            return True
        answer = turn.answer()
        if answer is None:
            return False
        turn.memory.drop(task)
        if answer == "no":
            turn.use("utter_invoice_not_requested")
            return True
        number = str(task.data["order_number"])
        try:
            done = await turn.shop.request_invoice(
                number,
                str(task.data["title"]),
                str(task.data.get("tax_id") or ""),
                str(task.data["email"]),
                turn.key("invoice", number),
            )
        except ShopRefused as refusal:
            turn.offer_human("utter_refused_offer", "complex_intent", reason=refusal.message)
            return True
        turn.memory.about[_STATE] = InvoiceState.REQUESTED.value
        turn.use("utter_invoice_done", to=mask_email(done.sent_to or str(task.data["email"])))
        turn.fulfil()
        return True

    def ask_again(self, turn: Turn, task: Task) -> bool:
        """Repeat what the invoice still needs."""
        turn.use("utter_back_to_invoice")
        self._ask(turn, task)
        return True


def _tax(turn: Turn, task: Task) -> str:
    """The tax number as it is confirmed: for the ear four digits are enough."""
    tax = str(task.data.get("tax_id") or "")
    if not tax:
        return ""
    return f"，税号尾号 {tax[-4:]}" if turn.on_phone else f"（税号 {tax}）"


def _email(text: str) -> str | None:
    """The address in a text, with a comma for its last dot, too."""
    return email_in(text) or email_in(_COMMA_DOT.sub(".", text))


def _details(text: str) -> bool:
    """Whether it says what an invoice shall bear, or where it shall go."""
    return bool(_RETITLES.search(text) or TAX_ID.search(text.upper()) or email_in(text))
