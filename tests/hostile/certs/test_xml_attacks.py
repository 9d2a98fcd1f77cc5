from __future__ import annotations

import base64
import random
import re
from collections.abc import Callable

import pytest

from certs import xades
from certs.digests import SHA256
from certs.verdict import Indication, SubIndication, Verdict
from certs.xades import c14n
from certs.xades.names import EXCLUSIVE, NS
from schemas.xml import parse
from tests.certs.pki import DOCUMENT, NOW, World

DS = "http://www.w3.org/2000/09/xmldsig#"
EXCLUSIVELY = c14n.Method(EXCLUSIVE, exclusive=True, comments=False)


@pytest.fixture(scope="module")
def signed(world: World) -> str:
    """Return a good B-T document as text."""
    return xades.sign(DOCUMENT, world.seal, stamper=world.stamper, signed_at=NOW).decode()


def judged(world: World, document: str | bytes) -> Verdict:
    """Return the verdict; nothing comes out of a document that did not pass."""
    data = document.encode() if isinstance(document, str) else document
    verdict = xades.verify(data, world.trust, at=NOW)
    assert verdict.passed or not verdict.objects
    return verdict


def signature_of(signed: str) -> str:
    """Return the ds:Signature element as text."""
    match = re.search(r"<ds:Signature .*</ds:Signature>", signed, re.DOTALL)
    assert match
    return match.group()


def test_the_document_wrapped_in_another_fails(world: World, signed: str) -> None:
    """A new root around the signed one: the signature covers the whole or nothing."""
    verdict = judged(world, f"<Evil>{signed}</Evil>")
    assert verdict.indication is Indication.TOTAL_FAILED


def test_the_signature_moved_beside_a_forgery_fails(world: World, signed: str) -> None:
    """The signed root moved into a ds:Object, a forged one in its place."""
    signature = signature_of(signed)
    original = signed.replace(signature, "")
    moved = signature.replace(
        "</ds:Signature>", f"<ds:Object>{original}</ds:Object></ds:Signature>"
    )
    forged = original.replace("Widget", "Gadget").replace(
        "</Declaration>", f"{moved}</Declaration>"
    )
    assert judged(world, forged).indication is Indication.TOTAL_FAILED


def test_a_part_that_is_signed_is_not_the_whole(world: World) -> None:
    """A signature over one element by its Id never passes for the document around it."""
    part = xades.sign(b'<Part Id="p"><V>1</V></Part>', world.seal, signed_at=NOW).decode()
    wrapped = f"<Whole><Total>1000000</Total>{part}</Whole>"
    verdict = judged(world, wrapped)
    assert not verdict.passed


def resigned(world: World, signed: str, change: Callable[[str], str]) -> str:
    """Return the document with SignedInfo changed and signed anew by the same key.

    What a signer could do who wants a verifier to misread what was signed.
    """
    bare = re.sub(r"<xades:UnsignedProperties.*</xades:UnsignedProperties>", "", signed)
    root = parse(change(bare).encode())
    info = root.find(".//ds:SignedInfo", NS)
    value = root.find(".//ds:SignatureValue", NS)
    assert info is not None
    assert value is not None
    octets = c14n.element(info, EXCLUSIVELY)
    made = base64.b64encode(world.seal.scheme.sign_raw(world.seal.private, octets)).decode()
    return re.sub(r"(<ds:SignatureValue[^>]*>)[^<]*", rf"\g<1>{made}", change(bare))


def test_signing_anew_alone_changes_nothing(world: World, signed: str) -> None:
    """The tool of the tests below makes signatures that are accepted when nothing is wrong."""
    assert judged(world, resigned(world, signed, lambda text: text)).passed


XPATH = "http://www.w3.org/TR/1999/REC-xpath-19991116"
FILTER = "http://www.w3.org/2002/06/xmldsig-filter2"


def xpath(expression: str) -> str:
    """Return an XPath transform."""
    body = f"<ds:XPath>{expression}</ds:XPath>"
    return f'<ds:Transform Algorithm="{XPATH}">{body}</ds:Transform>'


