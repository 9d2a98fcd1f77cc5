"""W3C Verifiable Credentials 2.0 with a Data Integrity proof, as TrustVC issues them."""

from __future__ import annotations

from collections.abc import Mapping
from types import ModuleType
from typing import Final

from certs.records import bbs_sd, ecdsa_rdfc, ecdsa_sd, multikey, rdf, statuses
from certs.records.contexts import CREDENTIALS, TRANSFERABLE, UNDEFINED, known
from certs.records.identity import Identities, registered
from certs.records.model import (
    Broken,
    Checked,
    Claim,
    Identity,
    Integrity,
    Said,
    Token,
    Transferability,
)
from certs.records.multikey import Multikey
from certs.records.strict import Json, listed
from schemas.text import Text

_SUITES: Final[Mapping[str, ModuleType]] = {
    each.NAME: each for each in (ecdsa_rdfc, ecdsa_sd, bbs_sd)
}
_INTACT: Final = Text("Every statement is signed.", "每条陈述均已签名。")
TITLES: Final = frozenset(
    {"BillOfLading", "BillOfLadingCarrier", "WarehouseReceipt", "PromissoryNote"}
)


def is_form(record: Json) -> bool:
    """Tell whether a JSON object is such a credential."""
    listed = record.get("@context")
    return isinstance(listed, list) and CREDENTIALS in listed and "proof" in record


def check(record: Json, identities: Identities) -> Checked:
    """Return what can be said of a credential; nothing raises for a bad one."""
    document = {name: value for name, value in record.items() if name != "proof"}
    raw = record.get("proof")
    proof: Json = raw if isinstance(raw, dict) else {}
    issuer, name = _issuer(document)
    identity, key = _identified(issuer, proof, identities)
    integrity = _integrity(document, proof, key or _strangers(issuer, proof, identities))
    return Checked(
        form=f"vc-{proof.get('cryptosuite', '')}",
        integrity=Integrity(integrity.verdict),
        integrity_why=integrity.why,
        identity=Identity(identity.verdict),
        identity_why=identity.why,
        issuer=issuer,
        issuer_name=name,
        claim=_claim(document, proof, issuer, identities),
        valid_from=str(document.get("validFrom", "")),
        valid_until=str(document.get("validUntil", "")),
        pending=tuple(statuses.pending(document, issuer)),
        data=document,
    )


def _integrity(document: Json, proof: Json, key: Multikey | None) -> Said:
    try:
        _check_shape(document, proof)
        rdf.check_names(document)
        _suite(proof).verify(document, proof, _present(key))
    except Broken as broken:
        return Said(Integrity.INVALID, broken.why)
    return Said(Integrity.VALID, _INTACT)


def _present(key: Multikey | None) -> Multikey:
    if key is None:
        raise Broken(
            "The issuer's key is not known, so nothing can be verified.",
            "签发方密钥未知,无法验证。",
        )
    return key


def _check_shape(document: Json, proof: Json) -> None:
    contexts = document.get("@context")
    if not isinstance(contexts, list) or contexts[:1] != [CREDENTIALS]:
        raise Broken("It is no VC 2.0 credential.", "不是 VC 2.0 凭证。")
    if "VerifiableCredential" not in listed(document, "type"):
        raise Broken("It is no VerifiableCredential.", "不是可验证凭证。")
    if proof.get("type") != "DataIntegrityProof" or proof.get("proofPurpose") != "assertionMethod":
        raise Broken(
            "It has no Data Integrity proof that asserts.", "缺少用于断言的数据完整性证明。"
        )
    if not all(isinstance(value, str) for value in proof.values()):
        raise Broken("The proof is malformed.", "证明格式错误。")
    rdf.check_keys("proof", proof)


def _suite(proof: Json) -> ModuleType:
    name = str(proof.get("cryptosuite", ""))
    suite = _SUITES.get(name)
    if suite is None:
        raise Broken(f"The cryptosuite {name} is not supported.", f"不支持密码套件 {name}。")
    return suite


def is_whole(proof: Json) -> bool:
    """Tell whether the proof is one that leaves nothing out."""
    suite = _SUITES.get(str(proof.get("cryptosuite", "")))
    return suite is not None and suite.is_base(str(proof.get("proofValue", "")))


def _issuer(document: Json) -> tuple[str, str]:
    issuer = document.get("issuer")
    if isinstance(issuer, dict):
        return str(issuer.get("id", "")), str(issuer.get("name", ""))
    return str(issuer or ""), ""


def _identified(issuer: str, proof: Json, identities: Identities) -> tuple[Said, Multikey | None]:
    """Return whether the issuer's own document lets the proof's key assert, and that key."""
    method = str(proof.get("verificationMethod", ""))
    document = identities.did_document(issuer)
    if document is None:
        why = Text(f"Nobody answered for {issuer}.", f"无人答复 {issuer} 的查询。")
        return Said(Identity.UNKNOWN, why), None
    if not document:
        why = Text(f"{issuer} does not resolve.", f"无法解析 {issuer}。")
        return Said(Identity.INVALID, why), None
    try:
        key = multikey.asserting(document, issuer, method)
    except Broken as broken:
        return Said(Identity.INVALID, broken.why), None
    if key is None:
        why = Text(
            f"{issuer} does not let {method} assert.", f"{issuer} 未授权 {method} 用于断言。"
        )
        return Said(Identity.INVALID, why), None
    why = Text(f"{issuer} names the key {method}.", f"{issuer} 声明了密钥 {method}。")
    return Said(Identity.VALID, why), key


def _strangers(issuer: str, proof: Json, identities: Identities) -> Multikey | None:
    """Return the key of a proof by another than the issuer: intact it may be, though not theirs."""
    method = str(proof.get("verificationMethod", ""))
    did = method.partition("#")[0]
    document = None if did == issuer else identities.did_document(did)
    try:
        return multikey.asserting(document, did, method) if document else None
    except Broken:
        return None


def _claim(document: Json, proof: Json, issuer: str, identities: Identities) -> Claim:
    """Return what the credential says of its title.

    A base proof shows everything, so that no status means no title; of a derived one nobody can
    tell what was left out.
    """
    try:
        token = statuses.token(document)
    except Broken:
        return Claim()
    if token is None:
        none = is_whole(proof) or not _may_be_title(document)
        return Claim(Transferability.NONE if none else Transferability.STRIPPED)
    return Claim(Transferability.TOKEN, token, _controlled(issuer, token, identities))


def _may_be_title(document: Json) -> bool:
    """Tell whether a part of a credential can be that of a title, by what it says it is about.

    What it says nothing of, or in terms that are not ours, may be one.
    """
    subject = document.get("credentialSubject")
    named = listed(subject, "type") if isinstance(subject, dict) else []
    said = listed(document, "@context")
    if not all(isinstance(each, str) for each in (*named, *said)):
        return True
    ours = set(said) <= set(known()) - {TRANSFERABLE, UNDEFINED}
    return not named or not ours or any(each in TITLES for each in named)


def _controlled(issuer: str, token: Token, identities: Identities) -> bool | None:
    """Whether the domain of a did:web names the registry as its own (as DNS-TXT of OA does).

    None when its DNS says nothing of registries: then only the signature ties them together.
    """
    if not issuer.startswith("did:web:"):
        return None
    named = list(registered(identities.txt(_domain(issuer)) or ()))
    if not named:
        return None
    return any(
        each.address == token.registry.lower() and each.chain_id == token.chain_id for each in named
    )


def _domain(did: str) -> str:
    from urllib.parse import unquote

    return unquote(did.split(":")[2]).partition(":")[0]
