"""multipart/form-data (RFC 7578) cut into parts, byte for byte: signed documents stay intact."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from gateway.api.errors import MultipartMalformed
from schemas.text import Text

MEDIA_TYPE: Final = "multipart/form-data"

_MOST_PARTS: Final = 64
_LONGEST_HEAD: Final = 8192
_PARAMETER: Final = re.compile(r';\s*([\w*!-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s]*))')
_BOUNDARY: Final = re.compile(r"[0-9A-Za-z'()+_,./:=? -]{0,69}[0-9A-Za-z'()+_,./:=?-]")


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a form; `filename` is only what the sender calls it, never a path to open."""

    name: str
    filename: str
    media_type: str
    data: bytes

    @property
    def text(self) -> str:
        """The value of a plain field."""
        try:
            return self.data.decode("utf-8")
        except UnicodeDecodeError as error:
            raise MultipartMalformed(
                where=f"part/{self.name}", reason=Text("not UTF-8", "不是 UTF-8")
            ) from error


def split(content_type: str, body: bytes) -> list[Part]:
    """Return the parts of `body` in order; raises MultipartMalformed.

    `content_type` is the request's header with its `boundary` parameter.
    """
    boundary = _parameters(content_type).get("boundary", "")
    if not _BOUNDARY.fullmatch(boundary):
        raise MultipartMalformed(
            where="header/Content-Type", reason=Text("no usable boundary", "没有可用的分隔符")
        )
    mark = b"\r\n--" + boundary.encode("ascii")
    pieces = (b"\r\n" + body).split(mark)
    if len(pieces) < 3 or not pieces[-1].startswith(b"--"):  # noqa: PLR2004 - preamble, one part, end
        raise MultipartMalformed(
            where="body", reason=Text("it does not end with the boundary", "未以分隔符结尾")
        )
    if len(pieces) - 2 > _MOST_PARTS:
        raise MultipartMalformed(
            where="body",
            reason=Text(f"more than {_MOST_PARTS} parts", f"超过 {_MOST_PARTS} 个部分"),
        )
    return [_part(number, piece) for number, piece in enumerate(pieces[1:-1], 1)]


def _part(number: int, piece: bytes) -> Part:
    where = f"part[{number}]"
    line_end, _, rest = piece.partition(b"\r\n")
    head, found, data = rest.partition(b"\r\n\r\n")
    if line_end.strip() or not found or len(head) > _LONGEST_HEAD:
        raise MultipartMalformed(
            where=where, reason=Text("no headers before its content", "内容之前没有头部")
        )
    headers = _headers(head, where)
    disposition = headers.get("content-disposition", "")
    parameters = _parameters(disposition)
    name = parameters.get("name", "")
    if disposition.partition(";")[0].strip().lower() != "form-data" or not name:
        raise MultipartMalformed(
            where=where, reason=Text("no form-data name", "没有 form-data 名称")
        )
    if headers.get("content-transfer-encoding", "binary").lower() not in {"binary", "8bit", "7bit"}:
        raise MultipartMalformed(
            where=where,
            reason=Text(
                "a Content-Transfer-Encoding (RFC 7578, 4.7)",
                "使用了 Content-Transfer-Encoding(RFC 7578 第 4.7 节)",
            ),
        )
    kind = headers.get("content-type", "").partition(";")[0].strip().lower()
    return Part(name, parameters.get("filename", ""), kind, data)


def _headers(head: bytes, where: str) -> dict[str, str]:
    try:
        lines = head.decode("utf-8").split("\r\n")
    except UnicodeDecodeError as error:
        raise MultipartMalformed(
            where=where, reason=Text("headers are not UTF-8", "头部不是 UTF-8")
        ) from error
    pairs = (line.partition(":") for line in lines)
    return {name.strip().lower(): value.strip() for name, _, value in pairs}


def _parameters(header: str) -> dict[str, str]:
    return {
        name.lower(): re.sub(r"\\(.)", r"\1", quoted) if quoted else plain
        for name, quoted, plain in _PARAMETER.findall(header)
    }
