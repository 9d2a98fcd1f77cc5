"""Reading and validating documents of any format."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from adapters import registry
from adapters.engine.check_xml import flawless
from adapters.engine.format import Format
from adapters.engine.loss import identity, report
from adapters.engine.reading import Draft, Reading, Trace
from adapters.engine.render_json import renderer
from adapters.engine.rewrite import serialise
from adapters.engine.walk_json import JsonWalk
from adapters.engine.walk_xml import XmlWalk
from schemas import rules as business
from schemas.document import Document
from schemas.finding import Finding, Flag
from schemas.loss import LossReport
from schemas.xml import Element


def detect(data: bytes) -> str:
    """Return the id of the format that `data` is in; raises UnknownFormat or InputError."""
    return registry.recognise(registry.source(data)).id


def read(data: bytes, format_id: str | None = None) -> Reading:
    """Return the document in `data` with the findings of the walk.

    Raises InputError for bytes that cannot be parsed or recognised.
    """
    root = registry.source(data)
    fmt = registry.get(format_id) if format_id else registry.recognise(root)
    return walk(root, fmt)


def validate(reading: Reading, rules: str | Sequence[str] = "auto") -> list[Finding]:
    """Return every finding: of the walk, and of the rule sets (`auto`: those of the format).

    Raises KeyError for a rule set that does not exist.
    """
    wanted = registry.get(reading.format).rulesets if rules == "auto" else _ids(rules)
    return [*reading.findings, *business.check(reading.document, wanted)]


def _ids(rules: str | Sequence[str]) -> Sequence[str]:
    return tuple(rules.split(",")) if isinstance(rules, str) else rules


def walk(root: object, fmt: Format) -> Reading:
    """Walk a parsed document by the table of its format."""
    draft = Draft(fmt, root, fmt.edition)
    if isinstance(root, Element):
        node = fmt.trie
        if root.tag == node.name and node.tag != node.name:
            node = fmt.bare_trie
            draft.finding(
                "namespace",
                "/" + node.name,
                line=root.sourceline or 0,
                expected=fmt.namespaces.get("", ""),
                flag=Flag.WARNING,
            )
        XmlWalk(draft).run(root, node)
    else:
        JsonWalk(draft).run(root, fmt.trie)
    return draft.done()


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

    `profile` is a corridor profile; its `defaults` fill terms that nobody gave.
    """
    fmt = registry.get(format_id)
    settings = profile or {}
    trace = document.trace
    if isinstance(trace, Trace) and trace.format == fmt.id:
        return Rendering(serialise(trace.root), identity(document, fmt.id))
    source, hook = document, fmt.before_render
    if hook is not None:
        document = hook(document, settings)
    written = renderer(document, fmt, _defaults(settings)).run()
    found = report(source, fmt.id, written, fmt.reasons)
    return Rendering(written.data, found, _recheck(written.data, fmt))


def convert(
    data: bytes,
    to: str,
    *,
    profile: Mapping[str, object] | None = None,
    related: Sequence[bytes] = (),
) -> Rendering:
    """Return the document in `data` in another format."""
    del related
    return render(read(data).document, to, profile=profile)


def _recheck(data: bytes, fmt: Format) -> list[Finding]:
    """Return the findings of what was written, read from its bytes; a flawless document is
    passed by a shorter way.
    """
    root = registry.source(data)
    if isinstance(root, Element) and flawless(root, fmt.trie):
        return []
    return walk(root, fmt).findings


def _defaults(profile: Mapping[str, object]) -> Mapping[str, str]:
    chosen = profile.get("defaults")
    return {str(k): str(v) for k, v in chosen.items()} if isinstance(chosen, Mapping) else {}
