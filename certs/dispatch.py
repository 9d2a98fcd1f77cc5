"""Verification of whatever comes: the form is told from the content, never from a name."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final, Protocol

from certs import asic, cades, ers, gbt35275, jws, ofd, pades, seal, xades
from certs.conclusion import format_failure
from certs.trust import TrustStore
from certs.verdict import Refused, SubIndication, Verdict, refusal
from schemas.text import Text

_ZIP: Final = b"PK\x03\x04"
_BOM: Final = b"\xef\xbb\xbf"
_PEM: Final = (b"-----BEGIN CMS-----", b"-----BEGIN PKCS7-----")
_DER_SEQUENCE: Final = 0x30

Detached = Mapping[str, bytes] | Sequence[bytes]


def verify_any(
    data: bytes, trust: TrustStore, detached: Detached = (), at: datetime | None = None
) -> Verdict:
    """Return the verdict on a signed XML document, JWS, container, OFD file, CMS signature or PDF.

    `detached` gives files that are signed but not enclosed, by name or in order; evidence records
    among them must be about `data`, which is then judged as of the time they prove. Data that is
    itself an evidence record is judged with the files it is about. A container's files come from
    `certs.asic.verify`.
    """
    try:
        at, files = proven_by_records(data, _named(detached), trust, at)
    except Refused as refused:
        return refusal(refused)
    return _verdict(data, files, trust, at)


def _verdict(
    data: bytes, files: Mapping[str, bytes], trust: TrustStore, at: datetime | None
) -> Verdict:
    start = data.lstrip()[:32].removeprefix(_BOM)
    if data.startswith(_ZIP):
        if ofd.is_ofd(data):
            return ofd.verify(data, trust, at=at)
        return asic.verify(data, trust, at=at).verdict
    if ers.is_xml_record(data):
        return ers.verify(data, list(files.values()), trust, at=at).as_verdict()
    if start.startswith(b"<"):
        return xades.verify(data, trust, at=at, detached=files)
    if jws.is_jws(start):
        return jws.verify(data, trust, at=at, detached=files)
    return _binary(_unarmoured(data) if start.startswith(_PEM) else data, files, trust, at)


def _binary(
    data: bytes, files: Mapping[str, bytes], trust: TrustStore, at: datetime | None
) -> Verdict:
    if data[:1] == bytes((_DER_SEQUENCE,)):
        if ers.is_der_record(data):
            return ers.verify(data, list(files.values()), trust, at=at).as_verdict()
        return _cms(data, files, trust, at)
    if pades.is_pdf(data):
        return pades.verify(data, trust, at=at)
    return refusal(
        format_failure("The file is of no known signed form.", "无法识别该文件的签名格式。")
    )


def proven_by_records(
    data: bytes, files: Mapping[str, bytes], trust: TrustStore, at: datetime | None
) -> tuple[datetime | None, Mapping[str, bytes]]:
    """Return the time as of which to judge data, and the files that are no evidence records.

    Everything in data existed when the first time-stamp of its record was made. Raises Refused for
    a record that is not good or is about other data.
    """
    others = {name: each for name, each in files.items() if not ers.is_record(each)}
    for name, each in files.items():
        if name in others:
            continue
        verdict = ers.verify(each, [data], trust, at=at)
        if verdict.time is None:
            sub = verdict.subindication or SubIndication.FORMAT_FAILURE
            raise Refused(sub, verdict.reason or Text("", ""))
        at = min(at or verdict.time, verdict.time)
    return at, others


def _named(detached: Detached) -> Mapping[str, bytes]:
    if isinstance(detached, Mapping):
        return detached
    return {f"file {number}": content for number, content in enumerate(detached, start=1)}


def _cms(
    data: bytes, files: Mapping[str, bytes], trust: TrustStore, at: datetime | None
) -> Verdict:
    if len(files) > 1:
        return refusal(
            Refused(
                SubIndication.SIGNED_DATA_NOT_FOUND,
                Text("A CMS signature is over one file.", "CMS 签名只针对一个文件。"),
            )
        )
    name, content = next(iter(files.items()), ("", None))
    verify = _verifier(data)
    return verify(data, content, trust, at=at, ref=name)


class _Verify(Protocol):
    """Verifies a signature in ASN.1 over one file."""

    def __call__(
        self,
        signature: bytes,
        content: bytes | None,
        trust: TrustStore,
        /,
        *,
        at: datetime | None,
        ref: str,
    ) -> Verdict: ...


def _verifier(data: bytes) -> _Verify:
    """Tell CMS, GB/T 35275 and the seals of GB/T 38540 apart by their beginning."""
    if seal.is_signature(data):
        return seal.verify
    return gbt35275.verify if gbt35275.is_signed_data(data) else cades.verify


def _unarmoured(data: bytes) -> bytes:
    lines = [line.strip() for line in data.splitlines()]
    try:
        return base64.b64decode(b"".join(line for line in lines if b"-----" not in line))
    except (binascii.Error, ValueError):
        return b""
