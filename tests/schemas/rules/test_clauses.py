from __future__ import annotations

import pytest

from schemas.rules.invoice import pint  # noqa: F401 - registers conditions
from schemas.rules.invoice.clauses import clause, path
from schemas.rules.invoice.gather import gather
from schemas.rules.invoice.tree import Undecidable
from schemas.xml import parse

INVOICE = b"""<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
 xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
 xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
 <cbc:ID> A  1 </cbc:ID><cbc:IssueDate>2026-02-29</cbc:IssueDate><cbc:Note/>
 <cac:TaxTotal><cbc:TaxAmount currencyID="EUR">1E2</cbc:TaxAmount>
  <cac:TaxSubtotal><cac:TaxCategory><cbc:ID>S</cbc:ID><cbc:Percent>7.250</cbc:Percent>
   <cac:TaxScheme><cbc:ID>vat</cbc:ID></cac:TaxScheme></cac:TaxCategory></cac:TaxSubtotal>
  <cac:TaxSubtotal><cac:TaxCategory><cbc:ID>E</cbc:ID>
   <cac:TaxScheme><cbc:ID>GST</cbc:ID></cac:TaxScheme></cac:TaxCategory></cac:TaxSubtotal>
 </cac:TaxTotal></Invoice>"""
SUBTOTAL = "cac:TaxTotal/cac:TaxSubtotal"


def holds(text: str) -> bool:
    """Tell whether a clause holds for the invoice."""
    tree = gather(parse(INVOICE))
    return clause(text)(tree.root, tree)


@pytest.mark.parametrize(
    "text",
    [
        "cbc:ID",
        "not cbc:UUID",
        "cbc:Note and not filled cbc:Note",
        "norm cbc:ID = 'A 1'",
        "not cbc:ID = 'A 1'",
        "each cbc:ID = B or norm cbc:ID like '^A [0-9]$'",
        "raw cbc:ID has '  ' and norm cbc:ID starts A and norm cbc:ID among 'A 1'",
        "count cac:TaxTotal/cac:TaxSubtotal = 2",
        "count cac:TaxTotal/cac:TaxSubtotal{cac:TaxCategory{taxed VAT}} = 1",
        "//cac:TaxCategory{norm cbc:ID = S and taxed VAT}/cbc:Percent",
        "not //cac:TaxCategory{norm cbc:ID = S and taxed GST}",
        "number //cbc:TaxAmount = 100",
        "decimal //cbc:Percent > 7 and places //cbc:Percent = 3 and length //cbc:Percent = 5",
        "not castable //cbc:TaxAmount and castable //cbc:Percent",
        "not date cbc:IssueDate",
        "//cbc:TaxAmount@currencyID = EUR,SGD and not //cbc:TaxAmount@currencyID != EUR",
        "//cbc:IssueDate >= 2026-02-01",
        "same //cac:TaxCategory/cbc:ID //cac:TaxSubtotal/cac:TaxCategory/cbc:ID",
        "not alike cbc:ID cbc:IssueDate",
        "document ubl:Invoice and not inside cac:TaxTotal",
        "(cbc:UUID or cbc:ID) and cbc:Note",
        "cbc:ID or cbc:UUID and cbc:Nothing",
        "cbc:UUID|cbc:ID",
        "/cbc:ID and ./cbc:ID",
    ],
)
def test_a_clause_says_what_it_reads_like(text: str) -> None:
    """Each form of a clause holds for the invoice that it describes."""
    assert holds(text)
    assert not holds(f"not ({text})")


@pytest.mark.parametrize(
    "text",
    ["norm //cac:TaxCategory/cbc:ID = S", "decimal //cbc:TaxAmount = 100", "number cbc:ID = 1"],
)
def test_a_clause_has_no_answer_where_xpath_has_none(text: str) -> None:
    """One text where there are two, or no number: the official engine gives up."""
    with pytest.raises(Undecidable):
        holds(text)


@pytest.mark.parametrize("text", ["", "(cbc:ID", "cbc:ID cbc:UUID", "not", "cbc:ID and"])
def test_a_broken_clause_is_refused(text: str) -> None:
    """A mistake in a pack is seen when it is read, not passed by."""
    with pytest.raises(ValueError, match=r".*"):
        clause(text)


def test_a_path_finds_attributes_lines_and_what_stands_above() -> None:
    """`@name` gives values, `..` goes up, braces keep what fits."""
    tree = gather(parse(INVOICE))
    category = path(f"{SUBTOTAL}{{cac:TaxCategory/cbc:Percent}}/cac:TaxCategory").nodes(
        tree.root, tree
    )
    assert [each.word("cbc:ID") for each in category] == ["S"]
    assert path("../../cbc:TaxAmount@currencyID").texts(category[0], tree) == ["EUR"]
    assert path("LINE/cbc:ID").nodes(tree.root, tree) == []
