"""What `silkgate doctor` looks at of trust: lists of domains, and whom to ask about revocation."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from certs.recognition import Domains
from gateway.settings import Settings
from gateway.wiring.doctor.check import Check, State
from schemas.text import Text

_FETCH: Final = Text(
    "Get the newest: `silkgate trust fetch`, or `silkgate trust import LIST`.",
    "请获取最新列表:`silkgate trust fetch` 或 `silkgate trust import LIST`。",
)
_NOBODY_ASKED: Final = Text(
    "A word on revocation is demanded, and nobody may be asked.",
    "要求吊销状态信息,但未允许查询任何主机。",
)
_ALLOW: Final = Text(
    "Name the partners' hosts in `revocation_hosts`, or keep their lists (*.crl) beside their"
    " roots.",
    "请在 `revocation_hosts` 中列出对方主机,或将其吊销列表(*.crl)放在其根证书旁。",
)


def trust_lists(settings: Settings, now: datetime, *, mend: bool) -> Iterator[Check]:  # noqa: ARG001 - one shape for all
    """Yield each list held, by what it is worth today."""
    held = Domains.load(settings.path(settings.trust), now)
    for each in held.lists:
        until = f"{each.next_update:%Y-%m-%d}" if each.next_update else "-"
        found = Text(f"number {each.sequence}, until {until}", f"序号 {each.sequence},至 {until}")
        if each.stale(now):
            yield Check(f"trust list {each.id}", State.WARNING, found, _FETCH)
        else:
            yield Check(f"trust list {each.id}", State.OK, found)
    for name, refused in held.refused:
        yield Check(f"trust list {name}", State.WARNING, refused.message, refused.advice)


def revocation(settings: Settings, now: datetime, *, mend: bool) -> Iterator[Check]:  # noqa: ARG001 - as above
    """Yield a warning where a word is demanded that nobody can give."""
    if settings.revocation == "required" and not settings.revocation_hosts:
        known = [path for one in settings.partners for path in one.folder.glob("*.crl")]
        if not known:
            yield Check("revocation", State.WARNING, _NOBODY_ASKED, _ALLOW)
