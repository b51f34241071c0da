"""Pictures and documents that go with messages, kept in the database beside them.

What a file is, is read from its first bytes, never believed from its name or from what a browser
calls it: only pictures that every browser shows, and PDF. It is given out by id: to agents by
their session, to customers by a signed link that runs out.
"""

from __future__ import annotations

import hmac
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import Connection, insert, select

from bot.clock import Clock
from bot.conversations.messages import Author, ConversationKey
from bot.errors import FileKindRefused, FilesNeedPerson, FileTooLarge, UnknownFile
from bot.records import Database, new_id
from bot.records.tables import conversations, files

MAX_BYTES = 5 * 1024 * 1024
"""Largest file, of customers and agents alike."""

MAX_FILES = 6
"""Files of one message."""

LINK_LIFE = timedelta(hours=12)
"""A customer's link holds so long; fetching the history again makes a new one."""

_MAX_NAME = 120
_UNFIT = re.compile(r'[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff/\\<>:"|?*]')
_ENDINGS = {
    "image/png": ".png",
    "image/jpeg": ".jpg",
    "image/gif": ".gif",
    "image/webp": ".webp",
    "application/pdf": ".pdf",
}


@dataclass(frozen=True)
class StoredFile:
    """A file with its content; ``author`` is who sent it."""

    id: str
    conversation_id: str
    author: Author
    name: str
    mime: str
    content: bytes


class FileStore:
    """Keeps files and makes links to them.

    Args:
        database: where they are kept.
        key: secret of the service; links are signed with a key derived from it.
        clock: current time.
    """

    def __init__(self, database: Database, key: str, clock: Clock) -> None:
        self._database = database
        self._key = hmac.digest(key.encode(), b"yingda file link f1", "sha256")
        self._clock = clock

    async def keep(
        self, conversation_id: str, author: Author, name: str, content: bytes
    ) -> dict[str, Any]:
        """Store a file; returns ``{"id", "name", "mime", "size"}``.

        Raises:
            FileTooLarge: over MAX_BYTES.
            FileKindRefused: neither a picture that browsers show nor a PDF.
        """
        if len(content) > MAX_BYTES:
            raise FileTooLarge
        mime = sniff(content)
        if mime is None:
            raise FileKindRefused
        row = {
            "id": new_id("file"),
            "conversation_id": conversation_id,
            "author": author.value,
            "name": readable_name(name, mime),
            "mime": mime,
            "size": len(content),
            "content": content,
            "at": self._clock(),
        }
        await self._database.write(lambda tx: tx.execute(insert(files), row))
        return {name: row[name] for name in ("id", "name", "mime", "size")}

    async def receive(self, key: ConversationKey, name: str, content: bytes) -> dict[str, Any]:
        """Store a customer's file while a person looks after them.

        The bot sees no pictures, and storing is not free: without a person nothing is taken.

        Raises:
            FilesNeedPerson: nobody is there to look at it.
            FileTooLarge, FileKindRefused: as in `keep`.
        """
        query = (
            select(conversations.c.id)
            .where(conversations.c.channel == key.channel)
            .where(conversations.c.external_id == key.external_id)
            .where(conversations.c.owner == "human")
        )
        found = await self._database.read(lambda tx: tx.execute(query).scalar_one_or_none())
        if found is None:
            raise FilesNeedPerson
        return await self.keep(found, Author.CUSTOMER, name, content)

    async def load(self, file_id: str) -> StoredFile:
        """A stored file.

        Raises:
            UnknownFile: there is none of this id.
        """
        query = select(files).where(files.c.id == file_id)
        row = await self._database.read(lambda tx: tx.execute(query).one_or_none())
        if row is None:
            raise UnknownFile
        return StoredFile(
            row.id, row.conversation_id, Author(row.author), row.name, row.mime, row.content
        )

    def sign(self, file_id: str) -> str:
        """A token that opens this file to whoever has it, until it runs out."""
        expiry = int((self._clock() + LINK_LIFE).timestamp())
        return f"{expiry}.{self._mac(file_id, expiry)}"

    def check(self, file_id: str, token: str) -> bool:
        """Whether the token opens this file now."""
        expiry, _, mac = token.partition(".")
        if not re.fullmatch(r"[0-9]{1,12}", expiry) or not mac.isascii():
            return False
        genuine = hmac.compare_digest(self._mac(file_id, int(expiry)), mac)
        return genuine and self._clock().timestamp() < int(expiry)

    def _mac(self, file_id: str, expiry: int) -> str:
        return hmac.digest(self._key, f"{file_id}.{expiry}".encode(), "sha256").hex()


def attach(
    tx: Connection, conversation_id: str, author: Author, ids: Sequence[str]
) -> tuple[dict[str, Any], ...]:
    """What a message says of its files: those of this conversation and author, in this order.

    Raises:
        UnknownFile: one of them is not there, or belongs elsewhere.
    """
    if not ids:
        return ()
    if len(ids) > MAX_FILES:
        raise UnknownFile
    rows = tx.execute(
        select(files.c.id, files.c.name, files.c.mime, files.c.size)
        .where(files.c.id.in_(ids))
        .where(files.c.conversation_id == conversation_id, files.c.author == author.value)
    )
    found = {row.id: row._asdict() for row in rows}
    if not found.keys() >= set(ids):
        raise UnknownFile
    return tuple(found[one] for one in ids)


def placeholder(attached: Sequence[dict[str, Any]]) -> str:
    """The text of a message that has files and no words."""
    pictures = all(str(file["mime"]).startswith("image/") for file in attached)
    return "[图片]" if pictures else "[文件]"


def sniff(content: bytes) -> str | None:
    """The media type by the first bytes (WHATWG MIME sniffing); None for what we do not take."""
    if content.startswith(b"\x89PNG\r\n\x1a\n"):
        return "image/png"
    if content.startswith(b"\xff\xd8\xff"):
        return "image/jpeg"
    if content.startswith((b"GIF87a", b"GIF89a")):
        return "image/gif"
    if content[:4] == b"RIFF" and content[8:14] == b"WEBPVP":
        return "image/webp"
    if content.startswith(b"%PDF-"):
        return "application/pdf"
    return None


def readable_name(name: str, mime: str) -> str:
    """A name that can be shown and saved, ending as its content demands."""
    ending = _ENDINGS[mime]
    mended = name.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    stem = _UNFIT.sub("", unicodedata.normalize("NFC", mended)).strip(" .")
    if stem.lower().endswith((ending, ".jpeg")):
        stem = stem.rpartition(".")[0]
    fallback = "图片" if mime.startswith("image/") else "文件"
    return f"{stem[:_MAX_NAME].strip(' .') or fallback}{ending}"
