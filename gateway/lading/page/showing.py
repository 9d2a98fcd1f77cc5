"""The sheet of whatever holds a bill of lading: a transport document, or a record of title."""

from __future__ import annotations

import json
from typing import Any, Final

from certs import records
from certs.errors import RecordRefused
from certs.records import Checked, Identities, Identity, Integrity
from certs.records.ethsign import Recover
from gateway.lading.page import sheet
from gateway.lading.page.sheet import Sheet
from gateway.lading.titles.issuing import transport_document

_CREDENTIAL: Final = "vc-"


def shown(data: bytes, identities: Identities, recover: Recover) -> Sheet:
    """Return the sheet of a transport document or of a record that holds one.

    A record is checked first: raises RecordRefused for one that is not intact, or a credential
    that another than its issuer signed, so that no page shows words nobody issued.
    """
    if not records.is_record(data):
        return sheet.read(data)
    checked = records.check(data, identities, recover)
    if checked.integrity is not Integrity.VALID:
        raise RecordRefused(reason=checked.integrity_why.en)
    if checked.form.startswith(_CREDENTIAL) and checked.identity is not Identity.VALID:
        raise RecordRefused(reason=checked.identity_why.en)
    return sheet.read(json.dumps(_bill(checked), ensure_ascii=False).encode())


def _bill(checked: Checked) -> dict[str, Any]:
    """Return the transport document, else the subject that stands for it."""
    said: dict[str, Any] = checked.data if isinstance(checked.data, dict) else {}
    whole = transport_document(said)
    if whole is not None:
        return whole
    subject = said.get("credentialSubject", said)
    return {name: value for name, value in dict(subject).items() if name not in {"type", "id"}}
