"""Checking whatever record comes: the form is told from the content."""

from __future__ import annotations

from typing import Final

from certs.records import oa2, oa3, vc
from certs.records.ethsign import Recover
from certs.records.identity import Identities
from certs.records.model import Broken, Checked, Identity, Integrity
from certs.records.strict import Json, parse
from schemas.text import Text

_MARKS: Final = (
    b"openattestation.com",
    b"www.w3.org/ns/credentials/v2",
    b'"merkleRoot"',
    b'"credentialSubject"',
)
"""Any of them tells a record, so that one whose version or context was changed is still one."""
_NONE: Final = Text("No issuer could be read.", "无法读取签发方。")


def is_record(data: bytes) -> bool:
    """Tell whether the bytes look like OpenAttestation or a VC 2.0 credential."""
    return data.lstrip().startswith(b"{") and any(mark in data for mark in _MARKS)


def check(data: bytes, identities: Identities, recover: Recover) -> Checked:
    """Return the answers about one record; nothing raises for a bad one.

    `recover` gives the public key behind an Ethereum signature (SEC 1, 4.1.6).
    """
    try:
        return _check(parse(data), identities, recover)
    except Broken as broken:
        return Checked(
            form="",
            integrity=Integrity.INVALID,
            integrity_why=broken.why,
            identity=Identity.INVALID,
            identity_why=_NONE,
        )


def _check(record: Json, identities: Identities, recover: Recover) -> Checked:
    if oa2.is_form(record):
        return oa2.check(record, identities, recover)
    if oa3.is_form(record):
        return oa3.check(record, identities, recover)
    if vc.is_form(record):
        return vc.check(record, identities)
    raise Broken("The record is of no known form.", "记录形式未知。")
