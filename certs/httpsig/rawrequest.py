"""A request as it was stored: the octets of HTTP/1.1 (RFC 9112), body and all."""

from __future__ import annotations

import re
from typing import Final

from certs.httpsig.message import Message
from certs.httpsig.refusing import refused

_LINE: Final = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+) (\S+) HTTP/1\.[01]")
_FIELD: Final = re.compile(r"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*?)[ \t]*")
_MOST: Final = 200


def read_request(data: bytes, base: str = "") -> Message:
    """Return the request in `data`; lines may end in CRLF or LF.

    `base` (scheme and authority) stands before a target that is only a path; without it that is
    https and the host field. Raises HttpSignatureRefused for what is no request.
    """
    head, body = _parted(data)
    first, *rest = head.split("\n")
    line = _LINE.fullmatch(first)
    if line is None or len(rest) > _MOST:
        raise refused("request", "it does not begin like a request", "开头不是请求")
    headers = tuple(_field(text) for text in rest if text)
    host = next((value for name, value in headers if name.lower() == "host"), "")
    target = line[2]
    if target.startswith("/"):
        target = (base.rstrip("/") or f"https://{host}") + target
    return Message(method=line[1], url=target, headers=headers, body=body)


def _parted(data: bytes) -> tuple[str, bytes]:
    for end in (b"\r\n\r\n", b"\n\n"):
        head, found, body = data.partition(end)
        if found:
            break
    try:
        return head.replace(b"\r\n", b"\n").decode("ascii"), body
    except UnicodeDecodeError as error:
        raise refused("request", "its head is not ASCII", "头部含非 ASCII 字符") from error


def _field(text: str) -> tuple[str, str]:
    found = _FIELD.fullmatch(text)
    if found is None:
        raise refused("request", "a header line cannot be read", "无法读取头部字段")
    return found[1], found[2]
