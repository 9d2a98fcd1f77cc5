"""The checksums of DCSA's messages: SHA-256 in hex, each over another level of the same thing.

| of | over |
|---|---|
| a transport document, issueTo | the canonical JSON (RFC 8785) |
| an entry of a transfer chain | the compact JWS, as text |
| a supporting document, a visualisation | the decoded octets |
"""

from __future__ import annotations

import re
from hashlib import sha256
from typing import Any, Final

from schemas.jcs import canonical_any

_CHECKSUM: Final = re.compile(r"[0-9a-f]{64}")


def of_json(value: Any) -> str:  # noqa: ANN401 - whatever JSON says
    """Return the checksum of a JSON value; raises NotCanonical."""
    return sha256(canonical_any(value)).hexdigest()


def of_text(text: str) -> str:
    """Return the checksum of a compact JWS as it travels."""
    return sha256(text.encode()).hexdigest()


def of_octets(octets: bytes) -> str:
    """Return the checksum of a decoded document."""
    return sha256(octets).hexdigest()


def is_checksum(text: object) -> bool:
    """Tell whether a value is written as checksums are."""
    return isinstance(text, str) and _CHECKSUM.fullmatch(text) is not None
