"""When a person should take over: asked for, offered, complaints and abuse."""

from __future__ import annotations

import re
from dataclasses import replace

from actions.dialogue import FAQ, Request, Skill, Task, Turn, read_request
from actions.dialogue.fragments import asks_beside_no
from actions.orders import is_value
from actions.reading import (
    Sensitive,
    asks_who_we_are,
    ordinal_in,
    says_authority,
    says_correction,
    says_serious,
    sensitive_in,
)

REASONS = frozenset(
    {
        "asked_for_human",
        "frustration",
        "complex_intent",
        "repeated_failure",
        "vip_policy",
        "sensitive",
        "engine_down",
        "action_failed",
        "off_hours",
    }
)


_HOTLINE = re.compile(
    r"(客服|人工|服务|售后|投诉|你们的?)(热线|电话|号码)(号码)?.{0,3}(多少|几|是|什么|呢|吗|[?？]|$)|(电话|热线)(号码)?.{0,2}多少"
)
_RATHER_RETURN = re.compile(
    r"^((算了|(不|别|甭)[用要]?[换修补用催查等转问](了|货)?|好吧?|行吧?)[，,。 ]*)?(那|还是|就|直接|帮我|我|先|要)*退(货|了|掉|吧|款)+[吧啊呗。]*$"
)
_TAKES_IT = re.compile(
    r"^([嗯好行那就请你您，, ]|好的|可以|麻烦|直接|帮我|给我)*(撤[回掉销]?|登记|补发?|核实|换)(一?下|了|货)*[吧呗啊。！]+$"
)
"""Whoever was offered a person who does this, and tells us to do it, takes the offer."""
_CHOOSES = re.compile(r"第[一二两三四五六七八九\d][个款条种单]?|最后一?[个款]|[上下前后]面那?个")
_DO_IT = re.compile(
    r"^(那|就|你|您|请|麻烦|快|直接|能不能|好的?|行|可以|[嗯，, ])*(帮|给|替)我?"
    r"(弄|办|搞|操作|处理|解决|申请|安排|转|问|查|联系|核实)(一?[下问查]|好|了)?[吧呗啊吗。！]*$"
)
"""Whoever asks us to do it takes the offer of one who can."""
_CONFIRMS = re.compile(
    r"^([那就行好嗯，, ]|好的|还是|直接)*(确认|确定)?(提交|申请|取消|退货|退款|兑换|开票)[了吧呗啊。！]*$"
)
RETURNING = "request_return"
_PUT_THROUGH = re.compile(
    r"([好行嗯那就你快直接，, ]|好的|可以|给我|帮我)*转(接|过去|人工)?(一下|了)?[吧呗啊嘛。！]*"
)
_FIND_ONE = re.compile(
    r"(那|就|你|您|快|麻烦|能不能|可以|帮我|给我|[，, ])*(找|叫|让|请|安排)一?[个位]?人(工|来|帮我|给我|去)*"
    r"(问|看|查|处理|解决|核实|催|联系|跟进)(一?下|问|看)?(我)?[吧呗啊吗嘛。！]*"
)
_A_PLACE = 5
_CARE: dict[Sensitive, str] = {
    "despair": "utter_sensitive_despair",
    "minor": "utter_sensitive_minor",
    "hazard": "utter_sensitive_hazard",
}


