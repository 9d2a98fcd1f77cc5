"""A control tracking registry as a platform uses it: what it does with control, on record."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from certs import jose
from gateway.lading.chain import NOTICES, Json, platform_code
from gateway.lading.control.registry import Step
from gateway.lading.control.tracking import ENTRY, ControlRegistry, Move
from gateway.lading.desk import Desk
from gateway.lading.envelope import Envelope
from gateway.lading.refusals import NotNow, PeerSilent, TransferDisputed, UnknownThing
from schemas.clock import iso
from schemas.jcs import canonical_json
from schemas.jsondepth import loads
from schemas.text import Text

_RECORDS: Final = "/ctr/v1/records"
_OK: Final = 200
_GONE: Final = 404
_CONFLICT: Final = 409
_LOOKS: Final = 5
_UNRECORDED: Final = Text("the bill is not recorded yet", "该提单尚未登记")
_NOTICE: Final = Text("a notice is on no record", "通知不在登记之列")
_BUSY: Final = Text("other records come first", "其他登记先行写入")


class RegistryClient:
    """A control tracking registry that one of our peers runs, or we ourselves."""

    def __init__(self, desk: Desk, peer: str, own: ControlRegistry | None = None) -> None:
        """Use the registry of `peer`; `own` is ours."""
        self._desk = desk
        self._peer = peer
        self._own = own

    def open(self, step: Step, replaced: Sequence[str]) -> None:
        """Nothing: a bill is recorded once it is issued."""

    def make(self, step: Step) -> None:
        """Nothing: what a platform does inside is on no record."""

    def offer(self, envelope: Envelope, orders: Sequence[str] = ()) -> None:  # noqa: ARG002 - a registry takes none
        """Record that control is offered; a notice moves none."""
        if envelope.action in NOTICES:
            return
        standing = self._recorded(envelope)
        if standing["controller"] != _receiver(envelope):
            self._offer(envelope, standing)

    def accept(self, envelope: Envelope) -> None:
        """Record that control is taken."""
        if envelope.action not in NOTICES:
            self._about(envelope, Move.ACCEPT)

    def decline(self, envelope: Envelope) -> None:
        """Nothing: who offered takes the offer back."""

    def settled(self, envelope: Envelope, *, accepted: bool | None) -> bool | None:
        """Tell whether the receiver has control by the record; an offer refused is withdrawn."""
        if envelope.action in NOTICES:
            return accepted
        standing = self._recorded(envelope)
        if standing["controller"] == _receiver(envelope):
            return True
        if accepted is None:
            return None
        if not _was_withdrawn(standing, envelope):
            self._about(envelope, Move.WITHDRAW)
        return False

    def withdraw(self, envelope: Envelope, *, quiet: bool) -> bool:  # noqa: ARG002 - the record decides
        """Record that the offer is taken back, whatever of it is still under way to the registry.

        An offer that did not arrive yet is recorded first: taken back, it cannot be made again
        when it does arrive. Raises NotNow for a notice, which is on no record.
        """
        if envelope.action in NOTICES:
            raise NotNow(_NOTICE)
        for _ in range(_LOOKS):
            standing = self._recorded(envelope)
            if standing["controller"] != self._desk.platform:
                return False
            if _was_withdrawn(standing, envelope):
                return True
            try:
                if standing["offered"] != envelope.last.checksum:
                    self._offer(envelope, standing)
                else:
                    self._about(envelope, Move.WITHDRAW)
            except TransferDisputed:  # somebody else recorded something: look again
                continue
        raise PeerSilent(_BUSY, where=self._peer)

    def issued(self, bill: str, entry: str) -> None:
        """Record that a bill was issued here."""
        self._record(bill, Move.ISSUE, entry)

    def ended(self, bill: str, entry: str) -> None:
        """Record that a bill has ended."""
        self._record(bill, Move.END, entry)

    def _recorded(self, envelope: Envelope) -> Json:
        """Return how the bill stands; raises PeerSilent while nobody has recorded it."""
        standing = self._standing(envelope.document_checksum)
        if standing is None:
            raise PeerSilent(_UNRECORDED, where=self._peer)
        return standing

    def _standing(self, bill: str) -> Json | None:
        if self._own is not None:
            try:
                return self._own.standing(bill)
            except UnknownThing:
                return None
        reply = self._desk.peers.call(self._peer, "GET", f"{_RECORDS}/{bill}", None)
        if reply.status == _GONE:
            return None
        return _usable(reply.status, reply.body, self._peer)

    def _offer(self, envelope: Envelope, standing: Json) -> None:
        """Record an offer, unless it is there."""
        if standing["offered"] != envelope.last.checksum:
            self._about(envelope, Move.OFFER, receiver=_receiver(envelope))

    def _about(self, envelope: Envelope, move: Move, **more: str) -> None:
        self._record(envelope.document_checksum, move, envelope.last.checksum, **more)

    def _record(self, bill: str, move: Move, entry: str, **more: str) -> None:
        desk = self._desk
        said = {
            "eblID": bill,
            "action": move.value,
            "actor": desk.platform,
            ENTRY: entry,
            "platformActionTimestamp": iso(desk.clock()),
            **more,
        }
        text = desk.signer.sign(canonical_json(said))
        if self._own is not None:
            self._own.record(text, desk.platform)
            return
        reply = desk.peers.call(self._peer, "POST", _RECORDS, text)
        if reply.status == _CONFLICT:
            raise TransferDisputed(Text("the registry refused it", "控制登记处拒绝"))
        _usable(reply.status, reply.body, self._peer)


def _usable(status: int, body: bytes, peer: str) -> Json:
    try:
        said = loads(body) if status == _OK else None
    except ValueError:
        said = None
    if not isinstance(said, dict):
        reason = Text(f"HTTP {status} from the registry", f"控制登记处返回 HTTP {status}")
        raise PeerSilent(reason, where=peer)
    return said


def _was_withdrawn(standing: Json, envelope: Envelope) -> bool:
    """Tell whether the offer of an envelope was taken back before."""
    texts = (str(each["record"]) for each in standing["records"])
    said = (jose.parse(jose.decode(text.split(".")[1])) for text in texts)
    wanted = (Move.WITHDRAW, envelope.last.checksum)
    return any((each["action"], each[ENTRY]) == wanted for each in said)


def _receiver(envelope: Envelope) -> str:
    """Return the platform that a transfer is to."""
    return platform_code((envelope.recipient or {}).get("eblPlatform", ""))
