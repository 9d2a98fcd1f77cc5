"""What the references of a signature cover: resolved, transformed by an allow-list, digested.

The octets returned are exactly those that were digested; nothing else may be read afterwards.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote

from certs.conclusion import Draft, format_failure
from certs.digests import Digest, digest_by_uri
from certs.errors import UnsupportedAlgorithm
from certs.verdict import Refused, SignedObject, SubIndication
from certs.xades import c14n
from certs.xades.imprint import Covered
from certs.xades.names import (
    BASE64,
    COUNTERSIGNED,
    DS,
    ENVELOPED,
    SIGNATURE,
    SIGNED_PROPERTIES,
    XPATH,
    XPATH_FILTER,
    ds,
)
from certs.xades.structure import Parts, by_id, decoded, only_text, transforms
from schemas.text import Text
from schemas.xml import Element, parse

_XPOINTER: Final = re.compile(r"#xpointer\((?:/|id\(['\"]([^'\"]+)['\"]\))\)")
# The one XPath everyone writes for "without the signatures"; no other is evaluated.
_WITHOUT_SIGNATURES: Final = re.compile(r"not\s*\(\s*ancestor-or-self::([\w.-]+):Signature\s*\)")
_SUBTRACT_SIGNATURES: Final = re.compile(r"/(?:descendant::|/|\*/)([\w.-]+):Signature")
_CHILDREN_ONLY: Final = "/*/"


@dataclass(slots=True)
class _Plan:
    """What to do for one reference: which node or octets, and which transforms, in order."""

    reference: Element
    uri: str | None
    node: Element | None
    octets: bytes | None = None
    without: str = ""
    method: c14n.Method | None = None
    base64: bool = False
    comments: bool = False


@dataclass(slots=True)
class Resolver:
    """Resolves and checks the references of one signature in one document."""

    root: Element
    parts: Parts
    detached: Mapping[str, bytes]
    properties_seen: bool = False
    countersigns: bool = False
    whole: bool = False
    partial: list[str] = field(default_factory=list)
    covered: dict[int, Covered] = field(default_factory=dict)

    def in_order(self) -> list[Covered]:
        """Return the octets of all references, in the order of SignedInfo."""
        return [covered for _, covered in sorted(self.covered.items())]

    def check(self, draft: Draft) -> None:
        """Check every reference and note the signed octets in the draft; raises Refused.

        References inside the signature are digested first; only then is the signature taken out
        of the tree for those that exclude it.
        """
        plans = [self._plan(reference) for reference in self.parts.references]
        draft.refs = tuple(
            plan.uri or "" for plan in plans if not self._is_properties(plan.reference)
        )
        objects = [self._digest(plan, draft) for plan in plans if not plan.without]
        for plan in plans:
            if plan.without:
                self._take_out(plan.without)
                objects.append(self._digest(plan, draft))
        draft.objects = tuple(each for each in objects if each is not None)
        self._require(draft)

    def _require(self, draft: Draft) -> None:
        """The properties must be signed, and so must some data, or the countersigned value."""
        if self.parts.signed_properties is not None and not self.properties_seen:
            raise Refused(
                SubIndication.SIG_CONSTRAINTS_FAILURE,
                Text("The signed properties are not signed.", "签名属性未被签名。"),
            )
        if self.parts.countersigned is not None:
            if not self.countersigns:
                raise format_failure("It countersigns something else.", "副署的并非所属签名。")
        elif not draft.objects:
            raise format_failure("No data is signed.", "没有任何数据被签名。")

    def check_scope(self) -> None:
        """Refuse a signature over a part of the document it stands in."""
        if self.partial and not self.whole:
            raise Refused(
                SubIndication.SIG_CONSTRAINTS_FAILURE,
                Text(
                    f"Only a part of the document is signed: {', '.join(self.partial)}.",
                    f"仅签署了文件的一部分:{', '.join(self.partial)}。",
                ),
            )

    def _is_properties(self, reference: Element) -> bool:
        return reference.get("Type") == SIGNED_PROPERTIES

    def _plan(self, reference: Element) -> _Plan:
        plan = self._target(reference)
        for transform in transforms(reference):
            self._add(plan, transform)
        if self._is_properties(reference):
            self._check_properties(plan)
        elif plan.node is not None:
            self._note_scope(plan)
        return plan

    def _target(self, reference: Element) -> _Plan:
        uri = reference.get("URI")
        if uri is None or (uri and not uri.startswith("#")):
            return _Plan(reference, uri, None, self._external(uri))
        if uri in {"", "#xpointer(/)"}:
            return _Plan(reference, "", self.root, comments=bool(uri))
        pointer = _XPOINTER.fullmatch(uri)
        identifier = pointer.group(1) if pointer else unquote(uri[1:])
        node = by_id(self.root, identifier)
        return _Plan(reference, f"#{identifier}", node, comments=pointer is not None)

    def _external(self, uri: str | None) -> bytes:
        """Return the detached file that is meant, by name, or the only one there is."""
        name = unquote(uri or "")
        if name in self.detached:
            return self.detached[name]
        if len(self.detached) == 1:
            return next(iter(self.detached.values()))
        raise Refused(
            SubIndication.SIGNED_DATA_NOT_FOUND,
            Text(f"The signed file “{name}” is not here.", f"缺少被签署的文件“{name}”。"),
        )

    def _add(self, plan: _Plan, transform: Element) -> None:
        """Note one transform; the allowed order is exclusion, then one canonicalisation."""
        uri = transform.get("Algorithm", "")
        if plan.method is not None or plan.base64:
            raise UnsupportedAlgorithm(algorithm=f"{uri} after the last transform")
        if c14n.known(uri):
            plan.method = c14n.method_of(transform)
        elif uri == ENVELOPED and len(transform) == 0 and self._encloses(plan):
            plan.without = plan.without or ENVELOPED
        elif uri in {XPATH, XPATH_FILTER} and (excluded := _excluded(transform, uri)):
            plan.without = excluded
        elif uri == BASE64 and len(transform) == 0 and not plan.without:
            plan.base64 = True
        else:
            raise UnsupportedAlgorithm(algorithm=uri)

    def _encloses(self, plan: _Plan) -> bool:
        ancestors = self.parts.signature.iterancestors()
        return plan.node is not None and any(each is plan.node for each in ancestors)

    def _check_properties(self, plan: _Plan) -> None:
        """The reference of that type must be to the properties of this very signature."""
        if plan.node is not self.parts.signed_properties or plan.without or self.properties_seen:
            raise format_failure("The signed properties are elsewhere.", "签名属性位于错误的位置。")
        self.properties_seen = True

    def _note_scope(self, plan: _Plan) -> None:
        """Tell a reference to the whole, or into the signature itself, from one to a part."""
        node = plan.node
        if node is not None and node is self.parts.countersigned:
            self.countersigns = True
        inside = any(each is self.parts.signature for each in _lineage(node))
        if node is self.root and not inside:
            self.whole = True
        elif node is self.parts.signature or (inside and self.parts.signature is not self.root):
            if plan.reference.get("Type") != COUNTERSIGNED and not _own_part(node, self.parts):
                self.partial.append(plan.uri or "")
        elif not inside and plan.reference.get("Type") != COUNTERSIGNED:
            self.partial.append(plan.uri or "")

    def _take_out(self, which: str) -> None:
        """Take this signature, all of them, or all right below the root, out of the tree."""
        if which == ENVELOPED:
            c14n.take_out(self.parts.signature)
            return
        for each in list(self.root.iter(SIGNATURE)):
            if which == XPATH or each.getparent() is self.root:
                c14n.take_out(each)

    def _digest(self, plan: _Plan, draft: Draft) -> SignedObject | None:
        data = self._octets(plan)
        node_set = plan.octets is None and plan.method is None and not plan.base64
        self.covered[self.parts.references.index(plan.reference)] = Covered(data, node_set)
        digest = _digest_method(plan.reference)
        if digest.of(data) != decoded(plan.reference.findtext(ds("DigestValue"))):
            raise Refused(
                SubIndication.HASH_FAILURE,
                Text(
                    f"“{plan.uri or 'the document'}” was changed after it was signed.",
                    f"“{plan.uri or '文件'}”在签名后被修改。",
                ),
            )
        draft.digests.append(digest)
        hidden = self._is_properties(plan.reference) or _own_part(plan.node, self.parts)
        return None if hidden else SignedObject(plan.uri or "", data)

    def _octets(self, plan: _Plan) -> bytes:
        """Return the octets to digest; without a C14N transform the default is C14N 1.0."""
        if plan.octets is not None:
            if plan.base64:
                return decoded(plan.octets.decode("ascii", "replace"))
            return c14n.document(parse(plan.octets), plan.method) if plan.method else plan.octets
        node = plan.node
        if node is None:
            raise format_failure("A reference leads nowhere.", "引用没有目标。")
        if plan.base64:
            return decoded("".join(str(text) for text in node.itertext()))
        method = plan.method or c14n.INCLUSIVE
        if method.comments and not plan.comments:
            # A same-document reference without XPointer leaves comments out (XMLDSig, 4.4.3.3).
            method = c14n.without_comments(method)
        return c14n.document(node, method) if node is self.root else c14n.element(node, method)


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
    if match is None or children[0].nsmap.get(match.group(1)) != DS:
        return ""
    return XPATH_FILTER if text.startswith(_CHILDREN_ONLY) else XPATH


def _digest_method(reference: Element) -> Digest:
    method = reference.find(ds("DigestMethod"))
    return digest_by_uri("" if method is None else method.get("Algorithm", ""))


def _own_part(node: Element | None, parts: Parts) -> bool:
    """Tell whether a node is the signature's own KeyInfo or another's value, not data."""
    return node is not None and (node is parts.key_info or node.tag == ds("SignatureValue"))


def _lineage(node: Element | None) -> list[Element]:
    return [] if node is None else [node, *node.iterancestors()]
