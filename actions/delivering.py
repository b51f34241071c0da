"""How we deliver, asked by somebody who may have no order yet: to where, when, by whom, in how many days."""

from __future__ import annotations

import re

from actions.dialogue import bare_question

_PLACES = "乡下|农村|村里|村子|我们村|乡镇|镇上|县城|县里|山区|山里|偏远|岛上|牧区|新疆|西藏|青海|内蒙|宁夏|甘肃|海南|东北|云南|贵州|拉萨|乌鲁木齐"
_ABROAD = "国外|海外|境外|香港|澳门|台湾|美国|加拿大|日本|韩国|英国|法国|德国|澳洲|澳大利亚|新加坡|马来西亚"
_SENDS = r"(发货?|寄|送货?|配送|邮寄?|到货|发快递|派送)"
_ASKS = r"[吗么嘛不没？?]|能不能|可不可以|可以|能"
_DAYS = r"(要|得|大概|一般)*(几天|多久|多长时间|什么时候|啥时候|几时)(能|可以|会)?(收到货?|到货?|送到|发货?|发出|寄出|到家)"
_AN_ORDER = re.compile(
    r"我的|我买|我那|这[单个件]|那[单个件]|订单|退|换货|发票|没到|还没|[到发]了|怎么还|昨天|前天|上周"
)
_ENTRIES = (
    (
        re.compile(rf"({_SENDS}.{{0,6}}({_ABROAD})|({_ABROAD}).{{0,6}}{_SENDS})"),
        "overseas_shipping",
    ),
    (re.compile(rf"({_SENDS}.{{0,6}}({_PLACES})|({_PLACES}).{{0,6}}{_SENDS})"), "remote_areas"),
)
_SENTENCES = (
    (
        re.compile(
            rf"(周末|周[六日天]|星期[六日天]|礼拜[六日天]|节假日|假期|过年|春节|国庆|元旦).{{0,6}}{_SENDS}"
            rf"|{_SENDS}.{{0,3}}(周末|节假日)"
        ),
        "utter_delivery_weekend",
    ),
    (
        re.compile(
            r"(指定|预约|约|选|定).{0,3}(时间|几点|时段|日期|哪天).{0,3}(送|派|配|到|收)|(送|派送|配送|送货|收货).{0,2}(时间|时段).{0,3}(指定|选|约|定)|定时(送|达|配)"
        ),
        "utter_delivery_slot",
    ),
    (
        re.compile(
            r"(发|走|用|寄|送)的?是?(什么|啥|哪家|哪个)的?快递|^(你们|你家|一般|默认|都)*(发|用|走|是)?(什么|啥|哪家)快递"
        ),
        "utter_delivery_carrier",
    ),
    (
        re.compile(
            rf"(一般|正常|通常|平时|下单(后|了|以后)?|付款(后|了|以后)?|现在(买|下单|拍)).{{0,6}}{_DAYS}"
        ),
        "utter_delivery_days",
    ),
)
_BARE_DAYS = re.compile(rf"(到|寄到|送到|发到|发)?([一-鿿]{{2,4}})?{_DAYS}")


def delivery_entry(text: str) -> str | None:
    """The FAQ entry about where we deliver that a text asks for."""
    if _AN_ORDER.search(text) or not re.search(_ASKS, text):
        return None
    return next((entry for words, entry in _ENTRIES if words.search(text)), None)


def delivery_sentence(text: str, *, shopping: bool) -> str | None:
    """Our sentence about when and by whom we deliver, if a text asks for that.

    Args:
        text: what was said.
        shopping: whether goods or rules were spoken of last, so that a bare "几天能到" means no parcel.
    """
    if _AN_ORDER.search(text):
        return None
    if shopping and _BARE_DAYS.fullmatch(bare_question(text)):
        return "utter_delivery_days"
    return next((sentence for words, sentence in _SENTENCES if words.search(text)), None)
