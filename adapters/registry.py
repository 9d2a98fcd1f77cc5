"""Which formats there are, and which one a document is in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from importlib.metadata import entry_points
from importlib.resources import files
from types import MappingProxyType
from typing import ClassVar, Final

from adapters.engine.format import Detection, Format, from_package
from adapters.engine.json_source import decode
from adapters.engine.strangers import elements, local
from adapters.engine.walk_json import plain
from schemas.errors import InputError, TranslationError
from schemas.text import Text
from schemas.xml import Element, parse

GROUP: Final = "silkgate.adapters"
_XML: Final = (b"<", b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff", b"\x00<")
"""How XML begins: with a tag, or a byte order mark (XML 1.0, appendix F.1)."""


class UnknownFormat(InputError):
    """The document is in no format that this gateway knows."""

    code = "SG-1106"
    title = Text("The format of the document is not known: {reason}", "无法识别文件格式:{reason}")
    hint = Text(
        "Known formats: {known}. Name the format, or install its adapter.",
        "已知格式:{known}。请指明格式或安装相应适配器。",
    )


class NotADocument(InputError):
    """The bytes are neither XML nor JSON, nor a file that holds a document."""

    code = "SG-1107"
    title = Text("This is no document: {reason}.", "这不是文件内容:{reason}。")
    hint = Text(
        "Send XML, JSON, or a PDF with an invoice inside, as it is: not zipped, not encoded.",
        "请原样发送 XML、JSON 或内嵌发票的 PDF:不要压缩或另行编码。",
    )
    status: ClassVar[int] = 400


class NoSuchFormat(TranslationError):
    """A format id that was asked for does not exist here."""

    code = "SG-2101"
    title = Text("There is no format {format}.", "没有格式 {format}。")
    hint = Text("Known formats: {known}.", "已知格式:{known}。")
    status: ClassVar[int] = 404
    exit_code: ClassVar[int] = 2


@cache
def formats() -> Mapping[str, Format]:
    """Return every format by id: the folders of this room, then the entry points of others."""
    found = {fmt.id: fmt for fmt in map(from_package, _folders())}
    for point in sorted(entry_points(group=GROUP), key=lambda point: point.name):
        if point.name not in found:
            found[point.name] = from_package(point.value)
    return MappingProxyType(found)


def get(format_id: str) -> Format:
    """Return a format by its id; raises NoSuchFormat."""
    found = formats().get(format_id)
    if found is None:
        raise NoSuchFormat(format=format_id, known=", ".join(formats()))
    return found


def source(data: bytes) -> object:
    """Return the parsed document: an XML element or a JSON value; raises InputError."""
    head = data.lstrip()
    if head.startswith((b"{", b"[")):
        return decode(data)
    if not head:
        raise NotADocument(reason="it is empty")
    if not head.startswith(_XML):
        raise NotADocument(reason="it is neither XML nor JSON")
    return parse(data)


def around(data: bytes) -> Format | None:
    """Return the format whose documents stand in files of this kind, by how they begin."""
    return next((fmt for fmt in _contained() if data.startswith(fmt.magic)), None)


@cache
def _contained() -> tuple[Format, ...]:
    return tuple(fmt for fmt in formats().values() if fmt.magic)


def recognise(root: object) -> Format:
    """Return the format of a parsed document; raises UnknownFormat."""
    if isinstance(root, Element):
        for fmt, detection in _by_root().get(local(root.tag), ()):
            if _xml_fits(root, detection):
                return fmt
        reason = local(root.tag)
    else:
        for fmt, detection in _by_members():
            if _json_fits(root, detection):
                return fmt
        reason = "JSON"
    raise UnknownFormat(reason=reason, known=", ".join(formats()))


def _folders() -> Iterator[str]:
    room = files("adapters")
    for folder in sorted(room.iterdir(), key=lambda entry: entry.name):
        if folder.is_dir() and (folder / "profile.toml").is_file():
            yield f"adapters.{folder.name}"


@cache
def _by_root() -> Mapping[str, list[tuple[Format, Detection]]]:
    found: dict[str, list[tuple[Format, Detection]]] = {}
    for fmt in formats().values():
        for detection in fmt.detections:
            if fmt.syntax == "xml":
                found.setdefault(detection.root, []).append((fmt, detection))
    return found


@cache
def _by_members() -> list[tuple[Format, Detection]]:
    return [
        (fmt, detection)
        for fmt in formats().values()
        if fmt.syntax == "json"
        for detection in fmt.detections
    ]


def _xml_fits(root: Element, detection: Detection) -> bool:
    if detection.namespace is not None:
        space = root.tag[1:].partition("}")[0] if root.tag.startswith("{") else ""
        if space != detection.namespace:
            return False
    return all(_below(root, path.split("/")) is not None for path in detection.has)


def _below(root: Element, names: list[str]) -> Element | None:
    here: Element | None = root
    for name in names:
        if here is None:
            return None
        here = next((child for child in elements(here) if local(child.tag) == name), None)
    return here


def _json_fits(root: object, detection: Detection) -> bool:
    if not detection.has and not detection.values:
        return False
    missing = object()
    if any(_member(root, path, missing) is missing for path in detection.has):
        return False
    return all(
        plain(_member(root, path, missing)) == value for path, value in detection.values.items()
    )


def _member(root: object, path: str, missing: object) -> object:
    here = root
    for name in path.split("/"):
        if not isinstance(here, dict) or name not in here:
            return missing
        here = here[name]
    return here
