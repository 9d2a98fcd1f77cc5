"""Mandates as W3C Verifiable Credentials 2.0.

Secured by JOSE under the organisation's seal, the payload of the JWS is the credential, its `typ`
is vc+jwt (VC-JOSE-COSE, 3.1), and the seal's certificate stands in `x5c`; for those with a Data
Integrity proof see `certs.recognition.integrity`:

    {"@context": ["https://www.w3.org/ns/credentials/v2", ...],
     "type": ["VerifiableCredential", "MandateCredential"], "issuer": URL or {"id": URL, ...},
     "validFrom": TIME, "validUntil": TIME,
     "credentialSubject": {"principal": {"name", "identifier"},
                           "agent": {"certificate": hex SHA-256}, "scope": [TYPE, ...]}}

A credential whose status has to be looked up is refused: nobody is asked here.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any, Final

from certs.x509.certificate import Certificate

JWS_TYPE: Final = "vc+jwt"
CONTENT: Final = "vc"
_CONTEXT: Final = "https://www.w3.org/ns/credentials/v2"
# Ours are terms that no context of the W3C defines (VCDM 2.0, 5.2).
_UNDEFINED: Final = "https://www.w3.org/ns/credentials/undefined-terms/v2"
KIND: Final = "MandateCredential"
_TYPES: Final = ("VerifiableCredential", KIND)
_NAMED: Final = "ni:///sha-256;"

Json = Mapping[str, Any]


def wrap(mandate: Json, seal: Certificate) -> dict[str, object]:
    """Return the credential that says what a mandate says; its issuer is named by the seal."""
    return {
        "@context": [_CONTEXT, _UNDEFINED],
        "type": list(_TYPES),
        "issuer": {"id": _name(seal), "name": mandate["principal"]["name"]},
        "validFrom": mandate["valid_from"],
        "validUntil": mandate["valid_until"],
        "credentialSubject": {name: mandate[name] for name in ("principal", "agent", "scope")},
    }


def unwrap(body: Json, seal: Certificate) -> dict[str, object]:
    """Return what a credential says as a mandate does; raises ValueError, KeyError, TypeError."""
    found = said(body)
    url = issuer_of(body)
    if not url or (url.startswith(_NAMED) and url != _name(seal)):
        raise ValueError("its issuer is another than the seal")
    return found


def issuer_of(body: Json) -> str:
    """Return the name of a credential's issuer."""
    issuer = body["issuer"]
    return str(issuer["id"] if isinstance(issuer, dict) else issuer)


def said(body: Json) -> dict[str, object]:
    """Return what a credential says as a mandate does, whoever issued it; raises as `unwrap`."""
    contexts, types = _list(body["@context"]), _list(body["type"])
    if contexts[:1] != [_CONTEXT] or not set(_TYPES) <= set(map(str, types)):
        raise ValueError("no VC 2.0 credential that mandates")
    if "credentialStatus" in body:
        raise ValueError("its status would have to be looked up")
    subject = body["credentialSubject"]
    if not isinstance(subject, dict):
        raise TypeError("it is about several subjects")
    return {
        **{name: subject[name] for name in ("principal", "agent", "scope")},
        "valid_from": body["validFrom"],
        "valid_until": body["validUntil"],
    }


def _name(seal: Certificate) -> str:
    """Return the name of a certificate by its digest (RFC 6920)."""
    return _NAMED + base64.urlsafe_b64encode(seal.sha256).decode().rstrip("=")


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else [value]
