"""Compact JWS between carriers and title platforms: PS256, RS256, ES256 or EdDSA (RFC 7515).

DCSA prescribes no algorithm; these four are in use. `none`, HMAC, unknown critical headers and a
key used with another algorithm than it was published for are refused.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from certs import jose
from certs.algorithms import PrivateKey, Scheme, scheme_by_jose
from certs.errors import UnsupportedAlgorithm
from certs.jose import jwk
from certs.jose.keybook import KeyBook, Signer
from certs.jose.serialization import Json
from certs.verdict import Refused, SubIndication
from certs.x509.certificate import Certificate
from schemas.jcs import canonical_json
from schemas.text import Text

ALGORITHMS: Final = ("PS256", "RS256", "ES256", "EdDSA")
_LONGEST: Final = 1024 * 1024
_PREFERRED: Final = {"RSA": "PS256", "EC": "ES256", "OKP": "EdDSA"}


@dataclass(frozen=True, slots=True)
class Opened:
    """What a verified JWS says, and who signed it."""

    payload: bytes
    header: Json
    signer: Signer


@dataclass(frozen=True, slots=True, eq=False)
class CompactSigner:
    """A key that signs compact JWS; `kid` is its thumbprint (RFC 7638).

    With a `chain` (leaf first, anchor left out) the certificates travel along in x5c.
    """

    private: PrivateKey
    algorithm: str = ""
    chain: tuple[Certificate, ...] = ()

    def published(self) -> dict[str, str]:
        """Return the JWK that others need to know this signer by."""
        return jwk.as_jwk(self.private.public_key(), self._name)

    @property
    def _name(self) -> str:
        if self.algorithm:
            return self.algorithm
        return _PREFERRED[jwk.as_jwk(self.private.public_key(), "")["kty"]]

    def sign(self, payload: bytes) -> str:
        """Return the compact JWS over `payload`; raises UnsupportedAlgorithm if the key differs."""
        published = self.published()
        header: dict[str, object] = {"alg": published["alg"], "kid": published["kid"]}
        if self.chain:
            header["x5c"] = [base64.b64encode(each.der).decode() for each in self.chain]
        scheme = _scheme(published["alg"])
        signed = f"{jose.encode(canonical_json(header))}.{jose.encode(payload)}"
        return f"{signed}.{jose.encode(scheme.sign_raw(self.private, signed.encode()))}"


def open_signed(text: str, book: KeyBook, at: datetime) -> Opened:
    """Return the verified payload of a compact JWS; raises Refused with the reason.

    The signature is checked with the key that `book` finds for the header, whatever key the
    header brings along; whether the signer is known is for the caller to weigh.
    """
    if len(text) > _LONGEST:
        raise _format("The JWS is too large.", "JWS 过大。")
    try:
        payload, (signature,) = jose.read(text.encode("ascii"))
    except UnicodeEncodeError as error:
        raise _format("This is not a compact JWS.", "这不是紧凑格式的 JWS。") from error
    header = signature.header
    if "crit" in header or signature.unprotected:
        raise _format("A critical header is not understood.", "存在无法理解的关键头部。")
    name = str(header.get("alg", ""))
    scheme = _known_scheme(name)
    signer = book.signer(header, at)
    if name not in signer.algorithms:
        raise Refused(
            SubIndication.SIG_CONSTRAINTS_FAILURE,
            Text(f"The key does not sign with {name}.", f"该密钥不使用 {name} 签名。"),
        )
    octets = f"{signature.protected}.{payload}".encode()
    if not scheme.verify_raw(signer.key, jose.decode(signature.value), octets):
        raise Refused(
            SubIndication.SIG_CRYPTO_FAILURE,
            Text("The signature value is wrong.", "签名值错误。"),
        )
    return Opened(jose.decode(payload), header, signer)


def _format(en: str, zh: str) -> Refused:
    return Refused(SubIndication.FORMAT_FAILURE, Text(en, zh))


def _known_scheme(name: str) -> Scheme:
    try:
        return _scheme(name)
    except UnsupportedAlgorithm as error:
        raise Refused(SubIndication.SIG_CONSTRAINTS_FAILURE, error.message) from error


def _scheme(name: str) -> Scheme:
    if name not in ALGORITHMS:
        raise UnsupportedAlgorithm(algorithm=name)
    return scheme_by_jose(name)
