"""Who calls: API key or bearer token, its scope and its rate, checked before anything is read."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request

from gateway.api import keys
from gateway.api.errors import KeyUnknown, TokenRefused
from gateway.api.keys import Caller, Finder, Scope
from gateway.api.limits import RateLimit
from gateway.api.observe import trail
from gateway.api.tokens import Tokens
from gateway.store.tenants import StoredKey
from schemas.clock import Clock

_REMEMBERED: Final = 5.0
_MOST_KEYS: Final = 10_000


class Door:
    """Lets callers in, each at its rate."""

    def __init__(self, find: Finder, limit: RateLimit, clock: Clock, tokens: Tokens) -> None:
        """Look keys up with `find`; a key found is remembered for five seconds."""
        self._find = _Remembered(find, time.monotonic)
        self._tokens = tokens
        self._limit = limit
        self._clock = clock

    def enter(self, request: Request, scope: Scope) -> Caller:
        """Return who calls, or raise an AccessError. Counts against the caller's rate."""
        address = request.client.host if request.client else ""
        header = request.headers.get("authorization")
        try:
            caller = self._caller(keys.bearer(header))
        except (KeyUnknown, TokenRefused):
            self._count(request, f"unknown key from {address}")
            raise
        mine = trail(request.scope)
        mine.caller, mine.tenant = caller.id, caller.tenant
        self._count(request, caller.id)
        keys.require(caller, scope)
        return caller

    def _caller(self, token: str) -> Caller:
        if self._tokens.looks_like_one(token):
            return self._tokens.check(token)
        return self.check(token)

    async def entering(self, request: Request, scope: Scope) -> Caller:
        """Do the same from the event loop; a key not remembered is looked up in a thread."""
        if self._find.has(keys.id_of(keys.bearer(request.headers.get("authorization")))):
            return self.enter(request, scope)
        return await run_in_threadpool(self.enter, request, scope)

    def check(self, token: str) -> StoredKey:
        """Return the API key that a token proves, or raise an AccessError."""
        return keys.check(token, self._find, self._clock)

    def recall(self, key_id: str) -> StoredKey:
        """Return a key that was checked before, if it may still be used, or raise."""
        return keys.good(self._find(key_id), self._clock)

    def admit(self, request: Request) -> None:
        """Count a call that proves itself by a signature against the rate of its address."""
        self._count(request, request.client.host if request.client else "")

    def _count(self, request: Request, caller: str) -> None:
        allowance = self._limit.take(caller)
        shown = f'"default";r={allowance.remaining};t={allowance.reset}'
        trail(request.scope).headers += [
            (b"ratelimit-policy", self._limit.policy.encode()),
            (b"ratelimit", shown.encode()),
        ]


class _Remembered:
    """A finder that asks the store once in a while, so that a busy caller costs no query each."""

    def __init__(self, find: Finder, monotonic: Callable[[], float]) -> None:
        self._find = find
        self._now = monotonic
        self._known: dict[str, tuple[float, StoredKey]] = {}

    def has(self, key_id: str) -> bool:
        """Tell whether the key can be found without asking the store."""
        known = self._known.get(key_id)
        return known is not None and self._now() - known[0] < _REMEMBERED

    def __call__(self, key_id: str) -> StoredKey | None:
        """Return the key, or None."""
        known = self._known.get(key_id)
        if known is not None and self._now() - known[0] < _REMEMBERED:
            return known[1]
        key = self._find(key_id)
        if key is None:
            self._known.pop(key_id, None)
            return None
        if len(self._known) >= _MOST_KEYS:
            self._known.clear()
        self._known[key_id] = (self._now(), key)
        return key
