"""Proof files: written byte for byte, and refused when anything in them is changed."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from ledger.errors import NoteRefused, ProofRefused
from ledger.policy import Policy
from ledger.proof import TlogProof, verify_document
from ledger.signature import verifier_for
from tests.ledger.mutations import MUTATIONS
from tests.ledger.trees import cosigner, document, log_of, signer

TIME = 1_800_000_000
LOG, WITNESS = signer(), cosigner()
POLICY = Policy.of(WITNESS.key)


@pytest.fixture(scope="module")
def proof() -> bytes:
    """The proof of document 77 of 300, cosigned."""
    log = log_of(300)
    text = log.checkpoint().partition(b"\n\n")[0] + b"\n"
    log.add_cosignatures(300, [WITNESS.cosign(text, TIME)])
    return bytes(log.proof(77))


def test_the_published_proof(shared: Path) -> None:
    """The published proof file is made byte for byte, with and without its extra line."""
    folder = shared / "data/ledger/example"
    log = log_of(300, "silkgate.example/log1", 1)
    text = log.checkpoint().partition(b"\n\n")[0] + b"\n"
    log.add_cosignatures(300, [WITNESS.cosign(text, 1_795_248_000)])
    assert bytes(log.proof(77)) == (folder / "doc-077.tlog-proof").read_bytes()
    extra = (folder / "doc-077-extra.tlog-proof").read_bytes()
    assert bytes(TlogProof.parse(extra)) == extra
    verify_document(extra, (folder / "doc-077.xml").read_bytes(), verifier_for(log.signer.key))


def test_a_proof_convinces_with_key_and_witness(proof: bytes) -> None:
    """Document, proof, log key and witness policy: the verified checkpoint comes back."""
    signed = verify_document(proof, document(77), verifier_for(LOG.key), POLICY)
    assert signed.checkpoint.size == 300
    assert signed.signed_by == (LOG.key, WITNESS.key)


def test_a_missing_witness_is_refused(proof: bytes) -> None:
    """A policy that asks for a witness that did not cosign is not satisfied."""
    other = cosigner("other.example", 9)
    with pytest.raises(ProofRefused):
        verify_document(proof, document(77), verifier_for(LOG.key), Policy.of(other.key))
    either = Policy.of(other.key, WITNESS.key, threshold=1)
    verify_document(proof, document(77), verifier_for(LOG.key), either)


def test_another_document_or_key_is_refused(proof: bytes) -> None:
    """The proof of one document proves no other, and under no other log's key."""
    with pytest.raises(ProofRefused):
        verify_document(proof, document(78), verifier_for(LOG.key))
    with pytest.raises(NoteRefused):
        verify_document(proof, document(77), verifier_for(signer(seed=5).key))
    with pytest.raises(NoteRefused):
        verify_document(proof, document(77), verifier_for(WITNESS.key))


@pytest.mark.parametrize("name", MUTATIONS)
def test_mutations_are_refused(name: str, proof: bytes) -> None:
    """Every class of mutation of a proof file is refused."""
    mutated = MUTATIONS[name](proof)
    assert mutated != proof, "the mutation changed nothing"
    with pytest.raises((ProofRefused, NoteRefused)):
        verify_document(mutated, document(77), verifier_for(LOG.key), POLICY)


def test_a_proof_of_a_million_leaves_is_small() -> None:
    """20 nodes and two signatures take at most 1.3 kB."""
    note = log_of(300).checkpoint()
    text = note.partition(b"\n\n")[0] + b"\n"
    cosigned = note + str(WITNESS.cosign(text, TIME)).encode()
    assert len(bytes(TlogProof(999_999, (bytes(32),) * 20, cosigned))) <= 1_300


@pytest.mark.parametrize("name", [None, *MUTATIONS])
def test_the_peer_shell_verifier_agrees(
    shared: Path, tmp_path: Path, proof: bytes, name: str | None
) -> None:
    """The independent shell verifier accepts our proof, and refuses each mutation with exit 3."""
    judge = _judge(shared / "peers/ledger/verify.sh", tmp_path)
    assert judge(proof if name is None else MUTATIONS[name](proof)) == (0 if name is None else 3)


def _judge(script: Path, folder: Path) -> Callable[[bytes], int]:
    (folder / "log.vkey").write_text(f"{LOG.key}\n")
    (folder / "witness.vkey").write_text(f"{WITNESS.key}\n")
    (folder / "document").write_bytes(document(77))

    def judge(proof: bytes) -> int:
        (folder / "proof").write_bytes(proof)
        command = ["bash", str(script), "document", "proof", "log.vkey", "witness.vkey"]
        return subprocess.run(command, cwd=folder, check=False, capture_output=True).returncode

    return judge
