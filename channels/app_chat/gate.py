"""What REST and socket share: which pages may talk to us, and how fast one customer may."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from starlette.requests import HTTPConnection

from bot.clock import Clock
from bot.conversations import FileStore, MessageView
from bot.errors import TooManyMessages
from bot.rates import Buckets
from bot.settings import Settings
from bot.turn import Accepted, Inbound, TurnService
from channels.app_chat.errors import AddressTooBusy, OriginNotAllowed, TooManyRequests
from channels.app_chat.limits import ConnectionCaps, Limits
from channels.app_chat.protocol import MessageIn
from channels.app_chat.tokens import Sessions, Visitor


@dataclass
class Gate:
    """The chat's doorkeeper; one for all connections of this process."""

    turns: TurnService
    sessions: Sessions
    clock: Clock
    limits: Limits
    messages: Buckets
    address_messages: Buckets
    requests: Buckets
    new_sessions: Buckets
    by_visitor: ConnectionCaps
    by_address: ConnectionCaps
    uploads: Buckets
    allowed_origins: frozenset[str]
    files: FileStore | None

    @classmethod
    def build(
        cls,
        turns: TurnService,
        settings: Settings,
        clock: Clock,
        limits: Limits,
        files: FileStore | None,
    ) -> Gate:
        """Put the doorkeeper together from the settings."""
        return cls(
            turns=turns,
            sessions=Sessions(settings.require_secret("session_key"), settings.app_secrets, clock),
            clock=clock,
            limits=limits,
            messages=Buckets(settings.messages_per_second, settings.message_burst, clock),
            address_messages=Buckets(
                settings.messages_per_second * limits.customers_per_address,
                settings.message_burst * limits.customers_per_address,
                clock,
            ),
            requests=Buckets(limits.requests_per_second, limits.request_burst, clock),
            new_sessions=Buckets(limits.sessions_per_second, limits.session_burst, clock),
            by_visitor=ConnectionCaps(limits.connections_per_visitor),
            by_address=ConnectionCaps(limits.connections_per_address),
            uploads=Buckets(limits.uploads_per_second, limits.upload_burst, clock),
            files=files,
            allowed_origins=frozenset(_canonical(o) for o in settings.allowed_origins),
        )

    def check_origin(self, connection: HTTPConnection) -> str | None:
        """The Origin header if its page may talk to us; None for clients without one (apps).

        Tokens travel in frames and headers, never in cookies, so this is a second fence: it keeps
        other sites from embedding the chat under the brand's name.

        Raises:
            OriginNotAllowed: some other site's page.
        """
        origin = connection.headers.get("origin")
        if origin is None:
            return None
        own = urlsplit(origin).netloc.lower() == connection.headers.get("host", "").lower()
        if own or "*" in self.allowed_origins or _canonical(origin) in self.allowed_origins:
            return origin
        raise OriginNotAllowed

    def check_rate(self, visitor: Visitor) -> None:
        """Count one frame or request that is no message.

        Raises:
            TooManyRequests: over the visitor's rate.
        """
        if not self.requests.take(visitor.conversation.external_id):
            raise TooManyRequests

    async def accept(self, visitor: Visitor, message: MessageIn, address: str) -> Accepted:
        """Hand a message to the service, within the rates of the customer and of the address.

        Raises:
            CustomerError: too fast, or refused by the service; nothing was stored.
        """
        key = visitor.conversation
        if not self.messages.take(key.external_id):
            raise TooManyMessages
        # Visitors cost nothing to make up, addresses do.
        if not self.address_messages.take(address):
            raise AddressTooBusy
        return await self.turns.accept(
            Inbound(
                key=key,
                # Scoped to the conversation: a client id is only as unique as its client is honest.
                dedup_key=f"{key.external_id}:{message.client_id}",
                text=message.text,
                choice=message.choice.as_choice() if message.choice else None,
                verified_customer_id=visitor.user_id,
                client_id=message.client_id,
                files=message.files,
            )
        )

    def wire(self, view: MessageView) -> dict[str, Any]:
        """A message as it goes to its customer: its files with links that only they get."""
        wire = view.as_json()
        if view.files and self.files is not None:
            wire["files"] = [{**file, "url": self.link(file["id"])} for file in view.files]
        return wire

    def link(self, file_id: str) -> str:
        """Where the customer fetches a file; holds for some hours."""
        assert self.files is not None  # noqa: S101 - there are no files without a store
        return f"/chat/files/{file_id}?t={self.files.sign(file_id)}"


def address_of(connection: HTTPConnection) -> str:
    """The client's address, for caps; behind nginx uvicorn reads X-Forwarded-For (operations.md)."""
    return connection.client.host if connection.client else "unknown"


def _canonical(origin: str) -> str:
    return origin.strip().rstrip("/").lower()
