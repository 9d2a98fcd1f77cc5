from __future__ import annotations

import csv
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

import adapters
from schemas import terms
from schemas.finding import Flag
from schemas.rules import UnknownRuleSet
from schemas.rules.invoice import official as packs
from schemas.rules.invoice import words
from schemas.rules.invoice.clauses import clause
from schemas.rules.invoice.editions import chosen, edition
from schemas.rules.invoice.editions import packs as known_packs
from schemas.rules.invoice.pack import pack
from schemas.rules.invoice.peppol import BILLING
from schemas.rules.invoice.registry import CHECKS
from schemas.xml import parse
from tests.conformance.invoice.scoreboard import NOT_IN_THE_CORPUS, score
from tests.conformance.invoice.sound import credit_note, invoice, self_billed

UBL = "en16931-ubl-1.3.16"
SAMPLE = Path(adapters.__file__).parent / "peppol_ubl" / "samples" / "complete.xml"
SELF_BILLING = BILLING.replace(":billing:", ":selfbilling:")
PLACES = (
    *("found", "expected", "args", "term", "path", "rule", "ruleset"),
    *("group", "element", "spoken"),
)
"""What a text may be filled with."""
_VALUELESS = {"DK-R-013"}
"""Rules that ask for a value where there is none, so that nothing is found or expected."""

_ALONE = """
import os
from schemas.rules.invoice.editions import packs
from schemas.rules.invoice.pack import pack
from schemas.rules.invoice.peppol import BILLING
for pack_id in packs():
    child = os.fork()
    if not child:
        pack(pack_id)
        os._exit(0)
    assert os.waitpid(child, 0)[1] == 0, pack_id
"""


def rules(data: bytes, pack_id: str = UBL) -> Counter[str]:
    """Return how often each rule is broken."""
    return Counter(each.rule for each in packs.official(parse(data), [pack_id]))


def changed(old: str, new: str) -> bytes:
    """Return the complete sample with its first `old` replaced."""
    text = SAMPLE.read_text(encoding="utf-8")
    assert old in text
    return text.replace(old, new, 1).encode()


def test_a_sound_invoice_breaks_no_rule() -> None:
    """The complete sample is in order by every official rule, warnings included."""
    assert rules(SAMPLE.read_bytes()) == {}


@pytest.mark.parametrize(
    ("old", "new", "broken"),
    [
        ("<cbc:ID>SMPL-7</cbc:ID>", "<cbc:ID> </cbc:ID>", {"BR-02"}),
        (
            ">100.00</cbc:LineExtensionAmount>",
            ">101.00</cbc:LineExtensionAmount>",
            {"BR-CO-10", "BR-CO-13"},
        ),
        (
            ">25.00</cbc:TaxAmount>",
            ">25.001</cbc:TaxAmount>",
            {"BR-CO-14", "UBL-DT-01"},
        ),
        ("<cbc:InvoiceTypeCode>380<", "<cbc:InvoiceTypeCode>381<", {"BR-CL-01"}),
        ("DK12345674", "QQ12345674", {"BR-CO-09"}),
        ("<cbc:Note>", "<cbc:UUID>1</cbc:UUID><cbc:Note>", {"UBL-CR-005"}),
        ('schemeID="0088"', 'schemeID="9999"', {"BR-CL-25"}),
        (
            "<cbc:Name>Sample part",
            "<cbc:Description/><cbc:Description/><cbc:Name>Sample part",
            {"UBL-SR-50"},
        ),
        ("<cbc:PaymentMeansCode>30<", "<cbc:PaymentMeansCode>0<", {"BR-CL-16"}),
    ],
)
def test_one_change_breaks_its_rules_and_no_other(old: str, new: str, broken: set[str]) -> None:
    """A single error gives the findings of the rules about it."""
    assert set(rules(changed(old, new))) == broken


def test_a_value_that_is_no_number_gives_no_verdict_and_is_invalid() -> None:
    """Where the official engine gives up, one fatal finding says so and names the pack."""
    data = changed(">100.00</cbc:LineExtensionAmount>", ">1E+2</cbc:LineExtensionAmount>")
    findings = packs.official(parse(data), [UBL])
    assert [(each.rule, each.ruleset, each.flag) for each in findings] == [
        ("engine", UBL, Flag.FATAL)
    ]


