"""The chain account that pays for anchors: an own random secp256k1 key, never the log's."""

from __future__ import annotations

import os
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed, decode_dss_signature

from ledger.anchors.errors import AnchorRefused, BadChainKey
from ledger.anchors.secp256k1 import N, address_of, recover
from ledger.anchors.transaction import Transaction


@dataclass(frozen=True)
class Account:
    """Signs transactions; the key stays inside."""

    private: ec.EllipticCurvePrivateKey

    @classmethod
    def generate(cls) -> Account:
        """Return an account with a new random key."""
        return cls(ec.generate_private_key(ec.SECP256K1()))

    @classmethod
    def load(cls, path: Path, passphrase: bytes | None = None) -> Account:
        """Read a PKCS#8 PEM file; raises BadChainKey."""
        try:
            key = serialization.load_pem_private_key(path.read_bytes(), passphrase)
        except (OSError, ValueError, TypeError) as wrong:
            raise BadChainKey(where=str(path), reason=str(wrong)) from wrong
        if not isinstance(key, ec.EllipticCurvePrivateKey) or key.curve.name != "secp256k1":
            raise BadChainKey(where=str(path), reason="it is no secp256k1 key")
        return cls(key)

    def save(self, path: Path, passphrase: bytes | None = None) -> None:
        """Write the key as PKCS#8 PEM for its owner alone, encrypted under a passphrase."""
        protection: serialization.KeySerializationEncryption = serialization.NoEncryption()
        if passphrase is not None:
            protection = serialization.BestAvailableEncryption(passphrase)
        pem = self.private.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, protection
        )
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(pem)

    @cached_property
    def public(self) -> bytes:
        """The public key, 64 bytes x || y."""
        return self.private.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        )[1:]

    @cached_property
    def address(self) -> str:
        """The account's address (EIP-55)."""
        return address_of(self.public)

    def sign(self, transaction: Transaction) -> tuple[int, int, int]:
        """Return (r, s, parity) over a transaction."""
        return self.sign_digest(transaction.digest())

    def sign_digest(self, digest: bytes) -> tuple[int, int, int]:
        """Return (r, s, parity) over a 32-byte digest, s in the lower half (EIP-2).

        The nonce is derived from key and digest (RFC 6979): signing again gives the same bytes.
        """
        algorithm = ec.ECDSA(Prehashed(hashes.SHA256()), deterministic_signing=True)
        r, s = decode_dss_signature(self.private.sign(digest, algorithm))
        return normalised(digest, r, s, self.public)


def normalised(digest: bytes, r: int, s: int, public: bytes) -> tuple[int, int, int]:
    """Return (r, s, parity) of a signature as chains take it: s low, the parity that recovers.

    Raises AnchorRefused if the signature is not by the key `public` (64 bytes x || y).
    """
    low = min(s, N - s)
    for parity in (0, 1):
        if recover(digest, r, low, parity) == public:
            return r, low, parity
    raise AnchorRefused(reason="the signature does not recover the account's key")
