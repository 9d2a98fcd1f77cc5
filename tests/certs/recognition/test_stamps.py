from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from certs.recognition import Recognition
from certs.recognition.levels import Level
from tests.certs.pki import NOW, World
from tests.certs.recognition.world import (
    DAY,
    Folder,
    authority,
    body,
    granted,
    record,
    seal,
    service,
    withdrawn,
)

RULES = {
    "title": {"en": "Harbour", "zh": "港口"},
    "algorithms": [{"family": "ECDSA", "digest": "sha256"}],
    "identifiers": [],
    "revocation": "checked",
    "timestamp": "required",
    "levels": {"sealed": "high", "timed": "substantial"},
}


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """Return a trust folder of Singapore."""
    return Folder(tmp_path)


def harbour(folder: Folder, world: World, *stamping: object, **recognised: object) -> Recognition:
    """Return what a seal of HARBOUR is worth in SG; `stamping` are its time-stamp services."""
    root = authority("CA", "SG")
    sealing = service(root.root.certificate, granted("sealed"), kind="seal")
    folder.put(body("HARBOUR", [sealing, *stamping], rules=RULES))
    records = [record("HARBOUR", {"high": "high"}, service="seal")]
    if recognised:
        records.append(record("HARBOUR", {"substantial": "low"}, service="timestamp", **recognised))
    folder.put(body("SG", [], records))
    return folder.worth(seal(root), world.stamper)


def only_stamp(found: Recognition) -> Any:
    """Return what is said of the one time-stamp, as JSON."""
    stamps: Any = found.as_dict()["timestamps"]
    assert len(stamps) == 1
    return stamps[0]


def tsa(world: World, *history: Any, kind: str = "timestamp") -> object:
    """Return the authority of the time-stamps as a service."""
    return service(world.stamper._key.certificate, *history, kind=kind)


def test_the_verdict_says_on_which_list_a_time_stamp_rests(folder: Folder, world: World):
    """Domain, service, list, record and level of the authority, beside those of the signer."""
    found = harbour(folder, world, tsa(world, granted("timed")), documents=["*"])
    assert (found.home_level, found.accorded, found.checks) == (Level.HIGH, Level.HIGH, ())
    stamp = only_stamp(found)
    assert (stamp["from"], stamp["home_level"]) == ("HARBOUR", "substantial")
    assert stamp["accorded_level"] == "low"
    assert stamp["service"]["kind"] == "timestamp"
    assert (stamp["list"]["id"], stamp["record_list"]["id"]) == ("HARBOUR", "SG")
    assert stamp["record"]["service"] == "timestamp"


@pytest.mark.parametrize("case", ["nobody", "no record", "other document", "withdrawn", "seals"])
def test_a_required_time_stamp_is_one_of_a_recognised_authority(
    folder: Folder, world: World, case: str
):
    """An authority nobody lists, recognises or grants any more, or lists for seals, is none."""
    services = {
        "nobody": (),
        "withdrawn": (tsa(world, granted("timed"), withdrawn(NOW - DAY)),),
        "seals": (tsa(world, granted("timed"), kind="seal"),),
    }.get(case, (tsa(world, granted("timed")),))
    documents: dict[str, Any] = {} if case == "no record" else {"documents": ["*"]}
    if case == "other document":
        documents = {"documents": ["invoice"]}
    found = harbour(folder, world, *services, **documents)
    assert (found.home_level, found.accorded) == (Level.NONE, Level.NONE)
    assert [each.name for each in found.checks] == ["timestamp"]


def test_where_no_time_stamp_is_asked_for_its_authority_changes_no_level(
    folder: Folder, world: World
):
    """It is said to be unknown, and the signature is worth what it is without it."""
    root = authority("CA", "SG")
    folder.put(body("SG", [service(root.root.certificate, granted("secure"))]))
    found = folder.worth(seal(root, "NTRSG-201912345K"), world.stamper)
    assert found.accorded is Level.HIGH
    stamp = only_stamp(found)
    assert (stamp["from"], stamp["service"], stamp["accorded_level"]) == ("OWN", None, "none")
