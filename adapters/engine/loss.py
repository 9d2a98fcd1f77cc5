"""The loss report: one entry for every leaf of the source, complete by construction."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from adapters.engine.fates import Fate
from adapters.engine.reading import AttrLeaf, Trace, worse
from adapters.engine.render import Written
from adapters.engine.terms import anatomy
from schemas.document import Document, Term
from schemas.loss import LossClass, LossEntry, LossReport

EXACT: Final = LossClass.EXACT
LOSSY: Final = LossClass.LOSSY
DROPPED: Final = LossClass.DROPPED
EXT: Final = LossClass.EXT

_NARROWED: Final = "narrowed by the target's form / 受目标格式限制而收窄"
_NO_PLACE: Final = "{target} has no place for it / 目标格式无对应项"
_KEPT: Final = "kept in the canonical record, not sent / 保留于规范记录,不发送"


def report(
    document: Document, target: str, written: Written, reasons: Mapping[str, str]
) -> LossReport:
    """Account for every leaf of the document's source in the rendered target.

    `reasons` says, by term id without indices, why the target leaves a term out. A document
    without trace has its terms for leaves.
    """
    trace = document.trace
    leaves = trace.leaves if isinstance(trace, Trace) else document.terms
    fates = written.fates
    entries: list[LossEntry] = []
    add = entries.append
    paths: dict[str, str] = {}
    for leaf in leaves:
        if isinstance(leaf, AttrLeaf):
            fate = fates.get(f"{leaf.on.path}@{leaf.attr}" if leaf.on else leaf.path)
            if fate is None and leaf.others:
                paths = paths or {term.id: term.path for term in document.terms}
                fate = _elsewhere(leaf, paths, fates)
            name, cls, reason = f"{leaf.term}@{leaf.attr}", leaf.found.cls, leaf.found.reason
        else:
            fate = fates.get(leaf.path)
            name, cls, reason = leaf.id, leaf.cls, leaf.reason
        if fate is None and "ext." in name:
            add(LossEntry(leaf.path, name, leaf.source, EXT, "", "", _KEPT))
        elif fate is None or fate[2] is DROPPED:
            add(_gone(leaf, name, fate, target, reasons))
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
        document.format, target, entries, written.missing, len(leaves), written.mandatory
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


def _together(read: LossClass, written: LossClass) -> LossClass:
    """Return the class of both ways together, at least `convert`: something did change."""
    cls = written if read is EXT else worse(read, written)
    return LossClass.CONVERT if cls in (EXT, EXACT) else cls


def _elsewhere(leaf: AttrLeaf, paths: Mapping[str, str], fates: Mapping[str, Fate]) -> Fate | None:
    """Return the fate of a leaf at another of the terms that it is an attribute of."""
    found = (fates.get(f"{paths.get(term_id, '')}@{attr}") for term_id, attr in leaf.others)
    return next((fate for fate in found if fate is not None), None)


def _gone(
    leaf: Term | AttrLeaf, name: str, fate: Fate | None, target: str, reasons: Mapping[str, str]
) -> LossEntry:
    """Return the entry of a leaf that does not stand in the target, with the reason."""
    if fate is not None:
        return LossEntry(leaf.path, name, leaf.source, DROPPED, reason=fate[3])
    why = reasons.get(anatomy(name)[1], "") if reasons else ""
    if why:
        return LossEntry(leaf.path, name, leaf.source, DROPPED, reason=why)
    why = _NO_PLACE.format(target=target)
    return LossEntry(leaf.path, name, leaf.source, DROPPED, reason=why)
