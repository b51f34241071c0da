"""Reading dialogues from YAML, with the names of demo orders filled in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

_PLACE = re.compile(r"\{([a-z_]+(?:\.[a-z_]+)+)\}")
_TURN_KEYS = frozenset(
    {"say", "choose", "intent", "action", "reply", "any", "not", "buttons", "card", "handoff"}
    | {"silent"}
)
_HEAD_KEYS = frozenset({"dialogue", "customer", "channel", "turns", "note"})


class DialogueError(Exception):
    """A file of dialogues is not written as it should be; the text says where."""


@dataclass(frozen=True)
class Step:
    """One customer turn and what should come of it; empty expectations are not looked at.

    Attributes:
        say: what the customer writes; empty when ``choose`` is used.
        choose: title of a quick reply under the last answer.
        intent: any of these.
        action: any of these was run.
        reply: every fragment occurs in the replies.
        any_of: at least one fragment occurs.
        never: no fragment occurs.
        buttons: quick replies with these titles are offered.
        card: whether an order card is shown; None when it does not matter.
        handoff: any of these reasons of a handoff, ``none`` for none.
        silent: a person has the conversation, so the assistant must say nothing.
    """

    say: str = ""
    choose: str = ""
    intent: tuple[str, ...] = ()
    action: tuple[str, ...] = ()
    reply: tuple[str, ...] = ()
    any_of: tuple[str, ...] = ()
    never: tuple[str, ...] = ()
    buttons: tuple[str, ...] = ()
    card: bool | None = None
    handoff: tuple[str, ...] = ()
    silent: bool = False


@dataclass(frozen=True)
class Dialogue:
    """One conversation. ``customer_id`` None is somebody whom we do not know."""

    name: str
    steps: tuple[Step, ...]
    customer_id: str | None = None
    channel: str = "app_chat"
    file: str = ""


def dialogue_files(paths: Iterable[Path]) -> list[Path]:
    """The YAML files of files and folders, sorted, each once.

    Raises:
        DialogueError: a path does not exist, or a folder holds none.
    """
    found: dict[Path, None] = {}
    for path in paths:
        if path.is_dir():
            inside = sorted(p for p in path.rglob("*.y*ml") if p.is_file())
            if not inside:
                raise DialogueError(f"{path}: no .yml files in this folder")
            found |= dict.fromkeys(inside)
        elif path.is_file():
            found[path] = None
        else:
            raise DialogueError(f"{path}: no such file or folder")
    return list(found)


def parse(file: Path, values: Mapping[str, str]) -> list[Dialogue]:
    """Read the dialogues of a file.

    Args:
        file: YAML, a list of dialogues.
        values: what the placeholders stand for, e.g. ``lin.in_transit.number``.

    Raises:
        DialogueError: the file is not a list of dialogues, or names something unknown.
    """
    try:
        data = yaml.safe_load(file.read_text(encoding="utf-8"))
    except yaml.MarkedYAMLError as error:
        line = f", line {error.problem_mark.line + 1}" if error.problem_mark else ""
        raise DialogueError(
            f"{file.name}{line}: not YAML ({error.problem}); words with : # {{ }} [ ] or a comma "
            'need quotes ("…")'
        ) from error
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise DialogueError(f"{file.name}: cannot be read as YAML") from error
    if not isinstance(data, list):
        raise DialogueError(f"{file.name}: must be a list of dialogues")
    return [_dialogue(file, index, entry, values) for index, entry in enumerate(data, 1)]


def _dialogue(file: Path, index: int, entry: Any, values: Mapping[str, str]) -> Dialogue:
    where = f"{file.name}, dialogue {index}"
    if not isinstance(entry, dict) or not entry.get("turns"):
        raise DialogueError(f"{where}: needs `dialogue` (a name) and `turns`")
    unknown = set(entry) - _HEAD_KEYS
    if unknown:
        raise DialogueError(f"{where}: unknown {', '.join(sorted(unknown))}")
    customer = str(entry.get("customer") or "anonymous")
    customer_id = None
    if customer != "anonymous":
        customer_id = _filled(f"{{{customer}.id}}", values, where)
    return Dialogue(
        name=str(entry.get("dialogue") or f"{index}"),
        steps=tuple(
            _step(turn, values, f"{where}, turn {number}")
            for number, turn in enumerate(entry["turns"], 1)
        ),
        customer_id=customer_id,
        channel=str(entry.get("channel") or "app_chat"),
        file=file.name,
    )


def _step(turn: Any, values: Mapping[str, str], where: str) -> Step:
    if not isinstance(turn, dict) or ("say" in turn) == ("choose" in turn):
        raise DialogueError(f"{where}: needs either `say` or `choose`")
    unknown = set(turn) - _TURN_KEYS
    if unknown:
        raise DialogueError(f"{where}: unknown {', '.join(sorted(map(str, unknown)))}")

    def listed(key: str) -> tuple[str, ...]:
        value = turn.get(key)
        entries = value if isinstance(value, list) else [] if value is None else [value]
        return tuple(_filled(str(e), values, where) for e in entries)

    return Step(
        say=_filled(str(turn.get("say", "")), values, where),
        choose=_filled(str(turn.get("choose", "")), values, where),
        intent=listed("intent"),
        action=listed("action"),
        reply=listed("reply"),
        any_of=listed("any"),
        never=listed("not"),
        buttons=listed("buttons"),
        card=turn.get("card"),
        handoff=listed("handoff"),
        silent=bool(turn.get("silent")),
    )


def _filled(text: str, values: Mapping[str, str], where: str) -> str:
    def value(match: re.Match[str]) -> str:
        try:
            return values[match[1]]
        except KeyError:
            raise DialogueError(f"{where}: unknown {match[0]}") from None

    return _PLACE.sub(value, text)
