"""An OFD file taken apart: OFD.xml, the lists of signatures, and what each signature covers.

GB/T 33190-2016, 7.3 (ST_Loc), 7.4 (OFD.xml), 18 (signatures).
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from certs import archive
from certs.conclusion import format_failure
from certs.digests import SHA1, SHA256, SM3, Digest, digest_by_oid
from certs.errors import UnsupportedAlgorithm
from certs.verdict import Refused, SubIndication
from certs.xades.structure import decoded
from schemas.text import Text
from schemas.xml import Element, Limits, parse

NS: Final = "http://www.ofdspec.org/2016"
MAIN: Final = "OFD.xml"
_MIMETYPE: Final = "mimetype"
_MOST_SIGNATURES: Final = 64
_MOST_DOCUMENTS: Final = 64
_LARGEST: Final = 4 * 1024 * 1024
"""Octets of all descriptions of signatures together; a file in a package takes some 150."""
_LIMITS: Final = Limits(size=_LARGEST)
_NAMED: Final[Mapping[str, Digest]] = {"SM3": SM3, "SHA1": SHA1, "SHA256": SHA256}

Files = Mapping[str, bytes]


@dataclass(frozen=True, slots=True)
class Covered:
    """One file that a signature is about, with its digest."""

    name: str
    value: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """One signature: its description (Signature.xml), its value, its seal file, what it covers.

    Names are those of the files in the package; `seal` is '' without one.
    """

    name: str
    value: str
    seal: str
    digest: Digest
    covered: tuple[Covered, ...]

    @property
    def own(self) -> frozenset[str]:
        """The files it consists of."""
        return frozenset({self.name, self.value, self.seal} - {""})


@dataclass(frozen=True, slots=True)
class Body:
    """One document in the package: its root, its list of signatures ('' for none)."""

    root: str
    signatures: str
    versioned: bool


def is_ofd(data: bytes) -> bool:
    """Tell whether a ZIP is an OFD file; one with a mimetype is a container of another kind."""
    names = archive.names(data)
    return MAIN in names and _MIMETYPE not in names


def bodies(files: Files) -> tuple[Body, ...]:
    """Return the documents that OFD.xml lists; raises Refused, or what the XML parser raises."""
    root = _root(files, MAIN, "OFD")
    found = tuple(_body(each, files) for each in root if each.tag == name("DocBody"))
    if len(found) > _MOST_DOCUMENTS:
        raise format_failure("It holds too many documents.", "包含的文档过多。")
    if not found:
        raise format_failure("OFD.xml lists no document.", "OFD.xml 未列出任何文档。")
    return found


def signatures(listed: Sequence[Body], files: Files) -> tuple[Signature, ...]:
    """Return the signatures in the lists of the documents; raises as `bodies`."""
    lists = [body.signatures for body in listed if body.signatures]
    places = [place for each in dict.fromkeys(lists) for place in _entries(each, files)]
    if len(set(lists)) < len(lists) or len(set(places)) < len(places):
        raise _twice()
    size = sum(len(files.get(each, b"")) for each in places)
    if len(places) > _MOST_SIGNATURES or size > _LARGEST:
        raise format_failure("There are too many signatures.", "签名数量过多。")
    return tuple(_signature(place, files) for place in places)


def _entries(listing: str, files: Files) -> list[str]:
    """Return where a list says that its signatures are described."""
    root = _root(files, listing, "Signatures")
    entries = [each for each in root if each.tag == name("Signature")]
    if len({each.get("ID", "") for each in entries}) < len(entries):
        raise _twice()
    return [located(listing, each.get("BaseLoc", ""), files) for each in entries]


def pages(body: Body, files: Files) -> tuple[str, ...]:
    """Return the identifiers of a document's pages in their order; raises as `bodies`."""
    listed = _only(_root(files, body.root, "Document"), "Pages")
    return tuple(each.get("ID", "") for each in listed if each.tag == name("Page"))


def located(base: str, location: str, files: Files) -> str:
    """Return the name of the file that `location` (ST_Loc) in the file `base` stands for.

    From the root with a slash in front, else from the folder of `base`; writers who mean the root
    and leave the slash out are understood where no file is at the other place.
    """
    place = location.strip()
    absolute = posixpath.normpath(place.lstrip("/"))
    beside = posixpath.normpath(posixpath.join(posixpath.dirname(base), place))
    found = absolute if place.startswith("/") else beside
    if found not in files and absolute in files:
        found = absolute
    if not place or found.startswith(".."):
        raise format_failure("A path leads out of the file.", "路径指向文件之外。")
    return found


def name(tag: str) -> str:
    """Return an OFD name in Clark notation."""
    return f"{{{NS}}}{tag}"


def _body(node: Element, files: Files) -> Body:
    listed = _optional(node, "Signatures")
    return Body(
        located(MAIN, _text(_only(node, "DocRoot")), files),
        "" if listed is None else located(MAIN, _text(listed), files),
        _optional(node, "Versions") is not None,
    )


def _signature(place: str, files: Files) -> Signature:
    root = _root(files, place, "Signature")
    signed = _only(root, "SignedInfo")
    references = _only(signed, "References")
    covered = tuple(_covered(each, place, files) for each in references)
    if not covered or len({each.name for each in covered}) < len(covered):
        raise format_failure(
            "A signature covers nothing, or a file twice.",
            "签名未覆盖任何文件,或重复覆盖同一文件。",
        )
    seal = _optional(signed, "Seal")
    return Signature(
        name=place,
        value=located(place, _text(_only(root, "SignedValue")), files),
        seal="" if seal is None else located(place, _text(_only(seal, "BaseLoc")), files),
        digest=_digest(references.get("CheckMethod", "MD5")),
        covered=covered,
    )


def _covered(node: Element, place: str, files: Files) -> Covered:
    if node.tag != name("Reference"):
        raise _malformed()
    file = located(place, node.get("FileRef", ""), files)
    return Covered(file, decoded(_text(_only(node, "CheckValue"))))


def _digest(method: str) -> Digest:
    """Return the digest by its OID or name; raises Refused for others, such as MD5."""
    try:
        return _NAMED.get(method.strip().upper().replace("-", "")) or digest_by_oid(method.strip())
    except UnsupportedAlgorithm as error:
        raise Refused(SubIndication.CRYPTO_CONSTRAINTS_FAILURE, error.message) from error


def _root(files: Files, place: str, tag: str) -> Element:
    if place not in files:
        raise Refused(
            SubIndication.SIGNED_DATA_NOT_FOUND,
            Text(f"The file “{place}” is missing.", f"缺少文件“{place}”。"),
        )
    root = parse(files[place], _LIMITS)
    if root.tag != name(tag):
        raise _malformed()
    return root


def _only(node: Element, tag: str) -> Element:
    found = _optional(node, tag)
    if found is None:
        raise _malformed()
    return found


def _optional(node: Element, tag: str) -> Element | None:
    """Return the child with this name; raises Refused for a second one, which others may read."""
    found = [each for each in node if each.tag == name(tag)]
    if len(found) > 1:
        raise _malformed()
    return found[0] if found else None


def _text(node: Element) -> str:
    """Return the text; raises Refused where a comment or an element parts it."""
    if len(node):
        raise _malformed()
    return node.text or ""


def _twice() -> Refused:
    return format_failure("A signature is listed twice.", "同一签名被重复列出。")


def _malformed() -> Refused:
    return format_failure("The description of a signature is malformed.", "签名描述文件格式错误。")
