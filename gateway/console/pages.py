"""The pages: one function each, from a visit to an answer."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from starlette.concurrency import run_in_threadpool
from starlette.responses import RedirectResponse, Response

from gateway.api import body, multipart, reading
from gateway.api.errors import FieldMissing, NothingThere
from gateway.api.keys import Scope
from gateway.api.routes.exchanges import download
from gateway.console import shown
from gateway.console.forms import fields_of
from gateway.console.session import COOKIE, LIFE
from gateway.console.visit import Visit, page
from gateway.store.model import Exchange, Role, State
from gateway.transport.headers import ASICE
from schemas import terms

_PAGE: Final = 40
_SEE_OTHER: Final = 303
_TONES_OF_RECORDS: Final = {
    "VALID": "good",
    "INVALID": "bad",
    "live": "good",
    "surrendered": "bad",
    "ended": "bad",
}


async def home(v: Visit) -> Response:
    """Lead to the board."""
    return RedirectResponse(v.link("clearances"), _SEE_OTHER)


async def sign_in_form(v: Visit) -> Response:
    """Ask for an API key."""
    return page(v, "login.html", next=_local(v.request.query_params.get("next", "")), problem=None)


async def sign_in(v: Visit) -> Response:
    """Check an API key and begin a session."""
    v.face.door.admit(v.request)
    fields = await fields_of(v.request, v.face.body_limit)
    key = await run_in_threadpool(v.face.door.check, fields.get("key", "").strip())
    answer = RedirectResponse(_local(fields.get("next", "")), _SEE_OTHER)
    answer.set_cookie(
        COOKIE,
        v.sessions.open(key.id),
        max_age=int(LIFE.total_seconds()),
        path="/console",
        secure=v.request.url.scheme == "https",
        httponly=True,
        samesite="strict",
    )
    return answer


async def sign_out(v: Visit) -> Response:
    """End the session."""
    fields = await fields_of(v.request, v.face.body_limit)
    v.sessions.check(v.cookie, fields.get("token", ""))
    answer = RedirectResponse(v.link("login"), _SEE_OTHER)
    answer.delete_cookie(COOKIE, path="/console", httponly=True, samesite="strict")
    return answer


def exchanges(v: Visit) -> Response:
    """Show the tenant's exchanges, newest first."""
    v.allow(Scope.READ)
    wanted = v.request.query_params.get("state", "")
    state = State(wanted) if wanted in set(State) else None
    before = v.request.query_params.get("before") or None
    items = reading.page(v.face.gateway.store, v.tenant, before=before, limit=_PAGE, state=state)
    return page(
        v,
        "exchanges.html",
        items=items,
        state=state,
        states=list(State),
        before=before,
        older=items[-1].id if len(items) == _PAGE else None,
        tone=shown.tone,
    )


def exchange(v: Visit) -> Response:
    """Show one exchange: how far it has come, its values, its findings, its evidence."""
    v.allow(Scope.READ)
    gateway = v.face.gateway
    found = shown.exchange(gateway.store, v.tenant, v.request.path_params["id"])
    return page(v, "exchange.html", x=found, e=found.exchange, tone=shown.tone)


def payload(v: Visit) -> Response:
    """Hand out the bytes of one role."""
    v.allow(Scope.READ)
    exchange_id, role = v.request.path_params["id"], v.request.path_params["role"]
    if role not in set(Role) or role == Role.COMMITMENTS:
        raise NothingThere(where=v.request.url.path)
    found = reading.payload(v.face.gateway.store, v.tenant, exchange_id, Role(role))
    return download(found.data, found.media_type, f"{exchange_id}.{role}")


def evidence(v: Visit) -> Response:
    """Hand out the evidence package."""
    v.allow(Scope.READ)
    exchange_id = v.request.path_params["id"]
    reading.show(v.face.gateway.store, v.tenant, exchange_id)
    return download(v.face.gateway.evidence(exchange_id), ASICE, f"{exchange_id}.asice")


def board(v: Visit) -> Response:
    """Show both sides of all clearances."""
    v.allow(Scope.BOARD)
    rows = v.face.gateway.clearances.board(v.tenant)
    return page(v, "board.html", rows=rows, tone=shown.status_tone)


