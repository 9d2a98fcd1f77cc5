"""Keys with a remote signer that speaks the API of the Cloud Signature Consortium (v1, v2).

Two calls are used: `credentials/authorize` for a short-lived right to sign one hash, and
`signatures/signHash`. Only the digest leaves the house. The address must be https, or on this
machine; nothing else is ever called. The version is that of the address (`/csc/v2`).
"""

from __future__ import annotations

import base64
import binascii
import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol
from urllib.parse import parse_qs, urlsplit

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from certs.algorithms import ExternalKey, Family, PublicKey, Scheme
from certs.asn1.oids import RSASSA_PSS
from certs.errors import KeyUnreadable, MalformedCertificate
from certs.secrets import read_secret
from certs.x509 import certificate as certificates
from certs.x509.certificate import Certificate

if TYPE_CHECKING:
    import httpx

_OK: Final = 200
_PATIENCE: Final = 15.0
_LARGEST: Final = 1024 * 1024
_LOCAL: Final = frozenset({"127.0.0.1", "localhost", "::1"})


class RemoteSigner(Protocol):
    """Signs digests with a credential it keeps."""

    def certificates(self) -> tuple[Certificate, ...]:
        """Return the chain of the credential, leaf first; raises KeyUnreadable."""
        ...

    def sign_hash(self, digest: bytes, scheme: Scheme) -> bytes:
        """Return the signature value over a digest; raises KeyUnreadable."""
        ...


@dataclass(frozen=True, slots=True)
class SignerUri:
    """Where the signer is, which credential, and where token, CA, PIN and TOTP secret are.

    What authorises a signature is referred to: the credential's PIN, and the secret (Base32) of
    its one-time passwords (RFC 6238: SHA-1, 6 digits, 30 seconds).
    """

    base: str
    credential: str
    token: str = ""
    authority: str = ""
    pin: str = ""
    totp: str = ""

    @property
    def is_second(self) -> bool:
        """Whether the address is of version 2 of the API."""
        return "v2" in self.base.split("/")

    @classmethod
    def parse(cls, text: str) -> SignerUri:
        """Read `csc+https://HOST/PATH?credential=ID`; raises KeyUnreadable."""
        parts = urlsplit(text.removeprefix("csc+"))
        said = {name: values[0] for name, values in parse_qs(parts.query).items()}
        safe = parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in _LOCAL)
        if not safe or "credential" not in said or parts.username:
            reason = "https, no user name, and a credential are needed"
            raise KeyUnreadable(ref=text, reason=reason)
        base = f"{parts.scheme}://{parts.netloc}{parts.path.rstrip('/')}"
        given = {
            field: said[name]
            for name, field in (
                *(("token", "token"), ("ca", "authority"), ("pin", "pin"), ("totp", "totp")),
            )
            if name in said
        }
        return cls(base, said["credential"], **given)


class RemoteKey(ExternalKey):
    """A key that a remote signer uses for us."""

    def __init__(self, signer: RemoteSigner) -> None:
        """Ask the signer for its chain; raises KeyUnreadable."""
        self._signer = signer
        self.chain = signer.certificates()
        public = self.chain[0].public_key
        if public is None:
            raise KeyUnreadable(ref=self.chain[0].name, reason="a key of another kind")
        self._public = public

    @classmethod
    def open(cls, uri: SignerUri) -> RemoteKey:
        """Return the key of a credential; raises KeyUnreadable or SecretMissing."""
        return cls(CloudSigner(uri))

    def public_key(self) -> PublicKey:
        """Return the public key in the credential's certificate."""
        return self._public

    def sign(self, scheme: Scheme, data: bytes) -> bytes:
        """Return the signature, ECDSA as DER whichever way the signer writes it."""
        value = self._signer.sign_hash(scheme.digest.of(data), scheme)
        if isinstance(self._public, ec.EllipticCurvePublicKey):
            size = (self._public.key_size + 7) // 8
            if len(value) == 2 * size:
                r, s = (int.from_bytes(each, "big") for each in (value[:size], value[size:]))
                return encode_dss_signature(r, s)
        return value


