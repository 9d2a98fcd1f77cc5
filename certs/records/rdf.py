"""A credential as canonical RDF statements (JSON-LD 1.1, RDFC-1.0), strictly.

Everything a credential says must become a statement: a name that no context defines, a relative
type or id, or a context of its own is refused, for it would be outside every signature.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from certs.records import contexts
from certs.records.model import Broken
from certs.records.strict import Json

Labels = Mapping[str, str]
"""Blank node labels without the leading `_:`, from one naming to another."""
Relabel = Callable[[Labels], Labels]
"""From canonical labels (label here -> c14nN) to the labels that are signed."""

_BNID: Final = "urn:bnid:"
_MAX_STATEMENTS: Final = 5000
_MAX_ALIKE: Final = 6
_MAX_ROUNDS: Final = 2000
_STRING: Final = "http://www.w3.org/2001/XMLSchema#string"
_LANGUAGE: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString"
_VALUE_KEYS: Final = frozenset({"@value", "@language", "@direction"})
_SPECIAL: Final = re.compile(r'[\x00-\x1f\x7f"\\]')
_ESCAPES: Final = {
    "\b": "\\b",
    "\t": "\\t",
    "\n": "\\n",
    "\f": "\\f",
    "\r": "\\r",
    '"': '\\"',
    "\\": "\\\\",
}
_ABSOLUTE: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:[^\s<>\"{}|\\^`]*|_:[\w.-]+|@json|@none")
_LONE: Final = re.compile("[\ud800-\udfff]")

Dataset = dict[str, list[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Canonical:
    """The sorted statements of a document, and how its blank nodes came to their labels."""

    statements: tuple[str, ...]
    labels: Labels


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


def canonical(found: Dataset, relabel: Relabel | None = None) -> Canonical:
    """Return the canonical statements (RDFC-1.0), under other labels where `relabel` says so."""
    names = _canonical_labels(found)
    wanted = names if relabel is None else relabel(names)
    statements = [_written(quad, graph, wanted) for graph, quad in _quads(found)]
    return Canonical(tuple(sorted(set(statements))), wanted)


def canonical_text(document: Json) -> bytes:
    """Return the canonical N-Quads of a document."""
    return "".join(canonical(dataset(expanded(document))).statements).encode()


def _quads(found: Dataset) -> Iterator[tuple[str, dict[str, Any]]]:
    for graph, quads in found.items():
        for quad in quads:
            yield ("" if graph == "@default" else graph), quad


def _canonical_labels(found: Dataset) -> Labels:
    """Return the canonical label of each blank node; raises Broken for a poisoned graph."""
    from pyld.canon import URDNA2015

    class Bounded(URDNA2015):  # type: ignore[misc]
        """The algorithm, with a limit on what a hostile graph can cost."""

        rounds = 0

        def create_hash_to_related(self, node: str, issuer: Any) -> Any:  # noqa: ANN401 - as there
            self.rounds += 1
            related = super().create_hash_to_related(node, issuer)
            alike = max(map(len, related.values()), default=0)
            if self.rounds > _MAX_ROUNDS or alike > _MAX_ALIKE:
                raise Broken("The credential cannot be canonicalised.", "凭证无法规范化。")
            return related

    copied = {
        graph: [{key: dict(part) for key, part in quad.items()} for quad in quads]
        for graph, quads in found.items()
    }
    algorithm = Bounded()
    algorithm.main(copied, {"format": "application/n-quads"})
    issued: Mapping[str, str] = algorithm.canonical_issuer.existing
    return {old.removeprefix("_:"): new.removeprefix("_:") for old, new in issued.items()}


def _written(quad: Mapping[str, Mapping[str, str]], graph: str, labels: Labels) -> str:
    parts = [_term(quad[name], labels) for name in ("subject", "predicate", "object")]
    if graph:
        kind = "blank node" if graph.startswith("_:") else "IRI"
        parts.append(_term({"type": kind, "value": graph}, labels))
    return " ".join(parts) + " .\n"


def _term(part: Mapping[str, str], labels: Labels) -> str:
    value = part["value"]
    match part["type"]:
        case "IRI":
            return f"<{value}>"
        case "blank node":
            return f"_:{labels[value.removeprefix('_:')]}"
    text = '"' + _SPECIAL.sub(_escaped, value) + '"'
    kind = part.get("datatype", _STRING)
    if kind == _LANGUAGE:
        return f"{text}@{part['language']}"
    return text if kind == _STRING else f"{text}^^<{kind}>"


def _escaped(found: re.Match[str]) -> str:
    return _ESCAPES.get(found[0], f"\\u{ord(found[0]):04X}")


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


def statements_of(found: Dataset, labels: Labels) -> frozenset[str]:
    """Return the statements of a part of a document under the labels of the whole."""
    try:
        return frozenset(_written(quad, graph, labels) for graph, quad in _quads(found))
    except KeyError:
        raise Broken("A list cannot be disclosed in part.", "列表不能部分披露。") from None


def select(document: Json, pointers: Sequence[str]) -> Json | None:
    """Return the part of a document that JSON pointers (RFC 6901) name, with ids and types.

    None when no pointer is given. Raises Broken for a pointer that leads nowhere.
    """
    if not pointers:
        return None
    chosen = _initial(document)
    chosen["@context"] = document["@context"]
    for pointer in pointers:
        _choose(document, chosen, _steps(pointer))
    found = _dense(chosen)
    if not isinstance(found, dict):  # pragma: no cover - a document is an object
        raise TypeError(found)
    return found


def _steps(pointer: str) -> list[str]:
    if not pointer.startswith("/"):
        raise Broken(f"{pointer!r} is no JSON pointer.", f"{pointer!r} 不是 JSON 指针。")
    return [each.replace("~1", "/").replace("~0", "~") for each in pointer[1:].split("/")]


class _Sparse(dict[int, Any]):
    """The chosen items of an array by their place."""


def _initial(value: Json) -> Json:
    given = value.get("id")
    found: Json = {}
    if given is not None and not str(given).startswith("_:"):
        found["id"] = given
    if "type" in value:
        found["type"] = value["type"]
    return found


def _choose(document: Json, chosen: Json, steps: Sequence[str]) -> None:
    value: Any = document
    place: Any = chosen
    for number, step in enumerate(steps):
        key = _key(value, step)
        value = value[key]
        if number == len(steps) - 1:
            place[key] = value
            return
        if key not in place:
            place[key] = _Sparse() if isinstance(value, list) else _initial(value)
        place = place[key]
        if place is value:
            return


def _key(value: object, step: str) -> str | int:
    if isinstance(value, dict) and step in value:
        return step
    if isinstance(value, list) and step.isdigit() and int(step) < len(value):
        return int(step)
    raise Broken(f"A pointer leads to no field: {step}.", f"指针未指向任何字段:{step}。")


def _dense(value: object) -> object:
    if isinstance(value, _Sparse):
        return [_dense(value[place]) for place in sorted(value)]
    if isinstance(value, dict):
        return {name: _dense(child) for name, child in value.items()}
    return value
