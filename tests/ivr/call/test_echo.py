"""Our own voice on the line, and callers who speak softly."""

from __future__ import annotations

import pytest

from tests.ivr.call.world import World

PROMPT = "您好，这里是禾沐生活，我是智能客服小禾。"
SOFT = 400  # some 20 dB below what we play
NORMAL = 3000


@pytest.mark.parametrize("echo_db", [-20, -26, -34, None], ids=str)
def test_our_own_echo_never_interrupts(echo_db: float | None) -> None:
    async def story(world: World) -> None:
        world.transport.echo_db = echo_db
        await world.hears("请问有什么可以帮您？", within_s=12)
        world.transport.hang_up()

    assert World().run(story).session.trace.cuts == []


@pytest.mark.parametrize(("echo_db", "level"), [(-20, NORMAL), (-40, SOFT), (None, SOFT)], ids=str)
def test_a_caller_interrupts_softly_where_the_line_has_no_echo(
    echo_db: float | None, level: int
) -> None:
    async def story(world: World) -> None:
        world.transport.echo_db = echo_db
        await world.hears(PROMPT)
        world.texts[:] = ["我的快递到哪了"]
        world.transport.speak(1200, level)
        await world.hears("您说的是我的快递到哪了。", within_s=8)
        world.transport.hang_up()

    world = World().run(story)
    assert len(world.session.trace.cuts) == 1
    assert PROMPT in world.session.trace.cuts[0]
