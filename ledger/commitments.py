"""Salted commitments to the fields of a document, and disclosure of chosen ones.

    salt of a field = HMAC-SHA-256(document key, field name), first 16 bytes
    leaf of a field = SHA-256(00 || salt || canonical JSON of [name, value])     (RFC 8785)
    commitment      = root over the leaves in order of their names               (RFC 9162)

One secret key of 32 random bytes per document and version: without it no field can be guessed,
however few values it may have, and destroying it cuts the commitment's last link to the
document. Nothing here is ever hashed without a salt.
"""

from __future__ import annotations

import hmac
from base64 import b64encode
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from ledger import merkle
from ledger.errors import DisclosureRefused
from ledger.vkey import decode_base64
from schemas.jcs import canonical_json

Value = str | int | bool | None | Sequence["Value"] | Mapping[str, "Value"]
"""A value that has canonical JSON; numbers with a fraction travel as text."""

KEY_BYTES: Final = 32
SALT_BYTES: Final = 16
MAX_FIELDS: Final = 100_000


@dataclass(frozen=True, slots=True)
class Disclosed:
    """One field that is shown: its place among all fields, name, value and salt."""

    index: int
    name: str
    value: Value
    salt: bytes

    @property
    def leaf(self) -> bytes:
        """The leaf that this field commits to."""
        return field_leaf(self.salt, self.name, self.value)


@dataclass(frozen=True, slots=True)
class Commitment:
    """The salted leaves of a document's fields, sorted by name; whoever holds it holds the key."""

    key: bytes
    names: tuple[str, ...]
    values: tuple[Value, ...]
    leaves: tuple[bytes, ...]

    @property
    def root(self) -> bytes:
        """The commitment: 32 bytes that may be logged, signed and sent."""
        return _subtree(self.leaves, 0, len(self.leaves))

    def disclose(self, names: Collection[str]) -> Disclosure:
        """Show these fields, and nothing of the others but nodes; raises DisclosureRefused."""
        unknown = set(names) - set(self.names)
        if unknown:
            raise DisclosureRefused(reason=f"there is no field {min(unknown)}")
        shown = [index for index, name in enumerate(self.names) if name in names]
        fields = tuple(
            Disclosed(at, self.names[at], self.values[at], field_salt(self.key, self.names[at]))
            for at in shown
        )
        nodes = tuple(_hidden(self.leaves, frozenset(shown), 0, len(self.leaves)))
        return Disclosure(len(self.leaves), fields, nodes)


@dataclass(frozen=True, slots=True)
class Disclosure:
    """Chosen fields of a commitment of `size` fields, with the nodes that stand for the others.

    `size` gives the tree its shape; that there are not a few fields more is not proven by it.
    """

    size: int
    fields: tuple[Disclosed, ...]
    nodes: tuple[bytes, ...]

    def root(self) -> bytes:
        """Return the commitment that these fields belong to; raises DisclosureRefused."""
        places = [field.index for field in self.fields]
        if (
            places != sorted(set(places))
            or not places
            or not 0 <= places[0] <= places[-1] < self.size
        ):
            raise DisclosureRefused(reason="the fields have no clear places")
        if self.size > MAX_FIELDS or any(len(field.salt) != SALT_BYTES for field in self.fields):
            raise DisclosureRefused(reason="the size or a salt is out of bounds")
        nodes = iter(self.nodes)
        found = _rebuilt({field.index: field.leaf for field in self.fields}, nodes, 0, self.size)
        if next(nodes, None) is not None:
            raise DisclosureRefused(reason="nodes are left over")
        return found

    def verified(self, commitment: bytes) -> dict[str, Value]:
        """Return the fields by name if they belong to `commitment`; raises DisclosureRefused."""
        if self.root() != commitment:
            raise DisclosureRefused(reason="the fields do not lead to the commitment")
        return {field.name: field.value for field in self.fields}

    def __bytes__(self) -> bytes:
        """Return the disclosure as canonical JSON."""
        fields = [[f.index, f.name, f.value, b64encode(f.salt).decode()] for f in self.fields]
        nodes = b64encode(b"".join(self.nodes)).decode()
        return canonical_json({"fields": fields, "nodes": nodes, "size": self.size})

    @classmethod
    def parse(cls, data: bytes) -> Disclosure:
        """Read the JSON form strictly; raises DisclosureRefused."""
        import json

        try:
            match json.loads(data):
                case {"fields": list(rows), "nodes": str(nodes), "size": int(size), **rest} if (
                    not rest
                ):
                    return cls(size, tuple(map(_row, rows)), _nodes(nodes))
        except ValueError:
            pass
        raise DisclosureRefused(reason="it is not a disclosure")


