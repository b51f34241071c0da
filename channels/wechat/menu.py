"""The account's menu: one YAML file, both what is published and what a press means."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml
from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator

FILE = Path(__file__).with_name("menu.yml")


class Entry(BaseModel):
    """One line of the menu: it says something, or opens a page."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=8)
    key: str | None = Field(None, max_length=128)
    say: str | None = Field(None, max_length=200)
    url: str | None = Field(None, max_length=1024, pattern=r"^https?://")

    @model_validator(mode="after")
    def _one_of_two(self) -> Entry:
        if (self.url is None) == (self.say is None) or (self.say is not None and not self.key):
            raise ValueError("an entry has a url, or a key with what it says")
        return self


class Column(BaseModel):
    """One of the (at most three) buttons at the bottom."""

    model_config = ConfigDict(extra="forbid")

    name: str = Field(min_length=1, max_length=4)
    entries: list[Entry] = Field(min_length=1, max_length=5)


@dataclass(frozen=True)
class Menu:
    """The menu as it was read."""

    columns: tuple[Column, ...]

    def sentence(self, key: str) -> str | None:
        """What pressing an entry says; None for a key that is not (or no longer) there."""
        entries = (entry for column in self.columns for entry in column.entries)
        return next((entry.say for entry in entries if entry.key == key), None)

    def published(self) -> dict[str, Any]:
        """The menu as /cgi-bin/menu/create takes it."""
        return {
            "button": [
                {"name": column.name, "sub_button": [_button(entry) for entry in column.entries]}
                for column in self.columns
            ]
        }


@cache
def load_menu(file: Path = FILE) -> Menu:
    """Read the menu.

    Raises:
        ValueError: it is not a menu that WeChat would take.
    """
    columns = TypeAdapter(list[Column]).validate_python(yaml.safe_load(file.read_text("utf-8")))
    if not 1 <= len(columns) <= 3:
        raise ValueError("a menu has one to three columns")
    keys = [entry.key for column in columns for entry in column.entries if entry.key]
    if len(keys) != len(set(keys)):
        raise ValueError("every key of the menu must be there once")
    return Menu(tuple(columns))


def _button(entry: Entry) -> dict[str, Any]:
    if entry.url is not None:
        return {"type": "view", "name": entry.name, "url": entry.url}
    return {"type": "click", "name": entry.name, "key": entry.key}
