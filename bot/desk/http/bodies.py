"""What may be sent to the desk's endpoints."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    model_validator,
)

from bot.care import ACTIONS, ENDINGS
from bot.desk.permissions import Role
from bot.desk.views.names import CASE_KINDS, DISPOSITIONS, GRADES


def _no_controls(text: str) -> str:
    if any((ord(c) < 32 and c not in "\n\t") or 0xD800 <= ord(c) <= 0xDFFF for c in text):
        raise ValueError("control characters")
    return text


Line = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=120, pattern=r"^[^\n\t]+$"),
    AfterValidator(_no_controls),
]
Note = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=1000),
    AfterValidator(_no_controls),
]
Words = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=1, max_length=2000),
    AfterValidator(_no_controls),
]
Reason = Annotated[
    str,
    StringConstraints(strip_whitespace=True, min_length=4, max_length=200),
    AfterValidator(_no_controls),
]
Key = Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]{8,64}$")]
Id = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_-]{1,40}$")]
Secret = Annotated[str, StringConstraints(min_length=1, max_length=200)]


class _Body(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class AuditBody(_Body):
    """Whether an episode that counts as fulfilled really was."""

    label: Literal["right", "wrong", "unsure"]
    note: Note = ""


class GapBody(_Body):
    """What texts mean that were not understood."""

    keys: list[Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]] = Field(
        min_length=1, max_length=1000
    )
    label: Annotated[str, StringConstraints(pattern=r"^[a-z_]{1,32}(/[a-z0-9_]{1,31})?$")]


class LoginBody(_Body):
    """``token`` asks for the token itself, for a desk of one's own."""

    login: str = Field(min_length=1, max_length=64)
    password: Secret
    code: str | None = Field(None, max_length=10)
    token: bool = False


class PresenceBody(_Body):
    """Whether the agent takes work."""

    presence: Literal["online", "away", "offline"]


class PasswordBody(_Body):
    """A new password for oneself."""

    old: Secret
    new: Secret


class CodeBody(_Body):
    """A code of the authenticator app."""

    code: str = Field(pattern=r"^[0-9]{6}$")


class ProofBody(_Body):
    """One's own password, to prove oneself again."""

    password: Secret


class ReplyBody(_Body):
    """Words or files for the customer."""

    text: Annotated[str, Field(max_length=4000)] = ""
    files: list[Id] = Field(default=[], max_length=6)
    client_id: Annotated[str, StringConstraints(pattern=r"^[\x21-\x7e]{1,64}$")]

    @model_validator(mode="after")
    def _something(self) -> Self:
        if not self.text.strip() and not self.files:
            raise ValueError("text or files")
        return self


class TypingBody(_Body):
    """Whether the agent is writing."""

    on: bool


class NoteBody(_Body):
    """A note for colleagues, or a supervisor's whisper to the agent in charge."""

    text: Words
    kind: Literal["note", "whisper"] = "note"


class Target(_Body):
    """Exactly one of: a colleague, whoever has a skill, the supervisors."""

    agent: Id | None = None
    skill: Literal["售前", "售后", "投诉", "电话"] | None = None
    supervisor: Literal[True] | None = None

    @model_validator(mode="after")
    def _one(self) -> Self:
        if sum(value is not None for value in (self.agent, self.skill, self.supervisor)) != 1:
            raise ValueError("exactly one target")
        return self


class TransferBody(_Body):
    """To whom, and what they should know."""

    to: Target
    note: Note = ""


class SnoozeBody(_Body):
    """For how long."""

    minutes: int = Field(ge=1, le=7 * 24 * 60)


class ResolveBody(_Body):
    """How it ended."""

    disposition: Literal[tuple(DISPOSITIONS)]  # type: ignore[valid-type]
    note: Note = ""


class HandBackBody(_Body):
    """What was agreed, so that the bot knows it."""

    note: Note = ""


class TagsBody(_Body):
    """All tags, as they shall be."""

    tags: list[Annotated[str, Field(max_length=40)]] = Field(max_length=50)


