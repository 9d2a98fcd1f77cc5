"""Keys in a folder: `NAME.key.pem` (PKCS#8, encrypted) beside `NAME.cert.pem` (chain, leaf first).

A key that is kept elsewhere has `NAME.key.uri` instead (see `certs.custody`). The secret that
opens them is never written down here; it is given by reference, `env:NAME` or `file:PATH`.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from cryptography.exceptions import UnsupportedAlgorithm as UnsupportedKey
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from certs.algorithms import ExternalKey, PrivateKey, PublicKey, Scheme, default_scheme
from certs.custody import open_key
from certs.errors import KeyExists, KeyNotFound, KeyUnreadable
from certs.secrets import read_secret
from certs.sm2 import Sm2PrivateKey, Sm2PublicKey
from certs.sm2.files import load_pem as load_sm2
from certs.sm2.files import to_pem as sm2_to_pem
from certs.x509 import certificate as certificates
from certs.x509.certificate import Certificate

__all__ = ["OPENED_BY", "KeyStore", "SigningKey", "open_files", "read_secret", "spki"]

_KEY: Final = ".key.pem"
_URI: Final = ".key.uri"
_CHAIN: Final = ".cert.pem"
OPENED_BY: Final = "env:SILKGATE_KEY_SECRET"
_NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


@dataclass(frozen=True, slots=True, eq=False)
class SigningKey:
    """A private key with its certificate chain, leaf first; the anchor need not be in it."""

    private: PrivateKey
    chain: tuple[Certificate, ...]
    name: str = ""

    @property
    def certificate(self) -> Certificate:
        """The certificate of this very key."""
        return self.chain[0]

    @property
    def scheme(self) -> Scheme:
        """The scheme this key signs with in XML and CMS."""
        return default_scheme(self.private)


class KeyStore:
    """The keys of one gateway in one folder; each is decrypted once per process."""

    def __init__(self, folder: Path, secret: str = OPENED_BY) -> None:
        """Use the keys in `folder`, opened with the secret that `secret` refers to ('' = none)."""
        self.folder = folder
        self._secret = secret
        self._loaded: dict[str, SigningKey] = {}

    def names(self) -> list[str]:
        """Return the names of the keys, sorted."""
        return sorted(
            path.name.removesuffix(suffix)
            for suffix in (_KEY, _URI)
            for path in self.folder.glob(f"*{suffix}")
        )

    def load(self, ref: str) -> SigningKey:
        """Return the key named `ref`.

        Raises KeyNotFound, SecretMissing, or KeyUnreadable (damaged, other secret, certificate
        of another key).
        """
        found = self._loaded.get(ref)
        if found is None:
            found = self._loaded[ref] = self._open(ref)
        return found

    def attach(self, name: str, uri: str, chain: Sequence[Certificate]) -> SigningKey:
        """Keep the name of a key that stays elsewhere, with its chain; raises as `load`."""
        self._vacant(name)
        key = _outside(uri, tuple(chain), name)
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.chain_file(name).write_bytes(b"".join(each.pem for each in chain))
        self._place(name, _URI).write_text(f"{uri}\n", "utf-8")
        self._loaded[name] = key
        return key

    def _vacant(self, name: str) -> None:
        if self.key_file(name).exists() or self._place(name, _URI).exists():
            raise KeyExists(ref=name, where=str(self.folder))

    def save(self, key: SigningKey) -> SigningKey:
        """Write a key and its chain, readable by the owner only; raises KeyExists."""
        path = self.key_file(key.name)
        self._vacant(key.name)
        secret = read_secret(self._secret) if self._secret else b""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        encoded = _encode(key.private, secret)
        self.chain_file(key.name).write_bytes(b"".join(each.pem for each in key.chain))
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            out.write(encoded)
        self._loaded[key.name] = key
        return key

    def reload(self) -> list[str]:
        """Open anew the keys in use whose certificates were replaced; return their names.

        All of them or none: raises as `load` does, and then every key stays as it was.
        """
        used = dict(self._loaded)
        fresh = {ref: self._open(ref) for ref, key in used.items() if self._replaced(ref, key)}
        self._loaded = {**used, **fresh}
        return sorted(fresh)

    def _replaced(self, ref: str, key: SigningKey) -> bool:
        """Tell whether another certificate lies in the folder; raises KeyNotFound for none."""
        chain = self.chain_file(ref)
        if not chain.is_file():
            raise KeyNotFound(ref=ref, where=str(self.folder))
        return certificates.load_all(chain.read_bytes()) != key.chain

    def forget(self) -> None:
        """Read every key anew when it is next asked for."""
        self._loaded.clear()

    def key_file(self, name: str) -> Path:
        """Return where the private key of this name lies (for servers that open it themselves)."""
        return self._place(name, _KEY)

    def chain_file(self, name: str) -> Path:
        """Return where the certificate chain of this name lies."""
        return self._place(name, _CHAIN)

    def _place(self, name: str, suffix: str) -> Path:
        if not _NAME.fullmatch(name):
            raise KeyNotFound(ref=name, where=str(self.folder))
        return self.folder / f"{name}{suffix}"

    def _open(self, ref: str) -> SigningKey:
        path, chain, uri = self.key_file(ref), self.chain_file(ref), self._place(ref, _URI)
        if uri.is_file() and chain.is_file():
            found = certificates.load_all(chain.read_bytes())
            return _outside(uri.read_text("utf-8").strip(), found, ref)
        if not path.is_file() or not chain.is_file():
            raise KeyNotFound(ref=ref, where=str(self.folder))
        return open_files(path, chain, self._secret, name=ref)


def _outside(uri: str, chain: tuple[Certificate, ...], name: str) -> SigningKey:
    """Return a key kept elsewhere; raises KeyUnreadable when the chain is not its own."""
    private = open_key(uri)
    if spki(private.public_key()) != chain[0].spki:
        raise KeyUnreadable(ref=name, reason="the certificate belongs to another key")
    return SigningKey(private, chain, name)


def open_files(key_file: Path, chain_file: Path, secret: str = "", *, name: str = "") -> SigningKey:
    """Return the key in two PEM files; `secret` refers to what opens it ('' = not encrypted).

    Raises KeyNotFound, SecretMissing, MalformedCertificate, or KeyUnreadable.
    """
    ref = name or key_file.name
    for path in (key_file, chain_file):
        if not path.is_file():
            raise KeyNotFound(ref=path.name, where=str(path.parent))
    private = _decode(key_file.read_bytes(), read_secret(secret) if secret else None, ref)
    key = SigningKey(private, certificates.load_all(chain_file.read_bytes()), name)
    if spki(private.public_key()) != key.certificate.spki:
        raise KeyUnreadable(ref=ref, reason="the certificate belongs to another key")
    return key


def open_private(key_file: Path, secret: str = "") -> PrivateKey:
    """Return the private key in one PEM file; raises KeyNotFound, SecretMissing, KeyUnreadable."""
    if not key_file.is_file():
        raise KeyNotFound(ref=key_file.name, where=str(key_file.parent))
    password = read_secret(secret) if secret else None
    return _decode(key_file.read_bytes(), password, key_file.name)


def _decode(pem: bytes, password: bytes | None, ref: str) -> PrivateKey:
    """Return the private key in `pem`; raises KeyUnreadable."""
    try:
        private = load_pem_private_key(pem, password)
    except UnsupportedKey:  # SM2, which the library knows not
        return _decode_sm2(pem, password, ref)
    except (ValueError, TypeError) as error:
        raise KeyUnreadable(ref=ref, reason="the secret or the file is wrong") from error
    if not isinstance(
        private, (ec.EllipticCurvePrivateKey, ed25519.Ed25519PrivateKey, rsa.RSAPrivateKey)
    ):
        raise KeyUnreadable(ref=ref, reason="this type of key does not sign here")
    return private


def _decode_sm2(pem: bytes, password: bytes | None, ref: str) -> Sm2PrivateKey:
    try:
        return load_sm2(pem, password)
    except KeyUnreadable as error:
        raise KeyUnreadable(ref=ref, reason=str(error.details["reason"])) from error


def _encode(private: PrivateKey, password: bytes) -> bytes:
    """Return the key as PEM, encrypted when there is a password."""
    if isinstance(private, Sm2PrivateKey):
        return sm2_to_pem(private, password)
    if isinstance(private, ExternalKey):
        raise KeyUnreadable(ref="key", reason="it stays where it is and cannot be written here")
    encrypted = BestAvailableEncryption(password) if password else NoEncryption()
    return private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encrypted)


def spki(key: PublicKey) -> bytes:
    """Return the DER of the SubjectPublicKeyInfo of a public key."""
    if isinstance(key, Sm2PublicKey):
        return key.spki
    return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
