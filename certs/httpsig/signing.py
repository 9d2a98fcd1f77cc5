"""Signing an HTTP request (RFC 9421, 3.1) with Ed25519, P-256 or P-384."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec, ed25519

from certs.algorithms import PrivateKey, PublicKey, Scheme, scheme_by_jose
from certs.errors import UnsupportedAlgorithm
from certs.httpsig import structured
from certs.httpsig.message import DIGEST, Message, content_digest, signature_base
from certs.httpsig.structured import Bare, InnerList, Item

WANTED: Final = ("@method", "@target-uri", "content-type", DIGEST)
"""What a request has to have signed to say what was asked of whom."""
INPUT: Final = "signature-input"
SIGNATURE: Final = "signature"


def scheme_of(key: PublicKey) -> tuple[str, Scheme]:
    """Return the registered name and the scheme of a key (RFC 9421, 6.2); one for each type.

    Raises UnsupportedAlgorithm for a key of another type.
    """
    match key:
        case ed25519.Ed25519PublicKey():
            return "ed25519", scheme_by_jose("EdDSA")
        case ec.EllipticCurvePublicKey(curve=ec.SECP256R1()):
            return "ecdsa-p256-sha256", scheme_by_jose("ES256")
        case ec.EllipticCurvePublicKey(curve=ec.SECP384R1()):
            return "ecdsa-p384-sha384", scheme_by_jose("ES384")
    raise UnsupportedAlgorithm(algorithm=type(key).__name__)


def sign(
    message: Message,
    key: PrivateKey,
    *,
    key_id: str,
    created: datetime,
    covered: Sequence[str] = WANTED,
    nonce: str = "",
    tag: str = "",
    label: str = "sig",
) -> dict[str, str]:
    """Return the fields to add: Signature-Input, Signature, and Content-Digest if it is covered.

    Raises HttpSignatureRefused for a component that the message has not.
    """
    added: dict[str, str] = {}
    if DIGEST in covered and message.field(DIGEST) is None:
        added[DIGEST] = content_digest(message.body)
    parameters: dict[str, Bare] = {"created": int(created.timestamp()), "keyid": key_id}
    name, scheme = scheme_of(key.public_key())
    parameters["alg"] = name
    parameters |= {"nonce": nonce} if nonce else {}
    parameters |= {"tag": tag} if tag else {}
    said = InnerList(tuple(Item(each) for each in covered), parameters)
    whole = Message(
        method=message.method,
        url=message.url,
        headers=(*message.headers, *added.items()),
        body=message.body,
        status=message.status,
    )
    value = scheme.sign_raw(key, signature_base(whole, said))
    return {
        **added,
        INPUT: structured.dictionary({label: said}),
        SIGNATURE: structured.dictionary({label: Item(value)}),
    }
