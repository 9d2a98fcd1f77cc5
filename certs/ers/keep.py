"""Evidence records made and renewed (RFC 4998, 4.2 and 5.2): one token for many packages."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from certs.authority.tsa import TimeStamper
from certs.digests import SHA256, Digest
from certs.errors import NotExtendable
from certs.ers import tree
from certs.ers.record import ArchiveTimeStamp, Record, read
from certs.validation.sources import Gatherer

Group = Sequence[bytes]
"""The files of one package."""


def newest_digest(encoded: bytes) -> Digest:
    """Return the digest that a record uses now."""
    return read(encoded).newest.digest


def make(groups: Iterable[Group], stamper: TimeStamper, digest: Digest = SHA256) -> list[bytes]:
    """Return a record (DER) for each group of files, all under one time-stamp.

    Of the files only digests are kept, so that there may be more than fit into memory.
    """
    leaves = [[digest.of(data) for data in group] for group in groups]
    return [Record(((each,),)).encode() for each in _stamped(leaves, stamper, digest)]


def renew_time_stamps(
    records: Sequence[bytes], stamper: TimeStamper, gatherer: Gatherer
) -> list[bytes]:
    """Return the records with a fresh time-stamp over the last one, while its digest is strong.

    One token for all records whose digest is the same. Raises NotExtendable.
    """
    opened = [_completed(read(each), gatherer) for each in records]
    digests = dict.fromkeys(each.newest.digest for each in opened)
    renewed: dict[int, Record] = {}
    for digest in digests:
        places = [at for at, each in enumerate(opened) if each.newest.digest == digest]
        leaves = [[digest.of(opened[at].newest.token)] for at in places]
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
    opened: list[Record] = []
    leaves: list[list[bytes]] = []
    for encoded, group in kept:
        record = _completed(read(encoded), gatherer)
        _check_first(record, group)
        chained = digest.of(record.sequence())
        opened.append(record)
        leaves.append([digest.of(digest.of(data) + chained) for data in group])
    stamps = _stamped(leaves, stamper, digest)
    return [
        record.appending(stamp, chain=True).encode()
        for record, stamp in zip(opened, stamps, strict=True)
    ]


def _completed(record: Record, gatherer: Gatherer) -> Record:
    return record.completed(gatherer.gather_newest([record.newest.token]))


def _check_first(record: Record, group: Group) -> None:
    """The files must be those of the record: a new chain vouches for nothing else."""
    first = record.chains[0][0]
    leaves = {first.digest.of(data) for data in group}
    listed = set(first.lists[0]) if first.lists else leaves
    if not leaves <= listed:
        raise NotExtendable(reason="the files are not those of the evidence record")


def _stamped(
    leaves: Sequence[Sequence[bytes]], stamper: TimeStamper, digest: Digest
) -> list[ArchiveTimeStamp]:
    root, reduced = tree.grow(leaves, digest)
    token = stamper.stamp(root)
    alone = len(leaves) == 1 and len(leaves[0]) == 1
    return [ArchiveTimeStamp(digest, () if alone else each, token) for each in reduced]
