"""The cryptosuite ecdsa-sd-2023: signed whole, shown whole or in part (W3C VC-DI-ECDSA 1.0).

A base proof is verified with ALL statements disclosed: each of its signatures is checked, not
only the mandatory ones. A proof that does not cover every statement is refused.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric import ec

from certs.algorithms import scheme_by_jose
from certs.errors import RecordRefused
from certs.records import disclosure, multikey, proofvalue, rdf
from certs.records.canonical import Labels, Relabel, canonical
from certs.records.disclosure import Groups
from certs.records.model import Broken
from certs.records.multikey import Multikey
from certs.records.pointers import select
from certs.records.strict import Json

NAME: Final = "ecdsa-sd-2023"
_BASE: Final = b"\xd9\x5d\x00"
_DERIVED: Final = b"\xd9\x5d\x01"
_SIGNATURE: Final = 64
_HMAC: Final = 32
_ES256: Final = scheme_by_jose("ES256")


@dataclass(frozen=True, slots=True)
class Base:
    """What an issuer's proof value holds."""

    signature: bytes
    key: Multikey
    hmac_key: bytes
    signatures: tuple[bytes, ...]
    pointers: tuple[str, ...]

    @classmethod
    def parse(cls, value: str) -> Base:
        """Read a base proof value; raises Broken."""
        match proofvalue.decode(value, _BASE):
            case [bytes(signature), bytes(key), bytes(secret), list(signatures), list(pointers)]:
                if len(secret) != _HMAC or not all(isinstance(each, str) for each in pointers):
                    raise _malformed()
                return cls(
                    signature,
                    multikey.from_raw(key),
                    secret,
                    _signatures(signatures),
                    tuple(pointers),
                )
        raise _malformed()

    def encode(self) -> str:
        """Return the proof value."""
        parts = [
            self.signature,
            self.key.raw,
            self.hmac_key,
            list(self.signatures),
            list(self.pointers),
        ]
        return proofvalue.encode(_BASE, parts)


@dataclass(frozen=True, slots=True)
class Derived:
    """What a holder's proof value holds; `labels` are canonical number to signed label."""

    signature: bytes
    key: Multikey
    signatures: tuple[bytes, ...]
    labels: Mapping[int, bytes]
    mandatory: tuple[int, ...]

    @classmethod
    def parse(cls, value: str) -> Derived:
        """Read a derived proof value; raises Broken."""
        match proofvalue.decode(value, _DERIVED):
            case [bytes(signature), bytes(key), list(signatures), dict(labels), list(mandatory)]:
                if not all(
                    isinstance(number, int) and isinstance(label, bytes) and len(label) == _HMAC
                    for number, label in labels.items()
                ):
                    raise _malformed()
                return cls(
                    signature,
                    multikey.from_raw(key),
                    _signatures(signatures),
                    labels,
                    disclosure.places(mandatory),
                )
        raise _malformed()

    def encode(self) -> str:
        """Return the proof value."""
        parts: list[Any] = [
            self.signature,
            self.key.raw,
            list(self.signatures),
            dict(self.labels),
            list(self.mandatory),
        ]
        return proofvalue.encode(_DERIVED, parts)


def is_base(value: str) -> bool:
    """Tell whether a proof value is an issuer's, which discloses everything."""
    return proofvalue.kind(value) == _BASE


def verify(document: Json, proof: Json, key: Multikey) -> None:
    """Raise Broken unless the proof covers every statement of the document (without proof)."""
    value = str(proof.get("proofValue", ""))
    if is_base(value):
        _verify_base(document, proof, Base.parse(value), key)
    else:
        _verify_derived(document, proof, Derived.parse(value), key)


def _verify_base(document: Json, proof: Json, base: Base, key: Multikey) -> None:
    groups = disclosure.group(document, _by_hmac(base.hmac_key), {"mandatory": base.pointers})
    mandatory = groups.chosen["mandatory"]
    rest = groups.without("mandatory")
    _check(key, base.signature, _signed(document, proof, base.key, mandatory))
    _check_each(base.key, base.signatures, rest)


def _verify_derived(document: Json, proof: Json, derived: Derived, key: Multikey) -> None:
    def relabel(names: Labels) -> Labels:
        return {old: _label(_known(derived.labels, new)) for old, new in names.items()}

    statements = canonical(rdf.dataset(rdf.expanded(document)), relabel).statements
    if any(place >= len(statements) for place in derived.mandatory):
        raise Broken("A mandatory statement is missing.", "缺少强制陈述。")
    mandatory = [statements[place] for place in derived.mandatory]
    taken = set(derived.mandatory)
    rest = [each for place, each in enumerate(statements) if place not in taken]
    _check(key, derived.signature, _signed(document, proof, derived.key, mandatory))
    _check_each(derived.key, derived.signatures, rest)


