"""The fixed sentences of the assistant, kept in YAML where an operator can change them.

Most are in ``domain.yml``, which Rasa reads, too; those in ``actions/wording/*.yml`` have the same form, and
changing them costs no training. They have variants, and variants for a channel, and are rendered here and not
by Rasa because only here it is known which variant the customer saw last (the same sentence never comes twice
in a row), and because it saves sending the domain with every action call.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

DOMAIN_FILE = Path(__file__).resolve().parents[2] / "domain.yml"
MORE_FILES = tuple(sorted(Path(__file__).parent.glob("*.yml")))
"""Sentences beside those of the domain."""


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
        """Read the responses of a Rasa domain file, and those beside it.

        Raises:
            WordingError: a file cannot be read or has no responses.
        """
        found: dict[str, tuple[Variant, ...]] = {}
        for file in (path, *MORE_FILES):
            try:
                responses: dict[str, Any] = yaml.safe_load(file.read_text("utf-8"))["responses"]
                for name, said in responses.items():
                    found[name] = _beside(found.get(name, ()), tuple(map(_variant, said)))
            except (OSError, yaml.YAMLError, KeyError, TypeError) as error:
                raise WordingError(f"no wording in {file.name}") from error
        return cls(found)

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


def _beside(known: tuple[Variant, ...], more: tuple[Variant, ...]) -> tuple[Variant, ...]:
    """What is said once a later file was read: its variants for a channel replace earlier ones.

    A variant for a channel that names no quick replies has those of the sentence that it stands for.
    """
    channels = {variant.channel for variant in more}
    buttons = next((variant.buttons for variant in known if variant.buttons), ())
    kept = tuple(variant for variant in known if variant.channel not in channels)
    return kept + tuple(
        replace(v, buttons=buttons) if v.channel and not v.buttons else v for v in more
    )


def _variant(entry: Mapping[str, Any]) -> Variant:
    buttons = tuple(Button(b["title"], b["payload"]) for b in entry.get("buttons", ()))
    return Variant(str(entry["text"]).strip(), entry.get("channel"), buttons)
