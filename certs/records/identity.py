"""Who a record's issuer is: DNS-TXT and DNS-DID records, did:web, did:key.

Nothing is looked up here. `Identities` gives the answers: recorded ones from a file, or those of
a resolver that wiring puts in.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final, Protocol

from certs.errors import BadIdentities
from certs.records import multikey

Document = Mapping[str, object]

_TXT: Final = re.compile(r"openatts\s+net=(\w+)\s+netId=(\d+)\s+addr=(0x[0-9a-fA-F]{40})")
_DNS_DID: Final = re.compile(r"openatts\s+a=dns-did;\s*p=([^;\s]+);\s*v=1\.0;?")


class Identities(Protocol):
    """Answers about names; None means that nobody was asked."""

    def txt(self, name: str) -> Sequence[str] | None:
        """Return the TXT records of a domain name, empty when there are none."""
        ...

    def did_document(self, did: str) -> Document | None:
        """Return a DID document, empty when the DID does not resolve."""
        ...


@dataclass(frozen=True, slots=True)
class NotAsked:
    """Nobody is asked: what needs an answer stays unknown."""

    def txt(self, name: str) -> Sequence[str] | None:
        """Return None."""
        return None if name else ()

    def did_document(self, did: str) -> Document | None:
        """Return the document of a did:key, which needs nobody; else None."""
        return multikey.document_of(did)


@dataclass(frozen=True, slots=True)
class Recorded:
    """Answers written down before: `{"dns": {name: [records]}, "didweb": {did: document}}`.

    A name that is not among them does not resolve.
    """

    dns: Mapping[str, Sequence[str]] = field(default_factory=dict)
    didweb: Mapping[str, Document] = field(default_factory=dict)

    @classmethod
    def parse(cls, data: bytes, where: str = "") -> Recorded:
        """Read the file; raises BadIdentities."""
        try:
            said = json.loads(data)
            dns = {
                str(name).lower().rstrip("."): [str(each) for each in records]
                for name, records in dict(said.get("dns", {})).items()
            }
            didweb = {str(did): dict(found) for did, found in dict(said.get("didweb", {})).items()}
        except (ValueError, TypeError, AttributeError) as error:
            raise BadIdentities(where=where, reason=str(error)) from error
        return cls(dns, didweb)

    def txt(self, name: str) -> Sequence[str] | None:
        """Return the recorded answer."""
        return self.dns.get(name.lower().rstrip("."), ())

    def did_document(self, did: str) -> Document | None:
        """Return the recorded document, or that of a did:key, which needs nobody."""
        return multikey.document_of(did) or self.didweb.get(did, {})


@dataclass(frozen=True, slots=True)
class Registered:
    """A contract that a domain's owner says is theirs."""

    chain_id: int
    address: str


def registered(records: Sequence[str]) -> Iterator[Registered]:
    """Yield the contracts that a domain's TXT records name (OpenAttestation DNS-TXT)."""
    for record in records:
        found = _TXT.fullmatch(record.strip().strip('"'))
        if found and found[1] == "ethereum":
            yield Registered(int(found[2]), found[3].lower())


def keys_in_dns(records: Sequence[str]) -> Iterator[str]:
    """Yield the DID keys that a domain's TXT records name (OpenAttestation DNS-DID)."""
    for record in records:
        found = _DNS_DID.fullmatch(record.strip().strip('"'))
        if found:
            yield found[1]
