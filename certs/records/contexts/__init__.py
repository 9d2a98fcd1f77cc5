"""JSON-LD contexts held as tables of terms, and those given beside them; none is ever fetched."""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final

from certs.records.model import Broken

_NULL: Final = "@null"
_DELIMITERS: Final = tuple(":/?#[]@")
_KEYS: Final = ("id", "type", "container")
CREDENTIALS: Final = "https://www.w3.org/ns/credentials/v2"
DATA_INTEGRITY: Final = "https://w3id.org/security/data-integrity/v2"
UNDEFINED: Final = "https://www.w3.org/ns/credentials/undefined-terms/v2"
TRANSFERABLE: Final = "https://trustvc.io/context/transferable-records-context.json"

Context = dict[str, object]

NONE: Final[Mapping[str, object]] = MappingProxyType({})
_GIVEN: Final = ContextVar("given", default=NONE)


@contextmanager
def beside(given: Mapping[str, object]) -> Iterator[None]:
    """Know these contexts as well, by name, for the length of a block."""
    token = _GIVEN.set(given)
    try:
        yield
    finally:
        _GIVEN.reset(token)


def known() -> Mapping[str, str]:
    """Return the URL of each context with the name of its table."""
    return _urls()


@cache
def _urls() -> dict[str, str]:
    listed = tomllib.loads(files(__name__).joinpath("sources.toml").read_text("utf-8"))
    return {str(entry["url"]): name for name, entry in listed.items()}


def context(url: str) -> object:
    """Return a context by its URL; raises Broken for one that is neither held nor given."""
    name = _urls().get(url)
    if name is not None:
        return _table(name)
    found = _GIVEN.get().get(url)
    if found is None:
        raise Broken(f"The context {url} is not held here.", f"本系统未收录上下文 {url}。")
    return found


@cache
def _table(name: str) -> Context:
    scopes: dict[str, Context] = {"": {}}
    text = files(__name__).joinpath(f"{name}.csv").read_text("utf-8")
    for row in csv.DictReader(text.splitlines()):
        if row["term"] == _NULL:
            _nest(scopes, row["scope"])["@context"] = None
            continue
        scope = _scope(scopes, row["scope"])
        if row["protected"]:
            scope["@protected"] = True
        scope[row["term"]] = _definition(row)
    return scopes[""]


def _definition(row: dict[str, str]) -> object:
    """Return what a term means; in the short form where it can also be a prefix (JSON-LD 1.1)."""
    if row["id"].endswith(_DELIMITERS) and not row["type"] and not row["container"]:
        return row["id"]
    return {f"@{key}": row[key] for key in _KEYS if row[key]}


def _scope(scopes: dict[str, Context], path: str) -> Context:
    """Return the definitions inside a term's own scope; the term itself stands in a row above."""
    if path not in scopes:
        scopes[path] = {}
        _nest(scopes, path)["@context"] = scopes[path]
    return scopes[path]


def _nest(scopes: dict[str, Context], path: str) -> Context:
    outer, _, term = path.rpartition(" > ")
    found = scopes[outer][term]
    if not isinstance(found, dict):  # pragma: no cover - the tables are ours
        raise TypeError(path)
    return found


def load(url: str, _options: object = None) -> dict[str, object]:
    """Give a context to the JSON-LD processor, in the shape it wants of a document loader."""
    return {
        "contentType": "application/ld+json",
        "contextUrl": None,
        "documentUrl": url,
        "document": {"@context": context(url)},
    }
