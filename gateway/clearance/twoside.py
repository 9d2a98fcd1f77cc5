"""Two-side proof: what both customs see alike, committed to by each gateway in its own log.

Each gateway takes the common fields from the very declaration of its side (the exporter from what
it sent, the importer from what it declares), commits to them with the clearance's salt key, and
logs the root. When both logs are cosigned, the parts make one proof. Fields and salts stay in the
two gateways; nothing but the root is logged.

An agreed change of a common field makes a new version on both sides, and a new proof. The version
is counted from the agreed changes, so both come to the same one; what is said of another waits
or is old.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from gateway.clearance import records
from gateway.clearance.amend import Change
from gateway.clearance.build import CLASSIFICATION
from gateway.clearance.corridor import Corridor
from gateway.clearance.desk import MIRROR, TWO_SIDE, Desk
from gateway.clearance.errors import NotYet
from gateway.clearance.ports import CommonLog
from gateway.clearance.records import Record, Role
from gateway.clearance.view import pattern
from gateway.store import payloads
from gateway.store.model import Role as Kept
from ledger.note import Signature
from ledger.twoside import Side, TwoSideProof, common_tree, derive_salt_key
from schemas.document import Document, Term, plain

if TYPE_CHECKING:
    from gateway.store.database import Transaction


def common_fields(document: Document, corridor: Corridor) -> dict[str, str]:
    """Return what both customs must see alike in a declaration, by plain term id.

    Numbers without trailing zeros and with unit or currency; commodity codes with the digits
    that both tariffs share.
    """
    return {
        plain(term.id): _canonical(term, corridor)
        for term in document
        if term.value and corridor.both_see(term.id) and not _national_part(term)
    }


def begin(tx: Transaction, desk: Desk, clearance_id: str, *, key: str) -> None:
    """Plan a step of the two-side proof; does nothing at a desk without a log."""
    if desk.common is not None:
        desk.plan(tx, TWO_SIDE, clearance_id, {}, key=key)


def renewed(tx: Transaction, desk: Desk, record: Record) -> Record:
    """Begin again if the agreed changes have made a new version of the common fields."""
    known, version = _state(record), _agreed_version(record)
    if desk.common is None or version == _version(known):
        return record
    theirs = {key: value for key, value in known.get("theirs", {}).items() if key == "salt_key"}
    later = known.get("later", {})
    two_side = {
        "version": version,
        "theirs": {**theirs, **later.get(str(version), {})},
        "later": {key: said for key, said in later.items() if int(key) > version},
    }
    if "root" in known:  # else this side has not begun, and will with the fields as they are then
        begin(tx, desk, record.id, key=f"v{version}")
    return record.with_body(two_side=two_side)


def told(tx: Transaction, desk: Desk, record: Record, said: Mapping[str, Any]) -> Record:
    """Keep what the partner says of its part, and plan to go on with it."""
    known = _state(record)
    version = _version(said)
    said = {key: value for key, value in said.items() if key != "version"}
    if version < _version(known):
        return record
    if version > _version(known):
        later = known.get("later", {})
        waiting = {**later, str(version): {**later.get(str(version), {}), **said}}
        return record.with_body(two_side={**known, "later": waiting})
    theirs = {**known.get("theirs", {}), **said}
    if theirs == known.get("theirs"):
        return record
    record = record.with_body(two_side={**known, "theirs": theirs})
    begin(tx, desk, record.id, key=f"told-{len(theirs)}")
    return record


def disclosed(record: Record) -> dict[str, object] | None:
    """Return this side's common fields with their salt key: for its own evidence only.

    None before this side has committed to them.
    """
    known = _state(record)
    if "root" not in known:
        return None
    shown = {"fields": known["fields"], "salt_key": known["salt_key"]}
    return {"corridor": record.corridor.id, "version": _version(known), **shown}


def advance(desk: Desk, clearance_id: str) -> None:
    """Go one step on: commit and log, wait for the cosignature, tell the partner, make the proof.

    Raises NotYet while something still has to come; every step is done once.
    """
    if desk.common is None:
        return
    with desk.store.read() as tx:
        record = records.load(tx, clearance_id)
        own = {} if "root" in _state(record) else _own_fields(tx, desk, record)
    if own:
        record = _commit(desk, record, own)
    if "side" not in _state(record):
        record = _place(desk, record)
    _prove(desk, record)


def _own_fields(tx: Transaction, desk: Desk, record: Record) -> dict[str, str]:
    """Return the common fields of this side's own declaration."""
    place = record.state.opened if record.role is Role.EXPORTER else record.id
    kept = payloads.read_many(tx, [place], [Kept.RENDERED])[place]
    if Kept.RENDERED not in kept:
        raise NotYet(where=record.id)
    found = common_fields(desk.documents.read(kept[Kept.RENDERED].data), record.corridor)
    for change in _agreed(record):
        name = plain(change.term)
        if change.new:
            found[name] = _canonical(Term(name, change.new, change.attrs), record.corridor)
        else:
            found.pop(name, None)
    return found


def _agreed(record: Record) -> list[Change]:
    """Return the agreed changes of common fields, in their order."""
    return [
        change
        for one in record.body.get("changes", ())
        if "answer" in one
        for change in map(Change.from_dict, one["changes"])
        if record.corridor.both_see(change.term)
    ]


