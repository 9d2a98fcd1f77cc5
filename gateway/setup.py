"""Making a gateway's folder, and introducing two gateways to each other by their cards.

silkgate.toml       the settings
keys/               keys and certificates (encrypted), the generated secret
trust/              anchors of this operator
partners/ID/        card and anchor of each gateway on the other side
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ed25519

from certs import path
from certs.authority.addresses import Addresses
from certs.authority.ca import SEAL, CertificateAuthority, Subject
from certs.authority.hostclock import discipline
from certs.authority.tsa import Authority as TimeStampAuthority
from certs.domain import LOOPBACK, create_domain
from certs.encryption import encrypt
from certs.errors import NoEncryptionKey
from certs.keys import KeyStore, read_secret
from certs.trust import TrustStore
from certs.verdict import Refused
from certs.x509.certificate import load_all
from gateway.settings import FILE_NAME, Settings, first_problem, load
from gateway.settings.certs import PkiSettings
from gateway.settings.parties import (
    ANCHOR_NAME,
    CARD_NAME,
    ENCRYPTION_NAME,
    PARTNERS,
    Authority,
    Card,
)
from ledger.signature import Cosigner, Ed25519Signer
from schemas.clock import Clock, utc_now
from schemas.errors import SettingsError
from schemas.text import Text

TEST_CA_MARK: Final = "TEST-CA"
_SECRET: Final = "secret"  # noqa: S105 - the name of a file
_NO_PKI: Final = PkiSettings()


class GatewayExists(SettingsError):
    """The folder already holds a gateway."""

    code = "SG-9012"
    title = Text("{where} already holds a gateway.", "{where} 中已有网关。")
    hint = Text("Choose another folder.", "请选择其他目录。")
    status = 409


class NotACard(SettingsError):
    """The file is not the card of a gateway."""

    code = "SG-9013"
    title = Text("{where} is not a gateway's card: {reason}", "{where} 不是网关名片:{reason}")
    hint = Text(
        "Ask the other operator for the output of `silkgate keys card`.",
        "请向对方运营者索取 `silkgate keys card` 的输出。",
    )
    status = 422


def create(
    home: Path,
    *,
    party: str,
    name: str,
    country: str,
    port: int,
    authorities: tuple[Authority, ...] = (),
    database: str = "sqlite:///silkgate.db",
    url: str = "",
    pki: PkiSettings = _NO_PKI,
    extra: str = "",
) -> Settings:
    """Make keys, certificates, secret and settings of a gateway in `home` and return them.

    `url` and `pki` say where others reach it and its authority, for the certificates name that;
    `extra` is more TOML for the settings. The certificates come from the built-in test CA, which
    production mode refuses. Raises GatewayExists.
    """
    if (home / FILE_NAME).exists():
        raise GatewayExists(where=str(home))
    said = {"name": name, "country": country, "port": port, "database": database}
    keys = home / "keys"
    keys.mkdir(mode=0o700, parents=True, exist_ok=True)
    _private(keys / _SECRET, secrets.token_urlsafe(32).encode())
    (home / FILE_NAME).write_text(
        _toml(party, public_url=url, **said) + extra + _authorities(authorities) + _pki(pki),
        encoding="utf-8",
    )
    settings = load(home)
    _certify(settings)
    (keys / TEST_CA_MARK).touch()
    return settings


def _certify(settings: Settings) -> None:
    """Make the built-in authority and every key of the gateway, certified by it."""
    ours = urlsplit(settings.public_url).hostname
    domain = create_domain(
        settings.home,
        settings.name,
        settings.country,
        secret=f"file:{settings.path(settings.keys) / _SECRET}",
        hosts=(*LOOPBACK, *((ours,) if ours and ours not in LOOPBACK else ())),
        addresses=addresses(settings),
    )
    _witness(authority(settings, domain.keys), domain.keys, settings.name, settings.country)


def addresses(settings: Settings) -> Addresses:
    """Return where certificates of the built-in authority say to ask about them."""
    base = f"{settings.pki_url}/pki"
    lists = "crl" in settings.services
    return Addresses(
        ocsp=f"{base}/ocsp" if "ocsp" in settings.services else "",
        issuers=f"{base}/issuer/{{key}}.cer" if lists else "",
        lists=f"{base}/crl/{{key}}.crl" if lists else "",
    )


def stamper(settings: Settings, keys: KeyStore, clock: Clock = utc_now) -> TimeStampAuthority:
    """Return the built-in time-stamp authority; raises KeyNotFound."""
    host = discipline if settings.needs_time_server else None
    return TimeStampAuthority(keys.load("tsa"), clock, host=host)


def authority(settings: Settings, keys: KeyStore, name: str = "root") -> CertificateAuthority:
    """Return the built-in authority with the key `name`; raises KeyNotFound."""
    return CertificateAuthority(keys.load(name), addresses(settings))


def key_store(settings: Settings) -> KeyStore:
    """Return the gateway's key store; relative `file:` secrets are below its home."""
    kind, _, place = settings.key_secret.partition(":")
    secret = f"file:{settings.path(place)}" if kind == "file" else settings.key_secret
    return KeyStore(settings.path(settings.keys), secret)


