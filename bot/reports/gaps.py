"""What was not understood: read, grouped, labelled by people, and written as training data."""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from hashlib import blake2b
from itertools import batched
from typing import Any

import yaml
from sqlalchemy import Connection, and_, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.clock import BUSINESS_ZONE
from bot.names import INTENTS
from bot.privacy import mask_shown
from bot.records.tables import gap_labels, messages, not_understood
from bot.reports.clustering import MOST, Group
from bot.reports.models import Gap, GapExample, Gaps

IGNORE = "ignore"
"""The label of texts that mean nothing we should learn."""

LABELS = tuple(name for name in INTENTS if name not in ("nlu_fallback", "faq"))
_FAQ = re.compile(r"faq/[a-z0-9_]{1,40}")
_ROWS = 50_000
_SHOWN = 20
_GAPS = 200
_BLANKS = re.compile(r"\s+")
_MASK = re.compile(r"\*{2,}")


@dataclass
class Text:
    """A text that was not understood, masked, with all the times that it came."""

    text: str
    key: str
    count: int = 0
    people: set[str] = field(default_factory=set)
    guesses: Counter[str] = field(default_factory=Counter)
    episode: str = ""
    last_at: datetime | None = None


def key_of(text: str) -> str:
    """A masked text's name; what differs in case, blanks or the last sign is the same text."""
    plain = _BLANKS.sub("", text).lower().rstrip("。！？!?.~～，,")
    return blake2b(plain.encode(), digest_size=16).hexdigest()


@dataclass(frozen=True)
class Heard:
    """What was read: messages that were not understood, keys with a label, how many wait for export."""

    rows: Sequence[Any]
    known: frozenset[str]
    waiting: int


def read(tx: Connection, since: date, until: date) -> Heard:
    """What gaps of a time are made of."""
    known = set(tx.execute(select(gap_labels.c.key)).scalars())
    waiting = len(
        tx.execute(
            select(gap_labels.c.key).where(
                gap_labels.c.exported_at.is_(None), gap_labels.c.label != IGNORE
            )
        ).all()
    )
    return Heard(list(_rows(tx, since, until)), frozenset(known), waiting)


def texts_of(heard: Heard) -> list[Text]:
    """Texts that nobody has labelled, masked, most frequent first; work for a thread."""
    found: dict[str, Text] = {}
    for row in heard.rows:
        text = _shown(row)
        key = key_of(text)
        if not text or key in heard.known:
            continue
        one = found.setdefault(key, Text(text, key))
        one.count += 1
        one.people.add(row.person)
        if row.guess:
            one.guesses[row.guess] += 1
        if one.last_at is None or row.at >= one.last_at:
            one.episode, one.last_at = row.episode_id, row.at
    return sorted(found.values(), key=lambda one: (-one.count, one.key))


def _shown(row: Any) -> str:
    return _BLANKS.sub(" ", mask_shown(row.text)).strip()


def gaps_of(texts: Sequence[Text], groups: Iterable[Group], waiting: int) -> Gaps:
    """The gaps that grouped texts make, largest first.

    Args:
        texts: all, most frequent first.
        groups: the first ``MOST`` of them by meaning.
        waiting: labelled texts that wait for export.
    """
    gaps = [_gap([texts[at] for at in found.members]) for found in groups]
    gaps.sort(key=lambda gap: (-gap.count, gap.title))
    return Gaps(
        messages=sum(one.count for one in texts),
        grouped=sum(one.count for one in texts[:MOST]),
        labelled=waiting,
        labels=LABELS,
        items=tuple(gaps[:_GAPS]),
    )


def check_label(said: str) -> None:
    """Refuse what is no label.

    Raises:
        ValueError: no usable label.
    """
    if said not in LABELS and said != IGNORE and not _FAQ.fullmatch(said):
        raise ValueError("no usable label")


def read_all(tx: Connection) -> list[Any]:
    """Every message that was not understood, the latest first."""
    return list(_rows(tx))


def named(rows: Iterable[Any], keys: Sequence[str]) -> dict[str, str]:
    """The masked texts that keys stand for; work for a thread."""
    wanted = set(keys)
    texts: dict[str, str] = {}
    for row in rows:
        text = _shown(row)
        key = key_of(text)
        if key in wanted:
            texts.setdefault(key, text)
    return texts


