"""Elements of an evidence record in XML (RFC 6283, sections 2 and 3), built step by step."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Final

from lxml import etree

from certs.digests import Digest
from certs.ers.record import ArchiveTimeStamp
from certs.validation.material import Material
from certs.xades.names import EXCLUSIVE
from schemas.xml import Element

ERS: Final = "urn:ietf:params:xml:ns:ers"
VERSION: Final = "1.0"
KIND: Final = "RFC3161"


def ers(name: str) -> str:
    """Return a name in the namespace of evidence records."""
    return f"{{{ERS}}}{name}"


def empty() -> Element:
    """Return a record without any chain."""
    root = etree.Element(ers("EvidenceRecord"), {"Version": VERSION}, {"ers": ERS})
    etree.SubElement(root, ers("ArchiveTimeStampSequence"))
    return root


def add_chain(sequence: Element, digest: Digest) -> Element:
    """Add a chain without time-stamps, which uses one digest and one canonical form."""
    chain = _add(sequence, "ArchiveTimeStampChain", Order=str(len(sequence) + 1))
    _add(chain, "DigestMethod", Algorithm=digest.uri)
    _add(chain, "CanonicalizationMethod", Algorithm=EXCLUSIVE)
    return chain


def add_stamp(chain: Element, stamp: ArchiveTimeStamp) -> None:
    """Add a time-stamp with its reduced tree to a chain."""
    order = len(chain.findall(ers("ArchiveTimeStamp"))) + 1
    archived = _add(chain, "ArchiveTimeStamp", Order=str(order))
    if stamp.lists:
        tree = _add(archived, "HashTree")
        for number, values in enumerate(stamp.lists, start=1):
            listed = _add(tree, "Sequence", Order=str(number))
            for value in values:
                _add(listed, "DigestValue").text = _encoded(value)
    holder = _add(archived, "TimeStamp")
    _add(holder, "TimeStampToken", Type=KIND).text = _encoded(stamp.token)


def add_material(holder: Element, found: Material) -> None:
    """Put validation data beside the token of a TimeStamp, after what is there."""
    listed = holder.find(ers("CryptographicInformationList"))
    if listed is None:
        listed = _add(holder, "CryptographicInformationList")
    for kind, value in _values(found):
        order = str(len(listed) + 1)
        _add(listed, "CryptographicInformation", Order=order, Type=kind).text = _encoded(value)


def _values(found: Material) -> Iterator[tuple[str, bytes]]:
    yield from (("CERT", each.der) for each in found.certificates)
    yield from (("CRL", each.encoded) for each in found.lists)
    yield from (("OCSP", each.encoded) for each in found.answers)


def _add(parent: Element, name: str, **attributes: str) -> Element:
    return etree.SubElement(parent, ers(name), attributes)


def _encoded(value: bytes) -> str:
    return base64.b64encode(value).decode()
