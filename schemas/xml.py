"""The one hardened XML parser of the house, shared by adapters and certs.

A DOCTYPE is refused before anything is expanded, nothing is fetched, and size and depth are
bounded. lxml's parse functions are banned elsewhere (ruff banned-api).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Final

from lxml import etree

from schemas.errors import InputError
from schemas.text import Text

Element = etree._Element  # noqa: SLF001 - lxml gives its element class no public name

_DOCTYPE: Final = b"<!DOCTYPE"


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
    if len(data) > limits.size:
        raise XmlTooLarge(reason=f"{len(data)} > {limits.size} bytes")
    if _DOCTYPE in data[:4096]:
        raise DoctypeRefused(where="line 1")
    parser = _Parsers.lean if len(data) < 8 * 1024 * 1024 else _Parsers.huge
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise _refusal(error) from error
    except (ValueError, LookupError) as error:
        raise MalformedXml(reason=str(error)) from error
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