def label(tx: Connection, texts: Mapping[str, str], said: str, agent_id: str, now: datetime) -> int:
    """Write down what texts mean; returns how many."""
    if texts:
        dialect = sqlite if tx.dialect.name == "sqlite" else postgresql
        statement = dialect.insert(gap_labels)
        tx.execute(
            statement.on_conflict_do_update(
                index_elements=["key"],
                set_={"label": said, "agent_id": agent_id, "at": now, "exported_at": None},
            ),
            [
                {"key": key, "text": text, "label": said, "agent_id": agent_id, "at": now}
                for key, text in texts.items()
            ],
        )
    return len(texts)


def export(tx: Connection, now: datetime, *, everything: bool) -> str:
    """Labelled texts as Rasa NLU YAML; they count as exported from here on."""
    query = select(gap_labels).where(gap_labels.c.label != IGNORE)
    if not everything:
        query = query.where(gap_labels.c.exported_at.is_(None))
    rows = tx.execute(query.order_by(gap_labels.c.label, gap_labels.c.text)).all()
    for keys in batched((row.key for row in rows), 5_000):
        tx.execute(update(gap_labels).where(gap_labels.c.key.in_(keys)).values(exported_at=now))
    return as_nlu((row.label, row.text) for row in rows)


def as_nlu(labelled: Iterable[tuple[str, str]]) -> str:
    """Rasa NLU training data of (intent, text) pairs, with remarks for whoever reviews it.

    A text that had to be masked is no example; it is left as a remark, to be put in other words.
    """
    by_intent: dict[str, list[str]] = defaultdict(list)
    masked: list[str] = []
    for intent, text in labelled:
        # Brackets mark entities in Rasa's examples.
        plain = text.translate(str.maketrans("[]\n", "［］ "))
        if _MASK.search(plain):
            masked.append(f"# {intent}: {plain}")
        else:
            by_intent[intent].append(plain)
    nlu = [
        {"intent": intent, "examples": _Block("".join(f"- {text}\n" for text in texts))}
        for intent, texts in by_intent.items()
    ]
    head = (
        "# What customers said that was not understood, as labelled at the desk.\n"
        "# Review by data/nlu/README.md, then move the lines to the intent's own file\n"
        "# (faq/… to questions in data/faq) and run `yingda train`.\n"
    )
    body = yaml.dump(
        {"version": "3.1", "nlu": nlu},
        Dumper=_Dumper,
        allow_unicode=True,
        sort_keys=False,
        width=10_000,
    )
    tail = "# Masked, so to be put in other words first:\n" if masked else ""
    return head + body + tail + "".join(f"{line}\n" for line in masked)


class _Block(str):
    """A text that YAML writes as a block."""


class _Dumper(yaml.SafeDumper):
    """Writes as people write training data."""


_Dumper.add_representer(
    _Block, lambda dumper, text: dumper.represent_scalar("tag:yaml.org,2002:str", text, style="|")
)


def _rows(tx: Connection, since: date | None = None, until: date | None = None) -> Iterable[Any]:
    query = (
        select(
            not_understood.c.episode_id,
            not_understood.c.person,
            not_understood.c.guess,
            not_understood.c.at,
            messages.c.text,
        )
        .join(
            messages,
            and_(
                messages.c.conversation_id == not_understood.c.conversation_id,
                messages.c.seq == not_understood.c.seq,
            ),
        )
        .order_by(not_understood.c.at.desc())
        .limit(_ROWS)
    )
    if since is not None:
        query = query.where(not_understood.c.at >= _midnight(since))
    if until is not None:
        query = query.where(not_understood.c.at < _midnight(until + timedelta(days=1)))
    return tx.execute(query)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), BUSINESS_ZONE)


def _gap(texts: Sequence[Text]) -> Gap:
    guesses: Counter[str] = Counter()
    people: set[str] = set()
    for one in texts:
        guesses.update(one.guesses)
        people |= one.people
    first = texts[0]
    return Gap(
        id=first.key,
        title=first.text,
        count=sum(one.count for one in texts),
        customers=len(people),
        examples=tuple(
            GapExample(
                key=one.key,
                text=one.text,
                count=one.count,
                episode=one.episode,
                last_at=one.last_at,
            )
            for one in texts[:_SHOWN]
            if one.last_at is not None
        ),
        keys=tuple(one.key for one in texts),
        suggestions=tuple(name for name, _n in guesses.most_common(3)),
    )
