"""Calling off a transfer that nobody answers (PINT 3.0.0), where control stays single.

| the transfer | is called off |
|---|---|
| nothing of it was ever let go | yes |
| no registry; all that was let go came back without acceptance | yes |
| no registry; something was let go and has no answer | no: it is sent until a signed answer comes |
| a control tracking registry | when it records the withdrawal: it decides who was first |
| a title register | when it has the title with the sender, and no move of it is under way |

PINT binds the sender to go on until a signed answer comes; a control tracking registry releases
it from that. Once a call-off waits for a registry nothing more is sent.
"""

from __future__ import annotations

from typing import Final

from gateway.lading.chain import Action
from gateway.lading.control.registry import Registries, Registry
from gateway.lading.desk import Desk
from gateway.lading.envelope import Envelope, open_envelope
from gateway.lading.refusals import NotNow, NotYours, UnknownThing
from gateway.lading.transfer import reach
from gateway.lading.transfer.carrying import Carriage
from gateway.store import ladings
from gateway.store.database import Transaction
from gateway.store.ladings import Transfer
from schemas.text import Text

_OUT: Final = "out"
_CARRIERS: Final = frozenset({Action.SACC, Action.SREJ})
_CALLED_OFF: Final = Text("called off by its sender", "已由发送方撤回")
_MAY_HAVE_IT: Final = Text(
    "the other platform may have accepted it, and no registry tells; "
    "it is sent until a signed answer comes",
    "对方平台可能已接受,且无登记处可查证;将持续发送直至收到签名应答",
)
_HAS_IT: Final = Text(
    "the registry has it with the other platform: it was accepted",
    "登记处显示提单已由对方平台控制:转让已被接受",
)
_ANSWER: Final = Text(
    "it takes the carrier's answer back, which is not the holder's to call off",
    "此为承运人答复的回传,持有人不得撤回",
)


class CallingOff:
    """Calls transfers off for one platform."""

    def __init__(self, desk: Desk, registries: Registries, carriage: Carriage) -> None:
        """Call off what `carriage` carries, with the registries of control by their URIs."""
        self._desk = desk
        self._registries = registries
        self._carriage = carriage

    def call_off(self, tenant: str | None, reference: str) -> str:
        """Take back the open transfer of an account's bill (any for None); return its id.

        The bill is held again. Raises UnknownThing, NotYours, NotNow where it is not safe, and
        PeerSilent while a registry gives no answer: it is asked again.
        """
        transfer = self._found(tenant, reference)
        envelope, registry = self._opened(transfer)
        with self._desk.store.begin() as tx:
            current = ladings.transfer(tx, transfer.id, for_update=True)
            if current.state != "open":
                raise NotNow(Text(f"it is {current.state}", f"其状态为 {current.state}"))
            quiet = registry is None and not reach.unanswered(current)
            if quiet or not reach.begun(current):
                self._carriage.write_end(tx, current, envelope, state="rejected", why=_CALLED_OFF)
                return transfer.id
            if registry is None:
                raise NotNow(_MAY_HAVE_IT)
            reach.stop(self._desk, tx, current)
        if not self._withdrawn(current, envelope, registry):
            raise NotNow(_HAS_IT)
        return transfer.id

    def go_on(self, transfer_id: str) -> bool:
        """Go on with a call-off that waits for its registry; False where none does."""
        with self._desk.store.read() as tx:
            transfer = ladings.transfer(tx, transfer_id)
        if transfer.state != "open" or not reach.stopped(transfer):
            return False
        envelope, registry = self._opened(transfer)
        if registry is None:
            return False
        try:
            self._withdrawn(transfer, envelope, registry)
        except NotNow:
            return False
        return True

    def _withdrawn(self, transfer: Transfer, envelope: Envelope, registry: Registry) -> bool:
        """Have the registry take an offer back, and write what it says; NotNow lets it go on."""
        quiet = not reach.unanswered(transfer)
        try:
            back = registry.withdraw(envelope, quiet=quiet)
        except NotNow:
            with self._desk.store.begin() as tx:
                current = ladings.transfer(tx, transfer.id, for_update=True)
                reach.stop(self._desk, tx, current, yes=False)
            raise
        with self._desk.store.begin() as tx:
            current = ladings.transfer(tx, transfer.id, for_update=True)
            if current.state == "open":
                state, why = ("rejected", _CALLED_OFF) if back else ("accepted", None)
                self._carriage.write_end(tx, current, envelope, state=state, why=why)
        return back

    def _found(self, tenant: str | None, reference: str) -> Transfer:
        with self._desk.store.read() as tx:
            bill = ladings.live(tx, reference)
            if bill is None:
                raise UnknownThing(where=reference, what="bill of lading")
            if tenant not in {None, bill.tenant}:
                raise NotYours(Text("another party holds this bill", "该提单由另一方持有"))
            transfer = _open_transfer(tx, bill.checksum)
        if transfer is None:
            raise NotNow(Text(f"the bill is {bill.state}", f"提单状态为 {bill.state}"))
        if transfer.body["action"] in _CARRIERS:
            raise NotNow(_ANSWER)
        return transfer

    def _opened(self, transfer: Transfer) -> tuple[Envelope, Registry | None]:
        desk = self._desk
        envelope = open_envelope(transfer.body["envelope"], desk.book, desk.clock())
        return envelope, self._registries(envelope.registry) if envelope.registry else None


def _open_transfer(tx: Transaction, bill: str) -> Transfer | None:
    """Return the transfer of a bill that is on its way, None without one."""
    found = ladings.transfers(tx, bill=bill, state="open")
    return next((each for each in found if each.direction == _OUT), None)
