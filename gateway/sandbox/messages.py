"""What simulated customs say, in the real formats, written by the same tables that read them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Final

import adapters
from schemas import codes
from schemas.document import Document, Family, Term

SENDER: Final = "SILKGATE SANDBOX"


def import_response(client: str, *, seq: str = "", error: str = "") -> bytes:
    """Return the single window's answer to an upload (DecImportResponse).

    `client` is the declarant's ClientSeqNo, `seq` the number the window gives; with `error` the
    upload is refused (ResponseCode 1).
    """
    code = "1" if error else "0"
    return _written(
        "cn-import-response",
        {
            "Status.SourceCode": code,
            "Status.Text": error,
            "FunctionalReferenceID": client,
            "ext.cn.SeqNo": seq,
        },
    )


def channel_receipt(
    channel: str,
    *,
    seq: str,
    entry: str,
    at: datetime,
    bill: str = "",
    facts: Mapping[str, str] | None = None,
) -> bytes:
    """Return a business receipt of Chinese customs (DEC_DATA/DEC_RESULT).

    `channel` is the CHANNEL code (case matters), `seq` the window's number, `entry` the EntryId
    of 18 digits once there is one, `bill` the transport document, `facts` further terms.
    """
    note = codes.table("cn-channel").name(channel, "zh")
    return _written(
        "cn-receipt",
        {
            "ext.cn.SeqNo": seq,
            "ID": entry,
            "Status.DateTime": at.astimezone(UTC).replace(microsecond=0).isoformat(),
            "Status.SourceCode": channel,
            "Status.Text": note,
            "GoodsShipment.Consignment.TransportContractDocument[1].ID": bill,
            **(facts or {}),
        },
    )


def notification(
    function: str,
    *,
    lrn: str,
    mrn: str,
    at: datetime,
    reference: str,
    errors: Sequence[tuple[str, str]] = (),
) -> bytes:
    """Return a notification of a customs that speaks the WCO model (Response).

    `function` is the two-digit function code, `lrn` the declarant's reference, `mrn` the number
    the customs gave, `reference` the notification's own, `errors` code and text of each error.
    """
    found = {
        "Status.SourceCode": function,
        "Response.FunctionalReferenceID": reference,
        "Status.DateTime": at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "FunctionalReferenceID": lrn,
        "ID": mrn,
    }
    for n, (code, text) in enumerate(errors, 1):
        found |= {f"Error[{n}].Text": text, f"Error[{n}].Code": code}
    return _written("wco-res", found)


def entry_number(district: str, year: int, direction: str, serial: int) -> str:
    """Return an EntryId: district 4, year 4, flag 1 (0 export, 1 import), serial 9 digits."""
    flag = "0" if direction == "E" else "1"
    return f"{district:0>4.4}{year:04d}{flag}{serial:09d}"


def _written(format_id: str, found: Mapping[str, str]) -> bytes:
    terms = [Term(name, value, source=value) for name, value in found.items() if value]
    document = Document("sandbox", "1", Family.RECEIPT, terms)
    return adapters.render(document, format_id).data
