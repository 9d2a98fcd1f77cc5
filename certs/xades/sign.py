"""XAdES written at every level: enveloped, enveloping, detached, beside or over other signatures.

An enveloped document is referenced as a whole in inclusive C14N 1.0, so that every namespace
declaration is covered, also those that only values use; everything inside the signature is in
exclusive C14N, so that it does not matter where the signature stands. EN 319 132-1, sections 5
and 6. The digest over the document is streamed and goes on into the archive time-stamp.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum

from certs.authority.tsa import TimeStamper
from certs.errors import AlreadySigned
from certs.keys import SigningKey
from certs.levels import Level
from certs.validation.sources import Gatherer
from certs.xades import c14n, extend, files, prepared, template
from certs.xades.imprint import Covered
from certs.xades.names import (
    BASE64,
    COUNTERSIGNED,
    OBJECT,
    SIGNATURE,
    XPATH,
    XPATH_FILTER,
    ds,
)
from certs.xades.prepared import Prepared
from schemas.errors import InputError
from schemas.xml import Element, parse


class Layout(StrEnum):
    """Where the signature stands: in the document, around it, or beside it."""

    ENVELOPED = "enveloped"
    ENVELOPING = "enveloping"
    DETACHED = "detached"


def prepare(
    document: bytes | Element,
    key: SigningKey,
    *,
    layout: Layout = Layout.ENVELOPED,
    name: str = "",
    roomy: bool = False,
    signed_at: datetime | None = None,
) -> Prepared:
    """Sign a document (bytes, or a tree that may be changed) to XAdES-B.

    A document with signatures gets one beside them if they allow for that, else its last
    signature is countersigned; a `roomy` one leaves room for others. `name` is how a detached
    document is referred to. Raises the errors of schemas.xml.parse, AlreadySigned,
    UnsupportedAlgorithm.
    """
    if layout is Layout.ENVELOPED:
        root = parse(document) if isinstance(document, bytes) else document
        return _enveloped(root, key, signed_at, roomy=roomy)
    data = document if isinstance(document, bytes) else template.serialised(document)
    if layout is Layout.DETACHED:
        return files.detached({name: data}, key, signed_at)
    return _enveloping(data, key, signed_at)


def sign(
    document: bytes | Element,
    key: SigningKey,
    *,
    stamper: TimeStamper | None = None,
    gatherer: Gatherer | None = None,
    level: Level | None = None,
    layout: Layout = Layout.ENVELOPED,
    name: str = "",
    signed_at: datetime | None = None,
) -> bytes:
    """Return the signed document (bytes, or a tree that may be changed), by default at level T.

    Without a stamper that is B. A tree needs less memory: nobody keeps the bytes beside it.

    Levels LT and LTA take stamper and gatherer.
    """
    level = level or (Level.T if stamper else Level.B)
    made = prepare(document, key, layout=layout, name=name, signed_at=signed_at)
    return made.raised(level, stamper, gatherer).to_bytes()


def _enveloped(
    root: Element, key: SigningKey, signed_at: datetime | None, *, roomy: bool
) -> Prepared:
    others = list(root.iter(SIGNATURE))
    if others and not all(map(_bears_others, others)):
        return countersign(root, others, key, signed_at=signed_at)
    transforms = template.ALL_OUT if others or roomy else template.OWN_OUT
    state = c14n.Digesting()
    if others:
        bare = parse(template.serialised(root))
        _strip(bare)
        state.update(c14n.document(bare, c14n.INCLUSIVE))
    else:
        c14n.stream(root, c14n.INCLUSIVE, state)
    identifier = secrets.token_hex(8)
    listed = template.reference(f"doc-{identifier}", "", state.digest(), transforms)
    root.append(prepared.skeleton(identifier, listed, files.XML, key, signed_at))
    return prepared.filled(root, root[-1], key, [Covered(state=state.copy())])


def _bears_others(signature: Element) -> bool:
    """Tell whether a signature stays good when another one is put beside it."""
    for reference in signature.iterfind(f"{ds('SignedInfo')}/{ds('Reference')}"):
        if reference.get("URI") not in {"", "#xpointer(/)"}:
            continue
        listed = [each.get("Algorithm") for each in reference.iter(ds("Transform"))]
        if not {XPATH, XPATH_FILTER} & set(listed):
            return False
    return True


def _strip(root: Element) -> None:
    """Take every signature out; the text after each stays."""
    for each in list(root.iter(SIGNATURE)):
        c14n.take_out(each)


def _enveloping(data: bytes, key: SigningKey, signed_at: datetime | None) -> Prepared:
    identifier = secrets.token_hex(8)
    try:
        content = parse(data)
    except InputError:
        return _wrapped(data, identifier, key, signed_at)
    holder = template.fragment(f'<ds:Object {template.NAMES} Id="obj-{identifier}"/>')
    holder.append(content)
    octets = c14n.element(holder, prepared.EXCLUSIVELY)
    digest = hashlib.sha256(octets).digest()
    listed = template.reference(
        f"doc-{identifier}", f"#obj-{identifier}", digest, template.EXCLUSIVELY, OBJECT
    )
    root = prepared.skeleton(identifier, listed, files.XML, key, signed_at)
    root.append(holder)
    return prepared.filled(root, root, key, [Covered(octets)])


def _wrapped(data: bytes, identifier: str, key: SigningKey, signed_at: datetime | None) -> Prepared:
    """Put what is no XML into the signature as Base64."""
    digest = hashlib.sha256(data).digest()
    transforms = f'<ds:Transform Algorithm="{BASE64}"/>'
    listed = template.reference(
        f"doc-{identifier}", f"#obj-{identifier}", digest, transforms, OBJECT
    )
    root = prepared.skeleton(identifier, listed, files.BINARY, key, signed_at)
    text = template.encoded(data)
    root.append(
        template.fragment(
            f'<ds:Object {template.NAMES} Id="obj-{identifier}" Encoding="{BASE64}">'
            f"{text}</ds:Object>"
        )
    )
    return prepared.filled(root, root, key, [Covered(data)])


def countersign(
    root: Element,
    others: Sequence[Element],
    key: SigningKey,
    *,
    signed_at: datetime | None = None,
) -> Prepared:
    """Countersign the last of `others`; raises AlreadySigned when it is no XAdES signature."""
    target = others[-1]
    value = target.find(ds("SignatureValue"))
    properties = target.find(f"{ds('Object')}/{{*}}QualifyingProperties")
    if value is None or properties is None or not target.get("Id") or not value.get("Id"):
        raise AlreadySigned
    identifier = secrets.token_hex(8)
    octets = c14n.element(value, prepared.EXCLUSIVELY)
    listed = template.reference(
        f"doc-{identifier}",
        f"#{value.get('Id')}",
        hashlib.sha256(octets).digest(),
        template.EXCLUSIVELY,
        COUNTERSIGNED,
    )
    holder = extend.countersigned(target)
    holder.append(prepared.skeleton(identifier, listed, "", key, signed_at))
    return prepared.filled(root, holder[-1], key, [Covered(octets)])
