"""A control tracking registry: who is in control of a bill, decided in one place.

Every platform of a bill records what it does with control; a record names the one before it, and
one record has one successor. So of two platforms that both take a bill, one is too late.

    ISSUE     a platform holds a bill that nobody recorded before
    OFFER     the platform in control offers it, with the entry that will transfer it
    ACCEPT    the platform it was offered to takes it, naming that very entry
    WITHDRAW  the platform in control takes its offer back
    END       the platform in control ends the bill

An offer that was taken back is never made again: what was long under way to the registry cannot
undo what was recorded since.

The fields are those that the demonstrations of DCSA's registry show; its API is not public, and
this one is ours.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final

from certs import jose
from certs.jose.compact import open_signed
from certs.verdict import Refused
from gateway.lading import checksums
from gateway.lading.chain import Json, platform_code
from gateway.lading.desk import Desk
from gateway.lading.refusals import (
    MessageInvalid,
    NotYours,
    SignatureRefused,
    TransferDisputed,
    UnknownThing,
)
from gateway.lading.shapes import Fault
from gateway.store import controls
from gateway.store.controls import Record
from gateway.store.errors import Collision
from schemas.text import Text


class Move(StrEnum):
    """What is recorded."""

    ISSUE = "ISSUE"
    OFFER = "OFFER"
    ACCEPT = "ACCEPT"
    WITHDRAW = "WITHDRAW"
    END = "END"


@dataclass(frozen=True, slots=True)
class Standing:
    """Where control of a bill is: the platform, the entry that gave it, and what it offers.

    `withdrawn` are the entries whose offers were taken back.
    """

    controller: str = ""
    entry: str = ""
    offered_to: str = ""
    offered: str = ""
    ended: bool = False
    withdrawn: frozenset[str] = frozenset()

    def after(self, said: Json) -> Standing:
        """Return the standing after a record; raises TransferDisputed."""
        move, actor = Move(said["action"]), str(said["actor"])
        entry = str(said[ENTRY])
        if move is Move.ISSUE:
            _require(not self.controller and not self.ended, "control is taken already")
            return Standing(actor, entry)
        _require(not self.ended, "the bill has ended")
        if move is Move.ACCEPT:
            _require(actor == self.offered_to, "it was offered to another platform or to none")
            _require(entry == self.offered, "another transfer was offered")
            return Standing(actor, entry, withdrawn=self.withdrawn)
        _require(actor == self.controller, "another platform is in control")
        if move is Move.OFFER:
            _require(not self.offered, "another transfer is offered")
            _require(entry not in self.withdrawn, "this transfer was taken back")
            return replace(self, offered_to=str(said["receiver"]), offered=entry)
        if move is Move.WITHDRAW:
            _require(entry == self.offered, "another transfer was offered")
            gone = self.withdrawn | {entry}
            return replace(self, offered_to="", offered="", withdrawn=gone)
        _require(not self.offered, "a transfer is offered")
        return replace(self, ended=True)


ENTRY: Final = "lastEnvelopeTransferChainEntrySignedContentChecksum"
_FIELDS: Final = ("eblID", "action", "actor", ENTRY, "platformActionTimestamp")


class ControlRegistry:
    """Keeps the records; each is in the log before it is answered."""

    def __init__(self, desk: Desk) -> None:
        """Keep them at `desk`."""
        self._desk = desk

    def record(self, text: object, caller: str) -> Json:
        """Keep a signed record and return how the bill stands; the same again changes nothing.

        Raises MessageInvalid, SignatureRefused, NotYours, or TransferDisputed for a record that
        cannot follow.
        """
        said = self._opened(text, caller)
        try:
            return self._kept(str(text), said)
        except Collision:  # somebody else followed the same record: look again
            return self._kept(str(text), said)

    def standing(self, bill: str) -> Json:
        """Return how a bill stands and its records; raises UnknownThing."""
        with self._desk.store.read() as tx:
            records = controls.of(tx, bill)
        if not records:
            raise UnknownThing(where=bill, what="bill of lading")
        return _shown(records)

    def _opened(self, text: object, caller: str) -> Json:
        desk = self._desk
        if not isinstance(text, str):
            raise MessageInvalid([Fault("$", "", "", "a compact JWS")])
        try:
            opened = open_signed(text, desk.book, desk.clock())
            said = jose.parse(opened.payload)
        except Refused as refused:
            raise SignatureRefused(refused.reason) from refused
        faults = [
            Fault(f"$.{name}", name, None, "to be there") for name in _FIELDS if name not in said
        ]
        faults += [
            Fault(f"$.{name}", name, said[name], "a checksum")
            for name in ("eblID", ENTRY)
            if name in said and not checksums.is_checksum(said[name])
        ]
        if said.get("action") not in set(Move):
            faults.append(Fault("$.action", "action", said.get("action"), "an action"))
        if said.get("action") == Move.OFFER and not isinstance(said.get("receiver"), str):
            faults.append(Fault("$.receiver", "receiver", None, "to be there"))
        if faults:
            raise MessageInvalid(faults)
        if opened.signer.doubt is not None:
            raise SignatureRefused(opened.signer.doubt)
        actor = platform_code(said["actor"])
        if not platform_code(opened.signer.owner) == platform_code(caller) == actor:
            raise NotYours(Text("the actor did not sign it", "签名者不是操作方"))
        return said

    def _kept(self, text: str, said: Json) -> Json:
        desk, bill = self._desk, str(said["eblID"])
        with desk.store.begin() as tx:
            records = controls.of(tx, bill)
            if records and _same(records, said):
                return _shown(records)
            _follow(records).after(said)
            record = Record(
                bill=bill,
                n=len(records),
                checksum=checksums.of_text(text),
                previous=records[-1].checksum if records else "",
                text=text,
                body=said,
                recorded_at=desk.clock(),
            )
            controls.add(tx, record)
            desk.say(tx, record.checksum)
        return _shown([*records, record])


def _follow(records: Sequence[Record]) -> Standing:
    standing = Standing()
    for record in records:
        standing = standing.after(dict(record.body))
    return standing


def _same(records: Sequence[Record], said: Json) -> bool:
    """Tell whether the last record says the same, whenever it was said."""
    last: dict[str, Any] = dict(records[-1].body)
    return {**last, "platformActionTimestamp": ""} == {**said, "platformActionTimestamp": ""}


def _shown(records: Sequence[Record]) -> Json:
    standing = _follow(records)
    return {
        "controller": standing.controller,
        "entry": standing.entry,
        "offeredTo": standing.offered_to,
        "offered": standing.offered,
        "ended": standing.ended,
        "records": [
            {"record": each.text, "checksum": each.checksum, "previousRecord": each.previous}
            for each in records
        ],
    }


def _require(holds: bool, reason: str) -> None:  # noqa: FBT001 - the condition reads first
    if not holds:
        raise TransferDisputed(Text(reason, _CHINESE[reason]))


_CHINESE: Final = {
    "this transfer was taken back": "该笔转让已被撤回",
    "control is taken already": "控制权已被登记",
    "the bill has ended": "该提单已终止",
    "it was offered to another platform or to none": "并未向该平台转让",
    "another transfer was offered": "所转让的并非此笔",
    "another platform is in control": "控制权属于另一平台",
    "another transfer is offered": "已有另一笔转让",
    "a transfer is offered": "存在未决转让",
}
