"""Values whose kind is known, as they are read aloud."""

from __future__ import annotations

from datetime import date, time

from ivr.spoken.numbers import cardinal, counted, decimal, measured, one_by_one

PAUSE = "，"
"""What every voice makes a short pause of."""


def order_number(number: str) -> str:
    """``261119004217`` → 二六幺幺，幺九零零，四二幺七: by fours, with pauses."""
    return PAUSE.join(one_by_one(group, called=True) for group in _groups(_figures(number), 4))


def tail(number: str) -> str:
    """The last digits of an order or a phone: ``1042`` → 幺零四二."""
    return one_by_one(_figures(number), called=True)


def digits(number: str) -> str:
    """Figures of no special kind (a code), by threes or fours where they are many."""
    figures = _figures(number)
    size = 3 if len(figures) in (5, 6, 9) else 4
    return PAUSE.join(one_by_one(group, called=True) for group in _groups(figures, size))


def phone(number: str) -> str:
    """``13812345678`` → 幺三八，幺二三四，五六七八; other numbers by their own hyphens."""
    written = number.strip().removeprefix("+86").strip(" -")
    figures = _figures(written)
    if len(figures) == 11 and figures.startswith("1"):
        groups = [figures[:3], figures[3:7], figures[7:]]
    elif "-" in written or " " in written:
        parts = [_figures(part) for part in written.replace(" ", "-").split("-")]
        groups = [group for part in parts for group in _groups(part, 4 if len(part) == 8 else 9)]
    elif len(figures) == 10 and figures.startswith(("400", "800")):
        groups = [figures[:3], figures[3:6], figures[6:]]
    else:
        groups = list(_groups(figures, 4)) if len(figures) > 5 else [figures]
    return PAUSE.join(one_by_one(group, called=True) for group in groups if group)


def amount(fen: int) -> str:
    """An amount in fen: ``12950`` → 一百二十九元五角, ``5`` → 五分, ``200`` → 两元."""
    if fen < 0:
        return "负" + amount(-fen)
    yuan, rest = divmod(fen, 100)
    jiao, single = divmod(rest, 10)
    said = f"{measured(yuan)}元" if yuan else ""
    if jiao:
        said += f"{counted(jiao) if not yuan else cardinal(jiao)}角"
    elif single and yuan:
        said += "零"
    if single:
        said += f"{cardinal(single)}分"
    return said or "零元"


def day(of: date, *, today: date | None = None) -> str:
    """十一月二十八日; with the year where it is not that of ``today``."""
    said = f"{cardinal(of.month)}月{cardinal(of.day)}日"
    if today is not None and of.year == today.year:
        return said
    return f"{one_by_one(str(of.year))}年{said}"


def clock(at: time) -> str:
    """下午两点半, 上午九点零五分: on twelve hours, as it is said."""
    hour, minute = at.hour, at.minute
    if hour == 0:
        said = "凌晨零点" if minute else "零点"
    else:
        said = f"{_part_of_day(hour)}{counted(hour - 12 if hour > 12 else hour)}点"
    if minute == 30:
        return said + "半"
    if 0 < minute < 10:
        return said + f"零{cardinal(minute)}分"
    return said + (f"{cardinal(minute)}分" if minute else "")


def _part_of_day(hour: int) -> str:
    for until, name in ((5, "凌晨"), (8, "早上"), (12, "上午"), (13, "中午"), (18, "下午")):
        if hour < until:
            return name
    return "晚上"


def count(number: int, measure: str) -> str:
    """``2, 件`` → 两件."""
    return f"{measured(number)}{measure}"


def percent(value: str) -> str:
    """``12.5`` → 百分之十二点五; ``100`` → 百分之百."""
    return "百分之百" if value in ("100", "100.0") else f"百分之{decimal(value)}"


def latin(text: str) -> str:
    """Letters one by one, figures as digits: ``SF1234`` → S F，幺二三四."""
    said: list[str] = []
    run = ""
    for character in text:
        if character.isascii() and character.isalpha():
            run += character
            continue
        if run:
            said.append(" ".join(run.upper()))
            run = ""
        if character.isdecimal():
            said.append(character)
    if run:
        said.append(" ".join(run.upper()))
    return _joined(said)


def _joined(parts: list[str]) -> str:
    """Runs of letters and of figures with pauses between them."""
    groups: list[str] = []
    figures = ""
    for part in parts:
        if part.isdecimal():
            figures += part
            continue
        if figures:
            groups.append(digits(figures))
            figures = ""
        groups.append(part)
    if figures:
        groups.append(digits(figures))
    return PAUSE.join(groups)


def _figures(text: str) -> str:
    return "".join(str(int(c)) for c in text if c.isdecimal())


def _groups(figures: str, size: int) -> list[str]:
    """From the front in groups, the last at least two long."""
    groups = [figures[i : i + size] for i in range(0, len(figures), size)]
    if len(groups) > 1 and len(groups[-1]) == 1:
        groups[-2:] = [groups[-2] + groups[-1]]
    return groups
