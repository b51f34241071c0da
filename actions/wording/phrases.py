"""The fixed sentences of the assistant, kept in ``domain.yml`` where an operator can change them.

The file is the one that Rasa reads: responses with variants, and variants for a channel. They are
rendered here and not by Rasa because only here it is known which variant the customer saw last
(the same sentence never comes twice in a row), and because it saves sending the domain with every
action call.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

DOMAIN_FILE = Path(__file__).resolve().parents[2] / "domain.yml"


class WordingError(Exception):
    """The wording file lacks a sentence or one of its placeholders is unknown."""


@dataclass(frozen=True)
class Button:
    """A quick reply: what it shows and what it sends."""

    title: str
    payload: str

    def as_dict(self) -> dict[str, str]:
        """The form that the dispatcher takes."""
        return {"title": self.title, "payload": self.payload}


@dataclass(frozen=True)
class Variant:
    """One way to say a sentence; ``channel`` None fits every channel."""

    text: str
    channel: str | None = None
    buttons: tuple[Button, ...] = ()


class Phrases:
    """All sentences by name, each with its variants."""

    def __init__(self, responses: Mapping[str, tuple[Variant, ...]]) -> None:
        """Takes variants by response name."""
        self._responses = dict(responses)

    @classmethod
    def load(cls, path: Path = DOMAIN_FILE) -> Phrases:
        """Read the responses of a Rasa domain file.

        Raises:
            WordingError: the file cannot be read or has no responses.
        """
        try:
            domain: dict[str, Any] = yaml.safe_load(path.read_text(encoding="utf-8"))
            responses = {
                name: tuple(_variant(entry) for entry in entries)
                for name, entries in domain["responses"].items()
            }
        except (OSError, yaml.YAMLError, KeyError, TypeError) as error:
            raise WordingError(f"no wording in {path.name}") from error
        return cls(responses)

    def names(self) -> frozenset[str]:
        """Names of all sentences."""
        return frozenset(self._responses)

    def variants(self, name: str, channel: str) -> tuple[Variant, ...]:
        """What may be said on a channel: its own variants, else those for every channel.

        Raises:
            WordingError: unknown name.
        """
        found = self._responses.get(name)
        if not found:
            raise WordingError(f"no wording for {name}")
        own = tuple(v for v in found if v.channel == channel)
        return own or tuple(v for v in found if v.channel is None)

    def render(
        self, name: str, channel: str, turn: int, values: Mapping[str, object]
    ) -> tuple[str, tuple[Button, ...]]:
        """Variant number ``turn`` (counted round) with its placeholders filled.

        Raises:
            WordingError: unknown name or placeholder.
        """
        variants = self.variants(name, channel)
        chosen = variants[turn % len(variants)]
        try:
            return chosen.text.format(**values), chosen.buttons
        except (KeyError, IndexError) as error:
            raise WordingError(f"placeholder missing in {name}") from error


def _variant(entry: Mapping[str, Any]) -> Variant:
    buttons = tuple(Button(b["title"], b["payload"]) for b in entry.get("buttons", ()))
    return Variant(str(entry["text"]).strip(), entry.get("channel"), buttons)
