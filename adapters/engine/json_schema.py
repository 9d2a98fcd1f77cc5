"""The table of a JSON format as a JSON Schema."""

from __future__ import annotations

import json

from adapters.engine.format import Format
from adapters.engine.leaf import Leaf
from adapters.engine.trie import UNLIMITED, Node
from adapters.engine.xsd import NOTATION, pattern


def json_schema(fmt: Format) -> bytes:
    """Return the schema of a JSON format (2020-12)."""
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
        match = NOTATION.fullmatch(spec)
        if match and match[1] == "an":
            found["maxLength"] = int(match[3])
        elif pattern(spec):
            found["pattern"] = f"^(?:{pattern(spec)})$"
        if leaf.row.codelist.startswith("="):
            found["enum"] = leaf.row.codelist[1:].split("|")
    return found