def _known(labels: Mapping[int, bytes], name: str) -> bytes:
    found = labels.get(int(name.removeprefix("c14n")))
    if found is None:
        raise Broken("A blank node has no signed label.", "空白节点没有已签名的标签。")
    return found


def _check(key: Multikey, signature: bytes, signed: bytes) -> None:
    if not _ES256.verify_raw(key.p256(), signature, signed):
        raise Broken("The issuer's signature does not fit.", "签发方签名不符。")


def _signed(document: Json, proof: Json, ephemeral: Multikey, mandatory: Sequence[str]) -> bytes:
    """What the issuer signs: the proof's options, the ephemeral key, what is mandatory."""
    options = disclosure.options(document, proof)
    return (
        hashlib.sha256(rdf.canonical_text(options)).digest()
        + ephemeral.raw
        + hashlib.sha256("".join(mandatory).encode()).digest()
    )


def _check_each(ephemeral: Multikey, signatures: Sequence[bytes], rest: Sequence[str]) -> None:
    """Every other statement has a signature of its own, in order, and none is left over."""
    if len(signatures) != len(rest):
        raise Broken(
            f"{len(rest)} statements stand against {len(signatures)} signatures.",
            f"{len(rest)} 条陈述对应 {len(signatures)} 个签名。",
        )
    public = ephemeral.p256()
    for statement, signature in zip(rest, signatures, strict=True):
        if not _ES256.verify_raw(public, signature, statement.encode()):
            raise Broken(
                f"A statement is not as it was signed: {statement.strip()}",
                f"某条陈述与签名时不符:{statement.strip()}",
            )


def sign(
    document: Json, proof: Json, key: ec.EllipticCurvePrivateKey, pointers: Sequence[str]
) -> Json:
    """Return the document with a base proof; `pointers` name what is always disclosed."""
    secret = secrets.token_bytes(_HMAC)
    ephemeral = ec.generate_private_key(ec.SECP256R1())
    public = multikey.of_p256(ephemeral.public_key())
    groups = disclosure.group(document, _by_hmac(secret), {"mandatory": tuple(pointers)})
    signed = _signed(document, proof, public, groups.chosen["mandatory"])
    base = Base(
        _ES256.sign_raw(key, signed),
        public,
        secret,
        tuple(_ES256.sign_raw(ephemeral, each.encode()) for each in groups.without("mandatory")),
        tuple(pointers),
    )
    return {**document, "proof": {**proof, "proofValue": base.encode()}}


def derive(document: Json, proof: Json, pointers: Sequence[str]) -> Json:
    """Return what a holder shows: the mandatory fields and those that `pointers` name.

    Raises RecordRefused for a proof that was derived already.
    """
    value = str(proof.get("proofValue", ""))
    if not is_base(value):
        raise RecordRefused(reason="only the issuer's base proof can be derived from")
    base = Base.parse(value)
    shown = select(document, [*base.pointers, *pointers])
    if shown is None:
        raise RecordRefused(reason="nothing is to be disclosed")
    groups = disclosure.group(
        document,
        _by_hmac(base.hmac_key),
        {
            "mandatory": base.pointers,
            "shown": (*base.pointers, *pointers),
        },
    )
    derived = Derived(
        base.signature,
        base.key,
        _kept(base.signatures, groups),
        _labels_for(shown, groups),
        groups.places("mandatory", within="shown"),
    )
    return {**shown, "proof": {**proof, "proofValue": derived.encode()}}


def _kept(signatures: Sequence[bytes], groups: Groups) -> tuple[bytes, ...]:
    shown = frozenset(groups.chosen["shown"])
    rest = groups.without("mandatory")
    return tuple(
        signature
        for statement, signature in zip(rest, signatures, strict=True)
        if statement in shown
    )


def _labels_for(shown: Json, groups: Groups) -> dict[int, bytes]:
    """Return how the blank nodes of what is shown, canonical by themselves, were signed."""
    return {
        int(name.removeprefix("c14n")): proofvalue.base64url(label.removeprefix("u"))
        for name, label in disclosure.matching_labels(shown, groups).items()
    }


def _by_hmac(secret: bytes) -> Relabel:
    def relabel(names: Labels) -> Labels:
        return {
            old: _label(hmac.digest(secret, new.encode(), "sha256")) for old, new in names.items()
        }

    return relabel


def _label(value: bytes) -> str:
    return "u" + proofvalue.base64url_text(value)


def _signatures(listed: Sequence[object]) -> tuple[bytes, ...]:
    found = tuple(each for each in listed if isinstance(each, bytes) and len(each) == _SIGNATURE)
    if len(found) != len(listed):
        raise _malformed()
    return found


def _malformed() -> Broken:
    return Broken("The proof value is malformed.", "证明值格式错误。")
