"""What a customer says about goods to be returned: category, opened, faulty, why."""

from __future__ import annotations

import re
from dataclasses import dataclass

_NOT_OPENED = re.compile(
    r"(没有?|未|还没|不曾|并没)(有)?(拆|打开|开封|开过|用过?|穿过?|洗过?|动过|试)|全新|原封|没剪"
)
_OPENED = re.compile(
    r"拆了|拆开|拆过|拆封|开封|打开|开过|用了|用过|使用|试用|穿了|穿过|洗了|洗过|吃了|喝了|剪了|拆"
)
_USED = re.compile(r"洗过|洗了|水洗|下水|用过|用了|使用过|穿过|穿了|吃了|喝了|剪了")
_DEFECTIVE = re.compile(
    r"坏|质量|瑕疵|破|裂|漏|不能用|用不了|没反应|故障|不工作|不通电|过敏|变质|发霉|异味|损坏|有问题|碎|缺角|起球|掉色|开线|失灵|不加热|不转"
)
_DENIED = re.compile(
    r"(不是|没有?|并非|不算)(因为|什么|啥)?(质量问题?|坏|破损|瑕疵|毛病|问题|发错)"
)
_CATEGORIES = {
    "小家电": r"小?家电|电器|锅|壶|吹风|吸尘|加湿|烤箱|榨汁|炸锅|风扇|牙刷",
    "家纺": r"家纺|被子|被套|床品|床单|四件套|枕头|枕套|毛巾|浴巾|窗帘|毯子|床上用品",
    "服饰": r"服饰|服装|衣服|裤子|鞋|裙|外套|内衣|袜子|毛衣|衬衫|T恤|羽绒服|睡衣|帽子|围巾",
    "美妆个护": r"美妆|个护|化妆品|护肤|面膜|口红|洗面奶|洗发水|沐浴露|精华|面霜|防晒|彩妆|护手霜|香水",
    "食品": r"食品|零食|吃的|坚果|饼干|茶叶|咖啡|糖|水果干|牛奶|巧克力|燕麦|糕点",
}


@dataclass(frozen=True)
class Reason:
    """A reason for a return; ``defective`` means that the fault is ours."""

    title: str
    pattern: str
    defective: bool = False


REASONS: tuple[Reason, ...] = (
    Reason("质量问题", _DEFECTIVE.pattern, True),
    Reason("发错或少发", r"发错|少发|漏发|发少|少了|不是我买的|错货|不对版", True),
    Reason(
        "尺码或规格不合适",
        r"尺码|尺寸|大小|太大|太小|大了|小了|偏大|偏小|不合适|不合身|规格|长了|短了|紧|松",
    ),
    Reason("和描述不符", r"描述|不符|不一样|色差|颜色不对|实物|跟图|和图|假"),
    Reason(
        "不喜欢或不想要了",
        r"不喜欢|不想要|不要了|买错|买多|买重|拍错|多买|后悔|用不上|用不着|无理由|不需要",
    ),
)


def reason_in(text: str) -> Reason | None:
    """The reason that a text gives, or None; what it denies ("不是质量问题") is none."""
    text = _DENIED.sub("", text)
    return next((r for r in REASONS if r.title in text or re.search(r.pattern, text)), None)


def opened_in(text: str) -> bool | None:
    """True, False, or None when nothing is said about it."""
    if _NOT_OPENED.search(text):
        return False
    return True if _OPENED.search(text) else None


def used_in(text: str) -> bool:
    """Whether goods were used or washed, not only unpacked."""
    return bool(_USED.search(text)) and not _NOT_OPENED.search(text)


def defective_in(text: str) -> bool:
    """Whether a fault is spoken of."""
    return bool(_DEFECTIVE.search(_DENIED.sub("", text)))


def category_in(text: str) -> str | None:
    """The category that a text names, by its name or by typical goods."""
    for category in _CATEGORIES:
        if category in text:
            return category
    return next((c for c, words in _CATEGORIES.items() if re.search(words, text)), None)
