"""Changes in an evidence package: who changed what, when, and who agreed."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest

from certs import jws
from certs.evidence import Item, Role
from gateway.wiring.audit.changed import TYPE
from gateway.wiring.audit.trusting import Trusted
from gateway.wiring.auditing import Auditor
from schemas.clock import utc_now
from schemas.jcs import canonical_json
from tests.gateway.wiring.operators import Operator, items, operators, package

Files = dict[str, Item]
CHANGE: Mapping[str, Any] = {
    "clearance": "c-1",
    "number": 1,
    "kind": "amendment",
    "by": "exporter",
    "at": "2026-03-20T02:00:00.000Z",
    "reason": "counted again",
    "changes": [{"term": "TotalPackageQuantity", "old": "13", "new": "14"}],
}


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for both operators."""
    return tmp_path_factory.mktemp("changed")


@pytest.fixture(scope="module")
def pair(folder: Path) -> tuple[Operator, Operator]:
    """Two operators that know each other."""
    return operators(folder)


@pytest.fixture(scope="module")
def files(pair: tuple[Operator, Operator], folder: Path) -> Files:
    """A package without changes."""
    return items(*pair, folder)


def signed(said: Mapping[str, Any], by: Operator) -> bytes:
    """A statement as its author signs it."""
    return jws.sign(
        canonical_json(said), by.seal, stamper=by.stamper, signed_at=utc_now(), typ=TYPE
    )


def agreement(to: bytes, by: Operator) -> bytes:
    """The agreement to a statement."""
    digest = sha256(to).hexdigest()
    of = {"by": "exporter", "number": 1, "sha256": digest}
    said = {"clearance": "c-1", "kind": "agreement", "state": "confirmed", "version": 2,
            "by": "importer", "at": "2026-03-20T03:00:00.000Z", "of": of}  # fmt: skip
    return signed(said, by)


def refusal(of: bytes, by: Operator) -> bytes:
    """The refusal of a statement."""
    named = {"by": "exporter", "number": 1, "sha256": sha256(of).hexdigest()}
    said = {"clearance": "c-1", "kind": "refusal", "reason": "another carrier",
            "by": "importer", "at": "2026-03-20T03:00:00.000Z", "of": named}  # fmt: skip
    return signed(said, by)


def told(sender: Operator, receiver: Operator, *statements: bytes, proven: bool = True) -> Files:
    """Statements as files of a package, each with its proof in the sender's log."""
    found: Files = {}
    for n, each in enumerate(statements, 1):
        name = f"changes/{n:02}.jws"
        found[name] = Item(name, each, Role.CHANGE)
        if proven:
            digest = sha256(each).digest()
            sender.publish([digest], receiver)
            proof = bytes(sender.log.proof(sender.log.find(digest)))
            place = f"log/change-{n:02}.tlog-proof"
            found[place] = Item(place, proof, Role.LOG_PROOF)
    return found


def verdict(folder: Path, sender: Operator, files: Files) -> dict[str, Any]:
    """What the auditor says of the package."""
    auditor = Auditor(Trusted.from_folder(folder / "auditor"))
    return dict(auditor.verify(package(sender, files)))


def test_a_change_and_its_agreement_are_told(
    folder: Path, pair: tuple[Operator, Operator], files: Files
) -> None:
    """Field, old and new value, who, when, why, where in the log, and who agreed."""
    change = signed(CHANGE, pair[0])
    said = verdict(folder, pair[0], files | told(*pair, change, agreement(change, pair[1])))
    assert said["indication"] == "TOTAL-PASSED", said["reason"]
    answer = said["ledger"]["changed"]
    assert answer["ok"] is True
    first, second = answer["details"]
    assert first["changes"] == [{"term": "TotalPackageQuantity", "old": "13", "new": "14"}]
    assert (first["by"], first["reason"]) == ("exporter", "counted again")
    assert first["agreed"] == ["changes/02.jws"]
    assert "CN" in first["signer"]
    assert first["origin"] == "cn-port/log"
    assert (second["by"], second["version"]) == ("importer", 2)
    assert "SG" in second["signer"]
    assert first["time"]
    assert "1 agreed" in answer["why"]["en"]


def test_a_refusal_is_told_and_counts_as_no_agreement(
    folder: Path, pair: tuple[Operator, Operator], files: Files
) -> None:
    """Who declined which change and why; one by the author of the change fails the package."""
    change = signed(CHANGE, pair[0])
    said = verdict(folder, pair[0], files | told(*pair, change, refusal(change, pair[1])))
    answer = said["ledger"]["changed"]
    first, second = answer["details"]
    assert (answer["ok"], first["agreed"]) == (True, [])
    assert (second["by"], second["of"], second["reason"]) == (
        "importer",
        first["sha256"],
        "another carrier",
    )
    assert "0 agreed" in answer["why"]["en"]
    own = verdict(folder, pair[0], files | told(*pair, change, refusal(change, pair[0])))
    assert own["ledger"]["changed"]["ok"] is False


def test_a_package_without_changes_is_not_asked_about_them(
    folder: Path, pair: tuple[Operator, Operator], files: Files
) -> None:
    """The question is only there when there is something to tell."""
    assert "changed" not in verdict(folder, pair[0], files)["ledger"]


def test_a_change_that_is_not_in_the_log_is_not_proven(
    folder: Path, pair: tuple[Operator, Operator], files: Files
) -> None:
    """Signed alone, nothing says that it was not made up later; the rest is proven."""
    said = verdict(folder, pair[0], files | told(*pair, signed(CHANGE, pair[0]), proven=False))
    assert said["ledger"]["changed"]["ok"] is None
    assert said["ledger"]["in_log"]["ok"] is True


def test_an_author_does_not_agree_with_itself(
    folder: Path, pair: tuple[Operator, Operator], files: Files
) -> None:
    """An agreement signed by the author of the change fails the package."""
    change = signed(CHANGE, pair[0])
    said = verdict(folder, pair[0], files | told(*pair, change, agreement(change, pair[0])))
    assert said["ledger"]["changed"]["ok"] is False
    assert said["indication"] != "TOTAL-PASSED"


def test_an_agreement_to_something_else_is_a_no(
    folder: Path, pair: tuple[Operator, Operator], files: Files
) -> None:
    """It names the change by its digest; another change is not agreed to."""
    change = signed(CHANGE, pair[0])
    other = signed({**CHANGE, "reason": "another"}, pair[0])
    said = verdict(folder, pair[0], files | told(*pair, change, agreement(other, pair[1])))
    assert said["ledger"]["changed"]["ok"] is False


def test_a_change_signed_by_nobody_known_is_a_no(
    folder: Path, pair: tuple[Operator, Operator], files: Files
) -> None:
    """A statement of another kind of signature or of another type says nothing of changes."""
    plain = jws.sign(canonical_json(CHANGE), pair[0].seal, signed_at=utc_now())
    said = verdict(folder, pair[0], files | told(*pair, plain))
    assert said["ledger"]["changed"]["ok"] is False
