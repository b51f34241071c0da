"""What a WeChat user can send or do, as the XML that the platform pushes.

Field names: developers.weixin.qq.com, "接收普通消息" and "接收事件推送".
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal
from xml.etree import ElementTree

Grant = Literal["message", "menu", "subscribe", "scan"]


@dataclass(frozen=True)
class Message:
    """A message or an event.

    Args:
        type: MsgType.
        fields: what the type has beside the common fields.
        grant: which right to send customer-service messages it gives, if any.
    """

    type: str
    fields: Mapping[str, object] = field(default_factory=dict)
    grant: Grant | None = "message"

    @property
    def is_event(self) -> bool:
        """Events have no MsgId."""
        return self.type == "event"


def text(content: str, menu_id: str | None = None) -> Message:
    """Words; with ``menu_id``, a tap on an option of a menu message."""
    tapped = {} if menu_id is None else {"bizmsgmenuid": menu_id}
    return Message("text", {"Content": content} | tapped)


def image(media_id: str = "picture", url: str = "http://mmbiz.qpic.cn/picture.jpg") -> Message:
    """A picture, which /media/get serves."""
    return Message("image", {"PicUrl": url, "MediaId": media_id})


def voice(recognition: str | None = None, media_id: str = "voice") -> Message:
    """A voice message in AMR; ``recognition`` only if the account has switched that on."""
    heard = {} if recognition is None else {"Recognition": recognition}
    return Message("voice", {"MediaId": media_id, "Format": "amr"} | heard)


def video(media_id: str = "video", kind: Literal["video", "shortvideo"] = "video") -> Message:
    """A film."""
    return Message(kind, {"MediaId": media_id, "ThumbMediaId": "picture"})


def location(latitude: float, longitude: float, label: str, scale: int = 20) -> Message:
    """A place on the map."""
    place = {"Location_X": latitude, "Location_Y": longitude, "Scale": scale, "Label": label}
    return Message("location", place)


def link(title: str, description: str, url: str) -> Message:
    """A shared page."""
    return Message("link", {"Title": title, "Description": description, "Url": url})


def subscribe(scene: str | None = None, ticket: str = "TICKET") -> Message:
    """Following the account, perhaps by scanning a code with a scene."""
    scanned = {} if scene is None else {"EventKey": f"qrscene_{scene}", "Ticket": ticket}
    return Message("event", {"Event": "subscribe", "EventKey": ""} | scanned, "subscribe")


def unsubscribe() -> Message:
    """Leaving the account."""
    return Message("event", {"Event": "unsubscribe", "EventKey": ""}, None)


def scan(scene: str, ticket: str = "TICKET") -> Message:
    """Scanning a code of an account that one follows already."""
    return Message("event", {"Event": "SCAN", "EventKey": scene, "Ticket": ticket}, "scan")


def click(key: str) -> Message:
    """Tapping a menu entry with a key."""
    return Message("event", {"Event": "CLICK", "EventKey": key}, "menu")


def view(url: str) -> Message:
    """Tapping a menu entry that opens a page; gives no right to send."""
    return Message("event", {"Event": "VIEW", "EventKey": url, "MenuId": "1"}, None)


def to_xml(fields: Mapping[str, object]) -> str:
    """A flat document as the platform writes it: strings in CDATA, numbers bare."""
    parts = []
    for name, value in fields.items():
        written = str(value) if isinstance(value, int | float) else _cdata(str(value))
        parts.append(f"<{name}>{written}</{name}>")
    return "<xml>" + "".join(parts) + "</xml>"


def from_xml(document: str) -> dict[str, str]:
    """The flat part of a document.

    Raises:
        ValueError: not XML.
    """
    try:
        root = ElementTree.fromstring(document)  # noqa: S314 - our own service wrote it
    except ElementTree.ParseError:
        raise ValueError("not XML") from None
    return {child.tag: child.text or "" for child in root}


def _cdata(value: str) -> str:
    return "<![CDATA[" + value.replace("]]>", "]]]]><![CDATA[>") + "]]>"
