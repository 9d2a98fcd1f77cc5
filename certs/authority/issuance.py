"""Certificates written octet by octet (RFC 5280, 4.1), signed with whatever key of ours.

The usual builders know neither SM2 nor keys that stay in a token.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cryptography import x509

from certs.algorithms import PrivateKey, PublicKey, default_scheme
from certs.asn1 import der
from certs.keys import spki
from certs.x509 import certificate as certificates
from certs.x509.certificate import Certificate

_VERSION_3: Final = 2
_TRUE: Final = b"\xff"
_WHOLE: Final = b"\x00"
_USAGES: Final = (
    "digital_signature",
    "content_commitment",
    "key_encipherment",
    "data_encipherment",
    "key_agreement",
    "key_cert_sign",
    "crl_sign",
    "encipher_only",
    "decipher_only",
)


@dataclass(frozen=True, slots=True)
class Extension:
    """An extension and whether those who do not know it must refuse the certificate."""

    value: x509.ExtensionType
    critical: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Content:
    """What a certificate will say; names are the DER of a Name, times are in whole seconds."""

    subject: bytes
    issuer: bytes
    public: PublicKey
    not_before: datetime
    not_after: datetime
    extensions: Sequence[Extension]


def certify(content: Content, private: PrivateKey) -> Certificate:
    """Return the certificate, with a random serial number, signed by the issuer's `private`."""
    scheme = default_scheme(private)
    validity = der.sequence(der.utc_time(content.not_before), der.utc_time(content.not_after))
    body = der.sequence(
        der.context(0, der.integer(_VERSION_3)),
        der.integer(x509.random_serial_number()),
        scheme.identifier,
        content.issuer,
        validity,
        content.subject,
        spki(content.public),
        der.context(3, der.sequence(*map(_extension, content.extensions))),
    )
    value = der.tlv(der.BIT_STRING, _WHOLE, scheme.sign(private, body))
    return certificates.load(der.sequence(body, scheme.identifier, value))


def key_identifier(public: PublicKey) -> bytes:
    """Return the SHA-1 of the key's octets (RFC 5280, 4.2.1.2, the first way)."""
    octets = der.parse(spki(public)).children()[1].content[1:]
    return hashlib.sha1(octets, usedforsecurity=False).digest()


def key_usage(*asserted: str) -> Extension:
    """Return a critical key usage with these usages."""
    return Extension(
        x509.KeyUsage(**{usage: usage in asserted for usage in _USAGES}), critical=True
    )


def _extension(each: Extension) -> bytes:
    flag = (der.tlv(der.BOOLEAN, _TRUE),) if each.critical else ()
    name = der.oid(each.value.oid.dotted_string)
    return der.sequence(name, *flag, der.octets(each.value.public_bytes()))
