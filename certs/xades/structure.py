"""The parts of one XML signature, found at their absolute places and nowhere else."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from lxml import etree

from certs.conclusion import format_failure
from certs.verdict import Refused, SubIndication
from certs.xades.names import DS, SIGNATURE, ds, xades
from schemas.text import Text
from schemas.xml import Element

_MOST_SIGNATURES: Final = 16
MOST_REFERENCES: Final = 1024
_MOST_TRANSFORMS: Final = 4
# So many identifiers are looked up one by one, which costs less than an index of all.
_FEW: Final = 4
# Attributes by value first, as that is fast.
_BY_VALUE: Final = etree.XPath("//@*[.=$id]", smart_strings=True)


@dataclass(frozen=True, slots=True)
class Parts:
    """A ds:Signature taken apart; the XAdES elements are None or empty when there are none.

    `countersigned` is the SignatureValue of the signature that this one stands in as its
    xades:CounterSignature.
    """

    signature: Element
    signed_info: Element
    method: Element
    canonicalization: Element
    references: tuple[Element, ...]
    value: Element
    key_info: Element | None
    signed_properties: Element | None
    unsigned_properties: tuple[Element, ...]
    countersigned: Element | None


def signatures(root: Element) -> list[Element]:
    """Return every ds:Signature, in document order; refuses more than 16."""
    found: list[Element] = []
    for each in root.iter(SIGNATURE):
        found.append(each)
        if len(found) > _MOST_SIGNATURES:
            raise format_failure("There are too many signatures.", "签名数量过多。")
    return found


def take_apart(signature: Element) -> Parts:
    """Return the parts of a signature; raises Refused when it is not built as it must be."""
    signed_info, value, *rest = _children(signature, 2)
    canonicalization, method, *references = _children(_named(signed_info, "SignedInfo"), 3)
    if len(references) > MOST_REFERENCES:
        raise _too_many()
    key_info = None
    if rest and rest[0].tag == ds("KeyInfo"):
        key_info, *rest = rest
    properties = [found for each in rest for found in _qualifying(_named(each, "Object"))]
    if len(properties) > 1:
        raise format_failure("There are two sets of properties.", "存在两组签名属性。")
    signed, unsigned = _properties(properties[0], signature) if properties else (None, ())
    return Parts(
        signature,
        signed_info,
        _named(method, "SignatureMethod"),
        _named(canonicalization, "CanonicalizationMethod"),
        tuple(_named(each, "Reference") for each in references),
        _named(value, "SignatureValue"),
        key_info,
        signed,
        unsigned,
        _countersigned(signature),
    )


def _too_many() -> Refused:
    return format_failure("There are too many references.", "引用数量过多。")


def _countersigned(signature: Element) -> Element | None:
    holder = signature.getparent()
    if holder is None or holder.tag != xades("CounterSignature"):
        return None
    outer = next(holder.iterancestors(SIGNATURE), None)
    return None if outer is None else outer.find(ds("SignatureValue"))


def transforms(reference: Element) -> list[Element]:
    """Return the ds:Transform elements of a reference; raises Refused for too many."""
    first = next(iter(reference), None)
    if first is None or first.tag != ds("Transforms"):
        return []
    found = _children(first, 1)
    if len(found) > _MOST_TRANSFORMS:
        raise format_failure("There are too many transforms.", "变换数量过多。")
    return [_named(each, "Transform") for each in found]


def manifest_entries(manifest: Element) -> list[Element]:
    """Return the references of a ds:Manifest; raises Refused for too many, or for none."""
    found = [_named(each, "Reference") for each in _children(_named(manifest, "Manifest"), 1)]
    if len(found) > MOST_REFERENCES:
        raise _too_many()
    return found


class Identifiers:
    """The elements of a document by identifier, looked up one by one or, when many, once."""

    def __init__(self, root: Element) -> None:
        """Look in this document, as it stands."""
        self._root = root
        self._asked = 0
        self._index: dict[str, list[Element]] = {}

    def only(self, identifier: str) -> Element | None:
        """Return the element with this identifier, or None; raises Refused for several."""
        self._asked += 1
        few = self._asked <= _FEW
        owners = _owners(self._root, identifier) if few else self._all().get(identifier, [])
        if len(owners) > 1:
            raise format_failure(
                f"“#{identifier}” names more than one element.",
                f"“#{identifier}”指向多个元素。",
            )
        return owners[0] if owners else None

    def _all(self) -> dict[str, list[Element]]:
        if not self._index:
            for each in self._root.iter("*"):
                for name, value in each.attrib.items():
                    if _is_name(name):
                        self._index.setdefault(str(value), []).append(each)
        return self._index


def _owners(root: Element, identifier: str) -> list[Element]:
    found = _BY_VALUE(root, id=identifier)
    owners: list[Element] = []
    for each in found if isinstance(found, list) else ():
        if isinstance(each, etree._ElementUnicodeResult) and _is_name(each.attrname):  # noqa: SLF001
            owner = each.getparent()
            if owner is not None:
                owners.append(owner)
    return owners


def _is_name(name: object) -> bool:
    """Tell whether an attribute of this name identifies: Id, ID, id, xml:id, wsu:Id."""
    return etree.QName(str(name)).localname.lower() == "id"


def decoded(text: str | None) -> bytes:
    """Return the octets of Base64 text; raises Refused unless it is their only encoding."""
    joined = "".join((text or "").split())
    try:
        data = base64.b64decode(joined, validate=True)
    except (binascii.Error, ValueError):
        data = b""
    if not data or base64.b64encode(data).decode() != joined:
        raise format_failure("A value is not proper Base64.", "某个值不是规范的 Base64。")
    return data


def _qualifying(container: Element) -> list[Element]:
    name = xades("QualifyingProperties")
    return [child for child in container if child.tag == name]


def _properties(
    qualifying: Element, signature: Element
) -> tuple[Element | None, tuple[Element, ...]]:
    """Return SignedProperties and the unsigned signature properties, in their fixed places."""
    target = qualifying.get("Target", "")
    if target != f"#{signature.get('Id', '')}":
        raise Refused(
            SubIndication.SIG_CONSTRAINTS_FAILURE,
            Text("The properties aim at another signature.", "签名属性指向其他签名。"),
        )
    signed: Element | None = None
    unsigned: tuple[Element, ...] = ()
    for child in _children(qualifying, 0):
        if child.tag == xades("SignedProperties") and signed is None:
            signed = child
        elif child.tag == xades("UnsignedProperties") and not unsigned:
            unsigned = _unsigned(child)
        else:
            raise _unexpected(child)
    return signed, unsigned


def _unsigned(properties: Element) -> tuple[Element, ...]:
    found: list[Element] = []
    for group in _children(properties, 0):
        if group.tag == xades("UnsignedSignatureProperties"):
            found.extend(_children(group, 0))
        elif group.tag != xades("UnsignedDataObjectProperties"):
            raise _unexpected(group)
    return tuple(found)


def _children(node: Element, least: int) -> list[Element]:
    """Return the child elements; there may be no other text than white space between them."""
    if (node.text or "").strip():
        raise _unexpected(node)
    found: list[Element] = []
    for child in node:
        if (child.tail or "").strip():
            raise _unexpected(node)
        if isinstance(child.tag, str):
            found.append(child)
    if len(found) < least:
        raise format_failure("The signature is incomplete.", "签名不完整。")
    return found


def _named(node: Element, name: str) -> Element:
    if node.tag != f"{{{DS}}}{name}":
        raise _unexpected(node)
    return node


def _unexpected(node: Element) -> Exception:
    name = str(node.tag).rpartition("}")[2]
    return format_failure(f"“{name}” is not as it must be.", f"“{name}”不符合规定。")


def only_text(node: Element, allowed: Sequence[str] = ()) -> str:
    """Return the text of an element without children other than `allowed`."""
    if any(child.tag not in allowed for child in node):
        raise _unexpected(node)
    return node.text or ""
