"""Which order is meant, what is not meant, and yes or no where "取消" may be either."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from actions.orders.changing import is_value
from actions.orders.consent import consent_in
from actions.reading import ordinal_in
from tests.actions.talk import Said, Talk

Meet = Callable[..., Talk]
People = dict[str, str]
ON_THE_WAY = ("packed", "in_transit", "split", "stuck")
"""Lin's parcels in the order in which they are offered."""


async def _tracking(meet: Meet, words: str, channel: str = "app_chat") -> Said:
    lin = meet("lin", channel=channel)
    await lin.say("我的快递到哪了", "query_logistics")
    return await lin.unclear(words)


async def _cancelling(meet: Meet, *turns: str) -> Said:
    lin = meet("lin")
    said = await lin.say("取消订单", "cancel_order")
    for words in turns:
        said = await lin.say(words, "cancel_order")
    return said


@pytest.mark.parametrize(
    ("words", "left"),
    [
        ("不是加湿器", {"packed", "split", "stuck"}),
        ("除了加湿器", {"packed", "split", "stuck"}),
        ("不是第一个", {"in_transit", "split", "stuck"}),
        ("不要四件套的", {"packed", "in_transit", "split"}),
        ("不是加湿器 也不是四件套", {"packed", "split"}),
        ("电器", {"in_transit", "split"}),
    ],
)
async def test_what_is_not_meant_is_left_out_of_the_next_question(
    meet: Meet, people: People, words: str, left: set[str]
) -> None:
    said = await _tracking(meet, words)
    payloads = " ".join(said.payloads.values())
    assert not said.cards
    assert {name for name in ON_THE_WAY if people[f"lin.{name}.number"] in payloads} == left


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("第一个不是 第二个", ["in_transit"]),
        ("不是加湿器 是电饭煲那个", ["split"]),
        ("倒数第一个", ["stuck"]),
        ("倒数第二个", ["split"]),
        ("后面那个", ["stuck"]),
        ("第二个和第三个", ["in_transit", "split"]),
        ("1和3", ["packed", "split"]),
        ("前面两个", ["packed", "in_transit"]),
        ("最贵那个", ["split"]),
        ("最早下单的", ["stuck"]),
        ("吃的那个", ["split"]),
        ("防晒那单", ["packed"]),
        ("好几天没动的那个", ["stuck"]),
        ("都看看", list(ON_THE_WAY)),
        ("两个都查", list(ON_THE_WAY)),
        ("一起查", list(ON_THE_WAY)),
        ("你都给我说说", list(ON_THE_WAY)),
        ("随便", list(ON_THE_WAY)),
        ("不知道", list(ON_THE_WAY)),
    ],
)
async def test_natural_answers_to_which_one(
    meet: Meet, people: People, words: str, told: list[str]
) -> None:
    said = await _tracking(meet, words)
    assert [n for n in ON_THE_WAY if people[f"lin.{n}.number"] in said.text] == told


async def test_on_the_phone_whoever_does_not_care_hears_the_newest(
    meet: Meet, people: People
) -> None:
    said = await _tracking(meet, "你看着办", channel="phone")
    tails = [n for n in ON_THE_WAY if people[f"lin.{n}.number"][-4:] in said.text]
    assert tails == ["packed"]
    other = await _tracking(meet, "不是第一个", channel="phone")
    assert "静音加湿器" in other.text and "清透防晒乳" not in other.text


@pytest.mark.parametrize(
    "words", ["不是小白鞋", "除了小白鞋都取消", "小白鞋不要取消", "取消防晒 小白鞋留着"]
)
async def test_the_order_that_is_left_out_is_not_cancelled(meet: Meet, words: str) -> None:
    said = await _cancelling(meet, words)
    assert "清透防晒乳" in said.text and "帆布小白鞋" not in said.text


async def test_refusing_another_order_holds_on_to_the_one_chosen(meet: Meet) -> None:
    said = await _cancelling(meet, "小白鞋那个", "不是防晒")
    assert "帆布小白鞋" in said.text and "清透防晒乳" not in said.text
    said = await _cancelling(meet, "防晒那个", "不是防晒")
    assert "帆布小白鞋" in said.text and "清透防晒乳" not in said.text


