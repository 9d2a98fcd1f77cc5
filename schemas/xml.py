"""The one hardened XML parser of the house, shared by adapters and certs.

A DOCTYPE is refused before anything is expanded, nothing is fetched, and size and depth are
bounded. lxml's parse functions are banned elsewhere (ruff banned-api).
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from typing import ClassVar, Final

from lxml import etree

from schemas.errors import InputError
from schemas.text import Text

Element = etree._Element  # noqa: SLF001 - lxml gives its element class no public name

_DOCTYPE: Final = b"<!DOCTYPE"
_HEAD: Final = 4096
_ENCODING: Final = re.compile(
    rb"""(?:\xef\xbb\xbf)?\s*<(?:\?xml\s+version\s*=\s*["']1\.0["']"""
    rb"""(?:\s+encoding\s*=\s*["']([A-Za-z0-9._-]+)["'])?|[^?])"""
)
_PLAIN_ENCODINGS: Final = frozenset((b"utf-8", b"us-ascii", b"iso-8859-1", b"iso-8859-15"))
_HUGE: Final = 8 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Limits:
    """What one document may cost: `size` in bytes, `depth` in nested elements."""

    size: int = 32 * 1024 * 1024
    depth: int = 100


DEFAULT_LIMITS: Final = Limits()


class MalformedXml(InputError):
    """The bytes are not well-formed XML."""

    code = "SG-1101"
    title = Text("The XML is not well-formed: {reason}", "XML 格式不正确:{reason}")
    hint = Text("Check the file at {where}.", "请检查文件位置 {where}。")
    status = 400


class DoctypeRefused(InputError):
    """The document carries a DOCTYPE; trade documents never need one."""

    code = "SG-1102"
    title = Text("A DOCTYPE is not allowed.", "不允许使用 DOCTYPE。")
    hint = Text("Remove the DOCTYPE and every entity.", "请删除 DOCTYPE 及所有实体声明。")
    status = 400


class XmlTooLarge(InputError):
    """The document is larger or deeper than the limits allow."""

    code = "SG-1103"
    title = Text("The XML exceeds the limit: {reason}", "XML 超出限制:{reason}")
    hint = Text("Split the document or raise the limit.", "请拆分文件或提高限制。")
    status = 413


class _Parsers:
    """Parsers by whether they keep the tree's blank text; lxml parsers are reusable."""

    lean: ClassVar[etree.XMLParser] = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False
    )
    huge: ClassVar[etree.XMLParser] = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True
    )


def parse(data: bytes, limits: Limits = DEFAULT_LIMITS) -> Element:
    """Return the root of the document in `data`.

    Raises MalformedXml, DoctypeRefused or XmlTooLarge; never expands an entity or opens a file.
    """
    _refuse_outright(data, limits)
    parser = _Parsers.lean if len(data) < _HUGE else _Parsers.huge
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise _refusal(error) from error
    except (ValueError, LookupError) as error:
        raise MalformedXml(reason=str(error)) from error
    del data  # where nobody else holds the text, its memory serves what follows
    return _accepted(root, limits)


def thinned(
    data: bytes,
    tag: str,
    take: Callable[[Element], bool],
    schema: etree.XMLSchema | None = None,
    limits: Limits = DEFAULT_LIMITS,
) -> Element:
    """Return the root of a document whose elements with a tag were emptied once they were taken.

    For documents of very many like elements, which need not all be in memory: `take` is given each
    when it has ended, and says whether it may be emptied. Raises as `parse`, and MalformedXml for
    a document that departs from the schema, or in whose encoding a DOCTYPE could hide.
    """
    _refuse_outright(data, limits)
    encoding = _ENCODING.match(data)
    if encoding is None or (encoding[1] or b"utf-8").lower() not in _PLAIN_ENCODINGS:
        raise MalformedXml(reason="encoding")
    if _DOCTYPE in data:
        raise DoctypeRefused(where="")
    steps = etree.iterparse(
        BytesIO(data),
        events=("end",),
        tag=tag,
        schema=schema,
        # With a schema, lxml takes a document that breaks off for sound unless entities are
        # resolved; without a DOCTYPE there are none.
        resolve_entities=True,
        no_network=True,
        load_dtd=False,
        huge_tree=len(data) >= _HUGE,
    )
    try:
        for _, element in steps:
            if take(element):
                element.clear()
    except etree.XMLSyntaxError as error:
        raise _refusal(error) from error
    except (ValueError, LookupError) as error:
        raise MalformedXml(reason=str(error)) from error
    return _accepted(steps.root, limits)


def root_of(data: bytes) -> Element | None:
    """Return the root of a document as its first octets have it, without what it holds.

    None where they do not say: `parse` will say why.
    """
    parser = etree.XMLPullParser(
        events=("start",), resolve_entities=False, no_network=True, load_dtd=False
    )
    try:
        parser.feed(data[:_HEAD])
    except etree.XMLSyntaxError:
        return None
    for _, element in parser.read_events():
        return element if isinstance(element, Element) else None
    return None


def _refuse_outright(data: bytes, limits: Limits) -> None:
    if len(data) > limits.size:
        raise XmlTooLarge(reason=f"{len(data)} > {limits.size} bytes")
    if _DOCTYPE in data[:_HEAD]:
        raise DoctypeRefused(where="line 1")


def _accepted(root: Element, limits: Limits) -> Element:
    if root.getroottree().docinfo.internalDTD is not None:
        raise DoctypeRefused(where="line 1")
    if _deeper_than(root, limits.depth):
        raise XmlTooLarge(reason=f"more than {limits.depth} nested elements")
    return root


def _refusal(error: etree.XMLSyntaxError) -> InputError:
    reason = (error.msg or "no element found").split("\n", 1)[0]
    if "depth" in reason.lower():
        return XmlTooLarge(reason=reason)
    return MalformedXml(reason=reason, where=f"line {error.lineno or 1}")


def _deeper_than(root: Element, depth: int) -> bool:
    """Tell whether any element is nested deeper than `depth`, in one pass of lxml's own XPath."""
    return bool(_depth_test(depth)(root))


_DEPTH_TESTS: dict[int, etree.XPath] = {}


def _depth_test(depth: int) -> etree.XPath:
    test = _DEPTH_TESTS.get(depth)
    if test is None:
        test = _DEPTH_TESTS[depth] = etree.XPath("boolean(/" + "/".join("*" * (depth + 1)) + ")")
    return test


def path_of(element: Element) -> str:
    """Return where an element stands: local names, `[n]` on the second and later siblings."""
    steps = []
    here: Element | None = element
    while here is not None:
        local = here.tag.rpartition("}")[2]
        number = 1 + sum(1 for _ in here.itersiblings("{*}" + local, preceding=True))
        steps.append(local if number == 1 else f"{local}[{number}]")
        here = here.getparent()
    return "/" + "/".join(reversed(steps))
