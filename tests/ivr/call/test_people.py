"""From the bot to a person and back, in virtual time."""

from __future__ import annotations

from ivr.call import Agent, Answer, Reply, State
from ivr.transports import TransferResult
from tests.ivr.call.world import World, reply


async def _to_queue(world: World) -> None:
    world.service.answers["转人工"] = world.service.waiting()
    await world.hears("有什么可以帮您？")
    world.transport.press("0")
    await world.hears("您排在第一位，预计等待约 2 分钟。")


def test_the_caller_hears_place_and_wait_and_is_put_through_to_the_agents_extension() -> None:
    async def story(world: World) -> None:
        world.transport.transfer_result = TransferResult.ANSWERED
        world.transport.transfer_s = 90
        await _to_queue(world)
        await world.quiet(20)
        world.service.agent("8001")
        await world.hears("正在接通，请不要挂断")
        await world.hears("您和同事的通话结束了", within_s=120)
        world.transport.hang_up()

    world = World(longest_s=60).run(story)
    assert world.transport.transferred == ["8001"]
    stages = [value for kind, value in world.service.told if kind == "transferring"]
    assert stages == ["ringing", "talking", "answered"]
    assert State.TALKING in [state for _at, state in world.session.trace.states]
    assert world.why == "hangup"


def test_an_agent_who_does_not_answer_gives_the_caller_back_to_the_bot_with_a_sentence() -> None:
    async def story(world: World) -> None:
        await _to_queue(world)
        world.service.agent("8001")
        await world.hears("同事这会儿没能接起来")
        await world.quiet(8)
        await world.says("我的快递到哪了")
        await world.hears("您说的是我的快递到哪了。")
        world.transport.hang_up()

    world = World().run(story)
    stages = [value for kind, value in world.service.told if kind == "transferring"]
    assert stages == ["ringing", "no_answer"]


def test_an_agent_without_a_telephone_types_and_the_caller_hears_it() -> None:
    async def story(world: World) -> None:
        await _to_queue(world)
        world.service.agent(None)
        await world.hears("您可以直接说。")
        world.service.answers["我要投诉"] = Answer((), owner="human", latest=7)
        await world.says("我要投诉")
        await world.quiet(1)
        said = Reply(9, "agent", "您好，我看到您的订单了。")
        world.service.news(latest=9, owner="human", agent=Agent("小李"), replies=(said,))
        await world.hears("您好，我看到您的订单了。")
        over = Reply(10, "system", "本次人工服务已结束。")
        world.service.news(latest=10, owner="bot", closed=True, replies=(over,))
        await world.hears("本次人工服务已结束。")
        world.transport.hang_up()

    world = World().run(story)
    assert ("我要投诉", None) in world.service.asked
    assert ("transferring", "typing") in world.service.told
    assert world.transport.transferred == []


def test_the_caller_may_choose_a_call_back() -> None:
    async def story(world: World) -> None:
        await _to_queue(world)
        world.transport.press("1")
        await world.hears("同事会打到您现在的号码，尾号5678，可以吗？")
        world.transport.press("1")
        await world.hears("什么时间方便接电话？")
        await world.quiet(4)
        await world.says("下午三点以后")
        await world.hears("记下了，同事会今天下午给您打电话，号码尾号5678。")
        world.transport.hang_up()

    world = World().run(story)
    assert ("call_back", ("13800005678", "下午三点以后")) in world.service.told


def test_a_withheld_number_is_asked_for() -> None:
    async def story(world: World) -> None:
        await _to_queue(world)
        await world.hears("取消排队。")
        await world.says("给我回个电话吧")
        await world.hears("请说出或者按键输入您的联系电话")
        for key in "02155667788#":
            world.transport.press(key)
        await world.hears("什么时间方便接电话？")
        world.transport.press("#")
        await world.hears("号码尾号7788。")
        world.transport.hang_up()

    world = World(number=None).run(story)
    assert ("call_back", ("02155667788", "")) in world.service.told


def test_leaving_the_queue_gives_the_bot_back() -> None:
    async def story(world: World) -> None:
        await _to_queue(world)
        world.service.answers["取消排队"] = reply("好的，已取消排队。")
        world.transport.press("2")
        await world.hears("好的，已取消排队。")
        await world.quiet(2)
        world.transport.press("1")
        await world.hears("您说的是查一下我的订单。")
        world.transport.hang_up()

    World().run(story)


def test_the_queue_is_never_a_dead_line() -> None:
    async def story(world: World) -> None:
        await _to_queue(world)
        for _ in range(3):
            await world.hears("按1让我们给您打回去", within_s=40)
        world.transport.hang_up()

    World().run(story)


def test_a_service_that_goes_away_while_waiting_is_watched_again() -> None:
    async def story(world: World) -> None:
        await _to_queue(world)
        world.service.broken = True
        await world.quiet(60)
        world.service.broken = False
        world.service.agent("8001")
        await world.hears("正在接通", within_s=60)
        world.transport.hang_up()

    World().run(story)
