"""The outcome of recognition: where a signature comes from, what was checked, what it is worth."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from certs.recognition.identifiers import Identifier
from certs.recognition.levels import Kind, Level
from certs.recognition.lists import Record, Service, Status, TrustList
from certs.recognition.mandate import Standing
from certs.recognition.overrides import adjusted
from certs.recognition.qualified import Statements, statements
from certs.recognition.rules import Rules
from certs.verdict import Indication
from certs.x509.certificate import Certificate
from schemas.clock import iso
from schemas.text import Text

_AGREED: Final = "agreed"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing that was looked at; the level is at most `cap` because of it."""

    name: str
    cap: Level
    why: Text

    def as_dict(self) -> dict[str, object]:
        """Return it as plain JSON values."""
        return {"check": self.name, "at_most": self.cap.value, "why": self.why.as_dict()}


@dataclass(frozen=True, slots=True)
class Home:
    """Where a signature comes from: its domain and rules, and the service that vouches for it."""

    domain: str
    rules: Rules
    kind: Kind
    list: TrustList | None = None
    service: Service | None = None
    status: Status | None = None

    @property
    def fits(self) -> bool:
        """Whether the service is for this kind of signature."""
        return self.service is None or self.service.kind in {self.kind, Kind.ANY}

    @property
    def granted(self) -> Level:
        """The level that the list gives the service at the time."""
        if self.service is None:
            return self.rules.level(_AGREED)
        if self.status is None or not self.status.granted:
            return Level.NONE
        return self.rules.level(self.status.level)

    def described(self) -> dict[str, object] | None:
        """Return the service as plain JSON values; None without one."""
        if self.service is None:
            return None
        status = self.status
        return {
            "name": self.service.name,
            "kind": self.service.kind.value,
            "status": ("granted" if status.granted else "withdrawn") if status else "unknown",
            "national_level": status.level if status else None,
            "since": iso(status.since) if status else None,
        }

    def said_of(self, signer: Certificate) -> Statements:
        """Return what a certificate says of itself, as the list corrects it for the time."""
        return corrected(signer, self.status)


def corrected(signer: Certificate, status: Status | None) -> Statements:
    """Return what a certificate says of itself, as the list corrects it in a status."""
    return adjusted(statements(signer), signer, status.overrides if status else ())


@dataclass(frozen=True, slots=True, kw_only=True)
class Recognition:
    """The outcome for one signature, as of `moment`, when `asked`; never a bool."""

    technical: Indication
    here: str
    moment: datetime
    asked: datetime
    signer: Certificate | None = None
    identifier: Identifier | None = None
    home: Home | None = None
    home_level: Level = Level.NONE
    accorded: Level = Level.NONE
    record: Record | None = None
    record_list: TrustList | None = None
    acts_for: Standing | None = None
    checks: tuple[Check, ...] = ()
    timestamps: tuple[dict[str, object], ...] = ()
    basis: Text | None = None
    explanation: Text

    def as_dict(self) -> dict[str, object]:
        """Return it as plain JSON values, in the shape of `recognition` in `silkgate verify`."""
        home, record = self.home, self.record
        return {
            "from": home.domain if home else None,
            "to": self.here,
            "technical": self.technical.value,
            "home_level": self.home_level.value,
            "accorded_level": self.accorded.value,
            "basis": self.basis and self.basis.as_dict(),
            "at": iso(self.moment),
            "signer": self._signer(),
            "acts_for": self.acts_for and self.acts_for.as_dict(),
            "service": home.described() if home else None,
            "list": home.list.reference(self.asked) if home and home.list else None,
            "record": record and {**record.as_dict(), "to": self.here},
            "record_list": self.record_list and self.record_list.reference(self.asked),
            "timestamps": list(self.timestamps),
            "checks": [each.as_dict() for each in self.checks],
            "explanation": self.explanation.as_dict(),
        }

    def _signer(self) -> dict[str, object] | None:
        if self.signer is None:
            return None
        return {
            "name": self.signer.name,
            "kind": self.home.kind.value if self.home else None,
            "identifier": self.identifier and self.identifier.as_dict(),
        }
