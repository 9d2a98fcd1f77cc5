"""The two-side proof shows that both sides hold the same common fields, and nothing else."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace

import pytest

from ledger.checkpoint import open_checkpoint
from ledger.commitments import Value, commit
from ledger.errors import NotFoundInLog, ProofRefused
from ledger.log import Log
from ledger.note import Note
from ledger.signature import Cosigner, verifier_for
from ledger.twoside import (
    Side,
    SideKeys,
    TwoSideProof,
    common_tree,
    derive_salt_key,
    side_of,
    verify_two_sides,
)
from schemas.errors import LedgerError
from schemas.jcs import canonical_json
from tests.ledger.trees import cosigner, digests, log_of

SALT_KEY = derive_salt_key(bytes(range(32)), "CL-2026-0001")
COMMON = {f"Common{n:03d}": f"shared value {n}" for n in range(116)} | {
    "HS": "85171300",
    "Currency": "CNY",
    "Country": "CN",
    "Packages": "12",
}
PRIVATE = {
    "CN": {"PurchasePrice": "99120.55", "TaxNumber": "91310000MA1FL0000X"},
    "SG": {"ResalePrice": "131000.00", "PermitAgent": "T08GB0001A"},
}


@dataclass
class Gateway:
    """One side: its log, its witness key, its document."""

    log: Log
    witness: Cosigner
    document: Mapping[str, Value]

    def commit(self) -> bytes:
        """Append the common root computed from this side's own data."""
        root = common_tree(self.document, COMMON, SALT_KEY).root
        self.log.append([root])
        return root

    def cosigned_by(self, other: Gateway) -> Side:
        """Sign the checkpoint, let the other side cosign it, and return this side's part."""
        verifier = verifier_for(self.log.signer.key)
        opened = open_checkpoint(self.log.checkpoint(), verifier)
        line = other.witness.cosign(opened.note.text, 1_800_000_000)
        self.log.add_cosignatures(opened.checkpoint.size, [line])
        return side_of(self.log, common_tree(self.document, COMMON, SALT_KEY).root)


def _gateways(size: int = 300) -> tuple[Gateway, Gateway]:
    cn = Gateway(
        log_of(size, "cn.example/log", 3), cosigner("cn.example/w", 4), COMMON | PRIVATE["CN"]
    )
    sg = Gateway(
        log_of(size * 2, "sg.example/log", 5), cosigner("sg.example/w", 6), COMMON | PRIVATE["SG"]
    )
    for side in (cn, sg):
        side.log.checkpoint()
    return cn, sg


def _keys(cn: Gateway, sg: Gateway) -> tuple[SideKeys, SideKeys]:
    return (
        SideKeys(cn.log.signer.key, sg.witness.key),
        SideKeys(sg.log.signer.key, cn.witness.key),
    )


def _proof(cn: Gateway, sg: Gateway) -> TwoSideProof:
    root = cn.commit()
    assert sg.commit() == root
    return TwoSideProof(root, (cn.cosigned_by(sg), sg.cosigned_by(cn)))


@pytest.fixture(scope="module")
def gateways() -> tuple[Gateway, Gateway]:
    """Two gateways with the same common fields and different private ones."""
    return _gateways()


@pytest.fixture(scope="module")
def proof(gateways: tuple[Gateway, Gateway]) -> TwoSideProof:
    """The proof of both."""
    return _proof(*gateways)


def test_both_sides_are_proven(proof: TwoSideProof, gateways: tuple[Gateway, Gateway]) -> None:
    """An auditor with four public keys learns that both logs hold the same root, and since when."""
    first, second = verify_two_sides(bytes(proof), _keys(*gateways))
    assert (first.origin, first.index, first.cosigned_at) == ("cn.example/log", 300, 1_800_000_000)
    assert (second.origin, second.index, second.size) == ("sg.example/log", 600, 601)


def test_120_fields_take_two_kilobytes(proof: TwoSideProof) -> None:
    """The proof of a declaration of 120 fields is at most 2,000 bytes, and has one form."""
    assert len(COMMON) == 120
    assert len(bytes(proof)) <= 2_000
    assert TwoSideProof.parse(bytes(proof)) == proof


def test_large_logs_keep_the_proof_small(proof: TwoSideProof) -> None:
    """With logs of a million leaves (20 nodes a side) it is still at most 2,000 bytes."""
    first, second = (
        replace(side, size=1_000_000, index=999_000, path=(bytes(32),) * 20) for side in proof.sides
    )
    assert len(bytes(replace(proof, sides=(first, second)))) <= 2_000


def test_a_field_that_differs_is_noticed() -> None:
    """When one side holds another value, its root is not in the other side's log."""
    cn, sg = _gateways(5)
    sg.document = {**sg.document, "HS": "85171400"}
    root = cn.commit()
    assert sg.commit() != root
    sg.cosigned_by(cn)
    with pytest.raises(NotFoundInLog):
        side_of(sg.log, root)


