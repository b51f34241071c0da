"""What customers ask next of a subject of the FAQ, in words that say little alone, and the entry that answers it.

"有有效期吗" may be about anything; right after an answer about gift cards it is about them. A whole question
needs no line here: the classifier knows it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from actions.dialogue.fragments import bare_question

PROMOTION = "promotion"
"""Instead of an entry: where coupons are had is told by that skill."""
COUPONS_ASKED = "coupons"
"""The choice with which it is asked for that."""

_LEAD = re.compile(
    r"^(要是|如果|万一|这个?|那个?|它|(我?想)?问一?下|我?想问|请问一?下|顺便|另外|还有|现在|一般|最后|话说|对了|[，,、 ])+"
)
_ASKS = re.compile(r"(?<=.)(不|没有?)$")
HOW = r"(怎么|咋|如何|怎样)(才能|才|去|样)?"
_WHERE = r"(在?哪里?|在?哪儿|去哪里?)(能|可以)?"
_CAN = r"(能|可以|能不能|可不可以|还能|也能|是不是能)"
_WHEN = r"(什么|啥)时候|几时|哪天|几号|多久|几天|多长时间"
_THEN = r"(怎么办|咋办|怎么弄|咋弄|呢)?"


def bare_of(text: str, noun: re.Pattern[str]) -> tuple[str, str]:
    """A question without what leads to it, ends it, or names what was spoken of anyway.

    Twice: as it is, and without a "不" that only asks ("能退不", but not "用不了").
    """
    bare = _bare(_LEAD.sub("", _bare(_LEAD.sub("", text))))
    bare = _bare(noun.sub("", bare))
    return bare, _bare(_ASKS.sub("", bare))


def asked_of[Key](
    text: str, noun: re.Pattern[str], meanings: Mapping[Key, re.Pattern[str]]
) -> Key | None:
    """What a bare question asks for: the first of the meanings whose words are the whole of it."""
    for bare in bare_of(text, noun):
        for key, words in meanings.items():
            if words.fullmatch(bare):
                return key
    return None


def _bare(text: str) -> str:
    bare = bare_question(text)
    return f"{bare}么" if bare.endswith("什") else bare


@dataclass(frozen=True)
class Next:
    """A bare question that customers ask after an answer."""

    entry: str
    words: re.Pattern[str]
    """The whole of it."""
    part: re.Pattern[str]
    """What in the entry's answer it is about, where that was told already."""


@dataclass(frozen=True)
class Subject:
    """A subject: what is said of it, and what is asked next."""

    entries: re.Pattern[str]
    """The FAQ entries that are about it."""
    noun: re.Pattern[str]
    """What it is called, left out before a question is compared."""
    following: tuple[Next, ...]

    def next(self, text: str) -> Next | None:
        """The question that a text asks on with."""
        for bare in bare_of(text, self.noun):
            for question in self.following:
                if question.words.fullmatch(bare):
                    return question
        return None


def _subject(entries: str, noun: str, *following: tuple[str, str, str]) -> Subject:
    questions = (Next(e, re.compile(words), re.compile(part)) for e, part, words in following)
    return Subject(re.compile(entries), re.compile(noun), tuple(questions))


