"""A message of sync_msg in the words that the official account's messages have, too."""

from __future__ import annotations

import re
from typing import Any

from channels.wechat import xml
from channels.wechat.emoticons import is_sticker, with_emoji
from channels.wechat.inbound import Kind, Received

CUSTOMER, SYSTEM = 3, 4
"""``origin`` of what customers send, and of events."""

_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_KINDS = {
    "text": Kind.TEXT,
    "image": Kind.IMAGE,
    "voice": Kind.VOICE,
    "video": Kind.VIDEO,
    "location": Kind.LOCATION,
    "link": Kind.LINK,
}


def read_message(message: dict[str, Any], open_kfid: str) -> Received | None:
    """A customer's message; None for one that is not, or that cannot be read."""
    user, msgid = message.get("external_userid"), message.get("msgid")
    kind_name = message.get("msgtype")
    if message.get("origin") != CUSTOMER or not isinstance(kind_name, str):
        return None
    if not isinstance(user, str) or not _ID.fullmatch(user):
        return None
    if not isinstance(msgid, str) or not 0 < len(msgid) <= 64:
        return None
    content = message.get(kind_name)
    content = content if isinstance(content, dict) else {}
    kind = _KINDS.get(kind_name, Kind.OTHER)
    if kind is Kind.TEXT and is_sticker(_text(content, "content", 64)):
        kind = Kind.OTHER
    return Received(
        kind=kind,
        openid=user,
        ours=open_kfid,
        once=f"{user}:{msgid}",
        text=_words(kind, content),
        media_id=_text(content, "media_id", 256),
        choice=_text(content, "menu_id", 64),
    )


def read_event(message: dict[str, Any]) -> dict[str, str] | None:
    """An event's texts (``event_type``, ``external_userid``, ``welcome_code`` …); None if none."""
    event = message.get("event")
    if message.get("msgtype") != "event" or not isinstance(event, dict):
        return None
    return {str(name): str(value)[:256] for name, value in event.items()}


def _words(kind: Kind, content: dict[str, Any]) -> str:
    if kind is Kind.TEXT:
        return with_emoji(_text(content, "content", 8192))
    if kind is Kind.LOCATION:
        return _text(content, "address", 200) or _text(content, "name", 200)
    if kind is Kind.LINK:
        return f"{_text(content, 'title', 200)} {_text(content, 'url', 500)}".strip()
    return ""


def _text(content: dict[str, Any], name: str, longest: int) -> str:
    value = content.get(name)
    return xml.clean(value)[:longest].strip() if isinstance(value, str) else ""
