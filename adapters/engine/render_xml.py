"""Rendering into XML text, compact, in the prefixes of the format's table."""

from __future__ import annotations

from collections.abc import Mapping

from adapters.engine.markup import HEAD, attributes, escape, quote
from adapters.engine.plan import Op
from adapters.engine.render import Renderer
from adapters.engine.trie import Node


class XmlRenderer(Renderer[str]):
    """Writes XML text."""

    def _leaf_piece(self, node: Node, text: str, attrs: Mapping[str, str] | None) -> str:
        """Return a leaf with its attributes."""
        if not text.isalnum():
            text = escape(text)
        if attrs:
            return f"{node.start}{attributes(attrs)}>{text}{node.close}"
        return node.open + text + node.close

    def _value_piece(self, op: Op, text: str, code: str) -> str:
        """Return a VALUE with the code of its one attribute, if there is one."""
        if not text.isalnum():
            text = escape(text)
        if code:
            return f'{op.open[:-1]}{op.attr_start}{quote(code)}">{text}{op.close}'
        return op.open + text + op.close

    def _group_piece(self, node: Node, attrs: Mapping[str, str] | None, pieces: list[str]) -> str:
        """Return a group around its pieces."""
        start = f"{node.start}{attributes(attrs)}>" if attrs else node.open
        return start + "".join(pieces) + node.close

    def _data(self, pieces: list[str]) -> bytes:
        """Return the document."""
        return (HEAD + "".join(pieces) + "\n").encode("utf-8")
