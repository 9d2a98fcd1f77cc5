"""CAdES made to last: time-stamps and validation data put onto a signature (EN 319 122-1, 5.3-5.5).

Each step adds unsigned attributes or revocation data and leaves what is signed as it is.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial

from certs import cms, timestamp
from certs.asn1 import der, oids
from certs.authority.tsa import TimeStamper
from certs.cades import archiving, edit
from certs.cms.check import check_signer
from certs.digests import SHA256, Digest
from certs.errors import NotExtendable
from certs.levels import Level
from certs.validation.sources import Gatherer
from certs.verdict import Refused
from certs.x509.certificate import Certificate


def extend(signed: bytes, gatherer: Gatherer) -> bytes:
    """Return the signature with what verifying signers and time-stamps takes (level LT)."""
    data = cms.read(edit.open_data(signed).encode())
    try:
        found = gatherer.gather([*_signers(data), *_authorities(data)])
    except Refused as refused:
        raise NotExtendable(reason=refused.reason.en) from refused
    return edit.open_data(signed).with_material(found).encode()


def augment(
    signed: bytes,
    content: bytes,
    level: Level,
    stamper: TimeStamper,
    gatherer: Gatherer,
    *,
    digest: Digest = SHA256,
) -> bytes:
    """Return the signature with each of its signers at `level` at least; raises as `archive`."""
    complete = before = edit.open_data(signed).encode()
    data = cms.read(complete)
    check(data, content)
    if level >= Level.T:
        complete = _each(complete, oids.SIGNATURE_TIME_STAMP, partial(_stamped, stamper, digest))
    kept = data.lists or data.responses
    if level >= Level.LT and (complete != before or not kept):
        complete = extend(complete, gatherer)
    if level >= Level.LTA:
        add = partial(_archive, content, stamper, digest)
        complete = _each(complete, oids.ARCHIVE_TIME_STAMP_V3, add)
    return complete


def _stamped(stamper: TimeStamper, digest: Digest, encoded: bytes, place: int) -> bytes:
    value = cms.read(encoded).signers[place].signature
    token = stamper.stamp(digest.of(value))
    opened = edit.open_data(encoded)
    return opened.with_attribute(place, oids.SIGNATURE_TIME_STAMP, token).encode()


def _archive(
    content: bytes, stamper: TimeStamper, digest: Digest, encoded: bytes, place: int
) -> bytes:
    return archiving.add(encoded, content, stamper, signer=place, digest=digest)


def _each(encoded: bytes, lacking: str, add: Callable[[bytes, int], bytes]) -> bytes:
    """Do a step for each signer that lacks an attribute; with '' for each signer.

    A time-stamp makes its signer longer and may move it in the set, so it is looked for.
    """
    for value in [signer.signature for signer in cms.read(encoded).signers]:
        signers = cms.read(encoded).signers
        place = [signer.signature for signer in signers].index(value)
        if lacking not in signers[place].unsigned:
            encoded = add(encoded, place)
    return encoded


def archive(
    signed: bytes,
    content: bytes,
    stamper: TimeStamper,
    gatherer: Gatherer,
    *,
    digest: Digest = SHA256,
) -> bytes:
    """Return the signature archived anew, what its time-stamps need put in first.

    Without any revocation data so far (level T) what the signers need is put in too. Raises
    NotExtendable for one that is not over `content`, is wrong or has no time-stamp.
    """
    complete = edit.open_data(signed)
    data = cms.read(complete.encode())
    check(data, content)
    add = partial(_archive, content, stamper, digest)
    if not (data.lists or data.responses):
        return _each(extend(signed, gatherer), "", add)
    for signer in data.signers:
        tokens = [each.encoded for each in _stamps(signer)]
        complete = complete.with_material(gatherer.gather_newest(tokens, timestamp.embedded(data)))
    return _each(complete.encode(), "", add)


def check(data: cms.SignedData, content: bytes) -> None:
    """Refuse a wrong signature (NotExtendable): a fresh time-stamp must not make it look kept."""
    try:
        for signer, (certificate, _) in zip(data.signers, _signers(data), strict=True):
            check_signer(signer, certificate, data.content_type, content)
    except Refused as refused:
        raise NotExtendable(reason=refused.reason.en) from refused


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
