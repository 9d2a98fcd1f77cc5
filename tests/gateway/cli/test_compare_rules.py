"""Which invoices change their verdict when the rules change."""

from __future__ import annotations

import adapters
from tests.conftest import ROOT
from tests.gateway.cli.conftest import INVOICE, Silkgate

CORE, PEPPOL = "en16931-ubl", "en16931-ubl,peppol-ubl"
SAMPLES = ROOT / "adapters" / "peppol_ubl" / "samples"


def test_a_folder_of_invoices_is_compared(silkgate: Silkgate) -> None:
    """One becomes invalid by the stricter rules, the other stays: the summary counts both."""
    ran = silkgate("compare-rules", CORE, PEPPOL, SAMPLES, "--json")
    changed, summary = ran.rows
    assert ran.code == 3
    assert changed["file"].endswith("one_line.xml")
    assert (changed["old"]["valid"], changed["new"]["valid"]) == (True, False)
    assert changed["new"]["rulesets"][1].startswith("peppol-ubl-")
    assert {"rule": "PEPPOL-EN16931-R004", "flag": "fatal", "count": 1} in changed["come"]
    assert changed["gone"] == []
    assert summary["documents"] == 2
    assert (summary["to_invalid"], summary["unchanged"]) == (1, 1)


def test_the_way_back_makes_it_valid(silkgate: Silkgate) -> None:
    """Compared the other way round the same rules go, and it becomes valid."""
    back = silkgate("compare-rules", PEPPOL, CORE, SAMPLES, "--json").rows[-1]
    assert (back["to_valid"], back["to_invalid"]) == (1, 0)


def test_nothing_changes_between_equal_rules(silkgate: Silkgate) -> None:
    """Exit 0; `--all` lists the unchanged ones too."""
    ran = silkgate("compare-rules", CORE, "en16931-ubl-1.3.16", SAMPLES, "--all", "--json")
    assert (ran.code, len(ran.rows)) == (0, 3)
    assert silkgate("compare-rules", CORE, CORE, SAMPLES).out.count("\n") == 1


def test_an_invoice_that_the_rules_are_not_for_is_told(silkgate: Silkgate) -> None:
    """A CII invoice cannot be compared by rules of UBL: it is counted apart, never as unchanged."""
    other = ROOT / "adapters" / "cefact_cii" / "samples" / "complete.xml"
    row, summary = silkgate("compare-rules", CORE, PEPPOL, other, "--json").rows
    assert row["error"]["code"] == "SG-9108"
    assert (summary["not_compared"], summary["unchanged"]) == (1, 0)


def test_what_the_gateway_keeps_is_compared(silkgate: Silkgate, own: object) -> None:
    """`--stored` goes through the invoices that were handed in, by their exchange."""
    del own
    sent = silkgate("exchange", "send", INVOICE, "--to", "sg-port").out.strip()
    ran = silkgate("compare-rules", "xsd-ubl", PEPPOL, "--stored", "--json")
    row, summary = ran.rows
    assert row["file"] == sent
    assert row["number"] == adapters.read(INVOICE.read_bytes()).document.value("BT-1")
    assert summary["documents"] == 1


def test_without_invoices_there_is_nothing_to_compare(silkgate: Silkgate) -> None:
    """No path is wrong usage, one that is not there is exit 4."""
    assert silkgate("compare-rules", CORE, PEPPOL).code == 2
    assert silkgate("compare-rules", CORE, PEPPOL, "nowhere").code == 4
