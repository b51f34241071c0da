"""When people take over, as a table: what was said, how it sounded, and what follows."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from bot.handoff import Hours, PolicyError, PolicyFile, load_policy
from bot.handoff.deciding import EpisodeView, Heard, decide
from bot.handoff.policy import POLICY_FILE
from tests.bot.handoff.conftest import NOON

POLICY = load_policy()

Row = tuple[str, str]
"""Text, and a few marks: level of displeasure (-, light, medium, severe), then intent, then flags."""


def turns(*rows: str) -> tuple[Heard, ...]:
    """Read turns such as ``还没到吗 | medium query_logistics offered``."""
    heard = []
    for seq, row in enumerate(rows, 1):
        text, _, marks = (part.strip() for part in row.partition("|"))
        words = marks.split()
        level = next((w for w in words if w in ("light", "medium", "severe")), "none")
        requests = tuple((w.removeprefix("asks:"), "") for w in words if w.startswith("asks:"))
        flags = {"offered", "failed", "away", "chosen"}
        intent = next((w for w in words if w not in flags | {level} and ":" not in w), None)
        score = {"none": 0.05, "light": 0.4, "medium": 0.7, "severe": 0.95}[level]
        heard.append(
            Heard(
                seq=seq,
                text=text,
                intent=None if "away" in words else intent or "query_order",
                confidence=0.9,
                level=level,
                score=score,
                offered="offered" in words,
                failed="failed" in words,
                without_engine="away" in words,
                chosen="chosen" in words,
                requests=requests,
            )
        )
    return tuple(heard)


NO = None

TABLE: list[tuple[str | None, str, tuple[str, ...]]] = [
    # reason, "tier channel" or "", turns
    (NO, "", ("我的订单到哪了",)),
    (NO, "", ("你好 | greet",)),
    (NO, "", ("怎么还没到啊 | light query_logistics",)),
    (NO, "", ("算了 | deny",)),
    # asked for
    ("asked_for_human", "", ("转人工 | ask_human",)),
    ("asked_for_human", "", ("转人工 | away",)),
    ("asked_for_human", "", ("能不能让真人跟我说 | ask_human",)),
    ("asked_for_human", "", ("要 | affirm asks:asked_for_human",)),
    (NO, "", ("人工客服几点上班 | ask_human",)),
    (NO, "", ("客服电话是多少 | ask_human",)),
    (NO, "", ("先不用转人工 | ask_human",)),
    # frustration
    ("frustration", "", ("你们这群废物 | severe abuse",)),
    (NO, "", ("真慢 | medium query_logistics",)),
    ("frustration", "", ("真慢 | medium", "怎么这么慢啊你们 | medium")),
    ("frustration", "", ("真慢 | medium", "订单号给你 | -", "到底行不行 | medium")),
    (NO, "", ("真慢 | medium", "a1 | -", "b2 | -", "c3 | -", "还是慢 | medium")),
    ("frustration", "", ("有点慢 | light", "还没到 | light", "催一下 | light")),
    (NO, "", ("有点慢 | light", "还没到 | light", "好的谢谢 | thanks")),
    ("frustration", "", ("查下订单 | -", "怎么回事 | light", "太离谱了吧 | medium")),
    (NO, "", ("查下订单 | -", "怎么回事 | light", "哦 | -")),
    ("frustration", "", ("服务真差 | light complaint offered", "问你话呢 | light")),
    (NO, "", ("服务真差 | light complaint offered", "不用了 | light deny")),
    (NO, "", ("服务真差 | light complaint offered", "查下物流 | - query_logistics")),
    ("frustration", "", ("垃圾 | affirm asks:frustration",)),
    # complex
    ("complex_intent", "", ("我要打12315投诉你们 | medium complaint",)),
    ("complex_intent", "", ("再不处理我就找律师起诉 | light complaint",)),
    ("complex_intent", "", ("12315見 | complaint",)),
    (NO, "", ("投诉电话是多少 | complaint",)),
    (NO, "", ("12315电话是多少 | - out_of_scope",)),
    (NO, "", ("1234567@qq.com | - invoice",)),
    (NO, "", ("抬头是广州工商服务有限公司 | - invoice",)),
    ("complex_intent", "", ("我要去工商举报你们公司 | medium complaint",)),
    ("complex_intent", "", ("12315电话是多少 | medium complaint",)),
    (NO, "", ("工商银行卡能付款吗 | faq/payment",)),
    (NO, "", ("报警器怎么安装 | product_question",)),
    ("complex_intent", "", ("我要发抖音曝光你们 | medium complaint",)),
    (NO, "", ("抖音上的优惠券怎么用 | promotion",)),
    (NO, "", ("我在小红书看到你们家的活动 | promotion",)),
    ("complex_intent", "", ("必须赔我钱 | medium complaint",)),
    ("complex_intent", "", ("我要求赔偿损失 | complaint",)),
    (NO, "", ("运费险怎么赔 | return_policy",)),
    (NO, "", ("你们有没有破损赔付政策 | return_policy",)),
    ("complex_intent", "", ("你们卖假货 | medium complaint",)),
    ("complex_intent", "", ("这是假的吧 | light complaint",)),
    (NO, "", ("都是正品吧 | product_question",)),
    (NO, "", ("会不会是假货 | - product_question",)),
    ("complex_intent", "", ("我的账号被盗了 | - out_of_scope",)),
    ("complex_intent", "", ("有人登录了我的账号 | - out_of_scope",)),
    (NO, "", ("怎么防盗号 | - out_of_scope",)),
    ("complex_intent", "", ("公司采购100套四件套能便宜吗 | promotion",)),
    ("complex_intent", "", ("你们做批发吗 | product_question",)),
    (NO, "", ("买两件能便宜吗 | promotion",)),
    (NO, "", ("有没有四件套60支的 | product_question",)),
    ("complex_intent", "", ("要60条毛巾发给职工 | product_question",)),
    ("complex_intent", "", ("150 件能便宜吗 | promotion",)),
    (NO, "", ("你们规定的第50条是什么意思 | faq/terms",)),
    (NO, "", ("第150条说可以退 | return_policy",)),
    (NO, "", ("261119004217件到哪了 | query_logistics",)),
    (NO, "", ("等了72个小时还没发 | query_order",)),
    (NO, "", ("你们给我发了80条短信 | - out_of_scope",)),
    (NO, "", ("我有500个积分 | query_points",)),
    ("complex_intent", "", ("这三个订单都帮我取消 | cancel_order",)),
    ("complex_intent", "", ("261119004217和261119004218都取消 | cancel_order",)),
    (NO, "", ("261119004217取消 | cancel_order",)),
    # sensitive
    ("sensitive", "", ("活着没意思，不想活了 | severe",)),
    ("sensitive", "", ("想死的心都有了 | medium",)),
    (NO, "", ("热死我了想买风扇 | product_question",)),
    (NO, "", ("手机想死机一样卡 | - out_of_scope",)),
    ("sensitive", "", ("孩子偷偷用我手机下单了 | - cancel_order",)),
    ("sensitive", "", ("宝宝用了浑身起疹子 | medium complaint",)),
    (NO, "", ("给孩子买床品哪款好 | product_question",)),
    ("sensitive", "", ("电热毯冒烟了 | severe complaint",)),
    ("sensitive", "", ("用了你们的洗发水过敏了 | medium complaint",)),
    ("sensitive", "", ("锅炸了，会不会是质量问题 | medium complaint",)),
    (NO, "", ("空气炸锅多少钱 | product_question",)),
    (NO, "", ("用了会不会过敏 | product_question",)),
    (NO, "", ("甲醛含量多少，有没有甲醛 | - product_question asks:none",)),
    ("sensitive", "", ("喝出虫子了 | severe complaint",)),
    # the assistant's own failures
    ("repeated_failure", "", ("阿巴阿巴 | nlu_fallback", "咕噜咕噜 | nlu_fallback")),
    (NO, "", ("阿巴阿巴 | nlu_fallback", "查订单 | query_order", "咕噜 | nlu_fallback")),
    (
        "repeated_failure",
        "",
        (
            "包裹到哪了 | query_logistics",
            "包裹到哪里了 | query_logistics",
            "包裹到哪了啊 | query_logistics",
        ),
    ),
    (NO, "", ("查物流 | query_logistics chosen",) * 3),
    (NO, "", ("是的 | affirm",) * 3),
    (
        NO,
        "",
        ("上海有门店吗 | store_info", "积分怎么用 | query_points", "包裹到哪了 | query_logistics"),
    ),
    ("action_failed", "", ("查订单 | failed", "再查一下积分 | failed query_points")),
    (NO, "", ("查订单 | failed",)),
    ("action_failed", "", ("好 | affirm asks:action_failed",)),
    (NO, "", ("查订单 | away",)),
    ("engine_down", "", ("查订单 | away", "查一下积分呀 | away")),
    # tiers
    ("vip_policy", "diamond", ("我要投诉 | complaint",)),
    ("vip_policy", "diamond", ("怎么还没到 | light query_logistics",)),
    ("vip_policy", "diamond", ("啊 | nlu_fallback", "查订单 | -", "哦哦哦 | nlu_fallback")),
    ("vip_policy", "gold", ("我要投诉 | complaint",)),
    (NO, "gold", ("怎么还没到 | light query_logistics",)),
    (NO, "silver", ("我要投诉 | complaint",)),
    (NO, "diamond", ("查下积分 | query_points",)),
    # precedence: the first reason of the policy wins
    ("sensitive", "", ("电热毯着火了，转人工 | severe ask_human",)),
    ("asked_for_human", "", ("转人工 | severe ask_human",)),
    ("complex_intent", "diamond", ("我要打12315 | severe complaint",)),
]


@pytest.mark.parametrize(
    ("reason", "who", "said"),
    TABLE,
    ids=[f"{n:02}-{row[2][-1][:14]}" for n, row in enumerate(TABLE)],
)
def test_who_is_handed_over_and_why(reason: str | None, who: str, said: tuple[str, ...]) -> None:
    decision = decide(POLICY, EpisodeView("app_chat", turns(*said), who or None))
    assert (decision.reason if decision else None) == reason


def test_the_table_is_long_enough_to_mean_something() -> None:
    assert len(TABLE) >= 60
    assert {row[0] for row in TABLE if row[0]} == set(POLICY.reasons) - {"off_hours"}


@pytest.mark.parametrize(
    ("said", "tier", "priority", "skill"),
    [
        (("电热毯冒烟了 | severe complaint",), None, 1, "投诉"),
        (("转人工 | ask_human",), None, 4, "售后"),
        (("这款被子多重 | product_question", "转人工 | ask_human"), None, 4, "售前"),
        (("转人工 | ask_human",), "diamond", 3, "售后"),
        (("转人工 | severe ask_human",), None, 2, "投诉"),
        (("我要打12315 | severe complaint",), None, 2, "投诉"),
        (("你们做批发吗 | product_question",), None, 4, "售前"),
    ],
)
def test_how_urgent_it_is_and_for_whom(
    said: tuple[str, ...], tier: str | None, priority: int, skill: str
) -> None:
    decision = decide(POLICY, EpisodeView("app_chat", turns(*said), tier))
    assert decision is not None
    assert (decision.priority, decision.skill) == (priority, skill)


def test_a_call_goes_to_who_answers_the_phone() -> None:
    decision = decide(POLICY, EpisodeView("phone", turns("转人工 | ask_human")))
    assert decision is not None
    assert decision.skill == "电话"


def test_the_evidence_names_every_message_that_spoke_for_it() -> None:
    said = turns("真慢 | medium", "好的 | thanks", "我要打12315 | medium complaint")
    decision = decide(POLICY, EpisodeView("app_chat", said))
    assert decision is not None
    assert [(e.seq, e.why) for e in decision.evidence] == [
        (1, "明显不满"),
        (3, "客户表示要走法律或监管渠道"),
        (3, "明显不满"),
    ]


def test_somebody_in_despair_hears_a_caring_sentence_once() -> None:
    view = EpisodeView("app_chat", turns("我不想活了 | severe"))
    decision = decide(POLICY, view)
    assert decision is not None
    assert decision.care is not None
    assert "12356" in decision.care
    said_already = EpisodeView("app_chat", turns("我不想活了 | severe asks:sensitive"))
    decision = decide(POLICY, said_already)
    assert decision is not None
    assert decision.care is None


def test_english_is_noticed() -> None:
    view = EpisodeView("app_chat", turns("I want to talk to a real person | ask_human"))
    decision = decide(POLICY, view)
    assert decision is not None
    assert decision.language == "en"


class TestTheFile:
    def test_every_pattern_is_explained_by_a_reason_for_the_desk(self) -> None:
        for topic in POLICY.topics:
            assert re.search("[\u4e00-\u9fff]", topic.why)

    def test_a_changed_file_is_in_force_at_once(self, tmp_path: Path) -> None:
        file = tmp_path / "policy.yml"
        text = POLICY_FILE.read_text("utf-8")
        file.write_text(text, "utf-8")
        policy = PolicyFile(file, look_every_s=0)
        assert policy.current().assignment.answer_within_s == 60
        file.write_text(text.replace("answer_within_s: 60", "answer_within_s: 90"), "utf-8")
        os.utime(file, (1, 1))
        assert policy.current().assignment.answer_within_s == 90

    @pytest.mark.parametrize(
        ("before", "after"),
        [
            ("fallbacks_in_a_row: 2", "fallbacks_in_a_row: 0"),
            ("fallbacks_in_a_row: 2", "fallbacks_in_a_rwo: 2"),
            ("爆炸|炸了", "(爆炸|炸了"),
            ("assignment:", "assignment"),
        ],
    )
    def test_a_broken_file_is_refused_and_the_old_one_stays(
        self, tmp_path: Path, before: str, after: str
    ) -> None:
        file = tmp_path / "policy.yml"
        text = POLICY_FILE.read_text("utf-8")
        file.write_text(text, "utf-8")
        policy = PolicyFile(file, look_every_s=0)
        old = policy.current()
        assert before in text
        file.write_text(text.replace(before, after, 1), "utf-8")
        os.utime(file, (1, 1))
        assert policy.current() is old
        with pytest.raises(PolicyError):
            load_policy(file)

    def test_opening_hours_follow_the_clock_of_shanghai(self) -> None:
        hours = POLICY.hours
        assert hours.are_open(NOON)
        assert not hours.are_open(NOON.replace(hour=13))
        assert hours.next_opening(NOON.replace(hour=13)).isoformat() == "2026-11-24T09:00:00+08:00"
        closed = hours.model_copy(update={"closed_on": (NOON.date(),)})
        assert not closed.are_open(NOON)

    @pytest.mark.parametrize(
        ("text", "open_at_noon"),
        [("always", True), ("never", False), ("09:00-21:00", True), ("13:00-21:00", False)],
    )
    def test_opening_hours_can_be_set(self, text: str, open_at_noon: bool) -> None:
        assert Hours.parse(text).are_open(NOON) is open_at_noon
