"""CAdES (EN 319 122-1): detached CMS signatures verified, at every level."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from typing import Final

from certs import cms, timestamp
from certs.algorithms import scheme_of_cms
from certs.asn1 import ber, der, oids
from certs.cades import archiving, archiving_v2, edit
from certs.cms.check import check_signer
from certs.conclusion import Draft, assess, format_failure, no_signing_certificate
from certs.errors import MalformedDer, UnsupportedAlgorithm
from certs.trust import TrustStore
from certs.validation.judge import Stamp, identifier
from certs.validation.material import Material
from certs.verdict import (
    BlockIndication,
    Refused,
    SignatureReport,
    SignedObject,
    SubIndication,
    TimestampReport,
    Verdict,
    combine,
    refusal,
)
from certs.x509.certificate import Certificate
from certs.x509.ocsp_response import wrapped
from schemas.clock import utc_now
from schemas.errors import EvidenceError
from schemas.text import Text

_NOTHING: Final = Material()
_MOST_STAMPS: Final = 32
_ARCHIVED: frozenset[str] = frozenset({oids.ARCHIVE_TIME_STAMP_V2, oids.ARCHIVE_TIME_STAMP_V3})


@dataclass(frozen=True, slots=True)
class Archived:
    """A time-stamp of the container over the whole file of a signature, among other things."""

    stamp: Stamp
    material: Material = field(default_factory=Material)


@dataclass(frozen=True, slots=True)
class _Work:
    """One signature file being verified."""

    encoded: bytes
    data: cms.SignedData
    octets: bytes
    trust: TrustStore
    at: datetime
    archived: Sequence[Archived]
    beside: Material

    @property
    def inside(self) -> Material:
        """What stands in the file of the signature."""
        data = self.data
        return Material.read(data.certificates, data.lists, data.responses)

    @property
    def material(self) -> Material:
        """All there is, also what was kept for it later."""
        return sum((each.material for each in self.archived), self.inside + self.beside)


def verify(
    signature: bytes,
    content: bytes | None,
    trust: TrustStore,
    *,
    at: datetime | None = None,
    ref: str = "",
    archived: Sequence[Archived] = (),
    beside: Material = _NOTHING,
) -> Verdict:
    """Return the verdict on a CMS signature over `content` (None: what it encloses).

    `ref` is how reports name the content; `archived` are time-stamps over the whole signature,
    and `beside` is what else was kept for it.
    """
    try:
        encoded = ber.leading(signature)
        data = cms.read(encoded)
        octets = cms.signed_content(data, content)
    except EvidenceError as error:
        return refusal(Refused(SubIndication.FORMAT_FAILURE, error.message))
    except Refused as refused:
        return refusal(refused)
    work = _Work(encoded, data, octets, trust, at or utc_now(), archived, beside)
    reports: list[SignatureReport] = []
    for index, signer in enumerate(data.signers):
        draft = Draft(format="CAdES", refs=(ref,))
        check: Callable[[Draft], None] = partial(_check, work, index, signer)
        reports.append(assess(draft, check, trust, work.at))
        reports.extend(_countersigned(work, signer))
    if not reports:
        return refusal(format_failure("There is no signature.", "没有签名。"))
    return combine(reports, [SignedObject(ref, octets)])


def _check(work: _Work, index: int, signer: cms.SignerInfo, draft: Draft) -> None:
    offered = timestamp.embedded(work.data)
    draft.level = _level(work, signer)
    draft.claimed_time = _claimed_time(signer)
    draft.identify(_certificate(work, signer, offered), offered)
    _check_value(work.data.content_type, work.octets, signer, draft)
    draft.material = work.material + _attribute_material(signer)
    if len(list(_all_tokens(signer))) > _MOST_STAMPS:
        raise format_failure("There are too many time-stamps.", "时间戳数量过多。")
    older, draft.timestamps = _older_archive(work, index, signer)
    draft.stamps = (
        *_content_stamps(work, signer),
        *_stamps(work, index, signer),
        *older,
        *_container_stamps(work, signer),
    )
    _check_unsigned(signer)


def _check_value(kind: str, octets: bytes, signer: cms.SignerInfo, draft: Draft) -> None:
    certificate = draft.certificate
    if certificate is None:
        raise no_signing_certificate()
    signed = check_signer(signer, certificate, kind, octets)
    draft.digests.append(signer.digest)
    scheme = scheme_of_cms(signer.algorithm, signer.digest)
    draft.check(scheme, signer.signature, signed, raw=False)


def _certificate(
    work: _Work, signer: cms.SignerInfo, offered: tuple[Certificate, ...]
) -> Certificate:
    known = (*offered, *work.trust.anchors, *work.trust.known)
    found = cms.signer_certificate(signer, known)
    if found is None:
        raise no_signing_certificate()
    return found


def _countersigned(work: _Work, signer: cms.SignerInfo) -> Iterator[SignatureReport]:
    """Judge each counter-signature, which is over the signature value (RFC 5652, 11.4)."""
    for each in signer.unsigned.get(oids.COUNTERSIGNATURE, ()):
        draft = Draft(format="CAdES", level="CAdES-BASELINE-B", refs=("countersigned",))
        yield assess(draft, partial(_check_counter, work, signer, each), work.trust, work.at)


def _check_counter(
    work: _Work, countersigned: cms.SignerInfo, node: der.Node, draft: Draft
) -> None:
    offered = timestamp.embedded(work.data)
    signer = cms.read_signer(node)
    draft.level = _level(work, signer)
    draft.claimed_time = _claimed_time(signer)
    draft.identify(_certificate(work, signer, offered), offered)
    _check_value(cms.NO_TYPE, countersigned.signature, signer, draft)
    draft.material = work.material
    draft.stamps = (*_signature_stamps(signer), *_container_stamps(work, signer))
    _check_unsigned(signer)


def _content_stamps(work: _Work, signer: cms.SignerInfo) -> Iterator[Stamp]:
    """Yield the time-stamps on what was to be signed (EN 319 122-1, 5.2.8)."""
    for each in signer.attributes.get(oids.CONTENT_TIME_STAMP, ()):
        yield Stamp("content", each.encoded, lambda digest: digest.of(work.octets))


def _signature_stamps(signer: cms.SignerInfo) -> Iterator[Stamp]:
    for each in signer.unsigned.get(oids.SIGNATURE_TIME_STAMP, ()):
        yield Stamp("signature", each.encoded, lambda digest: digest.of(signer.signature))


def _stamps(work: _Work, index: int, signer: cms.SignerInfo) -> Iterator[Stamp]:
    yield from _signature_stamps(signer)
    tokens = [each.encoded for each in signer.unsigned.get(oids.ARCHIVE_TIME_STAMP_V3, ())]
    opened = edit.open_data(work.encoded) if tokens else None
    for token in tokens:
        if opened is not None:
            yield _archive(work, opened, index, token)


def _archive(work: _Work, opened: edit.Opened, index: int, token: bytes) -> Stamp:
    """Return an archive time-stamp with what its index covers; a false index fails its imprint."""
    found = archiving.index_of(token)
    if found is None:
        return Stamp("archive", token, timestamp.failing(_no_index()))
    try:
        covers = archiving.covered(opened, index, found)
    except Refused as refused:
        return Stamp("archive", token, timestamp.failing(refused))
    over = archiving.imprint(opened, index, work.octets, found.encoded)
    return Stamp("archive", token, over, covers)


def _no_index() -> Refused:
    return format_failure("An archive time-stamp has no index.", "归档时间戳缺少索引。")


def _container_stamps(work: _Work, signer: cms.SignerInfo) -> Iterator[Stamp]:
    """Yield the container's time-stamps: they cover everything in the file of the signature."""
    inside = work.inside.tokens | _attribute_material(signer).tokens
    inside |= {identifier(each.encoded) for each in _all_tokens(signer)}
    for each in work.archived:
        yield replace(each.stamp, covers=each.stamp.covers | inside)


