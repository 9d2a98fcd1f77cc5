"""What the faces need of a gateway; `gateway.wiring` builds the object that has all of it.

Methods refuse by raising a `SilkgateError`: its status, code, place and hint become the problem
document. They are called from threads; `Tools.detect`, called for small documents on the event
loop, must neither block nor take long.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from gateway.exchange.rooms import Gatekeeper
from gateway.hooks.service import HookService
from gateway.lading.service import LadingService
from gateway.settings import Settings
from gateway.store.database import Store
from schemas.clock import Clock

Json = Mapping[str, object]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClearanceRequest:
    """What a clearance is opened from. Empty `corridor`: the one between the two countries."""

    tenant: str
    declaration: bytes
    invoice: bytes | None = None
    lading: bytes | None = None
    receiver: str = ""
    corridor: str = ""
    key: str = ""


@dataclass(frozen=True, slots=True)
class Served:
    """An answer that a protocol of its own prescribes (C2SP): status, media type and body."""

    status: int
    media_type: str
    body: bytes


class Clearances(Protocol):
    """The two-sided clearances; the shapes are those of `silkgate clearance --json`."""

    def open(self, request: ClearanceRequest) -> Json:
        """Open a clearance and return it, `id` included."""
        ...

    def page(self, tenant: str, *, before: str | None, limit: int) -> Sequence[Json]:
        """Return the tenant's clearances, newest first."""
        ...

    def show(self, tenant: str, clearance_id: str) -> Json:
        """Return one clearance with every status of both sides; raises NotFound."""
        ...

    def board(self, tenant: str) -> Sequence[Json]:
        """Return one row per clearance with the current status of both sides."""
        ...

    def form(self, tenant: str, clearance_id: str) -> Json:
        """Return what the importer must still add; raises NotFound."""
        ...

    def answer(self, tenant: str, clearance_id: str, values: Mapping[str, str]) -> Json:
        """Take what the importer added, by field; the clearance as it stands then."""
        ...

    def amend(self, tenant: str, clearance_id: str, declaration: bytes, reason: str) -> Json:
        """Amend this side's declaration to a new version; the clearance as it stands then."""
        ...

    def correct(
        self, tenant: str, clearance_id: str, values: Mapping[str, str], reason: str
    ) -> Json:
        """Amend this side's declaration by term id; the clearance as it stands then."""
        ...

    def cancel(self, tenant: str, clearance_id: str, reason: str) -> Json:
        """Cancel this side's declaration; the clearance as it stands then."""
        ...

    def confirm(self, tenant: str, clearance_id: str, number: int) -> Json:
        """Confirm a change of the other side; the clearance as it stands then."""
        ...

    def decline(self, tenant: str, clearance_id: str, number: int, reason: str) -> Json:
        """Decline a change of the other side; the clearance as it stands then."""
        ...

    def receipt(self, authority: str, data: bytes) -> Json:
        """Take a receipt in the authority's own format; what it meant."""
        ...

    def mirror(self, sender: str, batch: bytes) -> Json:
        """Take statuses (JWS) of partner `sender`, verified first; what was new in them."""
        ...


@dataclass(frozen=True, slots=True)
class Logged:
    """Where a batch of entries is: the origin of the log or shard, first index, count."""

    origin: str
    first: int
    count: int


class LogFiles(Protocol):
    """The log as static files (C2SP tlog-tiles), and what clients append to it.

    `shard` is the part of a shard's origin behind the log's own, empty for the log itself.
    """

    def shards(self) -> Mapping[str, str]:
        """Return the verifier keys of the log's shards by their origins, the newest first."""
        ...

    def checkpoint(self, shard: str = "") -> bytes:
        """Return the latest signed checkpoint; raises NotFound before the first."""
        ...

    def tile(self, path: str, shard: str = "") -> bytes:
        """Return a tile by its path below `tile/`, such as `0/x001/234` or `entries/000`."""
        ...

    def append_all(self, batches: Sequence[Sequence[bytes]]) -> Sequence[Logged]:
        """Append SHA-256 digests, all of them in one commit; where each batch is."""
        ...

    def proof_file(self, digest: bytes) -> bytes:
        """Return the proof (C2SP tlog-proof) of a digest under a checkpoint that covers it.

        Raises NotFound for a digest that is not in the log, NotCovered until a checkpoint is.
        """
        ...


class Witness(Protocol):
    """Cosigns the checkpoints of the logs on the other side."""

    def add_checkpoint(self, request: bytes) -> Served:
        """Answer an add-checkpoint request (C2SP tlog-witness)."""
        ...


