"""Renewing a certificate of the built-in authority; the old key stays, under another name.

Keys of the log and of the witness are what others know them by: they are certified anew, never
replaced. Every other key is a new one.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from cryptography import x509
from cryptography.x509.oid import NameOID

from certs.authority.ca import ACCESS_POINT, OCSP, SEAL, TLS, TSA, Profile, Subject
from certs.keys import KeyStore, SigningKey
from certs.x509.certificate import Certificate
from gateway import setup
from gateway.settings import Settings
from schemas.errors import EvidenceError
from schemas.text import Text

_PROFILES: Final[Mapping[str, Profile]] = {
    "seal": SEAL,
    "tsa": TSA,
    "accesspoint": ACCESS_POINT,
    "tls": TLS,
    "log": SEAL,
    "witness": SEAL,
    "ocsp": OCSP,
}
_KEPT: Final = frozenset({"log", "witness"})


class NotRenewed(EvidenceError):
    """A key that is not renewed this way."""

    code = "SG-3061"
    title = Text("The key {where} cannot be renewed here.", "无法在此更新密钥 {where}。")
    hint = Text(
        "Use of: {known}. A new root means a new card for every partner.",
        "可更新的有:{known}。更换根证书须向所有对方重新发送名片。",
    )
    exit_code = 2


def renew(
    settings: Settings,
    keys: KeyStore,
    name: str,
    now: datetime,
    link: Certificate | None = None,
) -> SigningKey:
    """Certify `name` anew with the root in the store; its files of before get `.DATE` in the name.

    `link` goes into the chain: it leads from a new root to the one that partners know, and those
    in the chain of before lead on to the roots before that.

    Raises NotRenewed, or KeyNotFound when the store has no root key: then the certificate comes
    from whoever certified it.
    """
    known = dict.fromkeys(settings.own_seals.values(), SEAL) | dict(_PROFILES)
    profile = known.get(name)
    if profile is None:
        raise NotRenewed(where=name, known=", ".join(known))
    authority = setup.authority(settings, keys)
    old = keys.load(name)
    made = authority.issue(
        profile,
        subject_of(old.certificate.x509.subject),
        name=name,
        private=old.private if name in _KEPT else None,
        hosts=_hosts(old.certificate.x509),
        now=now,
    )
    stamp = f"{name}.{now:%Y%m%d%H%M%S}"
    keys.key_file(name).rename(keys.key_file(stamp))
    keys.chain_file(name).rename(keys.chain_file(stamp))
    links = (*((link,) if link else ()), *(each for each in old.chain[1:] if each.self_issued))
    return keys.save(SigningKey(made.private, (*made.chain, *links), name))


def due(settings: Settings, keys: KeyStore, until: datetime) -> list[str]:
    """Return the keys whose certificate by our own root ends before `until`.

    What somebody else certified is renewed there, and keys in a token are left to their keeper.
    """
    root = keys.load("root").certificate
    names = dict.fromkeys((*_PROFILES, *settings.own_seals.values()))
    found = {name: keys.load(name).certificate for name in names if keys.key_file(name).is_file()}
    return [
        name
        for name, each in found.items()
        if each.not_after < until and each.issuer == root.subject
    ]


def subject_of(name: x509.Name, common: str = "", identifier: str = "") -> Subject:
    """Return whom a name names, under another common name or with another identifier."""

    def of(oid: x509.ObjectIdentifier) -> str:
        return next((str(part.value) for part in name.get_attributes_for_oid(oid)), "")

    return Subject(
        organisation=of(NameOID.ORGANIZATION_NAME),
        country=of(NameOID.COUNTRY_NAME),
        common_name=common or of(NameOID.COMMON_NAME),
        identifier=identifier or of(NameOID.ORGANIZATION_IDENTIFIER),
    )


def _hosts(certificate: x509.Certificate) -> list[str]:
    try:
        names = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return []
    found = [*names.get_values_for_type(x509.DNSName)]
    found += [str(each) for each in names.get_values_for_type(x509.IPAddress)]
    return found
