"""Invoices of very many lines: each line is gathered as it ends, and its XML forgotten."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, NamedTuple

from schemas.errors import InputError
from schemas.rules.invoice.gather import RAM, Gathering
from schemas.rules.invoice.tree import Tree
from schemas.rules.invoice.xsd import schema
from schemas.xml import Element, thinned

_CAC: Final = "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
_LINES: Final = {
    "Invoice": (f"{{{_CAC}}}InvoiceLine", 1),
    "CreditNote": (f"{{{_CAC}}}CreditNoteLine", 1),
    "CrossIndustryInvoice": (f"{{{RAM}}}IncludedSupplyChainTradeLineItem", 2),
}


class Streamed(NamedTuple):
    """An invoice whose lines were gathered one by one: its root without them, and its tree."""

    root: Element
    tree: Tree


def stream(
    data: bytes,
    head: Element,
    xsd: str | None,
    read: Callable[[Element], object] = lambda _: None,
) -> Streamed | None:
    """Return an invoice that a schema (`xsd-ubl-2.1`) accepts; None for any other.

    `head` is its root, with nothing in it; `read` is given each line before it is forgotten. What
    is wrong with such a document is for the usual way to tell. Raises SchemaMissing.
    """
    line = _LINES.get(head.tag.rpartition("}")[2])
    if line is None:
        return None
    tag, level = line
    gathering = Gathering()

    def take(element: Element) -> bool:
        ancestors = [*element.iterancestors()]
        if len(ancestors) != level:
            return False
        gathering.early(element, ancestors[::-1])
        read(element)
        return True

    try:
        compiled = schema(xsd, head).streaming if xsd else None
        root = thinned(data, tag, take, compiled)
        return Streamed(root, gathering.tree(root))
    except InputError:
        return None


@contextmanager
def collector_off() -> Iterator[None]:
    """Let the garbage collector rest while a tree grows and is judged: it would find nothing."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
