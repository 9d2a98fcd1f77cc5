from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields
from decimal import Decimal
from pathlib import Path
from typing import Any, get_args, get_type_hints

import pytest

import adapters
from schemas import terms
from schemas.document import Document, Family, Term
from schemas.model import Amount, Identifier, Invoice, NoModel, from_document
from schemas.term import group_id, term_id

SAMPLES = Path(adapters.__file__).parent
INDEX = re.compile(r"\[\d*\]")
# Means of a syntax, not terms: UBL's nesting of subtotals, CII's identifiers with a scheme.
MEANS = re.compile(r"/sub/|@|ext\.|\.payee|BT-\d+g|BT-[78]$")


def known(model: Any, above: str = "", depth: int = 0) -> Iterator[str]:
    """Yield the paths of all terms of a model, three levels of sub-lines deep."""
    hints = get_type_hints(model)
    for field in fields(model):
        leaf, group = term_id(field), group_id(field)
        if leaf:
            yield above + leaf
        elif group and not (group == "BG-DEX-01" and depth > 2):
            inner = next(part for part in get_args(hints[field.name]) if hasattr(part, "__mro__"))
            yield from known(inner, f"{above}{group}/", depth + (group == "BG-DEX-01"))


@pytest.mark.parametrize("format_id", ["peppol-ubl", "cefact-cii"])
def test_the_model_has_every_term_that_a_format_maps(format_id: str) -> None:
    """No row of a mapping table speaks of a term that the typed model does not know."""
    have = set(known(Invoice))
    fmt = adapters.formats()[format_id]
    for row in fmt.rows:
        for target in row.targets:
            path = INDEX.sub("", target.pattern)
            if not MEANS.search(path) and not target.attr:
                assert path in have, path


def test_the_model_is_that_of_the_standard() -> None:
    """BT-1 to BT-165 are all there once, but for units, which belong to their quantities."""
    paths = [path for path in known(Invoice) if "DEX" not in path]
    european = (re.search(r"(?:^|/)BT-(\d+)$", path) for path in paths)
    numbers = sorted(int(found[1]) for found in european if found)
    assert numbers == [n for n in range(1, 166) if n not in (4, 130, 150)]


def test_every_term_of_the_model_has_its_names() -> None:
    """In English and Chinese, groups too."""
    for path in known(Invoice):
        for step in path.split("/"):
            assert terms.name(step).en != step, step
            assert terms.name(step).zh != step, step


def test_the_complete_sample_becomes_a_model() -> None:
    """Identifiers with scheme, amounts with currency, attachments as octets, repeated groups."""
    data = (SAMPLES / "peppol_ubl" / "samples" / "complete.xml").read_bytes()
    invoice: Invoice = from_document(adapters.read(data).document)
    assert invoice.number == "SMPL-7"
    assert invoice.objects == (Identifier("SMPL-OBJECT", "ABT"),)
    assert invoice.supporting[1].attachment is not None
    assert invoice.supporting[1].attachment.content == b"hours\n"
    assert invoice.supporting[1].attachment.filename == "hours.csv"
    assert invoice.payments[0].transfer is not None
    assert invoice.payments[0].transfer.account == "DK5000400440116243"
    assert invoice.vat[0].rate == Decimal(25)
    assert invoice.totals is not None
    assert invoice.totals.due == Amount(Decimal("125.00"), "EUR")


def test_both_syntaxes_give_the_same_model() -> None:
    """What is translated says the same, seller to lines."""
    data = (SAMPLES / "peppol_ubl" / "samples" / "complete.xml").read_bytes()
    ubl: Invoice = from_document(adapters.read(data).document)
    cii: Invoice = from_document(adapters.read(adapters.convert(data, "cefact-cii").data).document)
    assert (ubl.seller, ubl.buyer, ubl.totals, ubl.vat) == (
        cii.seller,
        cii.buyer,
        cii.totals,
        cii.vat,
    )
    assert [line.item for line in ubl.lines] == [line.item for line in cii.lines]
    assert [line.quantity for line in ubl.lines] == [line.quantity for line in cii.lines]


def test_an_attachment_that_is_no_base64_is_refused() -> None:
    """The typed model never holds broken octets; the error names the place."""
    term = Term("BG-24/BT-125", "not base64!", path="/Invoice/X")
    with pytest.raises(NoModel):
        from_document(Document("x", "1", Family.INVOICE, [term]))