async def test_several_orders_are_cancelled_one_by_one(meet: Meet) -> None:
    lin = meet("lin")
    await lin.say("取消订单", "cancel_order")
    first = await lin.say("第一个和第二个", "cancel_order")
    assert "帆布小白鞋" in first.text and "清透防晒乳" not in first.text
    second = await lin.say("嗯取消吧", "cancel_order")
    assert "已经取消" in second.text and "清透防晒乳" in second.text
    assert "已经取消" in (await lin.say("取消", "cancel_order")).text


async def test_whoever_does_not_care_is_asked_about_the_newest(meet: Meet) -> None:
    said = await _cancelling(meet, "随便")
    assert "帆布小白鞋" in said.text and "确认取消" in said.buttons


@pytest.mark.parametrize(
    "words",
    "取消 取消吧 还是取消吧 算了取消吧 算了，取消 不想要了取消 不用了，取消 嗯取消吧 赶紧取消 我都说了取消 唉取消吧 "
    "那还是取消 还是取消算了 取消吧，麻烦了 对，不要了 不想要了 要不取消吧 帮我取消行吗 不合适，取消吧 太慢了取消 "
    "确认取消 对，取消订单".split(),
)
def test_every_wording_that_affirms_cancelling(words: str) -> None:
    assert consent_in(words) == "yes"


@pytest.mark.parametrize(
    "words",
    "不取消 别取消 先别取消 不要取消 不要取消了 对，但是先别取消 先不取消了 不想取消 别急着取消 不取消了好吗 还是别取消了".split(),
)
def test_every_wording_that_refuses_cancelling(words: str) -> None:
    assert consent_in(words) == "no"


@pytest.mark.parametrize(
    "words",
    "取消要扣钱吗 为什么取消 取消了多久退款 要不要取消 明天再取消 如果不发货就取消 等等再取消 只取消一件 我没有取消 嗯 毛巾".split(),
)
def test_what_is_neither_cancels_nothing(words: str) -> None:
    assert consent_in(words) is None


async def test_not_wanted_any_more_is_asked_about_and_not_dropped(meet: Meet) -> None:
    said = await _cancelling(meet, "小白鞋那个", "不要了")
    assert "确认取消" in said.buttons
    done = await _cancelling(meet, "小白鞋那个", "不想要了 取消")
    assert "已经取消" in done.text


@pytest.mark.parametrize(
    "words", ["这单不要了 帮我取消", "取消这个订单", "不等了我要取消", "取消订单"]
)
async def test_this_one_on_its_way_is_not_exchanged_for_another(meet: Meet, words: str) -> None:
    lin = meet("lin")
    await lin.say("四件套到哪了", "query_logistics", product="JF2001")
    said = await lin.say(words, "cancel_order")
    assert "四件套" in said.text and "拒收" in said.text and "退" in said.text
    assert "小白鞋" not in said.text and "确认取消" not in said.buttons


async def test_another_one_can_be_cancelled_after_an_order_on_its_way(meet: Meet) -> None:
    lin = meet("lin")
    await lin.say("四件套到哪了", "query_logistics", product="JF2001")
    assert "小白鞋" in (await lin.say("取消那个小白鞋", "cancel_order")).text
    again = meet("lin")
    await again.say("四件套到哪了", "query_logistics", product="JF2001")
    assert len((await again.say("我有个订单想取消", "cancel_order")).buttons) == 2


@pytest.mark.parametrize("words", ["可以只取消一件吗", "面膜留着就行", "防晒不要了，面膜照发"])
async def test_only_the_whole_order_can_be_cancelled(meet: Meet, words: str) -> None:
    said = await _cancelling(meet, "防晒那个", words)
    assert "整单取消" in said.text and "转人工" in said.buttons
    whole = await _cancelling(meet, "防晒那个", words, "那就全部取消吧")
    assert "已经取消" in whole.text