def _all_tokens(signer: cms.SignerInfo) -> Iterator[der.Node]:
    yield from signer.attributes.get(oids.CONTENT_TIME_STAMP, ())
    for name in (oids.SIGNATURE_TIME_STAMP, *_ARCHIVED):
        yield from signer.unsigned.get(name, ())


def _attribute_material(signer: cms.SignerInfo) -> Material:
    """Return what the older attributes certificate-values and revocation-values hold."""
    certificates: list[bytes] = []
    lists: list[bytes] = []
    responses: list[bytes] = []
    for each in signer.unsigned.get(oids.CERTIFICATE_VALUES, ()):
        certificates.extend(one.encoded for one in each.children())
    for each in signer.unsigned.get(oids.REVOCATION_VALUES, ()):
        for group in each.children():
            values = [one.encoded for one in group.children()[0].children()]
            if group.tag == 0xA0:  # noqa: PLR2004 - [0] crlVals
                lists.extend(values)
            elif group.tag == 0xA1:  # noqa: PLR2004 - [1] ocspVals
                responses.extend(map(wrapped, values))
    return Material.read(certificates, lists, responses)


def _check_unsigned(signer: cms.SignerInfo) -> None:
    """Refuse what hangs on the signature and is not known: it may be a damaged time-stamp."""
    for name in signer.unsigned:
        if name not in oids.UNSIGNED_ATTRIBUTES:
            raise Refused(
                SubIndication.SIG_CONSTRAINTS_FAILURE,
                Text(f"Unknown unsigned attribute {name}.", f"未知的未签名属性 {name}。"),
            )


def _level(work: _Work, signer: cms.SignerInfo) -> str:
    if oids.SIGNATURE_TIME_STAMP not in signer.unsigned:
        return "CAdES-BASELINE-B"
    if work.archived or _ARCHIVED & signer.unsigned.keys():
        return "CAdES-BASELINE-LTA"
    complete = work.data.lists or work.data.responses
    return "CAdES-BASELINE-LT" if complete else "CAdES-BASELINE-T"


def _claimed_time(signer: cms.SignerInfo) -> datetime | None:
    try:
        value = signer.attribute(oids.SIGNING_TIME)
        return None if value is None else value.moment()
    except (MalformedDer, UnsupportedAlgorithm) as error:
        raise Refused(SubIndication.FORMAT_FAILURE, error.message) from error


def _older_archive(
    work: _Work, index: int, signer: cms.SignerInfo
) -> tuple[list[Stamp], tuple[TimestampReport, ...]]:
    """Return the archive time-stamps of version 2, and reports on those that prove nothing.

    What these are over depends on how the octets stood when they were made.
    """
    kept = work.inside.tokens | _attribute_material(signer).tokens
    place = archiving_v2.Place(work.encoded, index, work.octets, kept)
    tokens = [each.encoded for each in signer.unsigned.get(oids.ARCHIVE_TIME_STAMP_V2, ())]
    found = [archiving_v2.evaluated(place, token) for token in tokens]
    unfit = TimestampReport(
        type="archive",
        indication=BlockIndication.INDETERMINATE,
        reason=Text(
            "An archive time-stamp of version 2 is not over what is here.",
            "第 2 版归档时间戳所覆盖的并非现有内容。",
        ),
    )
    return [each for each in found if each is not None], (unfit,) * found.count(None)
