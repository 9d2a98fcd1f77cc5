"""ZIP as a container of evidence: written in one fixed form, read with every trap closed.

What is written has each entry STORED, no extra fields, no comment, one fixed date, and the
entries in the order given: the same files give the same octets. APPNOTE.TXT; EN 319 162-1, A.1.
"""

from __future__ import annotations

import io
import re
import unicodedata
import zipfile
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import IO, Final

from certs.errors import ContainerRefused

_DATE: Final = (1980, 1, 1, 0, 0, 0)
_UNIX: Final = 3
_MODE: Final = 0o100644 << 16
_ENCRYPTED: Final = 0x1
_METHODS: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_FORBIDDEN: Final = re.compile(r"[\x00-\x1f\x7f\\:]")
_LOCAL_HEADER: Final = 30


@dataclass(frozen=True, slots=True)
class Limits:
    """What one container may cost: octets unpacked, number of files, ratio of one file."""

    size: int = 256 * 1024 * 1024
    files: int = 4096
    ratio: int = 200


DEFAULT_LIMITS: Final = Limits()


def write(files: Mapping[str, bytes]) -> bytes:
    """Return the ZIP of these files, in this order; raises ContainerRefused for a bad name."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as container:
        for name, data in files.items():
            _check_name(name)
            entry = zipfile.ZipInfo(name, _DATE)
            entry.create_system = _UNIX
            entry.external_attr = _MODE
            container.writestr(entry, data)
    return out.getvalue()


def read(data: bytes, limits: Limits = DEFAULT_LIMITS) -> dict[str, bytes]:
    """Return the files of a ZIP by name, in order; folders are left out.

    Raises ContainerRefused for duplicate names, names that differ in case only, paths that lead
    out, encrypted or damaged entries, octets before or between the entries, and bombs.
    """
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as container:
            entries = container.infolist()
            _check_entries(entries, data, limits)
            return {
                entry.filename: _content(container, entry)
                for entry in entries
                if not entry.is_dir()
            }
    except (zipfile.BadZipFile, zlib.error, ValueError, EOFError, OSError) as error:
        raise ContainerRefused(reason=f"the ZIP is damaged ({str(error)[:80]})") from error
    except NotImplementedError as error:
        raise ContainerRefused(reason=f"the ZIP uses {str(error)[:80]}") from error


def names(data: bytes) -> tuple[str, ...]:
    """Return the names in the directory of a ZIP, unchecked; none when it cannot be read."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as container:
            return tuple(container.namelist())
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError):
        return ()


def _check_entries(entries: list[zipfile.ZipInfo], data: bytes, limits: Limits) -> None:
    if len(entries) > limits.files:
        raise ContainerRefused(reason=f"more than {limits.files} files")
    if sum(entry.file_size for entry in entries) > limits.size:
        raise ContainerRefused(reason=f"more than {limits.size} octets unpacked")
    seen: set[str] = set()
    for entry in entries:
        _check_name(entry.filename)
        folded = unicodedata.normalize("NFKC", entry.filename).casefold()
        if folded in seen:
            raise ContainerRefused(reason=f"the name {entry.filename!r} is there twice")
        seen.add(folded)
        _check_entry(entry, limits)
    _check_layout(entries, data)


def _check_name(name: str) -> None:
    parts = name.rstrip("/").split("/")
    if _FORBIDDEN.search(name) or any(part in {"", ".", ".."} for part in parts):
        raise ContainerRefused(reason=f"the name {name!r} is not allowed")


def _check_entry(entry: zipfile.ZipInfo, limits: Limits) -> None:
    if entry.flag_bits & _ENCRYPTED or entry.compress_type not in _METHODS:
        raise ContainerRefused(reason=f"{entry.filename!r} is encrypted or packed unusually")
    if entry.file_size > 1024 + limits.ratio * entry.compress_size:
        raise ContainerRefused(reason=f"{entry.filename!r} unpacks to too much")
    if entry.compress_type == zipfile.ZIP_STORED and entry.file_size != entry.compress_size:
        raise ContainerRefused(reason=f"{entry.filename!r} has two sizes")


def _check_layout(entries: list[zipfile.ZipInfo], data: bytes) -> None:
    """The first entry starts the file, and no two entries overlap."""
    end = 0
    for entry in sorted(entries, key=lambda each: each.header_offset):
        if entry.header_offset < end or (end == 0 and entry.header_offset != 0):
            raise ContainerRefused(reason="the entries overlap or do not start the file")
        if data[entry.header_offset : entry.header_offset + 4] != b"PK\x03\x04":
            raise ContainerRefused(reason=f"{entry.filename!r} has no header")
        end = entry.header_offset + _LOCAL_HEADER + entry.compress_size


def _content(container: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    """Return the content; never unpacks more than the size that was checked."""
    with container.open(entry) as source:
        content = source.read(entry.file_size)
        _drain(source, entry)
    return content


def _drain(source: IO[bytes], entry: zipfile.ZipInfo) -> None:
    """Reach the end, so that the CRC is checked, and refuse an entry longer than it says."""
    if source.read(1):
        raise ContainerRefused(reason=f"{entry.filename!r} is longer than it says")
