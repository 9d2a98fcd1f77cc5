"""The objects of a PDF, each version read once (ISO 32000-2, 7.5).

pyHanko reads an object anew for each past revision, and the table of an object stream anew for
each object in it.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import IO, Any, Final

from pyhanko.pdf_utils.decode_limits import DecodePurpose
from pyhanko.pdf_utils.generic import (
    ArrayObject,
    DictionaryObject,
    IndirectObject,
    NullObject,
    PdfObject,
    Reference,
    StreamObject,
    read_object,
)
from pyhanko.pdf_utils.misc import PdfReadError, PdfStreamError
from pyhanko.pdf_utils.reader import PdfFileReader

Path = tuple[str | int, ...]
Version = tuple[int, int, int]
"""An object by number and generation, and the revision that wrote it."""
# An object without strings and comments, in which everything that looks like a reference is one.
_PLAIN: Final = re.compile(rb"\s*(\d+)\s+(\d+)\s+obj\b([^(%]*?)\b(?:endobj|stream)\b")
_REFERENCE: Final = re.compile(rb"(\d+)[\s\0]+(\d+)[\s\0]+R")
_LONGEST: Final = 65_536
_PURPOSE: Final = DecodePurpose.OBJECT_STREAM


@dataclass(frozen=True, slots=True)
class _ObjectStream:
    """An object stream unpacked (ISO 32000-2, 7.5.7), and where each object begins."""

    data: IO[bytes]
    count: int
    places: Mapping[int, int]

    @classmethod
    def read(cls, stream: Any) -> _ObjectStream:  # noqa: ANN401 - of pyHanko
        """Unpack a stream; of two objects of the same number the first one counts."""
        if not isinstance(stream, StreamObject) or stream["/Type"] != "/ObjStm":
            raise PdfReadError("an object is said to be in what is no object stream")
        data, count, first = stream.read_data(_PURPOSE), int(stream["/N"]), int(stream["/First"])
        numbers = [int(each) for each in data[:first].split()[: 2 * count]]
        pairs = zip(numbers[-2::-2], numbers[::-2], strict=True)
        return cls(BytesIO(data), count, {number: first + offset for number, offset in pairs})


class ObjectReader(PdfFileReader):
    """A reader that keeps what it has read, also of past revisions."""

    def __init__(self, data: bytes) -> None:
        """Read the tables of contents; leniently, since what is odd is judged later."""
        super().__init__(BytesIO(data), strict=False)
        self._data = data
        self._objects: dict[Version, PdfObject] = {}
        self._mentioned: dict[Version, frozenset[Reference]] = {}
        self._streams: dict[int, _ObjectStream] = {}
        self._revisions: defaultdict[tuple[int, int], list[int]] = defaultdict(list)
        for number in range(self.total_revisions):
            written = self.xrefs.explicit_refs_in_revision(number)
            for ref in written | self.xrefs.refs_freed_in_revision(number):
                self._revisions[ref.idnum, ref.generation].append(number)

    def _get_object_from_stream(self, idnum: int, stmnum: int, idx: int) -> PdfObject:
        """Return an object of an object stream; pyHanko would read the table for each anew."""
        if stmnum not in self._streams:
            self._streams[stmnum] = _ObjectStream.read(Reference(stmnum, 0, self).get_object())
        stream = self._streams[stmnum]
        if not 0 <= idx < stream.count or idnum not in stream.places:
            return NullObject()
        stream.data.seek(stream.places[idnum])
        try:
            found: PdfObject = read_object(stream.data, Reference(idnum, 0, self))
        except (PdfStreamError, PdfReadError):
            return NullObject()
        return found

    def written(self, ref: Reference, revision: int) -> int:
        """Return the newest revision up to a given one that writes an object, -1 if none does."""
        return self.version(ref, revision)[2]

    def version(self, ref: Reference, revision: int) -> Version:
        """Return the version of an object that a revision shows."""
        number = (ref.idnum, ref.generation)
        numbers = self._revisions.get(number, ())
        at = bisect_right(numbers, revision)
        return (*number, numbers[at - 1] if at else -1)

    def as_of(self, ref: Reference, revision: int) -> PdfObject:
        """Return an object as of a revision, as it stands in the file."""
        version = self.version(ref, revision)
        if version not in self._objects:
            newest = version == self.version(ref, self.total_revisions)
            found: PdfObject = self.get_object(ref, None if newest else revision)  # type: ignore[no-untyped-call] # published without
            found.get_container_ref()  # raises for what is not where it may be
            self._objects[version] = found
        return self._objects[version]

    def mentioned(self, ref: Reference, revision: int) -> frozenset[Reference]:
        """Return all that an object refers to as of a revision, and possibly more."""
        version = self.version(ref, revision)
        if version not in self._mentioned:
            self._mentioned[version] = frozenset(self._looked_up(ref, version))
        return self._mentioned[version]

    def _looked_up(self, ref: Reference, version: Version) -> Iterable[Reference]:
        """Return what an object mentions; where its text is plain, it is not read for that."""
        revision = version[2]
        place = self.xrefs.get_historical_ref(ref, revision)
        plain = None
        if isinstance(place, int) and version not in self._objects:
            plain = _PLAIN.match(self._data, place, place + _LONGEST)
        if plain is None or not _is_whole(plain, ref):
            return (each for _, each in references(self.as_of(ref, revision)))
        found = _REFERENCE.findall(plain[3])
        return (Reference(int(idnum), int(generation), self) for idnum, generation in found)


def references(found: Any) -> Iterator[tuple[Path, Reference]]:  # noqa: ANN401 - of pyHanko
    """Yield what an object refers to itself, and where; not to its parent."""
    waiting: list[tuple[Path, Any]] = [((), found)]
    while waiting:
        path, each = waiting.pop()
        if isinstance(each, IndirectObject):
            yield path, each.reference
        elif isinstance(each, DictionaryObject):
            waiting.extend(((*path, key), value) for key, value in each.items() if key != "/Parent")
        elif isinstance(each, ArrayObject):
            waiting.extend(((*path, at), value) for at, value in enumerate(each))


def _is_whole(plain: re.Match[bytes], ref: Reference) -> bool:
    """Tell whether a text is that of the object, up to its end and not to a name like it."""
    text = plain[3]
    return (
        (int(plain[1]), int(plain[2])) == (ref.idnum, ref.generation)
        and text.count(b"<<") == text.count(b">>")
        and text.count(b"[") == text.count(b"]")
    )
