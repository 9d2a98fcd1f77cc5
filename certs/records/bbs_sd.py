"""The cryptosuite bbs-2023, verified: base proofs whole, derived ones as shown (VC-DI-BBS 1.0)."""

from __future__ import annotations

import hashlib
import hmac
from typing import Final

from certs.records import bbs, disclosure, multikey, proofvalue, rdf
from certs.records.canonical import Labels, Relabel, canonical
from certs.records.model import Broken
from certs.records.multikey import Multikey
from certs.records.strict import Json

NAME: Final = "bbs-2023"
_BASE: Final = b"\xd9\x5d\x02"
_DERIVED: Final = b"\xd9\x5d\x03"
_HMAC: Final = 32


def is_base(value: str) -> bool:
    """Tell whether a proof value is an issuer's, which discloses everything."""
    return proofvalue.kind(value) == _BASE


def verify(document: Json, proof: Json, key: Multikey) -> None:
    """Raise Broken unless the proof covers every statement of the document (without proof)."""
    if key.kind != multikey.BLS12381_G2:
        raise Broken("The key is not on BLS12-381.", "该密钥不在 BLS12-381 曲线上。")
    value = str(proof.get("proofValue", ""))
    if is_base(value):
        _verify_base(document, proof, value, key)
    else:
        _verify_derived(document, proof, value, key)


def _verify_base(document: Json, proof: Json, value: str, key: Multikey) -> None:
    match proofvalue.decode(value, _BASE):
        case [bytes(signature), bytes(header), bytes(public), bytes(secret), list(pointers)]:
            if len(secret) != _HMAC or not all(isinstance(each, str) for each in pointers):
                raise _malformed()
        case _:
            raise _malformed()
    if public != key.public:
        raise Broken("The proof names another key.", "证明指明的是另一密钥。")
    groups = disclosure.group(document, _shuffled(secret), {"mandatory": pointers})
    expected = _header(document, proof, groups.chosen["mandatory"])
    if header != expected:
        raise Broken("The mandatory statements do not fit.", "强制陈述不符。")
    messages = [each.encode() for each in groups.without("mandatory")]
    bbs.verify(key.public, signature, expected, messages)


def _verify_derived(document: Json, proof: Json, value: str, key: Multikey) -> None:
    match proofvalue.decode(value, _DERIVED):
        case [bytes(shown), dict(labels), list(mandatory), list(selective), bytes(presentation)]:
            fixed, chosen = disclosure.places(mandatory), disclosure.places(selective)
        case _:
            raise _malformed()

    def relabel(names: Labels) -> Labels:
        return {old: f"b{_number(labels, new)}" for old, new in names.items()}

    statements = canonical(rdf.dataset(rdf.expanded(document)), relabel).statements
    if any(place >= len(statements) for place in fixed):
        raise Broken("A mandatory statement is missing.", "缺少强制陈述。")
    taken = set(fixed)
    rest = [each.encode() for place, each in enumerate(statements) if place not in taken]
    if len(rest) != len(chosen):
        raise Broken("The statements do not fit the proof.", "陈述与证明不符。")
    header = _header(document, proof, [statements[place] for place in fixed])
    disclosed = dict(zip(chosen, rest, strict=True))
    bbs.verify_proof(key.public, shown, header, presentation, disclosed)


def _header(document: Json, proof: Json, mandatory: list[str] | tuple[str, ...]) -> bytes:
    options = rdf.canonical_text(disclosure.options(document, proof))
    return hashlib.sha256(options).digest() + hashlib.sha256("".join(mandatory).encode()).digest()


def _number(labels: dict[object, object], name: str) -> int:
    found = labels.get(int(name.removeprefix("c14n")))
    if not isinstance(found, int) or isinstance(found, bool) or found < 0:
        raise Broken("A blank node has no signed label.", "空白节点没有已签名的标签。")
    return found


def _shuffled(secret: bytes) -> Relabel:
    """Blank nodes are numbered in the order of their keyed digests."""

    def relabel(names: Labels) -> Labels:
        keyed = {
            old: proofvalue.base64url_text(hmac.digest(secret, new.encode(), "sha256"))
            for old, new in names.items()
        }
        order = {value: number for number, value in enumerate(sorted(keyed.values()))}
        return {old: f"b{order[value]}" for old, value in keyed.items()}

    return relabel


def _malformed() -> Broken:
    return Broken("The proof value is malformed.", "证明值格式错误。")
