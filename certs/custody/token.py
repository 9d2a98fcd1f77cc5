"""Keys on a PKCS#11 token: P-256, P-384 and RSA. They are made there and never leave.

Needs the extra `pkcs11` (python-pkcs11) and the vendor's module. URIs are those of RFC 7512; the
PIN is given by reference.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import unquote

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature

from certs.algorithms import ExternalKey, Family, PublicKey, Scheme
from certs.asn1 import der
from certs.errors import KeyUnreadable, MalformedDer
from certs.secrets import read_secret

_CURVES: Final[dict[str, ec.EllipticCurve]] = {
    "1.2.840.10045.3.1.7": ec.SECP256R1(),
    "1.3.132.0.34": ec.SECP384R1(),
}
NAMES: Final = {"p256": "secp256r1", "p384": "secp384r1"}
_RSA_BITS: Final = 3072
_CAPABILITIES: Final = 0x00000800 | 0x00002000  # CKF_SIGN, CKF_VERIFY
_MECHANISMS: Final = {
    (Family.RSA, "sha256"): "SHA256_RSA_PKCS",
    (Family.RSA, "sha384"): "SHA384_RSA_PKCS",
    (Family.RSA, "sha512"): "SHA512_RSA_PKCS",
    (Family.PSS, "sha256"): "SHA256_RSA_PKCS_PSS",
    (Family.PSS, "sha384"): "SHA384_RSA_PKCS_PSS",
    (Family.PSS, "sha512"): "SHA512_RSA_PKCS_PSS",
}


@dataclass(frozen=True, slots=True)
class TokenUri:
    """Where a key is: module (a shared library), token, object, and where the PIN is."""

    module: str
    token: str
    label: str
    pin_source: str

    @classmethod
    def parse(cls, text: str) -> TokenUri:
        """Read an RFC 7512 URI; a PIN inside it is refused. Raises KeyUnreadable."""
        path, _, query = text.partition(":")[2].partition("?")
        parts = [*path.split(";"), *query.split("&")]
        said = {name: unquote(value) for name, _, value in (part.partition("=") for part in parts)}
        if "pin-value" in said:
            raise KeyUnreadable(ref="pkcs11", reason="a PIN does not belong into the URI")
        needed = ("module-path", "token", "object", "pin-source")
        if missing := [name for name in needed if not said.get(name)]:
            raise KeyUnreadable(ref=text, reason=f"{', '.join(missing)} is missing")
        return cls(said["module-path"], said["token"], said["object"], said["pin-source"])


class TokenKey(ExternalKey):
    """A key pair of an open session; threads take turns."""

    def __init__(self, private: Any, public: Any) -> None:  # noqa: ANN401 - of an optional library
        """Take the two objects as python-pkcs11 gives them; raises KeyUnreadable."""
        self._private = private
        self._public = _public_key(public)
        self._lock = threading.Lock()

    @classmethod
    def open(cls, uri: TokenUri) -> TokenKey:
        """Return the key pair that the URI names; raises KeyUnreadable."""
        session = _session(uri)
        from pkcs11 import ObjectClass
        from pkcs11.exceptions import PKCS11Error

        try:
            private = session.get_key(ObjectClass.PRIVATE_KEY, label=uri.label)
            public = session.get_key(ObjectClass.PUBLIC_KEY, label=uri.label)
        except PKCS11Error as wrong:
            raise KeyUnreadable(ref=uri.label, reason=_said(wrong)) from wrong
        return cls(private, public)

    @classmethod
    def generate(cls, uri: TokenUri, kind: str) -> TokenKey:
        """Make a key pair on the token: `p256`, `p384` or `rsa` (3,072 bits); as `open`."""
        session = _session(uri)
        from pkcs11 import Attribute, KeyType
        from pkcs11.exceptions import PKCS11Error
        from pkcs11.util.ec import encode_named_curve_parameters

        try:
            kept = {"store": True, "label": uri.label, "capabilities": _CAPABILITIES}
            if kind == "rsa":
                public, private = session.generate_keypair(KeyType.RSA, _RSA_BITS, **kept)
            else:
                curve = {Attribute.EC_PARAMS: encode_named_curve_parameters(NAMES[kind])}
                parameters = session.create_domain_parameters(KeyType.EC, curve, local=True)
                public, private = parameters.generate_keypair(**kept)
        except PKCS11Error as wrong:
            raise KeyUnreadable(ref=uri.label, reason=_said(wrong)) from wrong
        return cls(private, public)

    def public_key(self) -> PublicKey:
        """Return the public key."""
        return self._public

    def sign(self, scheme: Scheme, data: bytes) -> bytes:
        """Return the signature; raises KeyUnreadable when the token refuses."""
        from pkcs11.exceptions import PKCS11Error

        try:
            with self._lock:
                return self._signed(scheme, data)
        except PKCS11Error as refused:
            raise KeyUnreadable(ref="token", reason=_said(refused)) from refused

    def _signed(self, scheme: Scheme, data: bytes) -> bytes:
        from pkcs11 import MGF, Mechanism

        if scheme.family is Family.ECDSA:
            value = bytes(self._private.sign(scheme.digest.of(data), mechanism=Mechanism.ECDSA))
            half = len(value) // 2
            r, s = (int.from_bytes(each, "big") for each in (value[:half], value[half:]))
            return encode_dss_signature(r, s)
        name = _MECHANISMS.get((scheme.family, scheme.digest.name))
        if name is None:
            raise KeyUnreadable(ref="token", reason=f"no mechanism for {scheme.family.value}")
        parameter: Any = None
        if scheme.family is Family.PSS:
            digest = scheme.digest.name.upper()
            hashed = Mechanism["SHA_1" if digest == "SHA1" else digest]
            parameter = (hashed, MGF[digest], scheme.digest.size)
        found = self._private.sign(data, mechanism=Mechanism[name], mechanism_param=parameter)
        return bytes(found)


def _session(uri: TokenUri) -> Any:  # noqa: ANN401 - of an optional library
    try:
        import pkcs11
        from pkcs11.exceptions import PKCS11Error, UserAlreadyLoggedIn
    except ImportError as missing:
        reason = "install the extra: pip install 'silkgate[pkcs11]'"
        raise KeyUnreadable(ref="pkcs11", reason=reason) from missing
    pin = read_secret(uri.pin_source).decode()
    try:
        found = pkcs11.lib(uri.module).get_token(token_label=uri.token)
        try:
            return found.open(rw=True, user_pin=pin)
        except UserAlreadyLoggedIn:  # a login counts for the whole process
            return found.open(rw=True)
    except (PKCS11Error, RuntimeError) as wrong:
        raise KeyUnreadable(ref=f"{uri.module} {uri.token}", reason=_said(wrong)) from wrong


def _public_key(found: Any) -> PublicKey:  # noqa: ANN401 - as above
    """Return the public key of an object on the token; raises KeyUnreadable."""
    from pkcs11 import Attribute, KeyType

    try:
        if found.key_type == KeyType.RSA:
            modulus, exponent = (
                int.from_bytes(found[name], "big")
                for name in (Attribute.MODULUS, Attribute.PUBLIC_EXPONENT)
            )
            return rsa.RSAPublicNumbers(exponent, modulus).public_key()
        curve = _CURVES[der.parse(bytes(found[Attribute.EC_PARAMS]), der.OID).dotted()]
        return ec.EllipticCurvePublicKey.from_encoded_point(
            curve, _point(bytes(found[Attribute.EC_POINT]))
        )
    except (KeyError, ValueError, MalformedDer) as wrong:
        raise KeyUnreadable(ref="token", reason="a key of another kind") from wrong


def _point(octets: bytes) -> bytes:
    """Return the point, which the standard has in an OCTET STRING and some modules bare."""
    try:
        return der.parse(octets, der.OCTET_STRING).content
    except MalformedDer:
        return octets


def _said(error: Exception) -> str:
    """Return what a PKCS#11 error says; most say it by their class alone."""
    return str(error) or type(error).__name__