class RevealBody(_Body):
    """What is to be shown in clear, and why."""

    field: Literal["phone", "address", "name", "message"]
    reason: Reason
    order: Id | None = None
    seq: int | None = Field(None, ge=1, le=2**31 - 1)


class ReturnBody(_Body):
    """A return for the customer; ``opened`` and ``defective`` are what they say."""

    order: Id
    sku: Id
    reason: Words
    opened: bool = False
    defective: bool = False
    key: Key


class CouponBody(_Body):
    """A compensation coupon in whole yuan."""

    yuan: int = Field(ge=1, le=500)
    reason: Reason
    key: Key


class CaseBody(_Body):
    """A case on a conversation."""

    kind: Literal[tuple(CASE_KINDS)]  # type: ignore[valid-type]
    grade: Literal[tuple(GRADES)] = "ordinary"  # type: ignore[valid-type]
    title: Line
    detail: Annotated[str, Field(max_length=4000), AfterValidator(_no_controls)] = ""
    due_at: datetime | None = None

    @model_validator(mode="after")
    def _aware(self) -> Self:
        if self.due_at is not None and self.due_at.tzinfo is None:
            raise ValueError("due_at without an offset")
        return self


class CaseChange(_Body):
    """What changes about a case; ``owner`` null gives it to nobody."""

    status: Literal["open", "doing", "done"] | None = None
    grade: Literal[tuple(GRADES)] | None = None  # type: ignore[valid-type]
    owner: Id | None = None
    due_at: datetime | None = None
    result: Note | None = None

    @model_validator(mode="after")
    def _aware(self) -> Self:
        if self.due_at is not None and self.due_at.tzinfo is None:
            raise ValueError("due_at without an offset")
        return self


class StepBody(_Body):
    """What was done about a case."""

    text: Words


class AnswerBody(_Body):
    """What the customer is told; it closes the case."""

    text: Words


class CareActionBody(_Body):
    """What was done about a case."""

    action: Literal[tuple(ACTIONS)]  # type: ignore[valid-type]
    text: Note = ""
    promised_at: datetime | None = None
    feedback: Note = ""
    tell: bool = Field(False, description="send the text to the customer, on their channel")

    @model_validator(mode="after")
    def _sensible(self) -> Self:
        if self.promised_at is not None and self.promised_at.tzinfo is None:
            raise ValueError("promised_at without an offset")
        return self


class CareEndBody(_Body):
    """How a case ended."""

    ending: Literal[tuple(ENDINGS)]  # type: ignore[valid-type]
    result: Note = ""


class CannedBody(_Body):
    """A canned reply."""

    shortcut: Annotated[str, Field(min_length=1, max_length=12)]
    title: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=40)]
    body: Annotated[
        str,
        StringConstraints(strip_whitespace=True, min_length=1, max_length=1000),
        AfterValidator(_no_controls),
    ]
    intents: list[Annotated[str, Field(pattern=r"^[a-z_/]{1,64}$")]] = Field([], max_length=20)
    shared: bool = False


Skills = list[Literal["售前", "售后", "投诉", "电话"]]
Languages = list[Literal["zh", "en"]]


class AgentBody(_Body):
    """A new agent."""

    login: str = Field(max_length=32)
    name: str = Field(max_length=20)
    password: Secret
    role: Role = Role.AGENT
    skills: Skills = Field(default=["售前", "售后", "投诉", "电话"], max_length=8)
    languages: Languages = Field(default=["zh"], max_length=4)
    capacity: int = 5
    extension: str | None = Field(None, max_length=16)


class AgentChange(_Body):
    """What changes about an agent; ``totp`` false takes a lost second factor away."""

    name: str | None = Field(None, max_length=20)
    role: Role | None = None
    skills: Skills | None = Field(None, max_length=8)
    languages: Languages | None = Field(None, max_length=4)
    capacity: int | None = None
    extension: str | None = Field(None, max_length=16, description="empty: no telephone")
    active: bool | None = None
    password: Secret | None = None
    totp: Literal[False] | None = None