class Titles(Protocol):
    """The register of titles; the shapes are those of `silkgate title --json`.

    A `reader` is an account, which reads the titles that name a party of its own; None reads all.
    """

    def submit(self, signed: str) -> Json:
        """Accept a signed entry; `repeated` tells that it had been accepted before."""
        ...

    def order(self, asked: Json, account: str = "") -> Json:
        """Sign an action on a party's mandate and accept it; `account` is who asks."""
        ...

    def ids(self, reader: str | None = None) -> Sequence[str]:
        """Return the ids of titles, sorted."""
        ...

    def show(self, title: str, reader: str | None = None) -> Json:
        """Return what a title is, and every action on it; raises NoSuchTitle."""
        ...

    def entries(self, title: str, reader: str | None = None) -> Json:
        """Return the signed entries of a title; raises NoSuchTitle."""
        ...

    def file(self, title: str, reader: str | None = None) -> bytes:
        """Return the history of a title as a file that proves itself; raises NotCovered."""
        ...

    def share(self, signed: str) -> Json:
        """Keep a signed epoch of a title's keys."""
        ...

    def epochs(self, title: str, reader: str | None = None) -> Json:
        """Return the signed epochs of a title's keys; raises NoSuchTitle."""
        ...


class Pki(Protocol):
    """The services of the built-in authority, in the octets of their standards."""

    def issuer(self, key_id: str = "") -> bytes | None:
        """Return the certificate (DER) of the authority with this key id (hex), else the root's."""
        ...

    def stamp(self, request: bytes) -> bytes:
        """Answer a TimeStampReq (RFC 3161)."""
        ...

    def ocsp(self, request: bytes) -> bytes:
        """Answer an OCSPRequest (RFC 6960)."""
        ...

    def revocation_list(self, key_id: str = "") -> bytes | None:
        """Return the revocation list (DER) of the same; None where there is no such authority."""
        ...


class Tools(Protocol):
    """The stateless tools; the shapes are those of the command line's `--json`."""

    def detect(self, data: bytes) -> str:
        """Return the format id of a document; raises for bytes that are no document of ours."""
        ...

    def validate(self, data: bytes, *, rules: str) -> Json:
        """Check one document."""
        ...

    def convert(self, data: bytes, to: str, *, profile: str, related: Sequence[bytes]) -> Converted:
        """Translate one document."""
        ...

    def verify(self, data: bytes, *, detached: Sequence[bytes]) -> Json:
        """Verify a signed document, an evidence package or a proof."""
        ...


@dataclass(frozen=True, slots=True)
class Converted:
    """A translated document with its loss report and the target's findings."""

    data: bytes
    media_type: str
    loss: Json
    findings: Sequence[Json] = ()


class Gateway(Protocol):
    """One gateway as its faces see it."""

    @property
    def settings(self) -> Settings:
        """Its settings."""
        ...

    @property
    def clock(self) -> Clock:
        """Its time."""
        ...

    @property
    def store(self) -> Store:
        """Its database."""
        ...

    @property
    def gatekeeper(self) -> Gatekeeper:
        """Verifies what partners deliver."""
        ...

    @property
    def clearances(self) -> Clearances:
        """The clearances."""
        ...

    @property
    def ladings(self) -> LadingService:
        """The bills of lading."""
        ...

    @property
    def hooks(self) -> HookService:
        """The addresses that tenants want to be told at."""
        ...

    @property
    def titles(self) -> Titles:
        """The register of titles."""
        ...

    @property
    def log(self) -> LogFiles:
        """The transparency log."""
        ...

    @property
    def witness(self) -> Witness:
        """Our witness of the logs on the other side."""
        ...

    @property
    def pki(self) -> Pki:
        """The services of the built-in authority."""
        ...

    @property
    def tools(self) -> Tools:
        """The stateless tools."""
        ...

    def evidence(self, exchange_id: str) -> bytes:
        """Return the evidence package of an exchange (ASiC-E).

        Raises while it is not complete; whose it is was checked by the caller.
        """
        ...

    def clearance_evidence(self, tenant: str, clearance_id: str) -> bytes:
        """Return the evidence package of a tenant's clearance (ASiC-E).

        Raises NotFound, or while it is not complete.
        """
        ...

    def wake(self) -> None:
        """Tell the worker of this process, if there is one, that there is work."""
        ...

    def checks(self) -> Mapping[str, str]:
        """Return by name what has to work to be ready: "" if it does, else what is wrong."""
        ...