def test_no_private_byte_is_exported(
    proof: TwoSideProof, gateways: tuple[Gateway, Gateway]
) -> None:
    """No value, private or common, and no unsalted hash of one, is in what leaves the gateways."""
    exported = bytes(proof) + b"".join(
        b"".join(side.log.entries(0, side.log.size)) + side.log.checkpoint() for side in gateways
    )
    for values in (PRIVATE["CN"], PRIVATE["SG"], COMMON):
        for name, value in values.items():
            assert len(value) < 4 or value.encode() not in exported
            for text in (value.encode(), canonical_json(value), canonical_json([name, value])):
                for prefix in (b"", b"\x00", b"\x00" + bytes(16)):
                    assert hashlib.sha256(prefix + text).digest() not in exported


def test_private_fields_do_not_reach_the_common_root() -> None:
    """Two documents that differ in every private field have the same common root."""
    roots = {common_tree(COMMON | PRIVATE[side], COMMON, SALT_KEY).root for side in PRIVATE}
    assert len(roots) == 1


def test_the_root_cannot_be_guessed_without_the_key() -> None:
    """All other fields known, all tariff numbers of a heading tried: no root fits without key."""
    target = common_tree(COMMON, COMMON, SALT_KEY).root
    small = {"HS": "85171300"}
    one = commit(small, SALT_KEY).root
    for guess in range(10_000):
        text = canonical_json(["HS", f"8517{guess:04d}"])
        for salt in (b"", bytes(16), hashlib.sha256(b"CL-2026-0001").digest()[:16]):
            assert hashlib.sha256(b"\x00" + salt + text).digest() not in (one, target)
    other = derive_salt_key(bytes(range(32)), "CL-2026-0002")
    assert common_tree(COMMON, COMMON, other).root != target


def _forgeries(proof: TwoSideProof) -> dict[str, bytes]:
    first, second = proof.sides
    data = bytes(proof)
    path = first.path
    changed = {
        "root": replace(proof, root=bytes(32)),
        "index": replace(proof, sides=(replace(first, index=first.index - 1), second)),
        "size": replace(proof, sides=(replace(first, size=first.size + 1), second)),
        "origin": replace(proof, sides=(replace(first, origin=second.origin), second)),
        "node changed": replace(proof, sides=(replace(first, path=(bytes(32), *path[1:])), second)),
        "node left out": replace(proof, sides=(replace(first, path=path[1:]), second)),
        "node added": replace(proof, sides=(replace(first, path=(*path, path[0])), second)),
        "sides swapped": replace(proof, sides=(second, first)),
        "one side twice": replace(proof, sides=(first, first)),
        "no cosignature": replace(
            proof, sides=(replace(first, signatures=first.signatures[:1]), second)
        ),
        "no log signature": replace(
            proof, sides=(replace(first, signatures=first.signatures[1:]), second)
        ),
        "signatures of the other side": replace(
            proof, sides=(replace(first, signatures=second.signatures), second)
        ),
    }
    forged = {name: bytes(case) for name, case in changed.items()}
    return forged | {
        "cut": data[:-1],
        "longer": data + b"\x00",
        "flipped": data[:60] + bytes([data[60] ^ 1]) + data[61:],
        "empty": b"",
        "other CBOR": b"\x01",
        "nested": b"\x81" * 5_000 + b"\x01",
    }


NAMES = [
    "cut",
    "empty",
    "flipped",
    "index",
    "longer",
    "nested",
    "no cosignature",
    "no log signature",
    "node added",
    "node changed",
    "node left out",
    "one side twice",
    "origin",
    "other CBOR",
    "root",
    "sides swapped",
    "signatures of the other side",
    "size",
]


@pytest.mark.parametrize("name", NAMES)
def test_forgeries_are_refused(
    name: str, proof: TwoSideProof, gateways: tuple[Gateway, Gateway]
) -> None:
    """Eighteen ways to change a two-side proof, each refused with an error of the ledger."""
    forged = _forgeries(proof)
    assert sorted(forged) == sorted(NAMES)
    with pytest.raises(LedgerError):
        verify_two_sides(forged[name], _keys(*gateways))


def test_one_operator_cannot_play_both_sides(
    proof: TwoSideProof, gateways: tuple[Gateway, Gateway]
) -> None:
    """The four keys must be four keys."""
    cn, sg = _keys(*gateways)
    for keys in ((cn, cn), (SideKeys(cn.log, cn.log), sg), (cn, SideKeys(sg.log, cn.witness))):
        with pytest.raises(ProofRefused):
            verify_two_sides(proof, keys)


def test_a_salt_key_needs_a_secret() -> None:
    """A short secret derives nothing."""
    with pytest.raises(ProofRefused):
        derive_salt_key(b"short", "CL-1")


def test_entries_beside_the_common_root_are_untouched() -> None:
    """The common root is one more entry of a log that goes on as before."""
    cn, sg = _gateways(5)
    _proof(cn, sg)
    assert cn.log.entries(0, 5) == digests(0, 5)
    assert Note.parse(cn.log.checkpoint()).signatures[1].name == "sg.example/w"
