"""The outer form of an OCSP answer (RFC 6960, 4.2.1): response around basic response."""

from __future__ import annotations

from typing import Final

from certs.asn1 import der, oids
from certs.errors import MalformedDer

_ENUMERATED: Final = 0x0A


def wrapped(basic: bytes) -> bytes:
    """Return the OCSPResponse around a BasicOCSPResponse, as old signatures hold it bare."""
    inner = der.sequence(der.oid(oids.OCSP_BASIC), der.octets(basic))
    return der.sequence(der.tlv(_ENUMERATED, b"\x00"), der.context(0, inner))


def unwrapped(response: bytes) -> bytes:
    """Return the BasicOCSPResponse in an OCSPResponse; raises MalformedDer."""
    status, *rest = der.parse(response).children()
    if status.expect(_ENUMERATED).content != b"\x00" or len(rest) != 1:
        raise MalformedDer(reason="the responder gave no answer")
    inner = der.parse(rest[0].expect(0xA0).content).children()
    if len(inner) != 2 or inner[0].dotted() != oids.OCSP_BASIC:  # noqa: PLR2004 - kind and value
        raise MalformedDer(reason="an unknown kind of OCSP response")
    return inner[1].expect(der.OCTET_STRING).content
