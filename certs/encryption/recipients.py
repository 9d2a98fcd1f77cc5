"""Content keys for recipients: RSA-OAEP (RFC 3560) and ephemeral-static ECDH (RFC 5753)."""

from __future__ import annotations

from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.kdf.x963kdf import X963KDF
from cryptography.hazmat.primitives.keywrap import aes_key_unwrap, aes_key_wrap
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from certs import cms
from certs.asn1 import der, oids
from certs.digests import SHA256, SHA384, SHA512, Digest, digest_by_oid
from certs.errors import MalformedDer, NoEncryptionKey
from certs.keys import SigningKey
from certs.x509.certificate import Certificate

_OAEP: Final = "1.2.840.113549.1.1.7"
# dhSinglePass-stdDH with the X9.63 derivation over these digests (RFC 5753, 7.1.4).
_AGREED: Final = {
    "1.3.132.1.11.1": SHA256,
    "1.3.132.1.11.2": SHA384,
    "1.3.132.1.11.3": SHA512,
}
_STD_SHA256: Final = "1.3.132.1.11.1"
_WRAPS: Final = {
    "2.16.840.1.101.3.4.1.5": 16,
    "2.16.840.1.101.3.4.1.25": 24,
    "2.16.840.1.101.3.4.1.45": 32,
}
_WRAP_256: Final = "2.16.840.1.101.3.4.1.45"
_LEAST_RSA_BITS: Final = 2048
_KEY_AGREEMENT: Final = 0xA1
_OF_KEY_AGREEMENT: Final = 3
_MOST_RECIPIENTS: Final = 64
_CONTENT: Final = 0x80


def info(content_key: bytes, recipient: Certificate) -> bytes:
    """Return the RecipientInfo that lets `recipient` have the content key."""
    key = recipient.public_key
    match key:
        case rsa.RSAPublicKey(key_size=bits) if bits >= _LEAST_RSA_BITS:
            needs(recipient, "key_encipherment")
            return _transported(content_key, recipient, key)
        case ec.EllipticCurvePublicKey():
            needs(recipient, "key_agreement")
            return _agreed(content_key, recipient, key)
    raise NoEncryptionKey(name=recipient.name, reason="its key is neither RSA nor EC")


def needs(recipient: Certificate, usage: str) -> None:
    """Raise NoEncryptionKey for a certificate that is not for this usage."""
    if not recipient.allows(usage):
        raise NoEncryptionKey(name=recipient.name, reason=f"it is not certified for {usage}")


def _transported(content_key: bytes, recipient: Certificate, key: rsa.RSAPublicKey) -> bytes:
    encrypted = key.encrypt(content_key, _oaep(SHA256))
    hashed = der.sequence(der.oid(SHA256.oid), der.null())
    parameters = der.sequence(
        der.context(0, hashed), der.context(1, der.sequence(der.oid(oids.MGF1), hashed))
    )
    return der.sequence(
        der.integer(0),
        cms.identified_by(recipient),
        der.sequence(der.oid(_OAEP), parameters),
        der.octets(encrypted),
    )


def _oaep(digest: Digest, mask: Digest | None = None) -> padding.OAEP:
    masked = (mask or digest).primitive
    return padding.OAEP(padding.MGF1(masked), digest.primitive, label=None)


def _agreed(content_key: bytes, recipient: Certificate, key: ec.EllipticCurvePublicKey) -> bytes:
    ephemeral = ec.generate_private_key(key.curve)
    wrap = der.sequence(der.oid(_WRAP_256))
    secret = ephemeral.exchange(ec.ECDH(), key)
    derived = _derived(secret, SHA256, wrap, 32, b"")
    point = ephemeral.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    originator = der.context(
        1,
        der.sequence(der.oid(oids.EC_PUBLIC_KEY)),
        der.tlv(der.BIT_STRING, b"\x00", point),
    )
    mine = der.sequence(
        cms.identified_by(recipient), der.octets(aes_key_wrap(derived, content_key))
    )
    return der.tlv(
        _KEY_AGREEMENT,
        der.integer(_OF_KEY_AGREEMENT),
        der.context(0, originator),
        der.sequence(der.oid(_STD_SHA256), wrap),
        der.sequence(mine),
    )


