"""A rule pack: one edition of official rules, read from its table.

A pack is a CSV of `schemas/rules/invoice/packs`, one row per rule: `pattern,context,rule,flag,
term,test,args`. Consecutive rows of one pattern and context are one rule of the official
artefact: in a pattern, a node is handled by the first context that it matches. A context is a
path, matched from its end (`cac:Item/cbc:Name`) or, after `/`, from the root; `*Amount` is any
name that ends so; alternatives are joined by ` | `; a condition in braces (`{vat S}`) is one of
`registry.CONDITIONS`.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from importlib import import_module
from importlib.resources import files
from typing import Final

from schemas.finding import Flag
from schemas.rules.invoice.context import Assertion, Context
from schemas.rules.invoice.editions import editions
from schemas.rules.invoice.engine import Pack
from schemas.rules.invoice.registry import CHECKS, CONDITIONS, SPARSE

_ROOTS: Final = ("/ubl:Invoice", "/cn:CreditNote")
_MACROS: Final = {"ROOT": _ROOTS, "LINE": ("cac:InvoiceLine", "cac:CreditNoteLine")}


@cache
def pack(pack_id: str) -> Pack:
    """Return a pack by its id, with the modules that its checks stand in."""
    return compiled(pack_id, rows(pack_id), editions()[pack_id].checks)


def compiled(pack_id: str, table: Iterable[Mapping[str, str]], modules: Iterable[str]) -> Pack:
    """Return the rows of a table as a pack; their checks stand in `modules`."""
    for module in ("checks", *modules):
        import_module(f"schemas.rules.invoice.{module}")
    patterns: dict[str, dict[str, Context]] = {}
    rules = []
    for row in table:
        contexts = patterns.setdefault(row["pattern"], {})
        context = contexts.get(row["context"])
        if context is None:
            context = contexts[row["context"]] = _context(row["context"])
        assertion = Assertion(
            row["rule"],
            Flag(row["flag"]),
            row["term"],
            row["test"],
            row["args"],
            CHECKS[row["test"]],
        )
        rules.append(assertion)
        if row["test"] == "absent" and context.condition is None and _plain(row["args"]):
            for path in _spread(row["args"]):
                context.banned.setdefault(path, []).append(assertion)
        else:
            context.assertions.append(assertion)
    found = [list(contexts.values()) for contexts in patterns.values()]
    sparse = [contexts[0] for contexts in found if len(contexts) == 1 and _sparse(contexts[0])]
    others = [contexts for contexts in found if contexts[0] not in sparse]
    return Pack(pack_id, others, sparse, rules)


def rows(pack_id: str) -> Iterator[dict[str, str]]:
    """Yield the rows of a pack: its own table, or those of the pack that it is like, changed.

    The patterns that it is without are left out.
    The table of such a pack has a column `instead`: the rule that a row stands for; what a row
    leaves empty stays as it was, one without a rule drops it, one that stands for none is added.
    """
    source = files("schemas.rules.invoice") / "packs" / f"{pack_id}.csv"
    text = source.read_text(encoding="utf-8") if source.is_file() else ""
    own = list(csv.DictReader(text.splitlines()))
    edition = editions()[pack_id]
    if not edition.like:
        yield from own
        return
    shared = (row for row in rows(edition.like) if row["pattern"] not in edition.without)
    yield from instead(shared, own)


def instead(
    table: Iterable[Mapping[str, str]], changes: Sequence[Mapping[str, str]]
) -> Iterator[dict[str, str]]:
    """Yield the rows of a table with the changes to it."""
    changed = {row["instead"]: row for row in changes}
    for row in table:
        change = changed.get(row["rule"])
        if change is None or change["rule"]:
            yield {key: (change or row)[key] or value for key, value in row.items()}
    yield from (dict(row) for row in changes if not row["instead"])


def _context(text: str) -> Context:
    paths, brace, condition = text.partition("{")
    name, _, args = condition.strip().removesuffix("}").partition(" ")
    found = tuple(path for option in paths.split("|") for path in _spread(option.strip()))
    return Context(found, name, CONDITIONS[name] if brace else None, args)


def _sparse(context: Context) -> bool:
    return context.name in SPARSE


def _spread(path: str) -> list[tuple[str, ...]]:
    """Return the steps of a path, one variant for each name of its macro."""
    for macro, names in _MACROS.items():
        if path == macro or path.startswith(macro + "/"):
            return [tuple((name + path[len(macro) :]).split("/")) for name in names]
    return [tuple(path.split("/"))]


def _plain(args: str) -> bool:
    return "@" not in args and "|" not in args and "//" not in args
