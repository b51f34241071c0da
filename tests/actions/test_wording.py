"""Wording: masks, amounts, days, and sentences that are all there."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from actions import _SKILLS, action_name
from actions.wording import (
    DOMAIN_FILE,
    Phrases,
    WordingError,
    day,
    full_day,
    joined,
    mask_email,
    mask_name,
    mask_phone,
    mask_region,
    mask_trace,
    mask_tracking,
    moment,
    yuan,
    yuan_said,
)

TODAY = date(2026, 11, 22)
ROOT = Path(__file__).resolve().parents[2]


def test_masks() -> None:
    assert mask_phone("13812345678") == "138****5678"
    assert mask_name("王小明") == "王**" and mask_name("") == "*"
    assert mask_region("上海市浦东新区") == "上海市浦东新区***"
    assert mask_tracking("SF1234567890123") == "SF12345****0123"
    assert mask_email("xiaoming@example.com") == "x***@example.com"


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        ("已签收，签收人：王小明，感谢使用", "已签收，签收人：王**，感谢使用"),
        ("签收人是张三", "签收人是张*"),
        ("签收人为欧阳修远。", "签收人为欧***。"),
        ("签收人: Tom Li", "签收人: T*****"),
        ("【上海站】派件员：张三，电话：13812345678", "【上海站】派件员：张*，电话：138****5678"),
        ("派件员：李四正在为您派件", "派件员：李*正在为您派件"),
        ("派件员【李四】正在派件（0571-88888888）", "派件员【李*】正在派件（****88）"),
        ("快递员 张伟(138 1234 5678) 正在派件", "快递员 张*(138****5678) 正在派件"),
        ("快递员张三丰师傅正在派送，+86-13812345678", "快递员张**师傅正在派送，138****5678"),
        ("配送员赵六已取件，虚拟号17012345678转1234", "配送员赵*已取件，虚拟号170****5678"),
        ("收件人：阿卜杜拉·买买提，请保持电话畅通", "收件人：阿*******，请保持电话畅通"),
        ("收件人李先生电话无人接听", "收件人李先生电话无人接听"),
        ("快递员陈师傅正在为您派送，请保持电话畅通", "快递员陈师傅正在为您派送，请保持电话畅通"),
        ("快递员已揽收", "快递员已揽收"),
        ("快递员正在派送", "快递员正在派送"),
        ("快递员为您派送", "快递员为您派送"),
        ("快递员今天下午派送", "快递员今天下午派送"),
        ("快递员重新安排派送", "快递员重新安排派送"),
        ("派件员：张三很快就到", "派件员：张**快就到"),
        ("签收人：本人", "签收人：本人"),
        ("签收人是本人签收", "签收人是本人签收"),
        ("签收人：家门口代放", "签收人：家门口代放"),
        ("收件人拒收，快件退回", "收件人拒收，快件退回"),
        ("收件人要求改天配送", "收件人要求改天配送"),
        ("快件离开【嘉兴转运中心】，发往【上海】", "快件离开【嘉兴转运中心】，发往【上海】"),
        ("客服电话400-820-0000、95338", "客服电话400-820-0000、95338"),
        ("运单SH5172012348260已揽收", "运单SH5172012348260已揽收"),
        ("签收人：王**，139****0000", "签收人：王**，139****0000"),
        ("", ""),
    ],
)
def test_names_and_phones_in_carriers_scans_are_masked(written: str, shown: str) -> None:
    assert mask_trace(written) == shown
    assert mask_trace(shown) == shown


def test_amounts_and_days() -> None:
    assert (
        yuan(12900) == "¥129.00" and yuan_said(12950) == "129.5元" and yuan_said(12900) == "129元"
    )
    assert day(TODAY, TODAY) == "今天" and day(date(2026, 11, 21), TODAY) == "昨天"
    assert (
        day(date(2026, 11, 3), TODAY) == "11月3日"
        and day(date(2025, 11, 3), TODAY) == "2025年11月3日"
    )
    assert full_day(date(2026, 11, 23), TODAY) == "11月23日"
    assert moment(datetime(2026, 11, 21, 16, 5, tzinfo=UTC), TODAY) == "今天 00:05"
    assert joined(["甲", "乙", "丙"]) == "甲、乙和丙" and joined([]) == ""


def test_every_sentence_that_the_code_names_is_in_the_domain_and_none_is_left_over() -> None:
    used: set[str] = set()
    for file in (ROOT / "actions").rglob("*.py"):
        used |= set(re.findall(r'"(utter_[a-z_]+)"', file.read_text(encoding="utf-8")))
    assert used == Phrases.load().names()


def test_every_sentence_has_a_variant_for_every_channel() -> None:
    phrases = Phrases.load()
    for name in phrases.names():
        for channel in ("app_chat", "wechat", "phone"):
            assert phrases.variants(name, channel), (name, channel)


def test_domain_names_an_action_for_every_skill() -> None:
    domain = DOMAIN_FILE.read_text(encoding="utf-8")
    rules = (ROOT / "data" / "rules.yml").read_text(encoding="utf-8")
    for skill in _SKILLS:
        assert f"- {action_name(skill.intent)}\n" in domain
        assert f"intent: {skill.intent}\n" in rules


def test_missing_wording_is_said_at_start(tmp_path: Path) -> None:
    with pytest.raises(WordingError):
        Phrases.load(tmp_path / "none.yml")
    with pytest.raises(WordingError):
        Phrases({}).render("utter_x", "app_chat", 0, {})


_SEEN = re.compile(
    r"发给我|(?<!补)发我|发一下|点选|点开|点击|下方|下面|截图|链接|按钮|卡片|屏幕|页面|在这里|看一下|→|https?|[A-Za-z]{2,}"
)


def test_nothing_said_on_the_phone_speaks_of_a_screen() -> None:
    phrases = Phrases.load()
    said = {
        name: variant.text
        for name in phrases.names()
        for variant in phrases.variants(name, "phone")
        if _SEEN.search(re.sub(r"\{\w+\}", "", variant.text))
    }
    assert not said


def test_a_phone_variant_keeps_the_offer_of_its_sentence() -> None:
    phrases = Phrases.load()
    (spoken,) = phrases.variants("utter_carrier_phone", "phone")
    assert spoken.channel == "phone" and [b.title for b in spoken.buttons] == ["转人工", "不用了"]
    assert all(v.channel is None for v in phrases.variants("utter_carrier_phone", "app_chat"))
