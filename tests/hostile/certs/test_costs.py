"""What a hostile file may cost: a second and 512 MB per MB of input, and no more."""

from __future__ import annotations

import base64
import json
import re
import resource
import sys
import time
from collections.abc import Callable

import pytest

from certs import jws, xades
from certs.cades import edit
from certs.dispatch import verify_any
from certs.verdict import Verdict
from tests.certs.pki import DOCUMENT, NOW, World

MB = 1_000_000
BODY = b"<r>" + b"<l>abcdefgh</l>" * (MB // 15) + b"</r>"


def _again_and_again(world: World) -> bytes:
    """16 signatures with 60 references each, all over the whole megabyte, all digests right."""
    data = xades.prepare(BODY, world.seal, signed_at=NOW, roomy=True).to_bytes()
    for _ in range(15):
        data = xades.prepare(data, world.seal, signed_at=NOW).to_bytes()
    return re.sub(
        rb'(<ds:Reference) Id="doc-\w+"(.*?</ds:Reference>)',
        lambda found: found[0] + (found[1] + found[2]) * 59,
        data,
    )


def _many_stamps(world: World) -> bytes:
    """A signature with thousands of archive time-stamps, each to be over all before it."""
    prepared = xades.prepare(DOCUMENT, world.seal, signed_at=NOW)
    data = prepared.stamp(world.stamper).archive(world.stamper).to_bytes()
    start = data.index(b"<xades141:ArchiveTimeStamp")
    end = data.index(b"</xades141:ArchiveTimeStamp>") + len(b"</xades141:ArchiveTimeStamp>")
    return data[:end] + data[start:end] * (MB // (end - start)) + data[end:]


def _many_signers(world: World) -> bytes:
    from certs import cades

    opened = edit.open_data(cades.sign(DOCUMENT, world.seal, signed_at=NOW))
    return opened.with_signers((), opened.signers * (MB // len(opened.signers[0]))).encode()


def _many_components(world: World) -> bytes:
    opened = jws.sign(DOCUMENT, world.seal, stamper=world.stamper, signed_at=NOW)
    part = opened[opened.index(b'["') + 1 : opened.index(b'"]') + 1]
    return opened.replace(part, b",".join([part] * (MB // len(part))))


def _deep_json(_: World) -> bytes:
    return b'{"payload":' + b"[" * (MB // 2) + b"]" * (MB // 2) + b',"signature":"","protected":""}'


def _deep_der(_: World) -> bytes:
    data = b"\x05\x00"
    for _level in range(60_000):
        size = len(data)
        head = bytes((0x30, size)) if size < 128 else b"\x30\x84" + size.to_bytes(4, "big")
        data = head + data
        if len(data) > MB // 2:
            break
    return data


def _attributes(_: World) -> bytes:
    names = b" ".join(b'a%d="x"' % number for number in range(70_000))
    return b"<r " + names + b"><Signature xmlns='http://www.w3.org/2000/09/xmldsig#'/></r>"


def _namespaces(world: World) -> bytes:
    """A signature below elements that declare a namespace each."""
    signed = xades.sign(DOCUMENT, world.seal, signed_at=NOW)
    opening = b"".join(b'<e xmlns:n%d="urn:%d">' % (n, n) for n in range(90))
    return opening + signed + b"<x/>" * (MB // 4) + b"</e>" * 90


def _base64_blob(world: World) -> bytes:
    signed = xades.sign(DOCUMENT, world.seal, signed_at=NOW)
    blob = base64.b64encode(b"\x30" * (MB * 3 // 4))
    start = signed.index(b"<ds:X509Certificate>") + len(b"<ds:X509Certificate>")
    return signed[:start] + blob + signed[start:]


def _record(world: World, chains: int, stamps: int, size: int) -> bytes:
    """An evidence record in XML: chains of time-stamps, each with trees of so many digests."""
    value = b"<e:DigestValue>" + base64.b64encode(bytes(32)) + b"</e:DigestValue>"
    tree = b'<e:HashTree><e:Sequence Order="1">' + value * size + b"</e:Sequence></e:HashTree>"
    token = base64.b64encode(world.stamper.stamp(bytes(32)))
    stamp = b"".join(
        b'<e:ArchiveTimeStamp Order="%d">%s<e:TimeStamp><e:TimeStampToken Type="RFC3161">%s'
        b"</e:TimeStampToken></e:TimeStamp></e:ArchiveTimeStamp>" % (number, tree, token)
        for number in range(1, stamps + 1)
    )
    methods = (
        b'<e:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>'
        b'<e:CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"/>'
    )
    listed = b"".join(
        b'<e:ArchiveTimeStampChain Order="%d">%s%s</e:ArchiveTimeStampChain>'
        % (number, methods, stamp)
        for number in range(1, chains + 1)
    )
    return (
        b'<e:EvidenceRecord xmlns:e="urn:ietf:params:xml:ns:ers" Version="1.0">'
        b"<e:ArchiveTimeStampSequence>%s</e:ArchiveTimeStampSequence></e:EvidenceRecord>" % listed
    )


def _referred(body: bytes, reference: bytes, world: World) -> bytes:
    """Return a document signed with a thousand more references, whose digests do not matter."""
    signed = xades.sign(body, world.seal, signed_at=NOW)
    digest = (
        b'<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>'
        b"<ds:DigestValue>%s</ds:DigestValue></ds:Reference>" % base64.b64encode(bytes(32))
    )
    return signed.replace(b"</ds:SignedInfo>", (reference + digest) * 1000 + b"</ds:SignedInfo>")


def _identified(world: World) -> bytes:
    """A thousand references to elements of a document that is full of identifiers."""
    body = b"<r>" + b"".join(b'<l Id="l%d"/>' % n for n in range(MB // 16)) + b"</r>"
    return _referred(body, b'<ds:Reference URI="#l%d">' % (MB // 16 - 1), world)


def _manifests(world: World) -> bytes:
    """A thousand references to a manifest that lists a thousand elements."""
    digest = (
        b'<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>'
        b"<ds:DigestValue>%s</ds:DigestValue>" % base64.b64encode(bytes(32))
    )
    listed = b'<ds:Reference URI="#e">' + digest + b"</ds:Reference>"
    reference = b'<ds:Reference Type="http://www.w3.org/2000/09/xmldsig#Manifest" URI="#m">'
    data = _referred(b'<r><e Id="e">' + b"x" * (MB // 2) + b"</e></r>", reference, world)
    manifest = b'<ds:Object><ds:Manifest Id="m">%s</ds:Manifest></ds:Object>' % (listed * 1000)
    return data.replace(b"</ds:Signature>", manifest + b"</ds:Signature>")


def _older_archives(world: World) -> bytes:
    """A signature with hundreds of archive time-stamps of version 2."""
    from certs import cades
    from certs.asn1 import oids

    opened = edit.open_data(cades.sign(DOCUMENT, world.seal, signed_at=NOW))
    token = world.stamper.stamp(bytes(32))
    count = MB // len(token)
    return opened.with_attribute(0, oids.ARCHIVE_TIME_STAMP_V2, *[token] * count).encode()


def _many_tokens(world: World) -> bytes:
    """A component of a JWS with hundreds of time-stamps."""
    opened = jws.sign(DOCUMENT, world.seal, signed_at=NOW)
    protected, payload, value = opened.decode().split(".")
    tokens = [{"val": base64.b64encode(world.stamper.stamp(bytes(32))).decode()}] * 600
    members = {"protected": protected, "payload": payload, "signature": value}
    header = {"etsiU": [{"arcTst": {"tstTokens": tokens}}]}
    return json.dumps({**members, "header": header}).encode()


HOSTILE: dict[str, Callable[[World], bytes]] = {
    "references": _again_and_again,
    "time-stamps": _many_stamps,
    "signers": _many_signers,
    "components": _many_components,
    "identifiers": _identified,
    "manifests": _manifests,
    "older archive time-stamps": _older_archives,
    "tokens of a component": _many_tokens,
    "deep JSON": _deep_json,
    "deep DER": _deep_der,
    "attributes": _attributes,
    "namespaces": _namespaces,
    "a certificate of a megabyte": _base64_blob,
    "chains of a record": lambda world: _record(world, 64, 1, 200),
    "time-stamps of a record": lambda world: _record(world, 1, 64, 200),
    "chains and time-stamps": lambda world: _record(world, 20, 20, 1),
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_a_hostile_file_costs_little(world: World, kind: str) -> None:
    """About a megabyte each: judged, not passed, within a second and 512 MB per megabyte."""
    data = HOSTILE[kind](world)
    size = max(len(data) / MB, 1.0)
    before = _peak()
    start = time.process_time()
    verdict = verify_any(data, world.trust, [DOCUMENT], NOW)
    spent = time.process_time() - start
    assert isinstance(verdict, Verdict)
    assert not verdict.passed
    assert spent < size, f"{spent:.2f} s for {size:.1f} MB"
    assert _peak() - before < 512 * size


def _peak() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used / (1024 * 1024 if sys.platform == "darwin" else 1024)
