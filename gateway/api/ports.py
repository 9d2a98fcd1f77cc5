"""What the faces need of a gateway; `gateway.wiring` builds the object that has all of it.

Methods refuse by raising a `SilkgateError`: its status, code, place and hint become the problem
document. They are called from threads; `Tools.detect`, called for small documents on the event
loop, must neither block nor take long.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from gateway.api.clearanceports import Clearances
from gateway.api.logports import LogFiles, Witness
from gateway.exchange.rooms import Gatekeeper
from gateway.hooks.service import HookService
from gateway.lading.service import LadingService
from gateway.settings import Settings
from gateway.store.database import Store
from schemas.clock import Clock

Json = Mapping[str, object]


class Titles(Protocol):
    """The register of titles; the shapes are those of `silkgate title --json`.

    A `reader` is an account, which reads the titles that name a party of its own; None reads all.
    """

    def submit(self, signed: str) -> Json:
        """Accept a signed entry; `repeated` tells that it had been accepted before."""
        ...

    def order(self, asked: Json, account: str | None = None) -> Json:
        """Sign an action on a party's mandate and accept it; `account` asks, None is the operator.

        Raises NotYourParty for an account that does not stand for the party.
        """
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
