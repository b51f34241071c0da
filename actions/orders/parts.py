"""Several orders told of, for the ear two at a time; what is left, or one of them, on request ("还有呢", "第二个呢")."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence

from actions.dialogue import Request, Task, Turn
from actions.reading import ordinal_in
from actions.reading.hearing import wants_more
from actions.shop.models import Order

MOST_HEARD = 2
MORE = "more"
"""What a task awaits that asks whether the rest shall be told."""

_LEFT, _ALL = "orders_left", "orders_all"
"""Where ``Memory.about`` keeps the numbers not yet told, and all that were offered."""
_LONGEST = 8
"""A longer text with an ordinal in it rather speaks of something else."""

type Answer = Callable[[Turn, Request, Order], Awaitable[None]]


def leave(turn: Turn, offered: Sequence[str], left: Sequence[str]) -> None:
    """Remember which orders of those offered were not told of."""
    turn.memory.about[_ALL] = " ".join(offered)
    turn.memory.about[_LEFT] = " ".join(left)


async def tell_in_parts(turn: Turn, skill: str, numbers: Sequence[str], answer: Answer) -> None:
    """Tell about the first of several orders, and ask whether to go on.

    An answer that asks something itself is the last one of a turn.

    Raises:
        ShopUnavailable: the shop could not be asked.
    """
    known = turn.memory.about.get(_ALL, "").split()
    offered = known if set(numbers) < set(known) else list(numbers)
    left = list(numbers)
    while left and len(numbers) - len(left) < MOST_HEARD:
        asked = turn.memory.task
        order = await turn.shop.order(left.pop(0))
        if order is not None:
            await answer(turn, Request(), order)
        if turn.memory.task is not asked:
            break
    else:
        if left:
            turn.memory.push(Task(skill, MORE, {"numbers": left}))
            turn.use("utter_more_orders", count=len(left))
    leave(turn, offered, left)


async def go_on_telling(turn: Turn, task: Task, answer: Answer) -> bool:
    """Take the answer to whether the rest shall be told.

    Returns:
        False when the message does not answer it.

    Raises:
        ShopUnavailable: the shop could not be asked.
    """
    if meant_of_parts(turn):
        turn.memory.drop(task)
        return await tell_meant_of_parts(turn, task.skill, answer)
    said = turn.answer()
    if said is None:
        return False
    turn.memory.drop(task)
    if said == "no":
        turn.use("utter_deny")
        turn.aside = True
    else:
        await tell_in_parts(turn, task.skill, [str(n) for n in task.data["numbers"]], answer)
    return True


def meant_of_parts(turn: Turn) -> list[str]:
    """The orders that "还有呢" or "第二个呢" means after several were offered; none elsewhere."""
    text, about = turn.message.text, turn.memory.about
    if turn.message.chosen:
        return []
    if turn.on_phone and wants_more(text):
        return about.get(_LEFT, "").split()
    offered = about.get(_ALL, "").split()
    index = ordinal_in(text, len(offered)) if len(text) <= _LONGEST and len(offered) > 1 else None
    return [] if index is None else [offered[index]]


async def tell_meant_of_parts(turn: Turn, skill: str, answer: Answer) -> bool:
    """Tell about those orders.

    Returns:
        False when none are meant.

    Raises:
        ShopUnavailable: the shop could not be asked.
    """
    numbers = meant_of_parts(turn) if turn.memory.topic == skill else []
    if not numbers:
        return False
    left = turn.memory.about.get(_LEFT, "").split()
    if len(numbers) == 1 and not wants_more(turn.message.text):
        order = await turn.shop.order(numbers[0])
        if order is None:
            return False
        turn.memory.order_number = order.number
        await answer(turn, Request(), order)
        leave(turn, turn.memory.about[_ALL].split(), [n for n in left if n != numbers[0]])
        return True
    await tell_in_parts(turn, skill, numbers, answer)
    return True
