"""Who came back about the same: repeat contacts of one person, over all channels."""

from __future__ import annotations

from collections.abc import Sequence

from bot.reports.rows import FINAL_S, WEEK_S, Contact, FactRow


def mark_repeats(contacts: Sequence[FactRow] | Sequence[Contact]) -> None:
    """Set ``repeat_after_s``, ``repeats`` and ``moved`` of all contacts of one person.

    A contact is repeated by a later one (it began later, on whatever channel) that shares a subject;
    what counts is the time from the end of the one to the beginning of the other, none if they
    overlap. Excluded episodes neither repeat nor are repeated.

    Args:
        contacts: everything that is known of one person.
    """
    for row in contacts:
        row.repeat_after_s, row.repeats, row.moved = None, False, False
    counting = [row for row in contacts if row.excluded is None and row.subjects]
    if len(counting) < 2:
        return
    counting.sort(key=lambda row: (row.started_at, row.episode_id))
    subjects = [set(row.subjects.split(" ")) for row in counting]
    for number, earlier in enumerate(counting):
        for other in range(number + 1, len(counting)):
            later = counting[other]
            after_s = max(0, int((later.started_at - earlier.ended_at).total_seconds()))
            if after_s > WEEK_S:
                break
            if subjects[number].isdisjoint(subjects[other]):
                continue
            if earlier.repeat_after_s is None:
                earlier.repeat_after_s = after_s
            if after_s <= FINAL_S:
                later.repeats = True
            if later.channel != earlier.channel:
                later.moved = True
