"""Questions about an order or parcel just shown, answered from its record or honestly not at all."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest

from actions.dialogue import Request
from actions.orders.coming import Hope, hoped_day
from actions.orders.following import goes_on
from tests.actions.talk import Talk

Meet = Callable[..., Talk]
SUNDAY = date(2026, 11, 22)

FRYER, TOWELS, COOKER, RICE = "XJ1003", "JF2008", "XJ1008", "SP5009"
BLENDER, SHEET, HOODIE, MOONCAKES = "XJ1005", "JF2010", "FS3005", "SP5012"


async def told(talk: Talk, sku: str) -> Talk:
    await talk.say("到哪了", "query_logistics", product=sku)
    return talk


@pytest.mark.parametrize(
    ("text", "day", "before"),
    [
        ("明天能到吗", 23, False),
        ("后天几点送", 24, False),
        ("周三前能到吗", 25, True),
        ("11月25号之前能到吗", 25, True),
        ("24号能到吗", 24, False),
        ("这周日能到吗", 22, False),
    ],
)
def test_a_day_hoped_for_lies_ahead(text: str, day: int, before: bool) -> None:
    assert hoped_day(Request(text=text), SUNDAY) == Hope(date(2026, 11, day), before)


@pytest.mark.parametrize(
    "text", ["前天买的到哪了", "明天开门吗", "昨天下单的那个", "2月30号能到吗"]
)
def test_a_day_of_something_else_is_not_hoped_for(text: str) -> None:
    assert hoped_day(Request(text=text), SUNDAY) is None


@pytest.mark.parametrize(
    "text",
    [
        "早上好",
        "你们几点上班",
        "发票多久能开",
        "退货寄到哪里",
        "那怎么退呢",
        "我要投诉",
        "积分多久到账",
        "好的谢谢",
        "改一下收货地址",
        "优惠券为什么不能用",
        "没人理我吗",
    ],
)
def test_another_subject_does_not_go_on_with_the_parcel(text: str) -> None:
    assert not goes_on(text)


class TestReturned:
    @pytest.mark.parametrize(
        ("who", "sku"), [("returner", "XJ1004"), ("diamond", "FS3001"), ("lin", "XJ1014")]
    )
    async def test_a_return_is_told_from_its_own_record(
        self, meet: Meet, who: str, sku: str
    ) -> None:
        said = await meet(who).say("到哪了", "query_logistics", product=sku)
        assert "退货" in said.text and "质检" in said.text and "¥" in said.text
        assert "代收" not in said.text and "本人签收" not in said.text and not said.cards


class TestMissing:
    @pytest.mark.parametrize("text", ["家里没有", "不是我签的", "物业没有", "没人给我打电话"])
    async def test_not_there_does_not_refuse_the_person_offered(
        self, meet: Meet, text: str
    ) -> None:
        returner = meet("returner")
        await returner.say("卫衣显示签收了但我没收到", "query_logistics", product=HOODIE)
        assert "转人工" in (await returner.say(text, "deny", 0.95)).buttons

    async def test_the_signed_parcel_of_several_is_offered_to_be_looked_for(
        self, meet: Meet
    ) -> None:
        wang = meet("wang")
        said = await wang.say("料理机显示签收了可我没收到", "query_logistics", product=BLENDER)
        assert "物业前台代收" in said.text and "转人工" in said.buttons
        assert "床笠" not in said.text

    @pytest.mark.parametrize(
        "text",
        ["放哪了", "哪个快递柜", "谁签的", "是不是送错了", "好像被人拿走了", "问过物业了没有"],
    )
    async def test_the_offer_stays_whatever_is_asked_about_it(self, meet: Meet, text: str) -> None:
        returner = meet("returner")
        first = await returner.say("卫衣显示签收了但我没收到", "query_logistics", product=HOODIE)
        assert "本人委托代放" in first.text
        said = await returner.say(text, "complaint", 0.8)
        assert "转人工" in said.buttons and "没收到货" not in said.text
        await returner.press("转人工")
        assert returner.context.handoffs[-1][0] == "complex_intent"

    @pytest.mark.parametrize("text", ["家里没有", "不是我签的", "没人给我打电话"])
    async def test_not_there_after_a_signed_status_is_no_refusal(
        self, meet: Meet, text: str
    ) -> None:
        returner = await told(meet("returner"), HOODIE)
        assert "转人工" in (await returner.say(text, "deny")).buttons

    async def test_who_signed_is_read_from_the_trace_at_once(self, meet: Meet) -> None:
        shopper = meet("shopper")
        said = await shopper.say("坚果谁签收的", "query_logistics", product="SP5001")
        assert "物业前台代收" in said.text and "转人工" in said.buttons

    async def test_how_long_is_not_promised(self, meet: Meet) -> None:
        returner = await told(meet("returner"), HOODIE)
        await returner.unclear("家里没有")
        said = await returner.say("要等多久", "return_policy")
        assert "补发或全额退款" in said.text and "转人工" in said.buttons

    async def test_a_signed_parcel_nobody_misses_is_asked_nothing(self, meet: Meet) -> None:
        returner = await told(meet("returner"), HOODIE)
        said = await returner.say("多久能退", "return_policy")
        assert "补发" not in said.text


class TestOtherParcel:
    @pytest.mark.parametrize(
        ("text", "intent"),
        [
            ("电饭煲收到了 大米呢", "query_logistics"),
            ("电饭煲收到了，大米没收到", "query_logistics"),
            ("只收到电饭煲", "request_return"),
            ("怎么就收到一个电饭煲", "request_return"),
            ("少了大米和洗发水", "request_return"),
            ("少发了吧", "request_return"),
        ],
    )
    async def test_missed_goods_in_another_parcel_are_on_their_way(
        self, meet: Meet, text: str, intent: str
    ) -> None:
        lin = await told(meet("lin"), COOKER)
        said = await lin.say(text, intent)
        assert "2 个包裹" in said.text and "五常大米" in said.text and "明天" in said.text
        assert "拒收" not in said.text and "电饭煲由" not in said.text

    async def test_a_thing_missing_inside_a_parcel_is_for_the_returns(self, meet: Meet) -> None:
        returner = await told(meet("returner"), HOODIE)
        said = await returner.say("少了个腰带", "request_return")
        assert "包裹" not in said.text and returner.slots["topic"] == "request_return"


class TestHoped:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("明天能到吗", ["预计明天", "明天能到", "来得及"]),
            ("今天能到吗", ["今天恐怕", "今天应该赶不上"]),
            ("周三前能到吗", ["预计明天", "来得及"]),
            ("明天几点到", ["几点送到我这边看不到"]),
            ("明天我不在家", ["不在家的话"]),
            ("能到吗", ["明天"]),
        ],
    )
    async def test_a_day_is_about_the_order_just_spoken_of(
        self, meet: Meet, people: dict[str, str], text: str, expected: list[str]
    ) -> None:
        lin = await told(meet("lin"), TOWELS)
        day = {"date": "2026-11-23"} if "明天" in text else {}
        said = await lin.say(text, "query_logistics", **day)
        assert people["lin.in_transit.number"] in said.text and "哪一笔" not in said.text
        assert any(words in said.text for words in expected)

    async def test_nothing_is_promised_of_a_stuck_parcel(self, meet: Meet) -> None:
        lin = await told(meet("lin"), "JF2001")
        said = await lin.say("明天能到吗", "query_logistics", date="2026-11-23")
        assert "没有新的物流记录" in said.text and "帮我催一下" in said.buttons

    async def test_a_packed_order_has_its_day(self, meet: Meet) -> None:
        said = await meet("lin").say("防晒几号能到", "query_logistics", product="MZ4005")
        assert "11月25日" in said.text

    async def test_an_order_in_the_warehouse_has_none(self, meet: Meet) -> None:
        canceller = await told(meet("canceller"), "XJ1015")
        said = await canceller.say("后天能到吗", "query_logistics", date="2026-11-24")
        assert "后天" in said.text and "48 小时" in said.text

    async def test_the_day_of_sending_is_not_promised(self, meet: Meet) -> None:
        lin = await told(meet("lin"), "MZ4005")
        said = await lin.say("12月2号之前能发吗", "query_order", date="2025-12-02")
        assert "12月2日之前" in said.text and "不能保证" in said.text and "哪一笔" not in said.text


class TestQuestions:
    @pytest.mark.parametrize(
        ("text", "expected"),
        [
            ("用的什么快递", "顺禾速运"),
            ("啥快递啊", "顺禾速运"),
            ("单号", "SH51720****8260"),
            ("顺禾电话多少", "顺禾速运的电话"),
            ("快递公司电话", "顺禾速运的电话"),
            ("快递员电话有没有", "派送员的电话"),
            ("为什么这么慢", "没有显示异常"),
            ("怎么后天才到", "没有显示异常"),
            ("寄到哪里的", "武侯区***"),
            ("收件人写的谁", "陈**"),
            ("从哪发的", "武汉仓"),
            ("是不是丢了", "成都转运中心"),
            ("丢了谁赔", "补发或全额退款"),
            ("转运中心是啥意思", "分拣"),
            ("能换个快递吗", "仓库"),
            ("48小时从什么时候算", "付款"),
        ],
    )
    async def test_a_question_about_the_parcel_gets_its_answer(
        self, meet: Meet, text: str, expected: str
    ) -> None:
        solo = await told(meet("solo"), FRYER)
        said = await solo.say(text, "query_logistics")
        assert expected in said.text and "还没有新的物流记录" not in said.text

    async def test_the_same_news_again_and_again_ends_in_an_offer(self, meet: Meet) -> None:
        solo = await told(meet("solo"), FRYER)
        assert "新的物流记录" in (await solo.say("现在到哪了", "query_logistics")).text
        third = await solo.say("到哪了啊", "query_logistics")
        assert "帮我催一下" in third.buttons and "成都转运中心" not in third.text

    async def test_whether_it_is_at_the_station_is_no_wish(self, meet: Meet) -> None:
        solo = await told(meet("solo"), FRYER)
        assert "请人代收" not in (await solo.say("快递到驿站了吗", "query_logistics")).text
        assert "请人代收" in (await solo.say("能放驿站吗", "query_logistics")).text

    async def test_a_stuck_parcel_may_be_lost(self, meet: Meet) -> None:
        lin = await told(meet("lin"), "JF2001")
        said = await lin.say("是不是丢了", "complaint", 0.8)
        assert "转人工" in said.buttons and "5 天" in said.text

    @pytest.mark.parametrize("text", ["能把快递拦下来吗 地址错了", "寄到老家去了"])
    async def test_a_wrong_address_on_the_way_is_for_a_person(self, meet: Meet, text: str) -> None:
        silver = await told(meet("silver"), MOONCAKES)
        said = await silver.say(text, "cancel_order")
        assert "拦截" in said.text and "转人工" in said.buttons

    @pytest.mark.parametrize("intent", ["query_refund", "cancel_order"])
    async def test_refusing_brings_the_money_back(self, meet: Meet, intent: str) -> None:
        silver = await told(meet("silver"), MOONCAKES)
        said = await silver.say("拒收了钱退吗", intent)
        assert "月饼" in said.text and ("退款" in said.text or "原路退回" in said.text)

    async def test_refusing_what_is_not_sent_is_cancelling(self, meet: Meet) -> None:
        lin = await told(meet("lin"), "MZ4005")
        assert "确认取消" in (await lin.say("我要拒收", "cancel_order")).buttons

    @pytest.mark.parametrize("text", ["能送上门吗 别放驿站", "能送上楼吗", "别给我放驿站 送家里"])
    async def test_to_the_door_is_asked_of_the_courier(self, meet: Meet, text: str) -> None:
        for start in (meet("lin"), await told(meet("lin"), TOWELS)):
            said = await start.say(text, "query_logistics")
            assert "门" in said.text and "请人代收" not in said.text

    async def test_a_courier_who_will_not_is_for_a_person(self, meet: Meet) -> None:
        lin = await told(meet("lin"), TOWELS)
        assert "转人工" in (await lin.say("他不肯送上楼", "query_logistics")).buttons


class TestSeveral:
    @pytest.mark.parametrize("text", ["从哪发货", "什么时候到", "怎么还不发货"])
    async def test_a_general_question_is_answered_in_one_message(
        self, meet: Meet, people: dict[str, str], text: str
    ) -> None:
        lin = meet("lin")
        await lin.say("我的订单", "query_order")
        said = await lin.say(text, "query_order", 0.8)
        assert people["lin.signed.number"] not in said.text and len(said.messages) == 1
        assert people["lin.packed.number"] in said.text


class TestCancelled:
    async def test_an_unpaid_order_closed_by_itself(self, meet: Meet) -> None:
        diamond = meet("diamond")
        said = await diamond.say("香水怎么取消了", "query_order", product="MZ4012")
        assert "付款" in said.text and "重新下" in said.text
        assert "重新下" in (await diamond.unclear("能重新买吗")).text
        assert "转人工" in (await diamond.unclear("我付过钱的")).buttons

    async def test_a_paid_one_says_when_and_where_the_money_is(self, meet: Meet) -> None:
        wang = meet("wang")
        said = await wang.say("除螨仪怎么取消了", "query_order", product="XJ1011")
        assert "¥239.00" in said.text and "今天 01:21" in said.text
        again = await wang.say("我没取消啊", "cancel_order")
        assert "转人工" in again.buttons and "可以取消的订单" not in again.text

    async def test_how_to_cancel_is_no_question_of_why(self, meet: Meet) -> None:
        lin = await told(meet("lin"), "MZ4005")
        assert "确认取消" in (await lin.say("怎么取消", "cancel_order")).buttons


async def test_a_piece_of_a_title_names_another_order(meet: Meet, people: dict[str, str]) -> None:
    lin = meet("lin")
    await lin.say("加湿器到哪了", "query_logistics", product="XJ1001")
    assert people["lin.split.number"] in (await lin.unclear("五常大米呢")).text
