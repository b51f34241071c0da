"""Why something is sent back: what customers say, by groups of meaning."""

from __future__ import annotations

import re
from dataclasses import dataclass


@dataclass(frozen=True)
class Reason:
    """A reason for a return; ``defective`` means that the fault is ours."""

    title: str
    defective: bool = False


_FAULTY = Reason("质量问题", True)
_WRONG = Reason("发错或少发", True)
_SIZE = Reason("尺码或规格不合适")
_UNLIKE = Reason("和描述不符")
_UNWANTED = Reason("不喜欢或不想要了")
REASONS: tuple[Reason, ...] = (_FAULTY, _WRONG, _SIZE, _UNLIKE, _UNWANTED)
"""The reasons offered, in this order."""

ALLERGY = Reason("过敏", True)
"""Never offered, but said: some categories want a proof for it."""

_ALLERGIC = re.compile(
    r"(?<![防抗不没怕会])过敏|红疹|起.{0,2}疹|疹子|红肿|刺痛|火辣|辣疼|灼(热|痛|伤)|烧脸|肿了|泛红|脸.{0,3}(红|肿|疼|痛|烂)"
    r"|起了?.{0,3}(疙瘩|痘|水泡|红点)|[长爆闷]痘"
)
_ITCHES = re.compile(r"痒")
_WORN = re.compile(r"穿|盖|睡|扎|戴")
"""Cloth that itches is uncomfortable; it is the skin that reacts to what is put on it."""

_TORN = r"(?<![什是])破(?=[了损洞的开裂碎口皮个一漏烂]|$|[，,。！!\s])|[磨划打撕挤压摔碰弄全都]破|破(?=.{0,2}个?洞)"
"""Torn goods; "什么破规定" only swears."""

_FAULT = re.compile(
    # broken, torn, marked
    rf"坏|质量(?!挺?好|很好|不错|可以|还行|没问题|没毛病)|瑕疵|次品|残次|裂|碎|烂(?!公司|客服|店|平台|服务|态度)|{_TORN}|变形|凹|塌|豁|磕"
    r"|(?<!打)折了|(?<![判不])断(了|开|裂|掉)|缺角|划[痕伤]|刮[痕花]|磨损|生?锈|松(动|脱)|晃"
    r"|漏(?!发|寄|送|给|装|配|了?[一两1-9][个件样盒瓶袋])"
    # does not work
    r"|不能用|用不了|没反应|故障|失[灵效]|不(工作|通电|加热|制热|亮|转(?![人账接给])|动|响|灵|好使)|就不行了|不热(?!情)"
    r"|不(出|喷|吹)[雾水风气粉热]|没(了|有)?(声音|雾|风|电|蒸?汽)|充不[进上了]|[开打]不[开了](?!票)|不?启动(不了)?|死机|短路|跳闸|异响|接触不良|连不上"
    # spoilt
    r"|变质|发?霉|哈喇|哈[味喇]|馊|[变发]酸|酸了|保质期|临期|过期(食品|货|的)|受潮|[返发]潮|潮了|潮湿|融化|[糖都全]化了|[有生长]了?.{0,1}虫|虫子|[长发]了?毛|胀袋|异物"
    r"|不新鲜|[变发]([黑黄]|色)|结块"
    # smells
    r"|[异怪]味|臭|刺鼻|难闻|(?<!没)有(一?股|点|很大的?)?味(?!道(还|挺|很)?(好|不错))|(?<!口)味[道儿]?(很|太|好|特别|有点|这么)?[大重冲]|一股.{0,4}味"
    # wears badly
    r"|起[球毛]|[掉跑飞]毛|[跑钻掉]绒|[掉褪退脱染]色|颜色(都|全)?[掉退]|[开脱跳]线|线头|[勾抽]丝|有(个|一个|些|好多|好几个)?洞|缩水|缩了|污渍|脏|有(个|块|点|一块)?[斑渍印污]"
    r"|掉(扣|漆|皮|渣|粉|片)|涂层|起皮|脱[皮胶]|开胶|(别人|被人|有人)(用|穿|拆|退)过|二手|旧的|使用痕迹"
    r"|(?<!没)有(点|些|严重)?(问题(?!想问|要问|问|咨询)|毛病)"
)
_SENT_WRONG = re.compile(
    r"[发送寄拿装配]错|错[发送货]|不是我[买要订拍选]|不对版|(发|寄|送)来?的(不是|是别)"
    r"|[买要拍订]的?是?.{1,10}(来的|发的(?!货)|发来|寄来)"
)
_SHORT = re.compile(r"少[发寄给装]|漏[发寄装]|发少|少了")
_NOT_LIKE = re.compile(
    r"描述|不符|不一样|色差|颜色(不对|太?[深浅暗])|实物|[跟和与同]图|假货|假的|是假|仿[冒品]|山寨|货不对板|[跟和]?宣传"
)
_LOUD_OR_DEAR = re.compile(
    r"吵|噪[音声]|(声音|动静)[^不]{0,3}[大响]|太贵|贵了|买贵|价格.{0,2}高|不值|不划算|太香|味道?不喜欢"
)
_FITS_NOT = re.compile(
    r"尺[码寸]|大小|(?:太|偏|有点|有些|稍微?|略|过于|特别|很)[大小长短宽窄肥瘦紧松厚薄高矮](?!时|段|期|意)"
    r"|(?<![抓赶要])[大小长短宽窄肥瘦紧松厚薄](?:了|一码|一号)|不合适|不合身|(腰|袖|裤[腿脚]|肩|胸|领|臀|裆|鞋)[子围口身]?[大小长短宽窄紧松肥]|规格|[穿套]不[下上进了]|勒|[装放]不下|码数?不[对合]|显大"
)
_NOT_WANTED = re.compile(
    r"不喜欢|不想要|不要了|[买拍](错|多|重|亏)|多买|重复|后悔|[用穿吃]不[上着到]|无理由|不需要"
    r"|不(好|太好)[吃喝用看闻穿搭洗]|难[吃喝用看穿]|[用穿吃喝]不惯|不习惯|不合(口味|心意)"
    r"|没(什么|啥|有|任何|有任何|有什么)?(效果|作用|用处)|[无没]效|(?<![还我])没用(?![过几完])|不管用|不起作用"
    r"|痒|扎(人|皮肤|肉|得|脖)|不舒服|不透气|闷热|太[硬软沉重甜咸腻油干辣苦淡滑]|[硬软沉重]了|不暖|不保暖|显[胖黑老矮]|太麻烦|复杂"
    r"|(家里?人|老公|老婆|爱人|对象|孩子|小孩|宝宝|儿子|女儿|爸|妈|老人|朋友|他|她)(都|说|又)?(不[要让喜用穿吃肯同]|嫌|没看上)|别人(也)?送了|家里(已经|都|还)?有[了一]"
    r"|(没|无|没有)(什么|啥)?(特别的?)?(原因|理由)|不为什么"
)
_ANY = re.compile(
    r"就(是)?(单纯)?(想|要)退|随便|随意|其[他它]|别的|都行|都可以|你(看着)?[填写选]|不(想|方便)说|没啥|没什么"
)
"""Said only in answer to our question: then no reason is the reason."""

