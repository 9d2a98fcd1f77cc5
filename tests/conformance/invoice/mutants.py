"""Mutants of sound invoices, made from what the tables of a rule pack speak of.

For each rule the places of its context and the paths and words of its check are tried: taken away,
emptied, doubled, put in, given each word of the table and some bad values. Where a rule wants more
than one thing changed, `hints.csv` says which. Nothing is drawn at random: the same tables give the
same mutants.
"""

from __future__ import annotations

import copy
import csv
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from typing import Any

from lxml import etree

from schemas.rules.invoice.engine import Pack
from schemas.rules.invoice.gather import PREFIXES, gather
from schemas.rules.invoice.pack import pack
from schemas.rules.invoice.tree import Undecidable
from schemas.xml import parse

Change = Callable[[Any], object]
_PATH = re.compile(
    r"(?:cbc|cac|ram|rsm|udt|qdt):[A-Za-z]+(?:/(?:@?[a-z]+:)?@?[A-Za-z]+)*|@[A-Za-z]+"
)
_WORD = re.compile(r"(?<![/:@\w])[A-Za-z0-9][\w.:@#-]*")
_BAD = ("QQ", "", "-1", "0", "1.2345", "2026-02-30", "2027-01-01", "9999", "1 1")
_SPACES = {prefix: space for space, prefix in PREFIXES.items()}
_WHICH = {"first": slice(1), "last": slice(-1, None)}


@dataclass(frozen=True)
class Rule:
    """A row of a pack, as far as mutants are made from it."""

    id: str
    context: str
    args: str
    flag: str
    test: str


def rules(pack_id: str) -> list[Rule]:
    """Return the rules of a pack with the texts of their rows."""
    return [
        Rule(row["rule"], row["context"], row["args"], row["flag"], row["test"])
        for row in _rows(pack_id)
    ]


def reach(pack_id: str, documents: Iterable[bytes]) -> dict[str, bytes]:
    """Return a document for each fatal rule that could be made to fire."""
    found: dict[str, bytes] = {}
    wanted = [rule for rule in rules(pack_id) if rule.flag == "fatal"]
    sound = list(documents)
    for data in sound:
        _note(found, pack_id, data)
    hints, barred = _hints(pack_id), never().get(pack_id, {})
    for rule in wanted:
        if rule.id in found or rule.id in barred or rule.test == "true":
            continue
        for data in _mutants(rule, sound, hints.get(rule.id, ())):
            _note(found, pack_id, data)
            if rule.id in found:
                break
    return {rule.id: found[rule.id] for rule in wanted if rule.id in found}


def fired(pack_id: str, data: bytes) -> set[str]:
    """Return the rules that a document breaks, nothing if there is no verdict."""
    rulebook: Pack = pack(pack_id)
    try:
        return {fault.assertion.rule for fault in rulebook.run(gather(parse(data)))}
    except Undecidable:
        return set()


