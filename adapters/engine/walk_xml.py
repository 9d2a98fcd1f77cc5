"""The walk over an XML document: every element and attribute is visited once."""

from __future__ import annotations

from typing import Final

from lxml import etree

from adapters.engine.leaf import Leaf
from adapters.engine.reading import AttrLeaf, Draft
from adapters.engine.table import Predicate
from adapters.engine.trie import Node
from schemas.codes import Converted
from schemas.document import NO_ATTRS, Term
from schemas.finding import Flag
from schemas.loss import LossClass
from schemas.xml import Element

_XSI: Final = "{http://www.w3.org/2001/XMLSchema-instance}"
_EXACT: Final = LossClass.EXACT
_EXT: Final = LossClass.EXT

Index = tuple[str, ...]

_ATTRIBUTED: Final = etree.XPath("boolean(//@*)")


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

    def __init__(self, draft: Draft) -> None:
        """Walk for `draft`."""
        self.draft = draft
        self.terms = draft.terms
        self.by_id = draft.by_id
        self.leaves = draft.leaves
        self.ext = f"ext.{draft.format.ext}."
        self.unknown = draft.format.unknown
        self.attributed = True

    def run(self, root: Element, node: Node) -> None:
        """Walk from the root; a known root inside wrappers is found and the wrapping reported."""
        self.attributed = bool(_ATTRIBUTED(root))
        if root.tag == node.tag:
            self.enter(root, select(root, node), "/" + node.name, ())
            return
        path = "/" + local(root.tag)
        line = root.sourceline or 0
        if local(root.tag) == node.name:
            space = node.tag[1:].partition("}")[0]
            self.draft.finding("namespace", path, line=line, expected=space)
        else:
            self.draft.finding("wrapper", path, line=line, expected=node.name)
        self.stranger(root, path, node)

    def enter(self, element: Element, node: Node, path: str, index: Index) -> None:
        """Walk a known element: a leaf or a group, and its attributes."""
        if self.attributed and element.keys():
            self.attributes(element, node.attrs, path, index)
        if node.kids is None:
            self.leaf(element, node, path, index)
        else:
            self.group(element, node, path, index)

    def group(self, element: Element, node: Node, path: str, index: Index) -> None:
        """Walk the children of a known group; plain leaves are read in place, as they are most."""
        find = (node.kids or {}).get
        attributed = self.attributed
        first = index[0] if index else ""
        seen: dict[str, int] = {}
        counters: dict[str, int] = {}
        strange = False
        last = -1
        text = element.text
        if text and not text.isspace():
            self._stray(element, text, path)
        for child in element:
            text = child.tail
            if text and not text.isspace():
                self._stray(element, text, path)
            kid = find(child.tag)
            if kid is None:
                strange = self._unknown(child, path, seen) or strange
                continue
            name = kid.name
            if name in seen:
                seen[name] = number = seen[name] + 1
                place = f"{path}{kid.slash}[{number}]"
                if number > kid.high and self._repeated(child, kid, place):
                    continue
            else:
                seen[name] = 1
                place = path + kid.slash
            if kid.order < last:
                self._misplaced(child, node, last, place)
            else:
                last = kid.order
            goal = kid.fast
            if goal is None or len(child) or (attributed and child.keys()):
                self._other(child, kid, place, index, counters)
                continue
            text = child.text
            value = text.strip() if text else ""
            if not value:
                if kid.low:
                    self._missing(kid, place, element)
                continue
            leaf = kid.quick
            if goal.depth == 1:
                term_id = goal.head + first + goal.tail
            else:
                term_id = goal.id(index)
            line = child.sourceline
            if leaf.plain and leaf.sound(value) and not goal.attr:
                term = Term(term_id, value, NO_ATTRS, place, line, value, _EXACT, "")
            else:
                found = leaf.memo.get(value) or self._take(leaf, value, place, child, index)
                if goal.attr:
                    self._attribute(leaf, found, term_id, value, place, child, index)
                    continue
                if found.cls is _EXT:
                    term_id = leaf.homeless(term_id)
                term = Term(
                    term_id, found.value, NO_ATTRS, place, line, value, found.cls, found.reason
                )
            self.terms.append(term)
            self.leaves.append(term)
            self.by_id.setdefault(term_id, term)
        for kid in node.required:
            if kid.name not in seen or (strange and _absent(element, kid)):
                self._missing(kid, path + kid.slash, element)

    def _attribute(
        self,
        leaf: Leaf,
        found: Converted,
        term_id: str,
        text: str,
        path: str,
        element: Element,
        index: Index,
    ) -> None:
        """Note a leaf that is an attribute of one or more terms."""
        attr = leaf.goals[0].attr
        shared = leaf.attrs.get(text) or leaf.shared(attr, text, found)
        others = leaf.others
        trace = AttrLeaf(
            path,
            element.sourceline or 0,
            text,
            found,
            term_id,
            attr,
            shared,
            tuple([(goal.id(index), goal.attr) for goal in others]) if others else (),
            text in leaf.scales,
        )
        self.draft.pending.append(trace)
        self.leaves.append(trace)

    def _other(
        self, child: Element, kid: Node, place: str, index: Index, counters: dict[str, int]
    ) -> None:
        """Enter a child that is no plain leaf: choose its variant and its running index."""
        if kid.variants:
            kid = select(child, kid)
        if kid.repeat:
            counters[kid.counter] = count = counters.get(kid.counter, 0) + 1
            index = (*index, f"[{count}]")
        self.enter(child, kid, place, index)

    def leaf(self, element: Element, node: Node, path: str, index: Index) -> None:
        """Read a leaf's text; children where none belong are kept as strangers."""
        text = self._mixed(element, path) if len(element) else element.text
        value = text.strip() if text else ""
        if not value:
            if node.low:
                self._missing(node, path, element)
        elif node.leaf is None:
            self._keep(path, value, element.sourceline or 0)
        else:
            self.value(node.leaf, value, path, element, index)

    def value(self, leaf: Leaf, text: str, path: str, element: Element, index: Index) -> None:
        """Turn one source value into its terms or attributes, with findings."""
        found = leaf.memo.get(text) or self._take(leaf, text, path, element, index)
        first = leaf.goals[0]
        if first.attr:
            self._attribute(leaf, found, first.id(index), text, path, element, index)
            return
        line = element.sourceline or 0
        term_id = first.id(index)
        if found.cls is _EXT:
            term_id = leaf.homeless(term_id)
        self.leaves.append(self.draft.add_read(term_id, found, text, path, line))
        for goal in leaf.others:
            if goal.attr:
                shared = {goal.attr: found.value}
                self.draft.pending.append(
                    AttrLeaf(path, line, text, found, goal.id(index), goal.attr, shared)
                )
            else:
                self.draft.add_read(goal.id(index), found, text, path, line)

    def _take(
        self, leaf: Leaf, text: str, path: str, element: Element, index: Index
    ) -> Converted:
        """Convert a value seen for the first time, and report its faults."""
        found, faults = leaf.take(text)
        for kind in faults:
            self.draft.finding(
                kind,
                path,
                line=element.sourceline or 0,
                term=leaf.goals[0].id(index),
                found=text,
                expected=leaf.expected,
                flag=leaf.flag,
            )
        return found

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
                self.value(leaf, text.strip(), place, element, index)

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

    def _unknown(self, child: Element, path: str, seen: dict[str, int]) -> bool:
        """Report and keep an unknown child; tell whether it was an element at all."""
        if not isinstance(child.tag, str):
            return False
        name = local(child.tag)
        seen[name] = number = seen.get(name, 0) + 1
        place = f"{path}/{name}" if number == 1 else f"{path}/{name}[{number}]"
        line = child.sourceline or 0
        found = (child.text or "").strip()
        self.draft.finding("unknown", place, line=line, found=found, flag=self.unknown)
        self.stranger(child, place)
        return True

    def _keep(self, path: str, text: str, line: int) -> None:
        """Keep a value that the table does not know as an extension term."""
        below = path.split("/", 2)[-1]
        found = Converted(text, _EXT)
        term = self.draft.add_read(
            self.ext + below.replace("/", "."), found, text, path, line
        )
        self.leaves.append(term)

    def _mixed(self, element: Element, path: str) -> str:
        """Return the whole text of a leaf that has comments or, wrongly, elements inside."""
        seen: dict[str, int] = {}
        parts = [element.text or ""]
        for child in element:
            if isinstance(child.tag, str):
                self._unknown(child, path, seen)
            parts.append(child.tail or "")
        return "".join(parts)

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

    def _stray(self, element: Element, text: str, path: str) -> None:
        """Report and keep text that stands between elements, where none belongs."""
        line = element.sourceline or 0
        self.draft.finding("shape", path, line=line, found=text.strip()[:80], expected="elements")
        self._keep(path + "/text()", text.strip(), line)

    def _repeated(self, child: Element, kid: Node, place: str) -> bool:
        """Report one too many; keep it aside, and say so, where the format knows but one."""
        line = child.sourceline or 0
        self.draft.finding("repeated", place, line=line, expected=str(kid.high))
        if not kid.repeat:
            self.stranger(child, place)
        return not kid.repeat

    def _misplaced(self, child: Element, node: Node, last: int, place: str) -> None:
        self.draft.finding(
            "sequence",
            place,
            line=child.sourceline or 0,
            expected=next(kid.name for kid in node.children() if kid.order == last),
            flag=self.draft.format.sequence,
        )


def _absent(element: Element, kid: Node) -> bool:
    """Tell whether a child is missing although a stranger of its name is there."""
    return all(child.tag != kid.tag for child in element)
