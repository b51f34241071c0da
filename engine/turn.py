"""One customer turn through Rasa, told to the service in full."""

from __future__ import annotations

import logging
import re
import unicodedata
from dataclasses import dataclass, field
from typing import Any, Dict, List, Optional, Tuple

from rasa.core.agent import Agent
from rasa.core.channels.channel import OutputChannel, UserMessage
from rasa.core.tracker_store import TrackerStore
from rasa.shared.core.constants import (
    ACTION_LISTEN_NAME,
    ACTION_SESSION_START_NAME,
    DEFAULT_SLOT_NAMES,
)
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, Event
from rasa.shared.core.trackers import DialogueStateTracker
from rasa.shared.core.training_data.story_reader.yaml_story_reader import YAMLStoryReader
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

from engine import snapshot
from engine.fastpaths import note_error, turn_errors
from engine.tracker_store import LiveTrackerStore

logger = logging.getLogger(__name__)

MAX_TEXT = 10_000
"""Characters of one customer message; the service caps far below this."""
NEUTRAL = {"label": "neutral", "level": "none", "score": 0.0}
_CHANNEL = re.compile(r"[a-z][a-z0-9_]{0,31}")


class BadTurn(ValueError):
    """The request is not a turn; the message says why and quotes nothing of it."""


@dataclass(frozen=True)
class TurnRequest:
    """What the service asks: see the module ``engine.door`` for the wire form."""

    sender: str
    text: str
    payload: Optional[str]
    channel: str
    turn: int
    snapshot: Optional[snapshot.Snapshot]
    metadata: Dict[str, Any] = field(default_factory=dict)

    @classmethod
    def read(cls, body: Dict[str, Any]) -> "TurnRequest":
        """Check a request body.

        Raises:
            BadTurn: a field is missing or of the wrong kind.
        """
        sender, text, payload = body.get("sender"), body.get("text"), body.get("payload")
        turn, state = body.get("turn", 0), body.get("snapshot")
        channel, metadata = body.get("channel"), body.get("metadata") or {}
        if not isinstance(sender, str) or not 0 < len(sender) <= 200:
            raise BadTurn("sender must be 1 to 200 characters")
        if not isinstance(text, str) or len(text) > MAX_TEXT:
            raise BadTurn(f"text must be a string of at most {MAX_TEXT} characters")
        if payload is not None and not isinstance(payload, str):
            raise BadTurn("payload must be a string or null")
        if not isinstance(channel, str) or not _CHANNEL.fullmatch(channel):
            raise BadTurn("channel must be a lower-case name")
        if isinstance(turn, bool) or not isinstance(turn, int) or turn < 0:
            raise BadTurn("turn must be a number from 0")
        if state is not None and not isinstance(state, dict):
            raise BadTurn("snapshot must be an object or null")
        if not isinstance(metadata, dict):
            raise BadTurn("metadata must be an object")
        return cls(sender, text, payload, channel, turn, state, metadata)


def clean_text(text: str) -> str:
    """Make customer text safe for Rasa: no control characters, never an intent payload.

    Rasa takes any text that begins with ``/`` for a payload, so leading slashes become their
    full-width twins, which read the same.
    """
    text = text.encode("utf-8", "replace").decode("utf-8")
    text = "".join(
        " " if unicodedata.category(char) == "Cc" else char
        for char in text
        if char not in "\ufeff\u200b\u2060"
    ).strip()
    slashes = len(text) - len(text.lstrip("/"))
    return "／" * slashes + text[slashes:]


def nlu_answer(parse_data: Dict[str, Any]) -> Dict[str, Any]:
    """The part of an answer that tells what was understood."""
    intent = parse_data.get("intent") or {}
    name = intent.get("full_retrieval_intent_name") or intent.get("name")
    return {
        "intent": name or "nlu_fallback",
        "confidence": round(float(intent.get("confidence") or 0.0), 4),
        "intent_ranking": [
            {"name": item["name"], "confidence": round(float(item["confidence"]), 4)}
            for item in parse_data.get("intent_ranking", [])
        ],
        "entities": [
            {key: item[key] for key in _ENTITY_KEYS if key in item}
            for item in parse_data.get("entities", [])
        ],
        "emotion": parse_data.get("emotion") or NEUTRAL,
    }


_ENTITY_KEYS = ("entity", "value", "start", "end", "text", "role", "group")


class _Collector(OutputChannel):
    """Keeps what the bot says; named like the customer's channel so that responses can vary."""

    def __init__(self, channel: str) -> None:
        self.replies: List[Dict[str, Any]] = []
        self.name = lambda: channel  # type: ignore[method-assign,assignment]

    async def send_response(self, recipient_id: str, message: Dict[str, Any]) -> None:
        """Keep one bubble whole (Rasa would split it at blank lines)."""
        custom = dict(message.get("custom") or {})
        for extra in ("image", "attachment"):
            if message.get(extra):
                custom[extra] = message[extra]
        buttons = (message.get("buttons") or []) + (message.get("quick_replies") or [])
        reply = {
            "text": message.get("text") or None,
            "buttons": [
                {"title": str(b.get("title", "")), "payload": b.get("payload")} for b in buttons
            ],
            "custom": custom or None,
        }
        if any(reply.values()):
            self.replies.append(reply)


