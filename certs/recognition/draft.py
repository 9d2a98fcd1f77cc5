"""A list as a person writes it, in TOML, turned into what is signed.

domain = "SG"
sequence = 1
next_update_days = 180
[[service]]
name = "Port A Root"
kind = "seal"                        # seal, signature, timestamp, access-point, any
certificate = "root.pem"             # beside the draft
history = [{ status = "granted", level = "secure", from = 2026-01-01T00:00:00Z }]
[[recognise]]
from = "CN-SM2"
service = "seal"
levels = { high = "substantial" }
basis = { en = "Memorandum of 2026", zh = "2026 年备忘录" }
documents = ["declaration", "invoice"]
valid_from = 2026-01-01T00:00:00Z    # and valid_until
"""

from __future__ import annotations

import base64
import tomllib
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final

from certs.errors import BadTrustList, MalformedCertificate
from certs.recognition import lists
from certs.x509 import certificate as certificates
from schemas.clock import iso

_FIELDS: Final = frozenset(
    {"domain", "sequence", "next_update_days", "service", "recognise", "rules"}
)
_DUE: Final = 180  # days; ETSI TS 119 612, 5.3.15: six months at most


def compose(draft: Path, now: datetime) -> dict[str, object]:
    """Return the body of the list in a draft; raises BadTrustList, naming the file."""
    try:
        body = _compose(draft, now)
    except (OSError, KeyError, TypeError, ValueError, MalformedCertificate) as error:
        raise BadTrustList(where=draft.name, reason=str(error)) from error
    lists.read_body(body, sha256="", signer="", name=draft.name)
    return body


def _compose(draft: Path, now: datetime) -> dict[str, object]:
    given = tomllib.loads(draft.read_text("utf-8"))
    if unknown := set(given) - _FIELDS:
        raise ValueError(f"unknown fields {sorted(unknown)}")
    days = int(given.get("next_update_days", _DUE))
    issued = now.replace(microsecond=0)
    body: dict[str, object] = {
        "type": lists.TYPE,
        "version": 1,
        "domain": given["domain"],
        "sequence": given["sequence"],
        "issued": iso(issued),
        "next_update": iso(issued + timedelta(days=days)),
        "services": [_service(each, draft.parent) for each in given.get("service", [])],
        "recognises": [_plain(each) for each in given.get("recognise", [])],
    }
    if "rules" in given:
        body["rules"] = _plain(given["rules"])
    return body


def _service(given: Mapping[str, object], folder: Path) -> object:
    pem = (folder / str(given["certificate"])).read_bytes()
    encoded = base64.b64encode(certificates.load_all(pem)[0].der).decode()
    return _plain({**given, "certificate": encoded})


def _plain(value: object) -> object:
    """Return TOML values as JSON has them: times as text."""
    if isinstance(value, dict):
        return {str(name): _plain(each) for name, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, datetime):
        return iso(lists.moment_of(value))
    return value.isoformat() if isinstance(value, date) else value
