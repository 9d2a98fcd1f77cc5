"""Evidence records of either syntax alike: ASN.1 (RFC 4998) and XML (RFC 6283)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from enum import StrEnum
from typing import Protocol, Self

from certs.digests import Digest
from certs.ers import record, xml_record
from certs.ers.record import ArchiveTimeStamp, Chain, Record
from certs.ers.xml_record import XmlRecord
from certs.validation.material import Material


class Syntax(StrEnum):
    """How an evidence record is written."""

    ASN1 = "asn1"
    XML = "xml"

    @property
    def leaf(self) -> Callable[[bytes, Digest], bytes]:
        """How data becomes a leaf of a hash tree."""
        return xml_record.leaf if self is Syntax.XML else record.leaf

    def begun(self, stamp: ArchiveTimeStamp) -> Evidence:
        """Return a record of one time-stamp."""
        return XmlRecord.begun(stamp) if self is Syntax.XML else Record.begun(stamp)


class Evidence(Protocol):
    """A record: chains of time-stamps, oldest first."""

    @property
    def chains(self) -> tuple[Chain, ...]:
        """The time-stamps, chain by chain."""
        ...

    @property
    def newest(self) -> ArchiveTimeStamp:
        """The last archive time-stamp."""
        ...

    def kept(self, number: int, place: int, /) -> Material:
        """Return the validation data beside the token of a time-stamp."""
        ...

    def carried(self, number: int, place: int, /) -> bytes:
        """Return what the time-stamp after this one in its chain is over."""
        ...

    def leaves(self, number: int, files: Sequence[bytes], /) -> list[bytes]:
        """Return the leaves of a chain's first tree."""
        ...

    def following(self, files: Sequence[bytes], digest: Digest, /) -> list[bytes]:
        """Return the leaves of a further chain under a digest."""
        ...

    def appending(self, stamp: ArchiveTimeStamp, *, chain: bool) -> Self:
        """Return it with a further time-stamp, in its last chain or in a new one."""
        ...

    def completed(self, found: Material, /) -> Self:
        """Return it with validation data for the newest token."""
        ...

    def encode(self) -> bytes:
        """Return it in its syntax."""
        ...


def read(encoded: bytes) -> Evidence:
    """Return a record of either syntax; raises as the readers of both do."""
    if xml_record.is_xml_record(encoded):
        return xml_record.read(encoded)
    return record.read(encoded)
