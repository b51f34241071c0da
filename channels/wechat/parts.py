"""How our bubbles become WeChat messages: texts, pictures, menus and news cards, in a fixed order.

The plan of a reply depends on nothing but the reply, so that a part sent passively and the parts
sent later by the API count the same.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from bot.conversations import MessageView
from channels.wechat import xml
from channels.wechat.splitting import LIMIT, shorten, size, split

TITLE_BYTES = 128
DESCRIPTION_BYTES = 480
"""A card shows a few lines; a longer answer is a text of its own beside it."""

CHOOSE = "回复数字即可选择"
OR_TYPE = "也可以直接输入您的问题"

Link = Callable[[dict[str, Any]], str | None]
"""The address of the page that shows a card (or a file) in full, if there is one."""


@dataclass(frozen=True)
class Text:
    """A text message."""

    content: str


@dataclass(frozen=True)
class Menu:
    """Options to press: ``(id, title)`` each; the id comes back with the press."""

    head: str
    options: tuple[tuple[str, str], ...]

    def numbered(self) -> str:
        """The same for where there is nothing to press."""
        lines = "\n".join(f"{n}. {title}" for n, (_, title) in enumerate(self.options, 1))
        return f"{self.head}\n\n{lines}\n（{CHOOSE}）".strip()


@dataclass(frozen=True)
class News:
    """A card that opens a page."""

    title: str
    description: str
    url: str

    def written(self) -> str:
        """The same as a text."""
        return f"{self.title}\n{self.description}\n{self.url}"


@dataclass(frozen=True)
class Picture:
    """A picture, sent as one where the platform takes it, and as a link where not.

    Args:
        file_id: of the stored file.
        mime: what it is.
        instead: the words that stand for it.
    """

    file_id: str
    mime: str
    instead: str


Part = Text | Menu | News | Picture


def plan(views: Sequence[MessageView], link: Link) -> list[Part]:
    """The messages that say what the bubbles say, as few as possible."""
    parts: list[Part] = []
    words: list[str] = []

    def flush() -> None:
        parts.extend(Text(piece) for piece in split("\n\n".join(words)))
        words.clear()

    for view in views:
        text = xml.clean(view.text).strip()
        card = _card(view.card, text, link)
        pictures = [_picture(file, link) for file in view.files if _is_picture(file)]
        attached = [_attached(file, link) for file in view.files if not _is_picture(file)]
        if card is not None:
            if size(text) > DESCRIPTION_BYTES:
                words.append(text)
            flush()
            parts.append(card)
            text = ""
        if text or attached:
            words.append("\n".join([text, *attached]).strip())
        if pictures:
            flush()
            parts.extend(pictures)
        if view.quick_replies:
            options = tuple(
                (option_id(view.seq, index), shorten(xml.clean(title), 96))
                for index, title in enumerate(view.quick_replies)
            )
            spare = size(Menu("", options).numbered()) + 2
            pieces = split("\n\n".join(words), max(LIMIT - spare, 200)) or ["请选择："]
            words.clear()
            parts.extend(Text(piece) for piece in pieces[:-1])
            parts.append(Menu(pieces[-1], options))
    flush()
    return parts


def squeeze(parts: Sequence[Part], most: int) -> list[Part]:
    """The same in at most ``most`` messages where they fit: cards and menus become text.

    More than ``most`` are left where even plain text needs them.
    """
    if len(parts) <= most:
        return list(parts)
    together = "\n\n".join(plain(part) for part in parts)
    return [Text(piece) for piece in split(together)]


def plain(part: Part) -> str:
    """What a part says, as a text."""
    if isinstance(part, Menu):
        return part.numbered()
    if isinstance(part, Picture):
        return part.instead
    return part.written() if isinstance(part, News) else part.content


def option_id(seq: int, index: int) -> str:
    """The id of an option: which one of which message."""
    return f"q{seq}.{index}"


def option_of(given: str) -> tuple[int, int] | None:
    """Message and place that an option's id names; None if it is none of ours."""
    found = re.fullmatch(r"q([0-9]{1,9})\.([0-9]{1,2})", given)
    return (int(found[1]), int(found[2])) if found else None


def as_api(part: Part) -> dict[str, Any]:
    """A part as the customer-service message API takes it, without ``touser``."""
    if isinstance(part, Menu):
        return {
            "msgtype": "msgmenu",
            "msgmenu": {
                "head_content": part.head,
                "list": [{"id": key, "content": title} for key, title in part.options],
                "tail_content": OR_TYPE,
            },
        }
    if isinstance(part, News):
        article = {"title": part.title, "description": part.description, "url": part.url}
        return {"msgtype": "news", "news": {"articles": [article]}}
    return {"msgtype": "text", "text": {"content": plain(part)}}


def as_xml(part: Part, openid: str, ours: str, now: int) -> str:
    """A part as a passive reply."""
    if isinstance(part, News):
        kind = "news"
        body = (
            "<ArticleCount>1</ArticleCount><Articles><item>"
            f"<Title>{xml.cdata(part.title)}</Title>"
            f"<Description>{xml.cdata(part.description)}</Description>"
            f"<PicUrl>{xml.cdata('')}</PicUrl><Url>{xml.cdata(part.url)}</Url>"
            "</item></Articles>"
        )
    else:
        kind = "text"
        body = f"<Content>{xml.cdata(plain(part))}</Content>"
    return (
        f"<xml><ToUserName>{xml.cdata(openid)}</ToUserName>"
        f"<FromUserName>{xml.cdata(ours)}</FromUserName>"
        f"<CreateTime>{now}</CreateTime><MsgType>{xml.cdata(kind)}</MsgType>{body}</xml>"
    )


def _card(card: dict[str, Any] | None, text: str, link: Link) -> News | None:
    if not card or card.get("type") != "order" or not (url := link(card)):
        return None
    title = f"订单 {card.get('number', '')} · {card.get('state_text', '')}"
    lines = [item for item in _lines(card) if item]
    description = text if size(text) <= DESCRIPTION_BYTES else "\n".join(lines)
    return News(
        shorten(xml.clean(title), TITLE_BYTES),
        shorten(xml.clean(description or title), DESCRIPTION_BYTES),
        url,
    )


def _lines(card: dict[str, Any]) -> list[str]:
    items = [f"{i.get('title', '')} ×{i.get('quantity', 1)}" for i in card.get("items") or ()]
    parcels = [
        " ".join(str(p.get(k) or "") for k in ("carrier", "tracking_number", "state_text"))
        for p in card.get("parcels") or ()
    ]
    return [*items[:3], *parcels[:3], "点击查看物流详情"]


def _is_picture(file: dict[str, Any]) -> bool:
    return str(file.get("mime", "")).startswith("image/")


def _picture(file: dict[str, Any], link: Link) -> Picture:
    return Picture(str(file.get("id", "")), str(file["mime"]), _attached(file, link))


def _attached(file: dict[str, Any], link: Link) -> str:
    url = link({"type": "file", **file})
    name = xml.clean(str(file.get("name", "")))
    return f"[{name}] {url}" if url else f"[{name}]"
