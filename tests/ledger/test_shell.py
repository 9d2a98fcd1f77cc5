"""The shell verifier accepts what holds, and refuses every mutation with exit 3."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from ledger.shell import verify_sh
from tests.ledger.mutations import MUTATIONS
from tests.ledger.trees import cosigner, document, log_of, signer

LOG, WITNESS, OTHER = signer(), cosigner(), cosigner("other.example", 9)
SHELLS = [shell for shell in ("dash", "bash", "sh") if shutil.which(shell)]
Run = Callable[..., int]

pytestmark = pytest.mark.skipif(
    shutil.which("openssl") is None or shutil.which("sha256sum") is None,
    reason="openssl or sha256sum is not installed",
)


@pytest.fixture(scope="module")
def evidence(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with script, document, proof and keys."""
    folder = tmp_path_factory.mktemp("evidence")
    log = log_of(300)
    text = log.checkpoint().partition(b"\n\n")[0] + b"\n"
    log.add_cosignatures(300, [WITNESS.cosign(text, 1_800_000_000)])
    (folder / "verify.sh").write_bytes(verify_sh())
    (folder / "document").write_bytes(document(77))
    (folder / "proof").write_bytes(bytes(log.proof(77)))
    for name, key in (("log", LOG.key), ("witness", WITNESS.key), ("other", OTHER.key)):
        (folder / f"{name}.vkey").write_text(f"{key}\n")
    return folder


@pytest.fixture
def run(evidence: Path) -> Run:
    """Run the script in the folder and return its exit code."""

    def run(*arguments: str, shell: str = "sh") -> int:
        command = [shell, "verify.sh", *arguments]
        return subprocess.run(command, cwd=evidence, check=False, capture_output=True).returncode

    return run


@pytest.mark.parametrize("shell", SHELLS)
def test_a_proof_is_accepted(run: Run, shell: str) -> None:
    """Every POSIX shell at hand accepts the proof, with and without the witness's key."""
    assert run("document", "proof", "log.vkey", shell=shell) == 0
    assert run("document", "proof", "log.vkey", "witness.vkey", shell=shell) == 0


@pytest.mark.parametrize("name", MUTATIONS)
def test_mutations_are_refused(run: Run, evidence: Path, name: str) -> None:
    """Each class of mutation of the proof ends with exit 3, never 0."""
    (evidence / "mutated").write_bytes(MUTATIONS[name]((evidence / "proof").read_bytes()))
    assert run("document", "mutated", "log.vkey", "witness.vkey") == 3


def test_another_document_or_key_is_refused(run: Run, evidence: Path) -> None:
    """A byte more in the document, another key, a witness that did not cosign, keys mixed up."""
    (evidence / "changed").write_bytes(document(77) + b"\n")
    (evidence / "bad.vkey").write_text(str(LOG.key).replace("+", "+00000000+", 1))
    assert run("changed", "proof", "log.vkey") == 3
    assert run("document", "proof", "witness.vkey") == 3
    assert run("document", "proof", "log.vkey", "log.vkey") == 3
    assert run("document", "proof", "log.vkey", "other.vkey") == 3
    assert run("document", "proof", "log.vkey", "witness.vkey", "other.vkey") == 3
    assert run("document", "proof", "bad.vkey") == 3


def test_wrong_use_is_not_a_refusal(run: Run) -> None:
    """A missing file or argument is exit 2, so that nobody takes it for a verdict."""
    assert run("document", "proof") == 2
    assert run("document", "nothing", "log.vkey") == 2


def test_a_tree_of_one_leaf(run: Run, evidence: Path) -> None:
    """A proof without nodes is a proof."""
    log = log_of(1)
    log.checkpoint()
    (evidence / "first").write_bytes(document(0))
    (evidence / "single").write_bytes(bytes(log.proof(0)))
    assert run("first", "single", "log.vkey") == 0
    assert run("document", "single", "log.vkey") == 3


def test_it_passes_the_peers_own_tests(shared: Path, tmp_path: Path) -> None:
    """The 31 checks that were written for another verifier pass on this one."""
    shutil.copy(shared / "peers/ledger/selftest.sh", tmp_path)
    (tmp_path / "verify.sh").write_bytes(verify_sh())
    os.chmod(tmp_path / "verify.sh", 0o755)  # noqa: PTH101, S103 - the peer runs it as a program
    command = ["bash", str(tmp_path / "selftest.sh"), str(shared / "data/ledger/example")]
    found = subprocess.run(command, check=False, capture_output=True, text=True)
    assert found.returncode == 0, found.stdout
    assert "31 checks, 0 failed" in found.stdout
