"""The receiver's evidence: how it found what came, and what it declared."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import adapters
from certs import xades
from certs.authority.ca import CertificateAuthority
from certs.evidence import Item, Role
from certs.trust import TrustStore
from certs.validation.material import Material
from certs.verdict import Verdict
from certs.x509.revocation_list import load_list
from gateway.clearance.corridor import corridor
from gateway.clearance.twoside import common_fields
from gateway.sandbox import shipments
from gateway.wiring.audit import declared, reception
from gateway.wiring.audit.trusting import Trusted
from gateway.wiring.auditing import Auditor
from gateway.wiring.papers import translate
from ledger.twoside import TwoSideProof, common_tree
from schemas.clock import utc_now
from schemas.jcs import canonical_json
from tests.gateway.wiring.operators import Operator, items, operators, package
from tests.gateway.wiring.test_changed import CHANGE, signed

Files = dict[str, Item]
NAME = "documents/document.xml"


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for both operators."""
    return tmp_path_factory.mktemp("reception")


@pytest.fixture(scope="module")
def pair(folder: Path) -> tuple[Operator, Operator]:
    """Two operators that know each other."""
    return operators(folder)


@pytest.fixture(scope="module")
def files(pair: tuple[Operator, Operator], folder: Path) -> Files:
    """A package without a word of the receiver."""
    return items(*pair, folder)


def received(files: Files, pair: tuple[Operator, Operator], **changes: Any) -> Files:
    """The package with the receiver's verdict, made of `changes` where they say otherwise."""
    sender, receiver = pair
    document = files[NAME].data
    trust = TrustStore.of(sender.keys.load("root").certificate)
    verdict = xades.verify(document, trust)
    given: dict[str, Any] = {
        "at": utc_now(),
        "by": receiver.settings.id,
        "document": document,
        "container": verdict,
        "verdict": verdict,
        "trust": trust,
        "asked": (),
        **changes,
    }
    kept = reception.files(reception.record(**given))
    return {**files, **{item.name: item for item in kept}}


def audit(folder: Path, by: Operator, files: Mapping[str, Item], **more: Any) -> dict[str, Any]:
    """The verdict of an auditor who trusts both operators."""
    trusted = Trusted.from_folder(folder / "auditor")
    trusted = replace(trusted, store=replace(trusted.store, **more))
    return dict(Auditor(trusted).verify(package(by, files)))


def test_the_receivers_verdict_is_judged_anew(
    folder: Path, pair: tuple[Operator, Operator], files: Files
) -> None:
    """What passed when it came passes again as of then; who saw it, and when, is told."""
    found = audit(folder, pair[1], received(files, pair))
    assert found["indication"] == "TOTAL-PASSED"
    answer = found["ledger"]["verified"]
    assert (answer["ok"], answer["details"][0]["by"]) == (True, "sg-port")


def test_a_verdict_about_something_else_is_refused(
    folder: Path, pair: tuple[Operator, Operator], files: Files
) -> None:
    """Another document, a moment after the seal, and a verdict that did not pass: each a no."""
    failed = xades.verify(files[NAME].data.replace(b">1<", b">2<"), TrustStore.of())
    for changes in (
        {"document": b"another"},
        {"at": utc_now() + timedelta(hours=1)},
        {"verdict": failed},
        {"container": failed},
    ):
        found = audit(folder, pair[1], received(files, pair, **changes))
        assert found["ledger"]["verified"]["ok"] is False, changes
        assert found["indication"] != "TOTAL-PASSED"


def test_words_about_revocation_kept_at_reception_count_years_later(
    folder: Path, pair: tuple[Operator, Operator], files: Files
) -> None:
    """Where every certificate needs a word, the list that was asked for then gives it."""
    authority = CertificateAuthority(pair[0].keys.load("root"))
    material = Material(lists=(load_list(authority.revocation_list(())),))
    with_words = received(files, pair, asked=[material], at=utc_now())
    assert any(name.endswith(".crl") for name in with_words)
    verified = _answer(with_words, folder)
    assert verified.ok is True
    assert _answer(received(files, pair), folder).ok is None


def _answer(files: Mapping[str, Item], folder: Path) -> Any:
    store = replace(Trusted.from_folder(folder / "auditor").store, strict=True)
    return reception.verified(list(files.values()), store, utc_now() + timedelta(minutes=1))


