"""CMS SignedData (RFC 5652) with the attributes of CAdES-B (EN 319 122-1): written and read."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from certs.asn1 import der, oids
from certs.digests import Digest, digest_by_oid
from certs.errors import MalformedDer
from certs.keys import SigningKey
from certs.verdict import Refused, SubIndication
from certs.x509 import ocsp_response
from certs.x509.certificate import Certificate
from schemas.text import Text


@dataclass(frozen=True, slots=True)
class Types:
    """The content types by which a standard names its SignedData and the plain data in it."""

    signed_data: str
    data: str


_MOST_SIGNERS: Final = 16
NO_TYPE: Final = ""
RFC_5652: Final = Types(oids.ID_SIGNED_DATA, oids.ID_DATA)


@dataclass(frozen=True, slots=True)
class SignerInfo:
    """One signer: who, over which attributes, with which signature.

    `attributes` and `unsigned` give the values of each attribute by OID; `signed_octets` are
    the DER of the signed attributes as SET OF, over which the signature is made (RFC 5652, 5.4).
    """

    identifier: der.Node
    digest: Digest
    algorithm: der.Node
    signature: bytes
    signed_octets: bytes
    attributes: dict[str, list[der.Node]] = field(default_factory=dict)
    unsigned: dict[str, list[der.Node]] = field(default_factory=dict)

    @property
    def readings(self) -> tuple[bytes, ...]:
        """What may have been signed: the attributes as they stand, else in the order of DER.

        The latter is what RFC 5652, 5.4 asks for; some keep another order in the file.
        """
        if not self.signed_octets:
            return ()
        parts = (each.encoded for each in der.parse(self.signed_octets, der.SET).children())
        return tuple(dict.fromkeys((self.signed_octets, der.set_of(*parts))))

    def attribute(self, name: str) -> der.Node | None:
        """Return the single value of a signed attribute, or None; refuses several values."""
        values = self.attributes.get(name)
        if values is None:
            return None
        if len(values) != 1:
            raise MalformedDer(reason=f"attribute {name} has {len(values)} values")
        return values[0]


@dataclass(frozen=True, slots=True)
class SignedData:
    """What a SignedData carries; `content` is None when it is detached.

    `lists` are CRLs, `responses` OCSPResponses, both DER (RFC 5652, 10.2.1; RFC 5940).
    """

    content_type: str
    content: bytes | None
    certificates: tuple[bytes, ...]
    signers: tuple[SignerInfo, ...]
    lists: tuple[bytes, ...] = ()
    responses: tuple[bytes, ...] = ()


def read(encoded: bytes, types: Types = RFC_5652) -> SignedData:
    """Return the SignedData in a ContentInfo; raises MalformedDer or UnsupportedAlgorithm."""
    outer = der.parse(encoded).children()
    if len(outer) != 2 or outer[0].dotted() != types.signed_data:  # noqa: PLR2004
        raise MalformedDer(reason="no SignedData")
    inner = outer[1].expect(0xA0).children()
    if len(inner) != 1:
        raise MalformedDer(reason="no SignedData")
    version, digests, content, *rest = several(inner[0].expect(der.SEQUENCE), 4)
    certificates: tuple[bytes, ...] = ()
    lists: tuple[bytes, ...] = ()
    responses: tuple[bytes, ...] = ()
    for part in rest[:-1]:
        if part.tag == 0xA0:  # noqa: PLR2004 - [0] certificates; [1] is revocation data
            certificates = tuple(each.encoded for each in part.children())
        else:
            values = part.expect(0xA1).children()
            lists = tuple(each.encoded for each in values if each.tag == der.SEQUENCE)
            responses = tuple(_responses(values))
    infos = rest[-1].expect(der.SET).children()
    if len(infos) > _MOST_SIGNERS:
        raise MalformedDer(reason="there are too many signers")
    signers = tuple(map(read_signer, infos))
    data = SignedData(*_content(content), certificates, signers, lists, responses)
    plain = len(rest) == 1 + bool(certificates)
    _check_version(version.number(), data, plain=plain, named=types.data)
    named = {
        several(each.expect(der.SEQUENCE), 1)[0].dotted()
        for each in digests.expect(der.SET).children()
    }
    if not {signer.digest.oid for signer in signers} <= named:
        raise MalformedDer(reason="a digest algorithm is not announced")
    return data


def _responses(values: Sequence[der.Node]) -> Iterator[bytes]:
    """Yield the OCSPResponses among OtherRevocationInfoFormat, those bare in old ones wrapped."""
    for each in values:
        if each.tag != 0xA1:  # noqa: PLR2004 - [1] other
            continue
        kind, value = several(each, 2)[:2]
        if kind.dotted() == oids.RI_OCSP_RESPONSE:
            yield value.encoded
        elif kind.dotted() == oids.OCSP_BASIC:
            yield ocsp_response.wrapped(value.encoded)


def _check_version(version: int, data: SignedData, *, plain: bool, named: str) -> None:
    """The version follows from the content (RFC 5652, 5.1); old writers put 1 for 3."""
    by_key = any(signer.identifier.tag != der.SEQUENCE for signer in data.signers)
    least = 3 if by_key or data.content_type != named else 1
    others = not plain or any(each[0] != der.SEQUENCE for each in data.certificates)
    if version != least and not (others and version in {1, 3, 4, 5}):
        raise MalformedDer(reason="the version of SignedData does not fit")


def several(node: der.Node, least: int) -> list[der.Node]:
    """Return the elements of a structure; raises MalformedDer for fewer than `least`."""
    children = node.children()
    if len(children) < least:
        raise MalformedDer(reason="a structure has too few fields")
    return children


def _content(node: der.Node) -> tuple[str, bytes | None]:
    kind, *rest = several(node.expect(der.SEQUENCE), 1)
    if not rest:
        return kind.dotted(), None
    wrapped = rest[0].expect(0xA0).children()
    if len(rest) != 1 or len(wrapped) != 1:
        raise MalformedDer(reason="the content is not one OCTET STRING")
    return kind.dotted(), wrapped[0].expect(der.OCTET_STRING).content


def read_signer(node: der.Node) -> SignerInfo:
    """Return a SignerInfo; raises MalformedDer or UnsupportedAlgorithm."""
    version, identifier, digest, *rest = several(node.expect(der.SEQUENCE), 5)
    by_key = identifier.tag == 0x80  # noqa: PLR2004 - [0] subjectKeyIdentifier
    if version.number() != (3 if by_key else 1):
        raise MalformedDer(reason="the version of a SignerInfo does not fit its identifier")
    attributes: dict[str, list[der.Node]] = {}
    signed_octets = b""
    if rest[0].tag == 0xA0:  # noqa: PLR2004 - [0] signedAttrs
        attributes, signed_octets = _attributes(rest[0]), b"\x31" + rest[0].encoded[1:]
        rest = rest[1:]
    if len(rest) not in {2, 3}:
        raise MalformedDer(reason="a SignerInfo has too few or too many fields")
    unsigned = _attributes(rest[2].expect(0xA1)) if rest[2:] else {}
    algorithm = digest.expect(der.SEQUENCE).children()
    if not algorithm:
        raise MalformedDer(reason="no digest algorithm")
    return SignerInfo(
        identifier,
        digest_by_oid(algorithm[0].dotted()),
        rest[0],
        rest[1].expect(der.OCTET_STRING).content,
        signed_octets,
        attributes,
        unsigned,
    )


def _attributes(node: der.Node) -> dict[str, list[der.Node]]:
    """Return attribute values by OID; the same signed attribute twice is refused.

    Content time-stamps may be several (EN 319 122-1, 5.2.8).
    """
    found: dict[str, list[der.Node]] = {}
    for each in node.children():
        name, values = several(each.expect(der.SEQUENCE), 2)[:2]
        once = node.tag == 0xA0 and name.dotted() != oids.CONTENT_TIME_STAMP  # noqa: PLR2004
        if once and name.dotted() in found:
            raise MalformedDer(reason=f"attribute {name.dotted()} is there twice")
        found.setdefault(name.dotted(), []).extend(values.expect(der.SET).children())
    return found


def attribute(name: str, *values: bytes) -> bytes:
    """Return the DER of one attribute."""
    return der.sequence(der.oid(name), der.set_of(*values))


def signing_certificate_v2(certificate: Certificate) -> bytes:
    """Return the ESS attribute that binds the signer's certificate (RFC 5035, 5.4.1.1)."""
    identified = der.sequence(der.octets(certificate.sha256))
    return attribute(oids.SIGNING_CERTIFICATE_V2, der.sequence(der.sequence(identified)))


