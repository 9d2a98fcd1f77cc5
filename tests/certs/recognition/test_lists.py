from __future__ import annotations

import json
from pathlib import Path

import pytest

from certs import jws
from certs.errors import BadTrustList, RolledBack
from certs.recognition import Domains, admit, lists
from certs.recognition.rules import built_in
from schemas.clock import iso
from schemas.jcs import canonical_json
from tests.certs.pki import NOW
from tests.certs.recognition.world import (
    DAY,
    Folder,
    authority,
    body,
    granted,
    operator,
    record,
    service,
    withdrawn,
)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """Return an empty trust folder of Singapore."""
    return Folder(tmp_path)


def test_every_domain_is_known_with_its_rules():
    """The five domains are there; each has algorithms, levels and a source."""
    assert list(built_in()) == ["CN-SM2", "EU-QTSP", "SG", "PEPPOL", "OWN"]
    assert all(each.algorithms and each.levels and each.source for each in built_in().values())


def test_a_list_is_read_as_it_was_signed(folder: Folder):
    """Domain, number, services with their history, records: what was written is what is read."""
    root = authority("CA", "SG").root.certificate
    folder.put(body("SG", [service(root, granted("secure"))], [record("CN-SM2", {"high": "low"})]))
    (found,) = folder.load().lists
    assert (found.domain, found.sequence, found.signer) == ("SG", 7, "List Operator")
    assert found.services[0].certificate == root
    assert found.records[0].as_dict()["levels"] == {"high": "low"}
    reference = found.reference(NOW)
    assert reference["stale"] is False
    assert found.stale(NOW + 81 * DAY)


def test_only_a_pinned_signer_makes_a_list(folder: Folder):
    """Another key, or a certificate that the pinned signer's authority gave another: refused."""
    folder.put(body("SG", []), operator())
    domains = folder.load()
    assert not domains.lists
    assert [name for name, _ in domains.refused] == ["SG.jws"]


def test_another_kind_of_jws_is_no_list(folder: Folder):
    """A receipt or any JWS of the operator with the same content is not a list (RFC 8725)."""
    data = jws.sign(canonical_json(body("SG", [])), folder.key, signed_at=NOW)
    with pytest.raises(BadTrustList):
        lists.read(data, [folder.key.certificate], at=NOW)


def test_an_older_list_is_a_roll_back(folder: Folder):
    """A number below one seen is refused, and so is another list under the same number."""
    folder.put(body("SG", [], sequence=8))
    assert folder.load().lists
    folder.put(body("SG", [], sequence=7))
    domains = folder.load()
    assert not domains.lists
    assert isinstance(domains.refused[0][1], RolledBack)
    folder.put(body("SG", [], [record("CN-SM2", {})], sequence=8))
    assert not folder.load().lists
    folder.put(body("SG", [], sequence=9))
    assert folder.load().lists


def test_importing_checks_before_it_keeps(folder: Folder):
    """A list that is refused changes nothing; a good one is kept and remembered."""
    good = lists.sign(body("SG", [], sequence=3), folder.key, now=NOW)
    assert admit(good, "x", folder.path, NOW).sequence == 3
    stored = folder.path / "domains" / "SG.jws"
    assert stored.read_bytes() == good
    older = lists.sign(body("SG", [], sequence=2), folder.key, now=NOW)
    with pytest.raises(RolledBack):
        admit(older, "x", folder.path, NOW)
    assert stored.read_bytes() == good
    assert json.loads((folder.path / "domains" / "memory.json").read_text())["SG"][0] == 3


@pytest.mark.parametrize(
    "change",
    [
        {"sequence": 0},
        {"sequence": "7"},
        {"type": "else"},
        {"version": 2},
        {"domain": "ATLANTIS"},
        {"unknown": 1},
        {"next_update": iso(NOW - 11 * DAY)},
        {"issued": "2026-01-01T00:00:00"},
        {"services": [{"name": "x"}]},
        {"recognises": [record("CN-SM2", {"splendid": "low"})]},
    ],
)
def test_what_is_no_list_is_not_signed(change: dict[str, object]):
    """A body that breaks the form is refused by name of what is wrong."""
    with pytest.raises(BadTrustList):
        lists.sign({**body("SG", []), **change}, operator())


def test_a_list_may_carry_its_own_rules(folder: Folder):
    """A domain that is not built in brings algorithms and levels along, signed with the list."""
    rules = {
        "title": {"en": "Harbour", "zh": "港口"},
        "algorithms": [{"family": "ECDSA", "digest": "sha256", "until": "2027-01-01"}],
        "identifiers": [],
        "revocation": "checked",
        "timestamp": "required",
        "levels": {"sworn": "substantial"},
    }
    folder.put(body("HARBOUR", [], rules=rules))
    (found,) = folder.load().lists
    assert found.rules.timestamp == "required"
    with pytest.raises(BadTrustList):
        lists.sign(body("HARBOUR", [], rules={**rules, "timestamp": "maybe"}), operator())


def test_the_past_can_be_asked(folder: Folder):
    """A service withdrawn yesterday was granted the day before."""
    root = authority("CA", "SG").root.certificate
    history = (withdrawn(NOW - DAY), granted("secure"))
    folder.put(body("SG", [service(root, *history)]))
    ((found,),) = (each.services for each in folder.load().lists)
    before, after = found.status(NOW - 2 * DAY), found.status(NOW)
    assert before is not None
    assert after is not None
    assert (before.granted, after.granted) == (True, False)
    assert found.status(NOW - 1000 * DAY) is None


def test_a_damaged_memory_is_no_fresh_start(folder: Folder):
    """If the memory cannot be read, nothing is believed rather than everything."""
    folder.put(body("SG", []))
    (folder.path / "domains" / "memory.json").write_text("{")
    with pytest.raises(BadTrustList):
        folder.load()


def test_without_a_folder_there_are_no_domains(tmp_path: Path):
    """A trust folder without `domains` is that of operators who exchanged roots."""
    assert Domains.load(tmp_path) == Domains()
