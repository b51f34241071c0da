"""One customer message as the engine understood it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from actions.reading import simplified

FAQ = "faq"
FALLBACK = "nlu_fallback"
UNHEARD = frozenset({FALLBACK, "out_of_scope"})
"""What a message is taken for in which no request of the shop was heard."""


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
    """What was written, in simplified characters: what all readers match."""
    intent: str
    confidence: float = 1.0
    ranking: tuple[tuple[str, float], ...] = ()
    entities: tuple[Entity, ...] = ()
    faq_id: str | None = None
    chosen: bool = False
    """Whether it came from a quick reply: then ``intent`` is certain and ``text`` is ours."""
    emotion: str = "none"
    """Level of displeasure that the engine heard: none, light, medium or severe."""
    original: str = ""
    """Exactly what was written, for names, titles and evidence."""
    parts: tuple[Part, ...] = ()
    """The different requests that the engine heard in it, in order; empty for a single one."""

    def values(self, name: str) -> list[Any]:
        """Values of an entity, in order of the text."""
        return [e.value for e in self.entities if e.name == name]

    def value(self, name: str) -> Any | None:
        """First value of an entity, or None."""
        return next(iter(self.values(name)), None)

    @property
    def beside_products(self) -> str:
        """The text without the names of products: "口红不退了" steers as "不退了" does."""
        rest = self.text
        for entity in self.entities:
            if entity.name == "product" and entity.text:
                rest = rest.replace(simplified(entity.text), "")
        return rest or self.text

    def only(self, text: str, intent: str, confidence: float = 1.0) -> Message:
        """A clause of this message as a message of its own."""
        return replace(
            self,
            text=text,
            original=text,
            intent=intent,
            confidence=confidence,
            ranking=((intent, confidence),),
            entities=tuple(e for e in self.entities if simplified(e.text) in text),
            faq_id=None,
            parts=(),
        )


@dataclass(frozen=True)
class Part:
    """A clause of a message with a request of its own, as the engine understood it."""

    start: int
    end: int
    message: Message


def read_message(latest: Mapping[str, Any]) -> Message:
    """Read Rasa's ``latest_message``."""
    message = _message(latest)
    if message.chosen:
        return message
    parts = []
    for entry in latest.get("parts") or ():
        said = replace(_message(entry), emotion=message.emotion)
        parts.append(Part(int(entry.get("start") or 0), int(entry.get("end") or 0), said))
    return replace(message, parts=tuple(parts) if len(parts) > 1 else ())


def _message(data: Mapping[str, Any]) -> Message:
    text = str(data.get("text") or "")
    intent: Mapping[str, Any] = data.get("intent") or {}
    name, faq_id = _faq(str(intent.get("name") or FALLBACK), data)
    # The door never lets a customer's own text start with a slash: this is a quick reply of ours.
    chosen = text.startswith("/")
    return Message(
        text="" if chosen else simplified(text),
        original="" if chosen else text,
        intent=name,
        confidence=float(intent.get("confidence") or 0.0),
        ranking=tuple(
            (str(entry.get("name")), float(entry.get("confidence") or 0.0))
            for entry in data.get("intent_ranking") or ()
        ),
        entities=tuple(_entities(data.get("entities") or ())),
        faq_id=faq_id,
        chosen=chosen,
        emotion=str((data.get("emotion") or {}).get("level") or "none"),
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
