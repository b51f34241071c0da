"""Text of no known kind, made readable: rules that are right for any text of a shop.

One pass after another, each taking what only it can read; what is left at the end is cardinal
numbers, letters and marks. A text that was read once stays as it is when it is read again.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable
from datetime import date, time

from ivr.spoken.numbers import cardinal, decimal, measured, one_by_one
from ivr.spoken.slots import amount, clock, day, digits, latin, percent, phone, tail

VERSION = "2"
"""Part of the key under which sound is kept: raise it when the same text would be read otherwise."""

_N = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_TO = r"\s*(?:[-–—~～至到]|——)\s*"
_UNITS = {
    "kg": "公斤", "g": "克", "mg": "毫克", "ml": "毫升", "l": "升", "km": "公里", "cm": "厘米",
    "mm": "毫米", "m": "米", "w": "瓦", "kw": "千瓦", "v": "伏", "mah": "毫安时", "h": "小时",
    "min": "分钟", "s": "秒", "gb": "G B", "mb": "M B", "℃": "摄氏度", "°c": "摄氏度", "°": "度",
    "㎡": "平方米", "m²": "平方米", "寸": "寸",
}  # fmt: skip
_WORDS = {
    "wi-fi": "无线网络", "wifi": "无线网络", "ok": "好的", "email": "邮箱", "e-mail": "邮箱",
    "tel": "电话", "no.": "号码", "vs": "对比", "iphone": "苹果手机", "ipad": "苹果平板",
    "b2c": "B to C",
}  # fmt: skip
_MEASURES = (
    "个工作日|个|件|笔|单|条|张|份|位|家|次|天|种|款|只|双|套|箱|包|盒|瓶|台|部|本|支|根|块|项|步|"
    "小时|分钟|秒钟|秒|周|年|倍|人|口|名|点(?=左右|前|后|钟|多|[，。！？]|$)|千|万|亿|元|角|分|斤|公斤|克|升|米|毫升|厘米|"
    "颗|片|袋|桶|杯|辆|间|层|遍|回|趟|样|对|号键|折|成"
)
_SERIAL = "尾号|后四位|末四位|单号|编号|工号|验证码|密码|卡号|券码|取件码|房号|分机"
_LINKS = {"是": "是", "为": "为", "：": "，", ":": "，"}
_MARKS = str.maketrans({
    ",": "，", ";": "；", "!": "！", "?": "？", ":": "，", "：": "，", "（": "，", "）": "，", "(": "，",
    ")": "，", "[": "，", "]": "，", "【": "，", "】": "，", "—": "，", "–": "，", "…": "，", "→": "，",
    "|": "，", "·": "，", "•": "，", "/": "，", "\\": "，", "_": "，", "~": "，", "～": "，",
    "“": "", "”": "", "‘": "", "’": "", '"': "", "'": "", "「": "", "」": "", "『": "", "』": "",
    "《": "", "》": "", "〈": "", "〉": "", "`": "", "^": "", "{": "", "}": "", "<": "", ">": "",
    "&": "和", "＆": "和", "+": "加", "=": "等于", "×": "乘", "÷": "除以", "≥": "不少于", "≤": "不超过",
    "@": "艾特", "%": "百分号", "‰": "千分之", "$": "", "￥": "", "¥": "", "*": "", "#": "", "-": "，",
})  # fmt: skip
_HAN = "一-鿿"
_BULLET = re.compile(r"^(?:[·•▪]\s*|[-*]\s+)+")
_READABLE = re.compile(rf"[{_HAN}，。！？、；]|(?<![A-Za-z])[A-Z](?![A-Za-z])| ")

type _Rule = tuple[re.Pattern[str], Callable[[re.Match[str]], str]]


def speak_as(text: str) -> str:
    """The text as it is read aloud: Chinese characters, pauses, and single capital letters.

    The letters are what every Mandarin voice spells. An empty text stays empty.
    """
    text = _plain(text)
    for pattern, said in _RULES:
        text = pattern.sub(said, text)
    return _marks(text)


def misread(text: str) -> str:
    """What a voice would misread in a text: figures, symbols, emoji, words of letters."""
    return _READABLE.sub("", text)


def _plain(text: str) -> str:
    """No emoji, no invisible characters; figures and letters of usual width."""
    kept = []
    for character in text:
        if "！" <= character <= "～" and (character.isalnum() or character in "％＋－＊＃．／＠"):
            character = chr(ord(character) - 0xFEE0)
        kind = unicodedata.category(character)
        if character in "℃°㎡²→×÷" or character.isspace():
            kept.append(character)
        elif kind in {"So", "Sk", "Cs", "Co", "Cn", "Cf", "Cc", "Mn", "Me"}:
            continue
        else:
            kept.append(character)
    lines = [_BULLET.sub("", line.strip()) for line in "".join(kept).splitlines()]
    joined = ""
    for line in (one for one in lines if one):
        pause = "" if not joined else ("，" if joined[-1] in "：:" else "。")
        joined += ("" if joined and joined[-1] in "。！？；，、" else pause) + line
    return joined


def _marks(text: str) -> str:
    text = "".join(c for c in text.translate(_MARKS) if c.isascii() or not misread(c))
    text = re.sub(r"(?<=[a-zA-Z])\.(?=[a-zA-Z])", "点", text).replace(".", "。")
    text = re.sub(r"[^\w\s，。！？、；]", "", text)
    text = re.sub(r"[A-Za-z]{2,}|[a-z]", lambda m: f" {' '.join(m[0].upper())} ", text)
    text = re.sub(r"\s+", " ", text)
    text = re.sub(r"(?<![A-Z]) | (?![A-Z])", "", text)
    text = re.sub(r"[，、；]+(?=[。！？])", "", text)
    text = re.sub(r"([。！？])[，、；。]+", r"\1", text)
    text = re.sub(r"([，、；])[，、；]+", r"\1", text)
    return text.lstrip("，。！？、； ").rstrip("，、； ")


def _number(text: str) -> str:
    return decimal(text.replace(",", ""))


def _of(number: str) -> str:
    """A number that something is counted by."""
    plain = number.replace(",", "")
    if "." in plain:
        return decimal(plain)
    return measured(int(plain)) if len(plain) < 16 else digits(plain)


def _money(number: str) -> str:
    whole, _, rest = number.replace(",", "").partition(".")
    if len(rest) > 2 or len(whole) > 15:
        return decimal(number) + "元"
    return amount(int(whole) * 100 + int((rest + "00")[:2]))


def _date(match: re.Match[str]) -> str:
    year, month, of = (int(part) for part in match.groups())
    try:
        return day(date(year, month, of))
    except ValueError:
        return digits(match[0])


def _month_day(match: re.Match[str]) -> str:
    return f"{cardinal(int(match[1]))}月{cardinal(int(match[2]))}{match[3]}"


def _clock(hour: str, minute: str) -> str:
    if int(hour) == 24 and int(minute) == 0:
        return "晚上十二点"
    if int(hour) > 23 or int(minute) > 59:
        return f"{cardinal(int(hour))}比{cardinal(int(minute))}"
    return clock(time(int(hour), int(minute)))


def _year(match: re.Match[str]) -> str:
    return one_by_one(match[1]) + "年"


def _discount(match: re.Match[str]) -> str:
    return one_by_one(match[1].replace(".", "")) + "折"


def _unit(match: re.Match[str]) -> str:
    return _of(match[1]) + _UNITS[match[2].lower()]


def _counted(match: re.Match[str]) -> str:
    number, measure = match[1], match[2]
    said = _of(number)
    # 两 and 十二 before a measure, but 二 where the number names and does not count.
    return (said if measure not in {"折", "号键", "成"} else _number(number)) + measure


def _from(match: re.Match[str]) -> str:
    """The lower end of a range; 到 is there already, or stands for the dash."""
    return _of(match[1]) + ("到" if match[0].strip()[-1] in "-–—~～" else "")


def _long(match: re.Match[str]) -> str:
    return digits(match[0])


def _word(match: re.Match[str]) -> str:
    word = match[0]
    known = _WORDS.get(word.lower())
    return known if known else f" {latin(word)} "


def _last(match: re.Match[str]) -> str:
    text = match[0]
    if len(text) > 1 and text.startswith("0") and "." not in text:
        return digits(text)
    return _number(text) if text == "2" else _of(text)


_RULES: tuple[_Rule, ...] = tuple(
    (re.compile(pattern, re.IGNORECASE), said)
    for pattern, said in (
        (r"https?://[^\s，。；！？）)]+|www\.[^\s，。；！？）)]+", lambda _m: "网页链接"),
        (r"(?:尾号)?[\w.]*\*{2,}[\w.]*@[\w.-]+", lambda _m: "您的邮箱"),
        # Masked: only the end is of use to the ear.
        (r"(?:尾号)?[0-9A-Z]*\*{2,}\s*(\d{2,4})(?!\d)", lambda m: "尾号" + tail(m[1])),
        (r"(?<=[一-鿿])\*+", lambda _m: ""),
        (r"按\s*\*\s*键?", lambda _m: "按星号键"),
        (r"按\s*#\s*键?", lambda _m: "按井号键"),
        (r"#\s*键", lambda _m: "井号键"),
        (r"\*\s*键", lambda _m: "星号键"),
        # Days and times
        (r"(?<!\d)((?:19|20)\d\d)[-/.年]\s?(\d{1,2})[-/.月]\s?(\d{1,2})日?(?!\d)", _date),
        (r"(?<!\d)((?:19|20)\d\d)\s*年", _year),
        (r"(?<!\d)(\d{1,2})\s*月\s*(\d{1,2})\s*([日号])", _month_day),
        (
            rf"(?<![\d:])(\d{{1,2}}):(\d\d)(?::\d\d)?{_TO}(\d{{1,2}}):(\d\d)(?::\d\d)?(?![\d:])",
            lambda m: f"{_clock(m[1], m[2])}到{_clock(m[3], m[4])}",
        ),
        (r"(?<![\d:])(\d{1,2})[:：](\d\d)(?:[:：]\d\d)?(?![\d:])", lambda m: _clock(m[1], m[2])),
        # Money
        (
            rf"[¥￥]\s*({_N})\s*(?:元)?{_TO}[¥￥]\s*({_N})",
            lambda m: f"{_money(m[1])}到{_money(m[2])}",
        ),
        (
            rf"[¥￥]\s*({_N})\s*(万|亿)?元?",
            lambda m: f"{_of(m[1])}{m[2]}元" if m[2] else _money(m[1]),
        ),
        (rf"(?<![\d.])({_N})\s*元", lambda m: _money(m[1])),
        (rf"\$\s*({_N})", lambda m: f"{_of(m[1])}美元"),
        # Shares
        (rf"({_N})\s*[%％]{_TO}({_N})\s*[%％]", lambda m: f"{percent(m[1])}到{percent(m[2])}"),
        (rf"({_N})\s*[%％]", lambda m: percent(m[1])),
        (r"(?<![\d.])(\d(?:\.\d)?)\s*折", _discount),
        # Numbers that call something
        (r"(?<![\d-])(?:\+?86[- ]?)?(1[3-9]\d[- ]?\d{4}[- ]?\d{4})(?!\d)", lambda m: phone(m[1])),
        (
            r"(?<![\d-])([48]00-?\d{3,4}-?\d{3,4}|0\d{2,3}-\d{3,4}[ -]?\d{4})(?!\d)",
            lambda m: phone(m[1]),
        ),
        (r"(?:(?<=热线)|(?<=电话)|(?<=拨打))\s*(\d{3,8})(?!\d|\.)", lambda m: phone(m[1])),
        (
            rf"({_SERIAL})(是|为|：|:|\s)*\s*(\d{{3,}})",
            lambda m: m[1] + _LINKS.get(m[2] or "", "") + digits(m[3]),
        ),
        (r"(?<![\d.,A-Za-z])\d{7,}(?![\d.,]\d)", _long),
        # Where something is in a building
        (r"(?<![A-Z0-9])B(\d)\s*[层楼]", lambda m: f"负{cardinal(int(m[1]))}层"),
        (
            r"(?<=[号路街栋座])\s*(\d{1,2})\s*([层楼])(\s*\d{3,4}(?!\d))?",
            lambda m: cardinal(int(m[1])) + m[2] + (one_by_one(m[3]) if m[3] else ""),
        ),
        (r"(?<!\d)(\d{3,4})\s*(?=室|房|铺)", lambda m: one_by_one(m[1])),
        (r"(?<![\d一-鿿A-Z])[-−](?=\d)", lambda _m: "负"),
        # Letters with figures, then what is measured and counted
        (
            rf"(?<![\d.A-Z])({_N})\s*({'|'.join(map(re.escape, sorted(_UNITS, key=len, reverse=True)))})"
            r"(?![A-Za-z])",
            _unit,
        ),
        (r"(?<![A-Z0-9])\s*[×x*]\s*(\d{1,3})(?![\d.A-Z])", lambda m: f"，{measured(int(m[1]))}件"),
        (r"(?<![A-Z0-9])(?=[A-Z0-9-]*[A-Z])(?=[A-Z0-9-]*\d)[A-Z0-9]+(?:-[A-Z0-9]+)*", _word),
        (r"第\s*(\d+)", lambda m: f"第{cardinal(int(m[1]))}" if len(m[1]) < 16 else digits(m[1])),
        (rf"(?<![\d.,])({_N})(?:\s*[-–—~～]+\s*(?=\d)|\s*(?=[至到]\s*\d))", _from),
        (rf"(?<![\d.,])({_N})\s*({_MEASURES})", _counted),
        (r"316(?=\s*不锈钢)", lambda _m: "三幺六"),
        (r"(?<=[A-Z])-(?=[A-Z])", lambda _m: ""),
        (r"no\.(?=\s*\d)", lambda _m: "号码"),
        (r"[A-Z]+(?:'[A-Z]+)?", _word),
        (r"(?<=\d)\s*[-−](?=\d)", lambda _m: "到"),
        (_N, _last),
    )
)
