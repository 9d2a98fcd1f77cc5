"""The lading desk from the settings: keys of peers, lines to them, our own key and parties."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from certs.jose import jwk
from certs.jose.compact import CompactSigner
from certs.jose.keybook import KeyBook
from certs.keys import KeyStore, read_secret
from certs.trust import TrustStore
from gateway import setup
from gateway.clearance import records
from gateway.clearance.status import named
from gateway.lading.desk import Desk, Reply
from gateway.lading.parties import PartyBook
from gateway.settings import Settings
from gateway.settings.lading import LadingPeer
from gateway.store import clearances
from gateway.store.database import Store
from gateway.transport.line import Address
from gateway.transport.lines import Lines
from gateway.transport.peers import PeerClient
from gateway.wiring.log.logbook import Logbook
from gateway.wiring.titles import books as titlebooks
from gateway.wiring.titles.titling import TitleDesk
from schemas.clock import Clock
from schemas.errors import SettingsError
from schemas.text import Text

_FILE: Final = "file:"
_CTR: Final = "/ctr/v1"
_CLEARANCES: Final = 1000
_FIRST_RELEASE: Final = "RELEASED_ON_GUARANTEE"
"""Of the canonical statuses, this one and those further on are a release."""


@dataclass(frozen=True, slots=True)
class Peers:
    """The other platforms and carriers of the settings."""

    settings: Settings
    client: PeerClient

    def call(self, peer: str, method: str, path: str, message: object) -> Reply:
        """Send JSON to a peer and return its answer."""
        answer = self.client.call(peer, method, path, message)
        return Reply(answer.status, answer.body)

    def knows(self, peer: str) -> bool:
        """Tell whether a code is one of a peer."""
        return self.client.knows(peer)

    def carriers(self) -> Mapping[str, str]:
        """Return the peers by the carrier codes that they answer for."""
        return {code: one.code for one in self.settings.lading.peers for code in one.carriers}


def lines_of(settings: Settings) -> Lines:
    """Return the lines to the peers of the settings."""
    return Lines(
        Address(
            party=one.code,
            url=one.url,
            authority=settings.path(one.tls_ca) if one.tls_ca else None,
            timeout=30.0,
        )
        for one in settings.lading.peers
    )


def signer(settings: Settings, keys: KeyStore) -> CompactSigner:
    """Return what signs our envelopes and answers; the certificates travel along."""
    key = keys.load(settings.lading.key)
    chain = tuple(each for each in key.chain if each is key.chain[0] or not each.self_issued)
    return CompactSigner(key.private, chain=chain)


def key_book(settings: Settings, own: CompactSigner) -> KeyBook:
    """Return the keys and organisations of the peers, and our own key under our code."""
    said = settings.lading
    published = [
        key
        for one in said.peers
        if one.keys is not None
        for key in jwk.read(_bytes(settings, one, one.keys), one.code)
    ]
    mine = said.platform or said.carrier
    published.append(jwk.of_public(own.private.public_key(), mine))
    organisations = {name: one.code for one in said.peers for name in one.organisations}
    trust = settings.path(settings.trust)
    anchors = TrustStore.from_folder(trust) if organisations and trust.is_dir() else None
    return KeyBook(published, trust=anchors, organisations=organisations)


def desk(
    settings: Settings,
    *,
    store: Store,
    keys: KeyStore,
    logbook: Logbook,
    lines: Lines,
    clock: Clock,
    titles: Callable[[], TitleDesk],
    wake: Callable[[], None] = lambda: None,
) -> Desk:
    """Return the desk of the settings."""
    said = settings.lading
    own = signer(settings, keys)
    tokens = {one.code: one for one in said.peers}
    peers = Peers(settings, PeerClient(lines, lambda code: _token(settings, tokens[code])))
    return Desk(
        store=store,
        book=key_book(settings, own),
        signer=own,
        clock=clock,
        log=logbook,
        peers=peers,
        platform=said.platform,
        carrier=said.carrier,
        parties=PartyBook.load(settings.path(said.parties)),
        registry=said.registry,
        registry_peers=_registries(settings),
        books=titlebooks.of(settings, titles, peers, clock),
        wake=wake,
    )


def read_settings(settings: Settings) -> Text:
    """Read all that the lading part of the settings names; say what it makes of this gateway.

    Raises what is wrong with it: KeyNotFound, MalformedKey, PartiesInvalid, SecretMissing.
    """
    said = settings.lading
    own = signer(settings, setup.key_store(settings))
    key_book(settings, own)
    PartyBook.load(settings.path(said.parties))
    for one in said.peers:
        _token(settings, one)
    roles = ", ".join(filter(None, (said.platform, said.carrier)))
    peers = ", ".join(one.code for one in said.peers) or "-"
    return Text(f"{roles}; peers {peers}", f"{roles};对方 {peers}")


def customs_released(store: Store, reference: str) -> bool:
    """Tell whether import customs released the goods of a transport document, by its clearance."""
    with store.read() as tx:
        found = [one for one in clearances.listed(tx, limit=_CLEARANCES)
                 if one.body.get("document") == reference]  # fmt: skip
        sides = [records.of(one, clearances.statuses_of(tx, one.id)).state.import_ for one in found]
    statuses = [side.status for side in sides]
    least = named(_FIRST_RELEASE).rank
    return any(
        one is not None and one.rank >= least and not one.void and not one.reopens
        for one in statuses
    )


class PeerKeysMissing(SettingsError):
    """The file with a peer's public keys is not there."""

    code = "SG-9071"
    title = Text("The keys of {peer} are not in {where}.", "{where} 中没有 {peer} 的公钥。")
    hint = Text(
        "Ask the peer for its JWK; ours is printed by `silkgate lading jwk`.",
        "请向对方索取 JWK;本方的可用 `silkgate lading jwk` 打印。",
    )


def _bytes(settings: Settings, peer: LadingPeer, keys: Path) -> bytes:
    path = settings.path(keys)
    if not path.is_file():
        raise PeerKeysMissing(where=str(path), peer=peer.code)
    return path.read_bytes()


def _registries(settings: Settings) -> Mapping[str, str]:
    """Return who runs the control tracking registries we use, by URI; '' is ourselves."""
    said = settings.lading
    found = {f"{one.url.rstrip('/')}{_CTR}": one.code for one in said.peers if one.is_registry}
    if said.is_registry:
        found[said.registry or f"{settings.url}{_CTR}"] = ""
    return found


def _token(settings: Settings, peer: LadingPeer) -> str:
    """Return the API key a peer gave us; relative `file:` references are below the home."""
    if not peer.token:
        return ""
    place = peer.token.removeprefix(_FILE)
    ref = f"{_FILE}{settings.path(place)}" if peer.token.startswith(_FILE) else peer.token
    return read_secret(ref).decode().strip()
