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
