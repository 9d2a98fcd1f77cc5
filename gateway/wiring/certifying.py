"""Keys that the gateway's own root certifies beside the usual ones, revokes, or follows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Final

from cryptography.hazmat.primitives.asymmetric import ec, rsa

from certs.algorithms import PrivateKey
from certs.authority.ca import PROFILES, CertificateAuthority
from certs.authority.register import Register
from certs.custody import open_key
from certs.keys import KeyStore, SigningKey
from certs.sm2 import Sm2PrivateKey
from certs.x509.certificate import Certificate, load_all
from gateway import setup
from gateway.settings import Settings
from gateway.wiring.renewing import renew, subject_of

_ROOT: Final = "root"
_FOLLOWING: Final = ("seal", "tsa", "accesspoint", "tls", "log", "witness", "ocsp")
KINDS: Final = ("p256", "p384", "rsa", "sm2")


def issue(
    settings: Settings,
    keys: KeyStore,
    name: str,
    profile: str,
    *,
    kind: str = "p256",
    issuer: str = _ROOT,
    uri: str = "",
    identifier: str = "",
    organisation: str = "",
    now: datetime,
) -> SigningKey:
    """Certify a new key under `issuer` and keep it; with `uri` one that is kept elsewhere.

    It names the issuer's organisation, or another, such as a tenant.

    The profile `root` makes another root of its own, such as one with SM2. Raises KeyExists,
    KeyNotFound, NoLibcrypto, KeyUnreadable.
    """
    private = open_key(uri) if uri else _new(kind)
    old = keys.load(issuer).certificate.x509.subject
    whom = organisation or subject_of(old).organisation
    subject = replace(subject_of(old, f"{whom} {name}", identifier), organisation=whom)
    if profile == _ROOT:
        made = CertificateAuthority.create(subject, private=private, now=now).root
    else:
        authority = setup.authority(settings, keys, issuer)
        made = authority.issue(PROFILES[profile], subject, private=private, now=now)
    if uri:
        return keys.attach(name, uri, made.chain)
    return keys.save(SigningKey(made.private, made.chain, name))


def _new(kind: str) -> PrivateKey:
    match kind:
        case "sm2":
            return Sm2PrivateKey.generate()
        case "rsa":
            return rsa.generate_private_key(65537, 3072)
        case "p384":
            return ec.generate_private_key(ec.SECP384R1())
    return ec.generate_private_key(ec.SECP256R1())


def revoke(keys: KeyStore, name: str, reason: str, now: datetime) -> Mapping[str, object]:
    """Revoke the certificate of a key; returns its serial and when."""
    certificate = keys.load(name).certificate
    Register(keys.folder, _issuer(keys, certificate)).revoke(certificate.serial, now, reason)
    return {"name": name, "serial": f"{certificate.serial:x}", "reason": reason}


def _issuer(keys: KeyStore, certificate: Certificate) -> Certificate:
    """Return the authority in the store that certified this, the usual root when none did."""
    for name in keys.names():
        found = load_all(keys.chain_file(name).read_bytes())[0]
        if found.is_authority and found.subject == certificate.issuer:
            return found
    return keys.load(_ROOT).certificate


def roll_over(settings: Settings, keys: KeyStore, now: datetime) -> list[str]:
    """Put a new root in place of the old, and certify the other keys anew under it.

    The old root stays an anchor and is linked to the new one in both ways, so that partners who
    know only the old one still reach what is signed from now on; returns the names certified.
    """
    trust = settings.path(settings.trust)
    rolled = setup.authority(settings, keys).roll_over(now=now)
    stamp = f"{_ROOT}.{now:%Y%m%d%H%M%S}"
    keys.key_file(_ROOT).rename(keys.key_file(stamp))
    keys.chain_file(_ROOT).rename(keys.chain_file(stamp))
    (trust / f"{stamp}.pem").write_bytes((trust / "root.pem").read_bytes())
    (trust / "root.pem").write_bytes(rolled.authority.root.certificate.pem)
    root = SigningKey(
        rolled.authority.root.private,
        (rolled.authority.root.certificate, rolled.old_with_new),
        _ROOT,
    )
    keys.forget()
    keys.save(root)
    following = (*_FOLLOWING, *settings.own_seals.values())
    done: list[str] = [name for name in dict.fromkeys(following) if keys.key_file(name).is_file()]
    for name in done:
        renew(settings, keys, name, now, link=rolled.new_with_old)
    return done