_SIGNS: tuple[tuple[re.Pattern[str], Reason], ...] = (
    (_FAULT, _FAULTY),
    (_SENT_WRONG, _WRONG),
    (_SHORT, _WRONG),
    (_LOUD_OR_DEAR, _UNWANTED),
    (_NOT_LIKE, _UNLIKE),
    (_FITS_NOT, _SIZE),
    (_NOT_WANTED, _UNWANTED),
)
_DENIED = re.compile(
    r"(不是|没有?|并非|不算)(因为|什么|啥)?(质量问题?|坏|破损|破|裂|漏|瑕疵|毛病|问题|异味|污渍|起球|掉色|发错)"
)


def reason_in(text: str) -> Reason | None:
    """The reason that a text gives, or None; what it denies ("不是质量问题") is none.

    Args:
        text: what was said; the goods' names should be taken out ("破壁机" is not broken).
    """
    text = _DENIED.sub("", text)
    named = next((r for r in REASONS if r.title in text), None)
    if named:
        return named
    if allergic_in(text):
        return ALLERGY
    return next((reason for sign, reason in _SIGNS if sign.search(text)), None)


def reason_answered(text: str) -> Reason | None:
    """The same where a reason was asked for: none in particular counts there."""
    return reason_in(text) or (_UNWANTED if _ANY.search(text) else None)


def allergic_in(text: str) -> bool:
    """Whether somebody's skin or body does not bear it."""
    itches = _ITCHES.search(text) and not _WORN.search(text)
    return bool(_ALLERGIC.search(text) or itches)


def fault_in(text: str) -> bool:
    """Whether a fault or an allergy is spoken of."""
    text = _DENIED.sub("", text)
    return bool(_FAULT.search(text)) or allergic_in(text)
