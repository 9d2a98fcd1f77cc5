"""The table of an XML format as an XSD."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import groupby
from typing import Final

from adapters.engine.format import Format
from adapters.engine.leaf import Leaf
from adapters.engine.markup import escape, quote
from adapters.engine.trie import UNLIMITED, Node

NOTATION: Final = re.compile(r"(an|a|n)(\.\.)?(\d+)(?:,(\d+))?")
_XS: Final = "http://www.w3.org/2001/XMLSchema"
_DATES: Final = {
    "date8": r"\d{8}",
    "time14": r"\d{14}",
    "time17": r"\d{17}",
    "date": r"\d{4}-\d{2}-\d{2}",
    "bool": "true|false|0|1",
}


def main_node(fmt: Format) -> Node | None:
    """Return the topmost node in the format's main namespace (that of names without prefix)."""
    space = fmt.namespaces.get("", "")
    return next((node for node in _below(fmt.trie) if _space(node) == space), None)


def xsd(fmt: Format) -> bytes:
    """Return the schema of the main namespace.

    Elements of other namespaces are admitted without a description. Conditions of the table
    (predicates), code lists and ranges are not part of it.
    """
    space = fmt.namespaces.get("", "")
    root = main_node(fmt) or fmt.trie
    target = f' targetNamespace="{quote(space)}" xmlns="{quote(space)}"' if space else ""
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f"<!-- {escape(fmt.title.en)}; edition {escape(fmt.edition)} -->",
        f'<xs:schema xmlns:xs="{_XS}"{target} elementFormDefault="qualified">',
        *_element(root, space, "  ", top=True),
        "</xs:schema>",
    ]
    return ("\n".join(lines) + "\n").encode("utf-8")


def _below(node: Node) -> list[Node]:
    found = [node]
    for here in found:
        found += here.children()
    return found


def _space(node: Node) -> str:
    return node.tag[1:].partition("}")[0] if node.tag.startswith("{") else ""


def _element(node: Node, space: str, indent: str, *, top: bool = False) -> list[str]:
    often = ""
    if not top:
        high = "unbounded" if node.high >= UNLIMITED else str(node.high)
        often = f' minOccurs="{node.low}" maxOccurs="{high}"'
    inner = indent + "    "
    if node.kids is None:
        kind = _simple(node.leaf, inner) if node.leaf else [f"{inner}<xs:simpleType/>"]
        if node.attrs:
            kind = _with_attributes(node, kind, inner)
    else:
        kind = [f"{inner}<xs:complexType>", f"{inner}  <xs:sequence>"]
        for own, run in groupby(node.children(), key=lambda kid: _space(kid) == space):
            kids, deeper = list(run), inner + "    "
            kind += _native(kids, space, deeper) if own else [_foreign(kids, deeper)]
        kind += [f"{inner}  </xs:sequence>", *_attributes(node, inner), f"{inner}</xs:complexType>"]
    return [f'{indent}<xs:element name="{node.name}"{often}>', *kind, f"{indent}</xs:element>"]


def _native(kids: Iterable[Node], space: str, indent: str) -> list[str]:
    return [line for kid in kids for line in _element(kid, space, indent)]


def _foreign(kids: Iterable[Node], indent: str) -> str:
    """Admit neighbours from other namespaces; one wildcard keeps the model unambiguous."""
    spaces = " ".join(dict.fromkeys(quote(_space(kid)) for kid in kids))
    return (
        f'{indent}<xs:any namespace="{spaces}" processContents="lax"'
        ' minOccurs="0" maxOccurs="unbounded"/>'
    )


def _with_attributes(node: Node, kind: list[str], indent: str) -> list[str]:
    """Return the type of a leaf with attributes; its text is checked by the table alone."""
    del kind
    return [
        f"{indent}<xs:complexType><xs:simpleContent>",
        f'{indent}  <xs:extension base="xs:string">',
        *_attributes(node, indent + "  "),
        f"{indent}  </xs:extension>",
        f"{indent}</xs:simpleContent></xs:complexType>",
    ]


def _attributes(node: Node, indent: str) -> list[str]:
    return [f'{indent}  <xs:attribute name="{name}" type="xs:string"/>' for name in node.attrs]


def _simple(leaf: Leaf, indent: str) -> list[str]:
    facets = "".join(f'<xs:{name} value="{quote(value)}"/>' for name, value in _facets(leaf))
    base = f'<xs:restriction base="xs:string">{facets}</xs:restriction>'
    return [f"{indent}<xs:simpleType>{base}</xs:simpleType>"]


def _facets(leaf: Leaf) -> list[tuple[str, str]]:
    """Return name and value of the XSD facets of a leaf; an optional element may be empty."""
    row = leaf.row
    if row.codelist.startswith("="):
        found = [("enumeration", code) for code in row.codelist[1:].split("|")]
        return found if row.low else [*found, ("enumeration", "")]
    form = pattern(row.type)
    if form:
        return [("pattern", form if row.low else f"({form})?")]
    match = NOTATION.fullmatch(row.type)
    least = [("minLength", "1")] if row.low else []
    return [*least, ("maxLength", match[3])] if match else least


def pattern(spec: str) -> str:
    """Return the regular expression of a type, empty if its length says it all."""
    if spec in _DATES:
        return _DATES[spec]
    match = NOTATION.fullmatch(spec)
    if match is None or match[1] == "an":
        return "" if match is None or match[2] else f"[\\s\\S]{{{match[3]}}}"
    if match[1] == "a":
        return f"\\p{{L}}{{{match[3] if not match[2] else '0,' + match[3]}}}"
    if match[4]:
        return f"[+\\-]?\\d{{1,{match[3]}}}(\\.\\d*)?"
    return f"\\d{{{match[3] if not match[2] else '1,' + match[3]}}}"
