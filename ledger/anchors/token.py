"""The chain account on a PKCS#11 token: its key never leaves the device.

Needs the extra `pkcs11` (python-pkcs11) and the vendor's module. The key is made on the token,
secp256k1, for signing only; it is named by an RFC 7512 URI:

    pkcs11:token=silkgate;object=chain?module-path=/usr/lib/softhsm/libsofthsm2.so
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, Protocol
from urllib.parse import unquote

from ledger.anchors.account import normalised
from ledger.anchors.errors import BadChainKey
from ledger.anchors.secp256k1 import address_of
from ledger.anchors.transaction import Transaction

_POINT_BYTES: Final = 64
_SCALAR_BYTES: Final = 32
_PREFIXES: Final = (b"\x04\x41\x04", b"\x04")
"""A DER octet string around an uncompressed point, as the standard has it; some give the point."""


@dataclass(frozen=True, slots=True)
class TokenUri:
    """Where a key is: module (a shared library), token and object label, where the PIN is."""

    module: str
    token: str
    label: str
    pin_source: str = ""

    @classmethod
    def parse(cls, text: str) -> TokenUri:
        """Read an RFC 7512 URI; a PIN inside it is refused. Raises BadChainKey."""
        scheme, _, rest = text.partition(":")
        path, _, query = rest.partition("?")
        said = {
            name: unquote(value)
            for name, _, value in (
                part.partition("=") for part in (*path.split(";"), *query.split("&"))
            )
        }
        if "pin-value" in said:
            raise BadChainKey(where="anchor.key", reason="a PIN does not belong into the settings")
        missing = [name for name in ("module-path", "token", "object") if not said.get(name)]
        if scheme != "pkcs11" or missing:
            raise BadChainKey(where=text, reason=f"{', '.join(missing) or 'pkcs11:'} is missing")
        return cls(said["module-path"], said["token"], said["object"], said.get("pin-source", ""))


class PrivateKey(Protocol):
    """A private key as python-pkcs11 gives it."""

    def sign(self, data: bytes, *, mechanism: Any) -> bytes:  # noqa: ANN401 - of an optional library
        """Return the signature."""
        ...


class PublicKey(Protocol):
    """A public key as python-pkcs11 gives it."""

    def __getitem__(self, attribute: Any) -> bytes:  # noqa: ANN401 - as above
        """Return an attribute."""
        ...


@dataclass(frozen=True)
class TokenAccount:
    """Signs with a key pair of an open session; fulfils `transaction.ChainSigner`."""

    private: PrivateKey
    public_key: PublicKey

    @cached_property
    def public(self) -> bytes:
        """The public key, 64 bytes x || y."""
        from pkcs11 import Attribute

        point = bytes(self.public_key[Attribute.EC_POINT])
        for prefix in _PREFIXES:
            if point.startswith(prefix) and len(point) == len(prefix) + _POINT_BYTES:
                return point[len(prefix) :]
        raise BadChainKey(where="EC_POINT", reason="it is no uncompressed point")

    @cached_property
    def address(self) -> str:
        """The account's address (EIP-55)."""
        return address_of(self.public)

    def sign(self, transaction: Transaction) -> tuple[int, int, int]:
        """Return (r, s, parity) over a transaction; raises BadChainKey if the token refuses."""
        from pkcs11 import Mechanism
        from pkcs11.exceptions import PKCS11Error

        digest = transaction.digest()
        try:
            value = bytes(self.private.sign(digest, mechanism=Mechanism.ECDSA))
        except PKCS11Error as refused:
            raise BadChainKey(where="token", reason=_said(refused)) from refused
        r, s = value[:_SCALAR_BYTES], value[_SCALAR_BYTES:]
        return normalised(digest, int.from_bytes(r, "big"), int.from_bytes(s, "big"), self.public)


def open_account(uri: TokenUri, pin: str) -> TokenAccount:
    """Return the account of a key on a token; raises BadChainKey."""
    session = _session(uri, pin)
    from pkcs11 import KeyType, ObjectClass
    from pkcs11.exceptions import PKCS11Error

    try:
        private = session.get_key(ObjectClass.PRIVATE_KEY, KeyType.EC, label=uri.label)
        public = session.get_key(ObjectClass.PUBLIC_KEY, KeyType.EC, label=uri.label)
    except PKCS11Error as wrong:
        raise BadChainKey(where=f"{uri.token}/{uri.label}", reason=_said(wrong)) from wrong
    return TokenAccount(private, public)


def generate(uri: TokenUri, pin: str) -> TokenAccount:
    """Make a key pair on the token, never to be extracted, and return its account."""
    session = _session(uri, pin)
    from pkcs11 import Attribute, KeyType
    from pkcs11.util.ec import encode_named_curve_parameters

    parameters = session.create_domain_parameters(
        KeyType.EC, {Attribute.EC_PARAMS: encode_named_curve_parameters("secp256k1")}, local=True
    )
    public, private = parameters.generate_keypair(store=True, label=uri.label)
    return TokenAccount(private, public)


def _session(uri: TokenUri, pin: str) -> Any:  # noqa: ANN401 - of an optional library
    try:
        import pkcs11
        from pkcs11.exceptions import PKCS11Error, UserAlreadyLoggedIn
    except ImportError as missing:
        raise BadChainKey(
            where="pkcs11", reason="install the extra: pip install silkgate[pkcs11]"
        ) from missing
    try:
        found = pkcs11.lib(uri.module).get_token(token_label=uri.token)
        try:
            return found.open(rw=True, user_pin=pin)
        except UserAlreadyLoggedIn:  # a login counts for the whole process
            return found.open(rw=True)
    except (PKCS11Error, RuntimeError) as wrong:
        raise BadChainKey(where=f"{uri.module} {uri.token}", reason=_said(wrong)) from wrong


def _said(error: Exception) -> str:
    """Return what a PKCS#11 error says; most say it by their class alone."""
    return str(error) or type(error).__name__