@pytest.mark.parametrize(
    "amount",
    ["1E+999999999", "9" * 100_000, "", "NaN", "1,00", "\u0661", "--1", "0x10", "\u2212 1"],
)
@pytest.mark.parametrize("folder", ["peppol_ubl", "cefact_cii"])
def test_no_amount_makes_the_rules_hang_or_break(folder: str, amount: str) -> None:
    """Whatever stands where amounts are wanted, there is a verdict, and it is `invalid`."""
    sample = SAMPLE.parents[2] / folder / "samples" / "complete.xml"
    for value in (">100.00<", ">25<"):
        data = sample.read_text(encoding="utf-8").replace(value, f">{amount}<").encode()
        reading = adapters.read(data)
        findings = adapters.official(reading)[1]
        assert any(each.flag is Flag.FATAL for each in findings)
        assert isinstance(adapters.validate(reading), list)


def test_a_finding_explains_itself() -> None:
    """It names rule set, path, line, business term, found, expected, and speaks both languages."""
    data = changed(">100.00</cbc:LineExtensionAmount>", ">101.00</cbc:LineExtensionAmount>")
    found = next(f for f in packs.official(parse(data), [UBL]) if f.rule == "BR-CO-10")
    assert (found.ruleset, found.path) == (UBL, "/Invoice/LegalMonetaryTotal")
    assert found.line > 1
    assert (found.found, found.expected) == ("101.00", "100")
    assert "100" in found.message.en
    assert "100" in found.message.zh
    assert "BR-CO-10" in found.hint.en


@pytest.mark.parametrize(
    ("customization", "process", "family"),
    [
        ("urn:peppol:pint:billing-1@sg-1", "urn:peppol:bis:billing", "pint-sg"),
        ("urn:peppol:pint:billing-1@jp-1", "", "pint-jp"),
        (f"{BILLING}#compliant#urn:x", "", "peppol-ubl"),
        (SELF_BILLING, "", "peppol-ubl-sb"),
        ("", "urn:fdc:peppol.eu:2017:poacc:selfbilling:01:1.0", "peppol-ubl-sb"),
        ("urn:peppol:pint:selfbilling-1@my-1", "urn:peppol:bis:selfbilling", "pint-my-sb"),
        ("urn:peppol:pint:nontaxinvoice-1@jp-1", "urn:peppol:bis:billing", "pint-jp-ntr"),
        ("", "urn:peppol:bis:billing", "pint-eu"),
        ("urn:x", "urn:peppol:bis:selfbilling", "pint-my-sb"),
        ("urn:cen.eu:en16931:2017", "urn:peppol:bis:billing", "en16931-ubl"),
        ("urn:x", "", "en16931-ubl"),
    ],
)
def test_a_document_chooses_its_packs(customization: str, process: str, family: str) -> None:
    """By CustomizationID; where no one knows it, by the process of PINT; else EN 16931."""
    found = chosen(customization, ("xsd-ubl", "en16931-ubl"), None, process)
    assert found[-1].rpartition("-")[0] == family
    assert found[0].startswith("xsd-ubl")


@pytest.mark.parametrize("kind", [invoice(), credit_note(invoice())])
@pytest.mark.parametrize("mode", ["official", "norm"])
def test_a_self_billed_document_is_judged_by_the_rules_of_self_billing(
    kind: bytes, mode: str
) -> None:
    """In both modes its own type codes and profile pass, and those of billing do not."""

    def broken(data: bytes) -> set[str]:
        reading = adapters.read(data)
        found = adapters.official(reading)[1] if mode == "official" else adapters.validate(reading)
        assert "en16931-ubl-1.3.16" in adapters.official(reading)[0]
        fatal_ones = [each for each in found if each.flag is Flag.FATAL]
        return {e.rule for e in fatal_ones if e.ruleset == "peppol-ubl-sb-2026.5"}

    own = self_billed(kind)
    assert broken(own) == set()
    code = b"TypeCode>389<" if b"TypeCode>389<" in own else b"TypeCode>261<"
    of_billing = own.replace(code, code.replace(b"389", b"380").replace(b"261", b"381"))
    rule = "PEPPOL-EN16931-P0100" if b"389" in code else "PEPPOL-EN16931-P0101"
    assert broken(of_billing) == {rule}
    process = own.replace(b":selfbilling:01:1.0<", b":billing:01:1.0<")
    assert broken(process) == {"PEPPOL-EN16931-R007"}


