"""The rules where nobody knows which goods are meant: how a return goes, what it takes, and the periods."""

from __future__ import annotations

import re
from collections.abc import Mapping

from actions.dialogue import Turn
from actions.reading import days_in
from actions.returns.reading import defective_in
from actions.returns.reasons import allergic_in
from actions.shop.models import ReturnPolicy
from actions.wording import joined

PROVED_BY = "医院证明"
"""A category whose rule speaks of it takes an allergy for a fault only with a doctor's paper."""

_PROCEDURE = re.compile(r"流程|步骤|手续")
_HOW = re.compile(
    r"(怎么|咋|如何|怎样)(样|才能|可以|能)?(申请|办理?|操作|弄|搞)?(一下)?退(货|掉|换|$|[呢啊呀吗的,，。？?])"
    r"|(退货|退掉|退).{0,2}(怎么|咋|如何|怎样)(退|弄|办|操作|申请|搞|走)"
)
_NEEDED = re.compile(
    r"退货?.{0,4}(需要?|要)(准备|提供|带|寄)?(些|哪些)?(什么|啥|哪些)(东西|材料|条件|凭证|资料|$|[呢啊呀吗?？])|退货?的?条件"
)
_PHOTOS = re.compile(
    r"(照片|图片|视频|截图|拍照|拍个?视频|照个?相).{0,6}(吗|么|不|哪|谁|怎么|咋|要|发|传|用|行|可以)|(要不要|用不用|需要|怎么|咋|给你们?|可以|能).{0,4}(拍|照片|图片|视频)"
)
_COUNTED = re.compile(
    r"(哪一?天|什么时候|啥时候|几号|怎么|下单|签收|收到|收货|付款).{0,5}(开始)?算(?!了)|从.{0,6}(开始)?算起?|(包括|包含|算).{0,2}(今天|当天|那天|签收)|(今天|当天|那天)算"
)
_RULE_NAME = re.compile(r"[7七]天(内)?(的)?无理由")
_SIGNED_DAY = re.compile(r"签收|收到|到货|拿到|到手|买了?")
_PAST = re.compile(r"过了|超过?了?|都过|已经?过")
_USUAL_DAYS = 7


def asks_how(text: str) -> bool:
    """Whether it is asked how a return goes."""
    return bool(_PROCEDURE.search(text) or _HOW.search(text))


def asks_procedure(text: str) -> bool:
    """Whether the steps themselves are asked for, and not merely what to do now."""
    return bool(_PROCEDURE.search(text))


def answer_needed(turn: Turn, text: str) -> bool:
    """Say what has to be sent or prepared; False when that was not asked."""
    if _PHOTOS.search(text):
        turn.use("utter_policy_photos")
    elif _NEEDED.search(text):
        turn.use("utter_policy_needed")
    elif asks_how(text):
        turn.use("utter_policy_steps")
    elif _COUNTED.search(text):
        turn.use("utter_policy_counted")
    else:
        return False
    turn.fulfil()
    return True


def is_needed(text: str) -> bool:
    """Whether photographs, what else a return takes, or how the days count is asked about."""
    return any(words.search(text) for words in (_PHOTOS, _NEEDED, _COUNTED))


def tell_general(turn: Turn, text: str, policies: Mapping[str, ReturnPolicy]) -> None:
    """Tell the periods of all goods, for the days or the fault that is spoken of."""
    days = days_in(_RULE_NAME.sub("", text))
    proved = next((p for p in policies.values() if PROVED_BY in p.note), None)
    if proved and allergic_in(text):
        tell_allergy(turn, proved)
    elif defective_in(text):
        turn.use("utter_policy_general_fault", kinds=_faulty(policies))
    elif days is not None and (days > _USUAL_DAYS or _PAST.search(text)):
        turn.use("utter_policy_general_over", kinds=_faulty(policies))
    elif days is not None and _SIGNED_DAY.search(text):
        turn.use("utter_policy_general_within", days=days)
    else:
        turn.use("utter_policy_general")
    turn.fulfil()


def tell_allergy(turn: Turn, policy: ReturnPolicy) -> None:
    """Say until when, and with which paper, goods go back that somebody does not bear."""
    turn.use("utter_policy_allergy", category=policy.category, days=policy.days_defective)


def _faulty(policies: Mapping[str, ReturnPolicy]) -> str:
    """How long faulty goods can go back: "小家电和食品签收后 15 天，家纺、服饰和美妆个护 30 天"."""
    periods: dict[int, list[str]] = {}
    for policy in policies.values():
        periods.setdefault(policy.days_defective, []).append(policy.category)
    kinds = [f"{joined(names)}签收后 {days} 天" for days, names in sorted(periods.items())]
    return "，".join(kinds)
