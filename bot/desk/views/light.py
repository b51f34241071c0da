"""The light beside what a customer says: green, yellow, red; a pure function of the readings.

One sentence: green when neutral or positive, yellow when negative, red when severely so or when it
is the third negative one in a row. The conversation shows the worst of its last three sentences, so
that it calms down when the customer does.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

GREEN, YELLOW, RED = "green", "yellow", "red"
IN_A_ROW = 3
STAYS_NEGATIVE = 4
"""More than three sentences: what alarms a supervisor."""
RECENT = 3
_ORDER = (GREEN, YELLOW, RED)

Reading = dict[str, Any] | None
"""``{"label", "level", "score"}``, or None for a sentence that nobody read."""


def lights(readings: Sequence[Reading]) -> list[str | None]:
    """The light of each sentence, oldest first; None where there is no reading."""
    found: list[str | None] = []
    row = 0
    for reading in readings:
        if reading is None:
            found.append(None)
            continue
        if not is_negative(reading):
            row = 0
            found.append(GREEN)
            continue
        row += 1
        severe = reading.get("level") == "severe"
        found.append(RED if severe or row >= IN_A_ROW else YELLOW)
    return found


def light_of(readings: Sequence[Reading]) -> dict[str, Any]:
    """The conversation's light and score: ``{"light", "score"}``."""
    known = [reading for reading in readings if reading is not None]
    recent = [light for light in lights(known)[-RECENT:] if light is not None]
    worst = max(recent, key=_ORDER.index, default=GREEN)
    scores = [float(r.get("score") or 0) for r in known[-RECENT:] if is_negative(r)]
    return {"light": worst, "score": round(max(scores, default=0.0), 3)}


def negative_in_a_row(readings: Sequence[Reading]) -> int:
    """How many of the newest sentences are negative without a break."""
    row = 0
    for reading in reversed([r for r in readings if r is not None]):
        if not is_negative(reading):
            break
        row += 1
    return row


def is_negative(reading: dict[str, Any]) -> bool:
    """Whether a sentence was read as negative, however slightly."""
    return reading.get("label") == "negative"
