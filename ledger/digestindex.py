"""Where in a log a digest stands: an index that is made for appending.

Rows of single digests would dirty one page of a database per leaf. Here entries are indexed by
runs, each once, when it is complete: its digests are dealt out by their first bits into buckets,
one row each, 9 bytes for a digest (7 bytes of it, 2 for its place in the run).

    run of 65,536    256 buckets    for good
    run of  4,096     16 buckets    until the run of 65,536 around it is complete
    the rest                        found among the entries themselves, at most 4,095

A look-up reads one bucket of each run, 350 kB at 10 million leaves, and confirms each hit against
the entry, so that nobody who makes digests collide in 7 bytes is believed.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Final, NamedTuple, Protocol

from ledger.merkle import HASH_SIZE
from ledger.store import ENTRIES, TileKey
from ledger.tiles import WIDTH, chunks


class Kind(NamedTuple):
    """A kind of run: how many entries it spans, and how many bits choose a bucket."""

    span: int
    bits: int

    def bucket(self, digest: bytes) -> int:
        """Return the number of the bucket that a digest is dealt to."""
        return digest[0] >> (8 - self.bits)


SHORT: Final = 0
LONG: Final = 1
KINDS: Final = (Kind(4_096, 4), Kind(65_536, 8))
_KEPT: Final = slice(1, 8)
_KEPT_BYTES: Final = 7
_RECORD: Final = 9
_MANY: Final = 64


class IndexStore(Protocol):
    """What the index needs of a tile store, inside the store's transaction."""

    def size(self) -> int:
        """Return the number of leaves."""
        ...

    def read(self, keys: Collection[TileKey]) -> dict[TileKey, bytes]:
        """Return those of the tiles that exist."""
        ...

    def buckets(self, kind: int, bucket: int, since: int) -> Iterable[tuple[int, bytes]]:
        """Return the bucket of each run of a kind from run `since` on, with the run's number."""
        ...

    def put_run(self, kind: int, run: int, buckets: Sequence[bytes]) -> None:
        """Write the buckets of a run, in order; empty ones may be left out."""
        ...

    def drop_runs(self, kind: int, before: int) -> None:
        """Forget the runs of a kind with lower numbers."""
        ...


def index(store: IndexStore, old: int, new: int) -> None:
    """Index the runs that an append from `old` to `new` leaves completed; its tiles are there."""
    short, long = KINDS
    done = new // long.span
    for run in range(old // long.span, done):
        store.put_run(LONG, run, _dealt(long, _entries(store, run * long.span, long.span)))
    kept = done * (long.span // short.span)
    for run in range(max(old // short.span, kept), new // short.span):
        store.put_run(SHORT, run, _dealt(short, _entries(store, run * short.span, short.span)))
    if done > old // long.span:
        store.drop_runs(SHORT, kept)


def find(store: IndexStore, digests: Collection[bytes]) -> dict[bytes, int]:
    """Return the lowest index of each digest that was appended."""
    size = store.size()
    since = {LONG: 0, SHORT: size // KINDS[LONG].span * (KINDS[LONG].span // KINDS[SHORT].span)}
    found: dict[bytes, int] = {}
    for kind in (LONG, SHORT):
        left = [digest for digest in digests if digest not in found]
        found |= _confirmed(store, _candidates(store, kind, since[kind], left))
    left = [digest for digest in digests if digest not in found]
    return found | (_in_rest(store, size, left) if left else {})


def _dealt(kind: Kind, entries: bytes) -> list[bytes]:
    buckets = [bytearray() for _ in range(1 << kind.bits)]
    shift = 8 - kind.bits
    for place, digest in enumerate(chunks(entries)):
        buckets[digest[0] >> shift] += digest[_KEPT] + place.to_bytes(2, "big")
    return [bytes(bucket) for bucket in buckets]


def _candidates(
    store: IndexStore, kind: int, since: int, digests: Collection[bytes]
) -> Mapping[bytes, list[int]]:
    """Return the indices whose 7 bytes are those of a digest, in order."""
    by_bucket: dict[int, dict[bytes, list[bytes]]] = defaultdict(lambda: defaultdict(list))
    for digest in dict.fromkeys(digests):
        by_bucket[KINDS[kind].bucket(digest)][digest[_KEPT]].append(digest)
    found: dict[bytes, list[int]] = defaultdict(list)
    for bucket, wanted in by_bucket.items():
        for run, data in store.buckets(kind, bucket, since):
            for kept, place in _hits(data, wanted):
                for digest in wanted[kept]:
                    found[digest].append(run * KINDS[kind].span + place)
    return found


def _confirmed(store: IndexStore, candidates: Mapping[bytes, list[int]]) -> dict[bytes, int]:
    """Return of each digest the first candidate whose entry is the digest itself."""
    found: dict[bytes, int] = {}
    pending = {digest: iter(indices) for digest, indices in candidates.items()}
    while pending:
        tried = {digest: next(indices, None) for digest, indices in pending.items()}
        at = {digest: place for digest, place in tried.items() if place is not None}
        tiles = store.read({TileKey(ENTRIES, place // WIDTH) for place in at.values()})
        for digest, place in at.items():
            start = place % WIDTH * HASH_SIZE
            entry = tiles.get(TileKey(ENTRIES, place // WIDTH), b"")[start : start + HASH_SIZE]
            if entry == digest:
                found[digest] = place
        pending = {digest: pending[digest] for digest in at if digest not in found}
    return found


def _in_rest(store: IndexStore, size: int, wanted: Collection[bytes]) -> dict[bytes, int]:
    """Look digests up among the entries that no run has yet."""
    start = size - size % KINDS[SHORT].span
    entries = _entries(store, start, size - start)
    if len(wanted) >= _MANY:
        places = {entry: n for n, entry in reversed(list(enumerate(chunks(entries))))}
        return {each: start + places[each] for each in wanted if each in places}
    hits = ((digest, next(_aligned(entries, digest, HASH_SIZE), None)) for digest in wanted)
    return {digest: start + at for digest, at in hits if at is not None}


def _entries(store: IndexStore, start: int, count: int) -> bytes:
    """Return `count` entries, joined; `start` is a multiple of 256."""
    first = start // WIDTH
    keys = [TileKey(ENTRIES, number) for number in range(first, first + -(-count // WIDTH))]
    tiles = store.read(keys)
    return b"".join(tiles.get(key, b"") for key in keys)[: count * HASH_SIZE]


def _hits(bucket: bytes, wanted: Collection[bytes]) -> Iterator[tuple[bytes, int]]:
    """Yield the wanted 7 bytes that a bucket has, each with its place in the run, in order."""
    if len(wanted) < _MANY:
        for kept in wanted:
            for number in _aligned(bucket, kept, _RECORD):
                yield kept, _place(bucket, number * _RECORD)
        return
    for at in range(0, len(bucket), _RECORD):
        kept = bucket[at : at + _KEPT_BYTES]
        if kept in wanted:
            yield kept, _place(bucket, at)


def _place(bucket: bytes, at: int) -> int:
    return int.from_bytes(bucket[at + _KEPT_BYTES : at + _RECORD], "big")


def _aligned(data: bytes, wanted: bytes, width: int) -> Iterator[int]:
    """Yield the numbers of the records of `width` bytes that begin with `wanted`."""
    at = data.find(wanted)
    while at >= 0:
        if at % width == 0:
            yield at // width
        at = data.find(wanted, at + 1)
