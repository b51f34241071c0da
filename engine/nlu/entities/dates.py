"""Days and periods, relative to today in the shop's time zone.

The value is ``{"from", "to", "grain"}``: inclusive ISO dates. Bare weekdays and dates without a
year mean the past when the text speaks of buying or paying, else the nearest.
"""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Callable, Iterator, List, Optional, Tuple

from engine.nlu.entities.found import Found
from engine.nlu.entities.numerals import NUMERAL, numeral

Period = Tuple[date, date, str]

_DAYS = {"大前天": -3, "前天": -2, "昨天": -1, "昨日": -1, "昨晚": -1, "今天": 0, "今日": 0, "今晚": 0,
         "今早": 0, "刚才": 0, "刚刚": 0, "明天": 1, "明日": 1, "明早": 1, "后天": 2, "大后天": 3}  # fmt: skip
_WEEKDAYS = {char: index for index, char in enumerate("一二三四五六")}
_WEEKDAYS.update({"日": 6, "天": 6, "1": 0, "2": 1, "3": 2, "4": 3, "5": 4, "6": 5, "7": 6})
_PAST = re.compile(r"买|下单|下的|拍|付|签收|收到|退的|寄|到的|订的")
_SPRING = {2024: (2, 10), 2025: (1, 29), 2026: (2, 17), 2027: (2, 6), 2028: (1, 26), 2029: (2, 13),
           2030: (2, 3)}  # fmt: skip
_MIDAUTUMN = {2024: (9, 17), 2025: (10, 6), 2026: (9, 25), 2027: (9, 15), 2028: (10, 3),
              2029: (9, 22), 2030: (9, 12)}  # fmt: skip
_DRAGON = {2024: (6, 10), 2025: (5, 31), 2026: (6, 19), 2027: (6, 9), 2028: (5, 28),
           2029: (6, 16), 2030: (6, 5)}  # fmt: skip
_FIXED = {
    "双十一": ((11, 1), (11, 11)),
    "双十二": ((12, 1), (12, 12)),
    "618": ((6, 1), (6, 18)),
    "国庆": ((10, 1), (10, 7)),
    "五一": ((5, 1), (5, 5)),
    "元旦": ((1, 1), (1, 3)),
    "妇女节": ((3, 8), (3, 8)),
    "情人节": ((2, 14), (2, 14)),
    "圣诞": ((12, 24), (12, 25)),
}
_NAMES = {"双11": "双十一", "双拾壹": "双十一", "双12": "双十二", "六一八": "618", "十一假期": "国庆",
          "国庆节": "国庆", "劳动节": "五一", "女神节": "妇女节", "三八节": "妇女节",
          "圣诞节": "圣诞"}  # fmt: skip
_MOVING = {"春节": _SPRING, "过年": _SPRING, "中秋": _MIDAUTUMN, "端午": _DRAGON}
_FESTIVAL = re.compile(
    r"(?P<year>去年|今年|前年|明年)?的?(?P<name>"
    + "|".join(sorted([*_FIXED, *_NAMES, *_MOVING], key=len, reverse=True))
    + r")(?:节)?(?:那天|期间|的时候|当天|假期)?"
)
_WEEK = r"(?:周|星期|礼拜)"


def read_dates(text: str, today: date) -> Iterator[Found]:
    """Find days and periods; the more specific expression of two that overlap comes first."""
    for pattern, read in _READERS:
        for match in pattern.finditer(text):
            period = read(match, text, today)
            if period is not None and period[0] <= period[1]:
                value = {
                    "from": period[0].isoformat(),
                    "to": period[1].isoformat(),
                    "grain": period[2],
                }
                yield Found("date", value, match.start(), match.end())


def _day(day: Optional[date]) -> Optional[Period]:
    return None if day is None else (day, day, "day")


def _make(year: int, month: int, day: int) -> Optional[date]:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _festival(match: "re.Match[str]", text: str, today: date) -> Optional[Period]:
    name = _NAMES.get(match["name"], match["name"])
    said = match["year"]
    years = (
        [today.year + {"去年": -1, "前年": -2, "今年": 0, "明年": 1}[said]]
        if said
        else [today.year, today.year - 1]
    )
    for year in years:
        if name in _MOVING:
            eve = _MOVING[name].get(year)
            if eve is None:
                continue
            first = date(year, *eve)
            last = first + timedelta(days=6 if name in ("春节", "过年") else 2)
        else:
            (month, day), (last_month, last_day) = _FIXED[name]
            first, last = date(year, month, day), date(year, last_month, last_day)
        if said or first <= today:
            return first, last, "period"
    return None


