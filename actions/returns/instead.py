"""What a customer with a bad purchase wants and a return is not: each is for a person to settle."""

from __future__ import annotations

import re

from actions.returns.goods import GOODS

_EXCHANGE = re.compile(
    r"换货|换一[件个双条台套支]|换个(?![手收地电号订单问])|换新|调换|换[大小]|换[SMLX码]|换[成个]?[^号手]{0,2}[色码款]"
    r"|^(那|就|还是|给我|帮我|我|想|要|能|可以|直接|[，,。 ])*换(货|一?[个件]|吧|了|掉|呗|[，,。！ ])*$"
)
_NO_RETURN = re.compile(r"不(是|想|要)*退")
_RESEND = re.compile(
    r"补[发寄送](?!票|发票)|补(一?[个件瓶只支套包袋])(?!差|税|票|钱)|重发|再[发寄](一?[个件份])|重新[发寄]"
    r"|不(要|想|用)*退[款钱][，, ]*我?[就只]?要(?!补|赔|便宜|钱)"
)
_NO_RESEND = re.compile(
    r"(不|别|不用|不要|不想|不需要)(要|用|给我|再|你们?)*(补[发寄送]?|重发|再[发寄])"
)
_REFUND_ONLY = re.compile(
    r"[仅只]退[款钱](?!.{0,2}(多少|这|[\d一两几]))|不(退货|想寄|用寄|寄|想退货).{0,8}(退[款钱]|退给?我钱)|(退[款钱]|退给?我钱).{0,3}不(退货|寄)"
    r"|直接(把钱)?退[款钱钱]?给?我?(钱|[款])?.{0,6}不.{0,2}寄"
)
_MISSING = re.compile(
    r"少[发寄给装]|漏[发寄装]|发少|少了(?!点)|漏(了|掉)?[一两1-9][个件样盒瓶袋]|少[一两1-9][个件样只瓶袋双条盒包]"
    r"|没(给我)?[发寄装][全齐]|缺[了少]?[一两1-9几]?[个件样只瓶袋]|缺[件货]|里面?只有"
    r"|(?<![家柜站箱])里面?(没有?|少|缺)(?![问瑕异毛味拆])|只(收到|寄来|发来|[发寄到来]了)(?!货)"
    r"|(没有?|缺|少)(了|个)?(配件|说明书|盖子|滤芯|插头|电源线|充电线|充电器|遥控器|螺丝|赠品)"
    rf"|{GOODS}(呢|都|还|怎么|根本)?(没有|没[收见看找]到?|没给|没[发寄送])[啊呀呢了]?([，,。！!？? ]|$)"
)
_MONEY = re.compile(
    r"补(点|些|一?点|我|偿|差|钱)|赔(点|我|一?点|一[瓶个件份]|钱|偿|付)|便宜(点|些|一点|我|几)|(能|可以|给我?).{0,3}打(个|点)?折|优惠[点些]"
    r"|退我?(一?点|一?部分|一半|[一二两三1-9][瓶个件份包袋盒]的?|差价|我点)的?钱|退差价|折价"
)
_NO_PROOF = re.compile(
    r"没.{0,4}(医院|证明|病历|医生|就医|看病)|(要|需要|用).{0,3}(医院|证明|病历).{0,4}[吗么]|(一定|必须|非|还|都)(得|要|需要).{0,4}(医院|证明|病历)|(哪里?|怎么)(开|弄|有).{0,2}证明"
)

REFUND_ONLY = "utter_refund_only_offer"
"""The sentence for money without sending anything back."""

MISSING = "utter_return_missing_offer"
"""The sentence for what did not come with the rest."""


def instead_in(text: str) -> str | None:
    """The sentence that offers a person for what is wanted instead of a return, if anything is.

    Args:
        text: what was said, with ``GOODS`` instead of the goods' names.
    """
    if wants_refund_only(text):
        return REFUND_ONLY
    if _RESEND.search(_NO_RESEND.sub("", text)):
        return "utter_return_resend_offer"
    if _MONEY.search(text):
        return "utter_return_money_offer"
    if _MISSING.search(text):
        return MISSING
    return "utter_exchange_offer" if wants_exchange(text) else None


def wants_refund_only(text: str) -> bool:
    """Whether money is wanted back without sending the goods back."""
    return bool(_REFUND_ONLY.search(text))


def wants_exchange(text: str) -> bool:
    """Whether an exchange is wanted and not a return."""
    return bool(_EXCHANGE.search(text)) and "退" not in _NO_RETURN.sub("", text)


def lacks_proof(text: str) -> bool:
    """Whether there is no paper of a doctor, or it is asked whether one is needed."""
    return bool(_NO_PROOF.search(text))
