"""SM2 over 300 octets with and without libcrypto, envelopes and OFD files: per second and core."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from certs import ofd
from certs.asn1 import der
from certs.authority.ca import ENCRYPTION
from certs.encryption import decrypt, encrypt
from certs.sm2 import Sm2PrivateKey
from tests.bench import Figure
from tests.certs.chinese import China, subject
from tests.certs.ofd_sample import PLAIN, made_seal, packed
from tests.certs.pki import NOW

SECONDS = 1.0
MESSAGE = b"d" * 300


def run() -> Iterator[Figure]:
    """Yield the rates; the better of three runs of a second each."""
    key = Sm2PrivateKey.generate()
    public, value = key.public_key(), key.sign(MESSAGE)
    r, s = (each.number() for each in der.parse(value).children())
    yield Figure("SM2 sign, libcrypto", _rate(lambda: key.sign(MESSAGE)), "/s", ">= 2000")
    yield Figure(
        "SM2 verify, libcrypto", _rate(lambda: public.verify(value, MESSAGE)), "/s", ">= 2000"
    )
    yield Figure(
        "SM2 verify, Python alone",
        _rate(lambda: public.verify_numbers(r, s, MESSAGE)),
        "/s",
        ">= 500",
    )
    yield from _chinese_forms()


def _chinese_forms() -> Iterator[Figure]:
    """Yield the rates of an envelope of 10 kB, and of a sealed OFD file of one page."""
    china = China.make()
    opener = china.issuer.issue(ENCRYPTION, subject("加密"), now=NOW)
    document = b"d" * 10_000
    sealed_up = encrypt(document, [opener.certificate])
    plain, own = packed(dict(PLAIN)), made_seal(china)
    sealed = ofd.sign(plain, china.seal, seal=own, now=NOW)
    for name, operation in (
        ("GB/T 35275 encrypt 10 kB", lambda: encrypt(document, [opener.certificate])),
        ("GB/T 35275 decrypt 10 kB", lambda: decrypt(sealed_up, opener)),
        ("OFD seal, one page", lambda: ofd.sign(plain, china.seal, seal=own, now=NOW)),
        ("OFD verify, one page", lambda: ofd.verify(sealed, china.trust, at=NOW)),
    ):
        yield Figure(name, _rate(operation), "/s")


def _rate(operation: Callable[[], object]) -> float:
    return max(_once(operation) for _ in range(3))


def _once(operation: Callable[[], object]) -> float:
    operation()
    count, start = 0, time.process_time()
    while time.process_time() - start < SECONDS:
        operation()
        count += 1
    return count / (time.process_time() - start)
