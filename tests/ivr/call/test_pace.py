"""Said again, and more slowly: at every question of a call, and for all that is left of it."""

from __future__ import annotations

import pytest

from ivr.call.mouth import PACES
from tests.ivr.call.world import CHAR_MS, World, reply

STATUS = "静音加湿器正在路上，明天送到。"
ORDER = "261128671238"


def _spacing(world: World, text: str, nth: int) -> float:
    """Milliseconds between the characters of the nth time that a text was heard."""
    heard = "".join(char for _, char in world.transport.heard_at)
    at = -1
    for _ in range(nth + 1):
        at = heard.index(text, at + 1)
    times = [when for when, _ in world.transport.heard_at[at : at + len(text)]]
    return 1000 * (times[-1] - times[0]) / (len(text) - 1)


def test_who_cannot_follow_hears_it_again_more_slowly_and_so_all_that_follows() -> None:
    async def story(world: World) -> None:
        world.service.answers["我的快递到哪了"] = reply(STATUS)
        await world.hears("有什么可以帮您？")
        await world.says("我的快递到哪了")
        await world.hears(STATUS)
        await world.says("你说慢一点")
        await world.hears("好的，我慢一点说。" + STATUS)
        await world.says("我的快递到哪了")
        await world.hears(STATUS)
        await world.says("说得太快了")
        await world.hears("好的，我慢一点说。" + STATUS)
        await world.says("慢一点")
        await world.hears(STATUS)
        world.transport.hang_up()

    world = World().run(story)
    first, second, slowest = (CHAR_MS / pace for pace in PACES)
    spacing = [_spacing(world, STATUS, nth) for nth in range(5)]
    assert spacing == pytest.approx([first, second, second, slowest, slowest], rel=0.05)
    assert world.service.asked == [("我的快递到哪了", None)] * 2
    # That we are as slow as we can be is not promised once more.
    told = [text for kind, text in world.service.told if kind == "prompted"]
    assert [text.startswith("好的，我慢一点说。") for text in told] == [True, True, False]


def test_who_finds_us_too_slow_hears_us_faster_up_to_the_voices_own_pace() -> None:
    async def story(world: World) -> None:
        world.service.answers["我的快递到哪了"] = reply(STATUS)
        await world.hears("有什么可以帮您？")
        await world.says("我的快递到哪了")
        await world.hears(STATUS)
        await world.says("慢一点")
        await world.hears(STATUS)
        await world.says("不用说这么慢")
        await world.hears("好的，我快一点说。" + STATUS)
        await world.says("说快一点")
        await world.hears(STATUS)
        world.transport.hang_up()

    world = World().run(story)
    own, slow = CHAR_MS / PACES[0], CHAR_MS / PACES[1]
    assert [_spacing(world, STATUS, nth) for nth in range(4)] == pytest.approx(
        [own, slow, own, own], rel=0.05
    )


def test_what_was_asked_is_said_again_and_not_that_it_was_not_heard() -> None:
    async def story(world: World) -> None:
        world.service.answers["我的快递到哪了"] = reply(
            "请再告诉我手机后四位。", expects="phone_tail"
        )
        await world.hears("有什么可以帮您？")
        await world.says("我的快递到哪了")
        await world.hears("请再告诉我手机后四位。")
        await world.says("")
        await world.hears("我没听清，请您再说一遍。")
        await world.says("再说一遍")
        await world.hears("请再告诉我手机后四位。", within_s=10)
        world.transport.hang_up()

    World().run(story)


@pytest.mark.parametrize("text", ["慢一点", "再说一遍", "我没听清"])
def test_in_the_middle_of_a_number_too(text: str) -> None:
    question = "您的订单号是261128671238，对吗？"

    async def story(world: World) -> None:
        world.service.answers["我的快递到哪了"] = reply("请报订单号。", expects="order_number")
        await world.hears("有什么可以帮您？")
        await world.says("我的快递到哪了")
        await world.hears("用手机号验证。")
        await world.says(ORDER)
        await world.hears(question)
        await world.says(text)
        await world.hears(question, within_s=15)
        await world.says("对")
        await world.hears(f"您说的是{ORDER}。")
        world.transport.hang_up()

    world = World().run(story)
    assert [asked for asked, _ in world.service.asked] == ["我的快递到哪了", ORDER]
