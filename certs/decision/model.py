"""What a diagnostic-data document says, as far as a decision needs it.

The document (EU DSS, namespace `http://dss.esig.europa.eu/validation/diagnostic`) holds the facts
that cryptography established about one signed file; nothing here is computed from bytes again.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class Status(StrEnum):
    """What a revocation answer says about a certificate."""

    GOOD = "GOOD"
    REVOKED = "REVOKED"
    UNKNOWN = "UNKNOWN"


@dataclass(frozen=True, slots=True, kw_only=True)
class Crypto:
    """How a token was signed; `size` is None where the key's length is unknown."""

    algorithm: str
    digest: str
    size: int | None
    intact: bool
    valid: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Token:
    """Something signed: `chain` lists certificate ids, the signer's first."""

    id: str
    crypto: Crypto
    chain: tuple[str, ...]
    signer: str


@dataclass(frozen=True, slots=True)
class Matcher:
    """One digest to be found again in the data."""

    type: str
    digest: str
    found: bool
    intact: bool
    duplicated: bool = False


@dataclass(frozen=True, slots=True)
class CertificateStatus:
    """What one revocation token says about a certificate."""

    revocation: str
    status: Status
    date: datetime | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CertificateFacts(Token):
    """A certificate; `trusted_from` and `trusted_until` bound the trust put in it, if at all."""

    not_before: datetime
    not_after: datetime
    trusted: bool
    trusted_from: datetime | None
    trusted_until: datetime | None
    self_signed: bool
    authority: bool
    path_length: int | None
    key_usages: frozenset[str]
    purposes: frozenset[str]
    extensions: frozenset[str]
    statuses: tuple[CertificateStatus, ...]
    # Its trusted list promises answers about certificates that expired at this time or later.
    keeps_expired_since: datetime | None
    # Whether it names its issuer as the issuer names itself.
    names_issuer: bool = True
    # Whether subject and issuer are the same name, as where one root vouches for the next.
    self_issued: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RevocationFacts(Token):
    """A CRL or an OCSP answer."""

    type: str
    this_update: datetime | None
    next_update: datetime | None
    produced: datetime
    # Expired certificates are still listed when they ended at this time or later.
    keeps_expired_since: datetime | None
    cert_hash_matches: bool
    # Whether an OCSP answer names the certificate that signed it as its responder.
    responder_matches: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class TimestampFacts(Token):
    """A time-stamp; `covers` lists the ids of everything it proves to exist."""

    type: str
    produced: datetime
    matchers: tuple[Matcher, ...]
    covers: frozenset[str]
    evidence_record: bool
    certificate_reference: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureFacts(Token):
    """A signature."""

    claimed: datetime | None
    format: str
    matchers: tuple[Matcher, ...]
    certificate_reference: bool | None
    timestamps: tuple[str, ...]
    evidence_records: tuple[str, ...]
    duplicated: bool
    pdf_consistent: bool
    byte_range_valid: bool
    one_signer: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceFacts:
    """An evidence record: a hash tree over data, and time-stamps on its root."""

    id: str
    matchers: tuple[Matcher, ...]
    timestamps: tuple[str, ...]
    covers: frozenset[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Diagnosis:
    """One document; all tokens by id."""

    validation_time: datetime
    container: str
    manifests: int | None
    signatures: tuple[SignatureFacts, ...]
    # The files of a container outside META-INF.
    contents: tuple[str, ...] = ()
    certificates: dict[str, CertificateFacts] = field(default_factory=dict)
    revocations: dict[str, RevocationFacts] = field(default_factory=dict)
    timestamps: dict[str, TimestampFacts] = field(default_factory=dict)
    evidence: dict[str, EvidenceFacts] = field(default_factory=dict)
