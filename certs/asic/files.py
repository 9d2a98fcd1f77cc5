"""The files of an ASiC container by name, opened with every trap closed (EN 319 162-1, A.1)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from certs import archive
from certs.errors import ContainerRefused
from schemas.text import Text

MIMETYPE: Final = "mimetype"
ASIC_E: Final = b"application/vnd.etsi.asic-e+zip"
ASIC_S: Final = b"application/vnd.etsi.asic-s+zip"
META: Final = "META-INF/"
MANIFEST: Final = f"{META}ASiCManifest.xml"
SIGNATURE: Final = f"{META}signature.p7s"
PACKING_LIST: Final = f"{META}manifest.xml"
XML_SIGNATURES: Final = f"{META}signatures.xml"


def is_xml_signature(name: str) -> bool:
    """Tell whether a file of a container holds XML signatures."""
    return name.startswith(META) and "signatures" in name and name.endswith(".xml")


def payload_of(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the files that a container is about: all but its type and META-INF."""
    return {
        name: content
        for name, content in files.items()
        if name != MIMETYPE and not name.startswith(META)
    }


def open_container(
    data: bytes, limits: archive.Limits = archive.DEFAULT_LIMITS
) -> dict[str, bytes]:
    """Return all files of a container, unverified; raises ContainerRefused for every trap.

    For looking inside; what is to be used comes from `verify`.
    """
    files = archive.read(data, limits)
    problem = type_problem(files)
    if problem is not None:
        raise ContainerRefused(reason=problem.en)
    return files


def type_problem(files: Mapping[str, bytes]) -> Text | None:
    """Tell what is wrong with the type of a container, which must come first."""
    if next(iter(files), "") != MIMETYPE:
        return Text("mimetype is not first", "mimetype 不在首位")
    if files[MIMETYPE].strip() not in {ASIC_E, ASIC_S}:
        return Text("the mimetype is not that of an ASiC container", "mimetype 不是 ASiC 容器类型")
    return None
