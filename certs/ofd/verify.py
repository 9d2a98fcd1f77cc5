"""Verification of OFD files: each signature over the files it lists, and what none of them covers.

A signature passes only with every file it lists as it was signed. The file passes only when its
signatures do, and together cover everything in the package: what a reader shows was signed.
"""

from __future__ import annotations

import base64
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final

from certs import archive, cades, gbt35275, seal
from certs.digests import SM3, Digest
from certs.ofd import package
from certs.ofd.package import Body, Files, Signature
from certs.trust import TrustStore
from certs.verdict import (
    Indication,
    Refused,
    SignedObject,
    SubIndication,
    Verdict,
    combine,
    refusal,
)
from schemas.clock import utc_now
from schemas.errors import SilkgateError
from schemas.text import Text

_FORMAT: Final = "OFD"
_SHOWN: Final = 10


def verify(
    data: bytes,
    trust: TrustStore,
    *,
    at: datetime | None = None,
    limits: archive.Limits = archive.DEFAULT_LIMITS,
) -> Verdict:
    """Return the verdict on an OFD file, with its signed files when it passed."""
    try:
        return _verify(archive.read(data, limits), trust, at or utc_now())
    except Refused as refused:
        return refusal(refused)
    except SilkgateError as error:
        return refusal(Refused(SubIndication.FORMAT_FAILURE, error.message))


def _verify(files: Files, trust: TrustStore, at: datetime) -> Verdict:
    listed = package.bodies(files)
    found = package.signatures(listed, files)
    if not found:
        raise Refused(
            SubIndication.SIGNED_DATA_NOT_FOUND,
            Text("The OFD file bears no signature.", "该 OFD 文件没有签名。"),
        )
    contents = _Contents(files)
    verdicts = [_judged(each, contents, trust, at) for each in found]
    reports = [report for verdict in verdicts for report in verdict.signatures]
    unread = next((verdict for verdict in verdicts if not verdict.signatures), None)
    if unread is not None:
        return replace(unread, signatures=tuple(reports))
    covered = {each.name: None for signature in found for each in signature.covered}
    verdict = combine(
        reports, (SignedObject(name, files[name]) for name in covered if name in files)
    )
    unsigned = _unsigned(files, listed, found)
    if unsigned and verdict.indication is not Indication.TOTAL_FAILED:
        return replace(refusal(_uncovered(unsigned)), signatures=tuple(reports))
    return verdict


@dataclass(frozen=True, slots=True)
class _Contents:
    """The files of a package, each digested once however many signatures cover it."""

    files: Files
    _digests: dict[tuple[str, str], bytes] = field(default_factory=dict)

    def digest(self, name: str, digest: Digest) -> bytes:
        """Return the digest of a file."""
        key = name, digest.name
        if key not in self._digests:
            self._digests[key] = digest.of(self.files[name])
        return self._digests[key]


def _judged(each: Signature, contents: _Contents, trust: TrustStore, at: datetime) -> Verdict:
    """Return the verdict on one signature: its value over Signature.xml, then the files listed."""
    files = contents.files
    value = files.get(each.value)
    if value is None:
        raise _missing(each.value)
    described = files[each.name]
    if seal.is_signature(value):
        verdict = seal.verify(value, described, trust, at=at, ref=each.name)
    elif gbt35275.is_signed_data(value):
        about = _signed_for(described, value)
        verdict = gbt35275.verify(value, about, trust, at=at, ref=each.name)
    else:
        verdict = cades.verify(value, described, trust, at=at, ref=each.name)
    names = tuple(one.name for one in each.covered)
    reports = [
        replace(one, signed_refs=names, level=f"{_FORMAT} {one.level}")
        for one in verdict.signatures
    ]
    failure = _failure(each, contents, value)
    if failure is None or not reports or verdict.indication is Indication.TOTAL_FAILED:
        return replace(verdict, signatures=tuple(reports), objects=())
    failed = [
        replace(
            one,
            indication=failure.indication,
            subindication=failure.sub,
            reason=failure.reason,
        )
        for one in reports
    ]
    return combine(failed, ())


def _signed_for(described: bytes, value: bytes) -> bytes:
    """Return what a signature over a description is about: itself, or its digest, enclosed.

    GM/T 0099-2020, 7.2.2; some writers enclose the digest in Base64.
    """
    digest = SM3.of(described)
    enclosed = gbt35275.enclosed(value)
    forms = (digest, base64.b64encode(digest))
    return enclosed if enclosed is not None and enclosed in forms else described


def _failure(each: Signature, contents: _Contents, value: bytes) -> Refused | None:
    """Return what is wrong with the first file that is not as it was signed."""
    files = contents.files
    for one in each.covered:
        if one.name not in files:
            return _missing(one.name)
        if contents.digest(one.name, each.digest) != one.value:
            return Refused(
                SubIndication.HASH_FAILURE,
                Text(
                    f"“{one.name}” was changed after it was signed.",
                    f"“{one.name}”在签名后被修改。",
                ),
            )
    if each.seal and files.get(each.seal) not in seal.seals_in(value):
        return Refused(
            SubIndication.SIG_CONSTRAINTS_FAILURE,
            Text(
                f"“{each.seal}” is not the seal that was affixed.",
                f"“{each.seal}”不是所加盖的印章。",
            ),
        )
    if each.digest.weak:
        return Refused(
            SubIndication.CRYPTO_CONSTRAINTS_FAILURE,
            Text(
                f"The files are bound by {each.digest.name}, which proves nothing any more.",
                f"文件仅由 {each.digest.name} 摘要保护,已不足为证。",
            ),
        )
    return None


def _unsigned(
    files: Files, bodies: Sequence[Body], signatures: Sequence[Signature]
) -> tuple[str, ...]:
    """Return what no signature covers, apart from the signatures themselves and their lists."""
    covered = {each.name for signature in signatures for each in signature.covered}
    own = {name for signature in signatures for name in signature.own}
    lists = {body.signatures for body in bodies}
    left = tuple(_left(files, covered | own | lists))
    return () if left == (package.MAIN,) and _is_plain(bodies, covered) else left


def _left(files: Files, known: set[str]) -> Iterator[str]:
    return (name for name in files if name not in known)


def _is_plain(bodies: Sequence[Body], covered: set[str]) -> bool:
    """Tell whether OFD.xml, unsigned, can lead to nothing but the one signed document.

    Writers leave it out, since the first signature adds its list there.
    """
    return len(bodies) == 1 and bodies[0].root in covered and not bodies[0].versioned


def _missing(name: str) -> Refused:
    return Refused(
        SubIndication.SIGNED_DATA_NOT_FOUND,
        Text(f"The file “{name}” is missing.", f"缺少文件“{name}”。"),
    )


def _uncovered(names: Sequence[str]) -> Refused:
    more = f" (+{len(names) - _SHOWN})" if len(names) > _SHOWN else ""
    shown = ", ".join(f"“{each}”" for each in names[:_SHOWN]) + more
    return Refused(
        SubIndication.SIG_CONSTRAINTS_FAILURE,
        Text(f"No signature covers {shown}.", f"没有签名覆盖 {shown}。"),
    )
