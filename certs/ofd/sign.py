"""Signing OFD files: a seal of GB/T 38540 or a signature of GB/T 35275 over all of the package."""

from __future__ import annotations

import base64
import posixpath
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from lxml import etree

from certs import archive, gbt35275
from certs import seal as seals
from certs.asn1 import oids
from certs.authority.tsa import TimeStamper
from certs.digests import SM3
from certs.errors import ContainerRefused
from certs.keys import SigningKey
from certs.ofd import package
from certs.ofd.package import MAIN, NS, Body, Files, Signature, name
from certs.verdict import Refused
from schemas.clock import utc_now
from schemas.xml import Element, parse

_NSMAP: Final = {"ofd": NS}
_PROVIDER: Final = {"ProviderName": "Silkgate", "Version": "1", "Company": "Silkgate"}
_TIME: Final = "%Y%m%d%H%M%SZ"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a seal is shown: page (from 1), millimetres from its left and from its top."""

    page: int
    x: float
    y: float


@dataclass(frozen=True, slots=True)
class _New:
    """A signature to be made in a folder of its own: its seal or none, and where that is shown."""

    folder: str
    seal: bytes | None
    shown: dict[str, str]

    def file(self, name: str) -> str:
        """Return the name of a file of the signature."""
        return f"{self.folder}/{name}"

    @property
    def description(self) -> str:
        """The file that says what is covered."""
        return self.file("Signature.xml")


def sign(
    data: bytes,
    key: SigningKey,
    *,
    seal: bytes | None = None,
    place: Place | None = None,
    stamper: TimeStamper | None = None,
    now: datetime | None = None,
) -> bytes:
    """Return the OFD file with one more signature over everything in it: `seal` affixed, or none.

    `place` is where readers show the seal. The list of signatures stays open to further ones.
    Raises ContainerRefused for a file that is no OFD file or that another signature closed,
    UnsupportedAlgorithm unless the key is SM2.
    """
    moment = now or utc_now()
    files = archive.read(data)
    try:
        body, made = _openable(files)
        shown = _shown(files, body, seal, place) if seal and place else {}
    except Refused as refused:
        raise ContainerRefused(reason=refused.reason.en) from refused
    files, listing = _opened(files, body)
    new = _New(_vacant(files, posixpath.dirname(listing)), seal, shown)
    own = frozenset({listing}.union(*(each.own for each in made)))
    covered = {each: content for each, content in files.items() if each not in own}
    described = _description(new, covered, moment)
    added = {
        new.description: described,
        new.file("SignedValue.dat"): _value(new, described, key, stamper, moment),
        **({} if seal is None else {new.file("Seal.esl"): seal}),
    }
    return archive.write({**files, listing: _listed(files[listing], new), **added})


def _openable(files: Files) -> tuple[Body, tuple[Signature, ...]]:
    """Return the one document, open to one more signature, and those it has; raises Refused."""
    listed = package.bodies(files)
    made = package.signatures(listed, files)
    body, *others = listed
    if others:
        raise ContainerRefused(reason="it holds several documents")
    if any(each.name == body.signatures for one in made for each in one.covered):
        raise ContainerRefused(reason="a signature in it allows no further one")
    return body, made


def _shown(files: Files, body: Body, seal: bytes, place: Place) -> dict[str, str]:
    """Return the StampAnnot: the page by its identifier, the box of the seal's picture in mm."""
    picture = seals.read_seal(seal).picture
    pages = package.pages(body, files)
    if not 0 < place.page <= len(pages):
        raise ContainerRefused(reason=f"it has no page {place.page}")
    box = f"{place.x:g} {place.y:g} {picture.width} {picture.height}"
    return {"ID": "1", "PageRef": pages[place.page - 1], "Boundary": box}


def _opened(files: dict[str, bytes], body: Body) -> tuple[dict[str, bytes], str]:
    """Return the files with a list of signatures that OFD.xml names, and the list's name."""
    if body.signatures:
        return files, body.signatures
    listing = posixpath.join(posixpath.dirname(body.root), "Signs", "Signatures.xml")
    main = parse(files[MAIN])
    (node,) = (each for each in main if each.tag == name("DocBody"))
    etree.SubElement(node, name("Signatures")).text = f"/{listing}"
    empty = etree.Element(name("Signatures"), nsmap=_NSMAP)
    return {**files, MAIN: _written(main), listing: _written(empty)}, listing


def _vacant(files: Files, folder: str) -> str:
    """Return a folder for the signature that holds nothing yet."""
    number = 0
    while any(each.startswith(f"{folder}/Sign_{number}/") for each in files):
        number += 1
    return f"{folder}/Sign_{number}"


def _description(new: _New, covered: Mapping[str, bytes], moment: datetime) -> bytes:
    """Return Signature.xml: what is covered, and where value and seal are."""
    root = etree.Element(name("Signature"), nsmap=_NSMAP)
    signed = etree.SubElement(root, name("SignedInfo"))
    etree.SubElement(signed, name("Provider"), _PROVIDER)
    etree.SubElement(signed, name("SignatureMethod")).text = oids.SM2_WITH_SM3
    etree.SubElement(signed, name("SignatureDateTime")).text = moment.strftime(_TIME)
    references = etree.SubElement(signed, name("References"), CheckMethod=SM3.oid)
    for each, content in covered.items():
        reference = etree.SubElement(references, name("Reference"), FileRef=f"/{each}")
        value = base64.b64encode(SM3.of(content)).decode("ascii")
        etree.SubElement(reference, name("CheckValue")).text = value
    if new.shown:
        etree.SubElement(signed, name("StampAnnot"), new.shown)
    if new.seal is not None:
        seal = etree.SubElement(signed, name("Seal"))
        etree.SubElement(seal, name("BaseLoc")).text = f"/{new.file('Seal.esl')}"
    etree.SubElement(root, name("SignedValue")).text = f"/{new.file('SignedValue.dat')}"
    return _written(root)


def _value(
    new: _New, described: bytes, key: SigningKey, stamper: TimeStamper | None, moment: datetime
) -> bytes:
    """Return the signature over the description."""
    if new.seal is None:
        return gbt35275.sign(described, key, stamper=stamper, signed_at=moment)
    info = f"/{new.description}"
    return seals.affix(new.seal, described, key, property_info=info, stamper=stamper, now=moment)


def _listed(listing: bytes, new: _New) -> bytes:
    """Return the list with one more entry, its number one higher than the highest."""
    root = parse(listing)
    used = [each.get("ID", "") for each in root if each.tag == name("Signature")]
    number = 1 + max((int(each) for each in used if each.isdecimal()), default=len(used))
    highest = root.find(name("MaxSignId"))
    if highest is None:
        highest = etree.Element(name("MaxSignId"), nsmap=_NSMAP)
        root.insert(0, highest)
    highest.text = str(number)
    kind = "Sign" if new.seal is None else "Seal"
    said = {"ID": str(number), "Type": kind, "BaseLoc": f"/{new.description}"}
    etree.SubElement(root, name("Signature"), said)
    return _written(root)


def _written(root: Element) -> bytes:
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")
