"""The walk over an XML document: every element and attribute is visited once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final

from adapters.engine.leaf import Leaf
from adapters.engine.reading import AttrLeaf, Draft
from adapters.engine.shapes import Place, Places, places, shape
from adapters.engine.strangers import XSI, Index, Strangers, elements, line_of, local, out_of_order
from adapters.engine.table import Predicate
from adapters.engine.trie import Node
from schemas.codes import Converted
from schemas.document import NO_ATTRS, Term
from schemas.loss import LossClass
from schemas.xml import Element

_EXACT: Final = LossClass.EXACT
_EXT: Final = LossClass.EXT


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
            return predicate.holds(here.get(name[1:], ""))
        found = next((child for child in elements(here) if local(child.tag) == name), None)
        if found is None:
            return False
        here = found
    return predicate.holds((here.text or "").strip())


class XmlWalk(Strangers):
    """Walks one document by the trie of its format and fills a draft."""

    def __init__(self, draft: Draft) -> None:
        """Walk for `draft`."""
        super().__init__(draft)
        self.terms = draft.terms
        self.by_id = draft.by_id
        self.leaves = draft.leaves

    def run(self, root: Element, node: Node) -> None:
        """Walk from the root; a known root inside wrappers is found and the wrapping reported."""
        if root.tag == node.tag:
            self.enter(root, select(root, node), "/" + node.name, ())
            return
        path = "/" + local(str(root.tag))
        if path[1:] == node.name:
            space = node.tag[1:].partition("}")[0]
            self.draft.finding("namespace", path, line=line_of(root), expected=space)
        else:
            self.draft.finding("wrapper", path, line=line_of(root), expected=node.name)
        self.stranger(root, path, node)

    def home(self, element: Element, node: Node) -> Node:
        """Return the variant of the root that an element is."""
        return select(element, node)

    def enter(self, element: Element, node: Node, path: str, index: Index) -> None:
        """Walk a known element: a leaf or a group, and its attributes."""
        if element.keys():
            self._attributes(element, node.attrs, path, index)
        if node.kids is None:
            self._leaf(element, node, path, index)
            return
        text = element.text
        if text and not text.isspace():
            self.stray(element, text, path)
        children: list[Any] = list(element)
        known = shape(node, tuple([child.tag for child in children]))
        if known is None:
            self._irregular(children, element, node, path, index)
        else:
            self._regular(children, places(known, path, index), element, path, index)

    def _regular(
        self, children: list[Any], places: Places, element: Element, above: str, index: Index
    ) -> None:
        """Read the children of a group whose structure is in order."""
        counters: dict[str, int] = {}
        by_id = self.by_id
        add_term, add_leaf = self.terms.append, self.leaves.append
        for child, here in zip(children, places, strict=True):
            kid, path, leaf, term_id, attr, _ = here
            text = child.tail
            if text and not text.isspace():
                self.stray(element, text, above)
            if leaf is None or len(child) or child.keys():
                self._other(child, kid, path, index, counters)
                continue
            text = child.text
            value = text.strip() if text else ""
            if not value:
                if kid.low:
                    self.missing(kid, path, element)
            elif term_id and not attr and leaf.plain and leaf.sound(value):
                term = Term(term_id, value, NO_ATTRS, path, child.sourceline, value, _EXACT, "")
                add_term(term)
                add_leaf(term)
                by_id.setdefault(term_id, term)
            elif not (self._attribute if attr else self._converted)(here, leaf, value, child):
                self._value(leaf, value, path, child, index)

    def _converted(self, here: Place, leaf: Leaf, text: str, element: Any) -> bool:  # noqa: ANN401 - lxml's stubs have no type for the line
        """Take a code that was converted before; False if it has to go the long way."""
        known = leaf.memo.get(text)
        if known is None or known.cls is _EXT or not here.term:
            return False
        line = element.sourceline
        self.leaves.append(self.draft.add_read(here.term, known, text, here.path, line))
        return True

    def _attribute(self, here: Place, leaf: Leaf, text: str, element: Any) -> bool:  # noqa: ANN401 - lxml's stubs have no type for the line
        """Take an attribute that was read before; False if it has to go the long way."""
        easy = leaf.easy.get(text)
        if easy is None:
            return False
        found, attrs = easy
        _, path, _, term_id, attr, others = here
        line = element.sourceline
        self._trace(AttrLeaf(path, line, text, found, term_id, attr, attrs, others))
        return True

    def _trace(self, trace: AttrLeaf) -> None:
        """Keep an attribute, and set it at once where its only term is known already."""
        self.leaves.append(trace)
        term = self.by_id.get(trace.term)
        if term is None or trace.others or trace.scale:
            self.draft.pending.append(trace)
        else:
            trace.give(term)

    def _irregular(
        self, children: list[Any], element: Element, node: Node, path: str, index: Index
    ) -> None:
        """Read the children of a group in which something is unknown, missing or misplaced."""
        kids = node.kids or {}
        seen: dict[str, int] = {}
        counters: dict[str, int] = {}
        misplaced = out_of_order([kids[c.tag].order for c in children if c.tag in kids])
        position = -1
        for child in children:
            if child.tail and not child.tail.isspace():
                self.stray(element, child.tail, path)
            kid = kids.get(child.tag)
            if kid is None:
                self.unknown(child, path, seen)
                continue
            position += 1
            seen[kid.name] = number = seen.get(kid.name, 0) + 1
            place = path + kid.slash if number == 1 else f"{path}{kid.slash}[{number}]"
            if position in misplaced:
                self.misplaced(child, kid, place)
            if number > kid.high and self.repeated(child, kid, place):
                continue
            self._other(child, kid, place, index, counters)
        present = {child.tag for child in children}
        for kid in node.required:
            if kid.tag not in present:
                self.missing(kid, path + kid.slash, element)

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

    def _leaf(self, element: Element, node: Node, path: str, index: Index) -> None:
        """Read a leaf's text; children where none belong are kept as strangers."""
        text = self.mixed(element, path) if len(element) else element.text
        value = text.strip() if text else ""
        if not value:
            if node.low:
                self.missing(node, path, element)
        elif node.leaf is None:
            self.keep(path, value, line_of(element))
        else:
            self._value(node.leaf, value, path, element, index)

    def _value(self, leaf: Leaf, text: str, path: str, element: Element, index: Index) -> None:
        """Turn one source value into its terms or attributes, with findings."""
        found = leaf.memo.get(text) or self._take(leaf, text, path, element, index)
        first = leaf.goals[0]
        term_id = first.id(index)
        line = line_of(element)
        others = leaf.others
        if first.attr:
            shared = leaf.attrs.get(text) or leaf.shared(first.attr, text, found)
            more = tuple([(goal.id(index), goal.attr) for goal in others]) if others else ()
            scale = text in leaf.scales
            trace = AttrLeaf(path, line, text, found, term_id, first.attr, shared, more, scale)
            self._trace(trace)
            return
        if found.cls is _EXT:
            term_id = leaf.homeless(term_id)
        self.leaves.append(self.draft.add_read(term_id, found, text, path, line))
        for goal in others:
            if goal.attr:
                more_attrs = {goal.attr: found.value}
                self.draft.pending.append(
                    AttrLeaf(path, line, text, found, goal.id(index), goal.attr, more_attrs)
                )
            else:
                self.draft.add_read(goal.id(index), found, text, path, line)

    def _take(self, leaf: Leaf, text: str, path: str, element: Element, index: Index) -> Converted:
        """Convert a value seen for the first time, and report its faults."""
        found, faults = leaf.take(text)
        for kind in faults:
            self.draft.finding(
                kind,
                path,
                line=line_of(element),
                term=leaf.goals[0].id(index),
                found=text,
                expected=leaf.expected,
                flag=leaf.flag,
            )
        return found

    def _attributes(
        self, element: Element, known: dict[str, Leaf], path: str, index: Index
    ) -> None:
        """Read the attributes of an element; unknown ones are kept and reported."""
        items: Iterable[tuple[Any, Any]] = element.items()
        for name, text in items:
            if name.startswith(XSI):
                continue
            leaf = known.get(name)
            place = f"{path}/@{local(name)}"
            if leaf is not None:
                self._value(leaf, text.strip(), place, element, index)
                continue
            self.draft.finding(
                "unknown",
                place,
                line=line_of(element),
                found=text,
                flag=self.draft.format.unknown,
            )
            self.keep(place, text, line_of(element))
