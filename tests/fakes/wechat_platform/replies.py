"""What the service answers to a push, read as strictly as the platform reads it.

Source: developers.weixin.qq.com, "被动回复用户消息": ``success`` or an empty body means no reply;
anything else that is not a proper reply shows the user a notice of failure.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal
from xml.etree import ElementTree

from tests.fakes.wechat_platform.cipher import BadCipherText, MessageCipher, signature

Mode = Literal["plain", "compatible", "safe"]

TEXT_LIMIT = 2048
ARTICLES_TO_A_MESSAGE = 1
ARTICLES_TO_AN_EVENT = 8
_TYPES = ("text", "image", "voice", "video", "music", "news", "transfer_customer_service")


class BadReply(Exception):
    """The user sees 「该公众号暂时无法提供服务，请稍后再试」; the text says why."""


@dataclass(frozen=True)
class PassiveReply:
    """A reply in the answer to a push."""

    type: str
    text: str = ""
    articles: tuple[dict[str, str], ...] = ()
    media_id: str = ""


def read_reply(
    body: str,
    *,
    cipher: MessageCipher | None,
    token: str,
    mode: Mode,
    user: str,
    account: str,
    to_event: bool,
) -> PassiveReply | None:
    """What the user is shown; None for none.

    Raises:
        BadReply: not a reply.
    """
    if body in ("", "success"):
        return None
    root = _root(body)
    if root.find("Encrypt") is not None:
        if cipher is None or mode == "plain":
            raise BadReply("encrypted in plain mode")
        root = _root(_decrypted(root, cipher, token))
    elif mode == "safe":
        raise BadReply("plain text in safe mode")
    if _text(root, "ToUserName") != user or _text(root, "FromUserName") != account:
        raise BadReply("sender or receiver")
    if not _text(root, "CreateTime").isdecimal():
        raise BadReply("CreateTime")
    return _content(root, ARTICLES_TO_AN_EVENT if to_event else ARTICLES_TO_A_MESSAGE)


def _content(root: ElementTree.Element, articles_allowed: int) -> PassiveReply:
    kind = _text(root, "MsgType")
    if kind not in _TYPES:
        raise BadReply(f"MsgType {kind!r}")
    if kind == "text":
        content = _text(root, "Content")
        if not content or len(content.encode()) > TEXT_LIMIT:
            raise BadReply("length of Content")
        return PassiveReply(kind, content)
    if kind == "news":
        items = [
            {child.tag: child.text or "" for child in item}
            for item in root.findall("Articles/item")
        ]
        if not 1 <= len(items) <= articles_allowed or _text(root, "ArticleCount") != str(
            len(items)
        ):
            raise BadReply("number of articles")
        if any(not item.get("Title") for item in items):
            raise BadReply("an article without a title")
        return PassiveReply(kind, articles=tuple(items))
    if kind in ("image", "voice", "video"):
        media_id = root.findtext(f"{kind.capitalize()}/MediaId") or ""
        if not media_id:
            raise BadReply("MediaId")
        return PassiveReply(kind, media_id=media_id)
    return PassiveReply(kind)


def _decrypted(root: ElementTree.Element, cipher: MessageCipher, token: str) -> str:
    encrypted = _text(root, "Encrypt")
    signed = signature(token, _text(root, "TimeStamp"), _text(root, "Nonce"), encrypted)
    if signed != _text(root, "MsgSignature"):
        raise BadReply("MsgSignature")
    try:
        return cipher.decrypt(encrypted)
    except BadCipherText as error:
        raise BadReply(f"ciphertext: {error}") from None


def _root(document: str) -> ElementTree.Element:
    try:
        root = ElementTree.fromstring(document)  # noqa: S314 - our own service wrote it
    except ElementTree.ParseError:
        raise BadReply("not XML") from None
    if root.tag != "xml":
        raise BadReply("not XML")
    return root


def _text(root: ElementTree.Element, name: str) -> str:
    return root.findtext(name) or ""
