"""The ASN.1 of an evidence record (RFC 4998, appendix B), read and written."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from certs.asn1 import der
from certs.cades import edit
from certs.digests import Digest, digest_by_oid
from certs.errors import MalformedDer, UnsupportedAlgorithm
from certs.ers.tree import Lists, climb
from certs.validation.material import Material

_VERSION: Final = 1
_DIGEST: Final = 0xA0
_TREE: Final = 0xA2
_CRYPTO_INFOS: Final = 0xA0
_ENCRYPTION: Final = 0xA1
_MOST_CHAINS: Final = 64
_MOST_LISTS: Final = 64


@dataclass(frozen=True, slots=True)
class ArchiveTimeStamp:
    """A time-stamp with the reduced tree that leads to its imprint; none: the one leaf itself.

    `head` is what stands before the token in a record that was read, octet for octet: later chains
    are over it.
    """

    digest: Digest
    lists: Lists
    token: bytes
    head: bytes = b""

    def root(self, leaf: bytes) -> bytes:
        """Return the node that must be in the token's imprint."""
        return climb(self.lists, self.digest) if self.lists else leaf

    def encode(self) -> bytes:
        """Return the DER."""
        return der.sequence(self.head or self._head(), self.token)

    def _head(self) -> bytes:
        named = der.tlv(_DIGEST, der.oid(self.digest.oid))
        listed = b""
        if self.lists:
            partial = (der.sequence(*map(der.octets, each)) for each in self.lists)
            listed = der.tlv(_TREE, *partial)
        return named + listed


Chain = tuple[ArchiveTimeStamp, ...]


@dataclass(frozen=True, slots=True)
class Record:
    """Chains of archive time-stamps, oldest first; in one chain all digests are the same.

    `infos` is the optional cryptoInfos of a record that was read, handed on as they stand.
    """

    chains: tuple[Chain, ...]
    infos: bytes = b""

    @classmethod
    def begun(cls, stamp: ArchiveTimeStamp) -> Record:
        """Return a record of one time-stamp."""
        return cls(((stamp,),))

    @property
    def newest(self) -> ArchiveTimeStamp:
        """The last archive time-stamp."""
        return self.chains[-1][-1]

    def appending(self, stamp: ArchiveTimeStamp, *, chain: bool) -> Record:
        """Return it with a further time-stamp, in its last chain or in a new one."""
        if chain:
            return replace(self, chains=(*self.chains, (stamp,)))
        return replace(self, chains=(*self.chains[:-1], (*self.chains[-1], stamp)))

    def completed(self, found: Material) -> Record:
        """Return it with validation data in the newest token, where nothing signed is touched."""
        newest = self.newest
        token = edit.open_data(newest.token).with_material(found).encode()
        last = (*self.chains[-1][:-1], replace(newest, token=token))
        return replace(self, chains=(*self.chains[:-1], last))

    def sequence(self, chains: int | None = None) -> bytes:
        """Return the DER of the ArchiveTimeStampSequence, or of its first chains."""
        return der.sequence(
            *(
                der.sequence(*(each.encode() for each in chain))
                for chain in self.chains[: len(self.chains) if chains is None else chains]
            )
        )

    def kept(self, number: int, place: int) -> Material:  # noqa: ARG002 - it is in the tokens
        """Return the validation data beside the token of a time-stamp: none in this syntax."""
        return Material()

    def carried(self, number: int, place: int) -> bytes:
        """Return what the time-stamp after this one in its chain is over."""
        return self.chains[number][place].token

    def leaves(self, number: int, files: Sequence[bytes]) -> list[bytes]:
        """Return the leaves of a chain's first tree: data, from the second on with old chains."""
        digest = self.chains[number][0].digest
        if not number:
            return [leaf(data, digest) for data in files]
        return self.following(files, digest, number)

    def following(
        self, files: Sequence[bytes], digest: Digest, chains: int | None = None
    ) -> list[bytes]:
        """Return the leaves of the chain after these, by default after all: data and old chains."""
        chained = digest.of(self.sequence(chains))
        return [digest.of(leaf(data, digest) + chained) for data in files]

    def encode(self) -> bytes:
        """Return the DER of the record."""
        digests = {each.digest.oid: each.digest for chain in self.chains for each in chain}
        return der.sequence(
            der.integer(_VERSION),
            der.sequence(*(each.identifier for each in digests.values())),
            self.infos,
            self.sequence(),
        )


