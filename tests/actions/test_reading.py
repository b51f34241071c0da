"""Digits, dates, and small words, read by rule."""

from __future__ import annotations

from datetime import date

import pytest

from actions.dialogue.fragments import bare_question, not_wanted, only_urges
from actions.dialogue.steering import waits
from actions.reading import (
    answer_in,
    days_in,
    email_in,
    order_number_in,
    ordinal_in,
    period_in,
    phone_tail_in,
    says_cancel,
    says_correction,
    says_repeat,
    says_unclear,
    sensitive_in,
    simplified,
    urges,
)

TODAY = date(2026, 11, 22)  # a Sunday


@pytest.mark.parametrize(
    "text",
    [
        "261119004217",
        "订单号：261119004217。",
        "2611 1900 4217",
        "261119-004217",
        "２６１１１９００４２１７",
        "二六幺幺幺九零零四二幺七",
        "二六幺幺 幺九洞洞 四两幺拐",
        "261119004217 1234",
    ],
)
def test_order_numbers_in_any_grouping(text: str) -> None:
    assert order_number_in(text) == "261119004217"


@pytest.mark.parametrize("text", ["", "13812345678", "26111900421", "2611190042171", "尾号1234"])
def test_what_is_no_order_number(text: str) -> None:
    assert order_number_in(text) is None


@pytest.mark.parametrize(
    ("text", "tail"),
    [
        ("1234", "1234"),
        ("尾号1234", "1234"),
        ("手机后四位是 1234", "1234"),
        ("13800001234", "1234"),
        ("261119004217 1234", "1234"),
        ("1234，261119004217", "1234"),
        ("2611 1900 4217 尾号 1234", "1234"),
        ("幺二三四", "1234"),
        ("261119004217", None),
        ("12345", None),
        ("没有", None),
    ],
)
def test_phone_tails(text: str, tail: str | None) -> None:
    assert phone_tail_in(text) == tail


def test_four_digits_are_a_tail_only_when_asked_for() -> None:
    assert phone_tail_in("2026年买的", loose=False) is None
    assert phone_tail_in("尾号2026", loose=False) == "2026"


@pytest.mark.parametrize(
    ("text", "start", "end"),
    [
        ("昨天买的", (11, 21), (11, 21)),
        ("前天下单的", (11, 20), (11, 20)),
        ("三天前", (11, 19), (11, 19)),
        ("上周五买的", (11, 13), (11, 13)),
        ("上个星期那个", (11, 9), (11, 15)),
        ("上个月那个", (10, 1), (10, 31)),
        ("这个月", (11, 1), (11, 22)),
        ("十一月三号下的单", (11, 3), (11, 3)),
        ("11月3日", (11, 3), (11, 3)),
        ("10月份买的", (10, 1), (10, 31)),
        ("双十一买的", (11, 1), (11, 13)),
    ],
)
def test_periods(text: str, start: tuple[int, int], end: tuple[int, int]) -> None:
    found = period_in(text, TODAY)
    assert found is not None
    assert (found.start, found.end) == (date(2026, *start), date(2026, *end))


@pytest.mark.parametrize("text", ["", "你好", "我的订单", "13月40日", "换个尺码"])
def test_no_period(text: str) -> None:
    assert period_in(text, TODAY) is None


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("签收五天了", 5),
        ("收到十二天", 12),
        ("一个礼拜", 7),
        ("半个月了", 15),
        ("一个月", 30),
        ("刚收到", None),
    ],
)
def test_days(text: str, days: int | None) -> None:
    assert days_in(text) == days


@pytest.mark.parametrize(
    "text", ["好的", "嗯嗯", "可以", "对", "确认", "行吧", "没问题", "好的谢谢", "要"]
)
def test_yes(text: str) -> None:
    assert answer_in(text) == "yes"


@pytest.mark.parametrize(
    "text", ["不用", "不要", "算了", "先不了", "别退", "不是", "再想想", "不了谢谢"]
)
def test_no(text: str) -> None:
    assert answer_in(text) == "no"


@pytest.mark.parametrize(
    "text",
    ["不出雾", "不加热", "不好使", "没有保修卡", "不急", "不要赠品", "不是保修一年吗", "没声音"],
)
def test_what_only_begins_like_a_no_answers_nothing(text: str) -> None:
    assert answer_in(text, "deny") is None


@pytest.mark.parametrize(
    "text", ["不，坏了", "没有啊", "不要这个", "不用转了", "不太方便", "不是的"]
)
def test_a_no_with_more_words_is_one(text: str) -> None:
    assert answer_in(text) == "no"


@pytest.mark.parametrize("text", ["多少钱", "等等", "我的快递到哪了", ""])
def test_neither(text: str) -> None:
    assert answer_in(text) is None


def test_words_outweigh_the_classifier_in_a_confirmation() -> None:
    assert answer_in("先别退", "affirm") == "no"
    assert answer_in("等一下再说", "affirm") is None
    assert answer_in("中嘞", "affirm") == "yes"


@pytest.mark.parametrize(
    ("text", "index"),
    [
        ("第一个", 0),
        ("2", 1),
        ("选三", 2),
        ("最后一个", 2),
        ("第五个", None),
        ("上面那个", 0),
        ("毛衣", None),
    ],
)
def test_choices(text: str, index: int | None) -> None:
    assert ordinal_in(text, 3) == index


