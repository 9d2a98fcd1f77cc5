"""The steps of a plan where they stand: at a path of the target, under a running index."""

from __future__ import annotations

from functools import lru_cache
from sys import intern
from typing import Final, NamedTuple

from adapters.engine.plan import Kind, Op, Plan

_KEPT: Final = 1024


class Step(NamedTuple):
    """An op at one place of the target: the key of a VALUE's term, the path, a NEST's steps."""

    op: Op
    kind: Kind
    key: str
    path: str
    within: Steps | None


class Steps(NamedTuple):
    """Steps at one place; without any term of `keys` they write nothing of the document.

    `keys` is empty where that cannot be told beforehand.
    """

    each: tuple[Step, ...]
    keys: frozenset[str]


@lru_cache(maxsize=_KEPT)
def steps(here: Plan, path: str, first: str) -> Steps:
    """Return the steps of a plan at a path, under the running index `first` (`[3]`, or empty).

    Lines come again in every document: what is made once need not be joined and hashed again.
    """
    return _steps(here.ops, path, first)


def _steps(ops: list[Op], path: str, first: str) -> Steps:
    each = tuple([_step(op, path, first) for op in ops])
    foreseen = all(
        step.within.keys if step.within else op.idle or (step.kind is Kind.VALUE and not op.more)
        for op, step in zip(ops, each, strict=True)
    )
    if not foreseen:
        return Steps(each, frozenset())
    own = frozenset([step.key for step in each if step.kind is Kind.VALUE])
    return Steps(each, own.union(*[step.within.keys for step in each if step.within]))


def _step(op: Op, path: str, first: str) -> Step:
    key = intern(op.before + first + op.after if op.running else op.before)
    within = _steps(op.within, path, first) if op.kind is Kind.NEST else None
    return Step(op, op.kind, key, path + op.tail, within)