async def test_naming_one_article_tells_what_goes_with_it(meet: Meet) -> None:
    said = await meet("lin").say("取消面膜", "cancel_order")
    assert "清透防晒乳也会一起取消" in said.text and "确认取消" in said.buttons


async def test_a_change_is_judged_by_the_order_named(meet: Meet) -> None:
    lin = meet("lin")
    await lin.say("毛巾到哪了", "query_logistics", product="JF2008")
    shoes = await lin.say("小白鞋能改尺码吗", "change_order", product="FS3014")
    assert "帆布小白鞋" in shoes.text and "还" in shoes.text and "运输中" not in shoes.text
    sun = await lin.say("我想改一下防晒那单的地址", "change_order")
    assert "清透防晒乳" in sun.text and "运输中" not in sun.text
    late = await meet("lin").say("改一下四件套的地址", "change_order", product="JF2001")
    assert "四件套" in late.text and "运输中" in late.text and "转人工" in late.buttons


@pytest.mark.parametrize(
    ("words", "heard"),
    [
        ("38的", "abuse"),
        ("大一码", "request_return"),
        ("红的", "product_question"),
        ("应该是杭州市西湖区文三路8号", "query_logistics"),
    ],
)
async def test_the_next_words_are_what_it_shall_be_changed_to(
    meet: Meet, words: str, heard: str
) -> None:
    lin = meet("lin")
    await lin.say("小白鞋能改吗", "change_order", product="FS3014")
    said = await lin.say(words, heard)
    assert "同事" in said.text and "转人工" in said.buttons and "生气" not in said.text
    await lin.say("好的", "affirm")
    assert lin.context.handoffs == [("complex_intent", f"小白鞋能改吗 → {words}")]


async def test_after_a_change_other_things_can_be_asked(meet: Meet) -> None:
    lin = meet("lin")
    await lin.say("小白鞋能改吗", "change_order", product="FS3014")
    assert "3280" in (await lin.say("我有多少积分", "query_points")).text
    assert not lin.slots.get("tasks")


@pytest.mark.parametrize("text", "谢谢 好的 四件套到哪了 我要退货 都行 改成李明收".split())
def test_no_value(text: str) -> None:
    assert not is_value(text)


@pytest.mark.parametrize("text", "换成38 M码的 颜色也换红的 38码，白色 两瓶 13800001111".split())
def test_values(text: str) -> None:
    assert is_value(text)


async def test_two_products_in_one_message_are_both_told(meet: Meet, people: People) -> None:
    named = {"月饼": "SP5012", "挂烫机": "XJ1009"}
    found = [{"entity": "product", "value": v, "text": k} for k, v in named.items()]
    text = "月饼啥时候到 挂烫机今天能到吗"
    said = await meet("silver").send(text, "query_logistics", 0.9, found, [])
    numbers = [people[f"silver.{name}.number"] for name in ("gift", "delivering")]
    assert all(number in said.text for number in numbers) and "哪一笔" not in said.text
    stuck = await meet("lin").say("四件套怎么不动了？加湿器什么时候到", "query_logistics")
    numbers = [people[f"lin.{name}.number"] for name in ("in_transit", "stuck")]
    assert all(number in stuck.text for number in numbers)
    assert "帮我催一下" in stuck.buttons


async def test_what_is_only_urged_is_not_cancelled_along(meet: Meet) -> None:
    said = await meet("lin").say("小白鞋催一下，防晒那单取消", "cancel_order", product="FS3014")
    assert "清透防晒乳" in said.text and "小白鞋" not in said.text


@pytest.mark.parametrize(
    ("text", "index"),
    [("倒数第一个", 2), ("倒数第二个", 1), ("倒数第四个", None), ("中间那个", 1), ("后面那个", 2)],
)
def test_counting_from_the_end(text: str, index: int | None) -> None:
    assert ordinal_in(text, 3) == index


async def test_whoever_wants_no_person_leaves_the_order_as_it_is(meet: Meet) -> None:
    lin = meet("lin")
    await lin.say("小白鞋能改吗", "change_order", product="FS3014")
    said = await lin.say("不用了", "deny")
    assert "订单先不" in said.text and not lin.slots.get("tasks") and not lin.context.handoffs
