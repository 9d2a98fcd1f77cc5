"""Whom we trust: anchors and revocation lists, from a folder or given as certificates."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Final

from certs.errors import MalformedCertificate
from certs.x509 import certificate as certificates
from certs.x509.certificate import Certificate, NameKey
from certs.x509.revocation_list import RevocationList, load_list

_SUFFIXES: Final = frozenset({".pem", ".crt", ".cer", ".der", ".crl"})
_PEM_CRL: Final = b"-----BEGIN X509 CRL-----"


@dataclass(frozen=True, slots=True, eq=False)
class TrustStore:
    """Anchors (trusted as they are), revocation lists, and certificates known but not trusted.

    Immutable, so that what a path validator remembers about it stays true; `identity` tells two
    stores apart. With `strict` every certificate needs a word on its revocation.
    """

    anchors: frozenset[Certificate]
    lists: tuple[RevocationList, ...] = ()
    known: frozenset[Certificate] = frozenset()
    unreadable: tuple[str, ...] = ()
    strict: bool = False
    identity: bytes = field(init=False)
    by_subject: dict[NameKey, tuple[Certificate, ...]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        """Index the certificates by subject and take the digest of all."""
        index: defaultdict[NameKey, list[Certificate]] = defaultdict(list)
        for each in sorted(self.anchors | self.known, key=lambda found: found.der):
            index[each.subject].append(each)
        digest = hashlib.sha256()
        for label, parts in (
            (b"anchors", sorted(each.sha256 for each in self.anchors)),
            (b"known", sorted(each.sha256 for each in self.known)),
            (b"lists", sorted(each.sha256 for each in self.lists)),
        ):
            digest.update(hashlib.sha256(label + b"".join(parts)).digest())
        object.__setattr__(self, "identity", digest.digest())
        object.__setattr__(self, "by_subject", {key: tuple(many) for key, many in index.items()})

    @classmethod
    def of(cls, *anchors: Certificate) -> TrustStore:
        """Return a store that trusts exactly these certificates."""
        return cls(frozenset(anchors))

    @classmethod
    def from_folder(cls, folder: Path) -> TrustStore:
        """Return the store of the certificates and CRLs (PEM or DER) directly in `folder`.

        A file that cannot be read trusts nobody; its name is kept in `unreadable`.
        """
        anchors: list[Certificate] = []
        lists: list[RevocationList] = []
        unreadable: list[str] = []
        for path in sorted(folder.iterdir()):
            if path.suffix.lower() not in _SUFFIXES or not path.is_file():
                continue
            try:
                _sort(path, anchors, lists)
            except MalformedCertificate:
                unreadable.append(path.name)
        return cls(frozenset(anchors), tuple(lists), unreadable=tuple(unreadable))

    def with_lists(self, *encoded: bytes) -> TrustStore:
        """Return a store that also knows these CRLs (DER)."""
        added = tuple(load_list(each) for each in encoded)
        return replace(self, lists=self.lists + added)

    def with_known(self, given: Iterable[Certificate]) -> TrustStore:
        """Return a store that also knows these certificates, and trusts them no more for it."""
        return replace(self, known=self.known | frozenset(given))

    def with_anchors(self, anchors: Iterable[Certificate]) -> TrustStore:
        """Return a store that also trusts these certificates."""
        return replace(self, anchors=self.anchors | frozenset(anchors))


def _sort(path: Path, anchors: list[Certificate], lists: list[RevocationList]) -> None:
    data = path.read_bytes()
    if _PEM_CRL in data or path.name.lower().endswith((".crl", ".crl.der")):
        lists.append(load_list(data))
    else:
        anchors.extend(certificates.load_all(data))
