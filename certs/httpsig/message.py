"""An HTTP message as a signature sees it: its components and the signature base (RFC 9421, 2)."""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import SplitResult, urlsplit

from certs.digests import SHA256, SHA512
from certs.httpsig import structured
from certs.httpsig.refusing import refused
from certs.httpsig.structured import InnerList, Item

DIGEST: Final = "content-digest"
_DIGESTS: Final = {"sha-256": SHA256, "sha-512": SHA512}
"""Those in force of the registry (RFC 9530, 7.2)."""
_PORTS: Final = {"http": 80, "https": 443}
_FIELD: Final = re.compile(r"[!#$%&'*+.^_`|~0-9a-z-]+")
_FOLDED: Final = re.compile(r"[ \t]*\r?\n[ \t]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """A request to the absolute address `url`, or with a `status` the response to it."""

    method: str
    url: str
    headers: Sequence[tuple[str, str]] = ()
    body: bytes = b""
    status: int = 0

    def field(self, name: str) -> str | None:
        """Return the combined value of a field by its name in lower case (RFC 9421, 2.1)."""
        found = [value for key, value in self.headers if key.lower() == name]
        if not found:
            return None
        return ", ".join(_FOLDED.sub(" ", value).strip(" \t") for value in found)

    def component(self, name: str) -> str | None:
        """Return the value of a field or derived component (RFC 9421, 2.2), None without it."""
        return self._derived(name) if name.startswith("@") else self.field(name)

    def _derived(self, name: str) -> str | None:
        if self.status:
            return str(self.status) if name == "@status" else None
        try:
            url = urlsplit(self.url)
            authority = _authority(url)
        except ValueError as error:
            raise refused(name, str(error), str(error)) from error
        path, query = url.path or "/", f"?{url.query}" if url.query else ""
        found = {
            "@method": self.method,
            "@target-uri": self.url,
            "@authority": authority,
            "@scheme": url.scheme.lower(),
            "@request-target": path + query,
            "@path": path,
            "@query": query or "?",
        }
        return found.get(name)


def signature_base(message: Message, covered: InnerList) -> bytes:
    """Return what is signed: a line per component, and the parameters (RFC 9421, 2.5).

    Raises HttpSignatureRefused for a component twice, missing, unknown, or with parameters, of
    which none is understood here.
    """
    lines: list[str] = []
    for item in covered.items:
        name = str(item.value)
        line = f"{item}: {_value(message, item, name)}"
        if line in lines:
            raise refused(name, "it is covered twice", "被重复涵盖")
        lines.append(line)
    lines.append(f'"@signature-params": {covered}')
    try:
        return "\n".join(lines).encode("ascii")
    except UnicodeEncodeError as error:
        raise refused("message", "it is not all ASCII", "含非 ASCII 字符") from error


def _value(message: Message, item: Item, name: str) -> str:
    if item.parameters or not _FIELD.fullmatch(name.removeprefix("@")):
        raise refused(name, "such a component is not understood", "无法理解该组件")
    found = message.component(name)
    if found is None:
        raise refused(name, "the message has no such component", "消息中没有该组件")
    if "\n" in found or "\r" in found:
        raise refused(name, "it has more than one line", "含有多行")
    return found


def content_digest(body: bytes, algorithms: Iterable[str] = ("sha-256",)) -> str:
    """Return the value of Content-Digest for a body (RFC 9530, 2)."""
    return structured.dictionary({name: Item(_DIGESTS[name].of(body)) for name in algorithms})


def check_digest(message: Message) -> None:
    """Raise HttpSignatureRefused unless Content-Digest is that of the body.

    Every digest of a known algorithm has to fit, and there must be one.
    """
    said = structured.sequences(message.field(DIGEST) or "", DIGEST)
    known = {name: value for name, value in said.items() if name in _DIGESTS}
    if not known:
        raise refused(DIGEST, "it names no digest that is in force", "未注明有效的摘要算法")
    for name, value in known.items():
        if not hmac.compare_digest(_DIGESTS[name].of(message.body), value):
            raise refused(DIGEST, f"the body has another {name}", f"正文的 {name} 不符")


def _authority(url: SplitResult) -> str:
    """Return host and port, in lower case and without the default port (RFC 9421, 2.2.3)."""
    host = url.netloc.rpartition("@")[2].lower()
    if url.port is not None and url.port == _PORTS.get(url.scheme.lower()):
        return host.rpartition(":")[0]
    return host
