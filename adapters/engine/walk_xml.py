"""The walk over an XML document: every element and attribute is visited once."""

from __future__ import annotations

from typing import Final

from adapters.engine.leaf import Leaf
from adapters.engine.reading import Draft, LeafTrace, PendingAttr
from adapters.engine.table import Predicate
from adapters.engine.trie import Node
from schemas.codes import Converted
from schemas.document import NO_ATTRS, Term
from schemas.finding import Flag
from schemas.loss import LossClass
from schemas.xml import Element

_XSI: Final = "{http://www.w3.org/2001/XMLSchema-instance}"
_EXT: Final = LossClass.EXT

Index = tuple[str, ...]


def local(tag: str) -> str:
    """Return the local name of a tag or attribute name."""
    return tag.rpartition("}")[2]


def select(element: Element, node: Node) -> Node:
    """Return the variant of a node that the element's own content chooses."""
    for predicate, variant in node.variants:
        if _holds(element, predicate):
            return variant
    return node


def _holds(element: Element, predicate: Predicate) -> bool:
    here = element
    for name in predicate.path:
        if name.startswith("@"):
            return here.get(name[1:]) == predicate.value
        found = next((c for c in here if isinstance(c.tag, str) and local(c.tag) == name), None)
        if found is None:
            return False
        here = found
    return (here.text or "").strip() == predicate.value


