"""The policy of care, read from one YAML file that may change while the service runs."""

from __future__ import annotations

import logging
import re
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator

from bot.care.reasons import CAUSES
from bot.policies import read_policy

log = logging.getLogger(__name__)

POLICY_FILE = Path(__file__).parent / "policy.yml"
LEVELS = ("light", "medium", "severe")
RANKS = ("agent", "supervisor", "admin")
"""Roles of agents, who stands above whom."""

FirstStep = Literal["checked", "plan", "contacted"]
Signal = Literal["negative", "repeat", "return"]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class LevelRule(_Model):
    """What a level of displeasure asks for."""

    grade: Literal["urgent", "important", "ordinary"]
    owner: Literal["agent", "supervisor"]
    skill: str | None = None
    within_minutes: float = Field(gt=0)
    first_step: FirstStep
    visits_hours: tuple[int, ...] = ()
    ends_when_positive: bool = False


class Circumstances(_Model):
    """What makes a light sentence medium beside its words; counted within one contact."""

    same_question: int = Field(default=3, ge=2)
    alike: float = Field(default=0.6, gt=0, le=1)
    not_understood: int = Field(default=2, ge=1)
    waited_minutes: float = Field(default=10, gt=0)
    order_cancelled: bool = True


class Late(_Model):
    """What happens when a deadline passes."""

    again_minutes: dict[str, float]
    most: int = Field(ge=1, le=5)


class Watching(_Model):
    """How long a case is looked after once it has ended."""

    days: int = Field(ge=1, le=60)
    reopens: tuple[Signal, ...]
    look_every_hours: int = Field(ge=1, le=168)


_TAKES = re.compile(
    r"(?:好的?|行|嗯|那|我|要|想|就|请|给我|帮我|[，, ])*领(?:取|了)?一?下?(?:补偿|那?[个张]|这[个张])*(?:代金)?券?[吧了啊。！]*"
)


class Voucher(_Model):
    """What the assistant offers by itself."""

    yuan: int = Field(ge=0, le=50)
    once_in_days: int = Field(ge=1)
    for_causes: tuple[str, ...] = ()


class Limit(_Model):
    """How much a role may give, in whole yuan."""

    each: int = Field(ge=0)
    day: int = Field(ge=0)
    customer_day: int = Field(ge=0)


class Wording(_Model):
    """What the customer reads; placeholders in braces."""

    light: dict[str, str]
    medium: str
    severe: str
    voucher: str
    voucher_button: str
    voucher_taken: str
    coupon: str

    def takes_voucher(self, text: str) -> bool:
        """Whether these words take the voucher that was offered: the button's, or as one says it."""
        return text == self.voucher_button or bool(_TAKES.fullmatch(text))


class CarePolicy(_Model):
    """Everything that bot/care/policy.yml says; its comments explain each value."""

    levels: dict[str, LevelRule]
    visit_within_hours: float = Field(gt=0)
    raise_after_in_a_row: int = Field(ge=2)
    raise_when: Circumstances = Circumstances()
    late: Late
    watch: Watching
    voucher: Voucher
    compensation: dict[str, Limit]
    wording: Wording

    @model_validator(mode="after")
    def _complete(self) -> CarePolicy:
        for what, have, wanted in (
            ("levels", self.levels, LEVELS),
            ("late.again_minutes", self.late.again_minutes, LEVELS),
            ("compensation", self.compensation, RANKS),
            ("wording.light", self.wording.light, CAUSES),
        ):
            if set(have) != set(wanted):
                raise ValueError(f"{what}: exactly {', '.join(wanted)}")
        return self


class CarePolicyError(Exception):
    """The policy file cannot be used; the text says where."""


def load_policy(path: Path = POLICY_FILE) -> CarePolicy:
    """Read a policy file.

    Raises:
        CarePolicyError: unreadable, or a value is missing, unknown or out of range.
    """
    return read_policy(CarePolicy, path, CarePolicyError)


class CarePolicyFile:
    """The policy in force: read again when the file changes, kept as it is when that fails.

    Raises:
        CarePolicyError: the file cannot be used at the start.
    """

    def __init__(self, path: Path = POLICY_FILE) -> None:
        self._path = path
        self._stamp = self._look()
        self._policy = load_policy(path)

    def current(self) -> CarePolicy:
        """The policy; costs one look at the file's time stamp."""
        stamp = self._look()
        if stamp is not None and stamp != self._stamp:
            self._stamp = stamp
            try:
                self._policy = load_policy(self._path)
                log.info("care policy read again")
            except CarePolicyError as error:
                log.error("care policy unusable: the old one stays", extra={"why": str(error)})
        return self._policy

    def _look(self) -> tuple[int, int] | None:
        try:
            status = self._path.stat()
        except OSError:
            return None
        return status.st_mtime_ns, status.st_size