def secret(settings: Settings) -> bytes:
    """Return the secret that opens the gateway's keys; raises SecretMissing."""
    kind, _, place = settings.key_secret.partition(":")
    return read_secret(f"file:{settings.path(place)}" if kind == "file" else settings.key_secret)


def log_signer(settings: Settings, keys: KeyStore) -> Ed25519Signer:
    """Return the signer of the gateway's checkpoints."""
    return Ed25519Signer(settings.origin, _ed25519(keys, "log"))


def cosigner(settings: Settings, keys: KeyStore) -> Cosigner:
    """Return the signer of the gateway's cosignatures for others' logs."""
    return Cosigner(f"{settings.id}/witness", _ed25519(keys, "witness"))


def card(settings: Settings) -> Card:
    """Return the gateway's own card."""
    keys = key_store(settings)
    return Card(
        id=settings.id,
        name=settings.name,
        country=settings.country,
        url=settings.url,
        root=keys.load("root").certificate.pem.decode(),
        log_key=str(log_signer(settings, keys).key),
        witness_key=str(cosigner(settings, keys).key),
        formats=settings.formats,
    )


def introduce(home: Path, other: Card) -> None:
    """Make the gateway in `home` know another; its card replaces an older one."""
    folder = home / PARTNERS / other.id
    folder.mkdir(parents=True, exist_ok=True)
    (folder / ANCHOR_NAME).write_text(other.root, encoding="ascii")
    (folder / CARD_NAME).write_text(other.model_dump_json(indent=1) + "\n", encoding="utf-8")


def encrypt_to(home: Path, other: Card, certificate: Path) -> None:
    """Have containers for a partner encrypted to its certificate, which its own root issued.

    Raises MalformedCertificate, or NoEncryptionKey for one that does not fit or is of another.
    """
    found = load_all(certificate.read_bytes())[0]
    try:
        path.find(found, (), TrustStore.of(*load_all(other.root.encode())), utc_now())
    except Refused as refused:
        raise NoEncryptionKey(name=found.name, reason=refused.reason.en) from refused
    encrypt(b"", [found])
    (home / PARTNERS / other.id / ENCRYPTION_NAME).write_bytes(found.pem)


def read_card(data: bytes, where: str) -> Card:
    """Return the card that `data`, found at a place, holds; raises NotACard."""
    try:
        return Card.model_validate_json(data)
    except ValueError as error:
        raise NotACard(where=where, reason=first_problem(error)) from error


def _ed25519(keys: KeyStore, name: str) -> ed25519.Ed25519PrivateKey:
    private = keys.load(name).private
    if not isinstance(private, ed25519.Ed25519PrivateKey):
        raise TypeError(f"the key {name} is not Ed25519")
    return private


def _witness(issuer: CertificateAuthority, keys: KeyStore, name: str, country: str) -> None:
    """Certify the cosigning key: it never signs anything but cosignatures."""
    subject = Subject(organisation=name, country=country, common_name=f"{name} Witness")
    private = ed25519.Ed25519PrivateKey.generate()
    keys.save(issuer.issue(SEAL, subject, name="witness", private=private))


def _private(path: Path, data: bytes) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        out.write(data)


def _toml(party: str, *, public_url: str, **said: object) -> str:
    values = {"id": party, **said, "mode": "development"}
    return _lines(values | ({"public_url": public_url} if public_url else {}))


def _pki(pki: PkiSettings) -> str:
    said = pki.model_dump(exclude_defaults=True)
    return f"\n[pki]\n{_lines(said)}" if said else ""


def _lines(values: Mapping[str, object]) -> str:
    return "".join(f"{key} = {_value(value)}\n" for key, value in values.items())


def _authorities(authorities: tuple[Authority, ...]) -> str:
    parts = []
    for authority in authorities:
        known = authority.model_dump(exclude_none=True, mode="json")
        parts.append(f"\n[[authorities]]\n{_lines(known)}")
    return "".join(parts)


def _value(value: object) -> str:
    """Return a TOML value; JSON's strings, numbers and booleans are TOML's too."""
    return json.dumps(value, ensure_ascii=False)