def test_a_pint_invoice_that_does_not_say_whose_goes_by_its_currency_and_is_invalid() -> None:
    """Nothing passes because its specification is missing or not known."""
    for customization in ("", "urn:peppol:pint:billing-1@zz-1"):
        data = invoice(
            customization=customization, profile="urn:peppol:bis:billing", currency="SGD"
        )
        chosen_packs, findings = adapters.official(adapters.read(data))
        assert chosen_packs[-1].startswith("pint-sg")
        assert "PEPPOL-EN16931-R004-SG" in {each.rule for each in findings}


def test_an_element_of_any_namespace_has_a_path() -> None:
    """A finding at an element that no one knows, its namespace with slashes, is placed there."""
    data = changed("<cbc:Note>", '<x:y xmlns:x="http://example.com/a/b"/><cbc:Note>')
    found = packs.official(parse(data), ["peppol-ubl-2026.5"])
    assert [(each.rule, each.path) for each in found] == [("PEPPOL-EN16931-R008", "/Invoice/y")]


def test_comments_do_not_hide_a_value() -> None:
    """A comment inside a value leaves the value whole, as XPath reads it."""
    assert rules(changed("DK12345674", "DK<!-- x -->12345674")) == {}


@pytest.mark.parametrize("pack_id", known_packs())
def test_a_pack_is_complete(pack_id: str) -> None:
    """Every rule has its own id, a check that exists, and a message in both languages."""
    found = pack(pack_id).rules
    assert len({each.rule for each in found}) == len(found)
    known = words.texts()
    for each in found:
        assert each.test in CHECKS
        if each.test == "holds":
            clause(each.args)
        assert known[each.test].en
        assert known[each.test].zh != known[each.test].en


def test_each_pack_finds_its_checks_when_it_is_the_only_one_loaded() -> None:
    """In a process that has loaded no other pack, as the command line is for one document."""
    subprocess.run([sys.executable, "-c", _ALONE], check=True)


@pytest.mark.parametrize("pack_id", known_packs())
def test_every_rule_speaks_of_what_it_wants(pack_id: str) -> None:
    """A clause has words of its own in both languages, not those of the check alone."""
    generic = {words.texts()[test] for test in ("holds", "never")}
    for each in pack(pack_id).rules:
        said = words.message(pack_id, each)
        assert said not in generic, each.rule
        assert said.en != said.zh
        values = dict.fromkeys(PLACES, "")
        for text in (said, words.hint(each, "x")):
            assert text.en.format(**values)
            assert text.zh.format(**values)


@pytest.mark.parametrize("pack_id", known_packs())
def test_what_a_rule_is_about_is_named(pack_id: str) -> None:
    """A text by kind of check names the term, or the element in words and its business group."""
    for each in pack(pack_id).rules:
        if each.test in ("absent", "nowhere", "most", "exists", "filled", "some-filled"):
            said = words.message(pack_id, each)
            if said in words.texts().values():
                assert ("{term}" in said.en) == bool(each.term), each.rule
                assert "{element}" in said.en or "{args}" in said.en, each.rule
                assert words.spoken(each), each.rule


