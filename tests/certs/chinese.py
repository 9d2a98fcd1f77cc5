"""The Chinese side of the world: an SM2 root, a seal, a maker of seals, time-stamps."""

from __future__ import annotations

import base64
import subprocess
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from certs.authority.ca import DOCUMENT, SEAL, TSA, CertificateAuthority, Subject
from certs.authority.tsa import Authority
from certs.keys import SigningKey, spki
from certs.sm2 import Sm2PrivateKey, Sm2PublicKey
from certs.trust import TrustStore
from tests.certs.pki import NOW

DAY = timedelta(days=1)


def subject(name: str) -> Subject:
    """Return an organisation identified by its unified social credit code."""
    return Subject(
        organisation="港口公司",
        country="CN",
        common_name=name,
        identifier="NTRCN-91350100M000100Y43",
    )


@dataclass(frozen=True, slots=True)
class China:
    """One operator with SM2 keys that began a day before NOW."""

    issuer: CertificateAuthority
    seal: SigningKey
    maker: SigningKey
    stamper: Authority
    trust: TrustStore

    @classmethod
    def make(cls) -> China:
        """Return a new one."""
        issuer = CertificateAuthority.create(
            subject("根证书"), private=Sm2PrivateKey.generate(), now=NOW - DAY
        )
        tsa = issuer.issue(TSA, subject("时间戳"), now=NOW - DAY)
        return cls(
            issuer,
            issuer.issue(SEAL, subject("公章"), now=NOW - DAY),
            issuer.issue(DOCUMENT, subject("制章人"), now=NOW - DAY),
            Authority(tsa, lambda: NOW),
            TrustStore.of(issuer.root.certificate),
        )


def openssl(*arguments: str | Path) -> bool:
    """Run openssl; tell whether it is content."""
    done = subprocess.run(["openssl", *map(str, arguments)], capture_output=True, check=False)
    return done.returncode == 0


def pem_of(key: Sm2PublicKey) -> bytes:
    """Return a public key as PEM."""
    text = base64.encodebytes(spki(key))
    return b"-----BEGIN PUBLIC KEY-----\n" + text + b"-----END PUBLIC KEY-----\n"


def accepted(folder: Path, key: Sm2PublicKey, signature: bytes, data: bytes, identity: str) -> bool:
    """Tell whether `openssl pkeyutl` accepts an SM2 signature over SM3."""
    for name, content in (("k.pem", pem_of(key)), ("sig", signature), ("data", data)):
        (folder / name).write_bytes(content)
    return openssl(
        *("pkeyutl", "-verify", "-pubin", "-inkey", folder / "k.pem", "-in", folder / "data"),
        *("-sigfile", folder / "sig", "-rawin", "-digest", "sm3", "-pkeyopt", f"distid:{identity}"),
    )
