"""XML text: escaping, and the tags of a format prepared once."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final

from adapters.engine.trie import Node
from schemas.errors import TranslationError
from schemas.text import Text

_MARKUP: Final = re.compile(r"[&<>\r\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]").search
_FORBIDDEN: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]").search

HEAD: Final = '<?xml version="1.0" encoding="UTF-8"?>\n'


class NotWritable(TranslationError):
    """A value holds characters that the target cannot carry."""

    code = "SG-2102"
    title = Text("{where} holds a control character.", "{where} 含有控制字符。")
    hint = Text("Remove the character at the source.", "请在源文件中删除该字符。")


def escape(text: str) -> str:
    """Return text for XML content; raises NotWritable for characters XML has no way to carry."""
    if _MARKUP(text) is None:
        return text
    if _FORBIDDEN(text):
        raise NotWritable(where=text[:40].encode("ascii", "backslashreplace").decode())
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    return text.replace("\r", "&#13;")


def quote(text: str) -> str:
    """Return text for an XML attribute in double quotes."""
    if text.isalnum():
        return text
    text = escape(text).replace('"', "&quot;")
    return text.replace("\n", "&#10;").replace("\t", "&#9;")


def attributes(attrs: Mapping[str, str]) -> str:
    """Return attributes as they stand in a start tag, each after a blank."""
    return "".join([f' {name}="{quote(value)}"' for name, value in attrs.items()])


def dress(root: Node, namespaces: Mapping[str, str]) -> None:
    """Give every node of a trie its start and end tag, in the table's prefixes."""
    prefixes = {uri: prefix for prefix, uri in namespaces.items()}
    spaces = attributes({f"xmlns:{p}" if p else "xmlns": uri for p, uri in namespaces.items()})
    _dress(root, prefixes, spaces)


def _dress(node: Node, prefixes: Mapping[str, str], spaces: str) -> None:
    space, _, name = node.tag.rpartition("}")
    prefix = prefixes.get(space[1:], "")
    name = f"{prefix}:{name}" if prefix else name
    node.start = f"<{name}{spaces}"
    node.open = node.start + ">"
    node.close = f"</{name}>"
    for _, variant in node.variants:
        _dress(variant, prefixes, spaces)
    for kid in node.children():
        _dress(kid, prefixes, "")
