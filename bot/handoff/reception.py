"""A turn's two questions to the people's side: should they take over, and who listens now?"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from bot.conversations import Bubble
from bot.handoff import ownership
from bot.handoff.deciding import Heard, decide
from bot.handoff.meanwhile import asks_us, tell_choice
from bot.handoff.messages import leave_message
from bot.handoff.opening import (
    AWAITED,
    OFFERED,
    Opened,
    open_handoff,
    say_place,
    waiting_options,
)
from bot.handoff.queue import place_of
from bot.handoff.rows import lock_open
from bot.handoff.step import Step
from bot.handoff.view import read_view
from bot.handoff.wishes import (
    asks_for_human,
    leaves_queue,
    message_in,
    wants_message,
    would_rather_go_on,
)


@dataclass(frozen=True)
class Decided:
    """People take over: ``care`` is to be said before anything else."""

    opened: Opened
    care: str | None


@dataclass(frozen=True)
class Told:
    """What somebody hears whose message the engine does not answer, and who has them then."""

    owner: str
    notice: tuple[Bubble, ...] = ()


def consider(
    step: Step,
    conversation_id: str,
    episode_id: str,
    channel: str,
    present: Heard,
    turn: int,
    tier: str | None,
) -> Decided | None:
    """Decide after a turn of the bot, and open the handoff in the turn's own transaction.

    Args:
        step: the transaction; it has locked the conversation.
        conversation_id: which conversation.
        episode_id: its open episode.
        channel: where it takes place.
        present: the message that was just answered.
        turn: the number of turns under which actions asked for a person.
        tier: the customer's tier, if it is known.
    """
    view = read_view(step.tx, episode_id, channel, present, turn, tier)
    decision = decide(step.policy, view)
    if decision is None:
        return None
    opened = open_handoff(step, conversation_id, episode_id, present.seq, decision, tier)
    return Decided(opened, decision.care)


def awaits_message(expecting: str | None, text: str) -> bool:
    """Whether a message to the bot is (or is about) a message to be left."""
    if expecting == AWAITED:
        return not asks_for_human(text)
    if expecting == OFFERED:
        return wants_message(text) or message_in(text) is not None or text == _GO_ON_TITLE
    return False


_GO_ON_TITLE = "继续问小禾"


def listen(
    step: Step,
    conversation_id: str,
    episode_id: str,
    seq: int,
    text: str,
    owner: str,
    intent: str | None = None,
) -> Told:
    """Take note of a message that the engine does not answer; the conversation is locked.

    Args:
        step: the transaction.
        conversation_id: which conversation.
        episode_id: its open episode.
        seq: the message's number.
        text: what it says.
        owner: who has the conversation (bot or human).
        intent: what it was understood as; None when that is not known.
    """
    wording = step.policy.wording
    if owner == "bot":
        return _message(step, conversation_id, episode_id, text)
    conversation, handoff = lock_open(step.tx, conversation_id)
    if conversation.agent_id is None:
        if leaves_queue(text):
            ownership.cancel(step, conversation_id)
            return Told("bot", (Bubble(wording.cancelled),))
        if wants_message(text) or message_in(text) is not None:
            ownership.cancel(step, conversation_id)
            return _message(step, conversation_id, episode_id, text)
    if handoff.unanswered_since is None:
        sla = timedelta(minutes=step.policy.reasons[handoff.reason].sla_minutes)
        step.change_handoff(handoff.id, unanswered_since=step.now, sla_due=step.now + sla)
    if conversation.snoozed_until is not None:
        ownership.wake(step, handoff)
    step.changed(conversation_id)
    if conversation.agent_id is None and asks_us(intent):
        choice = tell_choice(step, handoff)
        if choice is not None:
            return Told("human", (choice,))
    if conversation.agent_id is None and _may_tell(step, handoff):
        return Told("human", (tell_place(step, handoff),))
    return Told("human")


def tell_place(step: Step, handoff: Any) -> Bubble:
    """Where one stands in the queue; remembers that it was told."""
    place = place_of(step.tx, handoff, step.policy, step.now)
    step.change_handoff(handoff.id, told_at=step.now, told_place=place.place)
    wording = step.policy.wording
    text = wording.still_waiting.format(place=say_place(place, wording, handoff.channel))
    return Bubble(text, waiting_options(place, wording, handoff.channel))


def _may_tell(step: Step, handoff: Any) -> bool:
    pause = timedelta(minutes=step.policy.assignment.tell_place_minutes)
    return handoff.told_at is None or step.now - handoff.told_at >= pause


def _message(step: Step, conversation_id: str, episode_id: str, text: str) -> Told:
    """Somebody leaves a message, says so, or would rather not."""
    wording = step.policy.wording
    if would_rather_go_on(text):
        step.change_conversation(conversation_id, expecting=None)
        return Told("bot", (Bubble(wording.go_on),))
    if wants_message(text):
        step.change_conversation(conversation_id, expecting=AWAITED)
        option = {"title": wording.go_on_button, "payload": wording.go_on_button}
        return Told("bot", (Bubble(wording.ask_message, (option,)),))
    step.change_conversation(conversation_id, expecting=None)
    left = leave_message(step, conversation_id, episode_id, message_in(text) or text)
    return Told("bot", (Bubble(wording.message_taken.format(due=left)),))