GIFT_CARDS = _subject(
    r"gift_card_",
    r"(电子|实体)?(礼品|购物|储值)卡|^卡",
    (
        "gift_card_lost",
        r"丢|挂失",
        rf"(弄?丢|掉|找不到|找不着|不见)(了|的话)*{_THEN}|丢了?{_CAN}(补|挂失|找回)|{_CAN}?(补|挂失|冻结)|被(偷|盗|别人用).*",
    ),
    ("gift_card_lost", r"密码", r"(卡)?密码?(忘|看不清|刮花|刮坏|刮没).*"),
    (
        "gift_card_expiry",
        r"延期",
        rf"过期(了|的)?(还{_CAN}?用|{_CAN}延期?|{_THEN})|到期(了)?{_THEN}|{_CAN}延期?",
    ),
    (
        "gift_card_expiry",
        r"有效期",
        rf"有?(有效期|期限|使用期限)(是|有)?(多久|多长|几年)?|会?不?会?(过期|作废|失效)|{_CAN}?(用|放|管|保留|有效)({_WHEN}|几年|到(什么|啥)时候)|({_WHEN}|几年)(过期|到期|失效|作废|有效)?|有时间限制",
    ),
    (
        "gift_card_balance",
        r"余额",
        rf"(里面?|里头|卡里)的?(钱|余额)|(里面?|里头|卡里)?还?(有|剩)(多少|几块|几)(钱|块|余额)?|余额(是|有|还有)?(多少|几块)?|(余额)?({HOW}|{_WHERE})(看|查)(余额|到)?|查余额",
    ),
    (
        "gift_card_refund",
        r"退|提现",
        rf"({_CAN}|{HOW})?(退|退款|退钱|退卡|提现|取出来|换钱|换成?现金|转让)(款|钱|掉)?|不想?要(了)?{_THEN}|买(错|多)(了)?({_THEN}|{_CAN}退)",
    ),
    ("invoice_amount_scope", r"礼品卡", rf"({_CAN}|给|{HOW}|会)?开(发票|票)"),
    ("gift_card_buy", r"购买|门店", rf"({_WHERE}|{HOW})?(买|卖|购买|有卖|有得买)(到|得到)?"),
    (
        "gift_card_buy",
        r"\d 元|面值",
        r".{0,4}(面值|面额|金额).{0,4}|(最大|最小|最多|最少)(是|有)?(多少|多大).{0,3}|有?(多大|多少钱?|几种)",
    ),
    (
        "gift_card_buy",
        r"打折|用券",
        rf"{_CAN}?打折|有?(优惠|折扣)|{_CAN}?便宜(点)?|(买的时候)?{_CAN}用券(买)?",
    ),
    (
        "gift_card_buy",
        r"电子卡|实体卡",
        rf"({HOW}|{_CAN})?(寄|邮寄|送货|发货)|包邮|({_WHEN})(能|会)?(到|到账|寄|送到|收到|发)|有?(实体|电子)(的|卡)?|(实体|电子)(的|卡)?(还是|和|跟)(实体|电子).*",
    ),
    ("gift_card_buy", r"购买", rf"{_CAN}送人"),
    ("gift_card_use", r"门店", rf"(也)?{_CAN}?(在|去)?(门店|店里|线下|实体店).{{0,3}}(用|使|花)"),
    ("gift_card_use", r"\d+ 张|几张", rf"(最多|一次|一单)?{_CAN}?用(几|多少)张"),
    ("gift_card_use", r"余额|不够", rf"用不完{_THEN}|不够(付)?{_THEN}"),
    (
        "gift_card_use",
        r"绑定|勾选",
        rf"({HOW}|{_WHERE})?(用|使|使用|花|绑|绑定|激活|充|充值|付款?|输)(进去)?|(网上|线上|APP)?(也)?{_CAN}(网上|线上)?(用|使|花)|{_CAN}买(什么|啥).{{0,2}}",
    ),
    ("coupon_stack", r"礼品卡", rf"{_CAN}?(和|跟)(优惠)?券.{{0,3}}(一起|同时|叠加)(用)?"),
)