class XmlWalk:
    """Walks one document by the trie of its format and fills a draft."""

    def __init__(self, draft: Draft, *, terms: bool = True) -> None:
        """Walk for `draft`; with `terms` false only findings and leaves are wanted."""
        self.draft = draft
        self.terms = draft.terms
        self.by_id = draft.by_id
        self.leaves = draft.leaves
        self.ext = f"ext.{draft.format.ext}."
        self.unknown = draft.format.unknown
        self.want = terms

    def run(self, root: Element, node: Node) -> None:
        """Walk from the root; a known root inside wrappers is found and the wrapping reported."""
        if root.tag == node.tag:
            self.enter(root, select(root, node), "/" + node.name, ())
            return
        path = "/" + local(root.tag)
        self.draft.finding("wrapper", path, line=root.sourceline or 0, expected=node.name)
        self.stranger(root, path, node)

    def enter(self, element: Element, node: Node, path: str, index: Index) -> None:
        """Walk a known element: a leaf or a group, and its attributes."""
        names = element.keys()
        if names:
            self.attributes(element, node.attrs, path, index)
        if node.kids is None:
            self.leaf(element, node, path, index)
        else:
            self.group(element, node, path, index)

    def group(self, element: Element, node: Node, path: str, index: Index) -> None:
        """Walk the children of a known group."""
        kids = node.kids or {}
        seen: dict[str, int] = {}
        counters: dict[str, int] = {}
        present: set[str] = set()
        last = -1
        for child in element:
            kid = kids.get(child.tag)
            if kid is None:
                if isinstance(child.tag, str):
                    self._unknown(child, path, seen)
                continue
            name = kid.name
            number = seen.get(name, 0) + 1
            seen[name] = number
            present.add(kid.tag)
            place = path + kid.slash if number == 1 else f"{path}{kid.slash}[{number}]"
            if kid.order < last:
                self._misplaced(child, node, kid, last, place)
            else:
                last = kid.order
            if number > kid.high:
                self._repeated(child, kid, place)
                if not kid.repeat:
                    self.stranger(child, place)
                    continue
            if kid.variants:
                kid = select(child, kid)
            inner = index
            if kid.repeat:
                count = counters.get(kid.counter, 0) + 1
                counters[kid.counter] = count
                inner = (*index, f"[{count}]")
            self.enter(child, kid, place, inner)
        for kid in node.required:
            if kid.tag not in present:
                self._missing(kid, f"{path}{kid.slash}", element)

    def leaf(self, element: Element, node: Node, path: str, index: Index) -> None:
        """Read a leaf's text; children where none belong are kept as strangers."""
        text = element.text
        if len(element):
            text = self._mixed(element, path)
        value = text.strip() if text else ""
        leaf = node.leaf
        if not value:
            if node.low:
                self._missing(node, path, element)
            return
        if leaf is None:
            self._keep(path, value, element.sourceline or 0)
            return
        self.value(leaf, value, path, element.sourceline or 0, index)

    def value(self, leaf: Leaf, text: str, path: str, line: int, index: Index) -> None:
        """Turn one source value into its terms or attributes, with findings."""
        found = leaf.memo.get(text)
        if found is None:
            found, faults = leaf.take(text)
            for kind in faults:
                self._fault(kind, leaf, text, path, line, index)
        if not self.want:
            self.leaves.append(LeafTrace(path, text, "", found.cls, ""))
            return
        goal = leaf.lone
        if goal is None:
            self._several(leaf, found, text, path, line, index)
            return
        term_id = goal.id(index)
        term = Term(term_id, found.value, NO_ATTRS, path, line, text, found.cls, found.reason)
        self.terms.append(term)
        self.by_id.setdefault(term_id, term)
        self.leaves.append(LeafTrace(path, text, term_id, found.cls, found.reason))

    def _several(
        self, leaf: Leaf, found: Converted, text: str, path: str, line: int, index: Index
    ) -> None:
        """Serve a leaf that has several goals or is an attribute of other terms."""
        attrs = []
        first = ""
        for goal in leaf.goals:
            term_id = goal.id(index)
            if goal.attr:
                attrs.append((term_id, goal.attr))
                self.draft.pending.append(
                    PendingAttr(term_id, goal.attr, found, text, path, line)
                )
            else:
                first = first or term_id
                self.draft.add_read(term_id, found, text, path, line)
        self.leaves.append(LeafTrace(path, text, first, found.cls, found.reason, tuple(attrs)))

    def attributes(
        self, element: Element, known: dict[str, Leaf], path: str, index: Index
    ) -> None:
        """Read the attributes of an element; unknown ones are kept and reported."""
        for name, text in element.items():
            if name.startswith(_XSI):
                continue
            leaf = known.get(name)
            place = f"{path}/@{local(name)}"
            line = element.sourceline or 0
            if leaf is None:
                self.draft.finding("unknown", place, line=line, found=text, flag=self.unknown)
                self._keep(place, text, line)
            else:
                self.value(leaf, text.strip(), place, line, index)

    def stranger(self, element: Element, path: str, home: Node | None = None) -> None:
        """Keep an unknown element with everything below it; `home` is a root to look out for."""
        line = element.sourceline or 0
        for name, text in element.items():
            if not name.startswith(_XSI):
                self._keep(f"{path}/@{local(name)}", text, line)
        children = [child for child in element if isinstance(child.tag, str)]
        if not children:
            text = "".join(element.itertext()).strip()
            if text:
                self._keep(path, text, line)
            return
        seen: dict[str, int] = {}
        for child in children:
            name = local(child.tag)
            seen[name] = number = seen.get(name, 0) + 1
            place = f"{path}/{name}" if number == 1 else f"{path}/{name}[{number}]"
            if home is not None and child.tag == home.tag:
                self.enter(child, select(child, home), place, ())
            else:
                self.stranger(child, place, home)

    def _unknown(self, child: Element, path: str, seen: dict[str, int]) -> None:
        name = local(child.tag)
        seen[name] = number = seen.get(name, 0) + 1
        place = f"{path}/{name}" if number == 1 else f"{path}/{name}[{number}]"
        line = child.sourceline or 0
        found = (child.text or "").strip()
        self.draft.finding("unknown", place, line=line, found=found, flag=self.unknown)
        self.stranger(child, place)

    def _keep(self, path: str, text: str, line: int) -> None:
        """Keep a value that the table does not know as an extension term."""
        below = path.split("/", 2)[-1]
        term_id = self.ext + below.replace("/", ".")
        if self.want:
            term = Term(term_id, text, NO_ATTRS, path, line, text, _EXT, "")
            self.terms.append(term)
            self.by_id.setdefault(term_id, term)
        self.leaves.append(LeafTrace(path, text, term_id, _EXT, ""))

    def _mixed(self, element: Element, path: str) -> str:
        """Return the whole text of a leaf that has comments or, wrongly, elements inside."""
        seen: dict[str, int] = {}
        parts = [element.text or ""]
        for child in element:
            if isinstance(child.tag, str):
                self._unknown(child, path, seen)
            parts.append(child.tail or "")
        return "".join(parts)

    def _fault(
        self, kind: str, leaf: Leaf, text: str, path: str, line: int, index: Index
    ) -> None:
        goal = leaf.goals[0]
        self.draft.finding(
            kind,
            path,
            line=line,
            term=goal.id(index),
            found=text,
            expected=leaf.expected,
            flag=leaf.flag,
        )

    def _missing(self, node: Node, path: str, parent: Element) -> None:
        expected = node.leaf.expected if node.leaf else node.name
        term = node.leaf.goals[0].pattern if node.leaf else ""
        self.draft.finding(
            "mandatory",
            path,
            line=parent.sourceline or 0,
            term=term,
            expected=expected,
            flag=node.flag,
        )

    def _repeated(self, child: Element, kid: Node, place: str) -> None:
        self.draft.finding(
            "repeated", place, line=child.sourceline or 0, expected=str(kid.high), flag=Flag.FATAL
        )

    def _misplaced(self, child: Element, node: Node, kid: Node, last: int, place: str) -> None:
        before = next((n.name for n in node.children() if n.order == last), kid.name)
        self.draft.finding(
            "sequence",
            place,
            line=child.sourceline or 0,
            expected=before,
            flag=self.draft.format.sequence,
        )
