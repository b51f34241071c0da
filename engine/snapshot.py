"""What a conversation must remember between turns, as plain JSON, and back again.

Rasa's tracker is only a cache in Yingda. After each turn the door hands the service a snapshot;
when the tracker is lost or stale, the next request brings the snapshot and the door rebuilds the
tracker from it. The same two steps keep live trackers short (``shorten``): the distant past is
replaced by the snapshot of its end, so that turn 500 costs what turn 5 does while slots and
forms stay exact.
"""

from __future__ import annotations

from typing import Any, Dict, List, Optional

from rasa.shared.core.constants import (
    ACTION_LISTEN_NAME,
    ACTION_SESSION_START_NAME,
    REQUESTED_SLOT,
)
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActionExecutionRejected,
    ActiveLoop,
    BotUttered,
    Event,
    SessionStarted,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker

VERSION = 1
_MAX_BOT_TEXT = 500
"""Characters of the bot's last words that are kept (actions avoid repeating themselves)."""

Snapshot = Dict[str, Any]


def take(tracker: DialogueStateTracker) -> Snapshot:
    """Describe the tracker's state; equal states give equal snapshots.

    ``slots`` holds every slot whose value differs from its initial one, ``None`` included.
    """
    snapshot: Snapshot = {
        "version": VERSION,
        "slots": {
            name: slot.value
            for name, slot in tracker.slots.items()
            if slot.value != slot.initial_value
        },
        "loop": None,
        "latest_action": _last_action(tracker),
        "latest_intent": None,
        "bot": None,
    }
    if tracker.active_loop_name:
        snapshot["loop"] = {
            "name": tracker.active_loop_name,
            "requested_slot": tracker.get_slot(REQUESTED_SLOT),
            "rejected": tracker.is_active_loop_rejected,
        }
    if tracker.latest_message is not None:
        snapshot["latest_intent"] = tracker.latest_message.intent.get("name")
    if tracker.latest_bot_utterance is not None and tracker.latest_bot_utterance.text:
        snapshot["bot"] = tracker.latest_bot_utterance.text[:_MAX_BOT_TEXT]
    return snapshot


def events(snapshot: Optional[Snapshot], domain: Domain) -> List[Event]:
    """Turn a snapshot into the shortest history that leads to the same state.

    Names that the loaded model does not know (it may be newer than the snapshot) are left out.
    ``None`` gives the opening of a fresh session. The history always ends listening.

    Raises:
        ValueError: the snapshot is not one of ours.
    """
    history: List[Event] = [ActionExecuted(ACTION_SESSION_START_NAME), SessionStarted()]
    if snapshot is None:
        return [*history, ActionExecuted(ACTION_LISTEN_NAME)]
    slots = snapshot.get("slots", {})
    loop = snapshot.get("loop")
    if snapshot.get("version") != VERSION or not isinstance(slots, dict):
        raise ValueError("unknown snapshot format")
    if loop is not None and not (isinstance(loop, dict) and isinstance(loop.get("name"), str)):
        raise ValueError("unknown snapshot format")

    intent = snapshot.get("latest_intent")
    action = snapshot.get("latest_action")
    if intent in domain.intents:
        history.append(ActionExecuted(ACTION_LISTEN_NAME))
        history.append(UserUttered(text=None, intent={"name": intent, "confidence": 1.0}))
    known = {slot.name for slot in domain.slots}
    history.extend(SlotSet(name, value) for name, value in slots.items() if name in known)
    if loop is not None and loop["name"] in domain.form_names + _LOOP_ACTIONS:
        history += [ActionExecuted(loop["name"]), ActiveLoop(loop["name"])]
        if loop.get("rejected"):
            history.append(ActionExecutionRejected(loop["name"]))
        if action != loop["name"] and action in domain.action_names_or_texts:
            history.append(ActionExecuted(action))
        if REQUESTED_SLOT in known:
            history.append(SlotSet(REQUESTED_SLOT, loop.get("requested_slot")))
    elif action in domain.action_names_or_texts:
        history.append(ActionExecuted(action))
    if isinstance(snapshot.get("bot"), str):
        history.append(BotUttered(snapshot["bot"]))
    history.append(ActionExecuted(ACTION_LISTEN_NAME))
    return history


_LOOP_ACTIONS = ["action_two_stage_fallback"]


def rebuild(sender_id: str, snapshot: Optional[Snapshot], domain: Domain) -> DialogueStateTracker:
    """Make a tracker in the state that the snapshot describes.

    Raises:
        ValueError: the snapshot is not one of ours.
    """
    return DialogueStateTracker.from_events(
        sender_id, events(snapshot, domain), slots=domain.slots, domain=domain
    )


def shorten(tracker: DialogueStateTracker, domain: Domain, keep_turns: int) -> DialogueStateTracker:
    """Return an equal tracker that remembers only its last ``keep_turns`` customer turns as events."""
    history = list(tracker.events)
    turns = [i for i, event in enumerate(history) if isinstance(event, UserUttered)]
    if len(turns) <= keep_turns:
        return tracker
    cut = turns[-keep_turns]
    before = DialogueStateTracker.from_events(
        tracker.sender_id, history[:cut], slots=domain.slots, domain=domain
    )
    short = rebuild(tracker.sender_id, take(before), domain)
    for event in history[cut:]:
        short.update(event, domain)
    short.model_id = tracker.model_id
    short.assistant_id = tracker.assistant_id
    return short


def _last_action(tracker: DialogueStateTracker) -> Optional[str]:
    for event in reversed(tracker.events):
        if isinstance(event, ActionExecuted) and event.action_name not in (
            ACTION_LISTEN_NAME,
            ACTION_SESSION_START_NAME,
        ):
            return event.action_name
    return None
