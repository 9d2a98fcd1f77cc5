"""The loss report: one entry for every leaf of the source, complete by construction."""

from __future__ import annotations

from collections.abc import Mapping
from collections.abc import Set as AbstractSet
from typing import Final, NamedTuple

from adapters.engine.fates import Fate
from adapters.engine.reading import AttrLeaf, Trace, worse
from adapters.engine.render import Written
from adapters.engine.terms import anatomy
from adapters.engine.together import BETWEEN
from schemas.document import Document, Term
from schemas.loss import LossClass, LossEntry, LossReport

EXACT: Final = LossClass.EXACT
LOSSY: Final = LossClass.LOSSY
DROPPED: Final = LossClass.DROPPED
EXT: Final = LossClass.EXT

_NARROWED: Final = "narrowed by the target's form / 受目标格式限制而收窄"
_NO_PLACE: Final = "{target} has no place for it / 目标格式无对应项"
_SAID_ONCE: Final = "said once for the whole document / 全文统一表达一次"
_MARK: Final = "a fixed mark of the source's syntax / 来源语法的固定标记"
_EMPTY: Final = "the element that it belongs to is empty / 所属元素为空"
_KEPT: Final = "kept in the canonical record, not sent / 保留于规范记录,不发送"


class Sides(NamedTuple):
    """What the two formats say of themselves; `target` is the one that is written.

    `reasons` says, by term id without indices, why the target leaves a term out; `implied` which
    term says an attribute once for the target's whole document; `marks` are the fixed leaves of
    the source's syntax, terms without indices by their value.
    """

    target: str
    reasons: Mapping[str, str] = {}
    implied: Mapping[str, str] = {}
    marks: Mapping[str, AbstractSet[str]] = {}


def report(document: Document, written: Written, sides: Sides) -> LossReport:
    """Account for every leaf of the document's source in the rendered target.

    A document without trace has its terms for leaves.
    """
    trace = document.trace
    leaves = trace.leaves if isinstance(trace, Trace) else document.terms
    fates = _spread(written.fates)
    entries: list[LossEntry] = []
    add = entries.append
    paths: dict[str, str] = {}
    said = {attr: document.get(term_id) for attr, term_id in sides.implied.items()}
    for leaf in leaves:
        if isinstance(leaf, AttrLeaf):
            fate = fates.get(f"{leaf.on.path}@{leaf.attr}" if leaf.on else leaf.path)
            if fate is None and (leaf.others or leaf.attr in said):
                paths = paths or {term.id: term.path for term in document.terms}
                fate = _elsewhere(leaf, paths, fates) or _once(leaf, said.get(leaf.attr), fates)
            name, cls, reason = f"{leaf.term}@{leaf.attr}", leaf.found.cls, leaf.found.reason
        else:
            fate = fates.get(leaf.path)
            name, cls, reason = leaf.id, leaf.cls, leaf.reason
        if fate is None or fate[2] is DROPPED:
            place = value = ""
            cls, why = _gone(leaf, name, sides) if fate is None else fate[2:]
        else:
            place, value, done, why = fate
            if cls is not EXACT or done is not EXACT or value != leaf.source:
                if cls is not done or cls is EXACT or cls is EXT:
                    cls = _together(cls, done)
                if reason and reason != why:
                    why = f"{reason}; {why}" if why else reason
                why = why or (_NARROWED if cls is LOSSY else "")
        add(LossEntry(leaf.path, name, leaf.source, cls, place, value, why))
    return LossReport(
        document.format, sides.target, entries, written.missing, len(leaves), written.mandatory
    )


def identity(document: Document, target: str) -> LossReport:
    """Return the report of a document that goes back into its own format unchanged."""
    trace = document.trace
    leaves = trace.leaves if isinstance(trace, Trace) else []
    entries = [
        LossEntry(
            leaf.path,
            f"{leaf.term}@{leaf.attr}" if isinstance(leaf, AttrLeaf) else leaf.id,
            leaf.source,
            EXACT,
            leaf.path,
            leaf.source,
        )
        for leaf in leaves
    ]
    return LossReport(document.format, target, entries, source_leaves=len(leaves))


def _spread(fates: Mapping[str, Fate]) -> Mapping[str, Fate]:
    """Return the fates by single paths: a term made of several speaks for each of them."""
    several = [key for key in fates if BETWEEN in key]
    if not several:
        return fates
    found = dict(fates)
    for key in several:
        paths, at, attr = key.rpartition("@")
        if not at or paths.endswith("/"):
            paths, at, attr = key, "", ""
        found |= dict.fromkeys((path + at + attr for path in paths.split(BETWEEN)), fates[key])
    return found


def _together(read: LossClass, written: LossClass) -> LossClass:
    """Return the class of both ways together, at least `convert`: something did change."""
    cls = written if read is EXT else worse(read, written)
    return LossClass.CONVERT if cls in (EXT, EXACT) else cls


def _elsewhere(leaf: AttrLeaf, paths: Mapping[str, str], fates: Mapping[str, Fate]) -> Fate | None:
    """Return the fate of a leaf at another of the terms that it is an attribute of."""
    found = (fates.get(f"{paths.get(term_id, '')}@{attr}") for term_id, attr in leaf.others)
    return next((fate for fate in found if fate is not None), None)


def _once(leaf: AttrLeaf, said: Term | None, fates: Mapping[str, Fate]) -> Fate | None:
    """Return the fate of an attribute that the target says once, in the term `said`."""
    term = leaf.on
    if term is None or said is None or term.attrs.get(leaf.attr) != said.value:
        return None
    own, whole = fates.get(term.path), fates.get(said.path)
    if own is None or own[2] is DROPPED or whole is None or whole[2] is DROPPED:
        return None
    return whole[0], whole[1], EXACT, _SAID_ONCE


def _gone(leaf: Term | AttrLeaf, name: str, sides: Sides) -> tuple[LossClass, str]:
    """Return the class and the reason of a leaf that the target says nothing of."""
    marks = sides.marks.get(leaf.source)
    if marks is not None and anatomy(name).bare in marks:
        return EXT, _MARK
    term = leaf.on if isinstance(leaf, AttrLeaf) else leaf
    if "ext." in name or (term is not None and "ext." in term.id):
        return EXT, _KEPT
    if term is None:
        return DROPPED, _EMPTY
    why = _reason(anatomy(name).bare, sides.reasons)
    return DROPPED, why or _NO_PLACE.format(target=sides.target)


def _reason(bare: str, reasons: Mapping[str, str]) -> str:
    """Return the reason given for a term, else for the nearest group that it is in."""
    while reasons and bare and bare not in reasons:
        bare = bare.rpartition("/")[0]
    return reasons.get(bare, "")