def identified_by(certificate: Certificate) -> bytes:
    """Return the DER of issuerAndSerialNumber."""
    return der.sequence(certificate.issuer_der, der.integer(certificate.serial))


def signer_info(
    key: SigningKey, attributes: Sequence[bytes], unsigned: Sequence[bytes] = (), *, value: bytes
) -> bytes:
    """Return the DER of a SignerInfo whose signature `value` is over `attributes` as SET OF."""
    extra = (der.tlv(0xA1, *sorted(unsigned)),) if unsigned else ()
    return der.sequence(
        der.integer(1),
        identified_by(key.certificate),
        key.scheme.digest.identifier,
        der.tlv(0xA0, *sorted(attributes)),
        key.scheme.identifier,
        der.octets(value),
        *extra,
    )


def sign_attributes(key: SigningKey, attributes: Sequence[bytes]) -> bytes:
    """Return the signature over the SET OF `attributes`."""
    return key.scheme.sign(key.private, der.set_of(*attributes))


def content_info(
    key: SigningKey, version: int, content: bytes, certificates: Sequence[bytes], signer: bytes
) -> bytes:
    """Return the DER of a ContentInfo with one signer; `content` is an EncapsulatedContentInfo."""
    embedded = (der.tlv(0xA0, *sorted(certificates)),) if certificates else ()
    signed_data = der.sequence(
        der.integer(version),
        der.set_of(key.scheme.digest.identifier),
        content,
        *embedded,
        der.set_of(signer),
    )
    return der.sequence(der.oid(oids.ID_SIGNED_DATA), der.context(0, signed_data))


def signing_time(moment: datetime) -> bytes:
    """Return the signing-time attribute."""
    return attribute(oids.SIGNING_TIME, der.utc_time(moment))


def signer_certificate(signer: SignerInfo, candidates: Sequence[Certificate]) -> Certificate | None:
    """Return the candidate that the SignerInfo identifies, or None."""
    for each in candidates:
        if signer.identifier.tag == der.SEQUENCE:
            if signer.identifier.encoded == identified_by(each):
                return each
        elif signer.identifier.content == each.key_id:
            return each
    return None


def signed_content(data: SignedData, content: bytes | None) -> bytes:
    """Return the octets that are signed: enclosed, given, or both and then the same.

    Raises Refused (SIGNED_DATA_NOT_FOUND, HASH_FAILURE).
    """
    if data.content is None and content is None:
        raise Refused(
            SubIndication.SIGNED_DATA_NOT_FOUND,
            Text("The signed file is not here.", "缺少被签署的文件。"),
        )
    if data.content is not None and content is not None and data.content != content:
        raise Refused(
            SubIndication.HASH_FAILURE,
            Text("The content is not what was signed.", "内容与签名时不一致。"),
        )
    return data.content if data.content is not None else content or b""
