"""Plans leave out what is known and nothing else: rules without any mark find the same."""

from __future__ import annotations

import random
import re
from collections import Counter
from dataclasses import replace
from decimal import localcontext

import pytest

from schemas.rules.invoice import plan, work
from schemas.rules.invoice.engine import Pack
from schemas.rules.invoice.gather import gather
from schemas.rules.invoice.official import _EXACT
from schemas.rules.invoice.pack import pack
from schemas.xml import parse
from tests.bench.invoices import invoice

_CHANGES = (
    (r'unitCode="C62"', ('unitCode="KGM"', 'unitCode="QQ"', "", 'unitCode=""')),
    (r'currencyID="EUR"', ('currencyID="SEK"', 'currencyID="QQQ"')),
    (r"<cbc:ID>S</cbc:ID>", ("<cbc:ID>Z</cbc:ID>", "<cbc:ID>?</cbc:ID>", "", "<cbc:ID/>")),
    (r"<cbc:ID>VAT</cbc:ID>", ("<cbc:ID>vat</cbc:ID>", "<cbc:ID>GST</cbc:ID>")),
    (r"(<cbc:Name>)Part \d+", (r"\1 ", r"\1<!-- none -->")),
    (r"(<cbc:PriceAmount[^>]*>)", (r"\1-", r"\g<1>0")),
    (r"(<cbc:BaseQuantity[^>]*>)1<", (r"\g<1>0<", r"\g<1>100<")),
    (r"<cac:OrderLineReference>.*?</cac:OrderLineReference>", ("",)),
    (r"(<cbc:LineExtensionAmount[^>]*>)(\d+\.\d+)", (r"\g<1>9\2", r"\g<1>\g<2>5")),
)


def _lines(seed: int) -> bytes:
    """Return an invoice of many lines, every third changed in one or two things."""
    chance = random.Random(seed)
    head, *lines = invoice(240).split("<cac:InvoiceLine>")
    for number in range(0, len(lines), 3):
        for pattern, instead in chance.sample(_CHANGES, 2):
            lines[number] = re.sub(pattern, chance.choice(instead), lines[number])
    return "<cac:InvoiceLine>".join((head, *lines)).encode()


def _found(rules: Pack, data: bytes) -> Counter[tuple[str, str, str]]:
    with localcontext(_EXACT):
        faults = rules.run(gather(parse(data)))
        return Counter((f.assertion.rule, f.node.path(), str(f.verdict)) for f in faults)


@pytest.fixture
def unmarked(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no check or condition say on what it depends."""
    for name in ("SHAPED", "KEYED", "ALIKE"):
        monkeypatch.setattr(plan, name, {})
    for name in ("SPOKEN", "LOCAL", "BOUND"):
        monkeypatch.setattr(work, name, {})


@pytest.mark.parametrize("pack_id", ["en16931-ubl-1.3.16", "peppol-ubl-2026.5"])
def test_marks_change_nothing(pack_id: str, request: pytest.FixtureRequest) -> None:
    """Lines that differ in codes, units, amounts and elements get what each of them deserves."""
    documents = [_lines(seed) for seed in (1, 2)]
    marked = [_found(pack(pack_id), data) for data in (*documents, *documents)][2:]
    request.getfixturevalue("unmarked")
    bare = replace(pack(pack_id), id=f"bare {pack_id}")
    assert marked == [_found(bare, data) for data in documents]
    assert all(len({rule for rule, _, _ in found}) >= 3 for found in marked)
