"""The table of a format as a schema for other people's tools: XSD, or JSON Schema 2020-12."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from itertools import groupby
from typing import Final

from adapters import registry
from adapters.engine.format import Format
from adapters.engine.leaf import Leaf
from adapters.engine.markup import escape, quote
from adapters.engine.trie import UNLIMITED, Node

_NOTATION: Final = re.compile(r"(an|a|n)(\.\.)?(\d+)(?:,(\d+))?")
_DATES: Final = {
    "date8": r"\d{8}",
    "time14": r"\d{14}",
    "time17": r"\d{17}",
    "date": r"\d{4}-\d{2}-\d{2}",
    "bool": "true|false|0|1",
}


def schema(format_id: str) -> bytes:
    """Return the schema of a format: XSD for XML, JSON Schema for JSON.

    Elements in other namespaces than the format's main one are admitted without a description.
    Conditions of a table (predicates) are not part of it. Raises NoSuchFormat.
    """
    fmt = registry.get(format_id)
    return _xsd(fmt) if fmt.syntax == "xml" else _json(fmt)


def _xsd(fmt: Format) -> bytes:
    space = fmt.namespaces.get("", "")
    root = next(node for node in _below(fmt.trie) if _space(node) == space)
    target = f' targetNamespace="{quote(space)}" xmlns="{quote(space)}"' if space else ""
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f"<!-- {escape(fmt.title.en)}; edition {escape(fmt.edition)} -->",
        '<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema"'
        f'{target} elementFormDefault="qualified">',
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
        for own, kids in groupby(node.children(), key=lambda kid: _space(kid) == space):
            kind += _native(kids, space, inner + "    ") if own else [_foreign(kids, inner + "    ")]
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
    pattern = _pattern(row.type)
    if pattern:
        return [("pattern", pattern if row.low else f"({pattern})?")]
    match = _NOTATION.fullmatch(row.type)
    return [("maxLength", match[3])] if match else []


def _pattern(spec: str) -> str:
    if spec in _DATES:
        return _DATES[spec]
    match = _NOTATION.fullmatch(spec)
    if match is None or match[1] == "an":
        return "" if match is None or match[2] else f"[\\s\\S]{{{match[3]}}}"
    if match[1] == "a":
        return f"\\p{{L}}{{{match[3] if not match[2] else '0,' + match[3]}}}"
    if match[4]:
        return f"[+\\-]?\\d{{1,{match[3]}}}(\\.\\d*)?"
    return f"\\d{{{match[3] if not match[2] else '1,' + match[3]}}}"


def _json(fmt: Format) -> bytes:
    found = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": fmt.title.en,
        "description": f"{fmt.id}, edition {fmt.edition}",
        **_value(fmt.trie),
    }
    return (json.dumps(found, ensure_ascii=False, indent=2) + "\n").encode("utf-8")


def _value(node: Node) -> dict[str, object]:
    found = _object(node) if node.kids is not None else _scalar(node.leaf)
    if not node.repeat:
        return found
    items: dict[str, object] = {"type": "array", "items": found}
    if node.high < UNLIMITED:
        items["maxItems"] = node.high
    return items


def _object(node: Node) -> dict[str, object]:
    found: dict[str, object] = {
        "type": "object",
        "properties": {kid.name: _value(kid) for kid in node.children()},
    }
    required = [kid.name for kid in node.required]
    if required:
        found["required"] = required
    return found


def _scalar(leaf: Leaf | None) -> dict[str, object]:
    spec = leaf.row.type if leaf else ""
    if spec in ("number", "integer", "boolean"):
        return {"type": spec}
    found: dict[str, object] = {"type": "string"}
    if leaf is not None:
        match = _NOTATION.fullmatch(spec)
        if match and match[1] == "an":
            found["maxLength"] = int(match[3])
        elif _pattern(spec):
            found["pattern"] = f"^(?:{_pattern(spec)})$"
        if leaf.row.codelist.startswith("="):
            found["enum"] = leaf.row.codelist[1:].split("|")
    return found
