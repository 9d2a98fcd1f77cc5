from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable

import pytest

from certs import cades, jose, jws, xades
from certs.asn1 import der, oids
from certs.authority.tsa import Authority
from certs.cades import edit
from certs.digests import SHA256
from certs.verdict import BlockIndication, Verdict
from certs.xades import c14n
from certs.xades.names import EXCLUSIVE, NS, XADES
from schemas.jcs import canonical_json
from schemas.xml import parse
from tests.certs.pki import DOCUMENT, NOW, World
from tests.hostile.certs.test_jose_attacks import encode, header_of

DATA = b"cargo manifest"
EXCLUSIVELY = c14n.Method(EXCLUSIVE, exclusive=True, comments=False)


def with_property(world: World, added: str) -> bytes:
    """Return a signed document whose signer also signed this data object property.

    `#first` in it is the first reference, that to the document.
    """
    text = xades.sign(DOCUMENT, world.seal, signed_at=NOW).decode()
    first = re.search(r'<ds:Reference Id="([^"]+)"', text)
    assert first is not None
    added = added.replace("#first", f"#{first.group(1)}")
    end = "</xades:SignedDataObjectProperties>"
    assert end in text
    text = text.replace(end, f"{added}{end}")
    root = parse(text.encode())
    properties = root.find(".//xades:SignedProperties", NS)
    assert properties is not None
    digest = base64.b64encode(SHA256.of(c14n.element(properties, EXCLUSIVELY))).decode()
    reference = re.search(r'Type="[^"]*#SignedProperties".*?</ds:Reference>', text)
    assert reference is not None
    named = re.sub(r"(<ds:DigestValue>)[^<]*", rf"\g<1>{digest}", reference.group())
    text = text.replace(reference.group(), named)
    info = parse(text.encode()).find(".//ds:SignedInfo", NS)
    assert info is not None
    octets = c14n.element(info, EXCLUSIVELY)
    value = base64.b64encode(world.seal.scheme.sign_raw(world.seal.private, octets)).decode()
    return re.sub(r"(<ds:SignatureValue[^>]*>)[^<]*", rf"\g<1>{value}", text).encode()


def stamped(world: World, octets: bytes, include: str) -> Verdict:
    """Return the verdict on a document with a time-stamp on a single reference, over `octets`."""
    token = base64.b64encode(world.stamper.stamp(SHA256.of(octets))).decode()
    name = "xades:IndividualDataObjectsTimeStamp"
    included = f'<xades:Include URI="{include}" referencedData="true"/>'
    held = f"{included}<xades:EncapsulatedTimeStamp>{token}</xades:EncapsulatedTimeStamp>"
    data = with_property(world, f'<{name} xmlns:xades="{XADES}">{held}</{name}>')
    return xades.verify(data, world.trust, at=NOW)


def test_a_time_stamp_on_single_references_is_judged(world: World) -> None:
    """It is over the data of the reference that it includes, and over nothing else."""
    plain = xades.sign(DOCUMENT, world.seal, signed_at=NOW)
    octets = xades.verify(plain, world.trust, at=NOW).signed
    good = stamped(world, octets, "#first")
    (report,) = good.signatures
    assert good.passed, good.reason
    assert [(each.type, each.indication) for each in report.timestamps] == [
        ("content", BlockIndication.PASSED)
    ]
    assert not stamped(world, octets + b"!", "#first").passed
    assert not stamped(world, octets, "#nothing").passed


@pytest.mark.parametrize("tagged", [True, False])
def test_an_archive_time_stamp_of_version_2_is_judged(world: World, *, tagged: bool) -> None:
    """By both readings of annex K; over anything else it proves nothing."""
    signature = cades.sign(
        DATA, world.seal, stamper=world.stamper, gatherer=world.gatherer(), signed_at=NOW
    )
    opened = edit.open_data(signature)
    data = der.parse(signature).children()[1].children()[0].children()
    *fields, unsigned = der.parse(opened.signers[0]).children()
    octets = b"".join(
        (
            opened.content,
            DATA,
            *(each.encoded for each in data[3:-1]),
            *(each.encoded for each in fields),
            unsigned.encoded if tagged else unsigned.content,
        )
    )
    for over, proves in ((octets, True), (octets + b"!", False)):
        token = world.stamper.stamp(SHA256.of(over))
        archived = opened.with_attribute(0, oids.ARCHIVE_TIME_STAMP_V2, token).encode()
        verdict = cades.verify(archived, DATA, world.trust, at=NOW)
        stamps = {each.type: each.indication for each in verdict.signatures[0].timestamps}
        expected = BlockIndication.PASSED if proves else BlockIndication.INDETERMINATE
        assert stamps == {"signature": BlockIndication.PASSED, "archive": expected}
        assert verdict.passed


def signed(world: World, **changes: object) -> bytes:
    """Return a compact JWS over DATA with this header."""
    protected = encode(json.dumps(header_of(world, **changes)).encode())
    octets = f"{protected}.{encode(DATA)}"
    value = world.seal.scheme.sign_raw(world.seal.private, octets.encode())
    return f"{octets}.{encode(value)}".encode()


def token(stamper: Authority, octets: bytes) -> dict[str, object]:
    """Return a container of JAdES with a time-stamp over these octets."""
    made = base64.b64encode(stamper.stamp(SHA256.of(octets))).decode()
    return {"tstTokens": [{"val": made}]}


def test_a_time_stamp_on_the_payload_is_judged(world: World) -> None:
    """The header adoTst is over the payload as base64url text (TS 119 182-1, 5.2.6)."""
    for over, proves in ((jose.encode(DATA).encode(), True), (DATA, False)):
        header = {"adoTst": token(world.stamper, over), "crit": ["adoTst"]}
        verdict = jws.verify(signed(world, **header), world.trust, at=NOW)
        assert verdict.passed is proves
        assert [each.type for each in verdict.signatures[0].timestamps] == ["content"]


@pytest.mark.parametrize(
    "form",
    [
        lambda value: canonical_json(value).decode(),
        lambda value: json.dumps(value, separators=(",", ":")),
    ],
)
def test_an_archive_time_stamp_over_clear_json_is_judged(
    world: World, form: Callable[[object], str]
) -> None:
    """In canonical form or as the names stood; over another form it proves nothing."""
    data = jws.sign(DATA, world.seal, stamper=world.stamper, signed_at=NOW)
    members = json.loads(data)
    (stamp,) = members["header"]["etsiU"]
    ((name, content),) = json.loads(jose.decode(stamp)).items()
    clear = {name: {"b": "extension", **content, "a": 1}}
    start = f"{members['payload']}.{members['protected']}.{members['signature']}."

    def judged(text: str) -> tuple[bool, str]:
        archive = {"arcTst": token(world.stamper, (start + text).encode())}
        whole = {**members, "header": {"etsiU": [clear, archive]}}
        verdict = jws.verify(json.dumps(whole).encode(), world.trust, at=NOW)
        (found,) = [each for each in verdict.signatures[0].timestamps if each.type == "archive"]
        return verdict.passed, found.indication

    assert judged(form(clear)) == (True, "PASSED")
    assert judged(json.dumps(clear, indent=1)) == (True, "INDETERMINATE")