class AskHuman(Skill):
    """ask_human: register the wish; also takes the answer to an offer of a person."""

    intent = "ask_human"

    async def claims(self, turn: Turn, request: Request) -> bool:
        """Take "找人问下", in which no classifier hears the wish for a person."""
        return not turn.message.chosen and bool(_FIND_ONE.fullmatch(request.text))

    async def start(self, turn: Turn, request: Request) -> None:
        """Register it at once; a second wish is acknowledged, not registered again."""
        if turn.memory.said.get("handoff"):
            turn.use("utter_handoff_already")
            return
        if asks_who_we_are(request.text):
            turn.meant = "out_of_scope"
            turn.use("utter_who_am_i")
            return
        if _HOTLINE.search(request.text):
            turn.meant = FAQ
            turn.offer_human("utter_hotline", "asked_for_human")
            return
        reason = request.choice if request.choice in REASONS else "asked_for_human"
        await hand_off(turn, reason)

    async def go_on(self, turn: Turn, task: Task) -> bool:
        """Take yes or no to the offer."""
        newer = read_request(turn.message, turn.today)
        other = newer.other and says_correction(turn.message.text)
        if (newer.points_at_order or other) and not turn.message.chosen:
            return False  # "不是，是昨天买的" and "不是这个，是另一个" speak of the order
        if _RATHER_RETURN.match(turn.message.text):
            turn.memory.drop(task)
            turn.redirect = ("request_return", newer)
            return True
        text = turn.message.text
        if turn.memory.topic == RETURNING and not turn.message.chosen and is_value(text):
            # "XL的" after an exchange was offered is for the colleague who does it
            task.data["evidence"] = f"{task.data.get('evidence', '')} → {turn.whole.original}"[:200]
            turn.offer_again("utter_change_noted")
            return True
        if _answers_outer(turn):
            return False
        if len(turn.memory.tasks) > 1 and _CHOOSES.search(text) and not turn.message.chosen:
            return False  # "那就第二个吧" chooses what was offered before, and no person
        place = None if turn.message.chosen else ordinal_in(text, 2)
        if place is not None and len(text) <= _A_PLACE:
            turn.message = replace(
                turn.message, text=("是的", "不用了")[place]
            )  # the quick replies
        takes = _DO_IT.match(text) or _TAKES_IT.match(text) or _PUT_THROUGH.fullmatch(text)
        answer = turn.answer() or ("yes" if takes else None)
        if answer is None or (answer == "no" and asks_beside_no(turn.message)):
            return False
        turn.memory.drop(task)
        if answer == "no":
            turn.use("utter_no_human_go_on" if turn.memory.task else "utter_no_human_then")
        elif turn.memory.said.get("handoff"):
            turn.use("utter_handoff_already")
        else:
            reason = str(task.data.get("reason") or "asked_for_human")
            await hand_off(turn, reason, str(task.data.get("evidence") or ""))
        return True


def _answers_outer(turn: Turn) -> bool:
    """Whether "确认提交" answers the question that was open before a person was offered."""
    outer = turn.memory.tasks[-2] if len(turn.memory.tasks) > 1 else None
    if outer is None or outer.awaits != "confirm" or turn.message.chosen:
        return False
    return bool(_CONFIRMS.match(turn.message.text))


async def hand_off(turn: Turn, reason: str, evidence: str = "") -> None:
    """Request a person once per episode and say so."""
    await turn.hand_off(reason, evidence)
    turn.memory.said["handoff"] = 1


class Complaint(Skill):
    """complaint: an apology and a person; threats of authorities go to one at once."""

    intent = "complaint"
    topical = True

    async def start(self, turn: Turn, request: Request) -> None:
        """Apologise; hand over when serious, angry or repeated, else offer."""
        before = turn.memory.said.get("complaints", 0)
        turn.memory.said["complaints"] = before + 1
        if turn.memory.said.get("handoff"):
            turn.use("utter_complaint_sorry")
            turn.use("utter_handoff_already")
        elif says_serious(request.text) or before or turn.message.emotion == "severe":
            turn.use("utter_complaint_sorry")
            await hand_off(
                turn, "complex_intent" if says_authority(request.text) else "frustration"
            )
        else:
            turn.offer_human("utter_complaint_offer", "frustration")


async def take_care(turn: Turn) -> bool:
    """Self-harm, minors, harm by a product: a person at once, whatever else was asked.

    Returns:
        Whether the message is about one of them and has been answered.
    """
    kind = None if turn.message.chosen else sensitive_in(turn.message.text)
    if kind is None:
        return False
    turn.meant = "complaint"
    turn.use(_CARE[kind])
    if turn.memory.said.get("handoff"):
        turn.use("utter_handoff_already")
    else:
        await hand_off(turn, "sensitive")
    return True


class Abuse(Skill):
    """abuse: stay calm, and offer a person."""

    intent = "abuse"
    topical = False

    async def start(self, turn: Turn, request: Request) -> None:
        """Do not answer in kind."""
        del request
        turn.offer_human("utter_abuse", "frustration")