def commit(fields: Mapping[str, Value], key: bytes) -> Commitment:
    """Commit to fields by name with the document's key (32 bytes); the order does not matter.

    Raises DisclosureRefused for a key of another length or without fields, NotCanonical for a
    value without canonical JSON.
    """
    if len(key) != KEY_BYTES or not 0 < len(fields) <= MAX_FIELDS:
        raise DisclosureRefused(reason=f"a key of {KEY_BYTES} bytes and some fields are needed")
    names = tuple(sorted(fields))
    values = tuple(fields[name] for name in names)
    leaves = tuple(
        field_leaf(field_salt(key, name), name, value)
        for name, value in zip(names, values, strict=True)
    )
    return Commitment(key, names, values, leaves)


def field_salt(key: bytes, name: str) -> bytes:
    """Return the 16-byte salt of a field."""
    return hmac.digest(key, name.encode(), "sha256")[:SALT_BYTES]


def field_leaf(salt: bytes, name: str, value: Value) -> bytes:
    """Return the salted leaf of a field."""
    return sha256(b"\x00" + salt + canonical_json([name, value])).digest()


def _split(low: int, high: int) -> int:
    return low + (1 << ((high - low - 1).bit_length() - 1))


def _subtree(leaves: Sequence[bytes], low: int, high: int) -> bytes:
    if high - low == 1:
        return leaves[low]
    middle = _split(low, high)
    return merkle.node_hash(_subtree(leaves, low, middle), _subtree(leaves, middle, high))


def _hidden(leaves: Sequence[bytes], shown: frozenset[int], low: int, high: int) -> Iterator[bytes]:
    """Yield, from left to right, the largest subtrees in which nothing is shown."""
    if shown.isdisjoint(range(low, high)):
        yield _subtree(leaves, low, high)
    elif high - low > 1:
        middle = _split(low, high)
        yield from _hidden(leaves, shown, low, middle)
        yield from _hidden(leaves, shown, middle, high)


def _rebuilt(shown: Mapping[int, bytes], nodes: Iterator[bytes], low: int, high: int) -> bytes:
    if not any(low <= index < high for index in shown):
        node = next(nodes, None)
        if node is None or len(node) != merkle.HASH_SIZE:
            raise DisclosureRefused(reason="nodes are missing")
        return node
    if high - low == 1:
        return shown[low]
    middle = _split(low, high)
    left = _rebuilt(shown, nodes, low, middle)
    return merkle.node_hash(left, _rebuilt(shown, nodes, middle, high))


def _row(row: Sequence[Value]) -> Disclosed:
    match row:
        case [int(index), str(name), value, str(salt)] if not isinstance(index, bool):
            return Disclosed(index, name, value, decode_base64(salt) or b"")
    raise DisclosureRefused(reason="a field is malformed")


def _nodes(text: str) -> tuple[bytes, ...]:
    joined = decode_base64(text)
    if joined is None or len(joined) % merkle.HASH_SIZE:
        raise DisclosureRefused(reason="the nodes are malformed")
    return tuple(joined[at : at + 32] for at in range(0, len(joined), merkle.HASH_SIZE))
