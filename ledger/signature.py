"""Signers and verifiers of notes and cosignatures (C2SP signed-note, tlog-cosignature).

A cosignature says: at this time, this was the largest consistent tree that the cosigner had
seen. Its value is the time (u64, seconds) followed by the signature.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from struct import pack, unpack
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from ledger.checkpoint import Checkpoint
from ledger.errors import BadVerifierKey, NoteRefused
from ledger.note import Note, NoteVerifier, Signature
from ledger.vkey import KeyType, VerifierKey, is_name

_TIME_BYTES: Final = 8


@dataclass(frozen=True)
class Ed25519Signer:
    """Signs notes as a log (key type 01)."""

    name: str
    private: Ed25519PrivateKey

    @cached_property
    def key(self) -> VerifierKey:
        """The log's verifier key."""
        return _key(self.name, KeyType.ED25519, self.private)

    def sign(self, text: bytes) -> bytes:
        """Return the 64-byte signature."""
        return self.private.sign(text)


@dataclass(frozen=True)
class Cosigner:
    """Signs checkpoints of others as a witness (key type 04); the key signs nothing else."""

    name: str
    private: Ed25519PrivateKey

    @cached_property
    def key(self) -> VerifierKey:
        """The witness's verifier key."""
        return _key(self.name, KeyType.COSIGNATURE_ED25519, self.private)

    def cosign(self, text: bytes, time: int) -> Signature:
        """Return the signature line over a checkpoint's text; `time` in seconds since 1970."""
        value = pack(">Q", time) + self.private.sign(_cosigned(text, time))
        return Signature(self.key.name, self.key.id, value)


def _key(name: str, kind: KeyType, private: Ed25519PrivateKey) -> VerifierKey:
    if not is_name(name):
        raise BadVerifierKey(found=name[:80], reason="a name has no spaces and no plus")
    return VerifierKey(name, kind, private.public_key().public_bytes_raw())


@dataclass(frozen=True, slots=True)
class Ed25519Verifier:
    """Checks signatures of logs (key type 01)."""

    key: VerifierKey

    def verify(self, text: bytes, signature: bytes) -> bool:
        """Tell whether the signature holds over `text`."""
        return _ed25519(self.key.key, signature, text)


@dataclass(frozen=True, slots=True)
class CosignatureVerifier:
    """Checks Ed25519 cosignatures (key type 04)."""

    key: VerifierKey

    def verify(self, text: bytes, signature: bytes) -> bool:
        """Tell whether the cosignature holds over `text`."""
        if len(signature) <= _TIME_BYTES:
            return False
        time, value = cosignature_time(signature), signature[_TIME_BYTES:]
        return _ed25519(self.key.key, value, _cosigned(text, time))


@dataclass(frozen=True, slots=True)
class MlDsaCosignatureVerifier:
    """Checks ML-DSA-44 cosignatures (key type 06), which cover size and root alone."""

    key: VerifierKey

    def verify(self, text: bytes, signature: bytes) -> bool:
        """Tell whether the cosignature holds over the checkpoint in `text`."""
        from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey

        try:
            signed = _subtree(self.key.name, cosignature_time(signature), Checkpoint.parse(text))
            MLDSA44PublicKey.from_public_bytes(self.key.key).verify(signature[_TIME_BYTES:], signed)
        except (InvalidSignature, ValueError, NoteRefused):
            return False
        return True


def verifier_for(key: VerifierKey | str) -> NoteVerifier:
    """Return the verifier for a key or its text form; raises BadVerifierKey for other types."""
    known = VerifierKey.parse(key) if isinstance(key, str) else key
    match known.kind:
        case KeyType.ED25519:
            return Ed25519Verifier(known)
        case KeyType.COSIGNATURE_ED25519:
            return CosignatureVerifier(known)
        case KeyType.COSIGNATURE_ML_DSA_44:
            return MlDsaCosignatureVerifier(known)
        case _:
            raise BadVerifierKey(found=known.name, reason="keys of its type are not supported")


def cosignature_time(value: bytes) -> int:
    """Return the time of a cosignature, in seconds since 1970; 0 if it is cut short."""
    return int(unpack(">Q", value[:_TIME_BYTES])[0]) if len(value) >= _TIME_BYTES else 0


def cosigned_at(note: Note, key: VerifierKey) -> int | None:
    """Return the latest time at which `key` claims to have cosigned, in seconds, or None."""
    times = [cosignature_time(line.value) for line in note.signatures if line.by(key)]
    return max(times, default=None)


def _ed25519(public: bytes, signature: bytes, message: bytes) -> bool:
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def _cosigned(text: bytes, time: int) -> bytes:
    return b"cosignature/v1\ntime %d\n" % time + text


def _subtree(name: str, time: int, checkpoint: Checkpoint) -> bytes:
    witness, origin = name.encode(), checkpoint.origin.encode()
    return b"".join(
        (
            b"subtree/v1\n\x00",
            bytes([len(witness)]) + witness + pack(">Q", time),
            bytes([len(origin)]) + origin + pack(">QQ", 0, checkpoint.size),
            checkpoint.root,
        )
    )
