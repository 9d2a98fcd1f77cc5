"""What every part of a gateway stands on: store, keys, trust, lines and log."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from functools import cached_property

from certs.keys import KeyStore, SigningKey
from certs.trust import TrustStore
from gateway import setup
from gateway.hooks.runner import Delivering, HookRunner
from gateway.hooks.service import HookService
from gateway.settings import Settings
from gateway.store import open_store
from gateway.store.database import Store
from gateway.transport.line import Address
from gateway.transport.lines import Lines
from gateway.wiring import lading
from gateway.wiring.lasting import Asking, watching
from gateway.wiring.log.logbook import Logbook
from gateway.wiring.pki import Pki
from gateway.wiring.stamping import Stamping
from gateway.wiring.telling import SignedPosts
from ledger.shards import Period
from schemas.clock import Clock


class Foundations:
    """What is opened from the settings alone, each when it is first needed."""

    def __init__(self, settings: Settings, clock: Clock) -> None:
        """Stand on `settings`; nothing is opened yet."""
        self.settings = settings
        self.clock = clock

    @cached_property
    def store(self) -> Store:
        """The database, brought to the newest form."""
        store = open_store(self.settings.database_url)
        store.migrate()
        return store

    @cached_property
    def keys(self) -> KeyStore:
        """The keys."""
        return setup.key_store(self.settings)

    def read_keys_anew(self) -> list[str]:
        """Take what `silkgate keys renew` has put in place of keys in use; return their names.

        Raises as `KeyStore.load` does, and then all of them stay as they were.
        """
        renewed = self.keys.reload()
        vars(self).pop("pki", None)  # made anew, with the keys of now, at the next question
        return renewed

    @property
    def seal(self) -> SigningKey:
        """The key that signs documents, containers, receipts and statuses."""
        return self.keys.load("seal")

    @property
    def own_seals(self) -> Mapping[str, SigningKey]:
        """The seals of tenants that have one of their own; raises KeyNotFound."""
        return {tenant: self.keys.load(name) for tenant, name in self.settings.own_seals.items()}

    @cached_property
    def stamper(self) -> Stamping:
        """The built-in time-stamp authority."""
        return Stamping(
            lambda: self.keys.load("tsa"),
            lambda: setup.stamper(self.settings, self.keys, self.clock),
        )

    @cached_property
    def pki(self) -> Pki:
        """The services of the built-in authority."""
        return Pki(self.keys, self.stamper, self.clock)

    @cached_property
    def partner_trust(self) -> Mapping[str, TrustStore]:
        """What each partner's signatures are checked against."""
        strict = self.settings.revocation == "required"
        return {
            one.id: replace(TrustStore.from_folder(one.folder), strict=strict)
            for one in self.settings.partners
        }

    @cached_property
    def asking(self) -> Asking:
        """Lets verification ask the hosts of the settings about revocation."""
        return watching(self.settings)

    @cached_property
    def trust(self) -> TrustStore:
        """Our own anchors and those of all partners."""
        own = TrustStore.from_folder(self.settings.path(self.settings.trust))
        return own.with_anchors(
            anchor for store in self.partner_trust.values() for anchor in store.anchors
        )

    @cached_property
    def lines(self) -> Lines:
        """The lines to partners and authorities."""
        partners = [
            Address(party=one.id, url=one.card.url, authority=one.anchor)
            for one in self.settings.partners
        ]
        authorities = [
            Address(party=one.id, url=one.url, authority=one.tls_ca)
            for one in self.settings.authorities
        ]
        return Lines([*partners, *authorities])

    @cached_property
    def lading_lines(self) -> Lines:
        """The lines to title platforms and carriers."""
        return lading.lines_of(self.settings)

    @cached_property
    def logbook(self) -> Logbook:
        """The transparency log."""
        wanted = self.settings.log_shards
        period = None if wanted == "none" else Period(wanted)
        return Logbook(self.store, setup.log_signer(self.settings, self.keys), period, self.clock)

    @cached_property
    def _teller(self) -> SignedPosts:
        return SignedPosts(self.settings, self.keys, self.clock)

    @cached_property
    def hooks(self) -> HookService:
        """The addresses that tenants want to be told at."""
        most = self.settings.webhooks.most
        return HookService(self.store, self._teller, self.settings.id, self.clock, most=most)

    @cached_property
    def hook_runner(self) -> HookRunner:
        """Delivers to hooks."""
        return HookRunner(
            Delivering(
                store=self.store,
                teller=self._teller,
                source=self.settings.id,
                clock=self.clock,
                give_up=timedelta(hours=self.settings.webhooks.give_up_hours),
                lease=timedelta(seconds=30 + 2 * self.settings.webhooks.seconds),
            )
        )
