"""A gateway put together from its settings: the one object that all faces share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta
from functools import cached_property, partial

from certs.keys import SigningKey
from certs.x509.certificate import Certificate, load_all
from gateway import setup
from gateway.clearance import corridor
from gateway.clearance.desk import Desk
from gateway.clearance.parties import PartyMaster
from gateway.clearance.service import ClearanceService
from gateway.exchange.checkpoints import Sealer
from gateway.exchange.policy import Policy
from gateway.exchange.rooms import Rooms
from gateway.exchange.runner import Runner
from gateway.exchange.worker import name
from gateway.lading.service import LadingService
from gateway.settings import Settings
from gateway.store.witness import StoredWitness
from gateway.transport.authority import AuthorityClient
from gateway.transport.courier import Courier
from gateway.transport.mirror import StatusMirror
from gateway.transport.witness import WitnessClient
from gateway.wiring import lading
from gateway.wiring.audit.trusting import Trusted
from gateway.wiring.auditing import Auditor
from gateway.wiring.clearing import Clearing, Settling
from gateway.wiring.common import CommonRoots
from gateway.wiring.delivering import Deliveries
from gateway.wiring.evidence import Evidence
from gateway.wiring.foundations import Foundations
from gateway.wiring.log.anchoring import Anchoring
from gateway.wiring.log.service import LogService, Sealing
from gateway.wiring.log.witnessing import OurWitness, PartnerWitness
from gateway.wiring.mirroring import ChangeNotary, MirrorGate, SignedMirror
from gateway.wiring.records import identities
from gateway.wiring.sealing import Gate, Seals
from gateway.wiring.titles.private import Confidant
from gateway.wiring.titles.readers import Readers
from gateway.wiring.titles.titling import SealParty, TitleDesk
from gateway.wiring.tools import Tools
from gateway.wiring.translating import Papers, Translations
from ledger.signature import verifier_for
from ledger.vkey import VerifierKey
from ledger.witness import Witness
from schemas.clock import Clock, utc_now


class Gateway(Foundations):
    """One gateway: its rooms are opened when they are first needed, and closed together."""

    def __init__(self, settings: Settings, *, clock: Clock = utc_now) -> None:
        """Put together the gateway of `settings`; nothing is opened yet.

        Raises CorridorInvalid for corridor profiles of the operator that are not in order.
        """
        super().__init__(settings, clock)
        if settings.corridors is not None:
            corridor.add(settings.path(settings.corridors))
        self._wake: Callable[[], None] = lambda: None

    @cached_property
    def ladings(self) -> LadingService:
        """The bills of lading."""
        return LadingService(
            lading.desk(
                self.settings,
                store=self.store,
                keys=self.keys,
                logbook=self.logbook,
                lines=self.lading_lines,
                clock=self.clock,
                titles=lambda: self.titles,
                wake=self._wake_lading,
            ),
            issue_at_once=self.settings.lading.issue_at_once,
            customs=partial(lading.customs_released, self.store),
            unfinished=timedelta(days=self.settings.lading.unfinished_days),
        )

    def _wake_lading(self) -> None:
        self.ladings.runner.wake()

    @cached_property
    def titles(self) -> TitleDesk:
        """The register of titles."""
        parties = Readers(self.settings)
        return TitleDesk(
            self.logbook,
            self.stamper,
            SealParty(self.seal),
            frozenset(self.settings.titles.issuers),
            self.clock,
            Confidant(self.settings, parties),
            parties,
            frozenset(peer.code for peer in self.settings.lading.peers),
        )

    @cached_property
    def log(self) -> LogService:
        """The log as the faces read it, and its shards."""
        return LogService(self.logbook)

    @cached_property
    def sealing(self) -> Sealing:
        """Seals the log and its shards."""
        return Sealing(self.logbook, {self.settings.origin: self.sealer})

    def _seal(self) -> SigningKey:
        """Return the seal of now: whoever signs asks each time."""
        return self.seal

    @cached_property
    def gatekeeper(self) -> Gate:
        """Verifies what partners deliver."""
        return Gate(
            self.settings,
            self._seal,
            self.partner_trust,
            self.clock,
            lambda: self.keys.load("accesspoint"),
            asking=self.asking,
        )

    @property
    def _encrypted_to(self) -> Mapping[str, Certificate]:
        """The certificates of those partners whose containers are encrypted."""
        return {
            one.id: load_all(one.encryption.read_bytes())[0]
            for one in self.settings.partners
            if one.encryption.is_file()
        }

    @cached_property
    def courier(self) -> Courier:
        """Takes containers to partners."""
        return Courier(self.lines)

    @cached_property
    def rooms(self) -> Rooms:
        """What the stages of the pipeline use."""
        return Rooms(
            translator=Translations(PartyMaster.load(self.settings.path(self.settings.parties))),
            sealer=Seals(self._seal, self.stamper, self.clock, lambda: self.own_seals),
            logbook=self.logbook,
            courier=Deliveries(self.courier, self.settings.id, self._encrypted_to),
            receipts=self.gatekeeper,
            gatekeeper=self.gatekeeper,
            hooks=Settling(self.service),
            clock=self.clock,
        )

    @cached_property
    def runner(self) -> Runner:
        """Carries claims through the flow."""
        return Runner(store=self.store, rooms=self.rooms, policy=Policy(), actor=name())

    @cached_property
    def desk(self) -> Desk:
        """The clearance desk."""
        settings = self.settings
        mirror = StatusMirror(self.lines, settings.id)
        return Desk(
            gateway=settings.id,
            country=settings.country,
            tenant=settings.id,
            partners={one.card.country: one.id for one in settings.partners},
            parties=[one.id for one in settings.partners],
            authorities={one.country: one.id for one in settings.authorities},
            store=self.store,
            documents=Papers(self.trust),
            authority=AuthorityClient(self.lines, settings.id),
            mirror=SignedMirror(mirror, self._seal, settings.id, self.clock),
            notary=ChangeNotary(
                self._seal, self.stamper, self.partner_trust, self.clock, self.asking
            ),
            common=self._common,
            clock=self.clock,
        )

    @cached_property
    def _common(self) -> CommonRoots:
        witnesses = [VerifierKey.parse(one.card.witness_key) for one in self.settings.partners]
        return CommonRoots(self.logbook, setup.secret(self.settings), tuple(witnesses))

    @cached_property
    def service(self) -> ClearanceService:
        """The clearance room."""
        return ClearanceService(self.desk)

    @cached_property
    def clearances(self) -> Clearing:
        """The two-sided clearances as the faces see them."""
        gate = MirrorGate(self.settings.id, self.partner_trust, self.clock, self.asking)
        return Clearing(self.service, gate)

    @cached_property
    def witness(self) -> OurWitness:
        """Our witness of the partners' logs."""
        logs = [verifier_for(one.card.log_key) for one in self.settings.partners]
        cosigner = setup.cosigner(self.settings, self.keys)
        store = StoredWitness(self.store, clock=self.clock)
        return OurWitness(Witness(cosigner, logs, store, self.clock))

    @cached_property
    def anchoring(self) -> Anchoring:
        """Takes checkpoints to the chain."""
        return Anchoring(self.settings, self.store, self.logbook)

    @cached_property
    def sealer(self) -> Sealer:
        """Seals the log, round by round."""
        client = WitnessClient(self.lines)
        return Sealer(
            store=self.store,
            origin=self.settings.origin,
            signer=self.logbook.signer,
            witnesses=[
                PartnerWitness(one.id, one.card.witness_key, client)
                for one in self.settings.partners
            ],
            clock=self.clock,
        )

    @cached_property
    def tools(self) -> Tools:
        """The stateless tools."""
        titles = identities.auditor(self.settings)
        return Tools(Auditor(Trusted.of_home(self.settings), titles=titles), self.asking)

    @cached_property
    def _evidence(self) -> Evidence:
        return Evidence(
            settings=self.settings,
            store=self.store,
            keys=self.keys,
            stamper=self.stamper,
            logbook=self.logbook,
            anchoring=self.anchoring,
            clearances=self.service,
        )

    def evidence(self, exchange_id: str) -> bytes:
        """Return the evidence package of an exchange; raises NotReady while it is not complete."""
        return self._evidence.of(exchange_id)

    def clearance_evidence(self, tenant: str, clearance_id: str) -> bytes:
        """Return the evidence package of a clearance, whichever side this gateway is on.

        Raises NotFound, or NotReady while it is not complete.
        """
        return self._evidence.of_clearance(tenant, clearance_id)

    def on_wake(self, wake: Callable[[], None]) -> None:
        """Have `wake` called whenever a document is accepted here."""
        self._wake = wake

    def wake(self) -> None:
        """Tell the workers of this process, if there are any, that there is work."""
        self._wake()

    def checks(self) -> Mapping[str, str]:
        """Return by name what has to work to be ready: "" if it does, else what is wrong."""
        return {
            "store": _problem(self.store.check),
            "keys": _problem(lambda: (self.seal, self.own_seals)),
        }

    def close(self) -> None:
        """Close what was opened."""
        opened = vars(self)
        for part in ("courier", "lines", "lading_lines", "store"):
            if part in opened:
                opened.pop(part).close()


def _problem(check: Callable[[], object]) -> str:
    try:
        check()
    except Exception as error:  # noqa: BLE001 - the answer is what is wrong
        return str(error)
    return ""
