"""Canonical XML, with the traps of lxml's inclusive form on inner elements closed.

C14N 1.0 and 1.1, exclusive C14N 1.0, each with or without comments (W3C).
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, replace
from typing import Final

from lxml import etree

from certs.errors import NotCanonical, TooCostly, UnsupportedAlgorithm
from certs.xades.names import C14N, C14N_11, EXCLUSIVE
from schemas.xml import Element, Limits, parse

_WITH_COMMENTS: Final = "WithComments"
_XML: Final = "{http://www.w3.org/XML/1998/namespace}"
_PREFIXES: Final = f"{{{EXCLUSIVE}}}InclusiveNamespaces"
_LIMITS: Final = Limits(size=1 << 30)


@dataclass(frozen=True, slots=True)
class Method:
    """One way of canonicalising: `prefixes` is the PrefixList of an exclusive one."""

    uri: str
    exclusive: bool
    comments: bool
    prefixes: tuple[str, ...] = ()


_METHODS: Final = {
    uri + suffix: Method(uri, exclusive=uri == EXCLUSIVE, comments=bool(suffix))
    for uri in (C14N, C14N_11, EXCLUSIVE)
    for suffix in (
        "",
        _WITH_COMMENTS if uri == EXCLUSIVE else f"#{_WITH_COMMENTS}",
    )
}
INCLUSIVE: Final = _METHODS[C14N]
EXCLUSIVELY: Final = _METHODS[EXCLUSIVE]


_left: ContextVar[list[int] | None] = ContextVar("canonical octets left", default=None)


@contextmanager
def bounded(octets: int) -> Iterator[None]:
    """Allow this many canonical octets to be written in the block; more raises TooCostly."""
    token = _left.set([octets])
    try:
        yield
    finally:
        _left.reset(token)


def _charge(octets: bytes) -> bytes:
    left = _left.get()
    if left is not None:
        left[0] -= len(octets)
        if left[0] < 0:
            raise TooCostly(reason="it signs the same data over and over")
    return octets


def known(uri: str) -> bool:
    """Tell whether this identifies a canonicalisation method."""
    return uri in _METHODS


def method_of(node: Element) -> Method:
    """Return the method that a CanonicalizationMethod or Transform names.

    Raises UnsupportedAlgorithm for an unknown one, or one with children it should not have.
    """
    method = _METHODS.get(node.get("Algorithm", ""))
    if method is None or len(node) > 1:
        raise UnsupportedAlgorithm(algorithm=node.get("Algorithm", ""))
    for child in node:
        if not method.exclusive or child.tag != _PREFIXES:
            raise UnsupportedAlgorithm(algorithm=f"{method.uri} with {child.tag}")
        prefixes = tuple((child.get("PrefixList") or "").split())
        return Method(method.uri, exclusive=True, comments=method.comments, prefixes=prefixes)
    return method


def document(root: Element, method: Method) -> bytes:
    """Return the canonical form of the whole document, outer instructions included."""
    return _write(root.getroottree(), method)


class Digesting:
    """A SHA-256 to write canonical octets into; a copy goes on from where it stands."""

    def __init__(self, state: hashlib._Hash | None = None) -> None:
        """Start empty, or from a state."""
        self._state = state or hashlib.sha256()

    def write(self, octets: bytes) -> None:
        """Take in octets."""
        self._state.update(octets)

    update = write

    def digest(self) -> bytes:
        """Return the digest so far."""
        return self._state.digest()

    def copy(self) -> Digesting:
        """Return another that goes on from here."""
        return Digesting(self._state.copy())


def stream(root: Element, method: Method, into: Digesting) -> None:
    """Write the canonical form of the whole document into a digest, piece by piece."""
    try:
        root.getroottree().write(
            into,  # type: ignore[arg-type] # only `write` is called
            method="c14n",
            exclusive=method.exclusive,
            with_comments=method.comments,
            inclusive_ns_prefixes=list(method.prefixes),
        )
    except etree.C14NError as error:
        raise NotCanonical(reason=str(error)) from error


def take_out(node: Element) -> None:
    """Take an element out of its tree; the text after it stays."""
    parent = node.getparent()
    if parent is None:
        return
    tail, before = node.tail or "", node.getprevious()
    if before is not None:
        before.tail = (before.tail or "") + tail
    else:
        parent.text = (parent.text or "") + tail
    node.tail = None
    parent.remove(node)


def element(node: Element, method: Method) -> bytes:
    """Return the canonical form of one element within its document."""
    if method.exclusive or node.getparent() is None:
        return _write(node, method)
    # lxml is wrong about namespaces declared further out unless the element stands alone.
    alone = parse(etree.tostring(node, with_tail=False), _LIMITS)
    for name, value in _inherited(node, method).items():
        if name not in alone.attrib:
            alone.set(name, value)
    return _write(alone, method)


def _write(node: Element | etree._ElementTree, method: Method) -> bytes:
    try:
        octets = etree.tostring(
            node,
            method="c14n",
            exclusive=method.exclusive,
            with_comments=method.comments,
            with_tail=False,
            inclusive_ns_prefixes=_listed(method.prefixes),
        )
    except etree.C14NError as error:
        raise NotCanonical(reason=str(error)) from error
    return _charge(octets)


def _listed(prefixes: Sequence[str]) -> list[str] | None:
    return list(prefixes) or None


def _inherited(node: Element, method: Method) -> dict[str, str]:
    """Return the xml:* attributes of ancestors, the nearest first; 1.1 leaves out xml:id."""
    found: dict[str, str] = {}
    for ancestor in node.iterancestors():
        for name, value in ancestor.attrib.items():
            text = str(name)
            if text.startswith(_XML) and not (method.uri == C14N_11 and text == f"{_XML}id"):
                found.setdefault(text, str(value))
    return found


def without_comments(method: Method) -> Method:
    """Return the method that differs only in leaving out comments."""
    return replace(method, comments=False)
