"""Signatures: milliseconds of processor time beside signxml and python-xmlsec, in one run.

The documents are invoices of 10 kB, 1 MB and 20 MB; the key is RSA-2048, as the peers' figures are
for it; what signs and verifies at every level uses P-256 and a time-stamp authority in the same
process. Rounds of all tools alternate, medians count. Memory is measured in a process of its own.
"""

from __future__ import annotations

import hashlib
import importlib
import statistics
import subprocess
import sys
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from lxml import etree

from certs import asic, jws, receipts, timestamp, xades
from certs.authority.ca import SEAL, CertificateAuthority, Subject
from certs.authority.tsa import Authority
from certs.domain import Domain, create_domain
from certs.keys import SigningKey
from certs.levels import Level
from certs.receipts import Receipt
from certs.trust import TrustStore
from certs.validation.sources import Gatherer, OwnAuthority
from schemas.xml import Limits, parse
from tests.bench import Figure

SIZES: Final[Mapping[str, int]] = {"10 kB": 10_000, "1 MB": 1_000_000, "20 MB": 20_000_000}
ROUNDS: Final[Mapping[str, int]] = {"10 kB": 200, "1 MB": 9, "20 MB": 3}
HEAD: Final = b'<Invoice xmlns="urn:i" xmlns:a="urn:a" xmlns:b="urn:b"><b:ID>I1</b:ID>\n'
LINE: Final = (
    b'<a:Line><b:ID>7</b:ID><b:Quantity unitCode="C62">7</b:Quantity>'
    b'<b:Amount currencyID="EUR">2800.00</b:Amount><a:Item><b:Description>Widget for trade across '
    b"borders, in a box of ten</b:Description><b:Name>item name</b:Name></a:Item></a:Line>\n"
)
_FILES: Final = {"document.xml": LINE, "meta.json": b"{}" * 2500}
_LIMITS: Final = Limits(size=64 * 1024 * 1024)
Operation = Callable[[], object]


def run() -> Iterator[Figure]:
    """Yield the figures; rates where the unit says `/s`."""
    with tempfile.TemporaryDirectory() as folder:
        # First, while this process is small: a child starts with its parent's peak.
        yield Figure("XAdES-B-LTA of 20 MB, peak memory", _memory(Path(folder)), "MB", "<= 250")
        domain = create_domain(Path(folder), "Bench", "SG", secret="")
        authority = CertificateAuthority(domain.keys.load("root"))
        subject = Subject(organisation="Bench", country="SG", common_name="Bench RSA")
        key = authority.issue(SEAL, subject, private=rsa.generate_private_key(65537, 2048))
        for size, octets in SIZES.items():
            yield from _beside_peers(size, invoice(octets), key, domain.trust)
        yield from _lasting(domain)
        yield from _others(domain)


