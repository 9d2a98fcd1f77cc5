"""An auditor's questions, answered from one file."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from typing import Any

import pytest

from certs import receipts, xades
from certs.receipts import Receipt, Result
from certs.trust import TrustStore
from gateway.settings import load
from gateway.wiring.audit.trusting import BadTrust, Trusted
from gateway.wiring.auditing import Auditor
from ledger.receipt import write_receipt
from ledger.twoside import TwoSideProof, side_of
from schemas.clock import utc_now
from tests.gateway.wiring.operators import COMMON, DOCUMENT, changed, items, operators, package

PASSED = "TOTAL-PASSED"
QUESTIONS = [
    "who",
    "when",
    "unchanged",
    "in_log",
    "anchored",
    "delivered",
    "received",
    "alike",
]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Give a folder for both operators."""
    return tmp_path_factory.mktemp("audit")


@pytest.fixture(scope="module")
def pair(folder):
    """Make two operators that know each other."""
    return operators(folder)


@pytest.fixture(scope="module")
def sender(pair):
    """Give the operator that sends."""
    return pair[0]


@pytest.fixture(scope="module")
def receiver(pair):
    """Give the operator that receives."""
    return pair[1]


@pytest.fixture(scope="module")
def files(pair, folder):
    """Give the files of a complete package."""
    first, second = pair
    return items(first, second, folder)


@pytest.fixture(scope="module")
def auditor(folder, pair):  # noqa: ARG001 - makes the cards
    """Give an auditor with the cards of both operators."""
    return Auditor(Trusted.from_folder(folder / "auditor"))


def ledger(verdict) -> dict[str, Any]:
    """Return the answers of a verdict."""
    found: dict[str, Any] = verdict["ledger"]
    return found


def oks(verdict):
    """Return yes, no or nothing by question."""
    return {question: answer["ok"] for question, answer in ledger(verdict).items()}


def test_a_complete_package_answers_every_question_with_yes(auditor, sender, files):
    """Who, when, unchanged, in the log, anchored, delivered, received, alike: all yes."""
    verdict = auditor.verify(package(sender, files))
    assert verdict["indication"] == PASSED, verdict["reason"]
    assert list(ledger(verdict)) == QUESTIONS
    assert set(oks(verdict).values()) == {True}
    for answer in ledger(verdict).values():
        assert answer["why"]["en"]
        assert answer["why"]["zh"]


def test_a_package_passes_when_the_seals_have_ended(folder, sender, receiver, files):
    """Years later the seal's time-stamp still shows that everything was there in time."""
    later = receiver.seal.certificate.not_after + timedelta(days=365)
    auditor = Auditor(Trusted.from_folder(folder / "auditor"), later)
    verdict = auditor.verify(package(sender, files))
    assert verdict["indication"] == PASSED, verdict["reason"]
    assert set(oks(verdict).values()) == {True}


def test_the_cosignature_of_the_other_side_is_named(auditor, sender, files):
    """An answer about the log says which witness saw the checkpoint, and when."""
    (proof,) = ledger(auditor.verify(package(sender, files)))["in_log"]["details"]
    assert [seen["name"] for seen in proof["cosigned_by"]] == ["sg-port/witness"]
    assert proof["key"] == "trusted"
    assert proof["entry"] == "documents/document.xml"


def test_one_changed_octet_fails_the_package(auditor, sender, files):
    """A package is refused when an octet of it is another."""
    data = bytearray(package(sender, files))
    at = data.index(b"urn:example")
    data[at] ^= 1
    verdict = auditor.verify(bytes(data))
    assert verdict["indication"] == "TOTAL-FAILED"


def test_a_stranger_confirms_nothing(sender, files):
    """Without an anchor the package is neither confirmed nor called broken."""
    verdict = Auditor(TrustStore.of()).verify(package(sender, files))
    assert verdict["indication"] == "INDETERMINATE"
    assert verdict["subindication"] == "NO_CERTIFICATE_CHAIN_FOUND"


def test_a_proof_of_another_document_does_not_count(auditor, sender, files):
    """A log proof that is not about the signed document is a no, and fails the package."""
    other = bytes(sender.log.proof(0))
    verdict = auditor.verify(package(sender, changed(files, "log/document.tlog-proof", other)))
    assert ledger(verdict)["in_log"]["ok"] is False
    assert verdict["indication"] == "TOTAL-FAILED"


