"""Reading, checking and writing documents as the pipeline and clearance need it, over adapters."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import adapters
from certs import jws, xades
from certs.trust import TrustStore
from gateway.clearance.corridor import corridor, corridors
from gateway.clearance.parties import PartyMaster
from gateway.exchange.errors import DocumentInvalid
from gateway.exchange.rooms import Reading, Rendered
from gateway.store.model import Exchange
from gateway.wiring.errors import NotVerified
from gateway.wiring.papers import translate
from schemas.document import Document
from schemas.finding import Finding, Flag

_SIGNATURE: Final = b"http://www.w3.org/2000/09/xmldsig#"


class Translations:
    """The pipeline's translator."""

    def __init__(self, parties: PartyMaster) -> None:
        """Know the parties of `parties` by their names in Latin script."""
        self._parties = parties

    def detect(self, data: bytes) -> str:
        """Return the format id; raises when no format fits."""
        return adapters.detect(data)

    def read(self, exchange: Exchange, data: bytes) -> adapters.Reading:
        """Read `data` as the exchange's source format."""
        return adapters.read(data, exchange.source_format or None)

    def validate(self, reading: Reading) -> Sequence[Finding]:
        """Return all findings, those of the structure included."""
        assert isinstance(reading, adapters.Reading)  # noqa: S101 - what `read` gave
        return adapters.validate(reading)

    def render(self, exchange: Exchange, reading: Reading, related: Sequence[bytes]) -> Rendered:
        """Write in the target format: along a corridor what may cross, else the whole document."""
        along = corridor(exchange.profile) if exchange.profile in corridors() else None
        others = [adapters.read(data).document for data in related]
        known = self._parties.document(reading.document) if along else None
        others += [known] if known else []
        rendering = translate(reading.document, exchange.target_format, others, along)
        loss = rendering.report.to_json()
        media_type = adapters.formats()[exchange.target_format].media_type
        return Rendered(rendering.data, media_type, loss, rendering.findings)


class Papers:
    """Clearance's documents: what was signed is read from what its verified signature covers."""

    def __init__(self, trust: TrustStore) -> None:
        """Trust the anchors of `trust` for signed documents."""
        self._trust = trust

    def read(self, data: bytes, format_id: str = "") -> Document:
        """Return the canonical document; raises for what cannot be read, verified or accepted."""
        reading = adapters.read(self._content(data), format_id or None)
        fatal = [f for f in adapters.validate(reading) if f.flag is Flag.FATAL]
        if fatal:
            first = fatal[0]
            raise DocumentInvalid(
                where=first.path,
                count=len(fatal),
                rule=first.rule,
                found=first.found,
                expected=first.expected,
                findings=fatal,
            )
        return reading.document

    def render(self, document: Document, format_id: str) -> bytes:
        """Write a document in a format; raises DocumentInvalid when the result is not valid."""
        rendering = adapters.render(document, format_id)
        self.read(rendering.data, format_id)
        return rendering.data

    def media_type(self, format_id: str) -> str:
        """Return the media type of a format."""
        return str(adapters.formats()[format_id].media_type)

    def _content(self, data: bytes) -> bytes:
        start = data.lstrip()[:3]
        if start == b"eyJ" or (start.startswith(b"{") and b'"signature"' in data[-4096:]):
            verdict = jws.verify(data, self._trust)
        elif _SIGNATURE in data:
            verdict = xades.verify(data, self._trust)
        else:
            return data
        if not verdict.passed:
            raise NotVerified.because(verdict, "document")
        return verdict.signed
