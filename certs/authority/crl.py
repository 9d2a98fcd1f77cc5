"""Writing revocation lists (RFC 5280, section 5) octet by octet.

The usual builders copy all entries for every one added; this takes a list of 100,000 in its
stride.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from certs.algorithms import default_scheme
from certs.asn1 import der
from certs.keys import SigningKey

_VERSION_2: Final = 1
_CRL_NUMBER: Final = "2.5.29.20"
_AUTHORITY_KEY_ID: Final = "2.5.29.35"
_REASON_CODE: Final = "2.5.29.21"
_ENUMERATED: Final = 0x0A
_KEY_ID_TAG: Final = 0x80
_BIT_STRING_WHOLE: Final = b"\x00"


@dataclass(frozen=True, slots=True)
class Entry:
    """A revoked certificate; `reason` is a CRLReason (RFC 5280, 5.3.1), 0 leaves it out."""

    serial: int
    when: datetime
    reason: int = 0


def write(
    issuer: SigningKey,
    entries: Iterable[Entry],
    *,
    number: int,
    this_update: datetime,
    next_update: datetime,
) -> bytes:
    """Return the list (DER), signed by `issuer` with the scheme that fits its key."""
    scheme = default_scheme(issuer.private)
    revoked = b"".join(map(_entry, entries))
    body = der.sequence(
        der.integer(_VERSION_2),
        scheme.identifier,
        issuer.certificate.x509.subject.public_bytes(),
        der.utc_time(this_update),
        der.utc_time(next_update),
        der.sequence(revoked) if revoked else b"",
        der.context(0, der.sequence(*_extensions(issuer.certificate.key_id, number))),
    )
    signature = der.tlv(der.BIT_STRING, _BIT_STRING_WHOLE, scheme.sign(issuer.private, body))
    return der.sequence(body, scheme.identifier, signature)


def _entry(each: Entry) -> bytes:
    parts = (der.integer(each.serial), der.utc_time(each.when))
    if not each.reason:
        return der.sequence(*parts)
    reason = der.octets(der.tlv(_ENUMERATED, bytes((each.reason,))))
    return der.sequence(*parts, der.sequence(der.sequence(der.oid(_REASON_CODE), reason)))


def _extensions(key_id: bytes, number: int) -> tuple[bytes, ...]:
    """The key identifier of the issuer, if it has one, and the number of the list."""
    counted = der.sequence(der.oid(_CRL_NUMBER), der.octets(der.integer(number)))
    if not key_id:
        return (counted,)
    named = der.octets(der.sequence(der.tlv(_KEY_ID_TAG, key_id)))
    return der.sequence(der.oid(_AUTHORITY_KEY_ID), named), counted