@pytest.mark.parametrize(
    ("name", "question", "passes"),
    [
        ("log/document.tlog-proof", "in_log", False),
        ("anchor/anchor.json", "anchored", True),
        ("delivery/container.asice", "delivered", False),
        ("delivery/receipt.jws", "received", True),
        ("log/two-side.cbor", "alike", True),
    ],
)
def test_what_is_not_there_proves_nothing(  # noqa: PLR0917 - named by pytest
    auditor, sender, files, name, question, passes
):
    """A missing part is answered with nothing shown; without a log proof there is no pass."""
    left = {key: item for key, item in files.items() if key != name}
    verdict = auditor.verify(package(sender, left))
    assert ledger(verdict)[question]["ok"] is None
    assert (verdict["indication"] == PASSED) is passes


def test_an_anchor_of_another_checkpoint_is_a_no(auditor, sender, files):
    """An anchor record with another root fails the package."""
    record = files["anchor/anchor.json"].data
    root = sender.log.root().hex().encode()
    forged = record.replace(root, sha256(b"x").hexdigest().encode())
    verdict = auditor.verify(package(sender, changed(files, "anchor/anchor.json", forged)))
    assert ledger(verdict)["anchored"]["ok"] is False
    assert verdict["indication"] == "TOTAL-FAILED"


def receipt_of(files, **changes: Any):
    """Return a receipt of the package's container, with changes."""
    container = files["delivery/container.asice"].data
    said = Receipt(
        message_id="m-1",
        sha256=sha256(container).hexdigest(),
        recipient="sg-port",
        received_at=utc_now(),
    )
    return replace(said, **changes)


def test_a_receipt_of_the_sender_itself_is_a_no(auditor, sender, files):
    """Nobody proves reception by receipting their own delivery."""
    own = receipts.issue(receipt_of(files), sender.seal)
    verdict = auditor.verify(package(sender, changed(files, "delivery/receipt.jws", own)))
    assert ledger(verdict)["received"]["ok"] is False
    assert verdict["indication"] != PASSED


def test_a_refusal_is_not_a_reception(auditor, sender, receiver, files):
    """A receipt that says refused is a no."""
    said = receipts.issue(receipt_of(files, result=Result.REFUSED), receiver.seal)
    verdict = auditor.verify(package(sender, changed(files, "delivery/receipt.jws", said)))
    assert ledger(verdict)["received"]["ok"] is False


def test_a_container_with_another_document_is_not_the_delivery(auditor, sender, files):
    """The container delivered must hold the very document that the log proves."""
    again = xades.sign(DOCUMENT, sender.seal, stamper=sender.stamper)
    other = changed(files, "documents/document.xml", again)
    verdict = auditor.verify(package(sender, other))
    assert ledger(verdict)["delivered"]["ok"] is False


def test_a_document_without_time_stamp_has_no_proven_time(auditor, sender, files):
    """The signer's own claim does not answer when."""
    bare = xades.sign(DOCUMENT, sender.seal)
    verdict = auditor.verify(package(sender, changed(files, "documents/document.xml", bare)))
    assert ledger(verdict)["when"]["ok"] is None
    assert verdict["indication"] != PASSED


def test_a_two_side_proof_needs_keys_better_than_the_sealers_word(folder, sender, files):
    """With the roots alone the common fields are not confirmed, and the rest is."""
    roots = folder / "roots"
    roots.mkdir(exist_ok=True)
    for party in ("cn-port", "sg-port"):
        root = (folder / party / "trust" / "root.pem").read_bytes()
        (roots / f"{party}.pem").write_bytes(root)
    verdict = Auditor(Trusted.from_folder(roots)).verify(package(sender, files))
    assert verdict["indication"] == PASSED
    assert ledger(verdict)["alike"]["ok"] is None
    assert ledger(verdict)["in_log"]["details"][0]["key"] == "stated"


def test_a_side_without_its_witness_is_not_alike(auditor, folder):
    """A two-side proof whose checkpoint the other side did not cosign is not confirmed."""
    (folder / "alone").mkdir()
    first, second = operators(folder / "alone")
    first.log.append([COMMON])
    first.log.checkpoint()
    second.publish([COMMON], first)
    proof = TwoSideProof(COMMON, (side_of(first.log, COMMON), side_of(second.log, COMMON)))
    auditor = Auditor(Trusted.from_folder(folder / "alone" / "auditor"))
    verdict = auditor.verify(bytes(proof))
    assert verdict["indication"] == "INDETERMINATE"
    assert ledger(verdict)["alike"]["ok"] is None


