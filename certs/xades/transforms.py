"""What one reference is to, and what is done to it: transforms of an allow-list, in order."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from certs.conclusion import format_failure
from certs.digests import Digest, digest_by_uri
from certs.errors import UnsupportedAlgorithm
from certs.verdict import Refused, SubIndication
from certs.xades import c14n
from certs.xades.names import BASE64, DS, ENVELOPED, XPATH, XPATH_FILTER, ds
from certs.xades.structure import decoded, only_text
from schemas.text import Text
from schemas.xml import Element, parse

# The XPaths everyone writes for "without the signatures"; no others are evaluated.
_WITHOUT_SIGNATURES: Final = re.compile(r"not\s*\(\s*ancestor-or-self::([\w.-]+):Signature\s*\)")
_SUBTRACT_SIGNATURES: Final = re.compile(
    r"/(?:descendant::|/|\*/)([\w.-]+):Signature"
    r"|/descendant::\*\[\s*name\(\)\s*=\s*['\"]([\w.-]+):Signature['\"]\s*\]"
)
_CHILDREN_ONLY: Final = "/*/"
# One element by name and identifier, with all that is in it.
_ONE_ELEMENT: Final = re.compile(
    r"ancestor-or-self::([\w.-]+):([\w.-]+)\[@Id\s*=\s*['\"]([^'\"]+)['\"]\]"
)


@dataclass(slots=True)
class Plan:
    """What to do for one reference: which node or octets, and which transforms, in order.

    `entry` tells that it stands in a manifest; `selected` is name and identifier of the one
    element that an XPath leaves of the target.
    """

    reference: Element
    uri: str | None
    node: Element | None
    octets: bytes | None = None
    without: str = ""
    method: c14n.Method | None = None
    base64: bool = False
    comments: bool = False
    entry: bool = False
    selected: tuple[str, str] | None = None

    @property
    def is_node_set(self) -> bool:
        """Whether what comes out has no octets of its own yet."""
        return self.octets is None and self.method is None and not self.base64

    def add(self, transform: Element) -> None:
        """Note one transform; the allowed order is exclusion, then one canonicalisation."""
        uri = transform.get("Algorithm", "")
        if self.method is not None or self.base64:
            raise UnsupportedAlgorithm(algorithm=f"{uri} after the last transform")
        if c14n.known(uri):
            self.method = c14n.method_of(transform)
        elif uri == ENVELOPED and len(transform) == 0 and self.node is not None:
            self.without = self.without or ENVELOPED
        elif uri in {XPATH, XPATH_FILTER} and (excluded := _excluded(transform, uri)):
            self.without = excluded
        elif uri == XPATH and self.octets is not None and (one := _selected(transform)):
            self.selected = one
        elif uri == BASE64 and len(transform) == 0 and not self.without:
            self.base64 = True
        else:
            raise UnsupportedAlgorithm(algorithm=uri)

    def result(self, root: Element) -> bytes:
        """Return the octets to digest; without a C14N transform the default is C14N 1.0."""
        if self.octets is not None:
            return self._of_octets(self.octets)
        node = self.node
        if node is None:
            raise format_failure("A reference leads nowhere.", "引用没有目标。")
        if self.base64:
            return decoded("".join(str(text) for text in node.itertext()))
        method = self.method or c14n.INCLUSIVE
        if method.comments and not self.comments:
            # A same-document reference without XPointer leaves comments out (XMLDSig, 4.4.3.3).
            method = c14n.without_comments(method)
        return c14n.document(node, method) if node is root else c14n.element(node, method)

    def _of_octets(self, octets: bytes) -> bytes:
        if self.base64:
            return decoded(octets.decode("ascii", "replace"))
        if self.selected is not None:
            return c14n.element(_only(parse(octets), *self.selected), self.method or c14n.INCLUSIVE)
        return c14n.document(parse(octets), self.method) if self.method else octets

    def checked(self, root: Element) -> tuple[bytes, Digest]:
        """Return the octets and the digest they were compared by; raises Refused (HASH_FAILURE)."""
        data = self.result(root)
        method = self.reference.find(ds("DigestMethod"))
        digest = digest_by_uri("" if method is None else method.get("Algorithm", ""))
        if digest.of(data) != decoded(self.reference.findtext(ds("DigestValue"))):
            raise Refused(
                SubIndication.HASH_FAILURE,
                Text(
                    f"“{self.uri or 'the document'}” was changed after it was signed.",
                    f"“{self.uri or '文件'}”在签名后被修改。",
                ),
            )
        return data, digest


def _selected(transform: Element) -> tuple[str, str] | None:
    """Return name and identifier of the one element that an XPath selects; None for any other."""
    children = list(transform)
    if len(children) != 1:
        return None
    match = _ONE_ELEMENT.fullmatch(only_text(children[0]).strip())
    space = children[0].nsmap.get(match[1]) if match else None
    return (f"{{{space}}}{match[2]}", match[3]) if match and space else None


def _only(root: Element, name: str, identifier: str) -> Element:
    found = [each for each in root.iter(name) if each.get("Id") == identifier]
    if len(found) != 1:
        raise Refused(
            SubIndication.SIGNED_DATA_NOT_FOUND,
            Text(f"“{identifier}” does not name one element.", f"“{identifier}”未指明唯一元素。"),
        )
    return found[0]


def _excluded(transform: Element, uri: str) -> str:
    """Tell which signatures an XPath transform leaves out; '' when it is anything else."""
    children = list(transform)
    if len(children) != 1:
        return ""
    text = only_text(children[0]).strip()
    if uri == XPATH:
        match = _WITHOUT_SIGNATURES.fullmatch(text)
    else:
        subtracts = children[0].get("Filter") == "subtract"
        match = _SUBTRACT_SIGNATURES.fullmatch(text) if subtracts else None
    if match is None or children[0].nsmap.get(match[match.lastindex or 1]) != DS:
        return ""
    return XPATH_FILTER if text.startswith(_CHILDREN_ONLY) else XPATH
