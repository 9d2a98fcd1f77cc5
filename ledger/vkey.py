"""Verifier keys of signed notes (C2SP signed-note).

    NAME+HEX(key id)+BASE64(type byte || public key)

The key id is the first four bytes of SHA-256(NAME || 0A || type byte || public key).
"""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from binascii import Error as BadBase64
from dataclasses import dataclass
from enum import IntEnum
from hashlib import sha256
from typing import Final

from ledger.errors import BadVerifierKey

_KEY: Final = re.compile(r"(?P<name>[^+]+)\+(?P<id>[0-9a-f]{8})\+(?P<key>[A-Za-z0-9+/]+={0,2})")


class KeyType(IntEnum):
    """The first byte of a key: what it signs, and how."""

    ED25519 = 1
    ECDSA = 2
    COSIGNATURE_ED25519 = 4
    RFC6962_HEAD = 5
    COSIGNATURE_ML_DSA_44 = 6


_LENGTHS: Final = {
    KeyType.ED25519: 32,
    KeyType.COSIGNATURE_ED25519: 32,
    KeyType.COSIGNATURE_ML_DSA_44: 1312,
}


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key under a name; `str()` gives its text form."""

    name: str
    kind: KeyType
    key: bytes

    @property
    def id(self) -> bytes:
        """The four bytes that mark the signatures of this key."""
        return sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.key).digest()[:4]

    def __str__(self) -> str:
        """Return the text form, without newline."""
        return f"{self.name}+{self.id.hex()}+{b64encode(bytes([self.kind]) + self.key).decode()}"

    @classmethod
    def parse(cls, text: str) -> VerifierKey:
        """Read the text form (one trailing newline allowed); raises BadVerifierKey."""
        found = _KEY.fullmatch(text.removesuffix("\n"))
        if found is None or not is_name(found["name"]):
            raise BadVerifierKey(found=_shown(text), reason="it is not NAME+ID+KEY")
        blob = decode_base64(found["key"])
        try:
            key = cls(found["name"], KeyType(blob[0]), blob[1:]) if blob else None
        except ValueError:
            key = None
        if key is None or len(key.key) != _LENGTHS.get(key.kind, len(key.key)):
            raise BadVerifierKey(found=_shown(text), reason="its type or length is unknown")
        if key.id.hex() != found["id"]:
            raise BadVerifierKey(found=_shown(text), reason="its id does not fit its key")
        return key


def _shown(text: str) -> str:
    """Return the beginning of a text that may be anything, fit for a terminal."""
    return ascii(text[:40])


def is_name(name: str) -> bool:
    """Tell whether a name may stand in a key: not empty, no spaces, no plus, printable."""
    return bool(name) and "+" not in name and name.isprintable() and not re.search(r"\s", name)


def decode_base64(text: str) -> bytes | None:
    """Return the bytes of standard padded base64, or None if it is not in its canonical form."""
    try:
        blob = b64decode(text, validate=True)
    except (BadBase64, ValueError):
        return None
    return blob if b64encode(blob).decode() == text else None
