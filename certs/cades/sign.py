"""CAdES written at every level: alone, beside other signatures, or over one."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime

from certs import cms
from certs.asn1 import der, oids
from certs.authority.tsa import TimeStamper
from certs.cades import archiving, edit
from certs.cades.extend import check, extend
from certs.errors import MalformedDer, NotExtendable, NotJoined
from certs.keys import SigningKey
from certs.levels import Level
from certs.validation.material import Material
from certs.validation.sources import Gatherer
from certs.x509.certificate import Certificate
from schemas.clock import utc_now


def sign(
    content: bytes,
    key: SigningKey,
    *,
    stamper: TimeStamper | None = None,
    gatherer: Gatherer | None = None,
    level: Level | None = None,
    beside: bytes | None = None,
    signed_at: datetime | None = None,
) -> bytes:
    """Return a detached signature (DER) over `content`; by default T with a stamper, else B.

    `beside` is a signature over the same content that the new one joins. Levels LT and LTA take
    stamper and gatherer. Raises NotJoined for one that is wrong, or over something else.
    """
    if beside is not None:
        _check_joined(beside, content)
    level = level or (Level.T if stamper else Level.B)
    stamping = stamper if level >= Level.T else None
    attributes = [cms.attribute(oids.CONTENT_TYPE, der.oid(oids.ID_DATA))]
    signer = _signer(content, key, attributes, stamping, signed_at)
    embedded = [each.der for each in key.chain if each is key.chain[0] or not each.self_signed]
    detached = der.sequence(der.oid(oids.ID_DATA))
    alone = cms.content_info(key, 1, detached, embedded, signer)
    signed = alone if beside is None else _joined(beside, key, signer)
    index = _place(signed, signer)
    if stamper is not None and gatherer is not None and level >= Level.LT:
        signed = extend(signed, gatherer)
        if level >= Level.LTA:
            signed = archiving.add(signed, content, stamper, signer=index)
    return signed


def _signer(
    content: bytes,
    key: SigningKey,
    attributes: Sequence[bytes],
    stamper: TimeStamper | None,
    signed_at: datetime | None,
) -> bytes:
    attributes = [
        *attributes,
        cms.attribute(oids.MESSAGE_DIGEST, der.octets(key.scheme.digest.of(content))),
        cms.signing_certificate_v2(key.certificate),
        cms.signing_time(signed_at or utc_now()),
    ]
    value = cms.sign_attributes(key, attributes)
    unsigned = []
    if stamper is not None:
        token = stamper.stamp(hashlib.sha256(value).digest())
        unsigned.append(cms.attribute(oids.SIGNATURE_TIME_STAMP, token))
    return cms.signer_info(key, attributes, unsigned, value=value)


def _check_joined(beside: bytes, content: bytes) -> None:
    try:
        check(cms.read(edit.open_data(beside).encode()), content)
    except NotExtendable as error:
        raise NotJoined(reason=str(error.details["reason"])) from error
    except MalformedDer as error:
        raise NotJoined(reason=error.message.en) from error


def _joined(beside: bytes, key: SigningKey, signer: bytes) -> bytes:
    opened = edit.open_data(beside).with_signers((key.scheme.digest.identifier,), (signer,))
    return opened.with_material(Material(certificates=_own(key))).encode()


def _own(key: SigningKey) -> tuple[Certificate, ...]:
    return tuple(each for each in key.chain if each is key.chain[0] or not each.self_signed)


def _place(signed: bytes, signer: bytes) -> int:
    """Return where a signer came to stand: sets are in the order of their encodings."""
    return edit.open_data(signed).signers.index(signer)


def countersign(
    signed: bytes,
    key: SigningKey,
    *,
    index: int = 0,
    stamper: TimeStamper | None = None,
    signed_at: datetime | None = None,
) -> bytes:
    """Return the signature with a counter-signature over the value of one of its signers."""
    opened = edit.open_data(signed)
    value = cms.read(opened.encode()).signers[index].signature
    signer = _signer(value, key, (), stamper, signed_at)
    opened = opened.with_attribute(index, oids.COUNTERSIGNATURE, signer)
    return opened.with_material(Material(certificates=_own(key))).encode()
