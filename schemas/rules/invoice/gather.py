"""The light tree of a document, gathered in one pass: of a parsed one, or line by line."""

from __future__ import annotations

from array import array
from collections import deque
from collections.abc import Sequence
from itertools import islice
from typing import Any, Final

from lxml import etree

from schemas.rules.invoice.branch import BLANKS, Branch, Form, Key
from schemas.rules.invoice.node import Node
from schemas.rules.invoice.shape import Place
from schemas.rules.invoice.tree import Limb, Tree
from schemas.xml import DEFAULT_LIMITS, Element, XmlTooLarge

RAM: Final = "urn:un:unece:uncefact:data:standard:ReusableAggregateBusinessInformationEntity:100"
PREFIXES: Final = {
    "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2": "ubl",
    "urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2": "cn",
    "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2": "cac",
    "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2": "cbc",
    "urn:oasis:names:specification:ubl:schema:xsd:CommonExtensionComponents-2": "ext",
    "urn:un:unece:uncefact:data:standard:CrossIndustryInvoice:100": "rsm",
    RAM: "ram",
    "urn:un:unece:uncefact:data:standard:QualifiedDataType:100": "qdt",
    "urn:un:unece:uncefact:data:standard:UnqualifiedDataType:100": "udt",
}
_KNOWN: Final = 10_000
"""Different places that documents share, and that one document may add; invoices have hundreds."""
_PARTS: Final = 50_000
"""Elements of the forms that documents share."""
_ALIKE: Final = 4096
_LARGEST: Final = 256
"""Elements that are recorded as one branch."""
_DEEPEST: Final = DEFAULT_LIMITS.depth
_STRING: Final = etree.XPath("string()")

Below = list[Limb | Branch]


class _World:
    """What documents share: their places by name, and forms; forgotten when there are too many."""

    roots: dict[str, Place]
    places: int
    parts: int

    def __init__(self) -> None:
        self.roots, self.places, self.parts = {}, 0, 0

    @property
    def full(self) -> bool:
        """Whether a new world is due."""
        return self.places > _KNOWN or self.parts > _PARTS

    def place(self, tag: str, above: Place | None) -> Place:
        """Return a place. Raises XmlTooLarge where a document is too deep, or has too many new."""
        places = self.roots if above is None else above.kids
        return places.get(tag) or self._new(tag, above, places)

    def _new(self, tag: str, above: Place | None, places: dict[str, Place]) -> Place:
        self.places += 1
        if self.places > 2 * _KNOWN:
            raise XmlTooLarge(reason=f"more than {_KNOWN} different places of elements")
        space, _, local = tag[1:].rpartition("}") if tag.startswith("{") else ("", "", tag)
        prefix = PREFIXES.get(space)
        found = places[tag] = Place(f"{prefix}:{local}" if prefix else tag, above)
        if len(found.names) > _DEEPEST:
            raise XmlTooLarge(reason=f"more than {_DEEPEST} nested elements")
        return found

    def form(self, place: Place, key: Key) -> Form | None:
        """Return the form of an element; None where comments or mixed content are in the way."""
        found: Form | None = place.forms.get(key)
        if found is not None:
            found.met_again()
            return found
        found = self._formed(place, key)
        if found is not None and self.parts <= _PARTS:
            self.parts += len(found.parts)
            place.forms[key] = found
        return found

    def _formed(self, place: Place, key: Key) -> Form | None:
        """Work out a form: the number of children of each element says what stands below what."""
        places: list[Place] = []
        above: list[int] = []
        open_: list[list[int]] = []
        for number, (tag, size) in enumerate(zip(key.tags, key.sizes, strict=True)):
            while open_ and not open_[-1][1]:
                open_.pop()
            if not isinstance(tag, str):
                return None
            if open_:
                open_[-1][1] -= 1
            above.append(open_[-1][0] if open_ else 0)
            places.append(self.place(tag, places[above[-1]]) if number else place)
            if size and places[-1].name.startswith("cbc:"):
                return None
            open_.append([number, size])
        return Form.of(places, above, key.attributes)


class _Now:
    """The world in use."""

    world = _World()


