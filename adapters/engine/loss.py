"""The loss report: one entry for every leaf of the source, complete by construction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

from adapters.engine.reading import LeafTrace, Trace, worse
from adapters.engine.render import Fate, Written
from schemas.document import Document, plain
from schemas.loss import LossClass, LossEntry, LossReport

_CONSUMED: Final = "used to derive the value / 用于推导该值"
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
    leaves = trace.leaves if isinstance(trace, Trace) else list(_terms(document))
    paths = {term.id: term.path for term in document.terms}
    found = LossReport(
        document.format,
        target,
        missing=written.missing,
        source_leaves=len(leaves),
        target_mandatory=written.mandatory,
    )
    fates = written.fates
    add = found.entries.append
    for leaf in leaves:
        fate = fates.get(leaf.path)
        if fate is None and leaf.attrs:
            fate = _attribute_fate(leaf, paths, fates)
        add(_entry(leaf, fate, target, reasons))
    return found


def identity(document: Document, target: str) -> LossReport:
    """Return the report of a document that goes back into its own format unchanged."""
    trace = document.trace
    leaves = trace.leaves if isinstance(trace, Trace) else []
    found = LossReport(document.format, target, source_leaves=len(leaves))
    found.entries = [
        LossEntry(leaf.path, leaf.term, leaf.value, LossClass.EXACT, leaf.path, leaf.value)
        for leaf in leaves
    ]
    return found


def _terms(document: Document) -> Iterator[LeafTrace]:
    for term in document.terms:
        yield LeafTrace(term.path or term.id, term.source or term.value, term.id, term.cls, "")


def _attribute_fate(
    leaf: LeafTrace, paths: Mapping[str, str], fates: Mapping[str, Fate]
) -> Fate | None:
    """Return the fate of a leaf that became an attribute: its own place, or its term's."""
    for term_id, attr in leaf.attrs:
        fate = fates.get(f"{paths.get(term_id, '')}@{attr}")
        if fate is not None:
            return fate
    return None


def _entry(
    leaf: LeafTrace, fate: Fate | None, target: str, reasons: Mapping[str, str]
) -> LossEntry:
    path, value, term, cls, reason, attrs = leaf
    if attrs and not term:
        term = f"{attrs[0][0]}@{attrs[0][1]}"
    if fate is not None and fate.cls is not LossClass.DROPPED:
        sure = worse(cls, fate.cls) if cls is not LossClass.EXT else fate.cls
        if sure is LossClass.EXACT and fate.value != value:
            sure = LossClass.CONVERT
        if sure is LossClass.EXT:
            sure = LossClass.CONVERT
        why = (fate.reason or reason) if sure is not LossClass.EXACT else ""
        if sure is LossClass.LOSSY and not why:
            why = _KEPT
        return LossEntry(path, term, value, sure, fate.target, fate.value, why)
    if fate is not None:
        return LossEntry(path, term, value, LossClass.DROPPED, "", "", fate.reason)
    why = reasons.get(bare(term), "")
    if why:
        return LossEntry(path, term, value, LossClass.DROPPED, "", "", why)
    if ".ext." in term or term.startswith("ext."):
        return LossEntry(path, term, value, LossClass.EXT, "", "", _KEPT)
    why = _NO_PLACE.format(target=target)
    return LossEntry(path, term, value, LossClass.DROPPED, "", "", why)


def bare(term_id: str) -> str:
    """Return a term id without any index."""
    key = plain(term_id)
    while "[" in key:
        head, _, tail = key.partition("[")
        key = head + tail.partition("]")[2]
    return key