def test_proofs_verify_alone(auditor, sender, files):
    """A log proof with its document, a checkpoint, an anchor and a two-side proof each verify."""
    document = files["documents/document.xml"].data
    proof = files["log/document.tlog-proof"].data
    assert auditor.verify(proof, [document])["indication"] == PASSED
    assert auditor.verify(proof, [b"another"])["indication"] == "TOTAL-FAILED"
    assert auditor.verify(proof)["subindication"] == "SIGNED_DATA_NOT_FOUND"
    assert auditor.verify(sender.log.checkpoint())["indication"] == PASSED
    assert auditor.verify(files["log/two-side.cbor"].data)["indication"] == PASSED
    anchor = files["anchor/anchor.json"].data
    assert auditor.verify(anchor, [sender.log.checkpoint()])["indication"] == PASSED


def test_a_receipt_of_inclusion_verifies_with_its_document(auditor, sender, files):
    """A COSE receipt holds for the very document under a known log's key, and for no other."""
    document = files["documents/document.xml"].data
    receipt = write_receipt(sender.log.prove(1), sender.log.signer)
    verdict = auditor.verify(receipt, [document])
    assert verdict["indication"] == PASSED
    assert ledger(verdict)["in_log"]["details"][0]["origin"] == "cn-port/log"
    assert auditor.verify(receipt, [b"another"])["indication"] == "TOTAL-FAILED"
    assert auditor.verify(receipt)["subindication"] == "SIGNED_DATA_NOT_FOUND"
    nobody = Auditor(TrustStore.of())
    assert nobody.verify(receipt, [document])["indication"] == "INDETERMINATE"


def test_a_receipt_verifies_with_its_container(auditor, files):
    """A receipt alone verifies; beside a container it must name that container's digest."""
    receipt = files["delivery/receipt.jws"].data
    container = files["delivery/container.asice"].data
    verdict = auditor.verify(receipt, {"c.asice": container})
    said: Any = verdict["receipt"]
    assert said["covers"] == ["c.asice"]
    assert auditor.verify(receipt)["indication"] == PASSED
    assert auditor.verify(receipt, [b"x"])["subindication"] == "HASH_FAILURE"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"c2sp.org/tlog-proof@v1\n",
        b"\x84\x01\x58\x20" + b"\xff" * 40,
        b"PK\x03\x04rubbish",
        b"{" * 5000,
        b'{"kind":"evm","type":"silkgate-anchor/1"}',
        "a\n\n\u2014 b c\n".encode(),
        b"\x00" * 100,
        b"\xd2\x84" + b"\x00" * 9,
        b"<a",
    ],
)
def test_rubbish_gets_a_verdict(auditor, data):
    """Nothing raises for a file that is none of the forms."""
    assert auditor.verify(data)["indication"] in {"TOTAL-FAILED", "INDETERMINATE"}


def test_a_gateway_trusts_its_partners_by_their_cards(sender, receiver, files):
    """The gateway's own folder serves as trust: own keys, partners' roots and keys."""
    for each in (sender, receiver):
        verdict = Auditor(Trusted.of_home(load(each.settings.home))).verify(package(sender, files))
        assert verdict["indication"] == PASSED
    assert ledger(verdict)["in_log"]["details"][0]["key"] == "trusted"


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.vkey", "nonsense"),
        ("a.json", "[]"),
        ("a.json", "{"),
        ("chain.toml", "chain ="),
        ("chain.toml", "other = 1"),
    ],
)
def test_a_trust_folder_that_cannot_be_read_names_the_file(tmp_path, name, text):
    """Trust is never silently less than the folder says."""
    (tmp_path / name).write_text(text)
    with pytest.raises(BadTrust, match=name):
        Trusted.from_folder(tmp_path)


def test_a_certificate_that_cannot_be_read_is_named(tmp_path):
    """It is nobody's anchor, and whoever asks can see that it was left out."""
    (tmp_path / "a.der").write_text("nonsense")
    assert Trusted.from_folder(tmp_path).store.unreadable == ("a.der",)


def test_auditing_loads_no_database_chain_or_web_library():
    """An auditor's machine needs none of them."""
    code = (
        "import sys, gateway.wiring.auditing;"
        "print([m for m in ('sqlalchemy','web3','fastapi','httpx','pydantic') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
