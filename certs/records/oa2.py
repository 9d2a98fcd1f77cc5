"""OpenAttestation 2.0, read and verified.

`data` holds salted leaves; `signature` their target hash and its way to the Merkle root. A title
record is never in a batch: its token id is the target hash itself.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from certs.records import attested, salted
from certs.records.attested import Issuer, Signature
from certs.records.ethsign import Recover
from certs.records.identity import Identities
from certs.records.model import (
    Broken,
    Checked,
    Claim,
    Identity,
    Integrity,
    Token,
    Transferability,
)
from certs.records.pending import Pending, Place
from certs.records.strict import Json
from schemas.text import Text

VERSION: Final = "https://schema.openattestation.com/2.0/schema.json"
FORM: Final = "openattestation-2"
_STORES: Final = ("documentStore", "certificateStore")
_PROOF: Final = "OpenAttestationSignature2018"
_INTACT: Final = Text("Every leaf is as it was wrapped.", "每个叶子均与封装时一致。")


def is_form(record: Json) -> bool:
    """Tell whether a JSON object is such a record."""
    return record.get("version") == VERSION and "data" in record


def check(record: Json, identities: Identities, recover: Recover) -> Checked:
    """Return what can be said of a record; nothing raises for a bad one."""
    data = record.get("data")
    plain = salted.unsalted(data)
    said = plain if isinstance(plain, dict) else {}
    issuers = _issuers(said)
    integrity, why = Integrity.VALID, _INTACT
    place = None
    try:
        place = _intact(record)
        root = place.root
    except Broken as broken:
        integrity, why, root = Integrity.INVALID, broken.why, _claimed_root(record)
    identity = _identified(issuers, root, _signatures(record), identities, recover)
    return Checked(
        form=FORM,
        integrity=integrity,
        integrity_why=why,
        identity=identity.verdict,
        identity_why=identity.why,
        issuer=issuers[0].name if issuers else "",
        issuer_name=_name(said),
        claim=_claim(record, said, issuers, root, identity),
        pending=() if place is None else tuple(_pending(said, place, identity.chain_id)),
        data=plain,
    )


def _intact(record: Json) -> Place:
    """Return where it is in its batch; raises Broken unless data, target hash and proof agree."""
    data, signature = record.get("data"), record.get("signature")
    if not isinstance(data, dict) or not isinstance(signature, dict):
        raise Broken("Data or signature is missing.", "缺少数据或签名。")
    if signature.get("type") != "SHA3MerkleProof":
        raise Broken("The signature is of no known type.", "签名类型未知。")
    privacy = record.get("privacy", {})
    obfuscated = privacy.get("obfuscatedData", []) if isinstance(privacy, dict) else None
    if not isinstance(obfuscated, list):
        raise Broken("The redactions are malformed.", "隐去数据格式错误。")
    target = attested.hashed(signature.get("targetHash"), "target hash")
    if salted.digest(data, obfuscated) != target:
        raise Broken("The data does not give the target hash.", "由数据计算的散列与目标散列不符。")
    root = attested.hashed(signature.get("merkleRoot"), "Merkle root")
    return attested.placed(target, root, signature.get("proof", []))


def _claimed_root(record: Json) -> bytes:
    signature = record.get("signature")
    claimed = signature.get("merkleRoot") if isinstance(signature, dict) else None
    try:
        return attested.hashed(claimed, "Merkle root")
    except Broken:
        return b""


def _issuers(said: Json) -> list[Issuer]:
    chain_id = _chain_id(said)
    return [_issuer(each, chain_id) for each in _named(said)]


def _issuer(said: Json, chain_id: int) -> Issuer:
    proof = said.get("identityProof")
    proof = proof if isinstance(proof, dict) else {}
    contracts = [_text(said, name) for name in ("tokenRegistry", *_STORES) if name in said]
    return Issuer(
        method=_text(proof, "type"),
        location=_text(proof, "location"),
        key=_text(proof, "key"),
        did=_text(said, "id"),
        contract=contracts[0] if len(contracts) == 1 else "",
        chain_id=chain_id,
    )


def _identified(
    issuers: Sequence[Issuer],
    root: bytes,
    signatures: Sequence[Signature],
    identities: Identities,
    recover: Recover,
) -> attested.Found:
    """Every issuer must be identified; the worst answer counts."""
    if not issuers:
        why = Text("The record names no issuer.", "该记录未指明签发方。")
        return attested.Found(Identity.INVALID, why)
    found = [attested.identify(each, root, signatures, identities, recover) for each in issuers]
    for verdict in (Identity.INVALID, Identity.UNKNOWN):
        for each in found:
            if each.verdict is verdict:
                return each
    return found[0]


def _signatures(record: Json) -> list[Signature]:
    listed = record.get("proof")
    return [
        Signature(_text(each, "verificationMethod"), _text(each, "signature"))
        for each in (listed if isinstance(listed, list) else [])
        if isinstance(each, dict) and each.get("type") == _PROOF
    ]


def _claim(
    record: Json, said: Json, issuers: Sequence[Issuer], root: bytes, found: attested.Found
) -> Claim:
    """Return what the record says of its title: one issuer, one register, never a batch."""
    raw = _named(said)
    if len(raw) != 1:
        return Claim()
    if "tokenRegistry" in raw[0]:
        signature = record.get("signature")
        alone = isinstance(signature, dict) and signature.get("targetHash") == root.hex()
        registry = issuers[0].contract
        if not alone or not attested.is_address(registry):
            return Claim()
        return Claim(
            Transferability.TOKEN,
            Token(issuers[0].chain_id or found.chain_id, registry, root),
            attested.controlled(found),
        )
    if "id" in raw[0] or any(name in raw[0] for name in _STORES):
        return Claim(Transferability.NONE)
    return Claim()


def _named(said: Json) -> list[Json]:
    listed = said.get("issuers")
    return [each for each in listed if isinstance(each, dict)] if isinstance(listed, list) else []


def _pending(said: Json, place: Place, chain_id: int) -> Iterator[Pending]:
    """Yield what stores, responders and registries keep; `chain_id` is the domain's word."""
    chain_id = _chain_id(said) or chain_id
    for each in _named(said):
        for store in (name for name in _STORES if name in each):
            yield attested.stored(_text(each, store), place, chain_id, issues=True)
        if "id" in each:
            revocation = each.get("revocation")
            revocation = revocation if isinstance(revocation, dict) else {}
            yield from attested.signed_statuses(_text(each, "id"), revocation, place, chain_id)


def _chain_id(said: Json) -> int:
    network = said.get("network")
    text = str(network.get("chainId", "")) if isinstance(network, dict) else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) < 20 else 0  # noqa: PLR2004 - 64 bits


def _name(said: Json) -> str:
    named = _named(said)
    return _text(named[0], "name") if named else ""


def _text(said: Mapping[str, object], name: str) -> str:
    value = said.get(name)
    return value if isinstance(value, str) else ""
