"""Callers are told to end a number with #; one that was complete without it must not do more."""

from __future__ import annotations

import pytest

from tests.ivr.call.world import World, reply

NUMBER, TAIL = "261119004217", "5678"


def _prepare(world: World) -> None:
    world.service.answers["查一下我的订单"] = reply("请说出订单号。", expects="order_number")
    world.service.answers[NUMBER] = reply("请说手机号后四位。", expects="phone_tail")
    world.service.answers[TAIL] = reply("您的订单正在运输途中，预计明天送到。")


async def _press(world: World, keys: str, pause_s: float) -> None:
    for key in keys:
        world.transport.press(key)
        await world.quiet(pause_s)


@pytest.mark.parametrize("pause_s", [0.0, 0.4], ids=["all at once", "one after the other"])
@pytest.mark.parametrize("end", ["", "#"], ids=["without", "with"])
def test_a_number_is_the_same_with_and_without_its_closing_key(end: str, pause_s: float) -> None:
    async def story(world: World) -> None:
        _prepare(world)
        world.service.turn_s = 1.0
        await world.hears("有什么可以帮您？")
        world.transport.press("1")
        await world.hears("请说出订单号。")
        await _press(world, NUMBER + end, pause_s)
        await world.hears("您的订单号是261119004217，对吗？对请说是，或者按1，不对请按2。")
        world.transport.press("1")
        await world.hears("请说手机号后四位。")
        await _press(world, TAIL + end, pause_s)
        await world.hears("您的订单正在运输途中，预计明天送到。", within_s=8)
        await world.quiet(2)
        world.transport.press("#")
        await world.hears("感谢您的来电")

    world = World().run(story)
    assert world.why == "caller_ended"
    assert [text for text, _ in world.service.asked] == ["查一下我的订单", NUMBER, TAIL]


def test_a_number_that_was_closed_early_is_not_the_end_of_the_call() -> None:
    async def story(world: World) -> None:
        _prepare(world)
        await world.hears("有什么可以帮您？")
        world.transport.press("1")
        await world.hears("请说出订单号。")
        await _press(world, "12345#", 0.3)
        await world.hears("订单号是十二位数字")
        world.transport.hang_up()

    assert World().run(story).why == "hangup"
