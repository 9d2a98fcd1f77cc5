"""CAdES written at every level: alone, beside other signatures, or over one."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from datetime import datetime

from certs import cades_archive, cms, cms_edit, der, oids, timestamp
from certs.certificate import Certificate
from certs.digests import SHA256, Digest
from certs.errors import NotExtendable
from certs.keys import SigningKey
from certs.levels import Level
from certs.tsa import TimeStamper
from certs.validation.material import Material
from certs.validation.sources import Gatherer
from certs.verdict import Refused
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
    stamper and gatherer.
    """
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
            signed = cades_archive.add(signed, content, stamper, signer=index)
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


def _joined(beside: bytes, key: SigningKey, signer: bytes) -> bytes:
    opened = cms_edit.open_data(beside).with_signers((key.scheme.digest.identifier,), (signer,))
    return opened.with_material(Material(certificates=_own(key))).encode()


def _own(key: SigningKey) -> tuple[Certificate, ...]:
    return tuple(each for each in key.chain if each is key.chain[0] or not each.self_signed)


def _place(signed: bytes, signer: bytes) -> int:
    """Return where a signer came to stand: sets are in the order of their encodings."""
    return cms_edit.open_data(signed).signers.index(signer)


def countersign(
    signed: bytes,
    key: SigningKey,
    *,
    index: int = 0,
    stamper: TimeStamper | None = None,
    signed_at: datetime | None = None,
) -> bytes:
    """Return the signature with a counter-signature over the value of one of its signers."""
    opened = cms_edit.open_data(signed)
    value = cms.read(opened.encode()).signers[index].signature
    signer = _signer(value, key, (), stamper, signed_at)
    opened = opened.with_attribute(index, oids.COUNTERSIGNATURE, signer)
    return opened.with_material(Material(certificates=_own(key))).encode()


def extend(signed: bytes, gatherer: Gatherer) -> bytes:
    """Return the signature with what verifying signers and time-stamps takes (level LT)."""
    data = cms.read(cms_edit.open_data(signed).encode())
    try:
        found = gatherer.gather([*_signers(data), *_authorities(data)])
    except Refused as refused:
        raise NotExtendable(reason=refused.reason.en) from refused
    return cms_edit.open_data(signed).with_material(found).encode()


def archive(
    signed: bytes,
    content: bytes,
    stamper: TimeStamper,
    gatherer: Gatherer,
    *,
    digest: Digest = SHA256,
) -> bytes:
    """Return the signature archived anew, what its time-stamps need put in first."""
    complete = cms_edit.open_data(signed)
    data = cms.read(complete.encode())
    for signer in data.signers:
        tokens = [each.encoded for each in _stamps(signer)]
        complete = complete.with_material(gatherer.gather_newest(tokens, timestamp.embedded(data)))
    return _archived(complete.encode(), content, stamper, digest)


def _archived(complete: bytes, content: bytes, stamper: TimeStamper, digest: Digest) -> bytes:
    values = [signer.signature for signer in cms.read(complete).signers]
    for value in values:
        # A time-stamp makes its signer longer and may move it in the set, so it is looked for.
        known = [signer.signature for signer in cms.read(complete).signers]
        place = known.index(value)
        complete = cades_archive.add(complete, content, stamper, signer=place, digest=digest)
    return complete


def _signers(data: cms.SignedData) -> Iterator[tuple[Certificate, Sequence[Certificate]]]:
    offered = timestamp.embedded(data)
    for signer in data.signers:
        certificate = cms.signer_certificate(signer, offered)
        if certificate is None:
            raise NotExtendable(reason="a signer's certificate is not in it")
        yield certificate, offered


def _authorities(data: cms.SignedData) -> Iterator[tuple[Certificate, Sequence[Certificate]]]:
    embedded = timestamp.embedded(data)
    for signer in data.signers:
        stamps = list(_stamps(signer))
        if not stamps:
            raise NotExtendable(reason="it has no time-stamp")
        for each in stamps:
            token = timestamp.read(each.encoded)
            offered = (*timestamp.embedded(token.data), *embedded)
            yield timestamp.authority_of(token, offered), offered


def _stamps(signer: cms.SignerInfo) -> Iterator[der.Node]:
    for name in (oids.SIGNATURE_TIME_STAMP, oids.ARCHIVE_TIME_STAMP_V3):
        yield from signer.unsigned.get(name, ())
