"""The hooks of tenants: registered, looked at, tried, tried again, and taken away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlsplit

from gateway.hooks.errors import HookRefused, NoSuchEvent, TooManyHooks
from gateway.hooks.message import TEST, compose
from gateway.hooks.ports import Teller
from gateway.store import hooks, outbox
from gateway.store.database import Store, Transaction
from gateway.store.hooks import Backlog, Delivery, Hook
from gateway.store.ids import new_id
from gateway.transport.errors import NotAllowed, TransportError
from schemas.clock import Clock, iso

Json = dict[str, object]
_FAMILIES: Final = tuple(dict.fromkeys(f"{name.partition('.')[0]}.*" for name in outbox.EVENTS))
KNOWN: Final = (*outbox.EVENTS, *_FAMILIES, "*")
"""What may be asked for: an event, all of a family, or all."""
_SUCCESS: Final = range(200, 300)


@dataclass(frozen=True, slots=True)
class HookService:
    """The hooks of one gateway, whose id is `source`; a tenant may have `most`."""

    store: Store
    teller: Teller
    source: str
    clock: Clock
    most: int = field(default=16, kw_only=True)

    def add(self, tenant: str, url: str, events: Sequence[str]) -> Json:
        """Register an address for events; raises HookRefused, NoSuchEvent or TooManyHooks."""
        for event in events:
            if event not in KNOWN:
                raise NoSuchEvent(where=event, known=", ".join(KNOWN))
        try:
            self.teller.allows(url)
        except NotAllowed as error:
            raise HookRefused(where=url, reason=error.details["reason"]) from error
        hook = Hook(
            id=new_id(),
            tenant=tenant,
            url=url,
            events=tuple(dict.fromkeys(events)) or ("*",),
            created_at=self.clock(),
        )
        with self.store.begin() as tx:
            if len(hooks.listed(tx, tenant)) >= self.most:
                raise TooManyHooks(where=tenant, most=self.most)
            hooks.add(tx, hook)
        return _shown(hook, Backlog())

    def listed(self, tenant: str | None = None) -> list[Json]:
        """Return the hooks of a tenant, or of all, with how much waits for each."""
        with self.store.read() as tx:
            found = hooks.listed(tx, tenant)
            waiting = hooks.backlog(tx, [hook.id for hook in found])
        return [_shown(hook, waiting[hook.id]) for hook in found]

    def show(self, hook_id: str, tenant: str | None = None) -> Json:
        """Return a hook with what is still to be delivered to it; raises NotFound."""
        with self.store.read() as tx:
            hook = hooks.get(tx, hook_id, tenant=tenant)
            held = hooks.deliveries(tx, hook_id)
            return {**self._now(tx, hook), "deliveries": [_delivery(each) for each in held]}

    def remove(self, hook_id: str, tenant: str | None = None) -> Json:
        """Take a hook away, and all that was to be delivered to it; raises NotFound."""
        with self.store.begin() as tx:
            hook = hooks.get(tx, hook_id, tenant=tenant)
            shown = self._now(tx, hook)
            hooks.remove(tx, hook_id)
        return shown

    def retry(self, hook_id: str, tenant: str | None = None) -> Json:
        """Have all that waits, given up or not, delivered from now on; raises NotFound."""
        with self.store.begin() as tx:
            hook = hooks.get(tx, hook_id, tenant=tenant)
            count = hooks.retry(tx, hook_id, now=self.clock())
            return {**self._now(tx, hook), "retried": count}

    def test(self, hook_id: str, tenant: str | None = None) -> Json:
        """Tell a hook that this is a test, at once; what came of it. Raises NotFound."""
        with self.store.read() as tx:
            hook = hooks.get(tx, hook_id, tenant=tenant)
        now = self.clock()
        told = Delivery(
            id=new_id(),
            hook=hook.id,
            subject=f"hook/{hook.id}",
            n=int(now.timestamp()),
            event=TEST,
            body={"hook": hook.id},
            at=now,
            due_at=None,
        )
        try:
            status = self.teller.tell(hook.url, compose(self.source, told))
        except TransportError as error:
            return {"id": hook.id, "taken": False, "status": None, "problem": error.as_dict()}
        return {"id": hook.id, "taken": status in _SUCCESS, "status": status, "problem": None}

    def keys(self) -> Mapping[str, object]:
        """Return the public keys (JWK Set) that receivers check signatures with."""
        return self.teller.keys()

    def _now(self, tx: Transaction, hook: Hook) -> Json:
        return _shown(hook, hooks.backlog(tx, [hook.id])[hook.id])


def _shown(hook: Hook, waiting: Backlog) -> Json:
    return {
        "id": hook.id,
        "tenant": hook.tenant,
        "url": hook.url,
        "host": urlsplit(hook.url).netloc,
        "events": list(hook.events),
        "waiting": waiting.waiting,
        "given_up": waiting.given_up,
        "created_at": iso(hook.created_at),
        "reached_at": hook.reached_at and iso(hook.reached_at),
    }


def _delivery(one: Delivery) -> Json:
    state = "waiting" if one.due_at else "given-up" if one.problem else "held"
    return {
        "id": one.id,
        "event": one.event,
        "subject": one.subject,
        "sequence": one.n,
        "at": iso(one.at),
        "state": state,
        "attempts": one.attempts,
        "due_at": one.due_at and iso(one.due_at),
        "problem": one.problem,
    }