def _derived(secret: bytes, digest: Digest, wrap: bytes, size: int, material: bytes) -> bytes:
    """Return the key that wraps, over ECC-CMS-SharedInfo (RFC 5753, 7.2)."""
    shared = der.sequence(wrap, material, der.context(2, der.octets((8 * size).to_bytes(4, "big"))))
    return X963KDF(digest.primitive, size, shared).derive(secret)


def content_key(infos: der.Node, key: SigningKey) -> bytes:
    """Return the content key that one of the RecipientInfos holds for `key`.

    Raises MalformedDer when none does, ValueError or InvalidUnwrap when it does not open.
    """
    for each in listed(infos):
        found = _agreed_for(each, key) if each.tag == _KEY_AGREEMENT else _sent_to(each, key)
        if found:
            return found
    raise MalformedDer(reason="no recipient of this key")


def listed(infos: der.Node) -> list[der.Node]:
    """Return each RecipientInfo; raises MalformedDer for too many."""
    found = infos.expect(der.SET).children()
    if len(found) > _MOST_RECIPIENTS:
        raise MalformedDer(reason="too many recipients")
    return found


def joined(encrypted: der.Node) -> bytes:
    """Return the encrypted content, which streaming writers leave in pieces."""
    if encrypted.tag == _CONTENT:
        return encrypted.content
    return b"".join(each.expect(der.OCTET_STRING).content for each in encrypted.children())


def is_ours(identifier: der.Node, key: SigningKey) -> bool:
    """Tell whether a recipient is named by issuer and serial, or key identifier, of `key`."""
    own = key.certificate
    if identifier.tag == der.SEQUENCE:
        return identifier.encoded == cms.identified_by(own)
    inner = identifier.children() if identifier.tag == 0xA0 else []  # noqa: PLR2004 - rKeyId
    named = inner[0].content if inner else identifier.content
    return bool(own.key_id) and named == own.key_id


def _sent_to(node: der.Node, key: SigningKey) -> bytes:
    _, identifier, algorithm, encrypted = node.expect(der.SEQUENCE).children()
    if not isinstance(key.private, rsa.RSAPrivateKey) or not is_ours(identifier, key):
        return b""
    name, *parameters = algorithm.children()
    if name.dotted() != _OAEP:
        raise MalformedDer(reason="not RSA-OAEP")
    hashed, masked = _oaep_digests(parameters[0])
    return key.private.decrypt(encrypted.expect(der.OCTET_STRING).content, _oaep(hashed, masked))


def _oaep_digests(parameters: der.Node) -> tuple[Digest, Digest]:
    """Return the digests of RSAES-OAEP-params; both must be named, SHA-1 is not taken."""
    fields = {each.tag: each.children()[0] for each in parameters.children()}
    hashed = digest_by_oid(fields[0xA0].children()[0].dotted())
    mask = fields[0xA1].children()
    masked = digest_by_oid(mask[1].children()[0].dotted())
    if hashed.weak or masked.weak or set(fields) != {0xA0, 0xA1}:
        raise MalformedDer(reason="RSA-OAEP with these parameters")
    return hashed, masked


def _agreed_for(node: der.Node, key: SigningKey) -> bytes:
    version, originator, *rest = node.children()
    material = rest.pop(0).encoded if rest[0].tag == 0xA1 else b""  # noqa: PLR2004 - ukm
    algorithm, listed = rest
    if version.number() != _OF_KEY_AGREEMENT:
        raise MalformedDer(reason="a KeyAgreeRecipientInfo of another version")
    private = key.private
    for each in listed.children():
        identifier, encrypted = each.children()
        if not isinstance(private, ec.EllipticCurvePrivateKey) or not is_ours(identifier, key):
            continue
        name, wrap = algorithm.children()
        digest, size = _AGREED[name.dotted()], _WRAPS[wrap.children()[0].dotted()]
        bits = originator.children()[0].children()[1].expect(der.BIT_STRING).content
        theirs = ec.EllipticCurvePublicKey.from_encoded_point(private.curve, bits[1:])
        shared = private.exchange(ec.ECDH(), theirs)
        derived = _derived(shared, digest, wrap.encoded, size, material)
        return aes_key_unwrap(derived, encrypted.expect(der.OCTET_STRING).content)
    return b""
