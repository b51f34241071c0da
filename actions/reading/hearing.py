"""What is said about the talk itself on a telephone: again, slower, in a moment, nothing yet."""

from __future__ import annotations

import re

_FILLER = (
    r"啊|哦|噢|哎[哟呦呀]?|唉|嗯|喂|呃|额|不好意思|抱歉|对不起|麻烦|请|你们?|您|能不能|可不可以|可以|能|我们?|给|跟|帮"
    r"|刚才|刚刚|刚|那个|这个|有点|有些|太|的|得|地|了|吗|吧|呢|呀|么|嘛|行|好|一下|就|把|这|那|不太|是|话|听|想|要|姑娘|小伙子"
    r"|年纪大|人老|老人家|[\s，,。.！!？?]"
)
_AGAIN = (
    r"听不(?:太)?(?:清楚?|见|到)|没(?:有)?(?:太)?听(?:清楚?|见|到|明白|懂)|没记(?:住|下来?|全|清楚?)|没反应过来"
    r"|(?:再|重新|从头)(?:给我|跟我|帮我|你|您)?(?:说|讲|念|报|重复|读|来)(?:一?[遍次下])?|重复(?:一?[遍次下])?|(?:说|讲)一遍"
    r"|(?:再|还是|更)?(?:[说手收所]|讲|念|报|读)?(?:话)?[慢满漫](?:慢|一?[点些])儿?(?:声)?(?:说|讲|念|报|读|来)?|(?:说|讲|念|报)(?:话)?(?:得|的)?太?快"
    r"|(?:说|讲)?大(?:一?[点些])儿?声(?:音)?(?:说|讲)?|大声(?:一?[点些])?(?:说|讲)?|声音?(?:太|再)?[大小](?:声|一?[点些])?"
    r"|耳朵?(?:不好|背|聋)|(?:说|讲|念)(?:的|了)?(?:什么|啥)(?:来着)?|刚才?[说讲念](?:的|了)?(?:是)?(?=几|多少|哪)"
)
"""满 and 漫 are how a recogniser hears 慢, 手, 收 and 所 how it hears 说 before that."""
_SAYS_AGAIN = re.compile(_AGAIN)
_SLOWER = re.compile(r"[慢满漫](?:慢|一?[点些])|太?快")
_FASTER = re.compile(
    r"(?:再)?(?:[说手收所]|讲|念|报|读)(?:话)?(?:得|的)?(?:再)?快(?:一?[点些])?儿?|快(?:一?[点些])儿?(?:说|讲|念|报|读)"
    r"|(?:语速|速度)(?:再)?快(?:一?[点些])儿?|正常(?:的)?(?:语速|速度)|(?:说|讲)(?:话)?(?:得|的)?(?:太|有点)慢"
    r"|(?:不用|别|不要|用不着)(?:说|讲)?(?:得|的)?[这那]么慢"
)
_BESIDE_AGAIN = re.compile(rf"{_FILLER}|语速|速度|说|记|几[号点天]|哪[天里儿]|多少(?:钱|号)?|来着")
_NAMED = re.compile(
    r"(?:收货|退货|门店|店的?)?地址|(?:快递|运|退货|退)?单号|订单号|编号|电话(?:号码)?|号码|时间|日期|金额|多少钱|价格"
)
_BESIDE_NAMED = re.compile(rf"{_FILLER}|说|念|读|报|讲|告诉|我?记")
_OWN = re.compile(r"我(?:来|再)?(?:给[你您])?[说报念讲]")
"""The caller is going to say something."""
_READING = re.compile(rf"{_AGAIN}|[念读报讲]|说一?[下遍]|说给")

