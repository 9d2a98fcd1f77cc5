"""What a small authority has certified and revoked, from the folder of its keys.

Certified is every `*.cert.pem` there whose issuer is the root, those renewed before included;
revoked is what `revoked.json` says, by serial number.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Final

from certs import certificate as certificates
from certs import crl
from certs.certificate import Certificate
from certs.errors import KeyUnreadable, MalformedCertificate
from certs.ocsp import Standing
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
        self._revoked.setdefault(serial, crl.Entry(serial, when, REASONS[reason]))
        said = {
            f"{each.serial:x}": {"when": iso(each.when), "reason": each.reason}
            for each in self._revoked.values()
        }
        path = self._folder / _REVOKED
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
                (leaf, *_) = certificates.load_all(path.read_bytes())
            except MalformedCertificate:
                continue
            if leaf.issuer == self._issuer.subject and leaf != self._issuer:
                found[leaf.serial] = leaf
        self._revoked = _read(self._folder / _REVOKED)
        self._known, self._mark = found, mark


def _read(path: Path) -> dict[int, crl.Entry]:
    """Return the revocations in a file; a damaged one is an error, never an empty list."""
    if not path.is_file():
        return {}
    try:
        said = json.loads(path.read_text("utf-8"))
        return {
            int(serial, 16): crl.Entry(
                int(serial, 16), datetime.fromisoformat(row["when"]), int(row["reason"])
            )
            for serial, row in said.items()
        }
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise KeyUnreadable(ref=path.name, reason="the revocations are damaged") from error
