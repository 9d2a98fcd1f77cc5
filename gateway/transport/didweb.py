"""Where the document of a did:web is (W3C CCG, did:web method specification)."""

from __future__ import annotations

import re
from typing import Final
from urllib.parse import unquote

_IPV4: Final = re.compile(r"[0-9.]+")
_DID: Final = re.compile(
    r"did:web:(?P<host>[A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?)"
    r"(?:%3[Aa](?P<port>[1-9][0-9]{0,4}))?(?P<path>(?::[A-Za-z0-9._~%-]+)*)"
)


def address(did: str) -> str | None:
    """Return the https address of a did:web's document; None for what is no such DID.

    A host is a name, never an IP address.
    `did:web:carrier.example` is at /.well-known/did.json, `did:web:carrier.example:line:sg` at
    /line/sg/did.json; a port is written %3A8443.
    """
    found = _DID.fullmatch(did)
    if found is None or _IPV4.fullmatch(found["host"]):
        return None
    folders = found["path"].split(":")[1:]
    if any(_leads_elsewhere(unquote(each)) for each in folders):
        return None
    port = f":{found['port']}" if found["port"] else ""
    return f"https://{found['host']}{port}/{'/'.join(folders or ['.well-known'])}/did.json"


def _leads_elsewhere(folder: str) -> bool:
    return not folder.strip(".") or not folder.isprintable() or any(c in folder for c in "/\\?#")
