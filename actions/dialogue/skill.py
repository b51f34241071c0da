"""A skill answers one intent, over one or several turns."""

from __future__ import annotations

import re
from abc import ABC, abstractmethod
from typing import ClassVar

from actions.dialogue.fragments import bare_question
from actions.dialogue.memory import Task
from actions.dialogue.request import Request
from actions.dialogue.turn import Turn


class Skill(ABC):
    """One subject that the assistant can talk about."""

    intent: ClassVar[str]
    """The intent that starts it; also its name in ``Task.skill``."""

    topical: ClassVar[bool] = True
    """Whether a fragment in the next message may refer to it."""

    about_orders: ClassVar[bool] = False
    """Whether "the other one" means another order."""

    follow_ups: ClassVar[re.Pattern[str] | None] = None
    """Bare questions that, right after this was answered, are about it ("几天", "多少钱")."""

    @abstractmethod
    async def start(self, turn: Turn, request: Request) -> None:
        """Answer a new request, or ask for what is missing (``turn.memory.push``)."""

    def asks_on(self, text: str) -> bool:
        """Whether a text is one of the ``follow_ups``."""
        return bool(self.follow_ups and self.follow_ups.fullmatch(bare_question(text)))

    async def claims(self, turn: Turn, request: Request) -> bool:
        """Whether a message that answers no question of ours is for this skill, whatever the classifier says."""
        del turn, request
        return False

    async def go_on(self, turn: Turn, task: Task) -> bool:
        """Take the message as the answer to what ``task`` waits for.

        Returns:
            False when the message does not answer it; nothing was said or changed then.
        """
        del turn, task
        return False

    async def meanwhile(self, turn: Turn, task: Task) -> bool:
        """Keep what is said of the matter while the proof of who is speaking is waited for.

        Returns:
            False when nothing is said of it; nothing was said or changed then.
        """
        del turn, task
        return False

    async def insist(self, turn: Turn, task: Task) -> bool:
        """Answer without what the task waits for, where the same is asked again instead of an answer.

        Returns:
            False when there is no answer without it; nothing was said or changed then.
        """
        del turn, task
        return False

    def remind(self, turn: Turn, task: Task) -> bool:
        """Ask again for what the task waits for, after something else was answered.

        Returns:
            False when the question is not worth repeating: the task is dropped then.
        """
        del turn, task
        return False

    async def continues(self, turn: Turn, request: Request) -> bool:
        """Whether a message that means nothing on its own goes on with this subject."""
        del turn
        return self.about_orders and request.points_at_order