def _agreed_version(record: Record) -> int:
    """Return 1 and one more for each agreed change that has a common field."""
    return 1 + sum(
        "answer" in one and any(record.corridor.both_see(each["term"]) for each in one["changes"])
        for one in record.body.get("changes", ())
    )


def _version(known: Mapping[str, Any]) -> int:
    return int(known.get("version", 1))


def _commit(desk: Desk, record: Record, own: Mapping[str, str]) -> Record:
    """Commit to the fields, log the root and tell the partner, all in one transaction."""
    assert desk.common is not None  # noqa: S101 - `advance` asked
    version = _version(_state(record))
    with desk.store.begin() as tx:
        record = records.load(tx, record.id, for_update=True)
        known = _state(record)
        if _version(known) != version:
            raise NotYet(where=record.id)
        salt_key = _salt_key(desk.common, record)
        root = common_tree(own, own.keys(), salt_key).root
        desk.common.append(tx, [root])
        two_side = {**known, "root": root.hex(), "fields": dict(own), "salt_key": salt_key.hex()}
        record = records.save(tx, record.with_body(two_side=two_side), now=desk.now())
        told_key = {"salt_key": salt_key.hex()} if record.role is Role.EXPORTER else {}
        _tell(tx, desk, record, {"root": root.hex(), **told_key}, key="root")
        return record


def _salt_key(log: CommonLog, record: Record) -> bytes:
    if record.role is Role.EXPORTER:
        return derive_salt_key(log.secret(), record.id)
    theirs = _state(record).get("theirs", {})
    if "salt_key" not in theirs:
        raise NotYet(where=record.id)
    return bytes.fromhex(theirs["salt_key"])


def _place(desk: Desk, record: Record) -> Record:
    """Note where the root stands in our log once the partner has cosigned it, and say so."""
    assert desk.common is not None  # noqa: S101 - `advance` asked
    part = desk.common.part(bytes.fromhex(_state(record)["root"]))
    if part is None:
        raise NotYet(where=record.id)
    with desk.store.begin() as tx:
        version = _version(_state(record))
        record = records.load(tx, record.id, for_update=True)
        if _version(_state(record)) != version:
            raise NotYet(where=record.id)
        two_side = {**_state(record), "side": _packed(part)}
        record = records.save(tx, record.with_body(two_side=two_side), now=desk.now())
        _tell(tx, desk, record, {"side": _packed(part)}, key="side")
        return record


def _prove(desk: Desk, record: Record) -> None:
    """Put both parts together, or note that the two sides did not see the same."""
    with desk.store.begin() as tx:
        record = records.load(tx, record.id, for_update=True)
        known = _state(record)
        theirs = known.get("theirs", {})
        if "proof" in known or "side" not in known or "root" not in theirs:
            return
        alike = theirs["root"] == known["root"]
        two_side = {**known, "alike": alike}
        if alike and "side" in theirs:
            sides = (_unpacked(known["side"]), _unpacked(theirs["side"]))
            if record.role is Role.IMPORTER:
                sides = (sides[1], sides[0])
            proof = TwoSideProof(bytes.fromhex(known["root"]), sides)
            two_side["proof"] = base64.b64encode(bytes(proof)).decode()
        records.save(tx, record.with_body(two_side=two_side), now=desk.now())


def _tell(
    tx: Transaction, desk: Desk, record: Record, said: Mapping[str, object], *, key: str
) -> None:
    version = _version(_state(record))
    two_side = {**said, "version": version}
    message = {"clearance": record.id, "corridor": record.corridor.id, "two_side": two_side}
    body = {"partner": record.partner, "message": message}
    desk.plan(tx, MIRROR, record.id, body, key=f"two-side-{version}-{key}")


def _state(record: Record) -> dict[str, Any]:
    return dict(record.body.get("two_side") or {})


def _national_part(term: Term) -> bool:
    """Tell whether a term is a second code of a line: a national addition, not the common code."""
    return pattern(term.id).shape == CLASSIFICATION and not plain(term.id).endswith(
        "Commodity.Classification.ID"
    )


def _canonical(term: Term, corridor: Corridor) -> str:
    if pattern(term.id).shape == CLASSIFICATION:
        return term.value[: corridor.two_side_digits]
    measure = term.attrs.get("unit") or term.attrs.get("currency")
    if not measure:
        return term.value
    try:
        number = Decimal(term.value)
    except InvalidOperation:
        return f"{term.value} {measure}"
    return f"{number.normalize():f} {measure}"


def _packed(side: Side) -> dict[str, object]:
    return {
        "origin": side.origin,
        "size": side.size,
        "index": side.index,
        "path": [node.hex() for node in side.path],
        "signatures": [[s.name, s.key_id.hex(), s.value.hex()] for s in side.signatures],
    }


def _unpacked(data: Mapping[str, Any]) -> Side:
    return Side(
        str(data["origin"]),
        int(data["size"]),
        int(data["index"]),
        tuple(bytes.fromhex(node) for node in data["path"]),
        tuple(
            Signature(name, bytes.fromhex(key_id), bytes.fromhex(value))
            for name, key_id, value in data["signatures"]
        ),
    )
