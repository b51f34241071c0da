"""Rules of invoices that are the same for everybody, and need neither an order nor an identity."""

from __future__ import annotations

import re

from actions.asking_on import HOW, asked_of

_CAN = r"(能|可以|能不能|可不可以|还能|都能|支持|给)"
_INVOICE = r"(电子|纸质|普通?)?(发?票)"
_NOUN = re.compile(rf"^(你们|咱们?|这边|这里|家)*(的)?({_INVOICE})?(都)?")
_OF_MINE = re.compile(r"我(买|那|这|的|要|想|上)|这(单|笔|个)|那(单|笔|个)|帮我|给我|改|错|换|重")

_LONG = r"(多久|多长时间|几天|(什么|啥)时候)"
_RULES = (
    (
        "utter_invoice_kinds",
        rf"({_CAN}|是|开)*(的)?(是)?电子(发?票)?(的)?(还是|和|跟|或)纸质?(发?票)?(的)?|(是|{_CAN})?(开)?电子(发?票)?(的)?"
        rf"|(是|有)?(什么|啥|哪种|哪些|哪几种)(样的|类型|种类)?(的)?({_INVOICE})|{_CAN}开(什么|啥|哪些|哪种).{{0,4}}",
    ),
    (
        "utter_invoice_titles",
        rf"({_CAN}|是)*开?(个人|公司|单位|企业)(的)?(抬头)?(还是|和|或)(公司|单位|个人).{{0,4}}"
        rf"|{_CAN}开?(个人|公司|单位|企业|私人)(抬头|名字|名义)?(的)?({_INVOICE})?"
        rf"|(个人|公司|单位)(也)?{_CAN}开.{{0,4}}|抬头{_CAN}?(写|开|是)(个人|公司|单位).{{0,3}}",
    ),
    (
        "utter_invoice_until",
        rf"(最长|最晚)?(多久|多长时间|几天|几个月)(之?内|以内).{{0,2}}{_CAN}?(补)?开.{{0,3}}"
        rf"|(过了?|超过)?((?<=过)多久|(?<=了)多久|(一|半|几|两)个?(年|月)|去年|很久|以前|之前|上个?月|前几个月|\d+月份?)(的|以前|之前|前|买的?|订单|单子|东西|发?票|没开|现在)*(还)?{_CAN}(补开?|开).{{0,3}}"
        rf"|(现在|这会儿)?(补开)?(还)?(来得及|补得了|{_CAN}补开?).{{0,2}}|{_CAN}(补|后补|以后)开.{{0,2}}|有(时间|时效)限制.{{0,2}}"
        rf"|(下单|买|当时)的?(时候)?(没|忘).{{0,6}}{_CAN}补.{{0,2}}",
    ),
    (
        "utter_invoice_content",
        r".{0,6}(明细|品名|品类|类目|内容|项目|名目)(是|写|开|有|能|可以|怎么|显示)*.{0,8}"
        r"|(能|可以)?(不能)?(开|写)(成)?(办公|劳保|食品|日用|礼品|耗材|材料|文具|服务费|会议费|餐饮).{0,5}",
    ),
    (
        "utter_invoice_valid",
        rf"(电子的?)?({_CAN}|用来)*(报销|入账|抵税|抵扣|报账|做账).{{0,3}}|(有|是)?(法律)?效(力)?.{{0,3}}|(电子的?)?(和|跟)纸质(的)?一样.{{0,3}}",
    ),
    (
        "utter_invoice_free",
        rf"(开|补开)?({_INVOICE})?({HOW}|要|收|需要|用)?不?(要|用)?(另外|额外)?(收|加|交|付|花)?(手续费|税点|税钱|钱|费|税|收费)(的)?|(要|需要)?(加|收)(几个|多少)?(税)?点|免费(开)?(的)?|多少钱",
    ),
    (
        "utter_invoice_download",
        rf"({HOW}|在?哪里?|去哪里?|在?哪儿|{_CAN}|自己)*(下载|打印)(出来)?({_INVOICE})?",
    ),
    (
        "utter_invoice_when",
        rf"(一般|大概|通常)?(开|申请)?({_INVOICE})?(的话)?(要|得|需要)?{_LONG}(才)?({_CAN}|会)?(开|出|开好|出来|收到|到|发)?(好|来|邮箱)?",
    ),
    (
        "utter_invoice_how",
        rf"({HOW}|在?哪里?|在?哪儿|去哪)(可以|能)?(申请|开|弄|办|要|索取|补开)({_INVOICE}|票)?(的)?|(开|申请|补)({_INVOICE})?(的)?(流程|步骤).{{0,4}}"
        rf"|开?({_INVOICE})?(要|需要)(提供)?(什么|啥|哪些)(资料|信息|东西|材料)?|{_CAN}开({_INVOICE}|票)?|有({_INVOICE})",
    ),
)
_COMPILED = {name: re.compile(words) for name, words in _RULES}
WANTS_ONE = frozenset({"utter_invoice_how"})
"""Who asks this wants an invoice, and is asked for the order."""


def rule_asked(text: str) -> str | None:
    """The sentence that answers a general question about invoices; None for one about an order's."""
    return asked_of(text, _NOUN, _COMPILED)


def of_an_order(text: str) -> bool:
    """Whether an order of the speaker's own is spoken of ("我那单的发票")."""
    return bool(_OF_MINE.search(text))
