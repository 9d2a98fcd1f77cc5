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
from schemas import rules as business
from schemas.finding import Finding
from schemas.rules import UnknownRuleSet
from schemas.rules.invoice import editions
from schemas.rules.invoice import official as packs
from schemas.xml import Element


def detect(data: bytes) -> str:
    """Return the id of the format that `data` is in; raises UnknownFormat or InputError."""
    return registry.recognise(registry.source(data)).id


def read(data: bytes, format_id: str | None = None) -> Reading:
    """Return the document in `data` with the findings of the walk.

    Raises InputError for bytes that cannot be parsed or recognised, NoSuchFormat for an id that
    is no format.
    """
    root = registry.source(data)
    fmt = registry.get(format_id) if format_id else registry.recognise(root)
    return walk(root, fmt)


def rulesets(reading: Reading) -> tuple[str, ...]:
    """Return the ids of the rule sets that apply to a document by its format."""
    wanted = registry.get(reading.format).rulesets
    return tuple(editions.edition(each) if editions.is_pack(each) else each for each in wanted)


def validate(reading: Reading, rules: str | Sequence[str] = "auto") -> list[Finding]:
    """Return every finding: of the walk, and of the rule sets (`auto`: those of the format).

    `rules` is `auto`, one id, several separated by commas, or a sequence of ids; raises
    UnknownRuleSet for one that does not exist.
    """
    if rules == "auto":
        wanted: Sequence[str] = rulesets(reading)
    else:
        wanted = _ids(rules)
    own = [each for each in wanted if not editions.is_pack(each)]
    found = [*reading.findings, *business.check(reading.document, own)]
    others = [each for each in wanted if each not in own]
    return [*found, *official(reading, others)[1]] if others else found


def official(
    reading: Reading, rules: str | Sequence[str] = "auto"
) -> tuple[tuple[str, ...], list[Finding]]:
    """Return which official rule packs were run, and exactly what the artefacts find.

    `auto` runs the packs of the document's profile and date. Of the ids given, those of another
    syntax are left out; raises UnknownRuleSet for one that does not exist, or when none is left.
    """
    fmt = registry.get(reading.format)
    trace = reading.document.trace
    root = trace.root if isinstance(trace, Trace) else None
    if not fmt.official or not isinstance(root, Element):
        raise UnknownRuleSet(value=str(rules), known=",".join(fmt.official))
    if rules == "auto":
        chosen = packs.automatic(root, fmt.official)
    else:
        syntax = editions.syntax(fmt.official[0])
        wanted = [editions.edition(each) for each in _ids(rules)]
        chosen = tuple(each for each in wanted if editions.syntax(each) == syntax)
    if not chosen:
        raise UnknownRuleSet(value=str(rules), known=",".join(editions.editions()))
    return chosen, packs.official(root, chosen, partial(_term_at, reading))


def _term_at(reading: Reading, path: str) -> str:
    """Return the id of the business term that was read at a path, without its groups."""
    found = next((term.id for term in reading.document if term.path == path), "")
    return found.rpartition("/")[2].partition("[")[0]


def _ids(rules: str | Sequence[str]) -> tuple[str, ...]:
    return tuple(rules.split(",")) if isinstance(rules, str) else tuple(rules)


def walk(root: object, fmt: Format) -> Reading:
    """Walk a parsed document by the table of its format."""
    if isinstance(root, Element):
        fmt = fmt.reading(root.tag)
    draft = Draft(fmt, root, fmt.edition)
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
