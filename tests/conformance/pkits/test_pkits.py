"""NIST PKITS: 246 paths, each to be accepted or refused as its row says."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Any, Final

import pytest

from certs import path
from certs.errors import MalformedCertificate
from certs.path.policies import ANY_POLICY, PolicyInputs
from certs.path.search import Demands
from certs.trust import TrustStore
from certs.verdict import Refused
from certs.x509 import certificate
from certs.x509.certificate import Certificate
from certs.x509.revocation_list import RevocationList, load_list

AT: Final = datetime(2020, 1, 1, tzinfo=UTC)
CASES: Final = 246
SAMPLE: Final = 12
# Rows we answer otherwise, each with the reason; all of them are stricter than expected.
KNOWN: Final = {
    "valid_dsa_signatures_test4": "DSA is not on the list of accepted algorithms",
    "valid_dsa_parameter_inheritance_test5": "DSA is not on the list of accepted algorithms",
}
FOLDER: Final = Path(__file__).resolve().parents[4] / "shared/data/esign/pkits"


def rows() -> list[dict[str, Any]]:
    """Return the rows, or none where the published cases are not at hand."""
    listed = FOLDER / "pkits.json"
    return json.loads(listed.read_text()) if listed.is_file() else []


@cache
def loaded(name: str) -> Certificate:
    """Return one certificate of the suite."""
    return certificate.load((FOLDER / "certs" / name).read_bytes())


@cache
def listed(name: str) -> RevocationList:
    """Return one revocation list of the suite."""
    return load_list((FOLDER / "crls" / name).read_bytes())


def accepted(row: dict[str, Any]) -> bool:
    """Tell whether the path of a row is found valid."""
    given = row.get("params") or {}
    inputs = PolicyInputs(
        acceptable=frozenset(given.get("user_initial_policy_set", (ANY_POLICY,))),
        explicit=given.get("initial_explicit_policy", False),
        inhibit_mapping=given.get("initial_policy_mapping_inhibit", False),
        inhibit_any=given.get("initial_any_policy_inhibit", False),
    )
    names = dict.fromkeys(("TrustAnchorRootCRL.crl", *row.get("crls", ())))
    try:
        anchor = loaded("TrustAnchorRootCertificate.crt")
        lists = tuple(listed(name) for name in names)
        extra = [loaded(name) for name in row.get("other_certs", ())]
        path.find(
            loaded(row["cert"]),
            extra,
            TrustStore(frozenset({anchor}), lists),
            AT,
            Demands(policies=inputs, revocation_required=row.get("revocation", True)),
        )
    except (Refused, MalformedCertificate):
        return False
    return True


def judged(row: dict[str, Any]) -> str:
    """Return agree, stricter or LAXER for one row; a row takes at most a second."""
    start = time.perf_counter()
    found = accepted(row)
    assert time.perf_counter() - start < 1
    if found == ("error" not in row):
        return "agree"
    return "LAXER" if found else "stricter"


@pytest.mark.conformance
@pytest.mark.parametrize("row", rows(), ids=lambda row: f"{row['id']}-{row['name']}")
def test_a_path_of_the_suite_is_judged_as_expected(row: dict[str, Any]) -> None:
    """Accepted when the suite says valid, refused when it does not; never laxer."""
    outcome = judged(row)
    assert outcome == ("stricter" if row["name"] in KNOWN else "agree")


@pytest.mark.conformance
def test_the_suite_is_complete(shared: Path) -> None:
    """All 246 rows are judged, so that none can be lost in silence."""
    assert shared.is_dir()
    assert len(rows()) == CASES


def test_a_sample_of_the_suite_is_judged_as_expected(shared: Path) -> None:
    """Every twelfth row in each run of the tests; the whole suite is `make conformance`."""
    assert shared.is_dir()
    for row in rows()[::SAMPLE]:
        assert judged(row) == ("stricter" if row["name"] in KNOWN else "agree"), row["name"]
