"""The stateless tools: what the command line and the API say of one document."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import nullcontext
from typing import Any

import adapters
from gateway.api.ports import Converted
from gateway.clearance.corridor import corridor
from gateway.wiring.auditing import Auditor
from gateway.wiring.lasting import Asking
from gateway.wiring.papers import translate

Json = Mapping[str, Any]


class Tools:
    """Detects, validates, converts and verifies; nothing is stored."""

    def __init__(self, auditor: Auditor, asking: Asking = nullcontext) -> None:
        """Verify with `auditor`, while `asking` about revocation is allowed."""
        self._auditor = auditor
        self._asking = asking

    def detect(self, data: bytes) -> str:
        """Return the format id."""
        return adapters.detect(data)

    def validate(self, data: bytes, *, rules: str) -> Json:
        """Return verdict and findings of one document."""
        return adapters.check(data, rules or "auto").as_dict()

    def convert(self, data: bytes, to: str, *, profile: str, related: Sequence[bytes]) -> Converted:
        """Return the document in another format, joined with its related documents.

        `profile` is the id of a corridor, empty for none.
        """
        others = [adapters.read(each).document for each in related]
        along = corridor(profile) if profile else None
        rendering = translate(adapters.read(data).document, to, others, along)
        return Converted(
            rendering.data,
            adapters.formats()[to].media_type,
            rendering.report.as_dict(),
            [finding.as_dict() for finding in rendering.findings],
        )

    def verify(self, data: bytes, *, detached: Sequence[bytes]) -> Json:
        """Return the verdict on anything signed."""
        with self._asking():
            return self._auditor.verify(data, detached)
