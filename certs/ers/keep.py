"""Evidence records made and renewed, in either syntax: one token for many packages.

RFC 4998, 4.2 and 5.2; RFC 6283, 3.2 and 4.2.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from certs import timestamp
from certs.authority.tsa import TimeStamper
from certs.digests import SHA256, Digest
from certs.errors import NotExtendable
from certs.ers import tree
from certs.ers.record import ArchiveTimeStamp
from certs.ers.syntax import Evidence, Syntax, read
from certs.validation.sources import Gatherer

Group = Sequence[bytes]
"""The files of one package."""


def newest_digest(encoded: bytes) -> Digest:
    """Return the digest that a record uses now."""
    return read(encoded).newest.digest


def make(
    groups: Iterable[Group],
    stamper: TimeStamper,
    digest: Digest = SHA256,
    syntax: Syntax = Syntax.ASN1,
) -> list[bytes]:
    """Return a record for each group of files, all under one time-stamp.

    Of the files only digests are kept, so that there may be more than fit into memory.
    """
    leaves = [[syntax.leaf(data, digest) for data in group] for group in groups]
    return [syntax.begun(each).encode() for each in _stamped(leaves, stamper, digest)]


def renew_time_stamps(
    records: Sequence[bytes], stamper: TimeStamper, gatherer: Gatherer
) -> list[bytes]:
    """Return the records with a fresh time-stamp over the last one, while its digest is strong.

    One token for all records whose digest is the same; each keeps its syntax. Raises NotExtendable.
    """
    opened = [_completed(read(each), gatherer) for each in records]
    digests = dict.fromkeys(each.newest.digest for each in opened)
    renewed: dict[int, Evidence] = {}
    for digest in digests:
        places = [at for at, each in enumerate(opened) if each.newest.digest == digest]
        leaves = [[digest.of(_last(opened[at]))] for at in places]
        for at, stamp in zip(places, _stamped(leaves, stamper, digest), strict=True):
            renewed[at] = opened[at].appending(stamp, chain=False)
    return [renewed[at].encode() for at in range(len(opened))]


def renew_hash_tree(
    kept: Sequence[tuple[bytes, Group]],
    stamper: TimeStamper,
    gatherer: Gatherer,
    digest: Digest,
) -> list[bytes]:
    """Return the records with a new chain under a stronger digest, over data and old chains.

    Each record is given with the files of its group, which must still be as they were. Raises
    NotExtendable.
    """
    opened: list[Evidence] = []
    leaves: list[list[bytes]] = []
    for encoded, group in kept:
        record = _completed(read(encoded), gatherer)
        _check_first(record, group)
        opened.append(record)
        leaves.append(record.following(group, digest))
    stamps = _stamped(leaves, stamper, digest)
    return [
        record.appending(stamp, chain=True).encode()
        for record, stamp in zip(opened, stamps, strict=True)
    ]


def _last(record: Evidence) -> bytes:
    """Return what a further time-stamp in the last chain is over."""
    return record.carried(len(record.chains) - 1, len(record.chains[-1]) - 1)


def _completed(record: Evidence, gatherer: Gatherer) -> Evidence:
    return record.completed(gatherer.gather_newest([record.newest.token]))


def _check_first(record: Evidence, group: Group) -> None:
    """The files must be those of the record: a new chain vouches for nothing else."""
    first = record.chains[0][0]
    leaves = set(record.leaves(0, group))
    listed = set(first.lists[0]) if first.lists else {timestamp.read(first.token).info.imprint}
    if not leaves <= listed:
        raise NotExtendable(reason="the files are not those of the evidence record")


def _stamped(
    leaves: Sequence[Sequence[bytes]], stamper: TimeStamper, digest: Digest
) -> list[ArchiveTimeStamp]:
    root, reduced = tree.grow(leaves, digest)
    token = stamper.stamp(root)
    alone = len(leaves) == 1 and len(leaves[0]) == 1
    return [ArchiveTimeStamp(digest, () if alone else each, token) for each in reduced]
