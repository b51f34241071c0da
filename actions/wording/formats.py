"""Money, days, moments and lists as a Chinese customer reads them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from zoneinfo import ZoneInfo

BUSINESS_ZONE = ZoneInfo("Asia/Shanghai")

_DIGITS_SAID = str.maketrans("0123456789", "零幺二三四五六七八九")
_NEAR = {-2: "前天", -1: "昨天", 0: "今天", 1: "明天", 2: "后天"}


def yuan(fen: int) -> str:
    """``12900`` → ``¥129.00``."""
    return f"¥{fen / 100:,.2f}"


def yuan_said(fen: int) -> str:
    """``12900`` → ``129元``, ``12950`` → ``129.5元``: for the ear."""
    return f"{fen / 100:.2f}".rstrip("0").rstrip(".") + "元"


def digits_said(number: str) -> str:
    """``2611`` → ``二六幺幺``: for the ear, not as a quantity."""
    return number.translate(_DIGITS_SAID)


def email_said(address: str) -> str:
    """``a1@qq.com`` → ``a幺，艾特，qq，点，com``: for the ear, digit by digit."""
    said = address.lower().translate(_DIGITS_SAID)
    return said.replace("@", "，艾特，").replace(".", "，点，")


def business_day(moment: datetime) -> date:
    """The calendar day in Asia/Shanghai of an aware moment."""
    return moment.astimezone(BUSINESS_ZONE).date()


def day(of: date, today: date) -> str:
    """``今天``, ``昨天``, ``11月3日``, or with the year when it is another one."""
    near = _NEAR.get((of - today).days)
    if near:
        return near
    text = f"{of.month}月{of.day}日"
    return text if of.year == today.year else f"{of.year}年{text}"


def full_day(of: date, today: date) -> str:
    """``11月3日``, never ``明天``: a deadline must not drift when it is read again tomorrow."""
    text = f"{of.month}月{of.day}日"
    return text if of.year == today.year else f"{of.year}年{text}"


def moment(at: datetime, today: date) -> str:
    """``昨天 14:05``."""
    local = at.astimezone(BUSINESS_ZONE)
    return f"{day(local.date(), today)} {local:%H:%M}"


def joined(parts: Iterable[str]) -> str:
    """``甲、乙和丙``."""
    items = list(parts)
    if len(items) < 2:
        return "".join(items)
    return "、".join(items[:-1]) + "和" + items[-1]


def short_number(order_number: str) -> str:
    """How an order is called when heard: by its last four digits."""
    return f"尾号{order_number[-4:]}"