async def take_turn(agent: Agent, wanted: TurnRequest) -> Dict[str, Any]:
    """Run one turn and describe it; failures inside Rasa are in ``errors``, never raised.

    After a failure in NLU or policy the tracker is dropped and the given snapshot is returned,
    so that the next turn starts from the last good state.
    """
    errors: List[Dict[str, str]] = []
    token = turn_errors.set(errors)
    try:
        async with agent.lock_store.lock(wanted.sender):
            return await _locked_turn(agent, wanted, errors)
    finally:
        turn_errors.reset(token)


async def _locked_turn(
    agent: Agent, wanted: TurnRequest, errors: List[Dict[str, str]]
) -> Dict[str, Any]:
    processor = agent.processor
    store = live_store(agent.tracker_store)
    try:
        tracker = store.checkout(wanted.sender, wanted.turn, wanted.snapshot)
    except ValueError as error:
        note_error("snapshot", error)
        tracker = store.checkout(wanted.sender, wanted.turn, None)
    tracker.model_id = processor.model_metadata.model_id
    slots_before = dict(tracker.current_slot_values())
    events_before = len(tracker.events)
    output = _Collector(wanted.channel)
    parse_data: Dict[str, Any] = {}
    where = "nlu"
    done = False
    try:
        text, parse_data = await _understand(processor, agent.domain, wanted, tracker)
        where = "policy"
        message = UserMessage(
            text,
            output,
            wanted.sender,
            parse_data=parse_data,
            input_channel=wanted.channel,
            metadata=wanted.metadata,
        )
        await processor.handle_message(message)
        done = tracker.latest_action_name == ACTION_LISTEN_NAME
        if not done:
            errors.append({"where": "policy", "what": "too many actions in one turn"})
    except Exception as error:
        note_error(where, error)
        logger.exception("a turn failed", extra={"where": where})
    finally:
        # Also when cancelled: a tracker that stopped half-way must not be used again.
        if done:
            store.commit(tracker, wanted.turn + 1)
        else:
            store.drop(wanted.sender)
    new_events = list(tracker.events)[events_before:]
    state = snapshot.take(tracker) if done else wanted.snapshot
    return {
        "replies": output.replies,
        **nlu_answer(parse_data),
        "slots": _slots(tracker, slots_before),
        "actions": _actions(new_events),
        "snapshot": state,
        "turn": wanted.turn + 1 if done else wanted.turn,
        "errors": errors,
        "model": processor.model_filename,
    }


async def _understand(
    processor: Any, domain: Domain, wanted: TurnRequest, tracker: DialogueStateTracker
) -> Tuple[str, Dict[str, Any]]:
    """Return what Rasa shall take for the text, and its parse."""
    if wanted.payload is not None:
        parse_data = _read_payload(wanted.payload, domain)
        if parse_data is not None:
            return wanted.payload, parse_data
        if wanted.payload.lstrip().startswith("/"):
            errors = turn_errors.get()
            if errors is not None:
                errors.append({"where": "payload", "what": "unknown intent or wrong form"})
        else:
            wanted = TurnRequest(
                wanted.sender, wanted.payload, None, wanted.channel, wanted.turn, None
            )
    text = clean_text(wanted.text)
    message = UserMessage(text, sender_id=wanted.sender, input_channel=wanted.channel)
    return text, await processor.parse_message(message, tracker)


def _read_payload(payload: str, domain: Domain) -> Optional[Dict[str, Any]]:
    """Read ``/intent{"entity": value}`` without running NLU; None if it is none."""
    match = re.match(r"\s*/([^\s{@]+)", payload)
    if match is None or match.group(1) not in domain.intents:
        return None
    message = YAMLStoryReader.unpack_regex_message(Message({TEXT: payload}), domain)
    if not message.get("intent"):
        return None
    parse_data = message.as_dict(only_output_properties=True)
    parse_data["emotion"] = dict(NEUTRAL)
    return parse_data


def live_store(store: TrackerStore) -> LiveTrackerStore:
    """Find our store inside the wrapper that Rasa puts around every store.

    Raises:
        TypeError: ``endpoints.yml`` names another tracker store.
    """
    inner = getattr(store, "_tracker_store", store)
    if not isinstance(inner, LiveTrackerStore):
        raise TypeError("endpoints.yml must name engine.tracker_store.LiveTrackerStore")
    return inner


def _slots(tracker: DialogueStateTracker, before: Dict[str, Any]) -> Dict[str, Any]:
    """Slots that are set, or that this turn has emptied."""
    return {
        name: value
        for name, value in tracker.current_slot_values().items()
        if name not in DEFAULT_SLOT_NAMES and (value is not None or before.get(name) is not None)
    }


def _actions(events: List[Event]) -> List[str]:
    return [
        event.action_name or event.action_text
        for event in events
        if isinstance(event, ActionExecuted)
        and event.action_name not in (ACTION_LISTEN_NAME, ACTION_SESSION_START_NAME)
    ]
