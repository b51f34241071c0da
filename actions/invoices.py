"""Invoices: where one is, and asking for one (title, e-mail, confirm)."""

from __future__ import annotations

import re
from typing import ClassVar

from actions.dialogue import Request, Task, Turn
from actions.orders import OrderSkill, Search, order_name
from actions.reading import email_in
from actions.shop.client import ShopRefused
from actions.shop.models import Invoice, InvoiceState, Order, OrderState
from actions.wording import Button, email_said, mask_email, moment

_TAX_ID = re.compile(r"(?<![0-9A-Z@.])[0-9A-HJ-NP-Z]{13,22}(?![0-9A-Z@])")
_TAX_LENGTHS = frozenset({15, 18, 20})
"""A unified social credit code has 18 characters (GB 32100-2015); older tax numbers have 15 or 20."""
_TITLE_FOLLOWS = re.compile(
    r"^.*(?:抬头|公司名称?|单位名称?|名称|名字|应该是|应为|改成|改为|开给|叫做?|票(?![务据]))(?:是|为|写|开|用|：|:)*(?=.{4})"
)
_SPECIAL = re.compile(r"专票|专用发票|增值税专")
_COMPANY = re.compile(
    r"[一-鿿A-Za-z0-9（）()]{2,40}?(?:公司|集团|事务所|工作室|中心|学校|医院|大学|厂|店|社|院|局)"
)
_ASKS = re.compile(r"[吗么呢？?]|什么|哪|怎么|多少|几[点个家]")
_SURELY_COMPANY = re.compile(r"公司|集团|事务所|工作室|抬头|税号")
_PERSON = re.compile(
    r"专票|专用发票|增值?税|纸质|红冲|冲红|作废|重开|重新开|换开|开错|开成|修改|改(一下)?(抬头|发票|税号|信息|名)|(抬头|税号|邮箱).{0,4}错|再发|重发|换.{0,2}邮箱|改.{0,2}邮箱"
)
_WRONG = re.compile(r"不对|错|不是|改")
_RETITLES = re.compile(r"抬头|个人|私人|税号")
_NOISE = re.compile(r"^(抬头|公司|单位|企业|开|名称|是|叫|的|：|:|发票|写)+")
_NO_INVOICE = frozenset({OrderState.UNPAID, OrderState.CANCELLED, OrderState.REFUNDED})


class InvoiceSkill(OrderSkill):
    """invoice: state, or request one."""

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

    async def start(self, turn: Turn, request: Request) -> None:
        """Special invoices, corrections and paper are a colleague's work."""
        if _PERSON.search(request.text):
            turn.offer_human("utter_invoice_person", "complex_intent")
            return
        await super().start(turn, request)

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
            return
        data = {"order_number": order.number, "order": name, "amount": turn.yuan(order.total_fen)}
        task = Task(self.intent, "title", data)
        _read_title(task, request.text)
        email = email_in(request.text)
        if email:
            task.data["email"] = email
        turn.memory.push(task)
        turn.use("utter_invoice_none", order=name)
        self._ask_next(turn, task)

    def _tell(self, turn: Turn, name: str, invoice: Invoice) -> None:
        sent_to = mask_email(invoice.sent_to) if invoice.sent_to else "您预留的邮箱"
        if invoice.state is InvoiceState.ISSUED:
            at = moment(invoice.issued_at, turn.today) if invoice.issued_at else ""
            turn.use("utter_invoice_issued", order=name, at=at, to=sent_to)
        else:
            turn.use("utter_invoice_requested", order=name, to=sent_to)

    async def answered(self, turn: Turn, task: Task) -> bool:
        """Take title, company, e-mail, or the confirmation."""
        text = turn.message.text or str(turn.message.value("choice") or "")
        if _SPECIAL.search(text):
            turn.memory.drop(task)
            turn.offer_human("utter_invoice_person", "complex_intent")
            return True
        tax = _TAX_ID.search(text.upper())
        if tax and len(tax.group()) not in _TAX_LENGTHS:
            turn.use("utter_invoice_tax_length", count=len(tax.group()))
            return True
        retitles = bool(tax or _RETITLES.search(text) or _COMPANY.search(text))
        if task.awaits == "confirm" and not email_in(text) and not retitles:
            return await self._confirmed(turn, task)
        got = False
        if task.awaits != "email" or retitles:
            written = turn.message.original or text  # a name stays as it was written
            got = _read_title(task, written, free=task.awaits == "company")
            got = got or _read_title(task, text, free=task.awaits == "company")
            if not got and task.awaits == "title" and re.search(r"公司|企业|单位|专票", text):
                task.data["company"] = True
                got = True
        email = email_in(text)
        if email:
            task.data["email"] = email
            got = True
        if not got:
            return False
        self._ask_next(turn, task)
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
        answer = turn.answer()
        if answer is None:
            return False
        if answer == "no" and _WRONG.search(turn.message.text):
            task.data.pop("email")  # heard wrongly more easily than anything else of it
            self._ask_next(turn, task)
            return True
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


def _read_title(task: Task, text: str, *, free: bool = False) -> bool:
    """Read title and tax id into the task; whether there was something.

    Args:
        task: the invoice task.
        text: what the customer wrote.
        free: any words left beside the tax id are the company's name.
    """
    tax = _TAX_ID.search(text.upper())
    asks = _ASKS.search(text) and not tax and not _SURELY_COMPANY.search(text)
    found = None if asks else _COMPANY.search(text)
    name = _NOISE.sub("", _TITLE_FOLLOWS.sub("", found.group())) if found else ""
    if name not in ("", "司"):
        task.data |= {"title": name, "company": True}
    elif free and tax:
        rest = re.sub(
            r"[税号纳识别人,，。:：\s]|抬头|公司名称", "", text.upper().replace(tax.group(), "")
        )
        if len(rest) >= 2:
            task.data["title"] = rest[:40]
    elif re.search(r"个人|私人|我自己", text):
        task.data |= {"title": "个人", "company": False}
        task.data.pop("tax_id", None)
        return True
    if tax:
        task.data |= {"tax_id": tax.group(), "company": True}
    return bool(tax or (name and task.data.get("title")))
