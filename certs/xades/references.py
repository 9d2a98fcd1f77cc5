"""What the references of a signature cover: resolved, transformed by an allow-list, digested.

The octets returned are exactly those that were digested; nothing else may be read afterwards.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import islice
from typing import Final
from urllib.parse import unquote

from certs.conclusion import Draft, format_failure
from certs.verdict import Refused, SignedObject, SubIndication
from certs.xades import c14n
from certs.xades.imprint import Covered
from certs.xades.names import (
    CONTAINED,
    COUNTERSIGNED,
    ENVELOPED,
    MANIFEST,
    OBJECT,
    SIGNATURE,
    SIGNED_PROPERTIES,
    XPATH,
    ds,
)
from certs.xades.structure import Identifiers, Parts, manifest_entries, transforms
from certs.xades.transforms import Plan
from schemas.text import Text
from schemas.xml import Element

# References, and what the manifests among them list.
_MOST_PLANS: Final = 2048
_XPOINTER: Final = re.compile(r"#xpointer\((?:/|id\(['\"]([^'\"]+)['\"]\))\)")


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
        plans = list(islice(self._plans(), _MOST_PLANS + 1))
        if len(plans) > _MOST_PLANS:
            raise format_failure("There are too many references.", "引用数量过多。")
        draft.refs = tuple(
            plan.uri or "" for plan in plans if not self._is_properties(plan.reference)
        )
        objects = [self._digest(plan, draft) for plan in plans if not plan.without]
        for plan in plans:
            if plan.without:
                self._take_out(plan.without)
                objects.append(self._digest(plan, draft))
        draft.objects = tuple(each for each in objects if each is not None)

    def check_signed(self, draft: Draft) -> None:
        """The properties must be signed, and so must some data, or the countersigned value.

        Judged after the signature value, which tells whether a reference was taken away later.
        """
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

    def _plans(self) -> Iterator[Plan]:
        identifiers = Identifiers(self.root)
        for reference in self.parts.references:
            plan = self._plan(reference, identifiers)
            yield plan
            if reference.get("Type") == MANIFEST and plan.node is not None:
                yield from self._entries(plan.node, identifiers)

    def _plan(self, reference: Element, identifiers: Identifiers) -> Plan:
        plan = self._target(reference, identifiers)
        for transform in transforms(reference):
            plan.add(transform)
        kind = reference.get("Type")
        if self._is_properties(reference):
            self._check_properties(plan)
        elif plan.node is not None:
            if kind in {MANIFEST, OBJECT} and not self._is_own(plan.node, kind):
                raise _not_found(f"{plan.uri}")
            self._note_scope(plan)
        return plan

    def _entries(self, manifest: Element, identifiers: Identifiers) -> Iterator[Plan]:
        """Yield what a manifest lists, as far as it is here; what is here must be as listed.

        XMLDSig 1.1, 5.1 leaves it to the application what to do about the rest; it is not among
        the signed objects.
        """
        for reference in manifest_entries(manifest):
            try:
                plan = self._target(reference, identifiers, alone=False)
            except Refused as refused:
                if refused.sub is not SubIndication.SIGNED_DATA_NOT_FOUND:
                    raise
                continue
            plan.entry = True
            for transform in transforms(reference):
                plan.add(transform)
            if plan.node is self.root:
                self.whole = True
            yield plan

    def _target(self, reference: Element, identifiers: Identifiers, *, alone: bool = True) -> Plan:
        uri = reference.get("URI")
        if uri is None or (uri and not uri.startswith("#")):
            return Plan(reference, uri, None, self._external(uri, alone=alone))
        if uri in {"", "#xpointer(/)"}:
            return Plan(reference, "", self.root, comments=bool(uri))
        pointer = _XPOINTER.fullmatch(uri)
        identifier = pointer.group(1) if pointer else unquote(uri[1:])
        node = identifiers.only(identifier)
        if node is None:
            raise _not_found(f"#{identifier}")
        return Plan(reference, f"#{identifier}", node, comments=pointer is not None)

    def _external(self, uri: str | None, *, alone: bool) -> bytes:
        """Return the detached file that is meant, by name, or (`alone`) the only one there is."""
        name = unquote(uri or "")
        if name in self.detached:
            return self.detached[name]
        if alone and len(self.detached) == 1:
            return next(iter(self.detached.values()))
        raise Refused(
            SubIndication.SIGNED_DATA_NOT_FOUND,
            Text(f"The signed file “{name}” is not here.", f"缺少被签署的文件“{name}”。"),
        )

    def _is_own(self, node: Element, kind: str) -> bool:
        """Tell whether an object or manifest stands at its place in this signature (XMLDSig, 4.5).

        One that was moved elsewhere may be read by nobody who looks where it belongs.
        """
        own = list(self.parts.signature.iterchildren(ds("Object")))
        if kind == OBJECT:
            return node is self.parts.key_info or any(each is node for each in own)
        return any(each is node for holder in own for each in holder)

    def _check_properties(self, plan: Plan) -> None:
        """The reference of that type must be to the properties of this very signature."""
        if plan.node is not self.parts.signed_properties or plan.without or self.properties_seen:
            raise Refused(
                SubIndication.SIGNED_DATA_NOT_FOUND,
                Text("The signed properties are elsewhere.", "签名属性位于错误的位置。"),
            )
        self.properties_seen = True

    def _note_scope(self, plan: Plan) -> None:
        """Tell a reference to the whole, or into the signature itself, from one to a part."""
        node = plan.node
        if node is not None and node is self.parts.countersigned:
            self.countersigns = True
        inside = any(each is self.parts.signature for each in _lineage(node))
        if node is self.root and not inside:
            self.whole = True
        elif node is self.parts.signature or (inside and not self._stands_alone()):
            if plan.reference.get("Type") != COUNTERSIGNED and not _own_part(node, self.parts):
                self.partial.append(plan.uri or "")
        elif not inside and plan.reference.get("Type") != COUNTERSIGNED:
            self.partial.append(plan.uri or "")

    def _stands_alone(self) -> bool:
        """Tell whether there is nothing around the signature, or only others of a container."""
        return self.parts.signature is self.root or self.root.tag == CONTAINED

    def _take_out(self, which: str) -> None:
        """Take this signature, all of them, or all right below the root, out of the tree."""
        if which == ENVELOPED:
            c14n.take_out(self.parts.signature)
            return
        for each in list(self.root.iter(SIGNATURE)):
            if which == XPATH or each.getparent() is self.root:
                c14n.take_out(each)

    def _digest(self, plan: Plan, draft: Draft) -> SignedObject | None:
        data, digest = plan.checked(self.root)
        if not plan.entry:
            place = self.parts.references.index(plan.reference)
            self.covered[place] = Covered(data, plan.is_node_set)
        draft.digests.append(digest)
        hidden = self._is_properties(plan.reference) or _own_part(plan.node, self.parts)
        return None if hidden else SignedObject(plan.uri or "", data)


def _not_found(name: str) -> Refused:
    return Refused(
        SubIndication.SIGNED_DATA_NOT_FOUND,
        Text(
            f"“{name}” is not at its place in the document.",
            f"“{name}”不在文件中应有的位置。",
        ),
    )


def _own_part(node: Element | None, parts: Parts) -> bool:
    """Tell whether a node is the signature's own KeyInfo or another's value, not data."""
    return node is not None and (node is parts.key_info or node.tag == ds("SignatureValue"))


def _lineage(node: Element | None) -> list[Element]:
    return [] if node is None else [node, *node.iterancestors()]