def clearance(v: Visit) -> Response:
    """Show one clearance: every status of both customs, and the form if there is one."""
    v.allow(Scope.BOARD)
    clearance_id = v.request.path_params["id"]
    clearances = v.face.gateway.clearances
    found: Any = clearances.show(v.tenant, clearance_id)
    form: Any = clearances.form(v.tenant, clearance_id) if found.get("form") else None
    return page(
        v,
        "clearance.html",
        c=found,
        form=form,
        sent=v.request.query_params.get("sent") == "1",
        may_answer=v.key is not None and Scope.CLEAR.value in v.key.scopes,
        documents=_documents(v, clearance_id),
        name=terms.name,
        tone=shown.status_tone,
        state_tone=shown.tone,
    )


async def answer(v: Visit) -> Response:
    """Take what the importer entered."""
    v.allow(Scope.CLEAR)
    fields = await fields_of(v.request, v.face.body_limit)
    v.sessions.check(v.cookie, fields.pop("token", ""))
    clearance_id = v.request.path_params["id"]
    values = {name: value.strip() for name, value in fields.items() if value.strip()}
    await run_in_threadpool(v.face.gateway.clearances.answer, v.tenant, clearance_id, values)
    return RedirectResponse(v.link(f"clearances/{clearance_id}", sent="1"), _SEE_OTHER)


async def confirm(v: Visit) -> Response:
    """Confirm a change of the other side."""
    v.allow(Scope.CLEAR)
    fields = await fields_of(v.request, v.face.body_limit)
    v.sessions.check(v.cookie, fields.get("token", ""))
    clearance_id, number = v.request.path_params["id"], fields.get("number", "")
    if not number.isdecimal():
        raise FieldMissing(where="number")
    confirm_ = v.face.gateway.clearances.confirm
    await run_in_threadpool(confirm_, v.tenant, clearance_id, int(number))
    return RedirectResponse(v.link(f"clearances/{clearance_id}"), _SEE_OTHER)


async def decline(v: Visit) -> Response:
    """Decline a change of the other side, with a reason."""
    v.allow(Scope.CLEAR)
    fields = await fields_of(v.request, v.face.body_limit)
    v.sessions.check(v.cookie, fields.get("token", ""))
    clearance_id, number = v.request.path_params["id"], fields.get("number", "")
    reason = fields.get("reason", "").strip()
    if not number.isdecimal() or not reason:
        raise FieldMissing(where="reason" if number.isdecimal() else "number")
    decline_ = v.face.gateway.clearances.decline
    await run_in_threadpool(decline_, v.tenant, clearance_id, int(number), reason)
    return RedirectResponse(v.link(f"clearances/{clearance_id}"), _SEE_OTHER)


async def verify_form(v: Visit) -> Response:
    """Offer to verify a file."""
    v.allow(Scope.TOOLS)
    return page(v, "verify.html", name="", result=None, tones=_TONES_OF_RECORDS)


async def verify(v: Visit) -> Response:
    """Verify the file that was dropped or chosen; it is not kept."""
    v.allow(Scope.TOOLS)
    body.expect(v.request, multipart.MEDIA_TYPE)
    data = await body.read(v.request, v.face.body_limit)
    parts = multipart.split(v.request.headers["content-type"], data)
    texts = {part.name: part for part in parts}
    v.sessions.check(v.cookie, texts["token"].text if "token" in texts else "")
    file = texts.get("file")
    if file is None or not file.data:
        raise FieldMissing(where="file")
    result = await run_in_threadpool(v.face.gateway.tools.verify, file.data, detached=())
    return page(v, "verify.html", name=file.filename, result=result, tones=_TONES_OF_RECORDS)


def _documents(v: Visit, clearance_id: str) -> Sequence[Exchange]:
    """Return the exchanges of a clearance, if the reader may see exchanges at all."""
    if v.key is None or Scope.READ.value not in v.key.scopes:
        return ()
    return reading.of_clearance(v.face.gateway.store, v.tenant, clearance_id)


def _local(path: str) -> str:
    """Return a path of the console to go on to; never another site's."""
    safe = path.startswith("/console/") and "\\" not in path and "//" not in path
    return path if safe else "/console/clearances"