_WAITS = re.compile(
    rf"{_FILLER}|订单号|单号|号码|短信|手机|地址|验证码|[等稍]一?[等下会]儿?(?:儿|子)?|等[我着]|先|去|别挂(?:断|了|电话)?|不要挂(?:断)?|[找拿取翻戴]"
    r"|看看?|记(?:一下|下来?|着)?|笔|张?纸|本子|老?花?眼?镜|个|支|副|来|我?[念报读]给你?您?听?|还在|正在"
)
_WAITING = re.compile(
    r"[等稍]一?[等下会]|等[我着]|别挂|不要挂|[找拿取].{0,3}(?:笔|纸|本子|[眼花]镜|手机|短信|号)|[念报读]给[你您]听?|记(?:一下|下来|着)"
)
_ASKS = re.compile(r"什么|多少|几|吗|哪|怎|[？?]")
_READY = re.compile(
    r"(?:嗯|好|行|可以|准备好|找到|拿到|笔有)*了?[，, ]*(?:那|就|现在)?[你您](?:再)?(?:说|讲|报|念)(?:吧|呗|啊|一下)*[。！!]*|(?:(?:准备)?好了[，, ]*)?(?:说|讲|报|念)吧|(?:准备)?好了[，, ]*(?:说|讲|报|念)"
)
_NOTHING = re.compile(
    r"呃|额|那个|这个|就是说?|然后|我(?:那个|这个|就是|想问?)?|喂|怎么说(?:呢|来着)|[，,。.…\s]"
)
_MORE = re.compile(
    r"(?:嗯|好的?|那|行|，|,|\s)*(?:还有(?:呢|吗|没有?|别的[呢吗]?|其他的?[呢吗]?|哪些|什么)?|其[他它]的?呢|别的呢|剩下的?(?:呢|几[单个])?|另外的?(?:几[单个])?呢"
    r"|(?:接着|继续|往下)(?:说|讲|念|听|来)?|下一?[个单](?:呢)?|后面的?呢)(?:吧|啊|呀|嘛)*[？?。]*"
)
LONGEST = 22


def hears_again(text: str) -> bool:
    """Whether our last words are wanted again, or slower, or louder, and nothing else ("大点声我听不清")."""
    return (
        len(text) <= LONGEST
        and bool(_SAYS_AGAIN.search(text))
        and _is_only(text, _SAYS_AGAIN, _BESIDE_AGAIN)
    )


def wants_slower(text: str) -> bool:
    """Whether our last words are wanted again because they were too fast ("慢一点", "你说太快了")."""
    return hears_again(text) and _SLOWER.search(text) is not None


def wants_faster(text: str) -> bool:
    """Whether we speak too slowly now, and nothing else is said ("说快一点", "不用这么慢")."""
    return (
        len(text) <= LONGEST
        and _FASTER.search(text) is not None
        and _is_only(text, _FASTER, _BESIDE_AGAIN)
    )


def to_read_out(text: str) -> str | None:
    """What shall be read out or said again ("地址再说一遍" → "地址"); None where that is not all."""
    if len(text) > LONGEST or _OWN.match(text) or not _READING.search(text):
        return None
    found = _NAMED.search(text)
    if found is None:
        return None
    beside = f"{text[: found.start()]} {text[found.end() :]}"
    return found[0] if _is_only(beside, _SAYS_AGAIN, _BESIDE_NAMED) else None


def holds_on(text: str) -> bool:
    """Whether we shall wait ("等一下我找个笔", "别挂啊", "我念给你听")."""
    if len(text) > LONGEST or _ASKS.search(text):
        return False
    return bool(_WAITING.search(text)) and _is_only(text, _WAITS)


def is_ready(text: str) -> bool:
    """Whether somebody who had us wait wants to hear it now ("好了你说吧")."""
    return bool(_READY.fullmatch(text))


def says_nothing_yet(text: str) -> bool:
    """Whether somebody only looks for words ("呃", "那个", "我那个")."""
    return bool(text) and _is_only(text, _NOTHING)


def wants_more(text: str) -> bool:
    """Whether the rest of what was told in part is wanted ("还有呢", "继续")."""
    return bool(_MORE.fullmatch(text))


def _is_only(text: str, *parts: re.Pattern[str]) -> bool:
    """Whether nothing is left of a text without these parts, one kind after the other.

    Not one pattern with a repetition: parts that begin alike ("刚", "刚刚") could be matched in too many ways.
    """
    for part in parts:
        text = part.sub(" ", text)
    return not text.strip()
