from __future__ import annotations

import pytest

from certs.errors import NotCanonical, UnsupportedAlgorithm
from certs.xades import c14n
from certs.xades.names import C14N, C14N_11, EXCLUSIVE
from schemas.xml import parse

INCLUSIVE_11 = c14n.Method(C14N_11, exclusive=False, comments=False)
BARE = c14n.Method(EXCLUSIVE, exclusive=True, comments=False)


def test_a_default_namespace_from_further_out_is_kept() -> None:
    """Lxml alone writes a wrong xmlns="" two levels down; the canonical form has none."""
    root = parse(b'<S xmlns="urn:s"><SI><R><T/></R></SI></S>')
    assert c14n.element(root[0], c14n.INCLUSIVE) == b'<SI xmlns="urn:s"><R><T></T></R></SI>'


def test_xml_attributes_are_inherited_by_the_apex() -> None:
    """C14N 1.0 copies xml:* of omitted ancestors, the nearest first; 1.1 leaves xml:id out."""
    root = parse(b'<a xml:lang="en" xml:id="i"><b xml:lang="zh"><c/></b></a>')
    assert c14n.element(root[0][0], c14n.INCLUSIVE) == b'<c xml:id="i" xml:lang="zh"></c>'
    assert c14n.element(root[0][0], INCLUSIVE_11) == b'<c xml:lang="zh"></c>'
    assert c14n.element(root[0][0], BARE) == b"<c></c>"


def test_text_after_an_element_is_not_its_own() -> None:
    """The tail of an element never enters its canonical form."""
    root = parse(b"<a><b/>tail</a>")
    for method in (c14n.INCLUSIVE, BARE):
        assert c14n.element(root[0], method) == b"<b></b>"


def test_exclusive_leaves_out_what_is_not_used_unless_listed() -> None:
    """Only visibly used namespaces, and those of the PrefixList."""
    root = parse(b'<a xmlns:x="urn:x" xmlns:y="urn:y"><b/></a>')
    assert c14n.element(root[0], BARE) == b"<b></b>"
    transform = parse(
        f'<T Algorithm="{EXCLUSIVE}"><i:InclusiveNamespaces xmlns:i="{EXCLUSIVE}" '
        'PrefixList="x"/></T>'.encode()
    )
    listed = c14n.method_of(transform)
    assert c14n.element(root[0], listed) == b'<b xmlns:x="urn:x"></b>'


@pytest.mark.parametrize(
    "transform",
    ['<T Algorithm="urn:x"/>', "<T/>", f'<T Algorithm="{C14N}"><x/></T>'],
)
def test_an_unknown_method_is_refused(transform: str) -> None:
    """Only the six methods of the W3C, with nothing inside that they do not know."""
    with pytest.raises(UnsupportedAlgorithm):
        c14n.method_of(parse(transform.encode()))


def test_relative_namespace_names_have_no_canonical_form() -> None:
    """C14N 1.0, section 1.3: such a document is refused with a reason."""
    with pytest.raises(NotCanonical):
        c14n.document(parse(b'<a xmlns="relative"/>'), c14n.INCLUSIVE)
