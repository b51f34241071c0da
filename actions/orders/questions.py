"""What is asked about a parcel beyond where it is: who carries it, from where, to whom, whether it is lost."""

from __future__ import annotations

import re
from enum import StrEnum

MAX_QUESTION = 32


class Question(StrEnum):
    """A question that the record of an order or parcel answers, or that we cannot see the answer of."""

    NOT_REFUSED = "not_refused"
    REFUSE = "refuse"
    INTERCEPT = "intercept"
    DOOR = "door"
    MISSED_CALL = "missed_call"
    COURIER_UNREACHABLE = "courier_unreachable"
    COURIER_PHONE = "courier_phone"
    CARRIER_PHONE = "carrier_phone"
    OTHER_CARRIER = "other_carrier"
    CARRIER = "carrier"
    GOODS = "goods"
    LOST = "lost"
    FROM = "from"
    TO = "to"
    SPLIT = "split"
    HUB = "hub"
    HOURS = "hours"
    SLOW = "slow"
    CANCELLED = "cancelled"
    BUY_AGAIN = "buy_again"
    PAID = "paid"


_CARRIERS = "顺丰|京东|中通|圆通|申通|韵达|邮政|EMS|极兔|德邦"
_WORDS: tuple[tuple[Question, re.Pattern[str]], ...] = (
    (
        Question.NOT_REFUSED,
        re.compile(
            r"没有?拒|[不没]是我拒|谁.{0,2}拒收|(显示|写着?|说)(是|我|客户|收件人|已)?.{0,2}拒[收签]"
        ),
    ),
    (Question.REFUSE, re.compile(r"拒[收签]|不签收|(?<!回)不收(?=[了吧行货]|$)")),
    (
        Question.INTERCEPT,
        re.compile(
            r"拦(截|下|住|回)|(地址|收[货件]人)(.{0,4}(填|写|留|弄|选|搞|输))?.{0,2}错"
            r"|(寄|送|发|填)(到|去|成)了?(老家|公司|单位|学校|宿舍|以前|之前|原来|旧|别人|另)"
        ),
    ),
    (
        Question.DOOR,
        re.compile(
            r"送货?上(门|楼|来)|送.{0,4}上(门|楼|来)|送货到家|送(到|回)?(家里|我家|门口)(?!.{0,2}了)|送家(?!了)|上门送"
            r"|(别|不要|不想|不用|(?<!能)不能|不许|非要|非得|只肯|又|总是?|老是?)(给我|让他?|帮我|再)?(放|丢|扔|搁)(到|在|去|进)?(驿站|快递柜|柜|丰巢|门卫|代收)"
        ),
    ),
    (
        Question.MISSED_CALL,
        re.compile(
            r"(电话|打来|快递|小哥|派送员|他).{0,8}我?(没|漏|未)(有)?接|我?(没|漏)接(到|着)?.{0,4}(电话|快递)|(他|还|快递员|小哥)会?不?会?再(打|送|来|派)"
        ),
    ),
    (
        Question.COURIER_UNREACHABLE,
        re.compile(
            r"打不通|没人接|不接(我)?(电话|$)|一直(占线|关机|忙)|联系不(上|到)|(电话|他|小哥|快递员).{0,3}(不接|关机|占线|空号|停机)"
        ),
    ),
    (
        Question.COURIER_PHONE,
        re.compile(
            r"(快递员|派送员|配送员|小哥|师傅|骑手|派件员).{0,6}(电话|联系方式|号码|手机)|电话.{0,4}(快递员|派送员|小哥|师傅)|他的?(电话|号码|手机)"
            r"|^(那|有|有没有)?电话(号码)?(呢|多少|是多少|有吗|给我|发我)?[啊吗？?]*$"
        ),
    ),
    (
        Question.CARRIER_PHONE,
        re.compile(
            r"(快递|物流|快运|速运|承运)(公司|方|商|那边)?的?(客服|官方)?(电话|热线|号码|联系方式)|(怎么|如何|咋)(联系|找)(快递|物流)"
        ),
    ),
    (
        Question.OTHER_CARRIER,
        re.compile(
            rf"(换|改|指定|选)(一?[个家]|成|发|用|走)?(别的|其他|其它)?(快递|物流|{_CARRIERS})|不(能)?(发|走|用|寄)({_CARRIERS})"
        ),
    ),
    (
        Question.CARRIER,
        re.compile(
            r"(?<!为)(什么|啥|哪家|哪个|谁家)的?(快递|物流)(?!信息|状态|情况|进度|消息|记录|.{0,4}[没不慢停到])"
            r"|(快递|物流)(公司)?(是|用的?|走的?|发的?)?(哪家|谁家|什么公司|啥公司|叫什么|叫啥)"
            r"|(走|发|用|寄)的.{0,2}(哪家|谁家)|(?<!订)(?<!退货)单号(?!码?是?\d)|运单"
            rf"|({_CARRIERS})(快递)?[吗么嘛不]|^(那|是)?(谁|哪家)(来|给我|负责)*(送|派送|配送|派件)的?[啊呢呀？?]*$"
        ),
    ),
    (
        Question.GOODS,
        re.compile(
            r"^[那这一共里面个单笔订买包裹边的我都]*(有|装了?|买了?)(些)?(什么|啥|哪些|哪几样)(东西|商品)?[啊呀呢来着？?]*$"
        ),
    ),
    (
        Question.LOST,
        re.compile(r"丢(了|件|失|掉|没)|(快递|包裹|东西|货|件).{0,3}(没影|失踪|不见了)|谁赔|赔"),
    ),
    (
        Question.FROM,
        re.compile(
            r"(从|在|是)?(哪里|哪儿|哪(?!天)|哪个(城市|地方|仓库?)|什么地方|啥地方)(发|寄)(的|货|出|过来|来)|发货地|哪个仓"
        ),
    ),
    (
        Question.TO,
        re.compile(
            r"(寄|送|发|填|留|写)(的是|的|到|往|去)(哪里|哪儿|哪个(地址|地方)|哪(?!里|儿)|什么地[址方]|谁)(?!.{0,2}了)"
            r"|收[件货](人|地址)(?!.*到哪)|(地址|电话|手机号).{0,2}(写|填|留|是|对)"
        ),
    ),
    (
        Question.SPLIT,
        re.compile(
            r"(为什么|为啥|怎么|咋|干嘛).{0,4}(分|拆)(开|成|两|几|了)|(一起|合并|同时)(送|寄|发|到)|分开(送|寄|发|到)"
        ),
    ),
    (
        Question.HUB,
        re.compile(
            r"(转运|中转|分拨)(中心|站)?.{0,3}(啥|什么|干嘛)|去(转运|中转|分拨).{0,3}[拿取提]"
        ),
    ),
    (Question.HOURS, re.compile(r"(48|四十八)个?小时")),
    (
        Question.SLOW,
        re.compile(
            r"慢|^[这那到底又，, ]{0,4}(怎么回事|咋回事|什么情况)|[这那]么(久|多天|长时间)|好(几天|多天|久)了|都.{0,3}(天|周|星期|礼拜|个月)了|(为什么|为啥).{0,6}(没到|没动|不动|[不没]送|还没|[不没]发|没更新|才|久)|(怎么|咋|为什么|为啥).{0,6}才"
        ),
    ),
    (
        Question.CANCELLED,
        re.compile(
            r"(谁|我(都|又|可|也|根本|压根)?没有?|没人|怎么|为什么|为啥|咋|凭啥|自动|自己).{0,4}(取消|关闭|关了)"
            r"|(取消|关闭)(了|掉)?的?(原因|理由)|被(系统|你们)?(取消|关)"
        ),
    ),
    (Question.BUY_AGAIN, re.compile(r"(重新|再|还能|还可以)(买|下单|拍|购买|下一单)|恢复")),
    (Question.PAID, re.compile(r"(付|给|交)(过|了|完)(钱|款)|扣了?我?(钱|款)|已经付|付过")),
)
_REFUSING = (Question.NOT_REFUSED, Question.REFUSE)
_ELSEWHERE = re.compile(
    r"发票|退(?!回)|换货|换个?(地址|电话|人收)|到账|积分|会员|优惠|券|投诉|人工|客服[^电]|差评|取件|举报|保修|改(?!天)"
)


def elsewhere(text: str) -> bool:
    """Whether a text is about another subject, whatever it says of parcels."""
    return bool(_ELSEWHERE.search(text))


def question_in(text: str) -> Question | None:
    """The question of a text, the most telling first; None where nothing of the kind is asked."""
    kinds = (kind for kind, words in _WORDS if words.search(text))
    found = next(kinds, None)
    # Of a refused parcel the refund is part of the question.
    return found if found in _REFUSING or not elsewhere(text) else None
