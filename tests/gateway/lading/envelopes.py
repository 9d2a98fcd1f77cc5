"""Making PINT envelopes as any platform might: whole, or wrong in exactly one way."""

from __future__ import annotations

import copy
import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

import rfc8785
from cryptography.hazmat.primitives.asymmetric import ed25519

from certs.jose import jwk
from certs.jose.compact import CompactSigner
from certs.jose.keybook import KeyBook

Json = dict[str, Any]

CONTACT = [{"name": "Desk", "email": "desk@example.org"}]


def new_signer() -> CompactSigner:
    """Return a signer with a key of its own."""
    return CompactSigner(ed25519.Ed25519PrivateKey.generate())


def book_of(**signers: CompactSigner) -> KeyBook:
    """Return the registry that knows these signers by their names."""
    listed = [
        key
        for owner, signer in signers.items()
        for key in jwk.read(json.dumps(signer.published()).encode(), owner)
    ]
    return KeyBook(listed)


def checksum(value: Any) -> str:
    """Return the SHA-256 of the canonical JSON."""
    return hashlib.sha256(rfc8785.dumps(value)).hexdigest()


def party(name: str, platform: str) -> Json:
    """Return a party on a platform, known by one code of that platform."""
    code = {"codeListProvider": platform, "partyCode": name.lower()}
    return {"partyName": name, "eblPlatform": platform, "identifyingCodes": [code]}


def document(reference: str = "SGX0001", *, to_order: bool = False, **changed: Any) -> Json:
    """Return a transport document that DCSA's shape accepts."""
    shipper = {"codeListProvider": "ZZZ", "partyCode": "SHIPPER"}
    parties: Json = {
        "shipper": {
            "partyName": "Shipper Ltd",
            "partyContactDetails": CONTACT,
            "identifyingCodes": [shipper],
        },
        "issuingParty": {
            "partyName": "Carrier",
            "address": {"street": "Havn", "city": "Oslo", "countryCode": "NO"},
        },
    }
    code = {"codeListProvider": "ZZZ", "partyCode": "BUYER"}
    other = {"partyName": "Buyer Ltd", "partyContactDetails": CONTACT, "identifyingCodes": [code]}
    parties["endorsee" if to_order else "consignee"] = other
    return {
        "transportDocumentReference": reference,
        "transportDocumentStatus": "ISSUED",
        "transportDocumentTypeCode": "BOL",
        "isShippedOnBoardType": True,
        "isElectronic": True,
        "isToOrder": to_order,
        "invoicePayableAt": {"UNLocationCode": "CNSHA"},
        "partyContactDetails": CONTACT,
        "documentParties": parties,
        "consignmentItems": [
            {
                "carrierBookingReference": "BKG1",
                "descriptionOfGoods": ["Shoes"],
                "HSCodes": ["640510"],
                "cargoItems": [
                    {
                        "equipmentReference": "NARU3472484",
                        "cargoGrossWeight": {"value": 12000.5, "unit": "KGM"},
                        "outerPackaging": {"numberOfPackages": 400, "description": "boxes"},
                    }
                ],
            }
        ],
        "utilizedTransportEquipments": [
            {
                "equipment": {"equipmentReference": "NARU3472484"},
                "isShipperOwned": False,
                "seals": [{"number": "S1"}],
            }
        ],
        "termsAndConditions": "As published by the carrier.",
        "receiptTypeAtOrigin": "CY",
        "deliveryTypeAtDestination": "CY",
        "cargoMovementTypeAtOrigin": "FCL",
        "cargoMovementTypeAtDestination": "FCL",
        "carrierCode": "MAEU",
        "carrierCodeListProvider": "NMFTA",
        "transports": {
            "plannedDepartureDate": "2026-12-01",
            "plannedArrivalDate": "2026-12-30",
            "portOfLoading": {"UNLocationCode": "CNSHA"},
            "portOfDischarge": {"UNLocationCode": "SGSIN"},
            "vesselVoyages": [{"vesselName": "Test", "carrierExportVoyageNumber": "1W"}],
        },
        **changed,
    }


@dataclass
class Chain:
    """A bill's transfer chain under construction: entries are signed as they are added."""

    document: Json
    carrier: CompactSigner
    registry: str = ""
    entries: list[str] = field(default_factory=list)

    def copy(self) -> Chain:
        """Return the same chain, to go on another way."""
        return copy.deepcopy(self, {id(self.carrier): self.carrier})

    def add(self, platform: str, signer: CompactSigner, *transactions: Json, **more: Any) -> Chain:
        """Add an entry of a platform."""
        payload: Json = {
            "eblPlatform": platform,
            "transportDocumentChecksum": checksum(self.document),
            "transactions": list(transactions),
        }
        if self.entries:
            last = hashlib.sha256(self.entries[-1].encode()).hexdigest()
            payload["previousEnvelopeTransferChainEntrySignedContentChecksum"] = last
        else:
            payload["issuanceManifestSignedContent"] = self.issuance()
            if self.registry:
                payload["controlTrackingRegistry"] = self.registry
        self.entries.append(signer.sign(json.dumps({**payload, **more}).encode()))
        return self

    def issuance(self) -> str:
        """Return the issuance manifest that the carrier signed."""
        manifest = {"documentChecksum": checksum(self.document), "issueToChecksum": "0" * 64}
        return self.carrier.sign(json.dumps(manifest).encode())

    def envelope(self, signer: CompactSigner, *documents: bytes, **more: Any) -> Json:
        """Return the envelope of the chain as it stands, with its manifest signed."""
        manifest: Json = {
            "transportDocumentChecksum": checksum(self.document),
            "lastEnvelopeTransferChainEntrySignedContentChecksum": hashlib.sha256(
                self.entries[-1].encode()
            ).hexdigest(),
        }
        if documents:
            manifest["supportingDocuments"] = [metadata(each) for each in documents]
        return {
            "transportDocument": self.document,
            "envelopeManifestSignedContent": signer.sign(json.dumps({**manifest, **more}).encode()),
            "envelopeTransferChain": list(self.entries),
        }


def metadata(content: bytes) -> Json:
    """Return what a manifest says of a supporting document."""
    return {
        "name": "invoice.pdf",
        "size": len(content),
        "mediaType": "application/pdf",
        "documentChecksum": hashlib.sha256(content).hexdigest(),
    }


def transaction(action: str, actor: Json, recipient: Json | None = None, **more: Any) -> Json:
    """Return a transaction."""
    found = {
        "actionCode": action,
        "actor": actor,
        "actionDateTime": "2026-11-28T08:00:00.000Z",
        **more,
    }
    return found if recipient is None else {**found, "recipient": recipient}


def issuance(carrier: CompactSigner, made: Json, name: str, platform: str) -> Json:
    """Return a carrier's request to issue a document to a party of a platform."""
    codes = party(name, platform)["identifyingCodes"]
    issue_to = {"partyName": name, "sendToPlatform": platform, "identifyingCodes": codes}
    manifest = {"documentChecksum": checksum(made), "issueToChecksum": checksum(issue_to)}
    signed = carrier.sign(json.dumps(manifest).encode())
    return {"document": made, "issueTo": issue_to, "issuanceManifestSignedContent": signed}


def issued(
    carrier: CompactSigner, sender: CompactSigner, *, platform: str = "CARX", **more: Any
) -> Chain:
    """Return a chain of one entry: issued to a shipper on the sending platform."""
    chain = Chain(document(**more), carrier)
    shipper = party("Shipper", platform)
    return chain.add(platform, sender, transaction("ISSUE", party("Carrier", platform), shipper))
