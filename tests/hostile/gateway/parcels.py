"""Parcels as a partner sends them, made with its own keys, to be spoiled by the tests."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from types import MappingProxyType

import httpx

from gateway.exchange.rooms import Envelope
from gateway.sandbox import shipments
from gateway.store.model import Direction, Exchange
from gateway.transport import headers
from gateway.wiring.sealing import Seals
from schemas.clock import utc_now
from tests.journeys.pair import Pair

INVOICE = shipments.load("g01").invoice
_AS_IT_IS: Mapping[str, str] = MappingProxyType({})


def container(
    gateways: Pair,
    message_id: str,
    *,
    data: bytes = INVOICE,
    seals: Seals | None = None,
    said: Mapping[str, str] = _AS_IT_IS,
) -> bytes:
    """Return a container of the exporter for the importer; `said` changes its envelope."""
    gateway = gateways.exporter.gateway
    seals = seals or Seals(lambda: gateway.seal, gateway.stamper, gateway.clock)
    exchange = Exchange(
        id=message_id,
        tenant="t",
        direction=Direction.OUT,
        kind="invoice",
        sender="cn-port",
        receiver="sg-port",
        message_id=message_id,
        created_at=utc_now(),
        updated_at=utc_now(),
    )
    signed = seals.sign(exchange, data, "application/xml")
    document = seals.stamp(exchange, signed.data, signed.media_type)
    envelope = Envelope(
        message_id=message_id,
        kind="invoice",
        sender="cn-port",
        receiver="sg-port",
        format="peppol-ubl",
        media_type=signed.media_type,
        digest=hashlib.sha256(document).digest(),
    )
    return seals.pack(exchange, replace(envelope, **said), document)  # type: ignore[arg-type]


def deliver(gateways: Pair, parcel: bytes, message_id: str, **more: str) -> httpx.Response:
    """Post a container to the importer; `more` are headers other than the right ones."""
    sent = {
        headers.MESSAGE_ID: message_id,
        headers.SENDER: "cn-port",
        headers.RECIPIENT: "sg-port",
        "content-type": headers.ASICE,
        **{name.replace("_", "-"): value for name, value in more.items()},
    }
    with gateways.importer.caller() as http:
        return http.post(headers.DELIVERIES, content=parcel, headers=sent)


def respelled(parcel: bytes, name: str) -> bytes:
    """Return a container, well-formed, in which one byte in the middle of one file is changed."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(parcel)) as old, zipfile.ZipFile(out, "w") as new:
        for info in old.infolist():
            data = bytearray(old.read(info))
            if info.filename == name:
                data[len(data) // 2] ^= 1
            new.writestr(info, bytes(data))
    return out.getvalue()


def files(parcel: bytes) -> list[str]:
    """Return the names of a container's files."""
    with zipfile.ZipFile(io.BytesIO(parcel)) as opened:
        return opened.namelist()