COUPONS = _subject(
    r"coupon_|promo_code|new_customer_gift|shipping_coupon",
    r"(我的?)?(这张|那张)?(优惠|免邮|满减|折扣|代金|新人)?(券|卷)|红包",
    (
        PROMOTION,
        "",
        rf"({HOW}|{_WHERE})(领|领取|弄|得|拿|抢)(到)?|有?({_WHEN}|几点)(更新|有|发|领|放|抢|上新)?(新的)?|(每天|每周)几点|有{_WHERE}领",
    ),
    (
        "coupon_expired",
        r"过期|到期",
        rf"({_WHEN})(过期|到期|失效|作废)|会?不?会?(过期|到期|作废)|有?(有效期|期限)(是|有)?(多久|多长|几天)?|{_CAN}用(多久|几天|多长时间)|(有)?(快)?(过期|到期)(了|的)*(有|{_THEN}|还?{_CAN}?(补|恢复|延期|用))",
    ),
    (
        "coupon_return",
        r"退",
        r"(退货|退款|退|取消)(了|掉|的话|订单|以后|之后|后)*(还|会|能|就|是不是)*(退|给|在|返|还|回来|回|没)(给)?(我|回来|还)?",
    ),
    (
        "coupon_transfer",
        r"绑定|转送",
        rf"{_CAN}?(送|转|给)(送|给)?(人|别人|朋友|家人|老婆|老公|我.{{1,3}})(用)?",
    ),
    (
        "coupon_not_usable",
        r"不可用原因",
        rf"((怎么|为什么|为啥|咋)?(就|都|老是|显示)?(用不了?|不能用|用不上|不让用|没法用|选不了|选不中|点不了|是?灰的?色?)){_THEN}",
    ),
    (
        "coupon_stack",
        r"两张券",
        rf"(一次|一单|一笔)?{_CAN}?用(几|多少|两|2)张|几张|{_CAN}?(两张|几张){_CAN}?(一起|同时|叠加?)(着)?(用|使|使用)?",
    ),
    (
        "coupon_stack",
        r"叠加",
        rf"{_CAN}?(和|跟)?(积分|满减|会员.{{0,3}}|红包|礼品卡|别的|活动|折扣)?{_CAN}?(一起|同时|叠加?)(着)?(用|使|使用)?",
    ),
    (
        "coupon_rules",
        r"门槛|范围",
        rf"(哪些|什么|啥)(东西|商品)?{_CAN}?用|{_CAN}买(什么|啥).{{0,2}}|有?(什么|啥)?(门槛|条件|限制|要求)|要?满(多少|几).{{0,3}}|(都|全场|全部|所有).{{0,3}}{_CAN}用",
    ),
    ("coupon_rules", r"结算|每单", rf"({HOW}|{_WHERE})(用|使|使用)"),
)

INSTALMENTS = _subject(
    r"installments",
    r"分期(付款)?",
    ("installments", r"\d 期|\d+、", rf"{_CAN}?分?(几|多少|\d+)(期|个月)"),
    (
        "installments",
        r"手续费|免息",
        r"(要|有|收)?(没有)?(手续费|利息)(是|要)?(多少|怎么算|高|贵)?|有?免息",
    ),
    ("installments", r"满", rf"(最低|满|要)?多少(钱)?(起|以上|{_CAN}分)?"),
    ("installments", r"花呗|信用卡", rf"{HOW}(分|弄|操作|办|选)"),
)

DOUBLE_PAYMENT = _subject(
    r"double_payment",
    r"(多扣|多付|重复)的?(那笔)?(钱)?|^钱",
    (
        "double_payment",
        r"工作日",
        rf"({_WHEN})(能|会|才)?(退|退款|到账|到|还|回来)(回来|给我|到账)?",
    ),
    ("double_payment", r"自动", rf"{HOW}(退|弄|办|处理)|(会)?自动退(回来|给我)?"),
    (
        "double_payment",
        r"同事|付款时间",
        rf"(一直|还是|还)?没(有)?(退|到账?)(回来|的话|给我)?{_THEN}|不退{_THEN}",
    ),
)

SUBJECTS = (GIFT_CARDS, COUPONS, INSTALMENTS, DOUBLE_PAYMENT)


def asked_next(text: str, last: str) -> Next | None:
    """What a bare question asks for after the entry told last, if it goes on with that subject."""
    subject = next((s for s in SUBJECTS if s.entries.match(last)), None)
    return subject.next(text) if subject else None
