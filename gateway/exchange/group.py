"""Committing together what came together: one flush of the disk for many callers.

The faces gather what arrives while a commit is under way (`gateway.api.gather`) and hand it in
as one batch; each caller is answered only after the commit, and for itself.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

from gateway.store.database import Store, Transaction
from gateway.store.errors import Collision, StoreUnavailable

In = TypeVar("In")
Out = TypeVar("Out")
Work = Callable[[Transaction, Sequence[In]], Sequence[Out | Exception]]


def together(store: Store, work: Work[In, Out], given: Sequence[In]) -> Sequence[Out | Exception]:
    """Return for each thing given its result, durable, or the error that refuses it.

    If the transaction fails, each is tried by itself, so that one cannot spoil it for the rest.
    """
    try:
        with store.begin() as tx:
            return work(tx, given)
    except StoreUnavailable as error:
        return [error] * len(given)
    except Exception:  # noqa: BLE001 - who is at fault shows when each is alone
        return [_alone(store, work, one) for one in given]


def _alone(store: Store, work: Work[In, Out], one: In) -> Out | Exception:
    try:
        try:
            with store.begin() as tx:
                return work(tx, [one])[0]
        except Collision:  # another process was first, between our look and our write
            with store.begin() as tx:
                return work(tx, [one])[0]
    except Exception as error:  # noqa: BLE001 - its caller is told
        return error
