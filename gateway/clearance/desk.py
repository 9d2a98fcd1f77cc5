"""What the clearance desk of a gateway works with: its rooms, partners and authorities."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from gateway.clearance.errors import NoCustoms, NoPartner
from gateway.clearance.ports import Authority, CommonLog, Documents, Json, Mirror, Notary
from gateway.rounds import Waker
from gateway.store import errands
from gateway.store.errands import Errand
from schemas.clock import Clock, utc_now

if TYPE_CHECKING:
    from gateway.store.database import Store, Transaction

DECLARE = "declare"
ARRIVED = "arrived"
MIRROR = "mirror"
RECEIPT = "receipt"
TWO_SIDE = "two-side"
CHANGE = "change"


@dataclass(frozen=True, slots=True, kw_only=True)
class Desk:
    """One gateway's clearance desk.

    `gateway` is its id, `country` the one it declares in (ISO alpha-2), `tenant` who owns
    clearances that a partner begins; `partners` and `authorities` are ids by country, `parties`
    are further partners that a clearance may name as its receiver.
    """

    gateway: str
    country: str
    tenant: str
    partners: Mapping[str, str]
    authorities: Mapping[str, str]
    store: Store
    documents: Documents
    authority: Authority
    mirror: Mirror
    notary: Notary
    parties: Collection[str] = ()
    common: CommonLog | None = None
    clock: Clock = utc_now
    waker: Waker = field(default_factory=Waker)
    retry: timedelta = timedelta(milliseconds=200)
    longest: timedelta = timedelta(minutes=5)

    def now(self) -> datetime:
        """Return the time of the gateway's clock."""
        return self.clock()

    def partner(self, country: str, wanted: str = "") -> str:
        """Return the gateway in a country, or the known one that is wanted; raises NoPartner."""
        if wanted:
            known = wanted in self.parties or wanted in self.partners.values()
        else:
            known, wanted = country in self.partners, self.partners.get(country, "")
        if not known:
            raise NoPartner(value=wanted or country)
        return wanted

    def authority_of(self, country: str) -> str:
        """Return the authority this gateway declares to in a country; raises NoCustoms."""
        try:
            return self.authorities[country]
        except KeyError:
            raise NoCustoms(value=country) from None

    def plan(self, tx: Transaction, kind: str, clearance_id: str, body: Json, *, key: str) -> None:
        """Plan an errand in the transaction that makes it necessary; it starts after the commit.

        `key` is its identity: the same errand planned twice is one.
        """
        errand = Errand(
            id=f"{kind}:{clearance_id}:{key}",
            clearance_id=clearance_id,
            kind=kind,
            body=body,
            due_at=self.now(),
            attempts=0,
        )
        errands.add(tx, [errand])
        tx.after_commit(self.waker.wake)
