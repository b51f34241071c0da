"""One customer message as the engine understood it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

FAQ = "faq"
FALLBACK = "nlu_fallback"


@dataclass(frozen=True)
class Entity:
    """Something named in a message; ``value`` is normalised by the engine."""

    name: str
    value: Any
    text: str = ""


@dataclass(frozen=True)
class Message:
    """A message; one that asks for several things comes in parts, one after the other."""

    text: str
    intent: str
    confidence: float = 1.0
    ranking: tuple[tuple[str, float], ...] = ()
    entities: tuple[Entity, ...] = ()
    faq_id: str | None = None
    chosen: bool = False
    """Whether it came from a quick reply: then ``intent`` is certain and ``text`` is ours."""
    emotion: str = "none"
    """Level of displeasure that the engine heard: none, light, medium or severe."""

    def values(self, name: str) -> list[Any]:
        """Values of an entity, in order of the text."""
        return [e.value for e in self.entities if e.name == name]

    def value(self, name: str) -> Any | None:
        """First value of an entity, or None."""
        return next(iter(self.values(name)), None)


def read_message(latest: Mapping[str, Any]) -> Message:
    """Read Rasa's ``latest_message``."""
    text = str(latest.get("text") or "")
    intent: Mapping[str, Any] = latest.get("intent") or {}
    name, faq_id = _faq(str(intent.get("name") or FALLBACK), latest)
    # The door never lets a customer's own text start with a slash: this is a quick reply of ours.
    chosen = text.startswith("/")
    return Message(
        text="" if chosen else text,
        intent=name,
        confidence=float(intent.get("confidence") or 0.0),
        ranking=tuple(
            (str(entry.get("name")), float(entry.get("confidence") or 0.0))
            for entry in latest.get("intent_ranking") or ()
        ),
        entities=tuple(_entities(latest.get("entities") or ())),
        faq_id=faq_id,
        chosen=chosen,
        emotion=str((latest.get("emotion") or {}).get("level") or "none"),
    )


def _faq(name: str, latest: Mapping[str, Any]) -> tuple[str, str | None]:
    """Split ``faq/<id>``; the engine names the entry in the intent or in the selector's answer."""
    if name != FAQ and not name.startswith("faq/"):
        return name, None
    if name.startswith("faq/"):
        return FAQ, name.removeprefix("faq/")
    full = (latest.get("intent") or {}).get("full_retrieval_intent_name")
    if not full:
        selector = (latest.get("response_selector") or {}).get(FAQ) or {}
        full = (selector.get("response") or {}).get("intent_response_key")
    return FAQ, str(full).removeprefix("faq/") if full else None


def _entities(found: Iterable[Mapping[str, Any]]) -> Iterable[Entity]:
    for entity in found:
        if entity.get("entity") and entity.get("value") is not None:
            yield Entity(str(entity["entity"]), entity["value"], str(entity.get("text") or ""))
