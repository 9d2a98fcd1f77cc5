"""What a record leaves open: statuses that others keep, and where to look them up.

A record says who keeps the word on its revocation; nothing here asks them. What is not looked up
stays open, and a record with anything open does not pass.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Protocol

from certs.records import merkle
from schemas.text import Text

PURPOSES: Final = frozenset({"revocation", "suspension", "refresh", "message"})
"""Purposes of status lists that are understood: a set bit of the first two speaks against it."""

_DID: Final = re.compile(r"did:ethr:(?:(?P<network>[^:#]+):)?(?P<account>0x[0-9a-fA-F]{40})")
_HEX: Final = re.compile(r"0x[0-9a-fA-F]{1,16}")
_NETWORKS: Final = {"": 1, "mainnet": 1, "sepolia": 11155111, "polygon": 137, "rsk": 30}
"""Networks of did:ethr by name (its method specification); others by number, as 0x and hex."""


class Pages(Protocol):
    """Where status lists and answers of responders come from; None means nobody answered."""

    def page(self, url: str) -> bytes | None:
        """Return what is at an address."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """An entry of a Bitstring Status List (W3C, 1.0): bits `size * index` on of a list.

    `issuer` is who has to have signed the list: the issuer of the credential. A size of 0 is for
    the list to say.
    """

    url: str
    index: int
    purpose: str
    issuer: str
    size: int = 0

    @property
    def pages(self) -> tuple[str, ...]:
        """The addresses that have the answer."""
        return (self.url,)

    @property
    def note(self) -> Text:
        """What was not looked up."""
        return Text(
            f"The status list {self.url} was not looked up.", f"未查询状态列表 {self.url}。"
        )


@dataclass(frozen=True, slots=True)
class Place:
    """Where an OpenAttestation record is in its batch: its hash, and the path to the root.

    Any hash on the way may be revoked.
    """

    target: bytes
    path: tuple[bytes, ...] = ()

    @property
    def hashes(self) -> list[bytes]:
        """The record's hash and every node up to the root."""
        return merkle.steps_of(self.target, self.path)

    @property
    def root(self) -> bytes:
        """The root."""
        return self.hashes[-1]


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """A document store or revocation store of OpenAttestation on a chain (0 = not said).

    `issues`: the store has to have issued the root as well.
    """

    chain_id: int
    address: str
    place: Place
    issues: bool

    @property
    def note(self) -> Text:
        """What was not looked up."""
        return Text(
            f"Whether the document store {self.address} issued or revoked it was not looked up.",
            f"未查询文档存储合约 {self.address} 是否签发或吊销。",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Responded:
    """A responder of OpenAttestation (OCSP_RESPONDER): asked for every hash up to the root."""

    url: str
    place: Place

    @property
    def pages(self) -> tuple[str, ...]:
        """The addresses that have the answers, one for each hash."""
        return tuple(f"{self.url.rstrip('/')}/0x{each.hex()}" for each in self.place.hashes)

    @property
    def note(self) -> Text:
        """What was not looked up."""
        return Text(f"The responder {self.url} was not asked.", f"未查询响应服务 {self.url}。")


@dataclass(frozen=True, slots=True, kw_only=True)
class Owned:
    """A did:ethr whose registry (ERC-1056) has to say that its account still owns it."""

    did: str

    @property
    def chain_id(self) -> int:
        """The chain of its registry, 0 for a network of no known name."""
        found = _DID.fullmatch(self.did)
        network = "?" if found is None else found["network"] or ""
        return int(network, 16) if _HEX.fullmatch(network) else _NETWORKS.get(network, 0)

    @property
    def account(self) -> str:
        """The address of the account."""
        found = _DID.fullmatch(self.did)
        return "" if found is None else found["account"]

    @property
    def note(self) -> Text:
        """What was not looked up."""
        return Text(
            f"Whether the account behind {self.did} has changed was not looked up.",
            f"未查询 {self.did} 的账户是否变更。",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Strange:
    """A status of a kind that is not understood: it stays open."""

    kind: str

    @property
    def note(self) -> Text:
        """What was not looked up."""
        return Text(
            f"A status of the kind {self.kind or '?'} cannot be looked up.",
            f"无法查询类型为 {self.kind or '?'} 的状态。",
        )


Pending = Listed | Stored | Responded | Owned | Strange