def subtract(expression: str) -> str:
    """Return an XPath Filter 2.0 transform that takes something away."""
    body = f'<f:XPath xmlns:f="{FILTER}" Filter="subtract">{expression}</f:XPath>'
    return f'<ds:Transform Algorithm="{FILTER}">{body}</ds:Transform>'


@pytest.mark.parametrize(
    "transform",
    [
        '<ds:Transform Algorithm="http://www.w3.org/TR/1999/REC-xslt-19991116"/>',
        '<ds:Transform Algorithm="urn:unknown"/>',
        xpath("false()"),
        xpath("not(ancestor-or-self::ds:Signature) and not(self::Code)"),
        subtract("//Code"),
    ],
)
def test_transforms_off_the_list_are_refused(world: World, signed: str, transform: str) -> None:
    """XSLT, unknown transforms and XPath that drops content: refused, however well signed."""
    forged = resigned(
        world,
        signed,
        lambda text: text.replace("<ds:Transforms>", f"<ds:Transforms>{transform}", 1),
    )
    verdict = judged(world, forged)
    assert verdict.subindication is SubIndication.FORMAT_FAILURE


def test_transforms_in_another_order_are_refused(world: World, signed: str) -> None:
    """Canonicalisation comes last: what follows it would work on octets."""
    enveloped = f'<ds:Transform Algorithm="{DS}enveloped-signature"/>'
    c14n = '<ds:Transform Algorithm="http://www.w3.org/TR/2001/REC-xml-c14n-20010315"/>'
    forged = resigned(world, signed, lambda text: text.replace(enveloped + c14n, c14n + enveloped))
    assert judged(world, forged).subindication is SubIndication.FORMAT_FAILURE


@pytest.mark.parametrize("name", ["Id", "ID", "id", "xml:id", "wsu:Id"])
def test_an_identifier_twice_is_refused(world: World, signed: str, name: str) -> None:
    """A second element with the id of the signed properties, under any spelling."""
    properties = re.search(r'"#(props-[^"]*)"', signed)
    assert properties
    extra = f'<x:N xmlns:wsu="urn:wsu" {name}="{properties.group(1)}"/>'
    forged = resigned(world, signed, lambda text: text.replace("<x:Name>", f"{extra}<x:Name>"))
    assert judged(world, forged).subindication is SubIndication.FORMAT_FAILURE


def test_properties_elsewhere_are_not_the_properties(world: World, signed: str) -> None:
    """Signed properties that were moved into the document, others in their place."""
    match = re.search(r"<xades:SignedProperties.*</xades:SignedProperties>", signed)
    assert match
    genuine = match.group()
    other = genuine.replace('Id="props-', 'Id="fake-')
    forged = signed.replace(genuine, other).replace(
        "<x:Name>",
        f'<x:Old xmlns:xades="http://uri.etsi.org/01903/v1.3.2#" xmlns:ds="{DS}">'
        f"{genuine}</x:Old><x:Name>",
    )
    assert not judged(world, forged).passed


def test_properties_that_are_not_signed_do_not_count(world: World, signed: str) -> None:
    """Without a reference to its signed properties a signature does not pass."""
    forged = resigned(
        world,
        signed,
        lambda text: re.sub(r"<ds:Reference Type=.*?</ds:Reference>(?=</ds:SignedInfo>)", "", text),
    )
    assert not judged(world, forged).passed


@pytest.mark.parametrize(
    "prologue",
    [
        "<!DOCTYPE Declaration>",
        '<!DOCTYPE Declaration [<!ATTLIST Goods quantity CDATA "99">]>',
        '<!DOCTYPE d [<!ENTITY a "x"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>',
        '<!DOCTYPE d SYSTEM "http://127.0.0.1:9/x.dtd">',
        f"<!--{'x' * 5000}--><!DOCTYPE Declaration>",
    ],
)
def test_every_doctype_is_refused(world: World, signed: str, prologue: str) -> None:
    """Entities and default attributes change what is read: no DOCTYPE, wherever it hides."""
    verdict = judged(world, prologue + signed)
    assert verdict.subindication is SubIndication.FORMAT_FAILURE


def test_a_comment_cannot_split_a_value(world: World, signed: str) -> None:
    """A comment put into a value is not signed and does not come out either."""
    verdict = judged(world, signed.replace("Widget", "Wid<!-- -->get"))
    assert verdict.passed
    assert b"<x:Name>Widget</x:Name>" in verdict.signed


