"""Changing what is not signed in a SignedData: certificates, revocation data, unsigned attributes.

What is signed stays octet for octet; sets are written in the order of DER (X.690, 11.6).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Final

from certs.asn1 import ber, der, oids
from certs.cms.structure import attribute
from certs.errors import MalformedDer
from certs.validation.material import Material

_CERTIFICATES: Final = 0xA0
_REVOCATION: Final = 0xA1
_UNSIGNED: Final = 0xA1
# RFC 5652, 5.1: revocation data of another form than a CRL makes the version 5.
_WITH_OTHER: Final = 5


@dataclass(frozen=True, slots=True)
class Opened:
    """A SignedData as its encoded parts; sets as what is in them."""

    version: int
    digests: tuple[bytes, ...]
    content: bytes
    certificates: tuple[bytes, ...]
    revocation: tuple[bytes, ...]
    signers: tuple[bytes, ...]

    def with_material(self, found: Material) -> Opened:
        """Return it with these certificates and revocation data added."""
        certificates = (*self.certificates, *(each.der for each in found.certificates))
        answers = [_other(each.encoded) for each in found.answers]
        revocation = (*self.revocation, *(each.encoded for each in found.lists), *answers)
        return replace(
            self,
            version=_WITH_OTHER if answers else self.version,
            certificates=tuple(dict.fromkeys(certificates)),
            revocation=tuple(dict.fromkeys(revocation)),
        )

    def with_attribute(self, index: int, name: str, *values: bytes) -> Opened:
        """Return it with an unsigned attribute added to the signer at `index`.

        One of a type that is there already stands beside it, as other verifiers expect of archive
        time-stamps.
        """
        signers = list(self.signers)
        signers[index] = _with_attribute(signers[index], attribute(name, *values))
        return replace(self, signers=tuple(signers))

    def with_signers(self, digests: Iterable[bytes], signers: Iterable[bytes]) -> Opened:
        """Return it with further signers and the digest algorithms they use."""
        return replace(
            self,
            digests=tuple(dict.fromkeys((*self.digests, *digests))),
            signers=(*self.signers, *signers),
        )

    def encode(self) -> bytes:
        """Return the DER of the ContentInfo."""
        parts = []
        for tag, values in ((_CERTIFICATES, self.certificates), (_REVOCATION, self.revocation)):
            if values:
                parts.append(der.tlv(tag, *sorted(values)))
        data = der.sequence(
            der.integer(self.version),
            der.set_of(*self.digests),
            self.content,
            *parts,
            der.set_of(*self.signers),
        )
        return der.sequence(der.oid(oids.ID_SIGNED_DATA), der.context(0, data))


def open_data(encoded: bytes) -> Opened:
    """Return the parts of a SignedData; raises MalformedDer."""
    outer = der.parse(ber.definite(encoded)).children()
    inner = outer[1].expect(0xA0).children() if len(outer) == 2 else []  # noqa: PLR2004
    fields = inner[0].expect(der.SEQUENCE).children() if inner else []
    if len(fields) < 4 or outer[0].dotted() != oids.ID_SIGNED_DATA:  # noqa: PLR2004
        raise MalformedDer(reason="no SignedData")
    sets = {each.tag: tuple(one.encoded for one in each.children()) for each in fields[3:-1]}
    return Opened(
        fields[0].number(),
        tuple(each.encoded for each in fields[1].expect(der.SET).children()),
        fields[2].expect(der.SEQUENCE).encoded,
        sets.get(_CERTIFICATES, ()),
        sets.get(_REVOCATION, ()),
        tuple(each.encoded for each in fields[-1].expect(der.SET).children()),
    )


def _other(response: bytes) -> bytes:
    """Return an OCSPResponse as OtherRevocationInfoFormat (RFC 5940, section 3)."""
    return der.context(1, der.oid(oids.RI_OCSP_RESPONSE), response)


def _with_attribute(signer: bytes, added: bytes) -> bytes:
    fields = der.parse(signer).children()
    present: list[bytes] = []
    if fields[-1].tag == _UNSIGNED:
        present = [each.encoded for each in fields[-1].children()]
        fields = fields[:-1]
    unsigned = der.tlv(_UNSIGNED, *sorted((*present, added)))
    return der.sequence(*(each.encoded for each in fields), unsigned)
