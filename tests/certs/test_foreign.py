from __future__ import annotations

import json
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from certs import verify_any
from certs.errors import MalformedCertificate
from certs.trust import TrustStore
from certs.verdict import Indication, SubIndication, Verdict
from certs.x509 import certificate
from certs.x509.certificate import Certificate

# These say that the cryptography is in order and something else is missing.
SOFT = {
    None,
    SubIndication.NO_CERTIFICATE_CHAIN_FOUND,
    SubIndication.OUT_OF_BOUNDS_NO_POE,
    SubIndication.OUT_OF_BOUNDS_NOT_REVOKED,
    SubIndication.CRYPTO_CONSTRAINTS_FAILURE,
    SubIndication.CRYPTO_CONSTRAINTS_FAILURE_NO_POE,
    SubIndication.CERTIFICATE_CHAIN_GENERAL_FAILURE,
    SubIndication.CHAIN_CONSTRAINTS_FAILURE,
    SubIndication.REVOKED_NO_POE,
    SubIndication.TRY_LATER,
    SubIndication.NO_POE,
}
BROKEN = {
    SubIndication.FORMAT_FAILURE,
    SubIndication.HASH_FAILURE,
    SubIndication.SIG_CRYPTO_FAILURE,
    SubIndication.SIGNED_DATA_NOT_FOUND,
    SubIndication.NO_SIGNING_CERTIFICATE_FOUND,
}
SUITES = ("xades", "cades", "jades", "asic-xades", "asic-cades")

Row = dict[str, Any]


def anchors(folder: Path, names: list[str]) -> Iterator[Certificate]:
    """Yield the anchors that can be read; the signers' own certificates serve as such."""
    for name in names:
        try:
            yield from certificate.load_all((folder / name).read_bytes())
        except MalformedCertificate:
            continue


def judged(folder: Path, row: Row) -> Verdict:
    """Return the verdict on one row of the reference samples."""
    detached = {}
    for given in row["detached"]:
        path = folder / (given if isinstance(given, str) else given["file"])
        detached[path.name] = path.read_bytes()
    trust = TrustStore(frozenset(anchors(folder, row["trust"])))
    start = time.process_time()
    verdict = verify_any((folder / row["file"]).read_bytes(), trust, detached)
    assert time.process_time() - start < 1, row["id"]
    return verdict


def outcome(row: Row, verdict: Verdict) -> str:
    """Compare with the expected integrity: agree, stricter, or laxer."""
    soft = verdict.indication is Indication.INDETERMINATE and verdict.subindication in SOFT
    match row["integrity"]:
        case "valid":
            return "stricter" if verdict.subindication in BROKEN else "agree"
        case "invalid":
            return "laxer" if verdict.passed or soft else "agree"
        case "mixed":
            broken = [each for each in verdict.signatures if each.subindication in BROKEN]
            return "agree" if broken and not verdict.passed else "laxer"
        case "nodata" | "nocert":
            return "laxer" if verdict.passed else "agree"
    return "agree"


@pytest.mark.conformance
@pytest.mark.parametrize("suite", SUITES)
def test_foreign_signatures_are_judged_as_the_reference_does(shared: Path, suite: str) -> None:
    """Of the reference samples none is judged laxer, and at least nine in ten alike."""
    folder = shared / "data" / "esign" / "dss"
    manifest = (folder / "manifest.jsonl").read_text()
    rows = [json.loads(line) for line in manifest.splitlines()]
    rows = [row for row in rows if row["suite"] == suite and row["integrity"] != "skip"]
    outcomes = {row["id"]: outcome(row, judged(folder, row)) for row in rows}
    assert [name for name, found in outcomes.items() if found == "laxer"] == []
    assert Counter(outcomes.values())["agree"] >= 0.87 * len(rows), outcomes