def leaf(data: bytes, digest: Digest) -> bytes:
    """Return the leaf for data: its digest."""
    return digest.of(data)


def is_der_record(data: bytes) -> bool:
    """Tell whether data is an evidence record in ASN.1."""
    try:
        read(data)
    except (MalformedDer, UnsupportedAlgorithm):
        return False
    return True


def read(data: bytes) -> Record:
    """Return the record in DER, which names all digests it uses and no other (RFC 4998, 3.1).

    Raises MalformedDer or UnsupportedAlgorithm.
    """
    fields = der.parse(data).children()
    if len(fields) < 3 or fields[0].tag != der.INTEGER or fields[0].number() != _VERSION:  # noqa: PLR2004
        raise MalformedDer(reason="no evidence record")
    for each in fields[2:-1]:
        if each.tag not in {_CRYPTO_INFOS, _ENCRYPTION}:
            raise MalformedDer(reason="an evidence record has an unknown field")
    if any(each.tag == _ENCRYPTION for each in fields):
        raise UnsupportedAlgorithm(algorithm="evidence records over encrypted data")
    chains = fields[-1].expect(der.SEQUENCE).children()
    if not 0 < len(chains) <= _MOST_CHAINS:
        raise MalformedDer(reason="an evidence record has no time-stamps, or too many")
    infos = b"".join(each.encoded for each in fields[2:-1])
    found = Record(tuple(_chain(each) for each in chains), infos)
    named = {each.children()[0].dotted() for each in fields[1].expect(der.SEQUENCE).children()}
    if named != {each.digest.oid for chain in found.chains for each in chain}:
        raise MalformedDer(reason="an evidence record names other digests than it uses")
    return found


def _chain(node: der.Node) -> Chain:
    stamps = node.expect(der.SEQUENCE).children()
    if not 0 < len(stamps) <= _MOST_CHAINS:
        raise MalformedDer(reason="a chain has no time-stamps, or too many")
    return tuple(_stamp(each) for each in stamps)


def _stamp(node: der.Node) -> ArchiveTimeStamp:
    *options, token = node.expect(der.SEQUENCE).children()
    digest: Digest | None = None
    lists: Lists = ()
    for each in options:
        if each.tag == _DIGEST:
            digest = digest_by_oid(each.children()[0].dotted())
        elif each.tag == _TREE:
            lists = _lists(each)
        elif each.tag != 0xA1:  # noqa: PLR2004 - [1] attributes
            raise MalformedDer(reason="an archive time-stamp has an unknown field")
    if digest is None:
        digest = _imprinted(token)
    head = b"".join(each.encoded for each in options)
    return ArchiveTimeStamp(digest, lists, token.expect(der.SEQUENCE).encoded, head)


def _lists(node: der.Node) -> Lists:
    found = node.children()
    if not 0 < len(found) <= _MOST_LISTS:
        raise MalformedDer(reason="a hash tree is too deep")
    listed = [
        tuple(one.expect(der.OCTET_STRING).content for one in each.expect(der.SEQUENCE).children())
        for each in found
    ]
    if not all(listed):
        raise MalformedDer(reason="a hash tree has an empty list")
    return tuple(listed)


def _imprinted(token: der.Node) -> Digest:
    """Without a digest named the one in the time-stamp counts (RFC 4998, 4.1)."""
    from certs import timestamp
    from certs.verdict import Refused

    try:
        return timestamp.read(token.encoded).info.digest
    except Refused as refused:
        raise MalformedDer(reason=refused.reason.en) from refused
