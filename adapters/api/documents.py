"""Reading and validating documents of any format."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from adapters import registry
from adapters.engine.format import Format
from adapters.engine.reading import Draft, Reading, Trace
from adapters.engine.strangers import line_of
from adapters.engine.walk_json import JsonWalk
from adapters.engine.walk_xml import XmlWalk
from adapters.registry import UnknownFormat
from schemas import rules as business
from schemas.finding import Finding
from schemas.rules import UnknownRuleSet
from schemas.rules.invoice import editions
from schemas.rules.invoice import official as packs
from schemas.rules.invoice.norm import norm
from schemas.xml import Element


def detect(data: bytes) -> str:
    """Return the id of the format that `data` is in; raises UnknownFormat or InputError."""
    return opened(data)[1].id


def read(data: bytes, format_id: str | None = None) -> Reading:
    """Return the document in `data` with the findings of the walk.

    Raises InputError for bytes that cannot be parsed or recognised, NoSuchFormat for an id that
    is no format.
    """
    root, fmt, file = opened(data, format_id)
    return walk(root, fmt, file)


def opened(data: bytes, format_id: str | None = None) -> tuple[object, Format, bytes]:
    """Return the parsed document, its format, and the file around it, if there is one."""
    outer = registry.around(data)
    if outer is None or outer.container is None:
        root = registry.source(data)
        return root, registry.get(format_id) if format_id else registry.recognise(root), b""
    root = registry.source(outer.container.unwrap(data))
    inner = registry.recognise(root)
    if inner.tables != outer.tables:
        raise UnknownFormat(reason=f"{inner.id} in {outer.id}", known=", ".join(registry.formats()))
    return root, registry.get(format_id) if format_id else outer, data


def rulesets(reading: Reading) -> tuple[str, ...]:
    """Return the ids of the rule sets that apply to a document by its format, profile and date."""
    fmt = registry.get(reading.format)
    chosen = _chosen(reading, "auto")[1] if fmt.official else ()
    return (*chosen, *(each for each in fmt.rulesets if not editions.is_pack(each)))


def validate(reading: Reading, rules: str | Sequence[str] = "auto") -> list[Finding]:
    """Return every finding: of the walk, and of the rule sets as their standards read.

    `auto` runs the rule sets of the format, profile and date. `rules` is `auto`, one id, several
    separated by commas, or a sequence of ids. Raises UnknownRuleSet for one that does not exist.
    """
    if rules == "auto":
        wanted: Sequence[str] = rulesets(reading)
    else:
        wanted = ids(rules)
    own = [each for each in wanted if not editions.is_pack(each)]
    found = [*reading.findings, *business.check(reading.document, own)]
    others = [each for each in wanted if each not in own]
    if others:
        root, chosen = _chosen(reading, others)
        found += norm(root, chosen, partial(_term_at, reading))
    return found


def official(
    reading: Reading, rules: str | Sequence[str] = "auto"
) -> tuple[tuple[str, ...], list[Finding]]:
    """Return which official rule packs were run, and exactly what the artefacts find.

    `auto` runs the packs of the document's profile and date. Of the ids given, those of another
    syntax are left out; raises UnknownRuleSet for one that does not exist, or when none is left.
    """
    root, chosen = _chosen(reading, rules)
    return chosen, packs.official(root, chosen, partial(_term_at, reading))


def choose(
    root: object, fmt: Format, rules: str | Sequence[str]
) -> tuple[Element, tuple[str, ...]]:
    """Return a parsed document with the official rule sets to run on it; raises UnknownRuleSet.

    Of the ids given, those for the document's syntax are run, each in its edition.
    """
    if not fmt.official or not isinstance(root, Element):
        raise UnknownRuleSet(value=str(rules), known=",".join(fmt.official))
    if rules == "auto":
        return root, packs.automatic(root, fmt.official)
    syntax = editions.syntax(fmt.official[0])
    wanted = [editions.edition(each) for each in ids(rules)]
    chosen = tuple(each for each in wanted if editions.syntax(each) == syntax)
    if not chosen:
        raise UnknownRuleSet(value=str(rules), known=",".join(editions.editions()))
    return root, chosen


def _chosen(reading: Reading, rules: str | Sequence[str]) -> tuple[Element, tuple[str, ...]]:
    trace = reading.document.trace
    root = trace.root if isinstance(trace, Trace) else None
    return choose(root, registry.get(reading.format), rules)


def _term_at(reading: Reading, path: str) -> str:
    """Return the id of the business term that was read at a path, without its groups."""
    found = next((term.id for term in reading.document if term.path == path), "")
    return found.rpartition("/")[2].partition("[")[0]


def ids(rules: str | Sequence[str]) -> tuple[str, ...]:
    """Return the ids of rule sets that are given one by one, or joined by commas."""
    return tuple(rules.split(",")) if isinstance(rules, str) else tuple(rules)


def walk(root: object, fmt: Format, file: bytes = b"") -> Reading:
    """Walk a parsed document by the table of its format; `file` is what it stood in, if any."""
    if isinstance(root, Element):
        fmt = fmt.reading(root.tag)
    draft = Draft(fmt, root, fmt.edition, file=file)
    if isinstance(root, Element):
        node = fmt.trie
        if root.tag == node.name and node.tag != node.name:
            node = fmt.bare_trie
            draft.finding(
                "namespace",
                "/" + node.name,
                line=line_of(root),
                expected=fmt.trie.tag[1:].partition("}")[0],
                flag=fmt.bare,
            )
        XmlWalk(draft).run(root, node)
    else:
        JsonWalk(draft).run(root, fmt.trie)
    return draft.done()
