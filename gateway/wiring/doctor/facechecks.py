"""What the doctor looks at of callers and of those who are told: issuers of tokens, webhooks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import datetime
from typing import Final

from certs.errors import MalformedKey
from gateway.api.tokens import issuers_of
from gateway.settings import Settings
from gateway.store import hooks as stored
from gateway.store import open_store
from gateway.transport.errors import TransportError
from gateway.wiring.doctor import logcheck
from gateway.wiring.doctor.check import Check, State
from schemas.text import Text

_KEYS: Final = Text(
    "Check `keys` or `jwks_url` of the issuer under `[[oidc]]`.",
    "请检查 `[[oidc]]` 中该签发方的 `keys` 或 `jwks_url`。",
)
_RETRY: Final = Text(
    "See `silkgate hooks list` and `hooks show ID`; then `hooks retry ID` or `hooks remove ID`.",
    "请查看 `silkgate hooks list` 与 `hooks show ID`,然后 `hooks retry ID` 或 `hooks remove ID`。",
)


def issuers(settings: Settings, now: datetime, *, mend: bool) -> Iterator[Check]:  # noqa: ARG001 - one shape for all
    """The keys of each issuer of tokens can be had, and some verify signatures here."""
    for issuer in issuers_of(settings):
        name = f"issuer {issuer.said.issuer}"
        try:
            count = len(issuer.keys.find(""))
        except (TransportError, MalformedKey) as error:
            yield Check(name, State.ERROR, error.message, _KEYS)
            continue
        except OSError as error:
            yield Check(name, State.ERROR, Text(str(error), str(error)), _KEYS)
            continue
        state = State.OK if count else State.ERROR
        yield Check(name, state, Text(f"{count} keys", f"{count} 个密钥"), _KEYS)


def hooks(settings: Settings, now: datetime, *, mend: bool) -> Iterator[Check]:  # noqa: ARG001 - as above
    """No webhook was given up."""
    if not settings.webhooks.hosts or logcheck.absent(settings.database_url):
        return
    with closing(open_store(settings.database_url)) as store:
        store.check()
        with store.read() as tx:
            found = stored.counts(tx)
    said = Text(
        f"{found.waiting} wait, {found.given_up} given up",
        f"{found.waiting} 条待送,{found.given_up} 条已放弃",
    )
    state = State.WARNING if found.given_up else State.OK
    yield Check("webhooks", state, said, _RETRY)
