"""What a customer says about goods to be returned: category, opened, used, faulty."""

from __future__ import annotations

import re

from actions.returns.reasons import fault_in

_NOT_OPENED = re.compile(
    r"(没有?|未|不曾|并没)有?(拆|打开|开封|开过|用过|使用|穿|洗|动过|试|吃|喝)(?![完几两多])"
    r"|没有?开(?![机始票发灯门线胶])|还没有?用|(?<!不是)全新|原封|没剪"
)
_OPENED = re.compile(
    r"拆了|拆开|拆过|开了(?=[一两几半][包袋盒瓶罐箱个])|拆封|开封|打开|开过|用了|用过|使用|试用|穿了|穿过|洗了|洗过|吃了|喝了|剪了|拆|没怎么[用穿]"
)
_NOT_YET = re.compile(r"(我|都|还|并)*(没有?|未|不)用?(有|呢|啊|呀|哦|的|吧|哈)*")
_USED = re.compile(r"洗过|洗了|水洗|下水|用过|用了|使用过|(?<!试)穿[过了]|吃了|喝了|剪了")
_WASHED = re.compile(r"(?<![没未])(洗过|洗了|水洗过|下过水)(?!手|脸|澡)(?!.{0,4}[吗么？?])")
_NO_TAG = re.compile(r"吊牌.{0,3}([剪摘拆撕扔丢]|没了|不在|不见)(?!.{0,6}[吗么？?])")
_CATEGORIES = {
    "小家电": r"小?家电|电器|锅|壶|吹风|吸尘|加湿|烤箱|榨汁|炸锅|风扇|牙刷",
    "家纺": r"家纺|被子|被套|床品|床单|四件套|枕头|枕套|毛巾|浴巾|窗帘|毯子|床上用品",
    "服饰": r"服饰|服装|衣服|裤子|鞋|裙|外套|内衣|袜子|毛衣|衬衫|T恤|羽绒服|睡衣|帽子|围巾|试穿|吊牌|穿[了过着]",
    "美妆个护": r"美妆|个护|化妆品|护肤|面膜|口红|洗面奶|洗发水|沐浴露|精华|面霜|防晒|彩妆|护手霜|香水",
    "食品": r"食品|零食|吃的|坚果|饼干|茶叶|咖啡|糖|水果干|牛奶|巧克力|燕麦|糕点",
}


def opened_in(text: str) -> bool | None:
    """True, False, or None when nothing is said about it."""
    if _NOT_OPENED.search(text):
        return False
    return True if _OPENED.search(text) else None


def not_yet(text: str) -> bool:
    """Whether it is a bare "没有", which to the question of opened goods says that they are not."""
    return bool(_NOT_YET.fullmatch(text.strip("，,。.！!～~ ")))


def used_in(text: str) -> bool:
    """Whether goods were used or washed, not only unpacked."""
    return bool(_USED.search(text)) and not _NOT_OPENED.search(text)


def spoilt_in(text: str) -> str:
    """What was done to goods that no rule takes back without a fault; nothing if nothing was."""
    if _WASHED.search(text):
        return "已经洗过"
    return "吊牌已经拿掉" if _NO_TAG.search(text) else ""


def defective_in(text: str) -> bool:
    """Whether a fault is spoken of."""
    return fault_in(text)


def says_state(text: str) -> bool:
    """Whether the state of the goods is spoken of: opened or not, used, faulty."""
    return opened_in(text) is not None or used_in(text) or defective_in(text)


def category_in(text: str) -> str | None:
    """The category that a text names, by its name or by typical goods."""
    for category in _CATEGORIES:
        if category in text:
            return category
    return next((c for c, words in _CATEGORIES.items() if re.search(words, text)), None)
