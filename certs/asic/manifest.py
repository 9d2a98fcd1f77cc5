"""ASiCManifest: the list of files, with digests, that one signature or time-stamp covers.

EN 319 162-1, A.4 and A.7; namespace http://uri.etsi.org/02918/v1.2.1#.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping
from dataclasses import dataclass
from html import escape
from typing import Final
from urllib.parse import quote, unquote

from certs.conclusion import format_failure
from certs.digests import SHA256, Digest, digest_by_uri
from certs.verdict import Refused, SubIndication
from certs.xades.names import DS, ds
from certs.xades.structure import decoded
from schemas.text import Text
from schemas.xml import Element, parse

ASIC: Final = "http://uri.etsi.org/02918/v1.2.1#"
_ROOT: Final = f"{{{ASIC}}}ASiCManifest"
_SIGNATURE_REFERENCE: Final = f"{{{ASIC}}}SigReference"
_DATA_REFERENCE: Final = f"{{{ASIC}}}DataObjectReference"
_EXTENSIONS: Final = f"{{{ASIC}}}ASiCManifestExtensions"
_ROOT_FILE: Final = ' Rootfile="true"'
_PACKING: Final = "urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"
CMS: Final = "application/pkcs7-signature"
TIME_STAMP: Final = "application/vnd.etsi.timestamp-token"


@dataclass(frozen=True, slots=True)
class Listed:
    """One file that a manifest lists."""

    name: str
    digest: Digest
    value: bytes


@dataclass(frozen=True, slots=True)
class Manifest:
    """A manifest: the signature that covers it, and the files it lists."""

    signature: str
    media_type: str
    files: tuple[Listed, ...]

    def failure(self, files: Mapping[str, bytes]) -> Refused | None:
        """Return what is wrong with the first file that is not as it is listed."""
        for each in self.files:
            content = files.get(each.name)
            if content is None:
                return Refused(
                    SubIndication.SIGNED_DATA_NOT_FOUND,
                    Text(f"The file “{each.name}” is missing.", f"缺少文件“{each.name}”。"),
                )
            if each.digest.of(content) != each.value:
                return Refused(
                    SubIndication.HASH_FAILURE,
                    Text(
                        f"“{each.name}” was changed after it was signed.",
                        f"“{each.name}”在签名后被修改。",
                    ),
                )
        return None


def write(
    signature: str,
    files: Mapping[str, bytes],
    *,
    media_type: str = CMS,
    digest: Digest = SHA256,
    root: str = "",
) -> bytes:
    """Return the manifest (UTF-8) that lists the digests of `files` and names what covers it.

    That is a signature, a time-stamp (`media_type` TIME_STAMP) or an evidence record ('', it has no
    type). `root` is the archive manifest
    before this one, when there is one among the files.
    """
    listed = "".join(
        f"<asic:DataObjectReference URI={_uri(name)}{_ROOT_FILE if name == root else ''}>"
        f'<ds:DigestMethod Algorithm="{digest.uri}"/>'
        f"<ds:DigestValue>{base64.b64encode(digest.of(data)).decode()}</ds:DigestValue>"
        "</asic:DataObjectReference>"
        for name, data in files.items()
    )
    typed = f' MimeType="{media_type}"' if media_type else ""
    return (
        f'<asic:ASiCManifest xmlns:asic="{ASIC}" xmlns:ds="{DS}">'
        f"<asic:SigReference URI={_uri(signature)}{typed}/>"
        f"{listed}</asic:ASiCManifest>"
    ).encode()


def packing_list(mimetype: bytes, types: Mapping[str, str]) -> bytes:
    """Return manifest.xml of a container with XAdES: its files by name, with their media types.

    OpenDocument 1.2, part 3; EN 319 162-1, 4.4.3.1. It is not signed, and says nothing that is
    relied upon: a signature itself names its files.
    """
    entries = "".join(
        f'<manifest:file-entry manifest:full-path="{escape(name)}"'
        f' manifest:media-type="{escape(kind)}"/>'
        for name, kind in {"/": mimetype.decode(), **types}.items()
    )
    return (
        f'<manifest:manifest xmlns:manifest="{_PACKING}" manifest:version="1.2">'
        f"{entries}</manifest:manifest>"
    ).encode()


def read(data: bytes) -> Manifest:
    """Return what a manifest lists.

    Raises Refused when it is not in form or lists a file twice, and what the XML parser raises,
    among it DoctypeRefused.
    """
    root = parse(data)
    if root.tag != _ROOT:
        raise malformed()
    signature: Element | None = None
    files: list[Listed] = []
    for child in root:
        if child.tag == _SIGNATURE_REFERENCE and signature is None:
            signature = child
        elif child.tag == _DATA_REFERENCE:
            files.append(_listed(child))
        elif child.tag != _EXTENSIONS:
            raise malformed()
    if signature is None or not files or len({each.name for each in files}) != len(files):
        raise malformed()
    name = unquote(signature.get("URI", ""))
    return Manifest(name, signature.get("MimeType", ""), tuple(files))


def malformed() -> Refused:
    """Return the refusal of a manifest that is not in form, or is not complete."""
    return format_failure("The manifest is malformed.", "清单格式错误。")


def _listed(node: Element) -> Listed:
    method = node.find(ds("DigestMethod"))
    return Listed(
        unquote(node.get("URI", "")),
        digest_by_uri("" if method is None else method.get("Algorithm", "")),
        decoded(node.findtext(ds("DigestValue"))),
    )


def _uri(name: str) -> str:
    """Return the name as quoted anyURI: ASCII that a URI reserves is escaped, other letters not."""
    escaped = "".join(quote(each, safe="/") if each.isascii() else each for each in name)
    return f'"{escaped}"'
