"""Writing documents: any canonical document in any format of its family, with its account."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from functools import cache

from adapters import registry
from adapters.api.documents import read, walk
from adapters.engine.check_xml import Checker
from adapters.engine.format import Format
from adapters.engine.loss import Sides, identity, report
from adapters.engine.reading import Trace
from adapters.engine.render_json import renderer
from adapters.engine.rewrite import differs, rewrite, serialise
from schemas.document import Document
from schemas.errors import TranslationError
from schemas.finding import Finding
from schemas.loss import LossReport
from schemas.text import Text
from schemas.xml import Element

Join = Callable[[Document, Sequence[Document]], Document]
"""Joins a document with the related ones of its shipment; owned by the gateway."""


class CannotJoin(TranslationError):
    """Related documents of another family were given, and nobody who can join them."""

    code = "SG-2103"
    title = Text(
        "A document of the family {family} cannot be joined here.", "此处无法合并 {family} 类单证。"
    )
    hint = Text(
        "Open a clearance with the documents, or pass a join.",
        "请用这些单证开立通关业务,或提供合并规则。",
    )


@dataclass(frozen=True, slots=True)
class Rendering:
    """A document as written: bytes, what became of every source leaf, and the target's findings."""

    data: bytes
    report: LossReport
    findings: list[Finding] = field(default_factory=list)


def render(
    document: Document, format_id: str, *, profile: Mapping[str, object] | None = None
) -> Rendering:
    """Return the document in a format, with the loss report and the findings of the result.

    A document that still has the trace of this very format is written on top of its source, so
    that what nobody touched stays as it was. `profile` is a corridor profile; its `defaults`
    (term id to value) fill terms that nobody gave. Raises NoSuchFormat.
    """
    fmt = registry.get(format_id)
    settings = profile or {}
    trace = document.trace
    if isinstance(trace, Trace) and trace.format == fmt.id:
        again = _again(document, trace, fmt, settings)
        if again is not None:
            return again
    fmt = fmt.writing(document)
    source, hook, container = document, fmt.before_render, fmt.container
    if container is not None:
        document = container.named(document)
    meant = document
    if hook is not None:
        document = hook(document, {**settings, "root": fmt.trie.name})
    written = renderer(document, fmt, _defaults(settings)).run()
    sides = Sides(fmt.id, fmt.reasons, fmt.implied, _marks(trace))
    found = report(source, written, sides)
    findings = _recheck(written.data, fmt)
    data = container.wrap(written.data, meant, settings) if container else written.data
    return Rendering(data, found, findings)


def convert(
    data: bytes,
    to: str,
    *,
    profile: Mapping[str, object] | None = None,
    related: Sequence[bytes] = (),
    join: Join | None = None,
) -> Rendering:
    """Return the document in `data` in another format.

    `related` documents are joined first: by `join`, or, where they are of the same family, by
    taking the terms that are not there yet. Raises CannotJoin, InputError, NoSuchFormat.
    """
    document = read(data).document
    others = [read(each).document for each in related]
    if others:
        document = (join or _same_family)(document, others)
    return render(document, to, profile=profile)


def _marks(trace: object) -> Mapping[str, AbstractSet[str]]:
    """Return the fixed leaves of the format that a document came in."""
    if not isinstance(trace, Trace):
        return {}
    fmt = registry.get(trace.format)
    root = trace.root
    return (fmt.reading(root.tag) if isinstance(root, Element) else fmt).marks


def _same_family(document: Document, others: Sequence[Document]) -> Document:
    for other in others:
        if other.family is not document.family:
            raise CannotJoin(family=other.family.value)
        document = document.joined(other.terms)
    return document


def _again(
    document: Document, trace: Trace, fmt: Format, settings: Mapping[str, object]
) -> Rendering | None:
    """Write a document into the format it came from; None if the table has to do it."""
    fresh = walk(trace.root, fmt)
    if not differs(fresh, document):
        data = trace.file or serialise(trace.root)
        return Rendering(data, identity(document, fmt.id), fresh.findings)
    if not isinstance(trace.root, Element):
        return None
    data, account = rewrite(fresh, document, fmt.reading(trace.root.tag))
    findings = read(data, fmt.id).findings
    if fmt.container is not None:
        data = fmt.container.wrap(data, document, settings)
    return Rendering(data, account, findings)


def _recheck(data: bytes, fmt: Format) -> list[Finding]:
    """Return the findings of what was rendered, read from its bytes.

    Values were checked when they were written; a document in order by the format's schema
    needs no walk.
    """
    root = registry.source(data)
    if isinstance(root, Element) and _checker(fmt.id, root.tag).in_order(root):
        return []
    return walk(root, fmt).findings


@cache
def _checker(format_id: str, root: str) -> Checker:
    return Checker(registry.get(format_id).reading(root))


def _defaults(profile: Mapping[str, object]) -> Mapping[str, str]:
    chosen = profile.get("defaults")
    return {str(k): str(v) for k, v in chosen.items()} if isinstance(chosen, Mapping) else {}