def test_a_list_too_long_to_keep_is_counted(pair: tuple[Operator, Operator], files: Files) -> None:
    """What is left out of the verdict's data is said in it."""
    document = files[NAME].data
    trust = TrustStore.of(pair[0].keys.load("root").certificate)
    authority = CertificateAuthority(pair[0].keys.load("root"))
    small = load_list(authority.revocation_list(()))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(reception, "_LARGEST", 10)
        kept = reception.record(
            at=utc_now(),
            by="sg-port",
            document=document,
            container=_passed(document, trust),
            verdict=_passed(document, trust),
            trust=trust,
            asked=[Material(lists=(small,))],
        )
    assert json.loads(kept)["validation"]["left_out"] > 1


def _passed(document: bytes, trust: TrustStore) -> Verdict:
    return xades.verify(document, trust)


@pytest.fixture(scope="module")
def made() -> tuple[Item, Item, bytes]:
    """A declaration, its disclosed fields, and their root."""
    profile = corridor("cn-sg")
    sent = adapters.read(shipments.load("g01").declaration).document
    data = translate(sent, profile.import_.format, corridor=profile).data
    fields = common_fields(adapters.read(data).document, profile)
    salt = bytes(range(32))
    said = {"corridor": "cn-sg", "version": 1, "fields": fields, "salt_key": salt.hex()}
    declaration = Item("declaration/import.xml", data, Role.DECLARATION)
    root = common_tree(fields, fields.keys(), salt).root
    return declaration, declared.fields_of(said, declaration.name), root


def test_its_common_fields_make_the_root(made: tuple[Item, Item, bytes], files: Files) -> None:
    """Yes with the root of the two-side proof; no where the logs hold another."""
    declaration, fields, root = made
    assert declared.declared([declaration, fields], TrustStore.of()).ok is True
    other = declared.declared([declaration, fields, files["log/two-side.cbor"]], TrustStore.of())
    assert other.ok is False
    proof = TwoSideProof.parse(files["log/two-side.cbor"].data)
    same = Item("log/two-side.cbor", bytes(replace(proof, root=root)), Role.DISCLOSURE)
    assert declared.declared([declaration, fields, same], TrustStore.of()).ok is True


@pytest.mark.parametrize("part", ["declaration", "fields", "salt_key"])
def test_what_was_changed_is_found(made: tuple[Item, Item, bytes], files: Files, part: str) -> None:
    """A field of the declaration, a disclosed field, or the key: each makes it a no."""
    declaration, fields, root = made
    said = json.loads(fields.data)
    if part == "declaration":
        value = max(said["fields"].values(), key=len).encode()
        declaration = replace(declaration, data=declaration.data.replace(value, b"X" + value))
    elif part == "fields":
        name = min(said["fields"])
        said["fields"][name] += "1"
    else:
        said["salt_key"] = bytes(32).hex()
    proof = TwoSideProof.parse(files["log/two-side.cbor"].data)
    same = Item("log/two-side.cbor", bytes(replace(proof, root=root)), Role.DISCLOSURE)
    shown = replace(fields, data=canonical_json(said))
    found = declared.declared([declaration, shown, same], TrustStore.of())
    assert found.ok is False


def test_a_signed_change_explains_a_difference(
    made: tuple[Item, Item, bytes], pair: tuple[Operator, Operator]
) -> None:
    """The fields as agreed later, the declaration as it was sent: a change on that field is due."""
    declaration, fields, _ = made
    said = json.loads(fields.data)
    name = "TotalPackageQuantity"
    said["fields"][name] += "1"
    now = replace(fields, data=canonical_json(said))
    trust = TrustStore.of(pair[0].keys.load("root").certificate)

    def answer(*terms: str) -> bool | None:
        about = {**CHANGE, "changes": [{"term": term, "old": "1", "new": "2"} for term in terms]}
        change = Item("changes/01.jws", signed(about, pair[0]), Role.CHANGE)
        return declared.declared([declaration, now, change], trust).ok

    assert answer(name) is True
    assert answer("TotalGrossMassMeasure") is False
    assert declared.declared([declaration, now], trust).ok is False
    stranger = Item("changes/01.jws", signed(CHANGE, pair[1]), Role.CHANGE)
    assert declared.declared([declaration, now, stranger], trust).ok is False
