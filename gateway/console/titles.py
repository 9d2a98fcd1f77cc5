"""The pages of the register: the titles, and one title with its chain as a timeline."""

from __future__ import annotations

from typing import Final

from starlette.responses import Response

from gateway.api.keys import Scope
from gateway.api.routes.exchanges import download
from gateway.console.visit import Visit, page
from ledger.title.link import remark_text

_SHOWN: Final = 200
TONES: Final = {"escrow": "good", "issuer": "warn", "ended": "plain"}
LAST: Final = frozenset({"burn", "switchToPaper"})


def titles(v: Visit) -> Response:
    """Show the titles there are, or one of them."""
    v.allow(Scope.TITLES)
    wanted = v.request.query_params.get("title", "").strip()
    desk = v.face.gateway.titles
    if not wanted:
        return page(v, "titles.html", ids=desk.ids(_reader(v))[:_SHOWN])
    found = desk.show(wanted, _reader(v))
    return page(v, "title.html", x=found, said=_said, tones=TONES, last=LAST)


def file(v: Visit) -> Response:
    """Hand out the history of a title as a file that proves itself."""
    v.allow(Scope.TITLES)
    title = v.request.query_params.get("title", "")
    data = v.face.gateway.titles.file(title, _reader(v))
    name = "".join(each if each.isalnum() or each in "-_." else "_" for each in title)
    return download(data, "application/json", f"title-{name}.json")


def _said(remark: str) -> str:
    """Return a remark, given in hex, as people read it."""
    return remark_text(bytes.fromhex(remark))


def _reader(v: Visit) -> str | None:
    """Return whose titles the visitor may read: the operator's are all."""
    return None if v.tenant == v.face.gateway.settings.id else v.tenant