def invoice(octets: int) -> bytes:
    """Return an invoice of about this size."""
    return HEAD + LINE * ((octets - len(HEAD)) // len(LINE)) + b"</Invoice>"


def _memory(folder: Path) -> float:
    """Return the peak memory in MB of a process that signs a file of 20 MB to XAdES-B-LTA."""
    place = folder / "invoice.xml"
    place.write_bytes(invoice(SIZES["20 MB"]))
    ran = subprocess.run(
        [sys.executable, "-m", "tests.bench.lasting_memory", place],
        capture_output=True,
        check=True,
        text=True,
    )
    return float(ran.stdout)


def _beside_peers(
    size: str, document: bytes, key: SigningKey, trust: TrustStore
) -> Iterator[Figure]:
    signed = xades.sign(document, key)
    pem = key.certificate.pem
    private = key.private.private_bytes(  # type: ignore[union-attr] # an RSA key
        Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
    )
    sign: dict[str, Operation] = {
        "ours": lambda: xades.sign(document, key),
        "signxml": _signxml_sign(document, key),
        "xmlsec": _xmlsec_sign(document, private, pem),
    }
    verify: dict[str, Operation] = {
        "ours": lambda: xades.verify(signed, trust),
        "signxml": _signxml_verify(signed, pem),
        "xmlsec": _xmlsec_verify(sign["xmlsec"](), pem),
    }
    for name, tools, goal in (("sign", sign, "<= 0.7"), ("verify", verify, "<= 0.5")):
        cost = _together(tools, ROUNDS[size])
        for tool, figure in cost.items():
            label = {"ours": "XAdES-B", "signxml": "signxml XAdES-B", "xmlsec": "xmlsec XMLDSig"}
            yield Figure(f"{label[tool]} {name} {size}", figure, "ms")
        yield Figure(
            f"XAdES-B {name} {size}: signxml = 1", cost["ours"] / cost["signxml"], "", goal
        )


def _lasting(domain: Domain) -> Iterator[Figure]:
    sign = _archiving(domain)
    for size, goal in (("10 kB", "<= 2"), ("1 MB", ""), ("20 MB", "<= 700")):
        document = invoice(SIZES[size])
        cost = _together({"ours": lambda d=document: sign(d)}, ROUNDS[size])  # type: ignore[misc]
        yield Figure(f"XAdES-B-LTA sign {size}", cost["ours"], "ms", goal)
    signed = sign(invoice(SIZES["10 kB"]))
    cost = _together({"ours": lambda: xades.verify(signed, domain.trust)}, ROUNDS["10 kB"])
    yield Figure("XAdES-B-LTA verify 10 kB", cost["ours"], "ms", "<= 3")


def _archiving(domain: Domain) -> Callable[[bytes], bytes]:
    seal, stamper = domain.keys.load("seal"), Authority(domain.keys.load("tsa"))
    source = OwnAuthority(CertificateAuthority(domain.keys.load("root")))
    gatherer = Gatherer(domain.trust, (source,))
    return lambda document: xades.sign(
        document, seal, stamper=stamper, gatherer=gatherer, level=Level.LTA
    )


def _others(domain: Domain) -> Iterator[Figure]:
    seal, stamper = domain.keys.load("seal"), Authority(domain.keys.load("tsa"))
    trust, digest = domain.trust, hashlib.sha256(LINE).digest()
    token, packed = stamper.stamp(digest), asic.pack(_FILES, seal, stamper)
    payload = jws.sign(LINE, seal)
    moment = datetime.now(UTC)
    receipt = Receipt(message_id="m", sha256=digest.hex(), recipient="r", received_at=moment)
    costs: dict[str, Operation] = {
        "time-stamp verify": lambda: timestamp.verify(token, LINE, trust),
        "JWS sign": lambda: jws.sign(LINE, seal),
        "JWS verify": lambda: jws.verify(payload, trust),
        "receipt issue": lambda: receipts.issue(receipt, seal),
        "ASiC-E pack": lambda: asic.pack(_FILES, seal, stamper),
        "ASiC-E verify": lambda: asic.verify(packed, trust),
    }
    for name, operation in costs.items():
        yield Figure(name, _together({"ours": operation}, 200)["ours"], "ms")
    cost = _together({"ours": lambda: [stamper.stamp(digest) for _ in range(50)]}, 20)["ours"]
    yield Figure("time-stamp tokens", 50_000 / cost, "/s", ">= 5,000")


def _together(tools: Mapping[str, Operation], rounds: int) -> dict[str, float]:
    """Return the median milliseconds of processor time of each tool, one call each by turns."""
    taken: dict[str, list[float]] = {name: [] for name in tools}
    for operation in tools.values():
        operation()
    for _ in range(rounds):
        for name, operation in tools.items():
            start = time.process_time()
            operation()
            taken[name].append(time.process_time() - start)
    return {name: statistics.median(spent) * 1000 for name, spent in taken.items()}


def _signxml_sign(document: bytes, key: SigningKey) -> Operation:
    from signxml.algorithms import DigestAlgorithm, SignatureMethod
    from signxml.xades.xades import XAdESSigner

    signer = XAdESSigner(
        signature_algorithm=SignatureMethod.RSA_SHA256, digest_algorithm=DigestAlgorithm.SHA256
    )
    chain = [key.certificate.x509]
    private: Any = key.private
    return _quiet(
        lambda: etree.tostring(signer.sign(parse(document, _LIMITS), key=private, cert=chain))
    )


def _signxml_verify(signed: bytes, pem: bytes) -> Operation:
    from signxml.xades.xades import XAdESVerifier

    def verify() -> object:
        root = parse(signed, _LIMITS)
        return XAdESVerifier().verify(root, x509_cert=pem.decode(), expect_references=2)

    return _quiet(verify)


def _xmlsec_sign(document: bytes, private: bytes, pem: bytes) -> Operation:
    xmlsec: Any = importlib.import_module("xmlsec")
    key = xmlsec.Key.from_memory(private, xmlsec.KeyFormat.PEM)
    key.load_cert_from_memory(pem, xmlsec.KeyFormat.PEM)
    kinds = xmlsec.Transform

    def sign() -> bytes:
        root = parse(document, _LIMITS)
        node = xmlsec.template.create(root, kinds.EXCL_C14N, kinds.RSA_SHA256)
        root.append(node)
        reference = xmlsec.template.add_reference(node, kinds.SHA256, uri="")
        xmlsec.template.add_transform(reference, kinds.ENVELOPED)
        xmlsec.template.add_transform(reference, kinds.EXCL_C14N)
        xmlsec.template.add_x509_data(xmlsec.template.ensure_key_info(node))
        context = xmlsec.SignatureContext()
        context.key = key
        context.sign(node)
        return etree.tostring(root)

    return sign


def _xmlsec_verify(signed: object, pem: bytes) -> Operation:
    xmlsec: Any = importlib.import_module("xmlsec")
    key = xmlsec.Key.from_memory(pem, xmlsec.KeyFormat.CERT_PEM)
    data = bytes(signed)  # type: ignore[call-overload] # what xmlsec signed

    def verify() -> None:
        root = parse(data, _LIMITS)
        xmlsec.tree.add_ids(root, ["Id"])
        context = xmlsec.SignatureContext()
        context.key = key
        context.verify(xmlsec.tree.find_node(root, "Signature"))

    return verify


def _quiet(operation: Operation) -> Operation:
    def call() -> object:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return operation()

    return call
