"""API keys: `sgk_<id>_<secret>`, of which only a digest is stored.

A password is hashed slowly (scrypt) because people choose guessable ones. The secret of a key is
256 random bits, which nobody guesses at any speed, so a keyed SHA-256 is right, and it costs
microseconds on every request instead of a tenth of a second. The id keys the digest: equal
secrets under two ids would not look equal in the store.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Callable
from enum import StrEnum
from typing import Final, NamedTuple, Protocol

from gateway.api.errors import KeyExpired, KeyMissing, KeyUnknown, ScopeMissing
from gateway.store.tenants import StoredKey
from schemas.clock import Clock, iso

_FORM: Final = re.compile(r"sgk_([a-z0-9]{4,32})_([A-Za-z0-9_-]{43})")
_ALPHABET: Final = "abcdefghijkmnpqrstuvwxyz23456789"
_NOBODY: Final = bytes(32)


class Scope(StrEnum):
    """What a key may do."""

    SUBMIT = "exchanges:write"
    READ = "exchanges:read"
    CLEAR = "clearances:write"
    BOARD = "clearances:read"
    RECEIPTS = "receipts:write"
    TOOLS = "tools"
    LOG = "log:write"
    LADING = "ladings:write"
    LADINGS = "ladings:read"
    PEER = "ladings:peer"
    TITLE = "titles:write"
    TITLES = "titles:read"
    HOOK = "hooks:write"
    HOOKS = "hooks:read"


ALL_SCOPES: Final = frozenset(Scope)


class Caller(Protocol):
    """Who calls, and what it may do: by an API key, or by a token of an identity provider."""

    @property
    def id(self) -> str:
        """Tells callers apart, in limits and in the log."""
        ...

    @property
    def tenant(self) -> str:
        """Whose documents it sees."""
        ...

    @property
    def scopes(self) -> frozenset[str]:
        """What it may do."""
        ...


class NewKey(NamedTuple):
    """A key just made: `token` is shown once to its owner, `id` and `digest` are stored."""

    token: str
    id: str
    digest: bytes


def mint() -> NewKey:
    """Return a new random key."""
    key_id = "".join(secrets.choice(_ALPHABET) for _ in range(12))
    secret = secrets.token_urlsafe(32)
    return NewKey(f"sgk_{key_id}_{secret}", key_id, digest(key_id, secret))


def digest(key_id: str, secret: str) -> bytes:
    """Return what is stored of a secret: HMAC-SHA-256 keyed with the id, 32 bytes."""
    return hmac.digest(f"silkgate api key {key_id}".encode(), secret.encode(), hashlib.sha256)


Finder = Callable[[str], StoredKey | None]


def check(token: str, find: Finder, clock: Clock) -> StoredKey:
    """Return the key that `token` proves; raises KeyMissing, KeyUnknown or KeyExpired."""
    if not token:
        raise KeyMissing(where="header/Authorization")
    form = _FORM.fullmatch(token)
    key = find(form[1]) if form else None
    shown = digest(form[1], form[2]) if form else _NOBODY
    known = hmac.compare_digest(shown, key.hash if key else bytes(31) + b"\1")
    if not known:
        raise KeyUnknown(where="header/Authorization")
    return good(key, clock)


def good(key: StoredKey | None, clock: Clock) -> StoredKey:
    """Return the key if it may be used now; raises KeyUnknown or KeyExpired."""
    if key is None or key.revoked_at is not None:
        raise KeyUnknown(where="header/Authorization")
    if key.expires_at is not None and key.expires_at <= clock():
        raise KeyExpired(where="header/Authorization", expired=iso(key.expires_at))
    return key


def require(caller: Caller, scope: Scope) -> None:
    """Raise ScopeMissing unless the caller has the scope."""
    if scope.value not in caller.scopes:
        raise ScopeMissing(where="header/Authorization", scope=scope.value)


def id_of(token: str) -> str:
    """Return the id in a token, "" if it does not look like one."""
    form = _FORM.fullmatch(token)
    return form[1] if form else ""


def bearer(header: str | None) -> str:
    """Return the token of an Authorization header (RFC 6750), "" if there is none."""
    scheme, _, token = (header or "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""
