"""The signed answers to an envelope transfer (PINT 3.0.0, EnvelopeTransferFinishedResponse).

| code | HTTP | meaning |
|---|---|---|
| RECE, DUPE | 200 | accepted now, or before: the receiver is in control |
| BSIG, BENV | 422 | rejected: a signature; the envelope |
| INCD, MDOC | 409 | it goes on: another document than announced; documents are missing |
| DISE | 409 | rejected: another transfer of the same head was accepted |

The signed body counts, whatever the HTTP status says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any, Final

from certs.jose.compact import CompactSigner
from schemas.jcs import canonical_json

_REASON: Final = 255


class Code(StrEnum):
    """The response codes."""

    RECE = "RECE"
    DUPE = "DUPE"
    BSIG = "BSIG"
    BENV = "BENV"
    INCD = "INCD"
    MDOC = "MDOC"
    DISE = "DISE"


ACCEPTED: Final = frozenset({Code.RECE, Code.DUPE})
REJECTED: Final = frozenset({Code.BSIG, Code.BENV, Code.DISE})
STATUS: Final[Mapping[Code, int]] = MappingProxyType(
    {
        Code.RECE: 200,
        Code.DUPE: 200,
        Code.BSIG: 422,
        Code.BENV: 422,
        Code.INCD: 409,
        Code.MDOC: 409,
        Code.DISE: 409,
    }
)


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer before it is signed."""

    code: Code
    last: str
    reason: str = ""
    accepted_entry: str = ""
    received: Sequence[str] | None = None
    missing: Sequence[str] | None = None

    @property
    def status(self) -> int:
        """The HTTP status it travels with."""
        return STATUS[self.code]

    def payload(self) -> dict[str, Any]:
        """Return what is signed."""
        said: dict[str, Any] = {
            "lastEnvelopeTransferChainEntrySignedContentChecksum": self.last,
            "responseCode": self.code.value,
        }
        if self.accepted_entry:
            said["duplicateOfAcceptedEnvelopeTransferChainEntrySignedContent"] = self.accepted_entry
        if self.reason:
            said["reason"] = self.reason[:_REASON]
        if self.missing is not None:
            said["missingAdditionalDocumentChecksums"] = list(self.missing)
        if self.received is not None:
            said["receivedAdditionalDocumentChecksums"] = list(self.received)
        return said

    def signed(self, signer: CompactSigner) -> str:
        """Return the answer as it travels."""
        return signer.sign(canonical_json(self.payload()))
