"""Small words that steer a dialogue: yes, no, never mind, the second one, another one."""

from __future__ import annotations

import re
from typing import Literal

Sensitive = Literal["despair", "minor", "hazard"]

_LONGEST = 24
"""Characters of a text that is nothing but a yes, a no, or the like."""
_STRIP = re.compile(r"[\s,，.。!！?？~～、;；:：…]+")
_YES = re.compile(
    r"^(?:(?:算了)?还是|那就?|就)?(嗯|恩|哦|好|好的|好吧|好呀|好啊|好滴|行|行吧|行的|可以|可以的|是|是的|是啊|对|对的|对呀|没错|要|要的|需要|确认|确定"
    r"|(确认|确定)(退货|退款|退|取消|兑换|换|开票|开|申请|办理)"
    r"|帮我催一?下?|催一?下|催吧?|没问题|ok|okay|yes|提交|提交吧|办吧|帮我办|换吧|退吧|同意|当然|就这个|就它|就这样|成|中|得|麻烦了|谢谢"
    r"|1|是这个|是这单)+[了吧的呀啊哈嘛哒呢]*$",
    re.IGNORECASE,
)
_NO = re.compile(
    r"^(不(?=$|[了对用行想必成中干吧呢啊呀哈谢我你那先还就再]|是(?!.+[吗么嘛]$)"
    r"|要(?=$|[了退换这那吧啊呀提取人转办麻开兑再先我你谢呢])|好(?![使使用吃看闻喝穿意])|太?(?:想|方便|需要)|需|可以|同意|确[认定]|接受|愿|打算|考虑"
    r"|转(?=[了吧啊呀人接]*$)|开(?![机不盖])|[办退换兑改买搞弄查问寄填留催聊说]|取消|提交|申请|麻烦)"
    r"|没有(?=[了啊呀呢哦吧哈的]*$)|否|别|先不|暂时不|改天|下次(吧|再)|过几天|no(?![a-z])|再看看|再想想"
    r"|我再看看|我再想想|考虑一下)"
)
_FILLS = re.compile(r"(?:[嗯恩哦噢啊呃额诶欸喂]|那个|这个|就是|然后|对了|[\s，,。.…?？~～])*")
_HUMS = re.compile(r"[嗯恩\s，,。.…~～]*")
_NO_FIRST = re.compile(r"^\s*(?:不|没有?|不是|不用|不要)\s*[，,。.!！;；…]")
_DENIES = re.compile(r"^(?:不|没有?)")
"""Begins like a no: what is none is not taken for one because a classifier thinks so."""
_ONLY_NO = re.compile(
    r"^(不|不了|不要|不用|不是|不行|不需要|没有|别|先不|先不要|先不用|先别|no)+[了啦啊吧哈谢呢的]*$",
    re.IGNORECASE,
)
_CANCEL = re.compile(
    r"^(?:(?:行吧?|好[的吧]?|嗯|哦|可以)(?=没事|算了|.{1,6}再说))?(那|还是|就|我|都|不对|不是)*(算了|取消|退出|停|结束|返回|重新开始|重来|当我没说|没事了?|先这样|不需要了?|算(?=吧*$)|(等|先)?(收到|拿到|到货?)(了|以后|之后)*再说"
    r"|(先|暂时|以后再|我|都|全都)*(不|别)(想|用|要|需要)?(取消|[办弄退换问查开要用申搞买])请?(货|票|询)?[了啦]?"
    r"|(退货|换货|退款|申请)(取消|不要|不办)了?|取消(退货|换货|申请|办理)|(还是)?(先)?留着)+"
    r"(谢谢|吧|了|啦|咯|喽|呗|嘛|哈|啊|哦|再说|等会再说)*$"
)
_HESITATES = re.compile(
    r"想想|想一?下|想好|考虑|犹豫|看情况|再说|但是?|不过|可是|如果|万一|要是|为什么|怎么|多少|什么|吗|问(?!题)"
)
_REPEAT = re.compile(
    r"^(啊|哦|嗯|喂|不好意思|抱歉|麻烦|请|你|您|能不能|可以|我|刚才|刚刚|那个)*"
    r"(再说一?[遍次下]|重复一?[遍次下]|再重复一?[遍次下]|没(有)?听(清楚?|见|到|明白|懂)|听不(清楚?|见)|说(的)?(什么|啥)(来着)?|啥意思|什么|啥)"
    r"(你?再?说一?[遍次下])?(可以|好|行)?[吗么吧呢了啊呀]*$"
)
_UNCLEAR = re.compile(
    r"[听看]不(太)?(懂|明白)|没看(懂|明白)|不(懂|明白|知道)(你们?)?(在)?(说|讲|什么意思)|(说|讲)的?(都是)?(什么|啥)(玩意儿?|东西|鬼)|^(这|那|你)?(是|说的)?(什么|啥)意思"
    r"|不会(弄|操作|搞|整)|^我?也?(不太|不)[会懂][啊呀的]*$"
)
_LONGEST_UNCLEAR = 18
_WHO_ARE_YOU = re.compile(
    r"^(你|您)?们?(到底|现在)?(不会)?(是|也是)(不是)?(真人|人工|机器人?|AI|人工智能|人|智能客服)(还是(真人|人工|机器人?|AI|人))?(吗|吧|么|啊|呀|在?回复|在?说话|客服)*$"
    r"|^(你|您)(是)?(谁|哪位|哪个)[啊呀呢]?$|^(你|您)叫(什么|啥)(名字|名儿?)?[啊呀呢]?$|^机器人$",
    re.IGNORECASE,
)
_WHAT_NOW = re.compile(
    r"^(那|这|可|可是|现在|我|你说|应该|该|要|哎|唉)*(怎么办|咋办|咋整|怎么整|怎样办)(才好|好|呢|啊|呀|嘛|了)*$"
)
_URGES = re.compile(
    r"催|(能不能|能|可以|麻烦|请|给我|帮我).{0,3}(快点|快些|加急|抓紧)|不能再?快(点|些)|急用|等着用|着急(用|要|等)|联系(一?下|上|到)?(快递|派送|配送|站点|仓库|财务|师傅|小哥|他)|给(快递|站点|仓库|他).{0,4}打(个)?电话|打(个)?电话(给|问|联系|催)(一?下)?(他|快递|派送员|师傅|小哥|仓库|站点)"
)
_URGED_OTHERS = re.compile(r"(别|不要|不用|再|老|一直)催|催(我|单的人|付)|不(是很|太|着)?急")
_THANKS = re.compile(
    r"^(好的?|嗯|太|非常|十分)*(谢谢|多谢|感谢|谢了|麻烦)(你|您|了|啦|啊|哦|帮忙)*$"
)
_CORRECTION = re.compile(r"^(不是|不对|错了|搞错|弄错|我说的不是|不要这个|我问的不是|我要的不是)")
_AGAIN = re.compile(
    r"^(那|就|请|麻烦|你|您|帮我|给我|我要|我想|可以)*"
    r"((再|重新)(帮我|给我)?(提交|试|办|申请|取消|兑换|换|开)|重试|重新来|再来)(一?[次下遍个]|试)?(吧|看看?|呗|好了)*$"
)
_OTHER = re.compile(
    r"(另外|另|别的|其他|其它)(一?[个单笔件]|的)?(订单)?|换(一?[个单笔](?!新)|别的|其他)|上一个|下一个|还有一[个单笔]|还有(别的|其他|没有)|(哪些|所有|全部)的?(订单|单子|快递|包裹)"
)
_LATEST = re.compile(r"最近|最新|刚[买下拍才]|最后一?[单笔个]|上一?[单笔]|新下的")
_NO_NUMBER = re.compile(
    r"(没有?(?!了)|不记得|不知道|忘了?|忘记|找不到|不清楚|没看到|哪里?(看|找|查)|在哪|怎么(看|找|查)|啥是|什么是|记不[得住清])"
)
_AUTHORITY = re.compile(
    r"举报|曝光|(?<!\d)(?:12315|12345|12305)(?!\d)|消协|消费者协会|工商|市场监管|监管局|起诉|告你们|律师|法院|报警|公安|媒体|记者|微博|抖音|小红书"
)
_SUPERIOR = re.compile(r"投诉|差评|领导|经理|主管|负责人|老板")
_SENSITIVE: dict[Sensitive, re.Pattern[str]] = {
    "despair": re.compile(r"自杀|自残|轻生|不想活|活不下去|想死|结束生命|跳楼|割腕"),
    "minor": re.compile(
        r"未成年|我.{0,2}(才|只有|今年)(十[一二三四五六七]?|1[0-7]|[6-9])岁"
        r"|(孩子|小孩|儿子|女儿|娃)(自己|偷偷|乱|误|瞎).{0,6}(买|下单|付|充|拍)"
    ),
    "hazard": re.compile(
        r"着火|起火|冒烟|爆炸|触电|漏电|被电|烫伤|烧伤|受伤|流血|中毒|住院|送医|窒息|毁容|烂脸"
        r"|过敏.{0,6}(严重|医院|肿)"
        r"|(?<![会怕免防不])[烫割划扎夹砸电][到着伤破]了?(我|手|脚|脸|嘴|腿|眼|孩子|宝宝|人)(?!.{0,4}[吗么])"
    ),
}
_FROM_THE_END = re.compile(r"倒数第?([一二两三四五六1-6])(?![次回遍趟天])")
_NTH = re.compile(r"第([一二两三四五六]|\d)(?![次回遍趟天])[个单笔件项种]?")
_DIGIT = re.compile(r"(?:选|要|就)?([1-9一二两三四五六])[个单吧号]?")
_THE_LAST = re.compile(r"最后一?[个单笔件项]|最下面|[下后]面那?[个单笔]")
_THE_FIRST = re.compile(r"最上面|上面那?[个单]|头一[个单]|前面那?[个单]")
_THE_MIDDLE = re.compile(r"中间那?一?[个单笔]")
_ORDINALS = {"一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5, "六": 6}


def _bare(text: str) -> str:
    return _STRIP.sub("", text)


def _is(words: re.Pattern[str], bare: str) -> bool:
    """Whether a short text is made of such words; long ones would take for ever, and never are."""
    return len(bare) <= _LONGEST and bool(words.match(bare))


def answer_in(text: str, intent: str = "") -> Literal["yes", "no"] | None:
    """Yes or no in a short answer; None when it is neither.

    The words decide before the classifier does: a change of data must never hang on a
    classifier that took "先别退" for a yes.
    """
    bare = _bare(text)
    if _FILLS.fullmatch(text) and not _HUMS.fullmatch(text):
        return None  # "哦", "对了", "嗯？": somebody listens, thinks or did not hear
    if _NO.match(bare) or _is(_CANCEL, bare) or _NO_FIRST.match(text):
        return "no"
    if _is(_YES, bare):
        return "yes"
    if len(bare) > 1 and _DENIES.match(bare):
        return None  # "不出雾" answers no question of ours
    if _HESITATES.search(bare):
        return None
    if re.search(r"[不没别]|再说|等等|等下|算了", bare):
        return "no" if intent == "deny" else None
    if intent == "affirm" and len(bare) <= 12:
        return "yes"
    return "no" if intent == "deny" else None


def says_repeat(text: str) -> bool:
    """Whether the customer wants to hear the last answer again ("没听清", "再说一遍")."""
    return _is(_REPEAT, _bare(text))


def says_unclear(text: str) -> bool:
    """Whether the customer did not understand our last words ("听不懂你说啥")."""
    bare = _bare(text)
    return len(bare) <= _LONGEST_UNCLEAR and bool(_UNCLEAR.search(bare))


def asks_what_now(text: str) -> bool:
    """Whether the customer only wants to know what can be done about what was said ("那怎么办")."""
    return _is(_WHAT_NOW, _bare(text))


def asks_who_we_are(text: str) -> bool:
    """Whether it is asked who is speaking here, a person or a machine."""
    return _is(_WHO_ARE_YOU, _bare(text))


def urges(text: str) -> bool:
    """Whether somebody shall be hurried or called for the customer ("帮我催一下", "联系下快递员")."""
    return bool(_URGES.search(text)) and not _URGED_OTHERS.search(text)


def says_thanks(text: str) -> bool:
    """Whether it is plain thanks."""
    return _is(_THANKS, _bare(text))


def says_no(text: str) -> bool:
    """Whether it is a plain no and nothing more."""
    return _is(_ONLY_NO, _bare(text)) or says_cancel(text)


def says_cancel(text: str) -> bool:
    """Whether the customer drops what is under way ("算了", "不办了")."""
    return _is(_CANCEL, _bare(text))


def says_again(text: str) -> bool:
    """Whether the customer wants the same tried once more ("再试一次", "重新提交一下")."""
    return _is(_AGAIN, _bare(text))


def says_correction(text: str) -> bool:
    """Whether the customer says that we took the wrong one ("不是这个，是上个月那个")."""
    return bool(_CORRECTION.match(_bare(text)))


def says_other(text: str) -> bool:
    """Whether the customer wants another one than what we speak of ("换一个", "另一单")."""
    return bool(_OTHER.search(text))


def says_latest(text: str) -> bool:
    """Whether the customer means the newest order ("最近那单", "刚买的")."""
    return bool(_LATEST.search(text))


def says_authority(text: str) -> bool:
    """Whether authorities, the law or the press are spoken of."""
    return bool(_AUTHORITY.search(text))


def says_serious(text: str) -> bool:
    """The same, or a formal complaint, or a superior who shall deal with it."""
    return says_authority(text) or bool(_SUPERIOR.search(text))


def sensitive_in(text: str) -> Sensitive | None:
    """Self-harm, a minor's purchase or harm done by a product, if one of them is spoken of."""
    return next((kind for kind, words in _SENSITIVE.items() if words.search(text)), None)


def says_no_number(text: str) -> bool:
    """Whether the customer has no order number at hand or asks where to find it."""
    return bool(_NO_NUMBER.search(text))


def ordinal_in(text: str, count: int) -> int | None:
    """Index (from 0) of the one of ``count`` offered things that is meant, or None.

    Understands "第二个", "2", "倒数第二个", "最后一个", "上面那个", "下面那个".
    """
    bare = _bare(text)
    back = _FROM_THE_END.search(bare)
    found = back or _NTH.search(bare) or _DIGIT.fullmatch(bare)
    if found:
        index = _ORDINALS.get(found[1]) or int(found[1])
        index = count - index if back else index - 1
        return index if 0 <= index < count else None
    if _THE_LAST.search(bare):
        return count - 1
    if _THE_FIRST.search(bare):
        return 0
    return count // 2 if count % 2 and _THE_MIDDLE.search(bare) else None
