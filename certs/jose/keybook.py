"""Who signed a compact JWS: the key registry first, else a certificate's organisation.

A key that comes along in the message proves nothing about who sent it: with `x5c` the chain has
to end at an anchor, and the organisation it certifies has to be one that is registered. Where the
registry knows the key id, its key is the one that counts, and a certificate that comes along has
to be of that very key and in force.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from types import MappingProxyType
from typing import Final

from cryptography.x509.oid import NameOID

from certs import jose
from certs import path as paths
from certs.algorithms import PublicKey
from certs.errors import MalformedCertificate, MalformedKey
from certs.jose import jwk
from certs.jose.jwk import PublishedKey
from certs.jose.serialization import Json
from certs.trust import TrustStore
from certs.verdict import Refused, SubIndication
from certs.x509 import certificate as certificates
from certs.x509.certificate import Certificate
from schemas.text import Text

_SUFFIXES: Final = (".jwks", ".jwk", ".json", ".public")
_LONGEST_CHAIN: Final = 10


@dataclass(frozen=True, slots=True)
class Signer:
    """Who a signature is by, as the relying party knows them.

    Nothing vouches for a key with a `doubt`; if it is not `registered` either, `owner` is only
    what the message says.
    """

    owner: str
    key: PublicKey
    algorithms: frozenset[str]
    doubt: Text | None = None
    registered: bool = True

    @property
    def known(self) -> bool:
        """Whether the registry or a trusted certificate says whose key it is."""
        return self.doubt is None


class KeyBook:
    """The keys and organisations that a relying party knows."""

    def __init__(
        self,
        keys: Iterable[PublishedKey] = (),
        *,
        trust: TrustStore | None = None,
        organisations: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """Know `keys`, and below the anchors of `trust` the `organisations` by their owners."""
        self._keys: dict[str, list[PublishedKey]] = {}
        for each in keys:
            self._keys.setdefault(each.kid, []).append(each)
        self._trust = trust or TrustStore.of()
        self._organisations = organisations

    @classmethod
    def from_folder(cls, folder: Path) -> KeyBook:
        """Return the keys in the files `*.jwk`, `*.jwks` and `*.json`, each file one owner's.

        Certificates there (`*.pem`, `*.crt`) are anchors; raises MalformedKey for a broken file.
        """
        if not folder.is_dir():
            raise MalformedKey(where=str(folder), reason="it is not a folder")
        files = [path for path in sorted(folder.iterdir()) if path.suffix in _SUFFIXES]
        keys = [key for path in files for key in jwk.read(path.read_bytes(), _stem(path.name))]
        return cls(keys, trust=TrustStore.from_folder(folder))

    def signer(self, header: Json, at: datetime) -> Signer:
        """Return who a protected header says signed, as far as it can be believed at `at`.

        Raises Refused where there is no key at all to check the signature with.
        """
        chain = _chain(header)
        kid = header.get("kid")
        listed = self._keys.get(kid, []) if isinstance(kid, str) else []
        if listed:
            return self._registered(listed, chain, at)
        if not chain:
            raise Refused(
                SubIndication.NO_SIGNING_CERTIFICATE_FOUND,
                Text(f"The key {kid!s:.100} is not known.", f"未知的密钥 {kid!s:.100}。"),
            )
        return self._certified(chain, at)

    def _registered(
        self, listed: list[PublishedKey], chain: tuple[Certificate, ...], at: datetime
    ) -> Signer:
        same = [each for each in listed if not chain or _same(each, chain[0])]
        if len(listed) > 1 and not chain:
            raise _constraint("Two keys have this key id.", "两把密钥使用相同的密钥编号。")
        found = same[0] if same else listed[0]
        doubt = self._doubt(chain, at) if chain else None
        if not same:
            doubt = Text("The certificate is of another key.", "证书属于另一把密钥。")
        return Signer(found.owner, found.key, found.algorithms, doubt)

    def _certified(self, chain: tuple[Certificate, ...], at: datetime) -> Signer:
        """Return the signer by the certificate's organisation, in doubt unless registered."""
        key = chain[0].public_key
        if key is None:
            raise _constraint("The key is of a type not supported.", "不支持该密钥类型。")
        organisation = _organisation(chain[0])
        owner = self._organisations.get(organisation)
        doubt = self._doubt(chain, at)
        if owner is None or not self._trust.anchors:
            doubt = doubt or Text(
                f"“{organisation}” is not registered.", f"“{organisation}”未登记。"
            )
        return Signer(
            owner=owner or organisation,
            key=key,
            algorithms=jwk.of_public(key).algorithms,
            doubt=doubt,
            registered=owner is not None,
        )

    def _doubt(self, chain: tuple[Certificate, ...], at: datetime) -> Text | None:
        """Return what is wrong with the certificates that came along, None if nothing is."""
        if not chain[0].valid_at(at):
            return Text("The signer's certificate is not in force.", "签名者证书不在有效期内。")
        if not self._trust.anchors:
            return None
        try:
            paths.find(chain[0], chain, self._trust, at)
        except Refused as refused:
            return refused.reason
        return None


def _chain(header: Json) -> tuple[Certificate, ...]:
    listed = header.get("x5c", [])
    if not isinstance(listed, list) or len(listed) > _LONGEST_CHAIN:
        raise _constraint("x5c is not a list of certificates.", "x5c 不是证书列表。")
    try:
        return tuple(certificates.load(jose.decode_plain(each)) for each in listed)
    except MalformedCertificate as error:
        raise Refused(SubIndication.FORMAT_FAILURE, error.message) from error


def _same(published: PublishedKey, certificate: Certificate) -> bool:
    key = certificate.public_key
    return key is not None and jwk.of_public(key).key == published.key


def _organisation(certificate: Certificate) -> str:
    found = certificate.x509.subject.get_attributes_for_oid(NameOID.ORGANIZATION_NAME)
    return str(found[0].value) if found else ""


def _stem(name: str) -> str:
    for suffix in _SUFFIXES:
        name = name.removesuffix(suffix)
    return name


def _constraint(en: str, zh: str) -> Refused:
    return Refused(SubIndication.SIG_CONSTRAINTS_FAILURE, Text(en, zh))