class CloudSigner:
    """A client of the API over HTTP; fulfils `RemoteSigner`."""

    def __init__(self, uri: SignerUri, transport: httpx.BaseTransport | None = None) -> None:
        """Call the signer at `uri`, trusting its own CA where one is named."""
        import ssl

        import httpx

        self._uri = uri
        given = f"Bearer {read_secret(uri.token).decode()}" if uri.token else ""
        trust = ssl.create_default_context(cafile=uri.authority or None)
        self._http = httpx.Client(
            verify=trust,
            timeout=_PATIENCE,
            follow_redirects=False,
            transport=transport,
            headers={"authorization": given} if given else {},
        )

    def certificates(self) -> tuple[Certificate, ...]:
        """Return the chain of the credential."""
        asked = {"credentialID": self._uri.credential, "certificates": "chain"}
        found = self._post("credentials/info", asked)
        try:
            encoded = found["cert"]["certificates"]
            chain = tuple(certificates.load(base64.b64decode(each)) for each in encoded)
        except (KeyError, TypeError, ValueError, MalformedCertificate) as error:
            raise self._strange("certificates") from error
        if not chain:
            raise self._strange("certificates")
        return chain

    def sign_hash(self, digest: bytes, scheme: Scheme) -> bytes:
        """Have one digest authorised and signed."""
        second = self._uri.is_second
        about: dict[str, object] = {
            "credentialID": self._uri.credential,
            "hashes" if second else "hash": [base64.b64encode(digest).decode()],
        }
        hashed_by = {"hashAlgorithmOID" if second else "hashAlgo": scheme.digest.oid}
        wanted = {**about, "numSignatures": 1, **self._authentication()}
        right = self._post("credentials/authorize", wanted | (hashed_by if second else {}))
        if "SAD" not in right:
            raise self._strange("no right to sign was given at once")
        algorithm = RSASSA_PSS if scheme.family is Family.PSS else scheme.oid
        asked = {**about, **hashed_by, "SAD": str(right["SAD"]), "signAlgo": algorithm}
        if scheme.family is Family.PSS:
            asked["signAlgoParams"] = base64.b64encode(scheme.parameters).decode()
        found = self._post("signatures/signHash", asked)
        try:
            (value,) = found["signatures"]
            return base64.b64decode(value, validate=True)
        except (KeyError, TypeError, ValueError, binascii.Error) as error:
            raise self._strange("signatures") from error

    def _authentication(self) -> dict[str, object]:
        """Return PIN and one-time password, as far as the credential asks for them."""
        given = {
            "PIN": read_secret(self._uri.pin).decode() if self._uri.pin else "",
            "OTP": _one_time(read_secret(self._uri.totp)) if self._uri.totp else "",
        }
        said = {name: value for name, value in given.items() if value}
        if self._uri.is_second and said:
            return {"authData": [{"id": name, "value": value} for name, value in said.items()]}
        return dict(said)

    def _post(self, call: str, asked: Mapping[str, object]) -> dict[str, Any]:
        import httpx

        try:
            with self._http.stream("POST", f"{self._uri.base}/{call}", json=dict(asked)) as answer:
                read = b""
                for chunk in answer.iter_bytes():
                    read += chunk
                    if len(read) > _LARGEST:
                        raise self._strange("an answer without end")
        except httpx.HTTPError as error:
            raise KeyUnreadable(ref=self._uri.base, reason=str(error) or "no answer") from error
        return self._read(call, answer.status_code, read)

    def _read(self, call: str, status: int, octets: bytes) -> dict[str, Any]:
        try:
            found = json.loads(octets)
        except ValueError as error:
            raise self._strange(call) from error
        if status != _OK or not isinstance(found, dict):
            said = found.get("error_description", status) if isinstance(found, dict) else status
            raise KeyUnreadable(ref=self._uri.credential, reason=f"{call}: {said}")
        return found

    def _strange(self, what: str) -> KeyUnreadable:
        return KeyUnreadable(ref=self._uri.credential, reason=f"a strange answer: {what}")


def _one_time(secret: bytes) -> str:
    """Return the one-time password of this moment; raises KeyUnreadable for no Base32."""
    text = secret.decode("ascii", "replace").replace(" ", "").strip().upper()
    try:
        key = base64.b32decode(text + "=" * (-len(text) % 8))
        made = TOTP(key, 6, SHA1(), 30, enforce_key_length=False)  # noqa: S303 - as signers have it
    except ValueError as error:
        raise KeyUnreadable(ref="totp", reason="it is no Base32") from error
    return made.generate(int(time.time())).decode()