def test_references_out_of_the_document_fetch_nothing(world: World, signed: str) -> None:
    """A remote URI is data that is not here, not an address."""
    forged = resigned(
        world, signed, lambda text: text.replace('URI=""', 'URI="http://127.0.0.1:9/x"')
    )
    assert not judged(world, forged).passed


def test_too_many_references_are_refused(world: World, signed: str) -> None:
    """The number of references is bounded."""
    match = re.search(r"<ds:Reference Id=.*?</ds:Reference>", signed)
    assert match
    many = match.group().replace("Id=", "Id2=") * 1100
    forged = resigned(world, signed, lambda text: text.replace(match.group(), match.group() + many))
    assert judged(world, forged).subindication is SubIndication.FORMAT_FAILURE


@pytest.mark.parametrize(
    "method",
    [
        "http://www.w3.org/2000/09/xmldsig#hmac-sha1",
        "http://www.w3.org/2001/04/xmldsig-more#hmac-sha256",
        "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
        "http://www.w3.org/2000/09/xmldsig#dsa-sha1",
        "urn:none",
        "",
    ],
)
def test_the_key_decides_the_algorithm(world: World, signed: str, method: str) -> None:
    """HMAC with the public key, another key type, or nothing: none verifies."""
    forged = signed.replace("http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256", method)
    assert judged(world, forged).indication is Indication.TOTAL_FAILED


def test_sha1_does_not_pass(world: World) -> None:
    """A digest by SHA-1 is in order as to integrity, and yet proves nothing any more."""
    import hashlib

    from certs.xades import c14n
    from schemas.xml import parse

    signed = xades.sign(DOCUMENT, world.seal, signed_at=NOW).decode()
    weak = base64.b64encode(
        hashlib.sha1(c14n.document(parse(DOCUMENT), c14n.INCLUSIVE)).digest()  # noqa: S324
    ).decode()

    def change(text: str) -> str:
        text = text.replace(
            '<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"/>',
            f'<ds:DigestMethod Algorithm="{DS}sha1"/>',
            1,
        )
        return re.sub(r"(<ds:DigestValue>)[^<]*", rf"\g<1>{weak}", text, count=1)

    verdict = judged(world, resigned(world, signed, change))
    assert verdict.subindication is SubIndication.CRYPTO_CONSTRAINTS_FAILURE_NO_POE


def test_a_key_without_certificate_is_nobody(world: World, signed: str) -> None:
    """KeyValue alone proves nothing about who signed."""
    forged = re.sub(
        r"<ds:X509Data>.*</ds:X509Data>", "<ds:KeyValue><ds:ECKeyValue/></ds:KeyValue>", signed
    )
    verdict = judged(world, forged)
    assert verdict.subindication is SubIndication.NO_SIGNING_CERTIFICATE_FOUND


def test_another_certificate_with_the_same_key_is_refused(world: World, signed: str) -> None:
    """The signature names its certificate by digest; a second one for the key does not do."""
    other = world.key(private=world.seal.private).certificate
    forged = signed.replace(
        base64.b64encode(world.seal.certificate.der).decode(),
        base64.b64encode(other.der).decode(),
    )
    assert judged(world, forged).subindication is SubIndication.SIG_CONSTRAINTS_FAILURE


def test_a_time_stamp_from_another_signature_is_refused(world: World, signed: str) -> None:
    """A genuine token, copied: its imprint is over another signature value."""
    other = xades.sign(b"<Other/>", world.seal, stamper=world.stamper, signed_at=NOW).decode()
    pattern = r"(?<=<xades:EncapsulatedTimeStamp>)[^<]*"
    token = re.search(pattern, other)
    assert token
    verdict = judged(world, re.sub(pattern, token.group(), signed))
    assert verdict.subindication is SubIndication.SIG_CONSTRAINTS_FAILURE
    assert verdict.signatures[0].timestamps[0].subindication is SubIndication.HASH_FAILURE


