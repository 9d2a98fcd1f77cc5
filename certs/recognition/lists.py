"""Lists of trust: the services of one domain, and what it recognises of others.

A list is canonical JSON in a JWS (JAdES-B) by its operator. It has a sequence number, a date of
issue and a date by which the next one is due. Times are RFC 3339 in UTC.

    {"type": "silkgate-trust-list", "version": 1, "domain": ID, "sequence": N,
     "issued": TIME, "next_update": TIME,
     "services": [{"name", "kind", "certificate": Base64 of the DER,
                   "history": [{"status": "granted|withdrawn", "level": NATIONAL, "from": TIME}]}],
     "recognises": [{"from": ID, "service": KIND, "levels": {LEVEL: LEVEL}, "basis": {"en", "zh"},
                     "documents": [TYPE, ...], "valid_from": TIME, "valid_until": TIME or null}],
     "rules": {as in domains.toml, optional}}
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from certs import jws
from certs.errors import BadTrustList, MalformedCertificate
from certs.keys import SigningKey
from certs.recognition import rules as domain_rules
from certs.recognition.levels import Kind, Level
from certs.recognition.overrides import Override
from certs.recognition.rules import Rules
from certs.trust import TrustStore
from certs.x509 import certificate as certificates
from certs.x509.certificate import Certificate
from schemas.clock import iso, utc_now
from schemas.jcs import canonical_json
from schemas.text import Text

TYPE: Final = "silkgate-trust-list"
JWS_TYPE: Final = "trust-list+jws"
GRANTED: Final = "granted"
WITHDRAWN: Final = "withdrawn"
ANY: Final = "*"
_VERSION: Final = 1
_FIELDS: Final = frozenset(
    {
        *("type", "version", "domain", "sequence", "issued", "next_update", "services"),
        *("recognises", "rules"),
    }
)


@dataclass(frozen=True, slots=True)
class Status:
    """What was said of a service from a moment on: granted or not, and its national level.

    `purposes` are what a European service is qualified for (`ForeSeals`, ...), none named means
    all; `overrides` correct what some of its certificates say of themselves.
    """

    granted: bool
    level: str
    since: datetime
    purposes: frozenset[str] = frozenset()
    overrides: tuple[Override, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Service:
    """A trusted service: its certificate is an anchor; `history` is in order of time."""

    name: str
    kind: Kind
    certificate: Certificate
    history: tuple[Status, ...]

    def status(self, moment: datetime) -> Status | None:
        """Return what held at `moment`, None before anything was said."""
        known = [each for each in self.history if each.since <= moment]
        return known[-1] if known else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A dated recognition: the services of a kind in domain `source`, for document types."""

    source: str
    service: Kind
    levels: Mapping[Level, Level]
    basis: Text
    documents: frozenset[str]
    valid_from: datetime
    valid_until: datetime | None

    def covers(self, kind: Kind, document: str, moment: datetime) -> bool:
        """Tell whether it speaks of this kind of service and document at the time."""
        if self.service not in {kind, Kind.ANY} or not self.documents & {ANY, document}:
            return False
        return self.valid_from <= moment and (
            self.valid_until is None or moment <= self.valid_until
        )

    def as_dict(self) -> dict[str, object]:
        """Return the record as plain JSON values."""
        return {
            "from": self.source,
            "service": self.service.value,
            "levels": {home.value: here.value for home, here in self.levels.items()},
            "basis": self.basis.as_dict(),
            "documents": sorted(self.documents),
            "valid_from": iso(self.valid_from),
            "valid_until": iso(self.valid_until) if self.valid_until else None,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustList:
    """A list whose signature was verified; `sha256` is the digest of the file as it stands."""

    id: str
    domain: str
    sequence: int
    issued: datetime
    next_update: datetime | None
    sha256: str
    signer: str
    rules: Rules
    services: tuple[Service, ...]
    records: tuple[Record, ...] = ()

    def stale(self, moment: datetime) -> bool:
        """Tell whether a newer list was due before `moment`."""
        return self.next_update is None or moment > self.next_update

    def reference(self, moment: datetime) -> dict[str, object]:
        """Return what a verdict says of the list it rests on."""
        return {
            "id": self.id,
            "sequence": self.sequence,
            "sha256": self.sha256,
            "issued": iso(self.issued),
            "next_update": iso(self.next_update) if self.next_update else None,
            "stale": self.stale(moment),
            "signer": self.signer,
        }


def sign(body: Mapping[str, object], key: SigningKey, *, now: datetime | None = None) -> bytes:
    """Return the list signed; raises BadTrustList unless `body` is one."""
    read_body(body, sha256="", signer="")
    return jws.sign(
        canonical_json(dict(body)), key, typ=JWS_TYPE, content_type="json", signed_at=now
    )


def read(
    data: bytes, signers: Sequence[Certificate], *, name: str = "", at: datetime | None = None
) -> TrustList:
    """Return the list in `data`; raises BadTrustList unless one of `signers` signed it.

    The signers are pinned: no authority above them can make another one.
    """
    moment = at or utc_now()
    verdict = jws.verify(data, TrustStore.of(*signers), at=moment, typ=JWS_TYPE)
    if not verdict.passed:
        why = verdict.reason.en if verdict.reason else "its signature"
        raise BadTrustList(where=name, reason=why)
    signer = verdict.signatures[0]
    pinned = {each.sha256.hex(): each for each in signers}
    if signer.certificate not in pinned:
        raise BadTrustList(where=name, reason=f"{signer.signer} is not pinned as its signer")
    try:
        body = json.loads(verdict.signed)
    except ValueError as error:
        raise BadTrustList(where=name, reason="no JSON") from error
    digest = hashlib.sha256(data).hexdigest()
    return read_body(body, sha256=digest, signer=signer.signer, name=name)


def read_body(body: object, *, sha256: str, signer: str, name: str = "") -> TrustList:
    """Return the list that JSON values say; raises BadTrustList."""
    try:
        return _body(body, sha256, signer)
    except (KeyError, TypeError, ValueError, AttributeError, MalformedCertificate) as error:
        raise BadTrustList(where=name, reason=str(error)) from error


def _body(body: object, sha256: str, signer: str) -> TrustList:
    if not isinstance(body, dict) or body["type"] != TYPE or body["version"] != _VERSION:
        raise ValueError(f"no {TYPE} of version {_VERSION}")
    if unknown := set(body) - _FIELDS:
        raise ValueError(f"unknown fields {sorted(unknown)}")
    domain = str(body["domain"])
    issued, due = moment_of(body["issued"]), moment_of(body["next_update"])
    if due <= issued:
        raise ValueError("the next update is not after the issue")
    return TrustList(
        id=domain,
        domain=domain,
        sequence=_sequence(body["sequence"]),
        issued=issued,
        next_update=due,
        sha256=sha256,
        signer=signer,
        rules=_rules(domain, body.get("rules")),
        services=tuple(_service(each) for each in body["services"]),
        records=tuple(_record(each) for each in body.get("recognises", [])),
    )


def _sequence(value: object) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or value < 1:
        raise ValueError("the sequence number is a whole number from 1 on")
    return value


def _rules(domain: str, given: object) -> Rules:
    if isinstance(given, dict):
        return domain_rules.read(domain, given)
    known = domain_rules.built_in().get(domain)
    if known is None:
        raise ValueError(f"the domain {domain} is not known; the list must carry its rules")
    return known


def _service(given: Mapping[str, object]) -> Service:
    encoded = base64.b64decode(str(given["certificate"]), validate=True)
    history = given["history"]
    if not isinstance(history, list) or not history:
        raise ValueError("a service without history")
    statuses = sorted((_status(each) for each in history), key=lambda each: each.since)
    return Service(
        name=str(given["name"]),
        kind=Kind(str(given["kind"])),
        certificate=certificates.load(encoded),
        history=tuple(statuses),
    )


def _status(given: Mapping[str, object]) -> Status:
    if given["status"] not in {GRANTED, WITHDRAWN}:
        raise ValueError(f"status {given['status']!r}")
    return Status(given["status"] == GRANTED, str(given.get("level", "")), moment_of(given["from"]))


def _record(given: Mapping[str, object]) -> Record:
    levels, basis, documents = given["levels"], given["basis"], given["documents"]
    if not isinstance(levels, dict) or not isinstance(basis, dict):
        raise TypeError("levels and basis are objects")
    if not isinstance(documents, list):
        raise TypeError("documents are listed")
    until = given.get("valid_until")
    return Record(
        source=str(given["from"]),
        service=Kind(str(given["service"])),
        levels={Level(home): Level(here) for home, here in levels.items()},
        basis=Text(str(basis["en"]), str(basis["zh"])),
        documents=frozenset(map(str, documents)),
        valid_from=moment_of(given["valid_from"]),
        valid_until=moment_of(until) if until else None,
    )


def moment_of(value: object) -> datetime:
    """Return the time in RFC 3339 text with its zone, or of a TOML date-time; ValueError else."""
    found = value if isinstance(value, datetime) else datetime.fromisoformat(str(value))
    if found.tzinfo is None:
        raise ValueError(f"{value} has no zone")
    return found.astimezone(UTC)
