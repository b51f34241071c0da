"""Numbers as people read them off: in pieces, with pauses, looking for the next line."""

from __future__ import annotations

import pytest

from ivr.call.numbers import digits_in, only_digits
from tests.ivr.call.world import World, reply

ORDER = "261128671238"


async def _asked(world: World, question: str, expects: str) -> None:
    world.service.answers["查订单吧"] = reply(question, expects=expects)
    await world.hears("有什么可以帮您？")
    await world.says("查订单吧")
    await world.hears(question)


def test_an_order_number_in_three_pieces_is_read_back_whole() -> None:
    async def story(world: World) -> None:
        await _asked(world, "请报订单号。", "order_number")
        for piece in ("二六幺幺", "嗯 二八六七"):
            await world.says(piece)
            await world.hears("您接着报。")
        await world.says("幺二三八")
        await world.hears(f"您的订单号是{ORDER}，对吗？")
        await world.says("对的")
        await world.hears(f"您说的是{ORDER}。")
        world.transport.hang_up()

    assert [text for text, _ in World().run(story).service.asked] == ["查订单吧", ORDER]


def test_who_has_to_look_for_the_rest_is_waited_for_and_may_press_it() -> None:
    async def story(world: World) -> None:
        await _asked(world, "请报订单号。", "order_number")
        await world.says("二六幺幺二八")
        await world.hears("您接着报。")
        await world.says("等一下")
        await world.hears("您接着报。")
        for key in "671238":
            world.transport.press(key)
        await world.hears(f"您的订单号是{ORDER}，对吗？")
        world.transport.hang_up()

    World().run(story)


def test_who_begins_again_from_the_front_says_all_of_it() -> None:
    async def story(world: World) -> None:
        await _asked(world, "请报订单号。", "order_number")
        await world.says("二六幺")
        await world.hears("您接着报。")
        await world.says(ORDER)
        await world.hears(f"您的订单号是{ORDER}，对吗？")
        world.transport.hang_up()

    World().run(story)


def test_a_tail_in_two_pieces_is_one_tail() -> None:
    async def story(world: World) -> None:
        await _asked(world, "请说后四位。", "phone_tail")
        await world.says("五六")
        await world.hears("您接着报。")
        await world.says("七八")
        await world.hears("您说的是5678。")
        world.transport.hang_up()

    World().run(story)


def test_a_piece_that_is_not_heard_is_asked_for_again() -> None:
    async def story(world: World) -> None:
        await _asked(world, "请报订单号。", "order_number")
        await world.says("二六幺幺二八")
        await world.hears("您接着报。")
        await world.says("")
        await world.hears("我没听清，请您再说一遍。")
        await world.says("六七幺二三八")
        await world.hears(f"您的订单号是{ORDER}，对吗？")
        world.transport.hang_up()

    World().run(story)


def test_who_says_that_it_was_all_is_told_that_it_was_not() -> None:
    async def story(world: World) -> None:
        await _asked(world, "请报订单号。", "order_number")
        await world.says("二六幺幺二八")
        await world.hears("您接着报。")
        await world.says("对")
        await world.hears("我这边没有收全，请再报一次", within_s=10)
        world.transport.hang_up()

    World().run(story)


def test_something_else_in_the_middle_is_answered() -> None:
    async def story(world: World) -> None:
        await _asked(world, "请报订单号。", "order_number")
        await world.says("二六幺幺")
        await world.hears("您接着报。")
        await world.says("算了查积分吧")
        await world.hears("您说的是算了查积分吧。")
        world.transport.hang_up()

    World().run(story)


def test_a_caller_who_looks_for_the_number_is_not_offered_the_menu() -> None:
    async def story(world: World) -> None:
        await _asked(world, "请报订单号。", "order_number")
        await world.hears("找到订单号了再报给我", within_s=30)
        await world.hears("或者说转人工。", within_s=30)
        await world.quiet(15)
        world.transport.hang_up()

    world = World().run(story)
    heard = "".join(char for _, char in world.transport.heard_at)
    assert "查积分请按" not in heard
    assert ("person", "no_input") in world.service.told


def test_a_tail_that_is_not_heard_twice_may_be_pressed() -> None:
    async def story(world: World) -> None:
        await _asked(world, "请说后四位。", "phone_tail")
        await world.says("")
        await world.hears("请您再说一遍。")
        await world.says("")
        await world.hears("或者用按键输入。")
        for key in "5678":
            world.transport.press(key)
        await world.hears("您说的是5678。")
        world.transport.hang_up()

    World().run(story)


@pytest.mark.parametrize(
    ("text", "digits"),
    [
        ("二六幺幺", "2611"),
        ("嗯 五六", "56"),
        ("幺洞两", "102"),
        ("尾号是五六七八", "5678"),
        ("二六幺幺 然后是 二八", "261128"),
    ],
)
def test_digits_alone(text: str, digits: str) -> None:
    assert only_digits(text)
    assert digits_in(text) == digits


@pytest.mark.parametrize("text", ["五六点送", "我要退货", "买了两件", "嗯", "后四位五六七八"])
def test_what_is_more_than_digits(text: str) -> None:
    assert not only_digits(text)
