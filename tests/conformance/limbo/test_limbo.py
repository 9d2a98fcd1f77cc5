"""x509-limbo: paths of the web's kind, judged with the strictest demands."""

from __future__ import annotations

import json
import time
from collections import Counter
from datetime import datetime
from ipaddress import ip_address
from pathlib import Path
from typing import Any, Final

import pytest

from certs import path
from certs.errors import MalformedCertificate
from certs.path.peer import CLIENT_AUTH, SERVER_AUTH
from certs.path.profile import Profile
from certs.path.search import Demands
from certs.trust import TrustStore
from certs.verdict import Refused
from certs.x509 import certificate
from certs.x509.revocation_list import load_list

FEWEST: Final = 200
CASES: Final = 207
SAMPLE: Final = 10
# These hold certificates to the rules of the web, which differ from RFC 5280 in places.
WEB: Final = ("webpki::", "online::")
ANY_TIME: Final = "2024-01-01T00:00:00+00:00"
# Rows we answer otherwise, each with the reason.
_COMMON_NAME = "stricter: the common name is not among the names, which other cases want refused"
KNOWN: Final = {
    "cve::cve-2024-0567": "stricter: a cross-signed anchor has to name its issuer's key",
    "webpki::nc::nc-permits-dns-san-pattern": _COMMON_NAME,
    "webpki::san::exact-localhost-ip-san": _COMMON_NAME,
    "webpki::san::leftmost-wildcard-san": _COMMON_NAME,
}
FILE: Final = (
    Path(__file__).resolve().parents[4] / "shared/data/esign/x509-limbo/limbo-nobettertls.json"
)


def rows() -> list[dict[str, Any]]:
    """Return the cases, or none where the published file is not at hand."""
    found: list[dict[str, Any]] = (
        json.loads(FILE.read_text())["testcases"] if FILE.is_file() else []
    )
    return found


def accepted(row: dict[str, Any]) -> bool:
    """Tell whether the chain of a case is accepted for its peer."""
    name = row["expected_peer_name"]
    peer = name and (ip_address(name["value"]) if name["kind"] == "IP" else name["value"])
    demands = Demands(
        revocation_required=bool(row["crls"]),
        profile=Profile.WEB if row["id"].startswith(WEB) else Profile.RFC5280,
        longest=row["max_chain_depth"],
        peer=peer,
        purpose=SERVER_AUTH if row["validation_kind"] == "SERVER" else CLIENT_AUTH,
    )
    try:
        anchors = [certificate.load_all(each.encode())[0] for each in row["trusted_certs"]]
        extra = [certificate.load_all(each.encode())[0] for each in row["untrusted_intermediates"]]
        lists = tuple(load_list(each.encode()) for each in row["crls"])
        signer = certificate.load_all(row["peer_certificate"].encode())[0]
        at = datetime.fromisoformat(row["validation_time"] or ANY_TIME)
        path.find(signer, extra, TrustStore(frozenset(anchors), lists), at, demands)
    except (Refused, MalformedCertificate):
        return False
    return True


def judged(row: dict[str, Any]) -> str:
    """Return agree, stricter or LAXER for one case; a case takes at most a second."""
    start = time.perf_counter()
    found = accepted(row)
    assert time.perf_counter() - start < 1, row["id"]
    if found == (row["expected_result"] == "SUCCESS"):
        return "agree"
    return "LAXER" if found else "stricter"


@pytest.mark.conformance
@pytest.mark.parametrize("row", rows(), ids=lambda row: row["id"])
def test_a_case_is_judged_as_expected(row: dict[str, Any]) -> None:
    """Accepted when the suite says success, refused when it says failure."""
    assert judged(row) == KNOWN.get(row["id"], "agree").partition(":")[0]


@pytest.mark.conformance
def test_the_suite_is_complete_and_mostly_agreed_with(shared: Path) -> None:
    """At least 200 of the 207 cases are judged as expected, and none is laxer."""
    assert shared.is_dir()
    score = Counter(judged(row) for row in rows())
    assert sum(score.values()) == CASES
    assert score["agree"] >= FEWEST
    assert not score["LAXER"]


def test_a_sample_is_judged_as_expected(shared: Path) -> None:
    """Every tenth case in each run of the tests; the whole suite is `make conformance`."""
    assert shared.is_dir()
    for row in rows()[::SAMPLE]:
        assert judged(row) == KNOWN.get(row["id"], "agree").partition(":")[0], row["id"]
