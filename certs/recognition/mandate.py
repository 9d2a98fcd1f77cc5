"""Mandates: an organisation lets somebody else's certificate act for it, for a scope and a time.

A mandate is canonical JSON in a JWS under the organisation's seal:

    {"type": "silkgate-mandate", "version": 1, "principal": {"name", "identifier"},
     "agent": {"certificate": hex SHA-256}, "scope": [TYPE of document, ...],
     "valid_from": TIME, "valid_until": TIME}

or a W3C Verifiable Credential that says the same, under the seal too or with a Data Integrity
proof (`certs.recognition.credential`, `certs.recognition.integrity`).
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, Final

from cryptography.x509.oid import NameOID

from certs import jose, jws
from certs.errors import MandateRefused
from certs.keys import SigningKey
from certs.recognition import credential, integrity
from certs.recognition.identifiers import Identifier, identifier_of, parse
from certs.recognition.integrity import Issuers
from certs.recognition.lists import ANY, moment_of
from certs.trust import TrustStore
from certs.verdict import Refused
from certs.x509.certificate import Certificate
from schemas.clock import iso
from schemas.jcs import canonical_json
from schemas.text import Text

TYPE: Final = "silkgate-mandate"
JWS_TYPE: Final = "mandate+jws"
_VERSION: Final = 1
_COMPACT: Final = b"eyJ"
_LARGEST: Final = 256 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Mandate:
    """What an organisation said of its agent; `agent` is the SHA-256 of a certificate."""

    principal: str
    identifier: Identifier
    agent: str
    scope: frozenset[str]
    valid_from: datetime
    valid_until: datetime


@dataclass(frozen=True, slots=True)
class Standing:
    """For whom a signer acts: `basis` is seal, certificate or mandate; `ok` False if out of it."""

    basis: str
    principal: str
    identifier: Identifier | None
    ok: bool
    why: Text

    def as_dict(self) -> dict[str, object]:
        """Return it as plain JSON values."""
        return {
            "basis": self.basis,
            "principal": self.principal,
            "identifier": self.identifier and self.identifier.as_dict(),
            "status": "in-order" if self.ok else "not-in-order",
            "why": self.why.as_dict(),
        }


def issue(
    mandate: Mandate, key: SigningKey, *, as_credential: bool = False, now: datetime | None = None
) -> bytes:
    """Return the mandate under the organisation's seal (a JWS), in our own form or the W3C's."""
    said = {
        "principal": {"name": mandate.principal, "identifier": mandate.identifier.value},
        "agent": {"certificate": mandate.agent},
        "scope": sorted(mandate.scope),
        "valid_from": iso(mandate.valid_from),
        "valid_until": iso(mandate.valid_until),
    }
    if as_credential:
        payload = canonical_json(credential.wrap(said, key.certificate))
        typ, content_type = credential.JWS_TYPE, credential.CONTENT
    else:
        payload = canonical_json({"type": TYPE, "version": _VERSION, **said})
        typ, content_type = JWS_TYPE, "json"
    return jws.sign(payload, key, typ=typ, content_type=content_type, signed_at=now)


def is_mandate(data: bytes) -> bool:
    """Tell whether a file says that it is a mandate; nothing is checked."""
    if integrity.is_credential(data):
        return len(data) <= _LARGEST
    if not data.startswith(_COMPACT) or len(data) > _LARGEST:
        return False
    header, _, rest = data.partition(b".")
    try:
        said = jose.decode(header.decode("ascii"))
        if _quoted(JWS_TYPE) in said:
            return True
        payload = jose.decode(rest.partition(b".")[0].decode("ascii"))
    except (Refused, UnicodeDecodeError):
        return False
    return _quoted(credential.JWS_TYPE) in said and _quoted(credential.KIND) in payload


def _quoted(text: str) -> bytes:
    return f'"{text}"'.encode()


def read(
    data: bytes, trust: TrustStore, at: datetime, issuers: Issuers = integrity.NOBODY
) -> Mandate:
    """Return a mandate.

    Raises MandateRefused unless it was good at `at` and is under the principal's own seal, or by
    an issuer who is listed as the principal's own.
    """
    try:
        said, own = _read(data, trust, at, issuers)
        found = _fields(said)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise MandateRefused(reason=str(error)) from error
    if own is None or own.value != found.identifier.value:
        raise MandateRefused(reason="it is not by the principal itself")
    return found


def _read(
    data: bytes, trust: TrustStore, at: datetime, issuers: Issuers
) -> tuple[Mapping[str, Any], Identifier | None]:
    """Return what a mandate says, and who says it."""
    if integrity.is_credential(data):
        return integrity.read(data, issuers, at)
    typ = _typ(data)
    verdict = jws.verify(data, trust, at=at, typ=typ)
    if not verdict.passed or not verdict.signatures[0].path:
        why = verdict.reason.en if verdict.reason else "its seal"
        raise MandateRefused(reason=why)
    seal = verdict.signatures[0].path[0]
    said = json.loads(verdict.signed)
    body = credential.unwrap(said, seal) if typ != JWS_TYPE else _ours(said)
    return body, identifier_of(seal)


def _typ(data: bytes) -> str:
    """Return the kind of JWS it says it is, where that is one of ours."""
    try:
        _, (first, *_) = jose.read(data)
    except Refused:
        return JWS_TYPE
    said = first.header.get("typ")
    return credential.JWS_TYPE if said == credential.JWS_TYPE else JWS_TYPE


def _ours(body: object) -> Mapping[str, Any]:
    if not isinstance(body, dict) or body["type"] != TYPE or body["version"] != _VERSION:
        raise ValueError(f"no {TYPE} of version {_VERSION}")
    return body


def _fields(body: Mapping[str, Any]) -> Mandate:
    scope = body["scope"]
    if not isinstance(scope, list) or not scope:
        raise ValueError("no scope")
    return Mandate(
        principal=str(body["principal"]["name"]),
        identifier=parse(str(body["principal"]["identifier"])),
        agent=str(body["agent"]["certificate"]),
        scope=frozenset(map(str, scope)),
        valid_from=moment_of(body["valid_from"]),
        valid_until=moment_of(body["valid_until"]),
    )


def standing(
    signer: Certificate,
    mandates: Iterable[bytes],
    trust: TrustStore,
    document: str,
    moment: datetime,
    *,
    personal: bool,
    issuers: Issuers = integrity.NOBODY,
) -> Standing:
    """Return for whom `signer` acted at `moment`: its own organisation, or by a mandate.

    An organisation's seal stands for it. A person stands for the organisation in the certificate,
    else for whoever gave a mandate that names the certificate, this document type and this time.
    """
    identifier, organisation = identifier_of(signer), organisation_of(signer)
    if not personal:
        why = Text(f"The seal is that of {organisation}.", f"该印章属于{organisation}。")
        return Standing("seal", organisation, identifier, ok=True, why=why)
    found = [
        _judged(partial(read, each, trust, moment, issuers), signer, document, moment)
        for each in mandates
    ]
    for each in found:
        if each.ok:
            return each
    if identifier is not None:
        why = Text(
            f"The certificate names the person as one of {organisation}.",
            f"证书载明该签署人隶属于{organisation}。",
        )
        return Standing("certificate", organisation, identifier, ok=True, why=why)
    if found:
        return found[0]
    why = Text(
        "A person signed; no mandate and no organisation in the certificate.",
        "由自然人签署;既无授权书,证书中也无机构信息。",
    )
    return Standing("none", "", None, ok=False, why=why)


def _judged(
    reading: Callable[[], Mandate], signer: Certificate, document: str, moment: datetime
) -> Standing:
    try:
        mandate = reading()
    except MandateRefused as refused:
        return Standing("mandate", "", None, ok=False, why=refused.message)
    why = _trouble(mandate, signer, document, moment)
    good = why is None
    why = why or Text(
        f"{mandate.principal} mandated the signer for this document and time.",
        f"{mandate.principal}已就此文件与时间授权该签署人。",
    )
    return Standing("mandate", mandate.principal, mandate.identifier, ok=good, why=why)


def _trouble(mandate: Mandate, signer: Certificate, document: str, moment: datetime) -> Text | None:
    if mandate.agent != signer.sha256.hex():
        return Text("The mandate names another certificate.", "授权书指明的是另一张证书。")
    if not mandate.scope & {ANY, document}:
        scope: Sequence[str] = sorted(mandate.scope)
        return Text(
            f"The mandate is for {', '.join(scope)}, not for “{document}”.",
            f"授权范围为 {'、'.join(scope)},不含“{document}”。",
        )
    if not mandate.valid_from <= moment <= mandate.valid_until:
        return Text(
            "The mandate was not valid at the time of signing.", "签署时授权书不在有效期内。"
        )
    return None


def organisation_of(signer: Certificate) -> str:
    """Return the organisation a certificate names, else whatever it is called."""
    found = signer.x509.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
    return str(found[0].value) if found else signer.name
