"""`silkgate decide` as scripts drive it."""

from __future__ import annotations

from pathlib import Path

from tests.certs.diagnosis import Case
from tests.gateway.cli.conftest import Silkgate

POLICY = """<ConstraintsParameters xmlns="http://dss.esig.europa.eu/validation/policy">
<Cryptographic Level="FAIL"/></ConstraintsParameters>"""


def test_a_decision_has_indication_and_exit_code(silkgate: Silkgate, tmp_path: Path) -> None:
    """Passed is exit code 0; anything else is 3, with the sub-indication."""
    good, bad = tmp_path / "good.xml", tmp_path / "bad.xml"
    good.write_bytes(Case().document())
    bad.write_bytes(Case(data_intact=False).document())
    run = silkgate("decide", good, "--json")
    assert (run.code, run.row["indication"], run.row["subindication"]) == (0, "TOTAL-PASSED", None)
    run = silkgate("decide", good, bad, "--json")
    assert run.code == 3
    assert [row["subindication"] for row in run.rows] == [None, "HASH_FAILURE"]
    assert run.rows[1]["signatures"][0]["id"] == "S"


def test_a_decision_is_told_in_words(silkgate: Silkgate, tmp_path: Path) -> None:
    """Without --json a person reads what was decided and why."""
    bad = tmp_path / "bad.xml"
    bad.write_bytes(Case(trusted=False).document())
    run = silkgate("decide", bad)
    assert run.code == 3
    assert "NO_CERTIFICATE_CHAIN_FOUND" in run.out
    assert "trust anchor" in run.out


def test_the_policy_is_read_from_a_file(silkgate: Silkgate, tmp_path: Path) -> None:
    """A policy that accepts no algorithm lets nothing pass; one that is none is an error."""
    good, policy = tmp_path / "good.xml", tmp_path / "policy.xml"
    good.write_bytes(Case().document())
    policy.write_text(POLICY)
    run = silkgate("decide", good, "--policy", policy, "--json")
    assert (run.code, run.row["subindication"]) == (3, "CRYPTO_CONSTRAINTS_FAILURE_NO_POE")
    other = tmp_path / "other.xml"
    other.write_text("<other/>")
    run = silkgate("decide", good, "--policy", other, "--json")
    assert run.code == 2
    assert run.row["error"]["code"] == "SG-3702"


def test_what_is_no_diagnostic_data_is_an_error(silkgate: Silkgate, tmp_path: Path) -> None:
    """The file's line carries the error, and other files are still decided."""
    other, good = tmp_path / "other.xml", tmp_path / "good.xml"
    other.write_text("<other/>")
    good.write_bytes(Case().document())
    run = silkgate("decide", other, good, "--json")
    assert run.rows[0]["error"]["code"] == "SG-3701"
    assert run.rows[1]["indication"] == "TOTAL-PASSED"
