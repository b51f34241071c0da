"""WeChat's XML, read without trust and written so that nothing can break out of it."""

from __future__ import annotations

import re
from typing import Any
from xml.parsers import expat

MAX_DEPTH = 8
MAX_ELEMENTS = 500

_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
"""What XML 1.0 cannot hold, and the control characters that it merely discourages."""


class BadXml(Exception):
    """Not the kind of XML that WeChat sends."""


def parse(body: bytes) -> dict[str, Any]:
    """The children of the root element ``xml``: leaves as text, others as dictionaries.

    A document type, an entity or a processing instruction is refused: WeChat sends none, and they
    are what makes XML dangerous.

    Raises:
        BadXml: not well-formed UTF-8 XML of that kind, or too large a tree.
    """
    reader = _Reader()
    parser = expat.ParserCreate("utf-8")
    parser.buffer_text = True
    parser.StartElementHandler = reader.start
    parser.EndElementHandler = reader.end
    parser.CharacterDataHandler = reader.text
    parser.StartDoctypeDeclHandler = reader.refuse
    parser.EntityDeclHandler = reader.refuse
    parser.ProcessingInstructionHandler = reader.refuse
    try:
        parser.Parse(body, True)
    except (expat.ExpatError, UnicodeError, ValueError) as error:
        raise BadXml("not well-formed") from error
    if reader.name != "xml" or not isinstance(reader.root, dict):
        raise BadXml("no root element xml")
    return reader.root


class _Reader:
    """Builds the tree from the parser's events."""

    def __init__(self) -> None:
        self.name: str | None = None
        self.root: Any = None
        self._open: list[tuple[str, dict[str, Any], list[str]]] = []
        self._elements = 0

    def start(self, name: str, _attributes: dict[str, str]) -> None:
        self._elements += 1
        if len(self._open) >= MAX_DEPTH or self._elements > MAX_ELEMENTS:
            raise BadXml("too deep or too many elements")
        if not self._open:
            self.name = name
        self._open.append((name, {}, []))

    def end(self, _name: str) -> None:
        name, children, texts = self._open.pop()
        value: Any = children or "".join(texts)
        if not self._open:
            self.root = value
            return
        siblings = self._open[-1][1]
        if name in siblings:
            before = siblings[name]
            siblings[name] = [*before, value] if isinstance(before, list) else [before, value]
        else:
            siblings[name] = value

    def text(self, data: str) -> None:
        if self._open:
            self._open[-1][2].append(data)

    def refuse(self, *_: object) -> None:
        raise BadXml("document types, entities and instructions are refused")


def clean(text: str) -> str:
    """The text without what XML cannot hold."""
    return _ILLEGAL.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def cdata(text: str) -> str:
    """A CDATA section of exactly this text; ``]]>`` is spread over two sections."""
    return f"<![CDATA[{clean(text).replace(']]>', ']]]]><![CDATA[>')}]]>"
