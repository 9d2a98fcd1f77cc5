"""The stateless tools: what the command line and the API say of one document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import adapters
from gateway.api.ports import Converted
from gateway.clearance.join import join, shipment
from gateway.wiring.auditing import Auditor
from schemas.finding import Finding, Flag

Json = Mapping[str, Any]


class Tools:
    """Detects, validates, converts and verifies; nothing is stored."""

    def __init__(self, auditor: Auditor) -> None:
        """Verify with `auditor`."""
        self._auditor = auditor

    def detect(self, data: bytes) -> str:
        """Return the format id."""
        return adapters.detect(data)

    def validate(self, data: bytes, *, rules: str) -> Json:
        """Return verdict and findings of one document."""
        reading = adapters.read(data)
        return verdict(reading, adapters.validate(reading, rules or "auto"))

    def convert(self, data: bytes, to: str, *, profile: str, related: Sequence[bytes]) -> Converted:  # noqa: ARG002 - corridors are for exchanges
        """Return the document in another format, joined with its related documents."""
        rendering = convert(data, to, related)
        return Converted(
            rendering.data,
            adapters.formats()[to].media_type,
            rendering.report.as_dict(),
            [finding.as_dict() for finding in rendering.findings],
        )

    def verify(self, data: bytes, *, detached: Sequence[bytes]) -> Json:
        """Return the verdict on anything signed."""
        return self._auditor.verify(data, detached)


def verdict(reading: adapters.Reading, findings: Sequence[Finding]) -> dict[str, object]:
    """Return the result of a validation in the shape of the command-line contract."""
    return {
        "format": reading.format,
        "rulesets": list(adapters.rulesets(reading)),
        "valid": not any(finding.flag is Flag.FATAL for finding in findings),
        "findings": [finding.as_dict() for finding in findings],
    }


def convert(
    data: bytes,
    to: str,
    related: Sequence[bytes] = (),
    profile: Mapping[str, object] | None = None,
) -> adapters.Rendering:
    """Return a document in another format; `related` documents of the shipment are joined."""
    document = adapters.read(data).document
    if related:
        others = [adapters.read(each).document for each in related]
        document = join(shipment(document, *others)).document
    return adapters.render(document, to, profile=profile)
