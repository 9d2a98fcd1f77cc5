"""Signing and verifying as the pipeline needs it, over the certs room."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import asdict, replace
from typing import Final

from certs import asic, encryption, jws, receipts, xades
from certs.authority.tsa import TimeStamper
from certs.errors import ClockNotTrusted, ContainerRefused, ReceiptRefused
from certs.keys import SigningKey
from certs.receipts import Receipt
from certs.trust import TrustStore
from certs.validation.material import Material
from certs.validation.online import noting
from certs.verdict import Verdict
from certs.xades import Prepared
from gateway.exchange.errors import EnvelopeMismatch, TransientError
from gateway.exchange.rooms import Envelope, Opened, Signed
from gateway.settings import Settings
from gateway.store.model import Exchange
from gateway.wiring.audit import reception
from gateway.wiring.lasting import Asking
from gateway.wiring.verifying import refusal
from schemas.clock import Clock, iso
from schemas.jcs import canonical_json
from schemas.xml import parse

JOSE: Final = "application/jose"
ENVELOPE: Final = "envelope.json"
_DOCUMENTS: Final = {"application/xml": "document.xml", JOSE: "document.jws"}
_AT_HAND: Final = 4096
"""Signed trees, and who signed, kept between the stages; more than any batch has."""


def _no_seals() -> Mapping[str, SigningKey]:
    return {}


class Seals:
    """Signs, stamps and packs with the seal of the tenant that sends, else the gateway's."""

    def __init__(
        self,
        key: Callable[[], SigningKey],
        stamper: TimeStamper,
        clock: Clock,
        own: Callable[[], Mapping[str, SigningKey]] = _no_seals,
    ) -> None:
        """Seal with `key`, for the tenants in `own` with theirs; time-stamps are by `stamper`.

        Both are asked at each document, for keys are renewed while a gateway runs; and now, so that
        one that is missing is found at once. Raises KeyNotFound.
        """
        key(), own()
        self._key = key
        self._own = own
        self._stamper = stamper
        self._clock = clock
        self._at_hand: dict[bytes, Prepared] = {}
        self._by: dict[str, SigningKey] = {}

    def sign(self, exchange: Exchange, data: bytes, media_type: str) -> Signed:
        """Return XML with its XAdES-B inside, or a JWS over anything else."""
        key = self._of(exchange)
        if len(self._by) >= _AT_HAND:
            self._by.clear()
        self._by[exchange.id] = key
        if media_type != "application/xml":
            signed = jws.sign(data, key, signed_at=self._clock(), content_type=media_type)
            return Signed(signed, JOSE)
        prepared = xades.prepare(data, key, signed_at=self._clock())
        encoded = prepared.to_bytes()
        if len(self._at_hand) >= _AT_HAND:
            self._at_hand.clear()
        self._at_hand[encoded] = prepared
        return Signed(encoded, media_type)

    def stamp(self, exchange: Exchange, signed: bytes, media_type: str) -> bytes:  # noqa: ARG002 - one authority for all
        """Return the signed document with its signature time-stamp.

        Raises TransientError while the authority's clock is in doubt: the document waits.
        """
        try:
            return self._stamped(signed, media_type)
        except ClockNotTrusted as error:
            raise TransientError(where="tsa", reason=error.message.en) from error

    def _stamped(self, signed: bytes, media_type: str) -> bytes:
        if media_type == JOSE:
            return jws.add_timestamp(signed, self._stamper)
        prepared = self._at_hand.pop(signed, None)
        if prepared is None:
            root = parse(signed)
            prepared = Prepared(root, root[-1])
        return prepared.stamp(self._stamper).to_bytes()

    def pack(self, exchange: Exchange, envelope: Envelope, document: bytes) -> bytes:
        """Return the container of envelope and document, by the seal that signed the document."""
        said = {**asdict(envelope), "digest": envelope.digest.hex()}
        content = {ENVELOPE: canonical_json(said), document_name(envelope): document}
        key = self._by.pop(exchange.id, None) or self._of(exchange)
        return asic.pack(content, key, signed_at=self._clock())

    def _of(self, exchange: Exchange) -> SigningKey:
        """Return the seal of the tenant that sends."""
        return self._own().get(exchange.tenant) or self._key()


