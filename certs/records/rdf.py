"""A credential as canonical RDF statements (JSON-LD 1.1, RDFC-1.0), strictly.

Everything a credential says must become a statement: a name that no context defines, a relative
type or id, or a context of its own is refused, for it would be outside every signature.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from certs.records import contexts
from certs.records.canonical import Dataset, canonical
from certs.records.model import Broken
from certs.records.strict import Json

_BNID: Final = "urn:bnid:"
_MAX_STATEMENTS: Final = 5000
_VALUE_KEYS: Final = frozenset({"@value", "@language", "@direction"})
_ABSOLUTE: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]*|_:[\w.-]+|@json|@none")
_LONE: Final = re.compile("[\ud800-\udfff]")


def check_names(document: Json) -> None:
    """Raise Broken unless the contexts are all held here and no part brings one of its own."""
    listed = document.get("@context")
    if not isinstance(listed, list) or not all(isinstance(each, str) for each in listed):
        raise Broken("The contexts are no list of names.", "上下文不是名称列表。")
    for url in listed:
        contexts.context(str(url))
    for name, value in document.items():
        if name != "@context":
            check_keys(name, value)


def check_keys(name: str, value: object) -> None:
    """Raise Broken for a keyword of JSON-LD, and for text that is not Unicode."""
    if name.startswith("@") and name not in _VALUE_KEYS:
        raise Broken(f"The keyword {name} is not accepted.", f"不接受关键字 {name}。")
    if _LONE.search(name) or (isinstance(value, str) and _LONE.search(value)):
        raise Broken("A text is not Unicode.", "某个文本不是有效的 Unicode。")
    if isinstance(value, dict):
        if _VALUE_KEYS & set(value) and value.get("@value") is None:
            raise Broken("A value object has no value.", "值对象没有值。")
        for below, child in value.items():
            check_keys(below, child)
    elif isinstance(value, list):
        for child in value:
            if isinstance(child, list):
                raise Broken("A list stands in a list.", "列表中嵌套列表。")
            check_keys("", child)


def expanded(document: Json) -> list[Any]:
    """Return the expanded form; raises Broken when anything would be dropped."""
    from pyld import jsonld

    def dropped(name: object) -> None:
        raise Broken(f"No context defines {name}.", f"没有上下文定义 {name}。")

    with _processed():
        found: list[Any] = jsonld.expand(document, _options(), on_property_dropped=dropped)
    for each in found:
        _check_absolute(each)
    return found


@contextmanager
def _processed() -> Iterator[None]:
    """Turn what the JSON-LD library raises on a bad document into Broken."""
    from pyld.jsonld import JsonLdError

    try:
        yield
    except JsonLdError as error:
        why = f"JSON-LD: {error.code or error}"
        raise Broken(why, why) from error
    except (ValueError, TypeError, LookupError, AttributeError, RecursionError) as error:
        raise Broken("It is no proper JSON-LD.", "不是规范的 JSON-LD。") from error


def _options() -> dict[str, object]:
    return {"documentLoader": contexts.load, "base": "", "processingMode": "json-ld-1.1"}


def _check_absolute(node: object) -> None:
    if isinstance(node, list):
        for each in node:
            _check_absolute(each)
        return
    if not isinstance(node, dict):
        return
    if "@value" in node:
        named = [node.get("@type", "xsd:any")]
    else:
        named = [node.get("@id", "urn:none"), *_many(node.get("@type"))]
    for name in named:
        if not _ABSOLUTE.fullmatch(str(name)):
            raise Broken(f"No context defines {name}.", f"没有上下文定义 {name}。")
    for key, value in node.items():
        if key not in {"@type", "@id", "@value"}:
            _check_absolute(value)


def _many(value: object) -> list[object]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def dataset(document: object) -> Dataset:
    """Return the statements of an expanded document, blank nodes labelled `_:b0` and on."""
    from pyld import jsonld

    with _processed():
        found: Dataset = jsonld.to_rdf(document, _options())
    if sum(len(graph) for graph in found.values()) > _MAX_STATEMENTS:
        raise Broken("The credential has too many statements.", "凭证的陈述过多。")
    return found


def canonical_text(document: Json) -> bytes:
    """Return the canonical N-Quads of a document."""
    return "".join(canonical(dataset(expanded(document))).statements).encode()


def skolemised(document: Json) -> Json:
    """Return the compact document in which every blank node has an id of its own."""
    from pyld import jsonld

    counter = iter(range(_MAX_STATEMENTS))
    named = [_skolem(each, counter) for each in expanded(document)]
    with _processed():
        found: Json = jsonld.compact(named, document["@context"], _options())
    return found


def _skolem(node: Any, counter: Iterator[int]) -> Any:  # noqa: ANN401 - JSON
    if isinstance(node, list):
        return [_skolem(each, counter) for each in node]
    if not isinstance(node, dict) or "@value" in node:
        return node
    if "@list" in node:
        return {**node, "@list": _skolem(node["@list"], counter)}
    found = {
        key: value if key in {"@type", "@id"} else _skolem(value, counter)
        for key, value in node.items()
    }
    given = str(found.get("@id", ""))
    if not given:
        found["@id"] = f"{_BNID}n{next(counter)}"
    elif given.startswith("_:"):
        found["@id"] = f"{_BNID}g{given[2:]}"
    return found


def deskolemised(document: Json) -> Dataset:
    """Return the statements of a skolemised document with its blank nodes as such again."""
    found = dataset(expanded(document))
    back: Dataset = {}
    for graph, quads in found.items():
        back[_bare(graph)] = [{name: _blank(part) for name, part in quad.items()} for quad in quads]
    return back


def _bare(name: str) -> str:
    return "_:" + name.removeprefix(_BNID) if name.startswith(_BNID) else name


def _blank(part: dict[str, Any]) -> dict[str, Any]:
    value = str(part["value"])
    if part["type"] == "IRI" and value.startswith(_BNID):
        return {"type": "blank node", "value": _bare(value)}
    return part
