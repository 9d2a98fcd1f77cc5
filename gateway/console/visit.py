"""One visit of a page: who reads it, in which language, and the pages' shared furniture."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final
from urllib.parse import quote, urlencode

from jinja2 import ChainableUndefined, Environment, PackageLoader
from starlette.requests import Request
from starlette.responses import HTMLResponse

from gateway.api.errors import KeyMissing
from gateway.api.face import Face
from gateway.api.keys import Scope, require
from gateway.api.language import Language, choose, say
from gateway.api.observe import trail
from gateway.console.session import COOKIE, Sessions
from gateway.console.words import word, word_or
from gateway.store.tenants import StoredKey
from schemas.text import Text

_HEADERS: Final = {
    "content-security-policy": "default-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'; object-src 'none'",
    "cache-control": "private, no-store",
    "cross-origin-opener-policy": "same-origin",
}


@dataclass(frozen=True, slots=True)
class Visit:
    """What a page knows of its reader; `key` is None on the pages before signing in."""

    request: Request
    face: Face
    sessions: Sessions
    language: Language
    cookie: str = ""
    key: StoredKey | None = None

    @property
    def tenant(self) -> str:
        """The reader's tenant; raises KeyMissing before signing in."""
        if self.key is None:
            raise KeyMissing(where="cookie")
        return self.key.tenant

    def allow(self, scope: Scope) -> None:
        """Raise ScopeMissing unless the reader's key may do this."""
        if self.key is not None:
            require(self.key, scope)

    @property
    def token(self) -> str:
        """What the forms of this page carry."""
        return self.sessions.token(self.cookie) if self.cookie else ""

    def t(self, word_id: str) -> str:
        """Return one of the console's words in the reader's language."""
        return say(word(word_id), self.language)

    def label(self, kind: str, value: str) -> str:
        """Return the name of a coded value such as a state, the value itself if it has none."""
        return say(word_or(f"{kind}-{value}", value), self.language)

    def say(self, text: Text | Mapping[str, object] | None) -> str:
        """Return a text, or its JSON form, in the reader's language."""
        if isinstance(text, Text):
            return say(text, self.language)
        return str((text or {}).get(self.language) or "")

    def link(self, path: str, **query: str | None) -> str:
        """Return a path of the console that keeps a language chosen in the address."""
        chosen = self.request.query_params.get("lang")
        values = {name: value for name, value in query.items() if value}
        if chosen in ("en", "zh") and "lang" not in values:
            values["lang"] = chosen
        return f"/console/{quote(path)}" + (f"?{urlencode(values)}" if values else "")

    def in_other_language(self) -> str:
        """Return this page's address in the other language."""
        values = dict(self.request.query_params)
        values["lang"] = "en" if self.language == "zh" else "zh"
        return f"{quote(self.request.url.path)}?{urlencode(values)}"


def visit(request: Request, sessions: Sessions, *, known: bool) -> Visit:
    """Return the visit of a request; with `known` raises an AccessError unless signed in."""
    face: Face = request.app.state.face
    language = choose(request.headers.get("accept-language"), request.query_params.get("lang"))
    cookie = request.cookies.get(COOKIE, "")
    if not known:
        return Visit(request, face, sessions, language)
    key = face.door.recall(sessions.read(cookie))
    mine = trail(request.scope)
    mine.caller, mine.tenant = key.id, key.tenant
    return Visit(request, face, sessions, language, cookie, key)


def page(seen: Visit, template: str, status: int = 200, **values: object) -> HTMLResponse:
    """Return a rendered template as an answer."""
    text = _templates().get_template(template).render(v=seen, t=seen.t, link=seen.link, **values)
    return HTMLResponse(text, status, headers={**_HEADERS, "content-language": seen.language})


@cache
def _templates() -> Environment:
    return Environment(
        loader=PackageLoader("gateway.console"),
        autoescape=True,
        undefined=ChainableUndefined,  # what another room leaves out stays empty
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
