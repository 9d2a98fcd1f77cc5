"""Where an object of a PDF is used, asked for a few objects at a time.

pyHanko lists every path to every object of a revision before it compares anything; that is most of
what a comparison costs. Here an object is read once for all revisions in which it stays the same,
and paths are followed upwards, from the objects that are asked for alone. The paths are pyHanko's,
with its two shortcuts: a page is entered by its place in the tree of pages only, and the structure
tree by its root only.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

from pyhanko.pdf_utils.generic import ArrayObject, DictionaryObject, IndirectObject, Reference
from pyhanko.pdf_utils.misc import PdfReadError
from pyhanko.pdf_utils.reader import HistoricalResolver, RawPdfPath

from certs.pades.objects import ObjectReader, Path, Version, references

Targets = dict[Reference, list[Path]]
"""What an object refers to, and where in it."""
Holders = dict[Reference, list[Reference | None]]
"""What may refer to an object; None is the trailer."""
_PAGES: Final = ("/Root", "/Pages")
_STRUCTURE: Final = ("/Root", "/StructTreeRoot", "/K")
_MOST_STEPS: Final = 100_000


@dataclass(frozen=True, slots=True)
class _Way:
    """A way from an object up: what holds it, the path down from there, and what lies between."""

    at: Reference
    down: Path
    through: frozenset[Reference]
    structural: bool = False
    """Whether it comes through an element of the structure tree."""


@dataclass(frozen=True, slots=True)
class _Place:
    """The place of a node in the tree of pages, and the objects on the way there."""

    path: Path
    through: frozenset[Reference]


class Reader(ObjectReader):
    """A reader whose views of past revisions share what they find."""

    def __init__(self, data: bytes) -> None:
        """Read the tables of contents."""
        super().__init__(data)
        self._views: dict[int, Revision] = {}
        self._held: dict[Version, Targets] = {}

    def get_historical_resolver(self, revision: int) -> Revision:
        """Return the view of a revision."""
        if revision not in self._views:
            self._views[revision] = Revision(self, revision)
        return self._views[revision]

    def within(self, holder: Reference, ref: Reference, revision: int) -> Sequence[Path]:
        """Return where in an object, as of a revision, another one is referred to."""
        version = self.version(holder, revision)
        if version not in self._held:
            self._held[version] = _by_target(self.as_of(holder, revision))
        return self._held[version].get(ref, ())


class Revision(HistoricalResolver):
    """A past revision that tells where an object is used without listing all objects."""

    reader: Reader

    def __init__(self, reader: Reader, revision: int) -> None:
        """View a file as of a revision."""
        super().__init__(reader, revision)
        self._holders: Holders | None = None
        self._roots = _by_target(self.trailer_view)
        self._places: dict[Reference, _Place] = {}
        self._elements: set[Reference] = set()

    def _load_reverse_xref_cache(self) -> None:
        """Note what refers to what; pyHanko calls this before the next one."""
        if self._holders is None:
            self._places = dict(_places(self.root.raw_get("/Pages"), self.root_ref))
            self._elements = set(_elements(self.root))
            self._holders = self._all_holders()

    def _get_usages_of_ref(self, ref: Reference) -> set[RawPdfPath]:
        """Return every path from the trailer to an object."""
        return {RawPdfPath(*path) for path in self._paths(ref) if _followed(path)}

    def _all_holders(self) -> Holders:
        holders: defaultdict[Reference, list[Reference | None]] = defaultdict(list)
        waiting: list[Reference | None] = [None]
        while waiting:
            holder = waiting.pop()
            for ref in self._mentioned(holder):
                if ref not in holders:
                    waiting.append(ref)
                holders[ref].append(holder)
        return dict(holders)

    def _mentioned(self, holder: Reference | None) -> Collection[Reference]:
        if holder is None:
            return self._roots
        return self.reader.mentioned(holder, self.revision)

    def _within(self, holder: Reference | None, ref: Reference) -> Sequence[Path]:
        """Return where in an object another one is referred to."""
        if holder is None:
            return self._roots.get(ref, ())
        return self.reader.within(holder, ref, self.revision)

    def _paths(self, ref: Reference) -> Iterator[Path]:
        waiting = [_Way(ref, (), frozenset({ref}))]
        steps = 0
        while waiting:
            way = waiting.pop()
            held = (
                (each, path)
                for each in (self._holders or {}).get(way.at, ())
                for path in self._within(each, way.at)
            )
            for holder, path in held:
                steps += 1
                if steps > _MOST_STEPS:
                    raise PdfReadError("an object is used in too many places")
                down = path + way.down
                if holder is None:
                    if not way.structural or down[:3] == _STRUCTURE:
                        yield down
                elif holder in self._places:
                    place = self._places[holder]
                    if not (way.structural or place.through & way.through):
                        yield place.path + down
                elif holder not in way.through and not (way.structural and "/P" in path):
                    structural = way.structural or holder in self._elements
                    waiting.append(_Way(holder, down, way.through | {holder}, structural))


def _by_target(found: object) -> Targets:
    paths: Targets = defaultdict(list)
    for path, ref in references(found):
        paths[ref].append(path)
    return paths


def _places(pages: Any, root: Reference) -> Iterator[tuple[Reference, _Place]]:  # noqa: ANN401
    """Yield the nodes of the tree of pages (ISO 32000-2, 7.7.3)."""
    waiting: list[tuple[Any, Path, frozenset[Reference]]] = [(pages, _PAGES, frozenset({root}))]
    seen: set[Reference] = set()
    while waiting:
        node, path, through = waiting.pop()
        if isinstance(node, IndirectObject):
            if node.reference in seen:
                raise PdfReadError("the tree of pages goes round in a circle")
            seen.add(node.reference)
            through |= {node.reference}
            yield node.reference, _Place(path, through)
            node = node.get_object()
        if path == _PAGES or node.get("/Type") == "/Pages":
            waiting.extend(
                (kid, (*path, "/Kids", at), through) for at, kid in enumerate(node["/Kids"])
            )


def _elements(root: Any) -> Iterator[Reference]:  # noqa: ANN401
    """Yield the elements of the structure tree (ISO 32000-2, 14.7.2)."""
    waiting: list[Any] = [root["/StructTreeRoot"]] if "/StructTreeRoot" in root else []
    seen: set[Reference] = set()
    while waiting:
        parent = waiting.pop()
        children = parent["/K"] if "/K" in parent else ArrayObject()
        for child in children if isinstance(children, ArrayObject) else (children,):
            element = child.get_object()
            if not _is_element(element):
                continue
            if isinstance(child, IndirectObject):
                if child.reference in seen:
                    raise PdfReadError("the structure tree goes round in a circle")
                seen.add(child.reference)
                yield child.reference
            waiting.append(element)


def _is_element(found: Any) -> bool:  # noqa: ANN401
    """Tell an element from content; the type may be left out."""
    if not isinstance(found, DictionaryObject):
        return False
    return "/Type" not in found or found["/Type"] == "/StructElem"


def _followed(path: Path) -> bool:
    """Tell whether a path does not go from an element of the structure tree to its parent."""
    return path[:3] != _STRUCTURE or "/P" not in path[3:]
