"""From a transport document to a record of title: OpenAttestation 2.0 or a VC 2.0 credential.

Both say where their title is kept. An OpenAttestation record holds the whole transport document
under `transportDocument`, beside the few fields that TradeTrust's renderers know. A credential
holds those fields, and the digest of the transport document as a related resource.
"""

from __future__ import annotations

import base64
import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric import ec

import adapters
from certs.errors import RecordRefused
from certs.records import ecdsa_sd, wrapping
from certs.records.contexts import CREDENTIALS, DATA_INTEGRITY, TRANSFERABLE
from certs.records.model import Broken
from gateway.lading.errors import NotReadyToIssue
from schemas import rules
from schemas.clock import iso
from schemas.finding import Flag
from schemas.jcs import canonical_any
from schemas.keccak import checksummed

_SUBJECT: Final = "trustvc-bl"
_FORMAT: Final = "dcsa-ebl"
_WHOLE: Final = "transportDocument"
_RENDER: Final = "https://trustvc.io/context/render-method-context-v2.json"
_BILL: Final = "https://trustvc.io/context/bill-of-lading.json"
_SHA_256: Final = b"\x12\x20"
"""The head of a multihash of SHA-256."""
_TEMPLATE: Final = "BILL_OF_LADING"
_EMBEDDED: Final = "EMBEDDED_RENDERER"
_ALWAYS: Final = (
    "/issuer",
    "/validFrom",
    "/credentialStatus",
    "/relatedResource",
    "/renderMethod",
)
"""What every holder must show. The status is among them: without it a title is unknown."""

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Register:
    """The token registry that keeps the title."""

    chain_id: int
    address: str
    chain: str = "FREE"

    @property
    def checked(self) -> str:
        """The address with the capitals of EIP-55."""
        return checksummed(bytes.fromhex(self.address.removeprefix("0x")))

    @property
    def dns_record(self) -> str:
        """What the issuer's domain must say of it (TXT)."""
        return f"openatts net=ethereum netId={self.chain_id} addr={self.checked}"


@dataclass(frozen=True, slots=True)
class Bill:
    """A transport document that may be issued, and the same as the subject of a credential."""

    whole: Json
    subject: Json

    @property
    def digest(self) -> bytes:
        """SHA-256 of the transport document in canonical JSON (RFC 8785)."""
        return hashlib.sha256(canonical_any(self.whole)).digest()

    @classmethod
    def read(cls, data: bytes, *, incomplete: bool = False) -> Bill:
        """Read a DCSA transport document; raises NotReadyToIssue with the first thing wrong.

        A sea waybill is refused: it is no document of title. `incomplete` lets pass what only an
        issued bill must say.
        """
        reading = adapters.read(data, _FORMAT)
        wanted = [*adapters.rulesets(reading), *(() if incomplete else ("lading-issue",))]
        problems = [*reading.findings, *rules.check(reading.document, wanted)]
        for found in problems:
            if found.flag is Flag.FATAL:
                raise NotReadyToIssue(reason=f"{found.path}: {found.message.en}", where=found.path)
        if reading.document.value("TD.transportDocumentTypeCode") != "BOL":
            raise NotReadyToIssue(reason="a sea waybill is no document of title")
        subject = json.loads(adapters.render(reading.document, _SUBJECT).data)
        return cls(json.loads(data), {"type": ["BillOfLading"], **subject})


def wrapped(
    bill: Bill, register: Register, *, domain: str, name: str, renderer: str = ""
) -> tuple[Json, str]:
    """Return the bill as an OpenAttestation 2.0 record, and its token id (0x and 64 hex)."""
    template = {"$template": {"name": _TEMPLATE, "type": _EMBEDDED, "url": renderer}}
    document = {
        **(template if renderer else {}),
        "network": {"chain": register.chain, "chainId": str(register.chain_id)},
        "issuers": [
            {
                "name": name,
                "tokenRegistry": register.checked,
                "identityProof": {"type": "DNS-TXT", "location": domain},
            }
        ],
        **{key: value for key, value in bill.subject.items() if key != "type"},
        _WHOLE: bill.whole,
    }
    record = wrapping.wrap([document])[0]
    return record, f"0x{record['signature']['targetHash']}"


def credential(
    bill: Bill, register: Register, *, did: str, at: datetime, renderer: str = "", id_: str = ""
) -> Json:
    """Return the bill as an unsigned VC 2.0 credential; its token id is SHA-256 of its id."""
    identifier = id_ or f"urn:uuid:{uuid.uuid4()}"
    method = {"id": renderer, "type": _EMBEDDED, "templateName": _TEMPLATE}
    return {
        "@context": [CREDENTIALS, DATA_INTEGRITY, TRANSFERABLE, _RENDER, _BILL],
        "id": identifier,
        "type": ["VerifiableCredential"],
        "issuer": did,
        "validFrom": iso(at),
        "credentialStatus": {
            "type": "TransferableRecords",
            "tokenNetwork": {"chain": register.chain, "chainId": register.chain_id},
            "tokenRegistry": register.checked,
            "tokenId": hashlib.sha256(identifier.encode()).hexdigest(),
        },
        **({"renderMethod": [method]} if renderer else {}),
        "relatedResource": [
            {
                "id": f"ni:///sha-256;{_base64url(bill.digest)}",
                "mediaType": "application/json",
                "digestMultibase": "u" + _base64url(_SHA_256 + bill.digest),
            }
        ],
        "credentialSubject": bill.subject,
    }


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def signed(document: Json, key: ec.EllipticCurvePrivateKey, *, method: str, at: datetime) -> Json:
    """Return a credential with the issuer's base proof (ecdsa-sd-2023); raises RecordRefused."""
    proof = {
        "type": "DataIntegrityProof",
        "created": iso(at),
        "verificationMethod": method,
        "cryptosuite": ecdsa_sd.NAME,
        "proofPurpose": "assertionMethod",
    }
    always = [pointer for pointer in _ALWAYS if pointer[1:] in document]
    try:
        return ecdsa_sd.sign(document, proof, key, always)
    except Broken as broken:
        raise RecordRefused(reason=broken.why.en) from broken


def derived(record: Mapping[str, Any], pointers: Sequence[str]) -> Json:
    """Return what a holder shows of a signed credential: what is mandatory, and `pointers`.

    Raises RecordRefused for a pointer that leads nowhere and for what is no base proof.
    """
    document = {name: value for name, value in record.items() if name != "proof"}
    proof = record.get("proof")
    try:
        return ecdsa_sd.derive(document, proof if isinstance(proof, dict) else {}, pointers)
    except Broken as broken:
        raise RecordRefused(reason=broken.why.en) from broken


def transport_document(record: Mapping[str, Any]) -> Json | None:
    """Return the DCSA transport document in what an OpenAttestation record says, or None."""
    whole = record.get(_WHOLE)
    return whole if isinstance(whole, dict) else None
