"""Running a dialogue through a function that sends messages."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from yingda.replay.compare import Difference, compare
from yingda.replay.parse import Dialogue

Send = Callable[[str, tuple[int, int] | None], Awaitable[Mapping[str, Any]]]
"""Sends text, or a quick reply as (seq of its message, index); answers like /internal/turn."""


class Conversation:
    """Keeps what was offered last, so that a quick reply can be pressed by its title."""

    def __init__(self, send: Send) -> None:
        """Takes the function that sends within one new conversation."""
        self._send = send
        self._offered: dict[str, tuple[int, int]] = {}

    async def say(self, text: str) -> Mapping[str, Any]:
        """Write something."""
        return self._remember(await self._send(text, None))

    async def choose(self, title: str) -> Mapping[str, Any] | None:
        """Press a quick reply; None when none of that title was offered."""
        place = self._offered.get(title)
        return None if place is None else self._remember(await self._send(title, place))

    def _remember(self, answer: Mapping[str, Any]) -> Mapping[str, Any]:
        self._offered = {
            str(option.get("title")): (int(reply.get("seq") or 0), index)
            for reply in answer.get("replies") or ()
            for index, option in enumerate(reply.get("quick_replies") or ())
        }
        return answer


async def run(dialogue: Dialogue, send: Send) -> list[Difference]:
    """Play a dialogue to its end and tell every difference.

    Args:
        dialogue: what to play.
        send: sends within a new conversation, as the dialogue's customer on its channel.
    """
    conversation = Conversation(send)
    differences: list[Difference] = []
    for number, step in enumerate(dialogue.steps, 1):
        if step.choose:
            answer = await conversation.choose(step.choose)
            if answer is None:
                differences.append(
                    Difference(dialogue.name, number, "button", step.choose, "not offered")
                )
                break
        else:
            answer = await conversation.say(step.say)
        differences += compare(dialogue.name, number, step, answer)
    return differences
