"""Takes off when, where and for whom something was bought, and for whom one asks: 「我上周在你们店买的裙子……」「帮我妈问的，……」「帮我看下……」.

Customers tell it before any matter, and to a classifier of n-grams it sounds like a question of an order. The goods stay. Where
it matters when something was bought (「昨天买的，今天就降价了」) all of it stays.
"""

from __future__ import annotations

import re

from engine.nlu.goods import GOODS, with_goods_alike

_MARKS = r"[,.。!~、;: ]"
_NUMBER = "[0-9一二两三四五六七八九十几]"
_FOLKS = "(?:爸妈|妈妈?|爸爸?|爷爷|奶奶|老公|老婆|媳妇|对象|男朋友|女朋友|朋友|同事|孩子|宝宝|儿子|女儿|闺女|家里?人?|别人|邻居)"
_WHEN = (
    "(?:今[天早晚]|昨[天晚日]|大?前天|前(?:几天|两天|段时间|阵子)|刚刚?|刚才|(?:上|这)?个?(?:周|星期|礼拜)[一二三四五六日天末]?|"
    f"上个?月|去年|今年|年前|月[初底中]|(?:双(?:十[一二]|1[12])|618|六一八)(?:的时候|那天|当天)?|{_NUMBER}+(?:个?月|[天号日])前?|"
    "[早晚]上|中午|[上下]午|夜里|凌晨|之前)"
)
_WHERE = "(?:[在从](?:你们?|您|咱们?|贵)?(?:这[里边儿]?|那|家|店铺|店里|店|旗舰店|官网|直播间|小程序|网上|商城))"
_BUYING = f"我?(?:是|就)?{_WHEN}*我?(?:[给帮]我?{_FOLKS})?{_WHERE}?(?:刚刚?|才|又|网)?(?:购?买|订购?(?!单)|拍|抢|下单|下|付款?)"
_ASIDES = (
    rf"{_BUYING}(?:的|了)?(?:单|款|东西|货)?了?{_MARKS}+(?=.{{4}})",
    rf"(?:这是|我)?(?:是)?[帮替]我?{_FOLKS}来?问(?:的|下|一下)?{_MARKS}+(?=.{{4}})",
    rf"我(?:是|就是)?(?:你们?|您|咱们?)?(?:这|家|店|店里)?的?[老新]?(?:会员|顾客|客户|用户|粉丝)了?{_MARKS}+(?=.{{4}})",
    rf"(?:麻烦|请)?[你您]?[帮给]我[看瞅瞧](?:一下|下|看|一看){_MARKS}*(?=.{{4}})",
)
_ASIDE = re.compile("|".join(_ASIDES))
_BOUGHT = re.compile(
    f"{_BUYING}(?:[过到]?的|了{_NUMBER}*)(?:[那这][一两几]?)?[件条双台套个款只把盒箱瓶本部张袋包]?"
)
_SHORTEST = 3
"""Characters that must follow the goods."""
_PRICES = re.compile("降|便宜|差价|保价|贵|活动|优惠|钱")


def without_circumstances(text: str) -> str:
    """Return a text, in the form that ``reading`` gives, without the circumstances that it begins with."""
    aside = _ASIDE.match(text)
    if aside:
        left = text[aside.end() :]
    else:
        bought = _BOUGHT.match(text)
        left = text[bought.end() :] if bought else ""
        alike = with_goods_alike(left)
        if not alike.startswith(GOODS) or len(alike) <= _SHORTEST:
            return text
    return text if _PRICES.search(left) else left
