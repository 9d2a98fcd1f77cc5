"""Public keys as Multikey, DID documents, and did:key (W3C Controlled Identifiers 1.0)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from certs.records.model import Broken

_ALPHABET: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
P256: Final = b"\x80\x24"
BLS12381_G2: Final = b"\xeb\x01"
_SIZES: Final = {P256: 33, BLS12381_G2: 96}
_MAX: Final = 200
_KEY: Final = "did:key:"


@dataclass(frozen=True, slots=True)
class Multikey:
    """A key: its multicodec prefix (two bytes) and the raw public key."""

    kind: bytes
    public: bytes

    @property
    def raw(self) -> bytes:
        """Prefix and key, as proofs carry it."""
        return self.kind + self.public

    def p256(self) -> ec.EllipticCurvePublicKey:
        """Return the key for ECDSA over P-256; raises Broken for another kind."""
        if self.kind != P256:
            raise Broken("The key is not on P-256.", "该密钥不在 P-256 曲线上。")
        try:
            return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), self.public)
        except ValueError:
            raise Broken("The key is no point of P-256.", "该密钥不是 P-256 上的点。") from None


def of_p256(key: ec.EllipticCurvePublicKey) -> Multikey:
    """Return a P-256 key as Multikey."""
    return Multikey(P256, key.public_bytes(Encoding.X962, PublicFormat.CompressedPoint))


def from_raw(data: bytes) -> Multikey:
    """Return the key with its prefix; raises Broken."""
    kind, public = data[:2], data[2:]
    if _SIZES.get(kind) != len(public):
        raise Broken("The key is of no known kind.", "密钥类型未知。")
    return Multikey(kind, public)


def decode(text: str) -> Multikey:
    """Return the key in a publicKeyMultibase (base58btc); raises Broken."""
    if not text.startswith("z") or len(text) > _MAX:
        raise Broken("The key is not in base58btc.", "密钥不是 base58btc 编码。")
    return from_raw(base58_decode(text[1:]))


def encode(key: Multikey) -> str:
    """Return the publicKeyMultibase of a key."""
    return "z" + base58_encode(key.raw)


def document_of(did: str) -> Mapping[str, object] | None:
    """Return the document that a did:key stands for, None for other DIDs and for no key."""
    if not did.startswith(_KEY):
        return None
    name = did.removeprefix(_KEY)
    try:
        decode(name)
    except Broken:
        return None
    return did_document(did, name, name)


def did_document(did: str, fragment: str, multibase: str) -> dict[str, object]:
    """Return a DID document with one Multikey that may assert."""
    method = f"{did}#{fragment}"
    return {
        "@context": ["https://www.w3.org/ns/did/v1", "https://w3id.org/security/multikey/v1"],
        "id": did,
        "verificationMethod": [
            {
                "id": method,
                "type": "Multikey",
                "controller": did,
                "publicKeyMultibase": multibase,
            }
        ],
        "assertionMethod": [method],
    }


def asserting(document: Mapping[str, object], did: str, method: str) -> Multikey | None:
    """Return the key of a verification method that the DID's own document lets assert."""
    if document.get("id") != did:
        return None
    allowed = _listed(document, "assertionMethod")
    if method not in allowed and not any(
        isinstance(each, dict) and each.get("id") == method for each in allowed
    ):
        return None
    for each in [*_listed(document, "verificationMethod"), *allowed]:
        if not isinstance(each, dict) or each.get("id") != method:
            continue
        if each.get("controller") == did and "revoked" not in each:
            return decode(str(each.get("publicKeyMultibase", "")))
    return None


def _listed(document: Mapping[str, object], name: str) -> list[object]:
    value = document.get(name)
    return value if isinstance(value, list) else []


def base58_decode(text: str) -> bytes:
    """Return the bytes of base58btc text; raises Broken."""
    value = 0
    for letter in text:
        digit = _ALPHABET.find(letter)
        if digit < 0:
            raise Broken("The text is not base58btc.", "文本不是 base58btc 编码。")
        value = value * 58 + digit
    zeros = len(text) - len(text.lstrip("1"))
    return b"\x00" * zeros + value.to_bytes((value.bit_length() + 7) // 8, "big")


def base58_encode(data: bytes) -> str:
    """Return bytes as base58btc text."""
    value, text = int.from_bytes(data, "big"), ""
    while value:
        value, digit = divmod(value, 58)
        text = _ALPHABET[digit] + text
    zeros = len(data) - len(data.lstrip(b"\x00"))
    return "1" * zeros + text
