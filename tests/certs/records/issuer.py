"""An issuer of our own making: a P-256 key, its did:web, and bills of lading it signs."""

from __future__ import annotations

from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

from certs.records import Recorded, ecdsa_sd, multikey
from certs.records.contexts import CREDENTIALS, DATA_INTEGRITY, TRANSFERABLE

DID = "did:web:carrier.example.org"
METHOD = f"{DID}#keys-1"
REGISTRY = "0xe7f1725E7734CE288F8367e1Bb143E90bb3F0512"
KEY = ec.derive_private_key(7, ec.SECP256R1())
DOMAIN = "carrier.example.org"
RECORD = f"openatts net=ethereum netId=31337 addr={REGISTRY}"


def identities(*records: str) -> Recorded:
    """Return what the issuer's domain and DID answer."""
    public = multikey.encode(multikey.of_p256(KEY.public_key()))
    document = multikey.did_document(DID, "keys-1", public)
    return Recorded({DOMAIN: records} if records else {}, {DID: document})


def credential(**fields: Any) -> dict[str, Any]:
    """Return an unsigned bill of lading as a credential."""
    return {
        "@context": [
            CREDENTIALS,
            DATA_INTEGRITY,
            TRANSFERABLE,
            "https://trustvc.io/context/render-method-context-v2.json",
            "https://trustvc.io/context/bill-of-lading.json",
        ],
        "id": "urn:uuid:6f1c1d7e-0000-4000-8000-000000000001",
        "type": ["VerifiableCredential"],
        "issuer": DID,
        "validFrom": "2026-01-01T00:00:00Z",
        "credentialStatus": {
            "type": "TransferableRecords",
            "tokenNetwork": {"chain": "local", "chainId": 31337},
            "tokenRegistry": REGISTRY,
            "tokenId": "ab" * 32,
        },
        "renderMethod": [
            {
                "id": "https://renderer.example.org",
                "type": "EMBEDDED_RENDERER",
                "templateName": "BILL_OF_LADING",
            }
        ],
        "credentialSubject": {
            "type": ["BillOfLading"],
            "blNumber": "SGTD0001",
            "scac": "SMPL",
            "vessel": "SAMPLE PIONEER",
            "packages": [{"packagesDescription": "CARTONS"}, {"packagesDescription": "唛头 №7"}],
        },
        **fields,
    }


def proof() -> dict[str, Any]:
    """Return the options of a proof."""
    return {
        "type": "DataIntegrityProof",
        "created": "2026-02-01T00:00:00Z",
        "verificationMethod": METHOD,
        "cryptosuite": ecdsa_sd.NAME,
        "proofPurpose": "assertionMethod",
    }


def signed(document: dict[str, Any] | None = None, *pointers: str) -> dict[str, Any]:
    """Return a signed credential; by default its status is mandatory."""
    wanted = pointers or ("/issuer", "/validFrom", "/credentialStatus")
    return ecdsa_sd.sign(document or credential(), proof(), KEY, wanted)


def without_proof(record: dict[str, Any]) -> dict[str, Any]:
    """Return a record without its proof."""
    return {name: value for name, value in record.items() if name != "proof"}
