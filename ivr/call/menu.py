"""``ivr/menu.yml``: what the hotline says, and which key does what."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated

import yaml
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

MENU_FILE = Path(__file__).parent.parent / "menu.yml"
REPEAT, END, PERSON = "*", "#", "0"


class MenuError(Exception):
    """The menu file cannot be used; the text says where."""


def _compilable(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error as error:
        raise ValueError(f"not a pattern: {error}") from None
    return pattern


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Entry(_Model):
    """A key of the main menu."""

    name: str
    words: tuple[str, ...] = ()
    say: str


class Sentences(_Model):
    """Every fixed sentence; placeholders in braces."""

    keys: str
    still_there: str
    no_voice: str
    not_heard: str
    by_keys: str
    only_keys: str
    to_person: str
    wait: str
    hesitation: str
    anything_else: str
    next_one: str
    go_on: str
    no_more: str
    unknown_key: str
    rate: str
    goodbye: str
    nobody: str
    too_long: str
    out_of_order: str
    later: str
    slower: str
    faster: str
    number_wait: str
    number_hint: str
    number_go_on: str
    tail_wait: str
    number_keys: str
    number_confirm: str
    number_again: str
    number_short: str
    tail_short: str
    code_offer: str
    code_ask: str
    code_sent: str
    code_wrong: str
    code_failed: str
    code_ok: str
    waiting_choice: str
    queue_quiet: str
    ringing: str
    no_answer: str
    after_person: str
    agent_types: str
    back_to_bot: str
    call_back_number: str
    call_back_ask: str
    call_back_bad: str
    call_back_when: str
    call_back_done: str
    call_back_failed: str


class Timing(_Model):
    """How long things take, in seconds."""

    no_input: float = Field(gt=0, le=60)
    between_keys: float = Field(gt=0, le=30)
    thinking: float = Field(gt=0, le=20)
    ring: float = Field(gt=0, le=120)
    queue_quiet: float = Field(gt=0)
    choice: float = Field(gt=0)
    longest_utterance: float = Field(gt=1, le=60)


class Menu(_Model):
    """The whole file."""

    brand: str
    assistant: str
    greeting: str
    recording_notice: str
    announce_recording: bool
    invitation: str
    keys: dict[Annotated[str, Field(pattern=r"^\d$")], Entry]
    repeat: tuple[str, ...]
    end: tuple[str, ...]
    sentences: Sentences
    machines: tuple[Annotated[str, AfterValidator(_compilable)], ...] = ()
    timing: Timing

    def welcome(self, *, recorded: bool) -> str:
        """The first words of a call."""
        hello = self.greeting.format(brand=self.brand, assistant=self.assistant)
        notice = self.recording_notice if recorded or self.announce_recording else ""
        return f"{hello}{notice}{self.invitation}"

    def key_for(self, text: str) -> str | None:
        """The key that somebody means who says no more than this."""
        bare = re.sub(r"[\s，。！？、,.!?]", "", text)
        bare = re.sub(r"^(?:我要|我想|帮我|请|按|选)|(?:一下|吧|键|号键)$", "", bare)
        if bare in self.repeat:
            return REPEAT
        if bare in self.end:
            return END
        for key, entry in self.keys.items():
            if bare == key or bare == _DIGITS.get(key) or bare in entry.words:
                return key
        return None

    def words(self) -> list[str]:
        """Words that are expected in the menu, for engines that take a grammar."""
        said = [word for entry in self.keys.values() for word in entry.words]
        return [*said, *(w for w in (*self.repeat, *self.end) if len(w) > 1), *_DIGITS.values()]

    def is_machine(self, text: str) -> bool:
        """Whether these are the words of an announcement and not of a person."""
        return any(re.search(pattern, text) for pattern in self.machines)


_DIGITS = dict(zip("0123456789", "零一二三四五六七八九", strict=True))


def load_menu(path: Path | None = None) -> Menu:
    """Read a menu file.

    Raises:
        MenuError: unreadable, or a value is missing, unknown or out of range.
    """
    path = path or MENU_FILE
    try:
        return Menu.model_validate(yaml.safe_load(path.read_text("utf-8")))
    except ValidationError as error:
        faults = [f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors()]
        raise MenuError(f"{path.name}: {'; '.join(faults)}") from error
    except (OSError, yaml.YAMLError) as error:
        raise MenuError(f"{path.name}: {error}") from error


def fixed_prompts(menu: Menu | None = None) -> list[str]:
    """Every sentence that a call says as it stands in the file, to be rendered ahead of time."""
    from ivr.call.mouth import sentences

    menu = menu or load_menu()
    texts = [menu.welcome(recorded=True)]
    texts += [text for text in menu.sentences.model_dump().values() if "{" not in text]
    return list(dict.fromkeys(part for text in texts for part in sentences(text)))
