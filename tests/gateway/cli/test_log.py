"""The log as a tool of its own: init, append, prove, consistency, verify, fsck."""

from __future__ import annotations

import sqlite3
from hashlib import sha256

import pytest

from ledger import merkle
from ledger.proof import TlogProof
from ledger.signature import Cosigner
from ledger.vkey import VerifierKey

ORIGIN = "port.example/log1"
DOCUMENTS = [f"document {number}".encode() for number in range(5)]


@pytest.fixture
def log(silkgate, tmp_path):
    """Give a folder with a log of five documents, and its key in a file."""
    (tmp_path / "key").write_text(silkgate("log", "init", "--origin", ORIGIN).out)
    lines = [sha256(document).hexdigest() for document in DOCUMENTS]
    (tmp_path / "digests").write_text("\n".join(lines) + "\n\n")
    assert silkgate("log", "append", "--digests", "digests").code == 0
    for number, document in enumerate(DOCUMENTS):
        (tmp_path / f"d{number}").write_bytes(document)
    return tmp_path / "log"


def leaves():
    """Return the leaf hashes of the documents."""
    return [merkle.leaf_hash(sha256(document).digest()) for document in DOCUMENTS]


def test_init_gives_the_key_once(silkgate):
    """A second log is never made over the first."""
    row = silkgate("log", "init", "--origin", ORIGIN, "--json").row
    assert VerifierKey.parse(row["key"]).name == ORIGIN
    assert silkgate("log", "init", "--origin", ORIGIN).code == 2


def test_append_tells_places_and_root(silkgate, log):  # noqa: ARG001 - makes the log
    """The first index, the count, and size and root of the signed tree."""
    row = silkgate("log", "append", "--digests", "digests", "--json").row
    assert (row["first"], row["count"], row["size"]) == (5, 5, 10)
    assert len(bytes.fromhex(row["root"])) == 32


@pytest.mark.parametrize("line", ["xyz", "ab" * 31, "ab" * 33])
def test_append_names_the_line_that_is_no_digest(silkgate, log, tmp_path, line):  # noqa: ARG001 - as above
    """Nothing is appended when one line is wrong."""
    (tmp_path / "wrong").write_text("00" * 32 + "\n" + line)
    ran = silkgate("log", "append", "--digests", "wrong")
    assert (ran.code, "wrong:2" in ran.err) == (2, True)
    assert silkgate("log", "fsck", "--json").row["size"] == 5


@pytest.mark.parametrize("size", [None, 2, 3, 4, 5])
def test_a_proof_of_any_size_verifies(silkgate, log, size):  # noqa: ARG001 - as above
    """Also of sizes that were never published: the checkpoint is signed for the same tree."""
    wanted = ("--size", str(size)) if size else ()
    assert silkgate("log", "prove", "--index", "1", *wanted, "-o", "p").code == 0
    ran = silkgate("log", "verify", "p", "--document", "d1", "--key", "key", "--json")
    assert ran.code == 0
    assert ran.row["size"] == (size or 5)
    assert silkgate("log", "verify", "p", "--document", "d2", "--key", "key").code == 3


def test_prove_gives_path_and_root_as_json(silkgate, log):  # noqa: ARG001 - as above
    """`proof` and `root` are those of RFC 9162."""
    row = silkgate("log", "prove", "--index", "2", "--size", "5", "--json").row
    path = [bytes.fromhex(node) for node in row["proof"]]
    root = bytes.fromhex(row["root"])
    assert merkle.verify_inclusion(leaves()[2], 2, 5, path, root)


def test_prove_writes_the_file_to_standard_output(silkgate, log):  # noqa: ARG001 - as above
    """The tlog-proof text as it stands."""
    proof = TlogProof.parse(silkgate("log", "prove", "--index", "4").out.encode())
    assert (proof.index, proof.size) == (4, 5)


@pytest.mark.parametrize("args", [("--index", "5"), ("--index", "1", "--size", "6")])
def test_what_is_beyond_the_tree_is_not_found(silkgate, log, args):  # noqa: ARG001 - as above
    """Exit code 4."""
    assert silkgate("log", "prove", *args).code == 4
    assert silkgate("log", "prove", *args, "--json").code == 4


def test_consistency_of_two_sizes(silkgate, log):  # noqa: ARG001 - as above
    """Path and both roots, as RFC 9162 verifies them."""
    row = silkgate("log", "consistency", "--old", "3", "--new", "5", "--json").row
    path = [bytes.fromhex(node) for node in row["proof"]]
    roots = bytes.fromhex(row["old_root"]), bytes.fromhex(row["new_root"])
    assert merkle.verify_consistency(3, 5, *roots, path)
    assert silkgate("log", "consistency", "--old", "6").code == 4


def test_a_witness_must_have_cosigned(silkgate, log, tmp_path):  # noqa: ARG001 - as above
    """A proof without the witness asked for is refused, and a log's key is no witness."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    witness = Cosigner("w.example/w", Ed25519PrivateKey.generate())
    (tmp_path / "witness").write_text(str(witness.key))
    silkgate("log", "prove", "--index", "0", "-o", "p")
    asked = ("log", "verify", "p", "--document", "d0", "--key", "key", "--witness")
    assert silkgate(*asked, "witness").code == 3
    assert silkgate(*asked, "key").code == 3
    proof = TlogProof.parse((tmp_path / "p").read_bytes())
    text = proof.checkpoint.partition(b"\n\n")[0] + b"\n"
    line = str(witness.cosign(text, 1_790_000_000)).encode()
    (tmp_path / "p").write_bytes(bytes(proof) + line)
    assert silkgate(*asked, "witness").code == 0


def test_verify_of_what_is_not_there(silkgate, log):  # noqa: ARG001 - as above
    """A missing file is 4, a file that is no key is 3."""
    silkgate("log", "prove", "--index", "0", "-o", "p")
    assert silkgate("log", "verify", "none", "--document", "d0", "--key", "key").code == 4
    assert silkgate("log", "verify", "p", "--document", "none", "--key", "key").code == 4
    assert silkgate("log", "verify", "p", "--document", "d0", "--key", "none").code == 4
    assert silkgate("log", "verify", "p", "--document", "d0", "--key", "d0").code == 3


def test_no_log_is_not_found(silkgate):
    """Exit code 4 and the command that makes one."""
    ran = silkgate("log", "prove", "--index", "0", "--home", "nowhere")
    assert (ran.code, "silkgate log init" in ran.err) == (4, True)


def test_fsck_finds_a_changed_octet(silkgate, log):
    """A sound log has exit code 0, a damaged one 3 with the place."""
    assert silkgate("log", "fsck").code == 0
    db = sqlite3.connect(log / "log.sqlite")
    (name,) = next(
        row for row in db.execute("SELECT name FROM sqlite_master WHERE name LIKE '%tile%'")
    )
    db.execute(f"UPDATE {name} SET data = zeroblob(length(data)) WHERE level = 0")  # noqa: S608 - a table of the log
    db.commit()
    db.close()
    ran = silkgate("log", "fsck", "--json")
    assert (ran.code, ran.row["sound"]) == (3, False)
    assert ran.row["findings"][0]["path"].startswith("tile/0")


def test_the_published_example_verifies(silkgate, shared):
    """A proof made by another implementation holds, with its witness."""
    folder = shared / "data" / "ledger" / "example"
    args = ("--document", folder / "doc-077.xml", "--key", folder / "log.vkey")
    proof = folder / "doc-077.tlog-proof"
    witness = ("--witness", folder / "witness.vkey")
    assert silkgate("log", "verify", proof, *args, *witness).code == 0
