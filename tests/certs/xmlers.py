"""Evidence records in XML (RFC 6283), built step by step with lxml alone: our own vectors."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence

from lxml import etree

from certs.authority.tsa import TimeStamper

ERS = "urn:ietf:params:xml:ns:ers"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
URIS = {
    "sha256": "http://www.w3.org/2001/04/xmlenc#sha256",
    "sha512": "http://www.w3.org/2001/04/xmlenc#sha512",
}
Lists = Sequence[Sequence[bytes]]


def digest(algorithm: str, data: bytes) -> bytes:
    """Return the digest of data."""
    return hashlib.new(algorithm, data).digest()


def canonical(node: etree._Element) -> bytes:
    """Return the exclusive canonical form of an element."""
    return etree.tostring(node, method="c14n", exclusive=True, with_tail=False)


def climb(lists: Lists, algorithm: str) -> bytes:
    """Return the root of a reduced tree: each list with what came before, sorted and digested."""
    node: list[bytes] = []
    for each in lists:
        values = sorted([*each, *node])
        node = [values[0] if len(values) == 1 else digest(algorithm, b"".join(values))]
    return node[0]


class Builder:
    """An evidence record that grows: chains, and time-stamps in the last of them."""

    def __init__(self) -> None:
        """Start without any chain."""
        self.root = etree.Element(f"{{{ERS}}}EvidenceRecord", {"Version": "1.0"}, {"ers": ERS})
        self.sequence = self._add(self.root, "ArchiveTimeStampSequence")

    def _add(self, parent: etree._Element, name: str, **attributes: str) -> etree._Element:
        return etree.SubElement(parent, f"{{{ERS}}}{name}", attributes)

    def chain(self, algorithm: str, lists: Lists, stamper: TimeStamper) -> Builder:
        """Begin a chain with a time-stamp on the root of a tree."""
        order = str(len(self.sequence) + 1)
        chain = self._add(self.sequence, "ArchiveTimeStampChain", Order=order)
        self._add(chain, "DigestMethod", Algorithm=URIS[algorithm])
        self._add(chain, "CanonicalizationMethod", Algorithm=EXCLUSIVE)
        return self._stamp(chain, algorithm, lists, climb(lists, algorithm), stamper)

    def renewed(
        self, algorithm: str, stamper: TimeStamper, *neighbours: bytes, tree: bool = True
    ) -> Builder:
        """Add a time-stamp over the last one, in a tree with neighbours or without any."""
        chain = self.sequence[-1]
        last = chain[-1].find(f"{{{ERS}}}TimeStamp")
        assert last is not None
        lists = [[digest(algorithm, canonical(last)), *neighbours]]
        root = climb(lists, algorithm)
        return self._stamp(chain, algorithm, lists if tree else [], root, stamper)

    def before(self, algorithm: str) -> bytes:
        """Return the digest of the sequence so far, for a new chain."""
        return digest(algorithm, canonical(self.sequence))

    def _stamp(
        self,
        chain: etree._Element,
        algorithm: str,
        lists: Lists,
        root: bytes,
        stamper: TimeStamper,
    ) -> Builder:
        order = str(len(chain) - 1)
        stamp = self._add(chain, "ArchiveTimeStamp", Order=order)
        if lists:
            tree = self._add(stamp, "HashTree")
            for number, each in enumerate(lists, start=1):
                listed = self._add(tree, "Sequence", Order=str(number))
                for value in each:
                    self._add(listed, "DigestValue").text = base64.b64encode(value).decode()
        holder = self._add(stamp, "TimeStamp")
        token = self._add(holder, "TimeStampToken", Type="RFC3161")
        token.text = base64.b64encode(stamper.stamp(root)).decode()
        assert algorithm in URIS
        return self

    def information(self, kind: str, value: bytes) -> Builder:
        """Put a certificate (CERT) or list (CRL) beside the newest token."""
        holder = self.sequence[-1][-1].find(f"{{{ERS}}}TimeStamp")
        assert holder is not None
        listed = holder.find(f"{{{ERS}}}CryptographicInformationList")
        if listed is None:
            listed = self._add(holder, "CryptographicInformationList")
        order = str(len(listed) + 1)
        found = self._add(listed, "CryptographicInformation", Order=order, Type=kind)
        found.text = base64.b64encode(value).decode()
        return self

    def encode(self) -> bytes:
        """Return the XML."""
        return etree.tostring(self.root, xml_declaration=True, encoding="UTF-8")
