"""Whom an auditor trusts: certificates, verifier keys of logs and witnesses, and a chain.

A trust folder holds any of:

    *.pem *.der *.crl   anchors and revocation lists
    *.vkey              verifier keys of logs and witnesses (C2SP signed-note), one per file
    *.json              cards of gateways: the root and both keys of one operator
    domains/            signed lists of trust domains (see certs/recognition/folder.py)
    chain.toml          what anchors must be on: chain_id, contract, sender, known_blocks
"""

from __future__ import annotations

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from certs.errors import MalformedCertificate
from certs.recognition import Domains
from certs.trust import TrustStore
from certs.x509 import certificate as certificates
from certs.x509.certificate import Certificate
from ledger.anchors.offline import AnchorPolicy
from ledger.errors import BadVerifierKey
from ledger.vkey import KeyType, VerifierKey
from schemas.errors import SettingsError
from schemas.text import Text

if TYPE_CHECKING:
    from gateway.settings import Settings

_CHAIN: Final = "chain.toml"
_CHAIN_FIELDS: Final = frozenset({"chain_id", "contract", "sender", "known_blocks"})
_CARD_FIELDS: Final = ("root", "log_key", "witness_key")


class BadTrust(SettingsError):
    """A file of a trust folder cannot be read."""

    code = "SG-9061"
    title = Text("{where} cannot be trusted: {reason}", "无法信任 {where}:{reason}")
    hint = Text(
        "A trust folder holds *.pem, *.der, *.crl, *.vkey, cards *.json and chain.toml.",
        "信任目录可包含 *.pem、*.der、*.crl、*.vkey、网关名片 *.json 以及 chain.toml。",
    )


@dataclass(frozen=True, slots=True)
class Trusted:
    """Certificates for signatures, keys for logs and witnesses, expectations of the chain.

    The services of the `domains` are anchors too.
    """

    store: TrustStore = field(default_factory=TrustStore.of)
    keys: tuple[VerifierKey, ...] = ()
    chain: AnchorPolicy = field(default_factory=AnchorPolicy)
    domains: Domains = field(default_factory=Domains)

    @classmethod
    def from_folder(cls, folder: Path) -> Trusted:
        """Return what the files directly in `folder` say; raises BadTrust, naming the file.

        A certificate that cannot be read is nobody's anchor; `store.unreadable` names its file.
        """
        if not folder.is_dir():
            raise BadTrust(where=str(folder), reason="it is not a folder")
        found = cls(TrustStore.from_folder(folder), chain=_chain(folder / _CHAIN))
        found = found.within(Domains.load(folder))
        for path in sorted(folder.glob("*.vkey")):
            found = found.knowing((_key(path.name, path.read_text("utf-8", "replace")),))
        for path in sorted(folder.glob("*.json")):
            found = found.introduced(path.name, _card(path))
        return found

    @classmethod
    def of_home(cls, settings: Settings) -> Trusted:
        """Return what a gateway trusts: its own operator, and its partners by their cards."""
        folder = settings.path(settings.trust)
        own = cls(TrustStore.from_folder(folder)).within(Domains.load(folder))
        chain = settings.path(settings.keys) / "log.cert.pem"
        if chain.is_file():
            own = own.knowing(_certified_log(settings.origin, chain.read_bytes()))
        for partner in settings.partners:
            own = own.introduced(partner.id, partner.card.model_dump())
        return own

    def knowing(self, keys: tuple[VerifierKey, ...]) -> Trusted:
        """Return the same with these verifier keys too."""
        return replace(self, keys=(*self.keys, *keys))

    def within(self, domains: Domains) -> Trusted:
        """Return the same with the services of these domains trusted too."""
        store = self.store.with_anchors(domains.anchors)
        return replace(self, store=store, domains=domains)

    def introduced(self, name: str, card: Mapping[str, object]) -> Trusted:
        """Return the same with the operator of this card trusted too; raises BadTrust."""
        root, *keys = (str(card.get(part, "")) for part in _CARD_FIELDS)
        try:
            anchors = certificates.load_all(root.encode())
        except MalformedCertificate as error:
            raise BadTrust(where=name, reason=error.message.en) from error
        known = tuple(_key(name, key) for key in keys)
        return replace(self, store=self.store.with_anchors(anchors), keys=(*self.keys, *known))


def _key(name: str, text: str) -> VerifierKey:
    try:
        return VerifierKey.parse(text.strip())
    except BadVerifierKey as error:
        raise BadTrust(where=name, reason=error.message.en) from error


def _card(path: Path) -> Mapping[str, object]:
    try:
        card = json.loads(path.read_bytes())
    except ValueError as error:
        raise BadTrust(where=path.name, reason=str(error)) from error
    if not isinstance(card, dict) or not all(part in card for part in _CARD_FIELDS):
        raise BadTrust(where=path.name, reason="it is not the card of a gateway")
    return card


def _chain(path: Path) -> AnchorPolicy:
    if not path.is_file():
        return AnchorPolicy()
    try:
        said = tomllib.loads(path.read_text("utf-8"))
        if set(said) - _CHAIN_FIELDS:
            raise BadTrust(where=path.name, reason=f"of {sorted(_CHAIN_FIELDS)} only")
        blocks = [bytes.fromhex(block.removeprefix("0x")) for block in said.get("known_blocks", ())]
    except (ValueError, AttributeError, TypeError) as error:
        raise BadTrust(where=path.name, reason=str(error)) from error
    return AnchorPolicy(
        chain_id=said.get("chain_id"),
        contract=said.get("contract"),
        sender=said.get("sender"),
        known_blocks=frozenset(blocks),
    )


def _certified_log(origin: str, pem: bytes) -> tuple[VerifierKey, ...]:
    public = raw_key(certificates.load_all(pem)[0])
    return (VerifierKey(origin, KeyType.ED25519, public),) if public else ()


def raw_key(certificate: Certificate) -> bytes | None:
    """Return the 32 bytes of an Ed25519 certificate's key, None for another type of key."""
    key = certificate.public_key
    return key.public_bytes_raw() if isinstance(key, Ed25519PublicKey) else None
