"""OpenAttestation 3.0: read and verified, never issued.

Its digest leaves out leaves with an empty value (0, false, "", null), so such a leaf could be
changed into another of them unseen. A record that has one is therefore not called intact.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterator
from typing import Final

from certs.records import attested
from certs.records.attested import Found, Issuer, Signature
from certs.records.ethsign import Recover
from certs.records.identity import Identities
from certs.records.model import (
    Broken,
    Checked,
    Claim,
    Integrity,
    Token,
    Transferability,
)
from certs.records.pending import Pending, Place, Strange
from certs.records.strict import Json, number, stringify
from schemas.keccak import keccak256
from schemas.text import Text

VERSION: Final = "https://schema.openattestation.com/3.0/schema.json"
FORM: Final = "openattestation-3"
_PROOF: Final = "OpenAttestationMerkleProofSignature2018"
_INTACT: Final = Text("Every leaf is as it was wrapped.", "每个叶子均与封装时一致。")


def is_form(record: Json) -> bool:
    """Tell whether a JSON object is such a record."""
    return record.get("version") == VERSION and "openAttestationMetadata" in record


def check(record: Json, identities: Identities, recover: Recover) -> Checked:
    """Return what can be said of a record; nothing raises for a bad one."""
    proof = _object(record, "proof")
    said = {name: value for name, value in record.items() if name != "proof"}
    issuer, method = _issuer(record)
    integrity, why = Integrity.VALID, _INTACT
    place, root = None, b""
    try:
        place = _intact(said, proof)
        root = place.root
    except Broken as broken:
        integrity, why = Integrity.INVALID, broken.why
    signatures = [Signature(str(proof.get("key", "")), str(proof.get("signature", "")))]
    found = attested.identify(issuer, root, signatures, identities, recover)
    named = _object(record, "issuer")
    return Checked(
        form=FORM,
        integrity=integrity,
        integrity_why=why,
        identity=found.verdict,
        identity_why=found.why,
        issuer=issuer.name,
        issuer_name=str(named.get("name", "")),
        claim=_claim(method, issuer, proof, root, found),
        pending=() if place is None else tuple(_pending(record, method, issuer, place, found)),
        data=said,
    )


def _claim(method: str, issuer: Issuer, proof: Json, root: bytes, found: Found) -> Claim:
    if method == "TOKEN_REGISTRY":
        if proof.get("targetHash") != root.hex() or not attested.is_address(issuer.contract):
            return Claim()
        token = Token(issuer.chain_id or found.chain_id, issuer.contract, root)
        return Claim(Transferability.TOKEN, token, attested.controlled(found))
    if method in {"DOCUMENT_STORE", "DID"}:
        return Claim(Transferability.NONE)
    return Claim()


def _pending(
    record: Json, method: str, issuer: Issuer, place: Place, found: Found
) -> Iterator[Pending]:
    """Yield what stores, responders and registries of DIDs keep; a title's registry keeps all."""
    chain_id = issuer.chain_id or found.chain_id
    match method:
        case "TOKEN_REGISTRY":
            return
        case "DOCUMENT_STORE":
            yield attested.stored(issuer.contract, place, chain_id, issues=True)
        case "DID":
            named = _object(_object(record, "openAttestationMetadata"), "proof")
            revocation = _object(named, "revocation")
            yield from attested.signed_statuses(issuer.did, revocation, place, chain_id)
        case _:
            yield Strange(kind=method)


def _intact(said: Json, proof: Json) -> Place:
    if proof.get("type") != _PROOF:
        raise Broken("The proof is of no known type.", "证明类型未知。")
    salts = _salts(proof.get("salts"))
    privacy = _object(proof, "privacy")
    obfuscated = privacy.get("obfuscated", [])
    if not isinstance(obfuscated, list):
        raise Broken("The redactions are malformed.", "隐去数据格式错误。")
    hashes = [attested.hashed(each, "redacted leaf").hex() for each in obfuscated]
    for path, leaf in _leaves(said):
        if path not in salts:
            raise Broken(f"The leaf {path} has no salt.", f"叶子 {path} 没有盐值。")
        salted = stringify({path: f"{salts[path]}:{_written(leaf)}"})
        hashes.append(keccak256(salted.encode()).hex())
    target = attested.hashed(proof.get("targetHash"), "target hash")
    if keccak256(stringify(sorted(hashes)).encode()) != target:
        raise Broken("The data does not give the target hash.", "由数据计算的散列与目标散列不符。")
    root = attested.hashed(proof.get("merkleRoot"), "Merkle root")
    return attested.placed(target, root, proof.get("proofs", []))


def _salts(encoded: object) -> dict[str, str]:
    try:
        listed = json.loads(base64.b64decode(str(encoded), validate=True))
        found = {str(each["path"]): str(each["value"]) for each in listed}
    except (binascii.Error, ValueError, TypeError, KeyError):
        raise Broken("The salts cannot be read.", "无法读取盐值。") from None
    if len(found) != len(listed):
        raise Broken("A salt is there twice.", "盐值重复。")
    return found


def _leaves(value: object, path: str = "") -> Iterator[tuple[str, object]]:
    """Yield path and leaf; raises Broken for a leaf that the digest does not cover."""
    if not value:
        raise Broken(
            f"The digest does not cover {path}, which is empty.", f"散列未覆盖空值字段 {path}。"
        )
    if isinstance(value, dict):
        for name, child in value.items():
            if not name or any(mark in name for mark in ".[]"):
                raise Broken(f"The name {name!r} is ambiguous.", f"名称 {name!r} 有歧义。")
            yield from _leaves(child, f"{path}.{name}" if path else name)
    elif isinstance(value, list):
        for index, child in enumerate(value):
            yield from _leaves(child, f"{path}[{index}]")
    else:
        yield path, value


def _written(leaf: object) -> str:
    match leaf:
        case bool():
            return "true"
        case int() | float():
            return number(leaf)
    return str(leaf)


def _issuer(record: Json) -> tuple[Issuer, str]:
    metadata = _object(record, "openAttestationMetadata")
    method, identity = _object(metadata, "proof"), _object(metadata, "identityProof")
    kind, identifier = str(identity.get("type", "")), str(identity.get("identifier", ""))
    value = str(method.get("value", ""))
    by_did = method.get("method") == "DID"
    network = str(_object(record, "network").get("chainId", ""))
    return (
        Issuer(
            method=kind,
            location="" if kind == "DID" else identifier,
            key=f"{value}#controller" if by_did else "",
            did=value if by_did else "",
            contract="" if by_did else value,
            chain_id=int(network) if network.isascii() and network.isdigit() else 0,
        ),
        str(method.get("method", "")),
    )


def _object(record: Json, name: str) -> Json:
    value = record.get(name)
    return value if isinstance(value, dict) else {}
