"""The register of titles: entries that parties sign, what titles are, and files that prove it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any, Final

from fastapi import APIRouter, Query
from fastapi.responses import JSONResponse
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response

from gateway.api import body, docs, examples
from gateway.api.errors import FieldInvalid
from gateway.api.face import Face, face_of
from gateway.api.keys import Caller, Scope
from gateway.api.ports import Json, Titles
from schemas.jsondepth import loads
from schemas.text import Text

routes: Final = APIRouter(prefix="/v1/titles", tags=["titles"], responses=docs.ANY_PROBLEM)

_JOSE: Final = "application/jose"
_JSON: Final = "application/json"
_LONGEST: Final = 16_384
_CREATED: Final = 201
_OK: Final = 200
TitleId = Annotated[str, Query(min_length=1, max_length=100)]


@routes.post(
    "/entries",
    status_code=201,
    summary="Enter an action that its party signed / 提交由当事方签署的操作",
    responses=docs.gives(201, "Accepted / 已接受", examples.TITLE),
    description=docs.both(
        "A compact JWS (`silkgate-title-entry`). 201: accepted and in the log; 200: it had been "
        "accepted before. 409 with SG-4067: another entry has its place, with SG-4060: the rules "
        "of titles do not allow it; nothing has changed.",
        "紧凑 JWS(`silkgate-title-entry`)。201 表示已接受并写入日志;200 表示此前已接受。"
        "409 且 SG-4067:该位置已有其他条目;SG-4060:规则不允许。状态不变。",
    ),
    openapi_extra=docs.needs(Scope.TITLE, docs.content(_JOSE)),
)
async def submit(request: Request) -> Response:
    """Accept a signed entry."""
    face, signed = await _signed(request)
    return await _entered(lambda: face.gateway.titles.submit(signed))


@routes.post(
    "/orders",
    status_code=201,
    summary="Have the gateway act on a mandate / 由网关依授权操作",
    responses=docs.gives(201, "Accepted / 已接受", examples.TITLE),
    description=docs.both(
        "`{title, action, actor, args, mandate, place, remark}`: the gateway signs with its seal "
        "for the title as it is; the mandate is the actor's own JWS and names the gateway's key. "
        "Others read it in the entries: an account that does not stand for the actor gets 403, "
        "SG-6011. "
        "`private` instead of `remark` is text: it is sealed for the readers of the title with the "
        "reading key that is kept for the account (SG-4071, SG-4072 where that cannot be).",
        "`{title, action, actor, args, mandate, place, remark}`:网关以其印章密钥按凭证现状签署;"
        "授权书为当事方自签的 JWS,并指明网关密钥;他人可在条目中读到,故账户不代表该当事方时返回 "
        "403(SG-6011)。以 `private`(文本)代替 `remark` 时,"
        "以为该账户保存的阅读密钥加密,仅凭证的可读方可读(无法加密时返回 SG-4071、SG-4072)。",
    ),
    openapi_extra=docs.needs(Scope.TITLE, docs.content(_JSON)),
)
async def order(request: Request) -> Response:
    """Sign and accept an action."""
    face = face_of(request)
    key = await face.door.entering(request, Scope.TITLE)
    body.expect(request, _JSON)
    data = await body.read(request, min(_LONGEST * 2, face.body_limit))
    try:
        asked = loads(data)
    except ValueError as error:
        raise _no_object() from error
    if not isinstance(asked, dict):
        raise _no_object()
    account = _account(face, key)
    return await _entered(lambda: face.gateway.titles.order(asked, account))


@routes.post(
    "/epochs",
    status_code=201,
    summary="Share the key of private remarks / 共享私密备注密钥",
    description=docs.both(
        "A compact JWS (`silkgate-title-keys`) of the issuer, title holder or possessor: for each "
        "reader the wrapped key and its card. Refused are a card that its party did not sign "
        "(422), another key for a known epoch (422), and parties without a part (409).",
        "紧凑 JWS(`silkgate-title-keys`),由签发人、权利人或持有人签署,含各可读方的封装密钥与名片。"
        "名片非其当事方所签(422)、已有分期另给密钥(422)或签署方无角色(409)时拒绝。",
    ),
    openapi_extra=docs.needs(Scope.TITLE, docs.content(_JOSE)),
)
async def share(request: Request) -> Response:
    """Keep a signed epoch of a title's keys, wrapped for its readers."""
    face, signed = await _signed(request)
    shared = await run_in_threadpool(face.gateway.titles.share, signed)
    return JSONResponse(shared, _CREATED)


@routes.get(
    "",
    summary="What a title is, and how it came to be / 凭证状态与历史",
    responses=docs.gives(200, "The title / 凭证", examples.TITLE),
    description=docs.both(
        "An action with a private remark has `sealed: {epoch, text}`: the text is there for an "
        "account whose reading key is kept here and opens it, else null. `epochs` are the readers "
        "of each epoch, `names` what can be read of the parties' names.",
        "带私密备注的操作含 `sealed: {epoch, text}`:仅当此处保存的该账户阅读密钥能打开时才有文本,"
        "否则为 null。`epochs` 为各期可读方,`names` 为可读的当事方名称。",
    ),
    openapi_extra=docs.needs(Scope.TITLES),
)
def show(request: Request, title: TitleId) -> Response:
    """Return state and history of a title."""
    titles, reader = _reader(request)
    return JSONResponse(titles.show(title, reader))


@routes.get(
    "/entries",
    summary="The signed entries of a title / 凭证的签名条目",
    openapi_extra=docs.needs(Scope.TITLES),
)
def entries(request: Request, title: TitleId) -> Response:
    """Return the signed entries of a title in order."""
    titles, reader = _reader(request)
    return JSONResponse(titles.entries(title, reader))


@routes.get(
    "/file",
    summary="The history as a file that proves itself / 可自证的历史文件",
    openapi_extra=docs.needs(Scope.TITLES),
)
def file(request: Request, title: TitleId) -> Response:
    """Return the history file of a title."""
    titles, reader = _reader(request)
    return Response(titles.file(title, reader), media_type=_JSON)


@routes.get(
    "/epochs",
    summary="The wrapped keys of private remarks / 已封装的私密备注密钥",
    openapi_extra=docs.needs(Scope.TITLES),
)
def epochs(request: Request, title: TitleId) -> Response:
    """Return the signed epochs of a title's keys."""
    titles, reader = _reader(request)
    return JSONResponse(titles.epochs(title, reader))


def _reader(request: Request) -> tuple[Titles, str | None]:
    """Return the register and whose titles the caller may read: the operator's are all."""
    face = face_of(request)
    key = face.door.enter(request, Scope.TITLES)
    return face.gateway.titles, _account(face, key)


def _account(face: Face, key: Caller) -> str | None:
    """Return the account of a caller, None for the operator's own."""
    return None if key.tenant == face.gateway.settings.id else key.tenant


async def _signed(request: Request) -> tuple[Face, str]:
    face = face_of(request)
    await face.door.entering(request, Scope.TITLE)
    body.expect(request, _JOSE)
    data = await body.read(request, min(_LONGEST, face.body_limit))
    return face, data.decode("ascii", "replace").strip()


async def _entered(work: Callable[[], Json]) -> Response:
    receipt: Any = await run_in_threadpool(work)
    return JSONResponse(receipt, _OK if receipt["repeated"] else _CREATED)


def _no_object() -> FieldInvalid:
    reason = Text("a JSON object is expected", "应为 JSON 对象")
    return FieldInvalid(where="body", reason=reason, expected="object")
