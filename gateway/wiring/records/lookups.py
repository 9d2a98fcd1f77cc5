"""Looking up what a record leaves open: status lists, document stores, responders, owners of DIDs.

An answer is yes, no, or none; only a yes of everything that is open lets a record pass.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from types import MappingProxyType
from typing import Final

from certs.records import Identities, bitstring
from certs.records.model import Broken
from certs.records.pending import Listed, Owned, Pages, Pending, Responded, Stored
from certs.verdict import SubIndication
from gateway.wiring.records.nodes import serving
from ledger.title.attestations import DidRegistry, DocumentStore
from ledger.title.chain import TitleChain
from schemas.errors import LedgerError
from schemas.jsondepth import loads
from schemas.text import Text

_ADDRESS: Final = "0xdca7ef03e98e0dc2b855be647c39abe984fcf21b"
_REGISTRIES: Final = MappingProxyType({1: _ADDRESS, 30: _ADDRESS, 31: _ADDRESS})
"""Registries of DIDs by chain id, as the ethr-did-registry project lists its deployments."""

_REVOKED: Final = SubIndication.REVOKED
_SUSPENDED: Final = SubIndication.TRY_LATER
_NEVER_ISSUED: Final = SubIndication.SIG_CONSTRAINTS_FAILURE


class NoPages:
    """Nobody answers."""

    def page(self, url: str) -> None:
        """Return None."""


@dataclass(frozen=True, slots=True)
class Given:
    """Status lists given as files, by the address each says it has; `behind` has the others."""

    lists: Mapping[str, bytes]
    behind: Pages

    @classmethod
    def of(cls, files: Iterable[bytes], behind: Pages) -> Given:
        """Take the lists in."""
        return cls({bitstring.address(data): data for data in files}, behind)

    def page(self, url: str) -> bytes | None:
        """Return the list at an address."""
        return self.lists.get(url) or self.behind.page(url)


@dataclass(frozen=True, slots=True)
class Standing:
    """One status as it was found: good, not good, or not told (None).

    `refused` is why a record does not pass for it.
    """

    pending: Pending
    good: bool | None
    why: Text
    refused: SubIndication = SubIndication.TRY_LATER

    def as_dict(self) -> dict[str, object]:
        """Return plain JSON values."""
        kind = type(self.pending).__name__.lower()
        return {"kind": kind, "good": self.good, "why": self.why.as_dict()}


@dataclass(frozen=True)
class Lookups:
    """Whom to ask: pages of others, and nodes of chains; by default nobody.

    `did_registry` is the registry of DIDs on a chain where none is known.
    """

    pages: Pages = field(default_factory=NoPages)
    chains: Sequence[TitleChain] = ()
    did_registry: str = ""

    def standing(self, pending: Pending, identities: Identities, at: datetime) -> Standing:
        """Return what is found out about a status; trouble of any kind leaves it open."""
        try:
            return self._asked(pending, identities, at)
        except Broken as broken:
            return _open(pending, broken.why)
        except LedgerError as error:
            return _open(pending, error.message)

    def _asked(self, pending: Pending, identities: Identities, at: datetime) -> Standing:
        match pending:
            case Listed():
                return self._listed(pending, identities, at)
            case Responded():
                return self._responded(pending)
            case Stored():
                return self._stored(pending)
            case Owned():
                return self._owned(pending)
        return _open(pending, pending.note)

    def _listed(self, entry: Listed, identities: Identities, at: datetime) -> Standing:
        data = self.pages.page(entry.url)
        if data is None:
            return _open(entry, entry.note)
        found = bitstring.bits_of(entry, data, identities, at)
        if entry.purpose == "message":
            told = found.message or f"0x{found.value:x}"
            return _good(entry, Text(f"{entry.url} says: {told}", f"{entry.url} 的消息:{told}"))
        if not found.value:
            why = Text(f"{entry.url} says nothing against it.", f"{entry.url} 未列其不良状态。")
            return _good(entry, why)
        if entry.purpose == "suspension":
            why = Text(f"{entry.url} says that it is suspended.", f"{entry.url} 显示其已暂停。")
            return _bad(entry, why, _SUSPENDED)
        if entry.purpose == "refresh":
            why = Text(
                f"{entry.url} says that there is a newer one.", f"{entry.url} 显示已有更新。"
            )
            return _good(entry, why)
        why = Text(f"{entry.url} says that it was revoked.", f"{entry.url} 显示其已吊销。")
        return _bad(entry, why, _REVOKED)

    def _responded(self, asked: Responded) -> Standing:
        for url in asked.pages:
            data = self.pages.page(url)
            good = None if data is None else _responder_says(data, url.rpartition("/")[2])
            if good is None:
                return _open(asked, asked.note)
            if not good:
                why = Text(f"{asked.url} says that it was revoked.", f"{asked.url} 显示其已吊销。")
                return _bad(asked, why, _REVOKED)
        return _good(asked, Text(f"{asked.url} has it as good.", f"{asked.url} 显示有效。"))

    def _stored(self, asked: Stored) -> Standing:
        chain = serving(self.chains, asked.chain_id)
        if chain is None:
            return _open(asked, asked.note)
        store = DocumentStore(chain, asked.address)
        place, where = asked.place, asked.address
        if asked.issues and not store.issued(place.root):
            why = Text(f"{where} never issued it.", f"{where} 从未签发。")
            return _bad(asked, why, _NEVER_ISSUED)
        if store.revoked(place.target, place.path, place.hashes):
            why = Text(f"{where} revoked it.", f"{where} 已吊销。")
            return _bad(asked, why, _REVOKED)
        return _good(asked, Text(f"{where} has not revoked it.", f"{where} 未吊销。"))

    def _owned(self, asked: Owned) -> Standing:
        registry = _REGISTRIES.get(asked.chain_id) or self.did_registry
        chain = serving(self.chains, asked.chain_id)
        if chain is None or not registry:
            return _open(asked, asked.note)
        owner = DidRegistry(chain, registry).owner(asked.account)
        if owner is not None and owner.lower() == asked.account.lower():
            why = Text(f"{asked.did} still owns itself.", f"{asked.did} 仍由其自身持有。")
            return _good(asked, why)
        why = Text(
            f"{asked.did} belongs to {owner or 'nobody'} now.",
            f"{asked.did} 现由 {owner or '无人'} 持有。",
        )
        return _bad(asked, why, _REVOKED)


def _good(pending: Pending, why: Text) -> Standing:
    return Standing(pending, good=True, why=why)


def _bad(pending: Pending, why: Text, refused: SubIndication) -> Standing:
    return Standing(pending, good=False, why=why, refused=refused)


def _open(pending: Pending, why: Text) -> Standing:
    return Standing(pending, good=None, why=why)


def _responder_says(data: bytes, name: str) -> bool | None:
    """Return whether a responder has a hash as good, None if it does not say.

    The reference responder says `revoked` of a `documentHash`, older ones `certificateStatus`.
    """
    try:
        said = loads(data)
    except ValueError:
        return None
    if not isinstance(said, dict):
        return None
    if isinstance(said.get("revoked"), bool) and said.get("documentHash") == name:
        return not said["revoked"]
    return {"good": True, "revoked": False}.get(str(said.get("certificateStatus")))