def test_two_sets_of_properties_are_refused(world: World, signed: str) -> None:
    """A second QualifyingProperties in a second ds:Object cannot add anything."""
    match = re.search(r"<ds:Object>.*</ds:Object>", signed)
    assert match
    forged = signed.replace(match.group(), match.group() * 2)
    assert judged(world, forged).subindication is SubIndication.FORMAT_FAILURE


@pytest.mark.parametrize(
    "document",
    [
        b"",
        b"not xml",
        b"<a>",
        b"<a/>",
        f'<Signature xmlns="{DS}"/>'.encode(),
        f'<a><Signature xmlns="{DS}"><SignedInfo/><SignatureValue/></Signature></a>'.encode(),
        b"<a>" * 200 + b"</a>" * 200,
        b"\xff\xfe\x00",
    ],
)
def test_what_is_no_signed_document_is_refused(world: World, document: bytes) -> None:
    """Broken, empty, unsigned and half signatures: a verdict, never an exception."""
    assert judged(world, document).indication is Indication.TOTAL_FAILED


def test_a_namespace_name_made_relative_is_refused(world: World, signed: str) -> None:
    """A document without canonical form fails like any other changed document."""
    verdict = judged(world, signed.replace('"urn:d"', '"urn-d"'))
    assert verdict.subindication is SubIndication.FORMAT_FAILURE


def test_many_signatures_cost_nothing(world: World, signed: str) -> None:
    """A document stuffed with signatures is refused before any is looked at."""
    forged = signed.replace("<x:Name>", signature_of(signed) * 40 + "<x:Name>")
    assert judged(world, forged).subindication is SubIndication.FORMAT_FAILURE


def test_every_flip_of_a_signed_document_is_noticed(world: World, signed: str) -> None:
    """One bit changed at any of 1,000 sampled places: never the same verdict again."""
    good = signed.encode()
    places = random.Random(4711).sample(range(len(good)), 1000)
    for place in places:
        broken = bytearray(good)
        broken[place] ^= 1 << place % 8
        assert not judged(world, bytes(broken)).passed, (place, broken[place - 20 : place + 20])


def rid(text: str, old: str, new: str) -> str:
    """Return the text with one thing replaced, which must be there."""
    assert old in text
    return text.replace(old, new, 1)


def test_a_reference_to_nothing_is_data_not_found(world: World, signed: str) -> None:
    """EN 319 102-1, 5.2.7.4: what cannot be had leaves it open; what is there twice is no form."""
    uri = 'URI=""'
    missing = judged(world, resigned(world, signed, lambda text: rid(text, uri, 'URI="#gone"')))
    assert missing.subindication is SubIndication.SIGNED_DATA_NOT_FOUND
    doubled = signed.replace("<Id>", '<Id Id="x">').replace("<Code>", '<Code Id="x">')
    twice = judged(world, resigned(world, doubled, lambda text: rid(text, uri, 'URI="#x"')))
    assert twice.subindication is SubIndication.FORMAT_FAILURE


def test_what_must_be_signed_is_asked_after_the_value(world: World, signed: str) -> None:
    """A reference taken out later breaks the value; a signer who never had it breaks a rule."""
    match = re.search(r'<ds:Reference Type="[^"]*SignedProperties".*?</ds:Reference>', signed)
    assert match
    taken = judged(world, signed.replace(match.group(), ""))
    assert taken.subindication is SubIndication.SIG_CRYPTO_FAILURE
    never = judged(world, resigned(world, signed, lambda text: text.replace(match.group(), "")))
    assert never.subindication is SubIndication.SIG_CONSTRAINTS_FAILURE


def digested(octets: bytes) -> str:
    """Return the digest of a reference as elements."""
    value = base64.b64encode(SHA256.of(octets)).decode()
    method = f'<ds:DigestMethod Algorithm="{SHA256.uri}"/>'
    return f"{method}<ds:DigestValue>{value}</ds:DigestValue>"


def entry(name: str, content: bytes) -> str:
    """Return a reference of a manifest to a file."""
    return f'<ds:Reference URI="{name}">{digested(content)}</ds:Reference>'