class Gate:
    """Verifies what partners deliver, each against its own anchors, and signs for it."""

    def __init__(
        self,
        settings: Settings,
        key: Callable[[], SigningKey],
        partners: Mapping[str, TrustStore],
        clock: Clock,
        opener: Callable[[], SigningKey],
        *,
        asking: Asking = nullcontext,
    ) -> None:
        """Sign receipts with `key`; trust each partner by its own store.

        `opener` gives the key that containers may be encrypted to, once one is; while `asking`,
        verification may ask whether a certificate was revoked.
        """
        self._asking = asking
        self._opener = opener
        self._settings = settings
        self._key = key
        self._partners = partners
        self._clock = clock
        self._everyone = TrustStore(
            frozenset().union(*(each.anchors for each in partners.values())),
            strict=settings.revocation == "required",
        )

    def unwrap(self, container: bytes) -> bytes:
        """Return a container in the clear; raises NotDecrypted for one that is not to us."""
        if not encryption.is_encrypted(container):
            return container
        return encryption.decrypt(container, self._opener())

    def open(self, container: bytes) -> Opened:
        """Verify container and document, then read the envelope.

        Raises ContainerRefused, NotVerified, NotVerifiedYet while a word on revocation is missing,
        or EnvelopeMismatch when the envelope says another
        sender than the one who signed, or another receiver than this gateway.
        """
        with self._asking(), noting() as asked:
            return self._opened(container, asked)

    def _opened(self, container: bytes, asked: Sequence[Material]) -> Opened:
        opened = asic.verify(container, self._everyone, at=self._clock())
        if not opened.passed:
            raise refusal(
                opened.verdict,
                "container",
                self._everyone,
                lambda trust: asic.verify(container, trust, at=self._clock()).verdict,
            )
        envelope = _envelope(opened.files)
        trust = self._partners.get(envelope.sender)
        document = opened.files.get(document_name(envelope))
        if trust is None or document is None or envelope.receiver != self._settings.id:
            raise EnvelopeMismatch(where=envelope.message_id)
        verdict = self._check_document(envelope, document, trust, opened.verdict)
        found = reception.record(
            at=self._clock(),
            by=self._settings.id,
            document=document,
            container=opened.verdict,
            verdict=verdict,
            trust=trust,
            asked=asked,
        )
        return Opened(envelope.receiver, envelope, document, found)

    def receipt(self, envelope: Envelope, digest: bytes) -> bytes:
        """Return our signed receipt naming the SHA-256 of the container received."""
        said = Receipt(
            message_id=envelope.message_id,
            sha256=digest.hex(),
            recipient=self._settings.id,
            received_at=self._clock(),
        )
        return receipts.issue(said, self._key())

    def check(self, exchange: Exchange, receipt: bytes, digest: bytes) -> Mapping[str, object]:
        """Return what the receiver's receipt says; raises ReceiptRefused for any other.

        Raises TransientError where nothing but a word on revocation is missing.
        """
        trust = self._partners[exchange.receiver]
        try:
            said = self._receipt(exchange, receipt, digest, trust)
        except ReceiptRefused as error:
            if not trust.strict:
                raise
            self._receipt(exchange, receipt, digest, replace(trust, strict=False))
            raise TransientError(where="revocation", reason=error.message.en) from error
        return {
            "recipient": said.recipient,
            "received_at": iso(said.received_at),
            "sha256": said.sha256,
        }

    def _receipt(
        self, exchange: Exchange, receipt: bytes, digest: bytes, trust: TrustStore
    ) -> Receipt:
        with self._asking():
            return receipts.verify(
                receipt,
                trust,
                message_id=exchange.message_id,
                sha256=digest.hex(),
                at=self._clock(),
            )

    def _check_document(
        self, envelope: Envelope, document: bytes, trust: TrustStore, container: Verdict
    ) -> Verdict:
        """Return the verdict on a document that is the sender's by its own anchors.

        The container must be by the same seal.
        """

        def verify(trust: TrustStore) -> Verdict:
            return verify_document(envelope.media_type, document, trust, self._clock)

        verdict = verify(trust)
        if not verdict.passed:
            raise refusal(verdict, document_name(envelope), trust, verify)
        seals = {report.certificate for report in (*container.signatures, *verdict.signatures)}
        if len(seals) != 1:
            raise EnvelopeMismatch(where=envelope.message_id)
        return verdict


def document_name(envelope: Envelope) -> str:
    """Return the name of the document in a container."""
    return _DOCUMENTS.get(envelope.media_type, "document.bin")


def verify_document(media_type: str, document: bytes, trust: TrustStore, clock: Clock) -> Verdict:
    """Return the verdict on a sealed document of the pipeline: XML with XAdES, or a JWS."""
    if media_type == JOSE:
        return jws.verify(document, trust, at=clock())
    return xades.verify(document, trust, at=clock())


def _envelope(files: Mapping[str, bytes]) -> Envelope:
    try:
        said = json.loads(files[ENVELOPE])
        return Envelope(**{**said, "digest": bytes.fromhex(said["digest"])})
    except (KeyError, TypeError, ValueError) as error:
        raise ContainerRefused(reason="it has no envelope") from error
