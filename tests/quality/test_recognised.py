"""What a recogniser makes of real recordings is taken as what was said (docs/quality.md).

``tests/nlu/recognised.tsv`` holds what was said and what Whisper heard over a telephone's band. The
text that was said is the measure: its own reading by the model, whatever that is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from engine.evaluate import FALLBACK, NOT_AUTOMATED
from tests.quality.sets import CHAT, FOLDER, Understand
from tools.recognise_speech import bare, distance

RECOGNISED = FOLDER / "recognised.tsv"


@dataclass(frozen=True)
class Reading:
    """One recording: what was said, what was heard, and the intents of both."""

    said: str
    heard: str
    meant: str
    taken_for: str

    @property
    def is_business(self) -> bool:
        """Whether the said text itself is understood as something of ours."""
        return self.meant not in {FALLBACK, CHAT}

    @property
    def kept(self) -> bool:
        """Whether the heard text is understood as the said one."""
        return self.taken_for == self.meant

    @property
    def misleads(self) -> bool:
        """Whether the heard text is acted on as something that was not said."""
        harmless = self.taken_for.split("/")[0] in NOT_AUTOMATED
        return not self.kept and not harmless


def recordings() -> list[tuple[str, str]]:
    """What was said and heard, line by line."""
    lines = RECOGNISED.read_text("utf-8").splitlines()
    rows = [line.split("\t") for line in lines if not line.startswith("#")]
    assert rows[0] == ["said", "heard"]
    return [(said, heard) for said, heard in rows[1:]]


def read(understand: Understand, rows: Sequence[tuple[str, str]]) -> list[Reading]:
    """Have both texts of every recording understood."""
    said = understand([row[0] for row in rows])
    heard = understand([row[1] for row in rows])
    return [
        Reading(*row, meant["intent"], taken["intent"])
        for row, meant, taken in zip(rows, said, heard, strict=True)
    ]


def without_end_mark(rows: Sequence[tuple[str, str]]) -> list[tuple[str, str]]:
    """The recordings, less the comma or full stop that Whisper puts after every phrase."""
    return [(said, heard.rstrip("，。,.")) for said, heard in rows]


def longer() -> list[tuple[str, str]]:
    """Words of two syllables, and sentences."""
    return [row for row in recordings() if len(row[0]) > 1]


def is_near(row: tuple[str, str]) -> bool:
    """Whether less than a fifth of the characters was misheard."""
    return distance(bare(row[0]), bare(row[1])) < 0.2 * len(row[0])


def syllables() -> list[tuple[str, str]]:
    """Single syllables, a known weakness of Whisper: menus take digits as well."""
    return [row for row in recordings() if len(row[0]) == 1]


def share_kept(readings: Sequence[Reading]) -> float:
    """Of those understood when said, how many are understood alike when heard."""
    ours = [reading.kept for reading in readings if reading.is_business]
    assert ours
    return sum(ours) / len(ours)


def share_left_alone(readings: Sequence[Reading]) -> float:
    """Of those that are nothing of ours when said, how many are not acted on when heard."""
    others = [not reading.misleads for reading in readings if not reading.is_business]
    assert others
    return sum(others) / len(others)


class TestWordsAndSentences:
    def test_as_heard(self, understand: Understand) -> None:
        readings = read(understand, longer())
        assert share_kept(readings) >= 0.80
        assert share_left_alone(readings) >= 0.92

    def test_what_was_heard_nearly_right_is_understood_as_said(
        self, understand: Understand
    ) -> None:
        near = [row for row in longer() if is_near(row)]
        readings = read(understand, near)
        assert len(near) >= 38
        assert share_kept(readings) >= 0.97
        assert share_left_alone(readings) >= 0.97

    def test_without_the_recognisers_end_mark(self, understand: Understand) -> None:
        readings = read(understand, without_end_mark(longer()))
        assert share_kept(readings) >= 0.80
        assert share_left_alone(readings) >= 0.92


class TestSyllables:
    def test_without_the_recognisers_end_mark(self, understand: Understand) -> None:
        readings = read(understand, without_end_mark(syllables()))
        assert share_kept(readings) >= 0.60
        assert share_left_alone(readings) >= 0.80
