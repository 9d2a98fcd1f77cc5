"""The importing side: a declaration arrives, the importer completes it, the authority gets it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from gateway.clearance import records, twoside
from gateway.clearance.amending import agreed
from gateway.clearance.build import inbound, lrn
from gateway.clearance.complete import Asked, answers_for, form, importer_of, open_fields, take
from gateway.clearance.corridor import corridor
from gateway.clearance.desk import ARRIVED, DECLARE, Desk
from gateway.clearance.errors import NotYet, NotYours
from gateway.clearance.records import Record, Role
from gateway.clearance.release import COMPANION, DECLARATION
from gateway.store import clearances, payloads
from gateway.store import references as register
from gateway.store.errors import NotFound
from gateway.store.model import Exchange, Payload
from gateway.store.model import Role as Kept
from schemas.document import Document

if TYPE_CHECKING:
    from gateway.store.database import Transaction

KINDS = (DECLARATION, COMPANION)


def received(tx: Transaction, desk: Desk, exchange: Exchange) -> None:
    """Plan to take up a partner's document; for the pipeline's hook, in its transaction."""
    if exchange.kind in KINDS and exchange.clearance_id:
        body = {"exchange": exchange.id, "kind": exchange.kind, "sender": exchange.sender,
                "tenant": exchange.tenant, "corridor": exchange.correlation}  # fmt: skip
        desk.plan(tx, ARRIVED, exchange.clearance_id, body, key=exchange.id)


def arrive(desk: Desk, clearance_id: str, body: Mapping[str, Any]) -> None:
    """Take up a declaration that arrived: ask the importer, or declare with what is known."""
    with desk.store.read() as tx:
        data = payloads.read(tx, body["exchange"], Kept.DOCUMENT).data
    if body["kind"] == COMPANION:
        with desk.store.begin() as tx:
            record = mirrored(tx, desk, clearance_id, body)
            companions = {**record.body.get("companions", {}), "arrived": body["exchange"]}
            records.save(tx, record.with_body(companions=companions), now=desk.now())
        return
    document = desk.documents.read(data)
    with desk.store.begin() as tx:
        record = mirrored(tx, desk, clearance_id, body)
        if record.body.get("arrived"):
            return
        record = record.with_body(arrived=body["exchange"], opened=body["exchange"])
        asked = _asked(tx, record, document)
        if record.body.get("cancelled"):
            pass  # cancelled on its way: nothing is declared
        elif open_fields(asked):
            clearances.ask(tx, record.id, _kept(asked), now=desk.now())
            record = record.with_body(form=True)
        else:
            record = _declare(tx, desk, record, _values(asked))
        records.save(tx, record, now=desk.now())


def mirrored(tx: Transaction, desk: Desk, clearance_id: str, body: Mapping[str, Any]) -> Record:
    """Return the clearance a partner speaks of, beginning it here if it is new.

    Raises NotYours if it is another partner's clearance.
    """
    record = records.find(tx, clearance_id)
    if record is None:
        profile = corridor(body["corridor"])
        begun = {
            "role": Role.IMPORTER.value,
            "partner": body["sender"],
            "authority": desk.authority_of(profile.import_.country),
            "document": body.get("document", ""),
            "opened": "",
        }
        tenant = body.get("tenant") or desk.tenant
        return records.create(tx, clearance_id, tenant, profile.id, begun, now=desk.now())
    if record.partner != body["sender"]:
        raise NotYours(sender=body["sender"], side="", where=clearance_id)
    return record


@dataclass(frozen=True, slots=True)
class Form:
    """The form of a clearance as it stands, with what the importer profile knows."""

    record: Record
    asked: list[Asked]


def form_of(desk: Desk, tenant: str, clearance_id: str) -> Form:
    """Return the form of a clearance; raises NotFound where nothing arrived yet."""
    with desk.store.read() as tx:
        record = records.load(tx, clearance_id, tenant=tenant)
        document = _arrived(tx, desk, record)
        return Form(record, _asked(tx, record, document))


def answer(desk: Desk, tenant: str, clearance_id: str, values: Mapping[str, str]) -> Record:
    """Take the importer's answers, keep them as profile, and plan the import declaration.

    Raises AnswersRefused; the same answers again change nothing.
    """
    asked = form_of(desk, tenant, clearance_id).asked
    given = take(asked, values)
    with desk.store.begin() as tx:
        record = records.load(tx, clearance_id, tenant=tenant, for_update=True)
        if not record.body.get("form"):
            return record
        document = _arrived(tx, desk, record)
        place = (tenant, importer_of(document), record.corridor.id)
        profile = {**_profile_of(tx, *place), **given}
        clearances.keep_profile(tx, *place, {"answers": profile}, now=desk.now())
        clearances.answer(tx, clearance_id, {**values}, now=desk.now())
        record = _declare(tx, desk, record, given).with_body(form=False)
        return records.save(tx, record, now=desk.now())


def import_message(desk: Desk, clearance_id: str) -> tuple[Record, bytes]:
    """Return the declaration for the importing customs; built once, then always the same bytes."""
    with desk.store.read() as tx:
        record = records.load(tx, clearance_id)
        kept = payloads.read_many(tx, [clearance_id], [Kept.RENDERED])[clearance_id]
        if Kept.RENDERED in kept:
            return record, kept[Kept.RENDERED].data
        document = _arrived(tx, desk, record)
        asked = _asked(tx, record, document)
    profile = record.corridor
    answers = answers_for(asked, record.body["answers"])
    complete = inbound(document, profile, answers, clearance_id)
    message = desk.documents.render(complete, profile.import_.format)
    media_type = desk.documents.media_type(profile.import_.format)
    with desk.store.begin() as tx:
        if records.load(tx, clearance_id, for_update=True).body != record.body:
            raise NotYet(where=clearance_id)  # changed meanwhile: built again as it is now
        rendered = Payload(Kept.RENDERED, media_type, message)
        payloads.write(tx, [(clearance_id, rendered)], now=desk.now())
        references = {f"{record.body['authority']}:lrn": lrn(clearance_id)}
        register.refer(tx, clearance_id, references)
        twoside.begin(tx, desk, clearance_id, key="1")
    return record, message


def _declare(tx: Transaction, desk: Desk, record: Record, answers: Mapping[str, str]) -> Record:
    desk.plan(tx, DECLARE, record.id, {}, key="1")
    return record.with_body(answers=dict(answers))


def _arrived(tx: Transaction, desk: Desk, record: Record) -> Document:
    exchange = record.body.get("arrived")
    if not exchange:
        raise NotFound(what="declaration of clearance", where=record.id)
    arrived = desk.documents.read(payloads.read(tx, exchange, Kept.DOCUMENT).data)
    return agreed(record, arrived)


def _asked(tx: Transaction, record: Record, document: Document) -> list[Asked]:
    place = (record.tenant, importer_of(document), record.corridor.id)
    return form(document, record.corridor, _profile_of(tx, *place))


def _profile_of(tx: Transaction, tenant: str, importer: str, corridor_id: str) -> dict[str, str]:
    found = clearances.profile(tx, tenant, importer, corridor_id)
    answers = {} if found is None else found["answers"]
    return {str(key): str(value) for key, value in answers.items()}  # type: ignore[attr-defined]


def _values(asked: list[Asked]) -> dict[str, str]:
    return {field.key: field.value for field in asked if field.value}


def _kept(asked: list[Asked]) -> dict[str, object]:
    return {"fields": [field.as_dict() for field in asked]}
