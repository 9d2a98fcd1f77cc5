"""The pages of bills of lading: the list, one with its chain, and the bill as people know it."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from typing import Final

from starlette.concurrency import run_in_threadpool
from starlette.responses import HTMLResponse, RedirectResponse, Response

from gateway.api.keys import Scope
from gateway.console import titles
from gateway.console.bill import bill_page
from gateway.console.forms import fields_of
from gateway.console.visit import Visit, page
from gateway.lading.page import sheet

_SHOWN: Final = 200
_SEE_OTHER: Final = 303
_TONES: Final = {
    "held": "good",
    "offered": "warn",
    "moving": "warn",
    "returning": "warn",
    "surrendered": "warn",
    "disputed": "bad",
}
_PAPER_TONES: Final = {
    "pending": "warn",
    "open": "warn",
    "surr": "good",
    "used": "good",
    "srej": "bad",
}
_STYLE: Final = re.compile(r"<style>(.*?)</style>", re.DOTALL)


def ladings(v: Visit) -> Response:
    """Show the account's bills, those touched last first; the operator sees all.

    A carrier's operator also sees the documents it had issued, and how far their release is.
    """
    v.allow(Scope.LADINGS)
    account, desk = _account(v), v.face.gateway.ladings
    rows = desk.listed(account)[:_SHOWN]
    issued = desk.issued() if account is None else []
    return page(v, "ladings.html", rows=rows, issued=issued, tones=_TONES, paper_tones=_PAPER_TONES)


def lading(v: Visit) -> Response:
    """Show one bill: where it is, who controls it, and its chain as a timeline."""
    v.allow(Scope.LADINGS)
    found = v.face.gateway.ladings.shown(v.request.path_params["reference"], _account(v))
    return page(
        v,
        "lading.html",
        x=found,
        tones=_TONES,
        paper_tones=_PAPER_TONES,
        title_tones=titles.TONES,
        last=titles.LAST,
    )


async def call_off(v: Visit) -> Response:
    """Take back a transfer of the account's own bill that nobody has answered."""
    v.allow(Scope.LADING)
    fields = await fields_of(v.request, v.face.body_limit)
    v.sessions.check(v.cookie, fields.get("token", ""))
    reference = v.request.path_params["reference"]
    await run_in_threadpool(v.face.gateway.ladings.calling_off.call_off, v.tenant, reference)
    return RedirectResponse(v.link(f"ladings/{reference}"), _SEE_OTHER)


def bill(v: Visit) -> Response:
    """Show the bill as a page of its own, to read and to print.

    What has become of it is stamped on it; the document itself says what it was when issued.
    """
    v.allow(Scope.LADINGS)
    found = v.face.gateway.ladings.shown(v.request.path_params["reference"], _account(v))
    document = {**found["document"], "transportDocumentStatus": found["status"]}
    text = bill_page(sheet.read(json.dumps(document).encode()), v.language)
    return HTMLResponse(text, headers=_headers(text))


def _account(v: Visit) -> str | None:
    return None if v.tenant == v.face.gateway.settings.id else v.tenant


def _headers(text: str) -> dict[str, str]:
    """Allow the page its own style, by its digest, and nothing else."""
    styles = [
        f"'sha256-{base64.b64encode(hashlib.sha256(each.encode()).digest()).decode()}'"
        for each in _STYLE.findall(text)
    ]
    return {
        "content-security-policy": f"default-src 'none'; style-src {' '.join(styles)}; "
        "base-uri 'none'; form-action 'none'; frame-ancestors 'self'",
        "cache-control": "private, no-store",
    }
