"""What both editions of OpenAttestation share: the Merkle proof, and who the issuer is."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from certs.records.ethsign import Recover, account_of, signer_of
from certs.records.identity import Identities, keys_in_dns, registered
from certs.records.model import Broken, Identity
from certs.records.pending import Owned, Pending, Place, Responded, Stored, Strange
from schemas.text import Text

_HASH: Final = re.compile(r"[0-9a-f]{64}")
_MAX_PROOF: Final = 64
_ADDRESS: Final = re.compile(r"0x[0-9a-fA-F]{40}")


@dataclass(frozen=True, slots=True, kw_only=True)
class Issuer:
    """How one issuer says it can be identified.

    `method` is DNS-TXT, DNS-DID or DID; `location` the domain; `key` the DID key; `contract` the
    registry or store that DNS-TXT must name; `chain_id` the chain it must be on (0 = any).
    """

    method: str
    location: str = ""
    key: str = ""
    did: str = ""
    contract: str = ""
    chain_id: int = 0

    @property
    def name(self) -> str:
        """What identifies the issuer to people."""
        return self.location or self.key or self.did


@dataclass(frozen=True, slots=True)
class Signature:
    """A signature by a DID key over the Merkle root."""

    method: str
    value: str


@dataclass(frozen=True, slots=True)
class Found:
    """Whether an issuer is who it says; `chain_id` is where its domain says the contract is."""

    verdict: Identity
    why: Text
    chain_id: int = 0


def hashed(value: object, what: str) -> bytes:
    """Return 32 bytes out of hex; raises Broken."""
    if not isinstance(value, str) or not _HASH.fullmatch(value):
        raise Broken(f"The {what} is no hash.", f"{what} 不是散列值。")
    return bytes.fromhex(value)


def placed(target: bytes, root: bytes, proof: object) -> Place:
    """Return where a record is in its batch; raises Broken unless the proof leads to the root."""
    if not isinstance(proof, list) or len(proof) > _MAX_PROOF:
        raise Broken("The Merkle proof is malformed.", "默克尔证明格式错误。")
    found = Place(target, tuple(hashed(each, "proof node") for each in proof))
    if found.root != root:
        raise Broken("The Merkle proof does not lead to the root.", "默克尔证明与根散列不符。")
    return found


def signed_statuses(
    did: str, revocation: Mapping[str, object], place: Place, chain_id: int
) -> Iterator[Pending]:
    """Yield what is open about a record signed by a DID: its account, and its revocation."""
    kind, where = str(revocation.get("type", "")), str(revocation.get("location", ""))
    yield Owned(did=did)
    match kind:
        case "NONE":
            return
        case "REVOCATION_STORE":
            yield stored(where, place, chain_id, issues=False)
        case "OCSP_RESPONDER" if where:
            yield Responded(url=where, place=place)
        case _:
            yield Strange(kind=kind)


def stored(where: str, place: Place, chain_id: int, *, issues: bool) -> Stored | Strange:
    """Return that a store is to be asked; `issues`: it has to have issued the record as well."""
    if not is_address(where):
        return Strange(kind=where)
    return Stored(chain_id=chain_id, address=where, place=place, issues=issues)


def controlled(found: Found) -> bool | None:
    """Tell whether the register is the issuer's, as far as identifying the issuer showed."""
    return {Identity.VALID: True, Identity.INVALID: False}.get(found.verdict)


def is_address(value: str) -> bool:
    """Tell whether a text is an address of 20 bytes."""
    return _ADDRESS.fullmatch(value) is not None


def identify(
    issuer: Issuer,
    root: bytes,
    signatures: Sequence[Signature],
    identities: Identities,
    recover: Recover,
) -> Found:
    """Return whether the issuer is who it says, as far as the answers at hand tell."""
    match issuer.method:
        case "DNS-TXT":
            return _by_domain(issuer, identities)
        case "DNS-DID" | "DID":
            return _by_key(issuer, root, signatures, identities, recover)
    return _no("The record names no way to identify its issuer.", "该记录未说明如何识别签发方。")


def _by_domain(issuer: Issuer, identities: Identities) -> Found:
    if not issuer.location or not issuer.contract:
        return _no("Domain or contract is missing.", "缺少域名或合约地址。")
    records = identities.txt(issuer.location)
    if records is None:
        return Found(
            Identity.UNKNOWN,
            Text(f"Nobody answered for {issuer.location}.", f"无人答复 {issuer.location} 的查询。"),
        )
    for each in registered(records):
        if each.address == issuer.contract.lower() and issuer.chain_id in {0, each.chain_id}:
            why = Text(
                f"{issuer.location} names the contract {issuer.contract} as its own.",
                f"{issuer.location} 声明合约 {issuer.contract} 归其所有。",
            )
            return Found(Identity.VALID, why, each.chain_id)
    return _no(
        f"{issuer.location} does not name the contract {issuer.contract}.",
        f"{issuer.location} 未声明合约 {issuer.contract}。",
    )


def _by_key(
    issuer: Issuer,
    root: bytes,
    signatures: Sequence[Signature],
    identities: Identities,
    recover: Recover,
) -> Found:
    account = account_of(issuer.key)
    if account is None or (issuer.did and account_of(issuer.did) != account):
        return _no(
            "The issuer's key is no did:ethr of its own.", "签发方密钥不是其自身的 did:ethr。"
        )
    signed = any(
        each.method.lower() == issuer.key.lower()
        and signer_of(root, each.value, recover) == account
        for each in signatures
    )
    if not signed:
        return _no(f"{issuer.key} did not sign the record.", f"{issuer.key} 未签署该记录。")
    if issuer.method == "DID":
        return Found(
            Identity.VALID,
            Text(f"{issuer.key} signed the record.", f"{issuer.key} 签署了该记录。"),
        )
    records = identities.txt(issuer.location)
    if records is None:
        why = Text(
            f"Nobody answered for {issuer.location}.", f"无人答复 {issuer.location} 的查询。"
        )
        return Found(Identity.UNKNOWN, why)
    if issuer.key.lower() not in {key.lower() for key in keys_in_dns(records)}:
        return _no(
            f"{issuer.location} does not name the key {issuer.key}.",
            f"{issuer.location} 未声明密钥 {issuer.key}。",
        )
    why = Text(
        f"{issuer.key} signed the record, and {issuer.location} names it as its own.",
        f"{issuer.key} 签署了该记录,且 {issuer.location} 声明其归己所有。",
    )
    return Found(Identity.VALID, why)


def _no(en: str, zh: str) -> Found:
    return Found(Identity.INVALID, Text(en, zh))
