"""Signatures: milliseconds to sign, stamp and verify at 10 kB, tokens per second, containers.

P-256 throughout, time-stamps by the authority in the same process, certificates and paths warm.
signxml runs beside, with its own defaults, as the yardstick on the same machine.
"""

from __future__ import annotations

import hashlib
import tempfile
import time
import warnings
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from pathlib import Path

from certs import asic, jws, receipts, timestamp, xades
from certs.ca import create_domain
from certs.receipts import Receipt
from certs.tsa import Authority
from schemas.xml import parse

LINE = b'<Line number="1"><x:Name>Widget</x:Name><Quantity unit="KGM">12.5</Quantity></Line>'
DOCUMENT = b'<Declaration xmlns="urn:d" xmlns:x="urn:x">' + LINE * 118 + b"</Declaration>"
FILES: Mapping[str, bytes] = {"document.xml": DOCUMENT, "meta.json": b"{}" * 2500}
SECONDS = 0.6


def run() -> dict[str, float]:
    """Return milliseconds of processor time by operation, and rates where it says `/s`."""
    with tempfile.TemporaryDirectory() as folder:
        domain = create_domain(Path(folder), "Bench", "SG", secret="")
        seal, stamper = domain.keys.load("seal"), Authority(domain.keys.load("tsa"))
        trust, digest = domain.trust, hashlib.sha256(DOCUMENT).digest()
        signed = xades.sign(DOCUMENT, seal, stamper=stamper)
        token, packed = stamper.stamp(digest), asic.pack(FILES, seal, stamper)
        payload = jws.sign(DOCUMENT, seal)
        receipt = Receipt(
            message_id="m", sha256=digest.hex(), recipient="r", received_at=datetime.now(UTC)
        )
        return {
            "XAdES-B sign ms": _cost(lambda: xades.sign(DOCUMENT, seal)),
            "XAdES-B-T sign ms": _cost(lambda: xades.sign(DOCUMENT, seal, stamper=stamper)),
            "XAdES-B-T verify ms": _cost(lambda: xades.verify(signed, trust)),
            "XML parse alone ms": _cost(lambda: parse(signed)),
            "time-stamp tokens/s": 1000 / _cost(lambda: stamper.stamp(digest)),
            "time-stamp verify ms": _cost(lambda: timestamp.verify(token, DOCUMENT, trust)),
            "JWS sign ms": _cost(lambda: jws.sign(DOCUMENT, seal)),
            "JWS verify ms": _cost(lambda: jws.verify(payload, trust)),
            "receipt issue ms": _cost(lambda: receipts.issue(receipt, seal)),
            "ASiC-E pack ms": _cost(lambda: asic.pack(FILES, seal, stamper)),
            "ASiC-E verify ms": _cost(lambda: asic.verify(packed, trust)),
            "signxml XAdES-B sign ms": _cost(_signxml_sign(seal.private, seal.certificate.pem)),
            "signxml XAdES-B verify ms": _cost(_signxml_verify(signed, seal.certificate.pem)),
        }


def _cost(operation: Callable[[], object]) -> float:
    """Return milliseconds of processor time for one call, over about 0.6 s."""
    operation()
    calls, start = 0, time.process_time()
    while (spent := time.process_time() - start) < SECONDS:
        operation()
        calls += 1
    return spent / calls * 1000


def _signxml_sign(private: object, certificate: bytes) -> Callable[[], object]:
    from cryptography import x509
    from signxml.algorithms import DigestAlgorithm, SignatureMethod
    from signxml.xades.xades import XAdESSigner

    signer = XAdESSigner(
        signature_algorithm=SignatureMethod.ECDSA_SHA256, digest_algorithm=DigestAlgorithm.SHA256
    )
    chain = [x509.load_pem_x509_certificate(certificate)]
    return _quiet(lambda: signer.sign(parse(DOCUMENT), key=private, cert=chain))  # type: ignore[arg-type]


def _signxml_verify(signed: bytes, certificate: bytes) -> Callable[[], object]:
    from signxml.xades.xades import XAdESVerifier

    text = certificate.decode()
    return _quiet(lambda: XAdESVerifier().verify(signed, x509_cert=text, expect_references=2))


def _quiet(operation: Callable[[], object]) -> Callable[[], object]:
    def call() -> object:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return operation()

    return call


if __name__ == "__main__":
    for name, figure in run().items():
        print(f"{name:28s}{figure:10.3f}")  # noqa: T201 - a bench speaks on the terminal
