"""Writing a document back into its own format, on top of the source it was read from.

What was not touched keeps its bytes' meaning exactly: comments, empty elements, unknown elements
and foreign namespaces come out as they came in. Changed terms change their leaf, removed terms
remove it, new terms are put where the table wants them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from copy import deepcopy

from lxml import etree

from adapters.engine.format import Format
from adapters.engine.json_source import encode
from adapters.engine.leaf import Leaf
from adapters.engine.reading import AttrLeaf, Reading
from adapters.engine.strangers import elements, local, numbered
from adapters.engine.table import Row
from adapters.engine.terms import anatomy
from adapters.engine.trie import Node
from adapters.engine.walk_xml import select
from schemas.document import Document, Term
from schemas.loss import LossClass, LossEntry, LossReport
from schemas.xml import Element

_CHANGED = "changed in the canonical document / 规范文档中已修改"
_REMOVED = "removed from the canonical document / 规范文档中已删除"
_NO_LEAF = "the source has no leaf that could take the change / 源文件无可承载该修改的元素"


def serialise(root: object) -> bytes:
    """Return the source as bytes: XML in UTF-8 with its comments, or JSON."""
    if isinstance(root, Element):
        return bytes(etree.tostring(root.getroottree(), encoding="UTF-8", xml_declaration=True))
    return encode(root)


def differs(fresh: Reading, document: Document) -> bool:
    """Tell whether the document says anything else than its source does."""
    one, other = _index(fresh.document), _index(document)
    return one.keys() != other.keys() or any(
        term.value != other[key].value or dict(term.attrs) != dict(other[key].attrs)
        for key, term in one.items()
    )


def rewrite(fresh: Reading, document: Document, fmt: Format) -> tuple[bytes, LossReport]:
    """Return the XML source with the document's changes, and what became of each leaf.

    `fresh` is the source read anew.
    """
    patch = _Patch(fresh, document, fmt)
    patch.run()
    return serialise(patch.root), patch.report


def _index(document: Document) -> dict[str, Term]:
    found: dict[str, Term] = {}
    for term in document.terms:
        found.setdefault(anatomy(term.id).key, term)
    return found


class _Patch:
    """One source tree, copied, and what has to change in it."""

    def __init__(self, fresh: Reading, document: Document, fmt: Format) -> None:
        trace = fresh.document.trace
        self.format = fmt
        self.leaves: list[Term | AttrLeaf] = trace.leaves  # type: ignore[attr-defined] # ours
        self.old, self.new = _index(fresh.document), _index(document)
        copied = deepcopy(trace.root.getroottree())  # type: ignore[attr-defined] # an element
        self.root: Element = copied.getroot()
        self.places: dict[str, Element] = dict(_places(self.root))
        self.report = LossReport(fmt.id, fmt.id, source_leaves=len(self.leaves))

    def run(self) -> None:
        """Change and remove leaves, then insert what is new."""
        seen: set[tuple[str, str]] = set()
        for leaf in self.leaves:
            name, attr = (leaf.term, leaf.attr) if isinstance(leaf, AttrLeaf) else (leaf.id, "")
            key = anatomy(name).key
            seen.add((key, attr))
            self._leaf(leaf, key, attr)
        for key, term in self.new.items():
            derived = key in self.old and (key, "") not in seen
            if (key, "") not in seen and not derived:
                self._insert(term, "")
            for attr in term.attrs:
                if (key, attr) not in seen and not attr.startswith("source_") and not derived:
                    self._insert(term, attr)

    def _leaf(self, leaf: Term | AttrLeaf, key: str, attr: str) -> None:
        """Bring one leaf of the source up to date, and account for it."""
        before, after = self.old.get(key), self.new.get(key)
        was = _value(before, attr)
        now = _value(after, attr)
        if before is None or now == was:
            self._entry(leaf, attr, LossClass.EXACT, leaf.source)
        elif now is None:
            self._set(leaf.path, None)
            self._entry(leaf, attr, LossClass.DROPPED, "", _REMOVED)
        else:
            text = self._text(leaf.path, key, attr, now)
            if text is None:
                self._entry(leaf, attr, LossClass.DROPPED, "", _NO_LEAF)
            else:
                self._set(leaf.path, text)
                self._entry(leaf, attr, LossClass.CONVERT, text, _CHANGED)

    def _text(self, path: str, key: str, attr: str, value: str) -> str | None:
        """Return what the leaf at `path` has to say for a canonical value."""
        leaf = next((leaf for leaf, _ in self._rows(key, attr) if _fits(leaf.row, path)), None)
        if leaf is None:
            return value if "ext." in key and not attr else None
        found = leaf.put(value)
        return None if found is None else found.value

    def _rows(self, key: str, attr: str) -> Iterator[tuple[Leaf, Row]]:
        bare = anatomy(key).bare
        for leaf in self.format.leaves:
            if any(goal.bare == bare and goal.attr == attr for goal in leaf.goals):
                yield leaf, leaf.row

    def _set(self, path: str, text: str | None) -> None:
        place, _, name = path.rpartition("/@")
        if place:
            element = self.places[place]
            full = next(key for key in map(str, element.attrib) if local(key) == name)
            if text is None:
                del element.attrib[full]
            else:
                element.set(full, text)
            return
        element = self.places[path]
        above = element.getparent()
        if text is not None or above is None:
            element.text = text
            for child in element:
                element.remove(child)
        else:
            above.remove(element)

    def _insert(self, term: Term, attr: str) -> None:
        """Put a new term where the table has a place for it; else it stays unsaid."""
        key = anatomy(term.id).key
        value = _value(term, attr)
        for leaf, row in self._rows(key, attr):
            found = leaf.put(value) if value else None
            if found is not None:
                _grow(self.root, self.format.trie, row, _numbers(leaf, key, attr), found.value)
                return

    def _entry(
        self, leaf: Term | AttrLeaf, attr: str, cls: LossClass, value: str, reason: str = ""
    ) -> None:
        name = f"{leaf.term}@{attr}" if isinstance(leaf, AttrLeaf) else leaf.id
        target = leaf.path if cls is not LossClass.DROPPED else ""
        self.report.entries.append(
            LossEntry(leaf.path, name, leaf.source, cls, target, value, reason)
        )


def _value(term: Term | None, attr: str) -> str | None:
    if term is None:
        return None
    return term.attrs.get(attr) if attr else term.value


def _fits(row: Row, path: str) -> bool:
    names = [step.partition("[")[0].lstrip("@") for step in path.strip("/").split("/")]
    return names == [step.name for step in row.steps]


def _places(root: Element) -> Iterator[tuple[str, Element]]:
    """Yield every element with its path (local names, `[n]` from the second sibling on)."""
    stack = [("/" + local(root.tag), root)]
    while stack:
        path, element = stack.pop()
        yield path, element
        seen: dict[str, int] = {}
        stack += [(numbered(path, local(each.tag), seen), each) for each in elements(element)]


def _numbers(leaf: Leaf, key: str, attr: str) -> list[int]:
    """Return the running indices of a term id, in the order of the row's `[]`."""
    goal = next(g for g in leaf.goals if g.attr == attr and g.bare == anatomy(key).bare)
    by_prefix: Mapping[str, int] = {bare: n for _, bare, n in anatomy(key).groups.each}
    parts = goal.pattern.split("[]")
    prefixes = ["".join(parts[: n + 1]).replace("[1]", "") for n in range(len(parts) - 1)]
    return [by_prefix.get(prefix, 1) for prefix in prefixes]


def _grow(root: Element, node: Node, row: Row, numbers: list[int], text: str) -> None:
    """Walk down the row's path, making what is missing, and write the text at its end."""
    here, node = root, select(root, node)
    for step in row.steps[1:]:
        if step.attribute:
            here.set(step.name, text)
            return
        kid = next(k for k in node.children() if k.name == step.name)
        wanted = numbers.pop(0) if step.repeat and numbers else 1
        found = [child for child in here if child.tag == kid.tag]
        found += [_place(here, node, kid) for _ in range(wanted - len(found))]
        here, node = found[wanted - 1], select(found[wanted - 1], kid)
    here.text = text


def _place(above: Element, node: Node, kid: Node) -> Element:
    """Make a child at the place that the table's order gives it."""
    orders = {k.tag: k.order for k in node.children()}
    made = above.makeelement(kid.tag)
    for child in elements(above):
        if orders.get(child.tag, -1) > kid.order:
            child.addprevious(made)
            return made
    above.append(made)
    return made
