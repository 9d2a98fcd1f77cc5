"""Getting lists from where they are published, and from a list of lists those it points at.

ETSI TS 119 612, 5.3.13 (pointers). Who may be asked is for `get` to know.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from certs.errors import BadTrustList
from certs.recognition import folder
from certs.recognition.etsi import Pointer
from certs.recognition.lists import TrustList
from schemas.errors import SilkgateError

_MOST: Final = 200

Get = Callable[[str], bytes]
"""Gives what is at an address; raises SilkgateError where it may not be asked or has no answer."""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one list: admitted, or why not; the list before it then stays in force."""

    url: str
    territory: str
    list: TrustList | None
    error: SilkgateError | None = None


def follow(
    trust: Path,
    url: str,
    get: Get,
    *,
    territories: Collection[str] = (),
    at: datetime | None = None,
) -> Iterator[Outcome]:
    """Admit the list at an address; of a list of lists also those it leads to, each on its own.

    `territories` names those wanted, all when it is empty.
    """
    first = _admitted(trust, url, get, None, at)
    yield first
    if first.list is None:
        return
    found = folder.pointers(first.list, trust, at)
    wanted = [each for each in found if each.is_list and _is_wanted(each, territories)]
    if len(wanted) > _MOST:
        error = BadTrustList(where=url, reason=f"it points at more than {_MOST} lists")
        yield Outcome(url, "", None, error)
        return
    for each in wanted:
        yield _admitted(trust, each.location, get, each, at)


def _is_wanted(each: Pointer, territories: Collection[str]) -> bool:
    return not territories or each.territory in territories


def _admitted(
    trust: Path, url: str, get: Get, pointer: Pointer | None, at: datetime | None
) -> Outcome:
    territory = pointer.territory if pointer else ""
    try:
        return Outcome(url, territory, folder.admit(get(url), url, trust, at, pointer))
    except SilkgateError as error:
        return Outcome(url, territory, None, error)