def _full(match: "re.Match[str]", text: str, today: date) -> Optional[Period]:
    year = int(match["y"])
    year += 2000 if year < 100 else 0
    return _day(_make(year, int(match["m"]), int(match["d"])))


def _month_day(match: "re.Match[str]", text: str, today: date) -> Optional[Period]:
    month, day = numeral(match["m"]), numeral(match["d"])
    if month is None or day is None:
        return None
    return _day(_nearest(int(month), int(day), text, today))


def _nearest(month: int, day: int, text: str, today: date) -> Optional[date]:
    """The date of this year or a neighbour: past if the text speaks of buying, else nearest."""
    near = [_make(year, month, day) for year in (today.year - 1, today.year, today.year + 1)]
    known = [one for one in near if one is not None]
    if _PAST.search(text):
        known = [one for one in known if one <= today] or known
    return min(known, key=lambda one: (abs((one - today).days), one), default=None)


def _day_of_month(match: "re.Match[str]", text: str, today: date) -> Optional[Period]:
    said = numeral(match["d"])
    if said is None or not 1 <= said <= 31:
        return None
    months = {"上个月": -1, "上月": -1, "下个月": 1, "下月": 1}
    first = _month_start(today, months.get(match["month"] or "", 0))
    found = _make(first.year, first.month, int(said))
    if found is not None and not match["month"] and found > today and _PAST.search(text):
        first = _month_start(today, -1)
        found = _make(first.year, first.month, int(said))
    return _day(found)


def _relative_day(match: "re.Match[str]", text: str, today: date) -> Optional[Period]:
    return _day(today + timedelta(days=_DAYS[match.group()]))


def _weekday(match: "re.Match[str]", text: str, today: date) -> Optional[Period]:
    index = _WEEKDAYS[match["day"]]
    monday = today - timedelta(days=today.weekday())
    said = match["which"]
    if said:
        weeks = {"上上": -2, "上": -1, "这": 0, "本": 0, "下": 1, "下下": 2}[said.replace("个", "")]
        return _day(monday + timedelta(weeks=weeks, days=index))
    this = monday + timedelta(days=index)
    if _PAST.search(text):
        return _day(this if this <= today else this - timedelta(weeks=1))
    return _day(this if this >= today else this + timedelta(weeks=1))


def _weekend(match: "re.Match[str]", text: str, today: date) -> Optional[Period]:
    saturday = today - timedelta(days=today.weekday()) + timedelta(days=5)
    said = (match["which"] or "").replace("个", "")
    weeks = {"上": -1, "上上": -2, "下": 1}.get(said, 0)
    if not said and _PAST.search(text) and saturday > today:
        weeks = -1
    first = saturday + timedelta(weeks=weeks)
    return first, first + timedelta(days=1), "weekend"


def _week(match: "re.Match[str]", text: str, today: date) -> Optional[Period]:
    weeks = {"上上": -2, "上": -1, "这": 0, "本": 0, "下": 1}[match["which"].replace("个", "")]
    monday = today - timedelta(days=today.weekday()) + timedelta(weeks=weeks)
    return monday, monday + timedelta(days=6), "week"


