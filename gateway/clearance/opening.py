"""Opening a clearance from a declaration with its invoice and bill of lading."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from gateway.clearance import records
from gateway.clearance.corridor import Corridor, between, corridor
from gateway.clearance.desk import DECLARE, Desk
from gateway.clearance.errors import AlreadyOpen, DocumentsDisagree, WrongSide
from gateway.clearance.join import Joined, join, shipment
from gateway.clearance.records import Record, Role
from gateway.store import payloads
from gateway.store import references as register
from gateway.store.ids import new_id
from gateway.store.model import Payload
from gateway.store.model import Role as Kept
from schemas.clock import iso
from schemas.document import Document
from schemas.finding import Flag

if TYPE_CHECKING:
    from gateway.store.database import Transaction

JSON: Final = "application/json"
BILL: Final = "GoodsShipment.Consignment.TransportContractDocument.ID"


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """What a clearance is opened from. `key` is the caller's idempotency key.

    `related` are invoice, bill of lading and, where there are, other documents of the shipment.
    Empty `corridor`: the one between the declaration's two countries; empty `receiver`: the
    partner gateway in the importing country.
    """

    tenant: str
    declaration: bytes
    related: Sequence[bytes] = ()
    receiver: str = ""
    corridor: str = ""
    key: str = ""


def open_clearance(desk: Desk, opening: Opening) -> Record:
    """Check the documents against each other, keep them, and plan the export declaration.

    The same opening again (same key, or the same bytes) returns the clearance it had. Raises
    DocumentsDisagree for contradictions, WrongSide, NoCorridor, NoPartner, NoCustoms, AlreadyOpen.
    """
    declaration = desk.documents.read(opening.declaration)
    related = [desk.documents.read(data) for data in opening.related]
    whole = joined(declaration, related)
    profile = _corridor(desk, opening, whole.document)
    partner = desk.partner(profile.import_.country, opening.receiver)
    body: dict[str, object] = {
        "role": Role.EXPORTER.value,
        "partner": partner,
        "authority": desk.authority_of(profile.export.country),
        "document": whole.document.value(BILL),
        "opened": "",
        "findings": [finding.as_dict() for finding in whole.findings],
        "consent": {"given_by": opening.tenant, "at": iso(desk.now())},
    }
    with desk.store.begin() as tx:
        return _keep(tx, desk, opening, declaration, profile, body)


def documents_of(tx: Transaction, record: Record) -> tuple[bytes, list[bytes]]:
    """Return the declaration as last amended, and the related documents it was opened with."""
    key = version_key(record.id, int(record.body.get("version", 1)))
    declaration = payloads.read(tx, key, Kept.SOURCE).data
    related = json.loads(payloads.read(tx, record.id, Kept.RELATED).data)
    return declaration, [base64.b64decode(text) for text in related]


def version_key(clearance_id: str, version: int) -> str:
    """Return where a version of the declaration is kept; the first is version 1."""
    return clearance_id if version == 1 else f"{clearance_id}/v{version}"


def joined(declaration: Document, related: Sequence[Document]) -> Joined:
    """Join the documents; raises DocumentsDisagree for a contradiction that is fatal."""
    found = join(shipment(declaration, *related))
    fatal = [finding for finding in found.findings if finding.flag is Flag.FATAL]
    if fatal:
        raise DocumentsDisagree(fatal)
    return found


def _corridor(desk: Desk, opening: Opening, document: Document) -> Corridor:
    exporting = document.value("GoodsShipment.ExportCountry.ID")
    if exporting != desk.country:
        raise WrongSide(found=exporting or "?", expected=desk.country)
    if opening.corridor:
        return corridor(opening.corridor)
    return between(exporting, document.value("GoodsShipment.Destination.CountryCode"))


def _keep(  # noqa: PLR0917 - all that goes into one transaction
    tx: Transaction,
    desk: Desk,
    opening: Opening,
    declaration: Document,
    profile: Corridor,
    body: dict[str, object],
) -> Record:
    content = hashlib.sha256(b"\x00".join([opening.declaration, *opening.related])).hexdigest()
    place = f"key:{opening.tenant}"
    before = register.find(tx, place, opening.key or content)
    if before is not None:
        return _again(tx, before, opening, content)
    local, authority = declaration.value("FunctionalReferenceID"), str(body["authority"])
    taken = register.find(tx, f"{authority}:lrn", local) if local else None
    if taken is not None:
        raise AlreadyOpen(value=local, clearance=taken)
    now = desk.now()
    body["content"] = content
    record = records.create(tx, new_id(), opening.tenant, profile.id, body, now=now)
    references = {place: opening.key or content}
    if local:
        references[f"{authority}:lrn"] = local
    register.refer(tx, record.id, references)
    kept = [(record.id, payload) for payload in _payloads(desk, opening, profile)]
    payloads.write(tx, kept, now=now)
    desk.plan(tx, DECLARE, record.id, {}, key="1")
    return record


def _again(tx: Transaction, before: str, opening: Opening, content: str) -> Record:
    record = records.load(tx, before, tenant=opening.tenant)
    if record.body.get("content") != content:
        raise AlreadyOpen(value=opening.key, clearance=before)
    return record


def _payloads(desk: Desk, opening: Opening, profile: Corridor) -> list[Payload]:
    texts = [base64.b64encode(data).decode() for data in opening.related]
    media_type = desk.documents.media_type(profile.export.format)
    return [
        Payload(Kept.SOURCE, media_type, opening.declaration),
        Payload(Kept.RELATED, JSON, json.dumps(texts).encode()),
    ]
