"""The lading room as the faces see it: one object with all of its parts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import cached_property
from typing import Any

from gateway.lading import tasks, view
from gateway.lading.carrier import noticing, overview
from gateway.lading.carrier.arrivals import Arrivals
from gateway.lading.carrier.carried import TransportDocuments
from gateway.lading.carrier.instructing import Instructing
from gateway.lading.carrier.instructions import ShippingInstructions
from gateway.lading.carrier.issuance import IssuingCarrier
from gateway.lading.carrier.surrender import SurrenderedCarrier
from gateway.lading.chain import Json, platform_code
from gateway.lading.control.client import RegistryClient
from gateway.lading.control.registry import Registry
from gateway.lading.control.tracking import ControlRegistry
from gateway.lading.desk import Desk
from gateway.lading.history import control_of
from gateway.lading.platform import endorsement, surrender
from gateway.lading.platform.issuance import IssuingPlatform
from gateway.lading.platform.surrender import SurrenderingPlatform
from gateway.lading.release.bundle import Bundles
from gateway.lading.release.cargo import Customs, Release
from gateway.lading.release.presentation import Presentations
from gateway.lading.runner import LadingRunner, post
from gateway.lading.titles import view as titleview
from gateway.lading.titles.titled import TitleRegistry
from gateway.lading.transfer import inhouse
from gateway.lading.transfer.callingoff import CallingOff
from gateway.lading.transfer.carrying import Carriage
from gateway.lading.transfer.inhouse import InHouse
from gateway.lading.transfer.moving import Moving
from gateway.lading.transfer.ordering import Ordering
from gateway.lading.transfer.receiving import Receiver
from gateway.lading.transfer.retention import Retention
from gateway.lading.transfer.sending import Attachment, Sender
from gateway.store import ladings
from gateway.store.database import Transaction
from gateway.store.ladings import Bill


class LadingService:
    """Bills of lading at one desk."""

    def __init__(
        self,
        desk: Desk,
        *,
        issue_at_once: bool = True,
        customs: Customs = lambda _: False,
        unfinished: timedelta = timedelta(),
    ) -> None:
        """Work at `desk`; `customs` tells whether goods are released, by default they are not.

        Transfers that nobody finishes are kept for the time `unfinished`, by default for ever.
        """
        self.desk = desk
        self._unfinished = unfinished
        self._at_once = issue_at_once
        self._customs = customs

    @cached_property
    def control(self) -> ControlRegistry:
        """Our own control tracking registry."""
        return ControlRegistry(self.desk)

    def registry(self, uri: str) -> Registry | None:
        """Return the registry of control at a URI, None for one we do not use."""
        if uri in self.desk.books:
            return TitleRegistry(self.desk, self.desk.books[uri])
        peer = self.desk.registry_peers.get(uri)
        if peer is None:
            return None
        return RegistryClient(self.desk, peer, None if peer else self.control)

    @cached_property
    def moving(self) -> Moving:
        """Has title registers make what happens here."""
        return Moving(self.desk, self.registry, self._write)

    def _write(
        self, kind: str, tx: Transaction, bill: Bill, made: Json, more: Mapping[str, Any]
    ) -> None:
        """Have the part that began a step write it."""
        writers = {
            inhouse.KIND: self.inhouse.write,
            surrender.ASKING: self.surrendering.write_asked,
            surrender.ANSWERING: self.surrendering.write_answered,
        }
        writers[kind](tx, bill, made, more)

    @cached_property
    def receiver(self) -> Receiver:
        """The receiving platform of PINT."""
        return Receiver(self.desk, self.registry)

    @cached_property
    def sender(self) -> Sender:
        """The sending platform of PINT."""
        return Sender(self.desk)

    @cached_property
    def carriage(self) -> Carriage:
        """Carries transfers to other platforms."""
        return Carriage(self.desk, self.registry)

    @cached_property
    def calling_off(self) -> CallingOff:
        """Calls transfers off."""
        return CallingOff(self.desk, self.registry, self.carriage)

    @cached_property
    def issuing(self) -> IssuingPlatform:
        """The platform of issue."""
        return IssuingPlatform(self.desk, self.registry, at_once=self._at_once)

    @cached_property
    def carrier_issuing(self) -> IssuingCarrier:
        """The carrier that has bills issued."""
        return IssuingCarrier(self.desk)

    @cached_property
    def surrendering(self) -> SurrenderingPlatform:
        """The platform that surrenders."""
        return SurrenderingPlatform(self.desk, self.moving)

    @cached_property
    def inhouse(self) -> InHouse:
        """What happens inside the platform."""
        return InHouse(self.desk, self.moving)

    @cached_property
    def surrendered(self) -> SurrenderedCarrier:
        """The carrier that bills are surrendered to."""
        return SurrenderedCarrier(self.desk)

    @cached_property
    def instructions(self) -> ShippingInstructions:
        """The shipping instructions at the carrier."""
        return ShippingInstructions(self.desk)

    @cached_property
    def carried(self) -> TransportDocuments:
        """The transport documents at the carrier."""
        return TransportDocuments(self.desk, self.instructions)

    @cached_property
    def instructing(self) -> Instructing:
        """The shipper that instructs carriers."""
        return Instructing(self.desk, self.instructions, self.carried)

    @cached_property
    def arrivals(self) -> Arrivals:
        """Arrival notices."""
        return Arrivals(self.desk)

    @cached_property
    def release(self) -> Release:
        """Delivery orders and the gate."""
        return Release(self.desk, self._customs)

    @cached_property
    def bundles(self) -> Bundles:
        """Policies in step with bills."""
        return Bundles(self.desk)

    @cached_property
    def presentations(self) -> Presentations:
        """Presentations to banks."""
        return Presentations(self.desk, self.act)

    def take_notice(self, about: str, value: object, caller: str) -> None:
        """Keep a carrier's notification."""
        noticing.take(self.desk, about, value, caller)

    @cached_property
    def retention(self) -> Retention:
        """How long unfinished transfers are kept."""
        return Retention(self.desk, self._unfinished)

    @cached_property
    def runner(self) -> LadingRunner:
        """Does what is planned with other parties."""
        handlers = {
            tasks.POST: lambda body: post(self.desk, body),
            tasks.CARRY: lambda body: self._carry(str(body["transfer"])),
            tasks.RETURN: lambda body: self.sender.give_back(str(body["bill"])),
            tasks.DECIDE: lambda body: self.issuing.decide(str(body["reference"])),
            tasks.MOVE: lambda body: self.moving.go_on(str(body["bill"])),
            tasks.REGISTER: self._register,
            tasks.SURRENDER: lambda body: self.surrendering.forward_from(str(body["bill"])),
            tasks.TIDY: lambda _: self.retention.tidy(),
            tasks.GIVE_BACK: lambda body: self.receiver.give_back(str(body["transfer"])),
            tasks.ARRIVAL: lambda body: self.arrivals.fetch(str(body["reference"]), None),
        }
        return LadingRunner(self.desk, handlers)

    def _carry(self, transfer: str) -> None:
        """Carry a transfer, or go on calling it off."""
        if not self.calling_off.go_on(transfer):
            self.carriage.carry(transfer)

    def _register(self, body: Mapping[str, Any]) -> None:
        """Record issuance or end of a bill in its registry."""
        registry = self.registry(str(body["uri"]))
        if registry is not None:
            learn = registry.issued if body["move"] == "issue" else registry.ended
            learn(str(body["bill"]), str(body["entry"]))

    def chains(self, reference: str, caller: str, sub: str = "", scac: str = "") -> list[Json]:
        """Return the endorsement chains under a reference, for their carrier."""
        return endorsement.chains(self.desk, reference, caller, sub=sub, scac=scac)

    def surrender(
        self,
        tenant: str,
        reference: str,
        code: str,
        *,
        reason: str = "",
        comments: str = "",
        orders: Sequence[str] = (),
        at: str | None = None,
    ) -> str:
        """Surrender a bill: to its carrier, or through the platform that issued it.

        `orders` are the holder's own for the title register, signed for the time `at`. Returns
        the reference of the request, or the id of the transfer. Raises UnknownThing, NotYours or
        NotNow.
        """
        with self.desk.store.read() as tx:
            bill = ladings.live(tx, reference)
            if bill is None or bill.body.get("issued_here"):
                issuer = None
            else:
                issuer = control_of(tx, bill, self.desk.platform).issuer
        if issuer is None:
            return self.surrendering.ask(
                tenant, reference, code, reason=reason, comments=comments, orders=orders, at=at
            )
        made = {**self.surrendering.transaction(code, reason, comments), "recipient": issuer}
        made.update({"actionDateTime": at} if at else {})
        return self.sender.offer(tenant, reference, made, (), orders)

    def prepare(self, tenant: str, reference: str, made: Json) -> Json:
        """Return what the holder has to sign for a transaction; see `ordering`."""
        return Ordering(self.desk).prepare(tenant, reference, made)

    def act(
        self,
        tenant: str,
        reference: str,
        made: Json,
        documents: Sequence[Attachment] = (),
        orders: Sequence[str] = (),
    ) -> str:
        """Make a transaction by the holder of a bill, here or to another platform.

        `orders` are the holder's own for the title register, signed for the transaction's time.
        Returns the id of the transfer, '' for what stays here.
        """
        recipient = made.get("recipient")
        assignee = made.pop("assignee", None)
        assigned = self.bundles.assignment(reference, made, assignee)
        there = platform_code(recipient.get("eblPlatform", "")) if recipient else ""
        transfer = ""
        if there in {"", self.desk.platform}:
            self.inhouse.act(tenant, reference, made, orders)
        else:
            attached = [*documents, *([assigned] if assigned else [])]
            transfer = self.sender.offer(tenant, reference, made, attached, orders)
        if assigned is not None:
            self.bundles.assigned(reference, assigned)
        return transfer

    def listed(self, tenant: str | None) -> list[Json]:
        """Return the bills of an account, of all for None."""
        return view.listed(self.desk, tenant)

    def issued(self) -> list[Json]:
        """Return the documents that this carrier had issued, the newest first."""
        return overview.issued(self.desk)

    def shown(self, reference: str, tenant: str | None) -> Json:
        """Return one bill; raises UnknownThing."""
        found = view.shown(self.desk, reference, tenant)
        book = self.desk.books.get(str(found["registry"]))
        if book is None:
            return found
        return titleview.beside(found, TitleRegistry(self.desk, book).accounts)

    def papers(self, *kinds: str) -> list[Json]:
        """Return the papers of some kinds, the newest first of each."""
        return overview.listed(self.desk, *kinds)
