"""RDF statements in canonical form (RDFC-1.0): blank nodes named by what is said of them."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from certs.records.model import Broken

Labels = Mapping[str, str]
"""Blank node labels without the leading `_:`, from one naming to another."""
Relabel = Callable[[Labels], Labels]
"""From canonical labels (label here -> c14nN) to the labels that are signed."""

_MAX_ALIKE: Final = 6
_MAX_ROUNDS: Final = 2000
_STRING: Final = "http://www.w3.org/2001/XMLSchema#string"
_LANGUAGE: Final = "http://www.w3.org/1999/02/22-rdf-syntax-ns#langString"
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

Dataset = dict[str, list[dict[str, Any]]]


@dataclass(frozen=True, slots=True)
class Canonical:
    """The sorted statements of a document, and how its blank nodes came to their labels."""

    statements: tuple[str, ...]
    labels: Labels


def canonical(found: Dataset, relabel: Relabel | None = None) -> Canonical:
    """Return the canonical statements (RDFC-1.0), under other labels where `relabel` says so."""
    names = _canonical_labels(found)
    wanted = names if relabel is None else relabel(names)
    statements = [_written(quad, graph, wanted) for graph, quad in _quads(found)]
    return Canonical(tuple(sorted(set(statements))), wanted)


def statements_of(found: Dataset, labels: Labels) -> frozenset[str]:
    """Return the statements of a part of a document under the labels of the whole."""
    try:
        return frozenset(_written(quad, graph, labels) for graph, quad in _quads(found))
    except KeyError:
        raise Broken("A list cannot be disclosed in part.", "列表不能部分披露。") from None


def _quads(found: Dataset) -> Iterator[tuple[str, dict[str, Any]]]:
    for graph, quads in found.items():
        for quad in quads:
            yield ("" if graph == "@default" else graph), quad


def _canonical_labels(found: Dataset) -> Labels:
    """Return the canonical label of each blank node; raises Broken for a poisoned graph."""
    from pyld.canon import URDNA2015

    class Bounded(URDNA2015):  # type: ignore[misc]
        """The algorithm, with a limit on what a hostile graph can cost.

        Statements are hashed in canonical form (RDFC-1.0, 5): the library's has other escapes.
        """

        rounds = 0

        def hash_first_degree_quads(self, node: str) -> Any:  # noqa: ANN401 - as there
            info = self.blank_node_info[node]
            if "hash" not in info:
                names = defaultdict(lambda: "z", {node.removeprefix("_:"): "a"})
                found = [_written(quad, _graph(quad), names) for quad in info["quads"]]
                info["hash"] = self.hash_nquads(sorted(found))
            return info["hash"]

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


def _graph(quad: Mapping[str, Mapping[str, str]]) -> str:
    return quad["name"]["value"] if "name" in quad else ""


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
