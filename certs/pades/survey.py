"""What there is to judge in a PDF, as the process that reads it tells.

pyHanko bounds neither the time nor the memory that a file takes. So it works in a process of its
own, and a file that would take more than a second and 512 MB for each of its megabytes is not
judged.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

from certs.errors import NoPdfSupport
from certs.validation.material import Material
from certs.verdict import Refused, SubIndication
from schemas.bounded import Bounds, OutOfBounds, Worker
from schemas.text import Text

_MB: Final = 1_000_000
_SECONDS: Final = 1.0
_MEMORY: Final = 512 * _MB
_MOST_MEMORY: Final = 2_048 * _MB
WORKER: Final = Worker(str(Path(__file__).with_name("worker.py")))
"""The process that reads PDF files."""


@dataclass(frozen=True, slots=True)
class Embedded:
    """One signature or time-stamp of the file: what it is over, and what was kept by then.

    `spans` are three places in the file: where the value begins, where it ends, and where the
    revision ends.
    """

    kind: str
    revision: int
    spans: tuple[int, int, int]
    value: bytes
    kept: Material


@dataclass(frozen=True, slots=True)
class Survey:
    """The signatures, oldest first, what the file keeps now, and what is wrong with it if any."""

    signatures: tuple[Embedded, ...]
    newest: Material
    broken: Refused | None


@lru_cache(maxsize=1)
def survey(data: bytes) -> Survey:
    """Return what there is to judge in a PDF; raises NoPdfSupport, and Refused for no good PDF.

    The last one is kept: a file is often judged as of several times, to tell how long it is good.
    """
    if find_spec("pyhanko") is None:
        raise NoPdfSupport
    size = max(1.0, len(data) / _MB)
    bounds = Bounds(_SECONDS * size, min(int(_MEMORY * size), _MOST_MEMORY))
    try:
        said = json.loads(WORKER.ask(data, bounds))
    except OutOfBounds as error:
        raise _costly(bounds) from error
    if "refused" in said:
        raise _refused(said["refused"])
    return _read(said)


def _read(said: Any) -> Survey:  # noqa: ANN401 - JSON of our own
    octets = [base64.b64decode(each) for each in said["octets"]]
    read: dict[str, Material] = {}

    def material(places: Sequence[Sequence[int]]) -> Material:
        if str(places) not in read:
            values = [[octets[at] for at in each] for each in places]
            read[str(places)] = Material.read(*values) if values else Material()
        return read[str(places)]

    signatures = tuple(
        Embedded(
            kind=each["kind"],
            revision=each["revision"],
            spans=tuple(each["spans"]),
            value=octets[each["value"]],
            kept=material(each["kept"]),
        )
        for each in said["signatures"]
    )
    broken = _refused(said["broken"]) if said["broken"] else None
    return Survey(signatures, material(said["newest"]), broken)


def _refused(told: Sequence[str]) -> Refused:
    sub, english, chinese = told
    return Refused(SubIndication(sub), Text(english, chinese))


def _costly(bounds: Bounds) -> Refused:
    seconds, memory = f"{bounds.seconds:.1f}", bounds.memory // _MB
    return Refused(
        SubIndication.SIG_CONSTRAINTS_FAILURE,
        Text(
            f"Whether the PDF is as it was signed is not told: that takes more than {seconds} s or"
            f" {memory} MB, which is the bound for a file of its size.",
            f"未能判定 PDF 是否保持签署时的状态:所需超过 {seconds} 秒或 {memory} MB,"
            "即该大小文件的上限。",
        ),
    )
