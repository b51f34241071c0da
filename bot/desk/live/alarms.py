"""What alarms supervisors at this moment: at most one alarm a conversation."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from bot.desk.views import staff
from bot.desk.views.items import Item
from bot.handoff import Policy


class Alarms:
    """Keeps what is told once, until it is over."""

    def __init__(self) -> None:
        self._by_id: dict[str, dict[str, Any]] = {}

    def all(self) -> list[dict[str, Any]]:
        """Every alarm, oldest first."""
        return list(self._by_id.values())

    def conversations(self) -> set[str]:
        """Conversations that alarm."""
        return {str(alarm["conversation"]) for alarm in self._by_id.values()}

    def look_at(self, items: Iterable[Item], policy: Policy, now: datetime) -> list[dict[str, Any]]:
        """Judge conversations anew; returns the alarms that were not known."""
        new = []
        for item in items:
            alarm = staff.alarm_of(item, policy, now)
            over = {
                name
                for name, old in self._by_id.items()
                if old["conversation"] == item["conversation"]
            }
            for name in over - ({alarm["id"]} if alarm else set()):
                del self._by_id[name]
            if alarm is not None and alarm["id"] not in self._by_id:
                self._by_id[alarm["id"]] = alarm
                new.append(alarm)
        return new
