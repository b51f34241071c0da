"""The frames of the chat protocol (docs/chat-protocol.md) and how they are read from the wire."""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from bot.conversations import MAX_FILES
from bot.turn import Choice
from channels.app_chat.errors import BadFrame, BadJson, UnknownType

MAX_SEQ = 2**31 - 1
"""What the database's integer columns hold; a conversation never comes near it."""

Seq = Annotated[int, Field(ge=0, le=MAX_SEQ, strict=True)]
ClientId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,64}$")]
FileId = Annotated[str, Field(pattern=r"^file_[0-9a-f]{32}$")]
Token = Annotated[str, Field(max_length=1024)]


class Wire(BaseModel):
    """Unknown fields are ignored, so that newer clients can talk to older servers."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class ChoiceIn(Wire):
    """Which option of which message was pressed."""

    seq: Seq
    index: Annotated[int, Field(ge=0, le=99, strict=True)]

    def as_choice(self) -> Choice:
        """The same in the service's words."""
        return Choice(self.seq, self.index)


class Hello(Wire):
    """The first frame: who is there, and what they have seen already."""

    type: Literal["hello"] = "hello"
    session: Token | None = None
    user_token: Token | None = None
    after: Seq | None = Field(None, description="send everything later; null = only the latest")
    limit: Annotated[int, Field(ge=0, le=200)] = Field(50, description="how many if after is null")


class MessageIn(Wire):
    """A customer's message; with ``files`` its text may be empty."""

    client_id: ClientId
    # Length is judged by the service after normalising; here only the frame size counts.
    text: str = ""
    choice: ChoiceIn | None = None
    files: Annotated[tuple[FileId, ...], Field(max_length=MAX_FILES)] = ()


class MessageFrame(MessageIn):
    """The same on the socket."""

    type: Literal["message"] = "message"


class PostedMessage(MessageIn):
    """The same over REST."""

    wait_s: float = Field(10.0, ge=0, le=30, description="longest wait for the replies")


class Read(Wire):
    """The customer has seen everything up to ``seq``."""

    type: Literal["read"] = "read"
    seq: Seq


class Earlier(Wire):
    """Ask for a page of history before ``before``."""

    type: Literal["history"] = "history"
    before: Seq
    limit: Annotated[int, Field(ge=1, le=200)] = 50


class Ping(Wire):
    """A sign of life."""

    type: Literal["ping"] = "ping"


class TypingIn(Wire):
    """The customer is (or has stopped) writing."""

    type: Literal["typing"] = "typing"
    on: Annotated[bool, Field(strict=True)]


class End(Wire):
    """The customer is done: whoever comes next on this device starts anew."""

    type: Literal["end"] = "end"


class SessionRequest(Wire):
    """Open or renew a session over REST."""

    session: Token | None = None
    user_token: Token | None = None


ClientFrame = Annotated[
    Hello | MessageFrame | Read | Earlier | TypingIn | Ping | End, Field(discriminator="type")
]
_FRAME: TypeAdapter[ClientFrame] = TypeAdapter(ClientFrame)


def parse_frame(raw: str | bytes) -> ClientFrame:
    """Read one frame of the socket.

    Raises:
        BadJson, BadFrame, UnknownType: the frame cannot be used.
    """
    data = parse_object(raw)
    try:
        return _FRAME.validate_python(data)
    except ValidationError as error:
        kinds = {fault["type"] for fault in error.errors(include_input=False)}
        if kinds & {"union_tag_invalid", "union_tag_not_found"}:
            raise UnknownType from None
        raise BadFrame(_fields(error)) from None


def parse_body[Model: Wire](model: type[Model], raw: bytes) -> Model:
    """Read one REST body.

    Raises:
        BadJson, BadFrame: the body cannot be used.
    """
    try:
        return model.model_validate(parse_object(raw))
    except ValidationError as error:
        raise BadFrame(_fields(error)) from None


def parse_object(raw: str | bytes) -> dict[str, Any]:
    """Read a JSON object; lone surrogates become U+FFFD, for nothing later could store them.

    Raises:
        BadJson: not JSON, not UTF-8, nested absurdly, or not an object.
    """
    try:
        # Both go down into nested values, and the parser deeper than _mend can follow.
        data = _mend(json.loads(raw, parse_constant=_refuse_constant))
    except (ValueError, RecursionError):
        raise BadJson from None
    if not isinstance(data, dict):
        raise BadJson
    return data


def client_id_of(raw: str) -> str | None:
    """The client id of a frame that was refused, so that the client knows which one it was."""
    try:
        value = json.loads(raw).get("client_id")
    except (ValueError, RecursionError, AttributeError):
        return None
    return value if isinstance(value, str) and len(value) <= 64 and value.isascii() else None


def _mend(value: Any) -> Any:
    if isinstance(value, str):
        return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if isinstance(value, list):
        return [_mend(item) for item in value]
    if isinstance(value, dict):
        return {_mend(key): _mend(item) for key, item in value.items()}
    return value


def _refuse_constant(name: str) -> None:
    raise ValueError(name)  # NaN and Infinity are not JSON


def _fields(error: ValidationError) -> str:
    """Names and faults of the fields, never what was in them."""
    faults = error.errors(include_input=False, include_url=False, include_context=False)
    return "; ".join(f"{'.'.join(map(str, f['loc'])) or 'body'}: {f['type']}" for f in faults[:5])