def manifested(world: World, listed: str, *, wrapped: bool = False) -> str:
    """Return a signature over a manifest that lists `listed`, in a ds:Object or one inside it."""
    manifest = f'<ds:Manifest xmlns:ds="{DS}" Id="m">{listed}</ds:Manifest>'
    inside = f"<w>{manifest}</w>" if wrapped else manifest
    canonical = c14n.document(parse(manifest.encode()), EXCLUSIVELY)
    transforms = f'<ds:Transforms><ds:Transform Algorithm="{EXCLUSIVE}"/></ds:Transforms>'
    reference = (
        f'<ds:Reference Type="{DS}Manifest" URI="#m">{transforms}{digested(canonical)}'
        "</ds:Reference></ds:SignedInfo>"
    )

    def change(text: str) -> str:
        text = rid(text, "</ds:SignedInfo>", reference)
        return rid(text, "</ds:Signature>", f"<ds:Object>{inside}</ds:Object></ds:Signature>")

    return resigned(world, xades.sign(DOCUMENT, world.seal, signed_at=NOW).decode(), change)


def test_what_a_manifest_lists_is_checked_as_far_as_it_is_here(world: World) -> None:
    """A file that differs fails; one that is not here is not among what was signed."""
    data = manifested(world, entry("a.txt", b"a") + entry("b.txt", b"b")).encode()

    def verdict(**files: bytes) -> Verdict:
        detached = {f"{name}.txt": content for name, content in files.items()}
        return xades.verify(data, world.trust, at=NOW, detached=detached)

    whole, part = verdict(a=b"a", b=b"b"), verdict(a=b"a")
    assert whole.passed
    assert part.passed
    assert whole.signatures[0].signed_refs == ("", "#m", "a.txt", "b.txt")
    assert part.signatures[0].signed_refs == ("", "#m", "a.txt")
    assert verdict(a=b"a", b=b"x").subindication is SubIndication.HASH_FAILURE


def test_a_manifest_elsewhere_is_not_that_of_the_signature(world: World) -> None:
    """One moved inside another element would be found by the reference, and by no reader."""
    moved = manifested(world, entry("a.txt", b"a"), wrapped=True)
    assert judged(world, moved).subindication is SubIndication.SIGNED_DATA_NOT_FOUND


def test_a_part_of_another_file_can_be_countersigned(world: World, signed: str) -> None:
    """An XPath that leaves one element by name and identifier; two such elements leave nothing."""
    other = f'<o xmlns:ds="{DS}"><ds:SignatureValue Id="v">QUJD</ds:SignatureValue></o>'
    octets = f'<ds:SignatureValue xmlns:ds="{DS}" Id="v">QUJD</ds:SignatureValue>'
    chosen = xpath("ancestor-or-self::ds:SignatureValue[@Id='v']")
    transforms = f'{chosen}<ds:Transform Algorithm="{EXCLUSIVE}"/>'
    reference = (
        f'<ds:Reference URI="other.xml"><ds:Transforms>{transforms}</ds:Transforms>'
        f"{digested(octets.encode())}</ds:Reference></ds:SignedInfo>"
    )
    data = resigned(world, signed, lambda text: rid(text, "</ds:SignedInfo>", reference))

    def verdict(file: str) -> Verdict:
        given = {"other.xml": file.encode()}
        return xades.verify(data.encode(), world.trust, at=NOW, detached=given)

    assert verdict(other).passed
    assert verdict(other.replace("QUJD", "QUJE")).subindication is SubIndication.HASH_FAILURE
    twice = other.replace("</o>", '<ds:SignatureValue Id="v">QUJE</ds:SignatureValue></o>')
    assert verdict(twice).subindication is SubIndication.SIGNED_DATA_NOT_FOUND


def test_an_object_of_a_container_is_no_part_of_a_document(world: World) -> None:
    """Around a signature of a container there is nothing that could be taken for signed."""
    enveloping = xades.sign(
        DOCUMENT, world.seal, signed_at=NOW, layout=xades.Layout.ENVELOPING
    ).decode()
    asic = "http://uri.etsi.org/02918/v1.2.1#"
    held = f'<a:XAdESSignatures xmlns:a="{asic}">{enveloping}</a:XAdESSignatures>'
    assert judged(world, held).passed
    assert not judged(world, f"<Other>{enveloping}</Other>").passed
