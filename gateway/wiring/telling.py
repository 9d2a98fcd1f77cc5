"""Webhooks over the wire: signed with a key of their own, posted where the operator allows."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ed25519

from certs.authority.ca import SEAL, Subject
from certs.errors import KeyExists, KeyNotFound
from certs.httpsig import Message, sign
from certs.jose.compact import CompactSigner
from certs.keys import KeyStore, SigningKey
from gateway import setup
from gateway.hooks.message import MEDIA_TYPE
from gateway.settings import Settings
from gateway.transport import guarded
from gateway.transport.guarded import Guard, Request
from schemas.clock import Clock

KEY: Final = "webhooks"
TAG: Final = "silkgate-webhook"
"""Tells our signatures from those for other purposes (RFC 9421, 2.3)."""
_LABEL: Final = "silkgate"
_LARGEST_ANSWER: Final = 64 * 1024
_NONCE: Final = 18


@dataclass(frozen=True)
class SignedPosts:
    """Tells hooks of one gateway (`gateway.hooks.ports.Teller`)."""

    settings: Settings
    store: KeyStore
    clock: Clock

    def allows(self, url: str) -> None:
        """Raise NotAllowed for an address that may not be told anything."""
        guarded.check(url, self._guard)

    def tell(self, url: str, body: bytes) -> int:
        """Post a signed message and return the status; raises TransportError without an answer."""
        headers = {"Content-Type": MEDIA_TYPE}
        message = Message(method="POST", url=url, headers=tuple(headers.items()), body=body)
        signed = sign(
            message,
            self._key.private,
            key_id=self._jwk["kid"],
            created=self.clock(),
            nonce=secrets.token_urlsafe(_NONCE),
            tag=TAG,
            label=_LABEL,
        )
        asked = Request(url=url, method="POST", body=body, headers={**headers, **signed})
        return guarded.ask(asked, self._guard).status

    def keys(self) -> Mapping[str, object]:
        """Return the public key as a JWK Set (RFC 7517)."""
        return {"keys": [dict(self._jwk)]}

    @cached_property
    def _key(self) -> SigningKey:
        """The key that signs webhooks and nothing else; made when it is first wanted."""
        try:
            return self.store.load(KEY)
        except KeyNotFound:
            return _made(self.settings, self.store)

    @cached_property
    def _jwk(self) -> Mapping[str, str]:
        return CompactSigner(self._key.private).published()

    @property
    def _guard(self) -> Guard:
        said = self.settings.webhooks
        return Guard(
            hosts=frozenset(each.lower() for each in said.hosts),
            authority=said.tls_ca and self.settings.path(said.tls_ca),
            private=said.private,
            plain=said.plain,
            seconds=said.seconds,
            largest=_LARGEST_ANSWER,
        )


def _made(settings: Settings, store: KeyStore) -> SigningKey:
    """Make the key, certified by the gateway's root; raises KeyNotFound where that is not here."""
    name = f"{settings.name} Webhooks"
    subject = Subject(organisation=settings.name, country=settings.country, common_name=name)
    private = ed25519.Ed25519PrivateKey.generate()
    issued = setup.authority(settings, store).issue(SEAL, subject, name=KEY, private=private)
    try:
        return store.save(issued)
    except KeyExists:  # another process was quicker
        return store.load(KEY)