@pytest.mark.parametrize("text", ["第二次问了", "都第3回了还没好", "第三天了", "第一遍就说过了"])
def test_counting_how_often_is_not_choosing(text: str) -> None:
    assert ordinal_in(text, 3) is None


def test_cancelling_and_correcting() -> None:
    assert says_cancel("算了吧") and says_cancel("不办了。") and not says_cancel("取消订单")
    assert says_correction("不是这个，是上个月那个") and not says_correction("是不是坏了")


def test_mail() -> None:
    assert email_in("发到 a.b@example.com 吧") == "a.b@example.com"
    assert email_in("没有邮箱") is None


@pytest.mark.parametrize(
    "text",
    [
        "算了不退了",
        "先不用了",
        "不想退了",
        "那还是算了吧",
        "先不申请了",
        "我不退了",
        "不需要了",
        "算了都不退了",
        "还是留着吧",
        "退货取消",
    ],
)
def test_ways_to_drop_it(text: str) -> None:
    assert says_cancel(text)


@pytest.mark.parametrize("text", ["不是", "不喜欢", "不知道", "取消订单", "没有", "要"])
def test_what_drops_nothing(text: str) -> None:
    assert not says_cancel(text)


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("我要退貨", "我要退货"),
        ("唔要", "不要"),
        ("係", "是"),
        ("係呀！", "是"),
        ("唔該", "麻烦"),
        ("bu yao", "不用了"),
        ("OK!", "是"),
        ("👌🏻", "好的"),
        ("👍👍", "好的"),
        ("好👍", "好👍"),
        ("关系不大", "关系不大"),
        ("啊", "啊"),
        ("wo de dingdan", "wo de dingdan"),
        ("", ""),
    ],
)
def test_ways_of_writing_become_one(text: str, plain: str) -> None:
    assert simplified(text) == plain


@pytest.mark.parametrize(
    "text", ["嗯……我想想", "好吧可是钱什么时候退", "行不过要等等", "可以吗", "不知道"]
)
def test_hesitation_is_neither_yes_nor_no(text: str) -> None:
    assert answer_in(text, "affirm") is None


@pytest.mark.parametrize("text", ["没听清", "啊你说什么", "再说一遍好吗", "不好意思没听见", "什么"])
def test_wishes_to_hear_it_again(text: str) -> None:
    assert says_repeat(text)


@pytest.mark.parametrize("text", ["你说什么时候到", "听说你们有店"])
def test_other_questions_are_no_wish_to_hear_it_again(text: str) -> None:
    assert not says_repeat(text)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("加湿器冒烟了", "hazard"),
        ("我不想活了", "despair"),
        ("孩子偷偷下单的", "minor"),
        ("给我女儿5岁买的", None),
        ("急死了快点", None),
        ("这个面霜会过敏吗", None),
    ],
)
def test_what_touches_safety(text: str, kind: str | None) -> None:
    assert sensitive_in(text) == kind


@pytest.mark.parametrize(
    "text", ["催一下", "你催了没有", "帮我联系下快递员", "能不能快点", "给站点打个电话", "麻烦加急"]
)
def test_hurrying_somebody(text: str) -> None:
    assert urges(text)


@pytest.mark.parametrize("text", ["别催我", "不用催", "老催单的人是谁", "快递到哪了", "快点说"])
def test_nobody_is_hurried(text: str) -> None:
    assert not urges(text)


@pytest.mark.parametrize("text", ["听不懂你说啥", "什么意思啊", "你说的什么玩意", "没看懂"])
def test_our_words_were_not_clear(text: str) -> None:
    assert says_unclear(text)


@pytest.mark.parametrize(
    "text", ["电视的说明书看不懂，型号怎么设置蓝牙连接", "快递到哪了", "我不知道", "会员是什么"]
)
def test_something_else_was_not_clear(text: str) -> None:
    assert not says_unclear(text)


@pytest.mark.parametrize("text", ["税号我晚点发你", "哦等一下我找找订单号", "等会儿给你报"])
def test_a_moment_is_asked_for(text: str) -> None:
    assert waits(text)


@pytest.mark.parametrize("text", ["明天发货吗", "等会儿能送到吗", "晚点发可以吗"])
def test_a_question_is_no_moment(text: str) -> None:
    assert not waits(text)


def test_an_address_as_it_is_said() -> None:
    assert email_in("二三四五六七八幺二 at qq 点 com") == "234567812@qq.com"
    assert email_in("abc艾特一六三点com") == "abc@163.com"
    assert email_in("三点到") is None


@pytest.mark.parametrize(
    "piece", ["催", "能不能", "我要", "嗯", "不想要", "那", "等等", "换", "退"]
)
def test_hostile_repetition_takes_no_time(piece: str) -> None:
    """Patterns that could be matched in many ways would take for ever here."""
    text = piece * 600 + "x"
    assert not only_urges(text) and not not_wanted(text) and not waits(text)
    assert not says_cancel(text) and not says_repeat(text)
    bare_question(text)
    answer_in(text)
    urges(text)
