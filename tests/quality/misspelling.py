"""Makes texts as hurried fingers and recognisers leave them. Seeded: the same text and draw, the same slip.

On purpose nothing here comes from the engine, which learns from misspelt copies of its own. One draw is
luck: which character is lost decides whether anything can be understood, so several are judged together.
"""

from __future__ import annotations

import random

HOMOPHONES = (
    "的得地 在再载 是事式市试视 我窝握 订定丁钉 单丹担 退腿 货或祸获 发法 票飘 什神 么莫 时石十实 候后厚 "
    "快块筷 递第弟帝 物务误悟 流留刘 到道倒 哪那 里理力利 了乐 没梅 收手首 件见建 换唤 查察茶 询寻 "
    "积机鸡及 分芬纷 会汇惠 员园圆元 客刻课 服福付负 人仁认 工公功 钱前 款宽 怎 样洋 开凯 店电点典 "
    "家加价架 有又友由 多朵 少烧绍 可渴 以已意易 能 不布部步 要药 取去曲 消销小效 地帝弟 址止指纸 "
    "改该概 买卖 坏怀 错措 好号 号耗 问文闻 题提 谢泄 再在 见件 等登 级集急 活货 动东洞 优忧 券劝 "
    "送松 修休 保宝报 质制 期七妻 几己记 天田 号好 包胞 裹果 运韵 费飞废 出初 库哭 商伤 品频 颜言 色"
).split()
"""Groups of everyday characters that sound alike, tones and similar finals apart."""
_SWAPPED = 0.2
_DROPPED = 0.05
"""Three times what the recogniser leaves out of ../shared/speech (5 of 298 characters, and 47 are others)."""
_ALIKE: dict[str, str] = {}
for _group in HOMOPHONES:
    for _char in _group:
        _ALIKE[_char] = _ALIKE.get(_char, "") + _group.replace(_char, "")


def homophones(text: str, draw: int = 0) -> str:
    """Replace a fifth of the Chinese characters, at least one, by others of the same sound."""
    dice = random.Random(f"sound {draw} {text}")
    places = [at for at, char in enumerate(text) if _ALIKE.get(char)]
    dice.shuffle(places)
    chars = list(text)
    for at in places[: max(1, round(len(text) * _SWAPPED))]:
        chars[at] = dice.choice(_ALIKE[chars[at]])
    return "".join(chars)


def one_lost(text: str, draw: int = 0) -> str:
    """Leave out one character of a text of at least five: the shorter the text, the more of it is gone."""
    if len(text) < 5:
        return text
    at = random.Random(f"lost {draw} {text}").randrange(len(text))
    return text[:at] + text[at + 1 :]


def some_lost(text: str, draw: int = 0) -> str:
    """Leave out characters, each with a chance of one in twenty; never all of them."""
    dice = random.Random(f"some {draw} {text}")
    return "".join(char for char in text if dice.random() >= _DROPPED) or text


def said_digits(text: str, draw: int = 0) -> str:
    """Write figures as they are said, digit by digit."""
    return text.translate(str.maketrans("0123456789", "零幺二三四五六七八九"))
