"""Answering several requests of one message, each in a bubble of its own."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from actions.dialogue.meanings import MEANINGS
from actions.dialogue.memory import Memory, Task
from actions.dialogue.message import Message
from actions.dialogue.request import read_request
from actions.dialogue.steering import HUMAN
from actions.dialogue.turn import Reply, Turn
from actions.wording import joined

Answering = Callable[[Message], Awaitable[None]]


async def answer_each(
    turn: Turn, several: list[Message], answer: Answering, lasting: Callable[[Task], bool]
) -> bool:
    """Answer in order what can be answered; what we must ask comes last, one question at most.

    A request that would need a second question waits in the queue until the first is done. A
    person is called last, so that the other answers are still given.

    Args:
        turn: the turn.
        several: the requests of its message.
        answer: answers one of them.
        lasting: whether a task's question has to be answered before going on.

    Returns:
        Whether the answer ends in a question.
    """
    said: list[Reply] = []
    question: list[Reply] = []
    asked = ""
    waiting: list[str] = []
    for wish in sorted(several, key=lambda message: message.intent == HUMAN):
        before, open_before = turn.memory.copy(), _mark(turn.memory.task)
        turn.message = wish
        await answer(wish)
        replies, task = turn.take(), turn.memory.task
        asks = task is not None and lasting(task) and _mark(task) != open_before
        if len(turn.memory.queue) > len(before.queue):
            waiting.append(wish.intent)  # the gate kept it for after the proof
        elif asks and question:
            turn.memory = before
            request = read_request(wish, turn.today)
            turn.memory.queue.append({"skill": wish.intent, "request": request.as_dict()})
            waiting.append(wish.intent)
        elif asks and task is not None:
            question, asked = replies, task.skill
        else:
            said += replies
    turn.message = turn.whole
    _one_offer(turn.memory, question=bool(question))
    asking = bool(question) and turn.memory.task is not None
    if asking:
        if waiting:
            rest = joined(MEANINGS.get(intent, "说别的") for intent in waiting)
            first = MEANINGS.get(asked, "办这件")
            question[0].texts.insert(0, turn.text("utter_first_then", first=first, rest=rest))
        said += question
    turn.put(said)
    return asking


def _mark(task: Task | None) -> tuple[object, ...]:
    return (task.skill, task.awaits, repr(task.data)) if task else ()


def _one_offer(memory: Memory, *, question: bool) -> None:
    """The next yes must mean what was asked last: forget the offers of a person before it."""
    memory.tasks = [
        t for t in memory.tasks if t.skill != HUMAN or (t is memory.tasks[-1] and not question)
    ]