def test_an_element_without_business_term_is_told_in_words_and_by_its_group() -> None:
    """`PaymentMeans/ID` is no clear word for who sends invoices; the group it stands in is."""
    data = changed("<cac:PaymentMeans>", "<cac:PaymentMeans><cbc:ID>3</cbc:ID>")
    found = next(e for e in packs.official(parse(data), [UBL]) if e.rule == "UBL-CR-411")
    assert found.message.en.startswith("Payment instructions: ")
    assert "ID of payment means (cac:PaymentMeans/cbc:ID)" in found.message.en
    assert found.message.zh.startswith("付款指示:")
    cii = (SAMPLE.parents[2] / "cefact_cii" / "samples" / "complete.xml").read_text("utf-8")
    start = "<ram:SpecifiedTradeProduct>"
    strange = cii.replace(start, f"{start}<ram:ID>4</ram:ID>", 1).encode()
    other = packs.official(parse(strange), ["en16931-cii-1.3.16"])
    assert [e.rule for e in other] == ["CII-SR-045"]
    assert other[0].message.en.startswith("Item information: ")


def test_every_group_of_the_wording_table_has_a_name() -> None:
    """The paths of groups are those of both syntaxes, and no group is unknown."""
    for path, group in words._groups().items():
        assert terms.name(group).en != group, path
        assert path.split(":")[0] in ("cac", "rsm")


def test_a_message_shows_where_there_is_no_value() -> None:
    """Without a rate there is no tax to expect: the message says so with a dash, not with a gap."""
    data = changed("<cbc:Percent>25</cbc:Percent>", "").replace(
        b"<cbc:Percent>25</cbc:Percent>", b""
    )
    found = next(e for e in packs.official(parse(data), [UBL]) if e.rule == "BR-S-09")
    assert found.expected == ""
    assert found.message.en.endswith("stated is -.")
    assert found.message.zh.endswith("填报为 -。")


def test_no_text_of_a_table_is_cut_at_a_comma() -> None:
    """Every row of the tables of rules and texts has as many cells as its heading."""
    tables = [*Path(words.__file__).parent.rglob("*.csv")]
    assert tables
    for table in tables:
        heading, *rows = csv.reader(table.read_text(encoding="utf-8").splitlines())
        assert [row for row in rows if len(row) != len(heading)] == [], table.name


@pytest.mark.parametrize("pack_id", [UBL, "en16931-cii-1.3.16", "peppol-ubl-2026.5"])
def test_a_rule_has_words_of_its_own(pack_id: str) -> None:
    """No rule of the standard (BR) or of Peppol is worded by its check alone or loses a value."""
    checks = words.texts()
    for each in pack(pack_id).rules:
        said, plain = words.message(pack_id, each), checks[each.test]
        if each.rule.startswith("BR-") or pack_id.startswith("peppol"):
            assert said != plain, each.rule
        for value in ("{found}", "{expected}"):
            kept = value in said.en or value not in plain.en
            assert kept or each.rule in _VALUELESS, each.rule
            assert (value in said.en) == (value in said.zh), each.rule


def test_an_edition_may_be_left_out_and_a_wrong_one_is_refused() -> None:
    """A family means its newest edition; what is not here is an error and never `valid`."""
    assert edition("en16931-ubl") == UBL
    with pytest.raises(UnknownRuleSet):
        edition("en16931-ubl-9.9.9")


def test_official_packs_run_by_id_beside_the_structure() -> None:
    """`validate` takes a pack id among its rules; the official mode gives its findings alone."""
    reading = adapters.read(changed("<cbc:ID>SMPL-7</cbc:ID>", "<cbc:ID> </cbc:ID>"))
    both = adapters.validate(reading, "invoice-core,en16931-ubl")
    assert {each.ruleset for each in both} >= {UBL, "peppol-ubl:2.1"}
    chosen, findings = adapters.official(reading)
    assert UBL in chosen
    assert {each.rule for each in findings if each.ruleset == UBL} == {"BR-02"}


@pytest.mark.parametrize("pack_id", sorted(known_packs().keys() - NOT_IN_THE_CORPUS))
def test_a_sample_of_the_official_corpus_agrees(shared: Path, pack_id: str) -> None:
    """Every tenth official document has the same findings; all of them in `make conformance`."""
    found = score(shared / "data" / "invoice", pack_id, step=10)
    assert (found.missed, found.extra) == (Counter(), Counter())
    assert found.exact == found.documents > 0
