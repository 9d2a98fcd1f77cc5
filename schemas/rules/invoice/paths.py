"""Paths of rule packs: `cac:TaxTotal/cac:TaxSubtotal{taxed VAT}/cbc:TaxAmount@currencyID`.

Steps are joined by `/`; `..` goes up, `.` is the node itself, `/cbc:ID` begins below the root
element, `//cbc:ID` anywhere; `LINE` is an invoice or credit note line. A clause in braces keeps the
elements for which it holds. `@name` at the end is an attribute; `|` joins the finds of several.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import cache
from typing import Final, NamedTuple

from schemas.rules.invoice.tree import Node, Tree, Undecidable

Claim = Callable[[Node, Tree], bool]

_LINES: Final = ("cac:InvoiceLine", "cac:CreditNoteLine")


class _Step(NamedTuple):
    names: tuple[str, ...]
    keeps: Claim | None


class Path(NamedTuple):
    """A path without alternatives: where it begins, its steps, and the attribute at its end."""

    start: str
    steps: tuple[_Step, ...]
    attribute: str

    def nodes(self, node: Node, tree: Tree) -> list[Node]:
        """Return the elements at the path, those that have the attribute if one is named."""
        steps: Iterable[_Step] = self.steps
        if self.start == "//":
            found = [each for name in self.steps[0].names for each in tree.named(name)]
            found = _kept(found, self.steps[0], tree)
            steps = self.steps[1:]
        else:
            found = [tree.root] if self.start == "/" else [node]
        for step in steps:
            found = _kept([kid for each in found for kid in _below(each, step)], step, tree)
        return [n for n in found if self.attribute in n.attrs] if self.attribute else found


class Union(NamedTuple):
    """The finds of one or more paths."""

    paths: tuple[Path, ...]

    def nodes(self, node: Node, tree: Tree) -> list[Node]:
        """Return the elements at the paths."""
        if len(self.paths) == 1:
            return self.paths[0].nodes(node, tree)
        return [found for path in self.paths for found in path.nodes(node, tree)]

    def texts(self, node: Node, tree: Tree) -> list[str]:
        """Return the texts, or the values of the attributes, as they stand."""
        return [
            found.attrs[path.attribute] if path.attribute else found.text
            for path in self.paths
            for found in path.nodes(node, tree)
        ]

    def text(self, node: Node, tree: Tree) -> str:
        """Return the one text, "" if there is none; raises Undecidable if there are more."""
        found = self.texts(node, tree)
        if len(found) > 1:
            raise Undecidable(found[0])
        return found[0] if found else ""


@cache
def path(text: str, clause: Callable[[str], Claim]) -> Union:
    """Return a path of a pack, ready to use; `clause` reads what stands in braces."""
    return Union(tuple(_path(each, clause) for each in split(text, "|")))


def split(text: str, mark: str) -> list[str]:
    """Return the parts of a text between marks, those in braces left whole."""
    parts, depth = [""], 0
    for char in text:
        depth += (char == "{") - (char == "}")
        if char == mark and not depth:
            parts.append("")
        else:
            parts[-1] += char
    return parts


def _path(text: str, clause: Callable[[str], Claim]) -> Path:
    text = text.strip()
    start = "//" if text.startswith("//") else "/" if text.startswith("/") else ""
    steps = split(text[len(start) :], "/")
    steps[-1], *attribute = split(steps[-1], "@")
    found = tuple(_step(step, clause) for step in steps if step not in ("", "."))
    return Path(start, found, attribute[0] if attribute else "")


def _step(text: str, clause: Callable[[str], Claim]) -> _Step:
    name, brace, rest = text.partition("{")
    return _Step(_LINES if name == "LINE" else (name,), clause(rest[:-1]) if brace else None)


def _below(node: Node, step: _Step) -> list[Node]:
    if step.names == ("..",):
        return [] if node.parent is None else [node.parent]
    if len(step.names) == 1:
        return node.all(step.names[0])
    return [kid for name in step.names for kid in node.all(name)]


def _kept(found: list[Node], step: _Step, tree: Tree) -> list[Node]:
    keeps = step.keeps
    return found if keeps is None else [node for node in found if keeps(node, tree)]
