"""XAdES over files beside the signature, which refers to them by name."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Final
from urllib.parse import quote

from certs.authority.tsa import TimeStamper
from certs.keys import SigningKey
from certs.levels import Level
from certs.validation.sources import Gatherer
from certs.xades import prepared, template
from certs.xades.imprint import Covered
from certs.xades.prepared import Prepared
from schemas.xml import Element

XML: Final = "text/xml"
BINARY: Final = "application/octet-stream"


def sign_files(
    files: Mapping[str, bytes],
    key: SigningKey,
    *,
    stamper: TimeStamper | None = None,
    gatherer: Gatherer | None = None,
    level: Level | None = None,
    within: str = "",
    signed_at: datetime | None = None,
) -> bytes:
    """Return one signature over files by name, beside them; else as `sign`.

    `within` is the XML of an empty element around the signature.
    """
    level = level or (Level.T if stamper else Level.B)
    root = template.fragment(within) if within else None
    made = detached(files, key, signed_at, root)
    return made.raised(level, stamper, gatherer).to_bytes()


def detached(
    files: Mapping[str, bytes],
    key: SigningKey,
    signed_at: datetime | None,
    root: Element | None = None,
) -> Prepared:
    """Sign files that are referred to by name, with a signature alone or inside `root`."""
    identifier = secrets.token_hex(8)
    listed, formats = [], []
    for number, (name, data) in enumerate(files.items()):
        each = f"doc-{identifier}" + (f"-{number}" if number else "")
        listed.append(template.reference(each, quote(name), hashlib.sha256(data).digest()))
        formats.append(template.data_format(each, media_type(data)))
    made = prepared.built(identifier, "".join(listed), "".join(formats), key, signed_at)
    covered = [Covered(data) for data in files.values()]
    if root is None:
        return prepared.filled(made, made, key, covered)
    root.append(made)
    return prepared.filled(root, root[-1], key, covered)


def media_type(data: bytes) -> str:
    """Return the type that a signature states for a file, told from its content."""
    return XML if data.lstrip().startswith(b"<") else BINARY