class Gathering:
    """A tree in the making: what has little below it becomes a branch, all else a limb."""

    def __init__(self) -> None:
        """Start with nothing."""
        if _Now.world.full:
            _Now.world = _World()
        self._world = _Now.world
        self._limbs: Below = []
        self._pieces: dict[Node, tuple[str, ...]] = {}
        self._blank: list[tuple[Branch, int] | Limb] = []
        self._early: deque[tuple[Place, Below]] = deque()
        self._above: set[Place] = set()
        self._values: dict[str, str] = {}
        self._last: tuple[Place | None, Key | None, Form | None] = None, None, None

    def early(self, element: Any, ancestors: Sequence[Any]) -> None:  # noqa: ANN401 - lxml elements
        """Take an element whole before the document has ended; it may be emptied then.

        Its ancestors are given from the root down. All such elements stand at one place.
        """
        above = None
        for ancestor in ancestors:
            above = self._world.place(ancestor.tag, above)
            self._above.add(above)
        place = self._world.place(element.tag, above)
        before, self._limbs = self._limbs, []
        self._take(element, place, None)
        self._early.append((place, self._limbs))
        self._limbs = before

    def tree(self, root: Any) -> Tree:  # noqa: ANN401 - an lxml element
        """Return the tree of a document; comments and processing instructions are left out."""
        self._limb(root, self._world.place(root.tag, None), None)
        return Tree(self._limbs, self._pieces, self._blank, dict(root.nsmap))

    def _take(self, element: Any, place: Place, parent: Limb | None) -> Limb | Branch:  # noqa: ANN401 - an lxml element
        small = len(element) and place not in self._above
        branch = self._branch(element, place, parent) if small else None
        return branch or self._limb(element, place, parent)

    def _branch(self, element: Any, place: Place, parent: Limb | None) -> Branch | None:  # noqa: ANN401 - an lxml element
        """Record an element with all below it; this is where the time goes."""
        found = list(islice(element.iter(), _LARGEST + 1))
        if len(found) > _LARGEST:
            return None
        key = Key(
            tuple([each.tag for each in found]),
            tuple([len(each) for each in found]),
            tuple([tuple(each.keys()) for each in found]),
        )
        form = self._form(place, key)
        if form is None:
            return None
        texts = [each.text or "" for each in found]
        if "".join(form.wholes(texts)).strip(BLANKS):
            return None
        for number in form.attributed:
            texts += [
                self._values.get(value) or self._value(value) for value in found[number].values()
            ]
        branch = Branch(form, parent, texts, array("l", [each.sourceline or 0 for each in found]))
        self._blank += [(branch, n) for n in form.leaves if not texts[n].strip(BLANKS)]
        self._limbs.append(branch)
        return branch

    def _form(self, place: Place, key: Key) -> Form | None:
        """Return the form of an element, mostly that of the one before."""
        last_place, last_key, form = self._last
        if place is last_place and key == last_key:
            if form is not None:
                form.met_again()
        else:
            form = self._world.form(place, key)
            self._last = place, key, form
        return form

    def _value(self, value: str) -> str:
        """Keep the value of an attribute, which documents repeat, once."""
        if len(self._values) < _ALIKE:
            self._values[value] = value
        return value

    def _limb(self, element: Any, place: Place, parent: Limb | None) -> Limb:  # noqa: ANN401 - an lxml element
        """Keep an element that stands by itself, and what is below it."""
        node = Limb(place, parent, element)
        self._limbs.append(node)
        below = node.below
        for child in element:
            if isinstance(child.tag, str):
                at = self._world.place(child.tag, place)
                found = self._earlier(at, node) if self._early else None
                below.append(found or self._take(child, at, node))
        mixed = below and (node.text.strip(BLANKS) or node.name.startswith("cbc:"))
        if len(below) != len(element) or mixed:
            self._pieces[node] = _pieces(element)
            if not below or mixed:
                node.text = str(_STRING(element))
        if not below and not node.text.strip(BLANKS):
            self._blank.append(node)
        node.shape = place.shape(
            tuple(node.attrs),
            [each.place.name for each in below],
            [each.shape for each in below],
        )
        return node

    def _earlier(self, place: Place, parent: Limb) -> Limb | Branch | None:
        """Return the next of the elements that were taken early, if it stands at the place."""
        if self._early[0][0] is not place:
            return None
        first, *_ = limbs = self._early.popleft()[1]
        first.parent = parent
        self._limbs += limbs
        return first


def gather(root: Element) -> Tree:
    """Return the tree of a parsed document. Raises XmlTooLarge."""
    return Gathering().tree(root)


def _pieces(element: Any) -> tuple[str, ...]:  # noqa: ANN401 - an lxml element
    """Return the text nodes of an element that holds comments or other elements."""
    found = (element.text, *(child.tail for child in element))
    return tuple(text for text in found if text)
