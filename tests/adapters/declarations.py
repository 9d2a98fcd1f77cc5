"""What the tests of the declaration formats share: the golden shipments and how to compare."""

from __future__ import annotations

import json
import re
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

from lxml import etree

from schemas import xml
from schemas.document import Document, plain

GOLDEN = Path(__file__).parent.parent / "golden"
CASES = sorted(folder.name for folder in GOLDEN.glob("g*") if (folder / "decmessage.xml").is_file())
XSI = "{http://www.w3.org/2001/XMLSchema-instance}"


def message(case: str) -> bytes:
    """Return the Chinese declaration of a golden shipment."""
    return (GOLDEN / case / "decmessage.xml").read_bytes()


def expected(case: str, name: str) -> list[dict[str, Any]]:
    """Return the expectations of a golden shipment that hold without other documents."""
    rows = json.loads((GOLDEN / case / "expect" / f"{name}.json").read_text(encoding="utf-8"))
    return [row for row in rows if row["from"] == ["declaration"] and row["value"]]


def missing(rows: list[dict[str, Any]], document: Document) -> list[tuple[str, str]]:
    """Return the expected terms that the document lacks: id and value."""
    terms = document.index()
    gone = []
    for row in rows:
        term = terms.get(plain(row["id"]))
        if term is None or not _fits(row, term.value, dict(term.attrs)):
            gone.append((row["id"], row["value"]))
    return gone


def _fits(row: dict[str, Any], value: str, attrs: dict[str, str]) -> bool:
    wanted = row.get("attrs", {})
    if not (same(value, row["value"]) or ("digits" in wanted and value.startswith(row["value"]))):
        return False
    return all(attrs.get(name) == wanted[name] for name in ("unit", "currency") if name in wanted)


def same(one: str, other: str) -> bool:
    """Tell whether two values are equal as text or as numbers."""
    try:
        return one == other or Decimal(one) == Decimal(other)
    except InvalidOperation:
        return False


def canonical(data: bytes) -> bytes:
    """Return the C14N form without comments."""
    return bytes(etree.tostring(xml.parse(data), method="c14n", with_comments=False))


def leaves(root: Any, path: str = "") -> list[tuple[str, str]]:
    """Return path and value of every leaf, counted without the engine.

    A leaf is the text of an element without child elements, or an attribute (xsi aside).
    """
    path = path or "/" + _local(root.tag)
    found = [
        (f"{path}/@{_local(name)}", value)
        for name, value in root.attrib.items()
        if not name.startswith(XSI)
    ]
    children = [child for child in root if isinstance(child.tag, str)]
    text = "".join(root.itertext()).strip()
    if not children:
        return [*found, (path, text)] if text else found
    seen: dict[str, int] = {}
    for child in children:
        name = _local(child.tag)
        seen[name] = number = seen.get(name, 0) + 1
        found += leaves(child, f"{path}/{name}" + (f"[{number}]" if number > 1 else ""))
    return found


def _local(tag: str) -> str:
    return re.sub(r"\{.*\}", "", tag)
