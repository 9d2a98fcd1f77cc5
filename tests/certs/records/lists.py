"""Status lists and credentials that are on them, signed by the issuer of these tests."""

from __future__ import annotations

import base64
import gzip
import json
from typing import Any

from certs.records import ecdsa_sd
from certs.records.contexts import CREDENTIALS, DATA_INTEGRITY
from tests.certs.records import issuer

URL = "https://carrier.example.org/status/1"
BYTES = 16 * 1024


def encoded(*indices: int, size: int = BYTES) -> str:
    """Return a list of `size` bytes with these bits set."""
    bits = bytearray(size)
    for each in indices:
        bits[each // 8] |= 0x80 >> each % 8
    return packed(bytes(bits))


def packed(data: bytes) -> str:
    """Return bytes as encodedList."""
    return "u" + base64.urlsafe_b64encode(gzip.compress(data, mtime=0)).rstrip(b"=").decode()


def status_list(encoded_list: str, **fields: Any) -> dict[str, Any]:
    """Return a signed status list."""
    return signed(unsigned(encoded_list, **fields))


def unsigned(encoded_list: str, **fields: Any) -> dict[str, Any]:
    """Return a status list; `subject` are further fields of its subject."""
    document = {
        "@context": [CREDENTIALS, DATA_INTEGRITY],
        "id": URL,
        "type": ["VerifiableCredential", "BitstringStatusListCredential"],
        "issuer": issuer.DID,
        "validFrom": "2026-01-01T00:00:00Z",
        "credentialSubject": {
            "id": f"{URL}#list",
            "type": "BitstringStatusList",
            "statusPurpose": "revocation",
            "encodedList": encoded_list,
        },
    }
    subject = {**document["credentialSubject"], **fields.pop("subject", {})}  # type: ignore[dict-item]
    return {**document, "credentialSubject": subject, **fields}


def entry(index: int, purpose: str = "revocation", **fields: Any) -> dict[str, Any]:
    """Return an entry of the list."""
    return {
        "type": "BitstringStatusListEntry",
        "statusPurpose": purpose,
        "statusListIndex": str(index),
        "statusListCredential": URL,
        **fields,
    }


def signed(document: dict[str, Any], did: str = issuer.DID) -> dict[str, Any]:
    """Return a document with a base proof of the issuer's key."""
    proof = {**issuer.proof(), "verificationMethod": f"{did}#keys-1"}
    wanted = [f"/{name}" for name in ("issuer", "credentialStatus") if name in document]
    return ecdsa_sd.sign(document, proof, issuer.KEY, wanted)


def written(document: dict[str, Any]) -> bytes:
    """Return it as a file."""
    return json.dumps(document).encode()
