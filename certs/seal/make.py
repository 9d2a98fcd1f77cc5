"""Making seals and affixing them (GB/T 38540-2020, version 4)."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from certs.algorithms import Family
from certs.asn1 import der, oids
from certs.authority.tsa import TimeStamper
from certs.digests import SM3
from certs.errors import UnsupportedAlgorithm
from certs.keys import SigningKey
from certs.seal.structure import Picture
from certs.x509.certificate import Certificate
from schemas.clock import utc_now

_VERSION: Final = 4
_IA5: Final = 0x16
_UTF8: Final = 0x0C
_ORGANISATION: Final = 1
_CERTIFICATES: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class SealData:
    """A seal to be made: `users` are the certificates that may affix it."""

    identifier: str
    name: str
    vendor: str
    users: Sequence[Certificate]
    picture: Picture
    not_before: datetime
    not_after: datetime


def make_seal(data: SealData, maker: SigningKey, *, now: datetime | None = None) -> bytes:
    """Return the SESeal (DER), signed by its maker's SM2 key; raises UnsupportedAlgorithm."""
    header = der.sequence(_ascii("ES"), der.integer(_VERSION), _ascii(data.vendor))
    described = der.sequence(
        der.integer(_ORGANISATION),
        der.tlv(_UTF8, data.name.encode()),
        der.integer(_CERTIFICATES),
        der.sequence(*(der.octets(each.der) for each in data.users)),
        der.generalized_time((now or utc_now()).replace(microsecond=0)),
        der.generalized_time(data.not_before.replace(microsecond=0)),
        der.generalized_time(data.not_after.replace(microsecond=0)),
    )
    picture = der.sequence(
        _ascii(data.picture.kind),
        der.octets(data.picture.data),
        der.integer(data.picture.width),
        der.integer(data.picture.height),
    )
    info = der.sequence(header, _ascii(data.identifier), described, picture)
    return der.sequence(info, *_signed(info, maker))


def affix(
    seal: bytes,
    content: bytes,
    signer: SigningKey,
    *,
    property_info: str = "",
    stamper: TimeStamper | None = None,
    now: datetime | None = None,
) -> bytes:
    """Return the SES_Signature (DER): `seal` affixed to `content` by one of its users.

    `property_info` names what is sealed (in OFD the path of Signature.xml). Raises
    UnsupportedAlgorithm unless the key is SM2.
    """
    to_sign = der.sequence(
        der.integer(_VERSION),
        seal,
        der.generalized_time((now or utc_now()).replace(microsecond=0)),
        _bits(SM3.of(content)),
        _ascii(property_info),
    )
    certificate, algorithm, value = _signed(to_sign, signer)
    token: tuple[bytes, ...] = ()
    if stamper is not None:
        octets = der.parse(value, der.BIT_STRING).content[1:]
        token = (der.context(0, _bits(stamper.stamp(hashlib.sha256(octets).digest()))),)
    return der.sequence(to_sign, certificate, algorithm, value, *token)


def _signed(octets: bytes, key: SigningKey) -> tuple[bytes, bytes, bytes]:
    """Return certificate, algorithm and signature value over `octets`, each in DER."""
    if key.scheme.family is not Family.SM2:
        raise UnsupportedAlgorithm(algorithm=f"a seal with {key.scheme.family.value}")
    value = key.scheme.sign(key.private, octets)
    return der.octets(key.certificate.der), der.oid(oids.SM2_WITH_SM3), _bits(value)


def _bits(octets: bytes) -> bytes:
    return der.tlv(der.BIT_STRING, b"\x00", octets)


def _ascii(text: str) -> bytes:
    return der.tlv(_IA5, text.encode("ascii"))
