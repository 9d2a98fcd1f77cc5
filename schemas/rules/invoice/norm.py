"""The norm mode: what the text of the standard asks, and where its official artefacts differ.

`packs/norm/ID.csv` holds the rules of a pack that an artefact tests otherwise than the standard
reads, each with what is tested instead and why (`en`, `zh`). All other rules are those of the
pack. What an artefact would say or leave out is explained beside the finding, and where its engine
gives up on a value, the rule that cannot be decided names that value.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache, partial
from importlib.resources import files
from typing import Final, NamedTuple

from schemas.finding import Finding, Flag
from schemas.rules.invoice.context import Assertion, Fault
from schemas.rules.invoice.editions import editions
from schemas.rules.invoice.engine import Pack
from schemas.rules.invoice.gather import gather
from schemas.rules.invoice.official import finding
from schemas.rules.invoice.pack import compiled, instead, rows
from schemas.rules.invoice.registry import Check, Verdict
from schemas.rules.invoice.tree import Node, Tree, Undecidable
from schemas.rules.invoice.xsd import TermAt, validate, xsd_sets
from schemas.text import Text
from schemas.xml import Element

_OPEN: Final = "open"
_MODULE: Final = "norm_checks"
_SILENT: Final = Text(
    "{hint} The official artefact says nothing here. {why}", "{hint}官方规则在此不报告。{why}"
)
_OTHERWISE: Final = Text(
    "The official artefact reports {rule} here, which the standard does not ask. {why}",
    "官方规则在此报告 {rule},但标准并无此要求。{why}",
)
_UNREADABLE: Final = Text(
    "{rule} cannot be decided: a value occurs twice, or is no number or date ({found}).",
    "无法判定 {rule}:某值重复出现,或不是数字或日期({found})。",
)
_GIVES_UP: Final = Text(
    "Mend the value. The official engine gives no verdict on such a document.",
    "请更正该值。官方规则引擎无法对此类单据给出结论。",
)


class Open(NamedTuple):
    """A rule that could not be decided at a node, and the value it stumbled over."""

    assertion: Assertion
    node: Node
    found: str


@dataclass(frozen=True, slots=True)
class Norm:
    """A pack as the standard reads; `artefact` has the deviating rules as the artefact has them."""

    whole: Pack
    artefact: Pack
    why: Mapping[str, Text]


def norm(root: Element, pack_ids: Iterable[str], term_at: TermAt = lambda _: "") -> list[Finding]:
    """Return the findings of rule packs by the text of the standard, deviations explained."""
    known, wanted = xsd_sets(), tuple(pack_ids)
    found = [
        each for pack_id in wanted if pack_id in known for each in validate(root, pack_id, term_at)
    ]
    return [*found, *judged(gather(root), [each for each in wanted if each not in known])]


def judged(tree: Tree, pack_ids: Iterable[str]) -> list[Finding]:
    """Return the findings of rule packs for a gathered invoice; its tree is given up."""
    findings = [each for pack_id in pack_ids for each in _findings(pack_id, tree)]
    tree.release()
    return findings


def _findings(pack_id: str, tree: Tree) -> Iterator[Finding]:
    read = _norm(pack_id)
    faults, undecided = _run(read.whole, tree)
    others = _run(read.artefact, tree)[0] if read.why else []
    theirs = {(fault.assertion.rule, fault.node) for fault in others}
    for fault in faults:
        made = finding(pack_id, fault)
        why = read.why.get(fault.assertion.rule)
        silent = why is not None and (fault.assertion.rule, fault.node) not in theirs
        yield replace(made, hint=_with(_SILENT, made, why)) if why and silent else made
    yield from (_undecided(pack_id, each) for each in undecided)
    ours = Counter(fault.assertion.rule for fault in faults)
    for fault in _first_of_each(others):
        why = read.why[fault.assertion.rule]
        if not ours[fault.assertion.rule]:
            made = finding(pack_id, fault)
            yield replace(made, flag=Flag.INFORMATION, message=_with(_OTHERWISE, made, why))


def _run(pack: Pack, tree: Tree) -> tuple[list[Fault], list[Open]]:
    """Return the faults, and what could not be decided: `_lenient` leaves that in the tree."""
    undecided: list[Open] = tree.once(_OPEN, list)
    undecided.clear()
    return list(pack.run(tree)), list(undecided)


@cache
def _norm(pack_id: str) -> Norm:
    changes = _changes(pack_id)
    why = {row["rule"] or row["instead"]: Text(row["en"], row["zh"]) for row in changes}
    modules = (*editions()[pack_id].checks, *((_MODULE,) if changes else ()))
    whole = compiled(f"norm {pack_id}", instead(rows(pack_id), changes), modules)
    artefact = compiled(f"artefact {pack_id}", rows(pack_id), modules)
    return Norm(_lenient(whole, None), _lenient(artefact, frozenset(why)), why)


def _changes(pack_id: str) -> list[dict[str, str]]:
    source = files("schemas.rules.invoice") / "packs" / "norm" / f"{pack_id}.csv"
    text = source.read_text(encoding="utf-8") if source.is_file() else ""
    return list(csv.DictReader(text.splitlines()))


def _lenient(pack: Pack, only: frozenset[str] | None) -> Pack:
    """Return a pack that never gives up, with all its rules or with `only` some."""
    for context in pack.contexts():
        kept = [each for each in context.assertions if only is None or each.rule in only]
        context.assertions[:] = [
            each._replace(check=partial(_decided, each, each.check)) for each in kept
        ]
        if only is not None:
            context.banned.clear()
    return pack


def _decided(assertion: Assertion, check: Check, node: Node, tree: Tree, args: str) -> Verdict:
    """Return the verdict of a check; what it cannot decide is noted, and passes for now."""
    try:
        return check(node, tree, args)
    except Undecidable as stop:
        undecided: list[Open] = tree.once(_OPEN, list)
        undecided.append(Open(assertion, node, str(stop)))
        tree.noted += 1
        return True


def _undecided(pack_id: str, each: Open) -> Finding:
    made = finding(pack_id, Fault(each.assertion, each.node, (each.found, "")))
    return replace(made, message=_with(_UNREADABLE, made, Text("", "")), hint=_GIVES_UP)


def _first_of_each(faults: Iterable[Fault]) -> Iterator[Fault]:
    seen: set[str] = set()
    for fault in faults:
        if fault.assertion.rule not in seen:
            seen.add(fault.assertion.rule)
            yield fault


def _with(text: Text, made: Finding, why: Text) -> Text:
    def fill(template: str, hint: str, reason: str) -> str:
        return template.format(hint=hint, rule=made.rule, why=reason, found=made.found).strip()

    return Text(fill(text.en, made.hint.en, why.en), fill(text.zh, made.hint.zh, why.zh))
