"""SM2 over 300 octets: operations per second and core, with and without libcrypto."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from certs import der
from certs.sm2 import Sm2PrivateKey
from tests.bench import Figure

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


def _rate(operation: Callable[[], object]) -> float:
    return max(_once(operation) for _ in range(3))


def _once(operation: Callable[[], object]) -> float:
    operation()
    count, start = 0, time.process_time()
    while time.process_time() - start < SECONDS:
        operation()
        count += 1
    return count / (time.process_time() - start)
