"""Where rendering writes to: XML text or a JSON value, with undo for groups that stay empty."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, Protocol

from adapters.engine.format import Format
from adapters.engine.json_source import Number, encode
from adapters.engine.trie import Node
from schemas.errors import TranslationError
from schemas.text import Text

_MARKUP: Final = re.compile(r"[&<>\r\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_FORBIDDEN: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class NotWritable(TranslationError):
    """A value holds characters that the target cannot carry."""

    code = "SG-2102"
    title = Text("{where} holds a control character.", "{where} 含有控制字符。")
    hint = Text("Remove the character at the source.", "请在源文件中删除该字符。")


class Sink(Protocol):
    """Takes elements in document order."""

    def open(self, node: Node, attrs: Mapping[str, str] | None) -> int:
        """Start a group and return the mark to undo it."""
        ...

    def close(self, node: Node) -> None:
        """End the group."""
        ...

    def undo(self, mark: int) -> None:
        """Forget a group that was opened, and everything in it."""
        ...

    def leaf(self, node: Node, text: str, attrs: Mapping[str, str] | None) -> None:
        """Write a leaf with its attributes."""
        ...

    def data(self) -> bytes:
        """Return the document."""
        ...


def escape(text: str) -> str:
    """Return text for XML content; raises NotWritable for characters XML has no way to carry."""
    if _MARKUP.search(text) is None:
        return text
    if _FORBIDDEN.search(text):
        raise NotWritable(where=text[:40].encode("ascii", "backslashreplace").decode())
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text.replace("\r", "&#13;")


def quote(text: str) -> str:
    """Return text for an XML attribute in double quotes."""
    text = escape(text).replace('"', "&quot;")
    return text.replace("\n", "&#10;").replace("\t", "&#9;")


class XmlSink:
    """Writes XML, indented, in the prefixes of the format's table."""

    def __init__(self, fmt: Format) -> None:
        """Start a document of the format."""
        self.parts: list[str] = ['<?xml version="1.0" encoding="UTF-8"?>']
        self.names: dict[str, str] = {}
        self.prefixes = {uri: prefix for prefix, uri in fmt.namespaces.items()}
        self.spaces = "".join(
            f' xmlns{":" + prefix if prefix else ""}="{quote(uri)}"'
            for prefix, uri in fmt.namespaces.items()
        )
        self.indent = "\n"

    def _name(self, tag: str) -> str:
        name = self.names.get(tag)
        if name is None:
            space, _, local = tag.rpartition("}")
            prefix = self.prefixes.get(space[1:], "")
            name = self.names[tag] = f"{prefix}:{local}" if prefix else local
        return name

    def open(self, node: Node, attrs: Mapping[str, str] | None) -> int:
        """Start a group and return the mark to undo it."""
        mark = len(self.parts)
        more = self.spaces if mark == 1 else ""
        if attrs:
            more += "".join(f' {key}="{quote(value)}"' for key, value in attrs.items())
        self.parts.append(f"{self.indent}<{self._name(node.tag)}{more}>")
        self.indent += "  "
        return mark

    def close(self, node: Node) -> None:
        """End the group."""
        self.indent = self.indent[:-2]
        self.parts.append(f"{self.indent}</{self._name(node.tag)}>")

    def undo(self, mark: int) -> None:
        """Forget a group that was opened, and everything in it."""
        del self.parts[mark:]
        self.indent = self.indent[:-2]

    def leaf(self, node: Node, text: str, attrs: Mapping[str, str] | None) -> None:
        """Write a leaf with its attributes."""
        name = self._name(node.tag)
        if attrs:
            more = "".join(f' {key}="{quote(value)}"' for key, value in attrs.items())
            self.parts.append(f"{self.indent}<{name}{more}>{escape(text)}</{name}>")
        else:
            self.parts.append(f"{self.indent}<{name}>{escape(text)}</{name}>")

    def data(self) -> bytes:
        """Return the document."""
        return ("".join(self.parts) + "\n").encode("utf-8")


class JsonSink:
    """Builds a JSON value: groups are objects, repeating nodes arrays."""

    def __init__(self, fmt: Format) -> None:
        """Start a document."""
        del fmt
        self.top: dict[str, object] = {}
        self.stack: list[dict[str, object]] = []

    def open(self, node: Node, attrs: Mapping[str, str] | None) -> int:
        """Start a group and return the mark to undo it."""
        del attrs
        mark = len(self.stack)
        self.stack.append(self.top if not node.name else {})
        return mark

    def close(self, node: Node) -> None:
        """End the group: hang it on the one above."""
        done = self.stack.pop()
        if self.stack:
            self._put(node, done)

    def undo(self, mark: int) -> None:
        """Forget a group that was opened, and everything in it."""
        del self.stack[mark:]

    def leaf(self, node: Node, text: str, attrs: Mapping[str, str] | None) -> None:
        """Write a member; JSON has no attributes."""
        del attrs
        kind = node.leaf.row.type if node.leaf else ""
        value: object = text
        if kind in ("number", "integer"):
            value = Number(text)
        elif kind == "boolean":
            value = text == "true"
        self._put(node, value)

    def _put(self, node: Node, value: object) -> None:
        above = self.stack[-1]
        if node.repeat:
            items = above.setdefault(node.name, [])
            if isinstance(items, list):
                items.append(value)
        else:
            above[node.name] = value

    def data(self) -> bytes:
        """Return the document."""
        return encode(self.top)
