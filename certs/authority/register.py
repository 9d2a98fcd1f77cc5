"""What a small authority has certified and revoked, from the folder of its keys.

Certified is every certificate in a `*.cert.pem` there whose issuer is the root, those renewed
before and those that link two roots included; revoked is what `revoked.json` says, by serial
number.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from certs.authority import crl
from certs.authority.ocsp import Standing
from certs.errors import KeyUnreadable, MalformedCertificate
from certs.x509 import certificate as certificates
from certs.x509.certificate import Certificate
from schemas.clock import iso

_REVOKED: Final = "revoked.json"
# CRLReason, RFC 5280, 5.3.1, without those for lists in parts.
REASONS: Final[Mapping[str, int]] = {
    "unspecified": 0,
    "key-compromise": 1,
    "ca-compromise": 2,
    "affiliation-changed": 3,
    "superseded": 4,
    "cessation-of-operation": 5,
}
_Mark = tuple[int, int]


class Register:
    """The certificates of one issuer in a folder; read anew when the folder changes."""

    def __init__(self, folder: Path, issuer: Certificate) -> None:
        """Look after what `issuer` certified in `folder`."""
        self._folder = folder
        self._issuer = issuer
        # By name: after a roll-over the new key of the same authority speaks for the old one.
        self._issued_by = hashlib.sha256(issuer.x509.subject.public_bytes()).hexdigest()
        self._mark: _Mark = (-1, -1)
        self._known: dict[int, Certificate] = {}
        self._revoked: dict[int, crl.Entry] = {}

    def standing(self, serial: int) -> Standing | None:
        """Return what is known about a serial number, None when it was never given out."""
        self._refresh()
        if serial not in self._known:
            return None
        entry = self._revoked.get(serial)
        return Standing(entry.when if entry else None)

    def entries(self) -> tuple[crl.Entry, ...]:
        """Return what is revoked, for a list."""
        self._refresh()
        return tuple(self._revoked.values())

    def revoked(self) -> list[tuple[Certificate, datetime]]:
        """Return the certificates that are revoked, each with the time of its revocation."""
        self._refresh()
        return [
            (self._known[serial], entry.when)
            for serial, entry in self._revoked.items()
            if serial in self._known
        ]

    @property
    def mark(self) -> _Mark:
        """Something that changes when the folder does."""
        revoked = self._folder / _REVOKED
        changed = revoked.stat().st_mtime_ns if revoked.is_file() else 0
        return self._folder.stat().st_mtime_ns, changed

    def revoke(self, serial: int, when: datetime, reason: str = "unspecified") -> None:
        """Revoke a certificate for good; an earlier revocation stays. Raises KeyUnreadable."""
        self._refresh()
        if serial not in self._known:
            raise KeyUnreadable(ref=f"{serial:x}", reason="this authority never certified it")
        path = self._folder / _REVOKED
        said = _read(path)
        row = {"when": iso(when), "reason": REASONS[reason], "issuer": self._issued_by}
        said.setdefault(f"{serial:x}", row)
        beside = path.with_name(f".{_REVOKED}.{os.getpid()}")
        beside.write_text(json.dumps(said, indent=1) + "\n", "utf-8")
        beside.replace(path)

    def _refresh(self) -> None:
        mark = self.mark
        if mark == self._mark:
            return
        found = {}
        for path in self._folder.glob("*.cert.pem"):
            try:
                chain = certificates.load_all(path.read_bytes())
            except MalformedCertificate:
                continue
            for each in chain:
                if each.issuer == self._issuer.subject and not each.self_signed:
                    found[each.serial] = each
        self._revoked = self._entries()
        self._known, self._mark = found, mark

    def _entries(self) -> dict[int, crl.Entry]:
        """Return what this issuer revoked, also when the certificate is no longer here."""
        path = self._folder / _REVOKED
        try:
            return {
                int(serial, 16): crl.Entry(
                    int(serial, 16), datetime.fromisoformat(row["when"]), int(row["reason"])
                )
                for serial, row in _read(path).items()
                if row["issuer"] == self._issued_by
            }
        except (ValueError, KeyError, TypeError) as error:
            raise KeyUnreadable(ref=path.name, reason="the revocations are damaged") from error


def _read(path: Path) -> dict[str, dict[str, Any]]:
    """Return the revocations in a file; a damaged one is an error, never an empty list."""
    if not path.is_file():
        return {}
    try:
        said = json.loads(path.read_text("utf-8"))
    except ValueError as error:
        raise KeyUnreadable(ref=path.name, reason="the revocations are damaged") from error
    if not isinstance(said, dict):
        raise KeyUnreadable(ref=path.name, reason="the revocations are damaged")
    return said
