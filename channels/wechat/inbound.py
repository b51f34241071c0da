"""What WeChat tells us, in our words: wechatpy knows the types, the fields are checked here.

wechatpy raises TypeError, KeyError or AttributeError on odd messages; whatever it raises, the
message is unreadable.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from wechatpy import parse_message

from channels.wechat import xml
from channels.wechat.emoticons import is_sticker, with_emoji
from channels.wechat.errors import Refused

_OPENID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_NUMBER = re.compile(r"[0-9]{1,20}")


class Kind(StrEnum):
    """What a message or event is to us."""

    TEXT = "text"
    IMAGE = "image"
    VOICE = "voice"
    VIDEO = "video"
    LOCATION = "location"
    LINK = "link"
    OTHER = "other"
    FOLLOW = "follow"
    UNFOLLOW = "unfollow"
    SCAN = "scan"
    CLICK = "click"
    TEMPLATE_RESULT = "template_result"
    NOTED = "noted"


_MESSAGES = {
    "text": Kind.TEXT,
    "image": Kind.IMAGE,
    "voice": Kind.VOICE,
    "video": Kind.VIDEO,
    "shortvideo": Kind.VIDEO,
    "location": Kind.LOCATION,
    "link": Kind.LINK,
}
_EVENTS = {
    "subscribe": Kind.FOLLOW,
    "subscribe_scan": Kind.FOLLOW,
    "subscribe_scan_product": Kind.FOLLOW,
    "unsubscribe": Kind.UNFOLLOW,
    "scan": Kind.SCAN,
    "click": Kind.CLICK,
    "templatesendjobfinish": Kind.TEMPLATE_RESULT,
}


@dataclass(frozen=True)
class Received:
    """One message or event.

    Args:
        kind: what it is.
        openid: who sent it.
        ours: the account's original id (gh_…), to be given back in a passive reply.
        once: the same for every repeat; unique for the account.
        text: what was written, recognised or is shown of it.
        key: menu key, scene of a QR code, or template message id.
        media_id: under which its sound or picture can be fetched.
        choice: id of the menu option that was pressed.
        status: how sending a template message ended.
    """

    kind: Kind
    openid: str
    ours: str
    once: str
    text: str = ""
    key: str = ""
    media_id: str = ""
    choice: str = ""
    status: str = ""


def read(body: bytes) -> Received:
    """Read a message or event.

    Raises:
        Refused: 400, it cannot be read.
    """
    try:
        fields = xml.parse(body)
    except xml.BadXml as error:
        raise Refused(400, str(error)) from error
    try:
        # Only what the defused parser has let through gets here.
        parsed = parse_message(body.decode())
        type_name = str(parsed.type)
        event = str(getattr(parsed, "event", ""))
        parsed_fields = dict(parsed._data)
    except Exception as error:
        raise Refused(400, "not a message of WeChat's") from error
    openid = _text(fields, "FromUserName", 64)
    created = _text(fields, "CreateTime", 20)
    if not _OPENID.fullmatch(openid) or not _NUMBER.fullmatch(created):
        raise Refused(400, "sender or time is missing")
    is_event = _text(fields, "MsgType", 32).lower() == "event"
    ours = _text(fields, "ToUserName", 64)
    if is_event:
        # Repeats of an event have no id of their own (WeChat's documentation on de-duplication).
        key = _text(parsed_fields, "EventKey", 512)
        named = f"{created}:{_text(fields, 'Event', 64)}:{key}:{_text(fields, 'MsgID', 32)}"
        once = f"{openid}:e:{hashlib.sha256(named.encode()).hexdigest()[:40]}"
        return Received(
            kind=_EVENTS.get(event.lower(), Kind.NOTED),
            openid=openid,
            ours=ours,
            once=once,
            text=_label(parsed_fields),
            key=key if event.lower() != "templatesendjobfinish" else _text(fields, "MsgID", 32),
            status=_text(fields, "Status", 64),
        )
    message_id = _text(fields, "MsgId", 32)
    if not _NUMBER.fullmatch(message_id):
        raise Refused(400, "the message has no id")
    kind = _MESSAGES.get(type_name.lower(), Kind.OTHER)
    if kind is Kind.TEXT and is_sticker(_text(fields, "Content", 64)):
        kind = Kind.OTHER
    return Received(
        kind=kind,
        openid=openid,
        ours=ours,
        once=f"{openid}:{message_id}",
        text=_words(kind, fields),
        media_id=_text(fields, "MediaId", 256),
        choice=_text(fields, "bizmsgmenuid", 64),
    )


def _words(kind: Kind, fields: dict[str, Any]) -> str:
    if kind is Kind.TEXT:
        return with_emoji(_text(fields, "Content", 8192))
    if kind is Kind.VOICE:
        return _text(fields, "Recognition", 4096).strip()
    if kind is Kind.LOCATION:
        return _text(fields, "Label", 200).strip()
    if kind is Kind.LINK:
        title, url = _text(fields, "Title", 200), _text(fields, "Url", 500)
        return f"{title} {url}".strip()
    return _text(fields, "Title", 200)


def _label(fields: dict[str, Any]) -> str:
    """The place that a customer picked from a menu, if it was that."""
    picked = fields.get("SendLocationInfo")
    return _text(picked, "Label", 200) if isinstance(picked, dict) else ""


def _text(fields: dict[str, Any], name: str, longest: int) -> str:
    """A field that must be a leaf; what is longer than WeChat allows is cut."""
    value = fields.get(name)
    if value is None:
        return ""
    if not isinstance(value, str):
        raise Refused(400, f"{name} is not a text")
    return xml.clean(value)[:longest]