def _month_start(today: date, months: int) -> date:
    index = today.year * 12 + today.month - 1 + months
    return date(index // 12, index % 12 + 1, 1)


def _month(match: "re.Match[str]", text: str, today: date) -> Optional[Period]:
    said = match.group().replace("个", "").rstrip("份")
    shift = {"上上月": -2, "上月": -1, "这月": 0, "本月": 0, "下月": 1}[said]
    first = _month_start(today, shift)
    return first, _month_start(first, 1) - timedelta(days=1), "month"


def _named_month(match: "re.Match[str]", text: str, today: date) -> Optional[Period]:
    month = numeral(match["m"])
    if month is None or not 1 <= month <= 12:
        return None
    year = today.year + {"去年": -1, "前年": -2}.get(match["year"] or "", 0)
    if not match["year"] and (int(month) > today.month and _PAST.search(text)):
        year -= 1
    first = date(year, int(month), 1)
    return first, _month_start(first, 1) - timedelta(days=1), "month"


def _year(match: "re.Match[str]", text: str, today: date) -> Optional[Period]:
    year = today.year + {"去年": -1, "前年": -2, "今年": 0}[match.group()]
    return date(year, 1, 1), date(year, 12, 31), "year"


def _ago(match: "re.Match[str]", text: str, today: date) -> Optional[Period]:
    count = _count(match["n"])
    if count is None or count > 400:
        return None
    unit = match["unit"]
    if unit == "天":
        return _day(today - timedelta(days=int(count)))
    days = int(count * 7) if unit in _WEEK_WORDS else int(count * 30)
    middle = today - timedelta(days=days)
    return middle - timedelta(days=3), middle + timedelta(days=3), "period"


def _recent(match: "re.Match[str]", text: str, today: date) -> Optional[Period]:
    said = match["n"]
    unit = match["unit"] or "天"
    count = _count(said) if said else None
    if match["few"]:
        count, unit = 7, "天"
    if count is None or count > 400:
        return None
    days = int(
        count * (1 if unit == "天" else 7 if unit in _WEEK_WORDS else 365 if unit == "年" else 30)
    )
    return today - timedelta(days=days), today, "period"


_WEEK_WORDS = ("周", "星期", "个星期", "礼拜", "个礼拜")


def _count(said: str) -> Optional[float]:
    if said == "半":
        return 0.5
    value = numeral(said)
    return None if value is None else float(value)


_N = rf"(?:半|{NUMERAL})"
_UNIT = r"(?:天|周|个?星期|个?礼拜|个?月)"
_Reader = Callable[["re.Match[str]", str, date], Optional[Period]]
_READERS: List[Tuple["re.Pattern[str]", _Reader]] = [
    (re.compile(r"(?P<y>20\d\d|[2-3]\d(?=年))[-/.年](?P<m>\d{1,2})[-/.月](?P<d>\d{1,2})[日号]?"), _full),
    (_FESTIVAL, _festival),
    (re.compile(rf"(?P<m>{NUMERAL})月(?:份)?(?P<d>{NUMERAL})(?:号|日)?"), _month_day),
    (re.compile(r"(?<![\d/.-])(?P<m>1[0-2]|0?[1-9])/(?P<d>3[01]|[12]\d|0?[1-9])(?![\d/])"), _month_day),
    (re.compile(rf"(?:(?P<month>上个月|上月|这个月|本月|下个月|下月)的?|(?<![月\d]))(?P<d>{NUMERAL})号(?!码|线|楼|店|机|柜|链)"), _day_of_month),
    (re.compile(rf"(?P<which>上上个?|上个?|这个?|本|下个?)?{_WEEK}(?P<day>[一二三四五六日天1-7])(?![\d年月])"), _weekday),
    (re.compile(r"(?P<which>上上个?|上个?|这个?|本|下个?)?周末"), _weekend),
    (re.compile(rf"(?P<n>{_N})(?P<unit>{_UNIT})(?:之|以)?前"), _ago),
    (re.compile(rf"(?:最近|近|这|过去)的?(?:(?P<few>几天|几日|两天|段时间)|(?P<n>{_N})(?P<unit>{_UNIT}|年))"), _recent),
    (re.compile(r"(?P<few>前几天|前两天|前阵子|最近)(?P<n>)(?P<unit>)"), _recent),
    (re.compile(rf"(?P<which>上上个?|上个?|这个?|本|下个?){_WEEK}"), _week),
    (re.compile(r"(?:上上个?|上个?|这个|本|下个?)月份?"), _month),
    (re.compile(rf"(?P<year>去年|今年|前年)?的?(?P<m>{NUMERAL})月份?(?!底|初|\d|[一二三四五六七八九十])"), _named_month),
    (re.compile("|".join(sorted(_DAYS, key=len, reverse=True))), _relative_day),
    (re.compile(r"去年|前年|今年"), _year),
]  # fmt: skip
