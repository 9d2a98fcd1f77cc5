"""The norm mode: the text of the standard, and a word on where its artefacts differ."""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

import adapters
from schemas.finding import Finding, Flag
from schemas.rules.invoice import norm as norms
from schemas.rules.invoice.pack import pack, rows

FORMATS = Path(adapters.__file__).parent
UBL = (FORMATS / "peppol_ubl" / "samples" / "complete.xml").read_text()
CII = (FORMATS / "cefact_cii" / "samples" / "complete.xml").read_text()
DEVIATIONS = sorted(Path(norms.__file__).parent.glob("packs/norm/*.csv"))


def found(text: str, rules: str, mode: Callable[..., object]) -> list[Finding]:
    """Return what a mode finds by one pack, the walk left out."""
    reading = adapters.read(text.encode())
    if mode is adapters.official:
        return list(adapters.official(reading, rules)[1])
    return [f for f in adapters.validate(reading, rules) if f.ruleset.startswith(rules)]


def both(text: str, rules: str, *about: str) -> tuple[list[Finding], list[Finding]]:
    """Return what the artefact and what the standard find by some rules."""
    modes = (adapters.official, adapters.validate)
    official, norm = (found(text, rules, mode) for mode in modes)
    return [f for f in official if f.rule in about], [f for f in norm if f.rule in about]


def altered(text: str, *changes: tuple[str, str]) -> str:
    """Return the document with some of its text replaced, wherever it stands."""
    for old, new in changes:
        assert old in text
        text = text.replace(old, new)
    return text


@pytest.mark.parametrize("text", [UBL, CII], ids=["ubl", "cii"])
def test_a_sound_invoice_is_valid_in_both_modes(text: str) -> None:
    """What the artefacts find in order, the standard does too."""
    reading = adapters.read(text.encode())
    assert [f for f in adapters.validate(reading) if f.flag is Flag.FATAL] == []
    assert [f for f in adapters.official(reading)[1] if f.flag is Flag.FATAL] == []


@pytest.mark.parametrize(
    ("text", "rules", "changes", "rule"),
    [
        (UBL, "en16931-ubl", [(">25.00<", ">25.40<")], "BR-CO-17"),
        (CII, "en16931-cii", [("20260228", "20260231")], "CII-DT-097"),
    ],
)
def test_what_the_artefact_lets_pass_is_found_and_explained(
    text: str, rules: str, changes: list[tuple[str, str]], rule: str
) -> None:
    """The norm mode reports it, and says in both languages that the artefact does not."""
    official, norm = both(altered(text, *changes), rules, rule)
    assert official == []
    assert [f.flag for f in norm] == [Flag.FATAL]
    assert "official artefact says nothing" in norm[0].hint.en
    assert "官方规则在此不报告" in norm[0].hint.zh


def test_what_only_the_artefact_asks_is_information() -> None:
    """A payee that is named like the seller is no error by the standard."""
    seller = UBL.partition("<cbc:RegistrationName>")[2].partition("<")[0]
    payee = f"<cac:PartyName><cbc:Name>{seller}</cbc:Name></cac:PartyName>"
    end = "</cac:AccountingCustomerParty>"
    text = altered(UBL, (end, f"{end}<cac:PayeeParty>{payee}</cac:PayeeParty>"))
    official, norm = both(text, "en16931-ubl", "UBL-SR-19")
    assert [f.flag for f in official] == [Flag.FATAL]
    assert [f.flag for f in norm] == [Flag.INFORMATION]
    assert "which the standard does not ask" in norm[0].message.en


def test_an_invoice_without_vat_is_told_so_once() -> None:
    """BR-CO-18 of CII: once for the invoice, not for each of its lines."""
    at = "<ram:ApplicableTradeTax>"
    head, _, tail = CII.partition("<ram:ApplicableHeaderTradeSettlement>")
    gone = tail
    while at in gone:
        before, _, rest = gone.partition(at)
        gone = before + rest.partition("</ram:ApplicableTradeTax>")[2]
    line = head[head.index("<ram:IncludedSupplyChainTradeLineItem>") :]
    line = line[: line.index("</ram:IncludedSupplyChainTradeLineItem>")]
    line += "</ram:IncludedSupplyChainTradeLineItem>"
    text = head.replace(line, line * 2) + "<ram:ApplicableHeaderTradeSettlement>" + gone
    official, norm = both(text, "en16931-cii", "BR-CO-18")
    assert len(official) > 1
    assert [f.path for f in norm] == ["/CrossIndustryInvoice"]


def test_a_value_the_engine_gives_up_on_is_named() -> None:
    """The official mode has no verdict; the norm mode has all others, and the rules at fault."""
    text = altered(UBL, (">25.00<", ">25.00E+0<"))
    official = found(text, "en16931-ubl", adapters.official)
    assert [f.rule for f in official] == ["engine"]
    norm = found(text, "en16931-ubl", adapters.validate)
    stuck = [f for f in norm if "gives no verdict" in f.hint.en]
    assert {f.flag for f in stuck} == {Flag.FATAL}
    assert "BR-CO-17" in {f.rule for f in stuck}
    assert all(f.found == "25.00E+0" and f.line for f in stuck)


@pytest.mark.parametrize("path", DEVIATIONS, ids=lambda path: path.stem)
def test_every_deviation_is_of_a_rule_and_explained(path: Path) -> None:
    """Each names a rule of its pack, and why it differs in both languages."""
    known = {row["rule"] for row in rows(path.stem)}
    with path.open(encoding="utf-8") as file:
        for row in csv.DictReader(file):
            assert (row["rule"] or row["instead"]) in known
            assert row["en"]
            assert row["zh"]
    assert pack(path.stem).rules