def never() -> dict[str, dict[str, str]]:
    """Return the rules that cannot fire, by pack, with the reason."""
    found: dict[str, dict[str, str]] = {}
    with (Path(__file__).parent / "never.csv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            found.setdefault(row["pack"], {})[row["rule"]] = row["reason"]
    return found


def _note(found: dict[str, bytes], pack_id: str, data: bytes) -> None:
    for rule in fired(pack_id, data):
        found.setdefault(rule, data)


@cache
def _rows(pack_id: str) -> tuple[dict[str, str], ...]:
    from schemas.rules.invoice import pack as packs

    return tuple(packs.rows(pack_id))


def _hints(pack_id: str) -> dict[str, list[str]]:
    """Return our own hints: `path = value`, `+path = value`, `-path`; several by ` ; `.

    `first:`, `last:` before a path mean one of the places, `+` adds an element, `-` takes all away.
    """
    found: dict[str, list[str]] = {}
    with (Path(__file__).parent / "hints.csv").open(encoding="utf-8", newline="") as stream:
        for row in csv.DictReader(stream):
            if pack_id.startswith(row["pack"]):
                found.setdefault(row["rule"], []).append(row["changes"])
    return found


def _mutants(rule: Rule, sound: list[bytes], hints: Iterable[str]) -> Iterator[bytes]:
    """Yield the mutants of one rule, the likeliest first."""
    for hint in hints:
        for data in sound:
            yield _changed(data, [_by_hint(step) for step in hint.split(" ; ")])
    for data in sound:
        for change in _changes(rule):
            yield _changed(data, [change])


def _changes(rule: Rule) -> Iterator[Change]:
    """Yield what may be done to the places that a rule speaks of."""
    contexts = [_steps(each) for each in rule.context.partition("{")[0].split("|")]
    paths = [_steps(each) for each in _PATH.findall(rule.args)] or [()]
    words = [*_WORD.findall(_PATH.sub(" ", rule.args)), *_BAD]
    for context in contexts:
        for path in paths:
            yield partial(_remove, context=context, path=path)
            yield partial(_insert, context=context, path=path, times=1)
            yield partial(_insert, context=context, path=path, times=2)
            for word in words:
                yield partial(_set, context=context, path=path, value=word, which=slice(1))
                yield partial(_set, context=context, path=path, value=word, which=slice(-1, None))


def _changed(data: bytes, changes: Iterable[Change]) -> bytes:
    root = copy.deepcopy(_parsed(data))
    for change in changes:
        change(root)
    return etree.tostring(root, encoding="UTF-8", xml_declaration=True)


@cache
def _parsed(data: bytes) -> Any:
    return parse(data)


def _by_hint(step: str) -> Change:
    path, _, value = step.partition(" = ")
    which = _WHICH.get(path.partition(":")[0])
    if which is not None:
        context, attribute = _apart(_steps(path.partition(":")[2]))
        return partial(_set, context=context, path=attribute, value=value, which=which)
    steps = _steps(path.lstrip("+-"))
    if path.startswith("-"):
        context, attribute = _apart(steps)
        return partial(_remove, context=context, path=attribute)
    if path.startswith("+"):
        return partial(_add, path=steps, value=value)
    context, attribute = _apart(steps)
    return partial(_set, context=context, path=attribute, value=value, which=slice(None))


def _apart(steps: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the steps to an element, and that to its attribute."""
    return (steps[:-1], steps[-1:]) if steps[-1].startswith("@") else (steps, ())


def _steps(path: str) -> tuple[str, ...]:
    path = path.strip().replace("ROOT", "").replace("//", "")
    return tuple(step for step in path.split("/") if step not in ("", ".", ".."))


def _find(root: Any, context: tuple[str, ...]) -> list[Any]:
    """Return the elements whose names from the root end so; names may be those of packs."""
    if not context or context in (("ubl:Invoice",), ("cn:CreditNote",)):
        return [root]
    return [each for each in root.iter("{*}*") if _ends(each, context)]


def _ends(element: Any, context: tuple[str, ...]) -> bool:
    for step in reversed(context):
        if element is None or not _is(_name(element), step):
            return False
        element = element.getparent()
    return True


def _is(name: str, step: str) -> bool:
    if step == "LINE":
        return name in ("cac:InvoiceLine", "cac:CreditNoteLine")
    return step in (name, "*") or (step.startswith("*") and name.endswith(step[1:]))


def _name(element: Any) -> str:
    name = etree.QName(element)
    return f"{PREFIXES.get(name.namespace or '', '')}:{name.localname}"


def _targets(root: Any, context: tuple[str, ...], path: tuple[str, ...]) -> list[Any]:
    steps = [step for step in path if not step.startswith("@")]
    found = _find(root, context)
    for step in steps:
        found = [kid for each in found for kid in each if _is(_name(kid), step)]
    if not found and steps:
        found = _find(root, tuple(steps))
    return found


def _remove(root: Any, context: tuple[str, ...], path: tuple[str, ...]) -> None:
    attribute = path[-1][1:] if path and path[-1].startswith("@") else ""
    for each in _targets(root, context, path):
        if attribute:
            each.attrib.pop(attribute, None)
        elif each.getparent() is not None:
            each.getparent().remove(each)


def _set(
    root: Any, context: tuple[str, ...], path: tuple[str, ...], value: str, which: slice
) -> None:
    attribute = path[-1][1:] if path and path[-1].startswith("@") else ""
    for each in _targets(root, context, path)[which]:
        if attribute:
            each.set(attribute, value)
        elif not len(each):
            each.text = value


def _insert(root: Any, context: tuple[str, ...], path: tuple[str, ...], times: int) -> None:
    """Put the path below the first place of the context, so many times beside what is there."""
    places = _find(root, context)
    if not places or not path:
        for each in places[:1]:
            for _ in range(times if each.getparent() is not None else 0):
                each.addnext(copy.deepcopy(each))
        return
    for _ in range(times):
        _add(places[0], path, "1")


def _add(below: Any, path: tuple[str, ...], value: str) -> None:
    """Make the last element of a path anew, the others where there are none."""
    *above, last = path
    if last.startswith("@") and above:
        element = _last_of(below, tuple(above))
        if element is not None:
            element.set(last[1:], value)
        return
    if last.startswith("@"):
        below.set(last[1:], value)
        return
    for step in above:
        found = next((kid for kid in below if _is(_name(kid), step)), None)
        below = _make(below, step) if found is None else found
    _make(below, last).text = value


def _last_of(below: Any, path: tuple[str, ...]) -> Any:
    found = [below]
    for step in path:
        found = [kid for each in found for kid in each if _is(_name(kid), step)]
    return found[-1] if found else None


def _make(below: Any, step: str) -> Any:
    prefix, _, local = step.partition(":")
    beside = [kid for kid in below if _name(kid) == step]
    element = copy.deepcopy(beside[0]) if beside else etree.Element(f"{{{_SPACES[prefix]}}}{local}")
    if not beside and local.endswith("Amount"):
        element.set("currencyID", "EUR")
    below.append(element)
    return element
