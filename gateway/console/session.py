"""Sessions of the console: who signed in with an API key, remembered in one signed cookie.

The cookie holds the key's id and an end, under a MAC with a secret that lives as long as the
process; the key itself is looked up again on every page, so revoking it ends the session. The
cookie is SameSite=Strict and HttpOnly, and every form carries a token that only our pages know.
"""

from __future__ import annotations

import base64
import hmac
import secrets
from datetime import datetime, timedelta
from typing import Final

from gateway.api.errors import KeyExpired, KeyMissing
from schemas.clock import Clock, iso
from schemas.errors import AccessError
from schemas.text import Text

COOKIE: Final = "silkgate_session"
LIFE: Final = timedelta(hours=8)


class FormExpired(AccessError):
    """A form came without the token of its session: it is old, or not from our pages."""

    code = "SG-6020"
    title = Text("The form is not from this session.", "该表单不属于当前会话。")
    hint = Text("Load the page again and repeat.", "请重新加载页面后重试。")


class Sessions:
    """Opens and reads session cookies."""

    def __init__(self, clock: Clock) -> None:
        """Start with a fresh secret: sessions of an earlier process are not known."""
        self._secret = secrets.token_bytes(32)
        self._clock = clock

    def open(self, key_id: str) -> str:
        """Return the cookie of a new session."""
        until = int((self._clock() + LIFE).timestamp())
        body = f"{key_id}.{until}.{secrets.token_urlsafe(9)}"
        return f"{body}.{self._mac('session', body)}"

    def read(self, cookie: str) -> str:
        """Return the key id of a session; raises KeyMissing or KeyExpired."""
        body, _, mac = cookie.rpartition(".")
        if not body or not hmac.compare_digest(mac.encode(), self._mac("session", body).encode()):
            raise KeyMissing(where="cookie")
        key_id, until, _ = body.split(".")
        end = datetime.fromtimestamp(int(until), self._clock().tzinfo)
        if end <= self._clock():
            raise KeyExpired(where="cookie", expired=iso(end))
        return key_id

    def token(self, cookie: str) -> str:
        """Return the token that the session's forms carry."""
        return self._mac("form", cookie)

    def check(self, cookie: str, token: str) -> None:
        """Raise FormExpired unless the token is the session's."""
        if not hmac.compare_digest(token.encode(), self.token(cookie).encode()):
            raise FormExpired(where="form")

    def _mac(self, purpose: str, text: str) -> str:
        mac = hmac.digest(self._secret, f"{purpose}\n{text}".encode(), "sha256")
        return base64.urlsafe_b64encode(mac).rstrip(b"=").decode("ascii")
