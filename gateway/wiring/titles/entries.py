"""Where a register of signed entries is: here, or at a peer, behind its API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from gateway.lading.desk import Reply
from gateway.lading.refusals import PeerSilent, TransferDisputed
from gateway.wiring.titles.titling import TitleDesk
from ledger.title.errors import Disputed, OutOfOrder
from schemas.jsondepth import loads
from schemas.text import Text

_TITLES: Final = "/v1/titles"
_OK: Final = 200
_CREATED: Final = 201
_GONE: Final = 404
_CONFLICT: Final = 409
_UNFIT: Final = 422
_RACED: Final = frozenset({Disputed.code, OutOfOrder.code})


class Entries(Protocol):
    """Where a register is: its name, and its entries of a title."""

    @property
    def name(self) -> str:
        """The name of the register."""
        ...

    def of(self, title: str) -> Sequence[str]:
        """Return the signed entries of a title in order, none for an id never issued."""
        ...

    def enter(self, signed: str) -> None:
        """Have a signed entry accepted."""
        ...


@dataclass(frozen=True, slots=True)
class OwnEntries:
    """Our own register."""

    desk: TitleDesk

    @property
    def name(self) -> str:
        """Its name."""
        with self.desk.looking() as register:
            return register.name

    def of(self, title: str) -> Sequence[str]:
        """Return the entries of a title."""
        with self.desk.looking() as register:
            return register.entries(title)

    def enter(self, signed: str) -> None:
        """Have an entry accepted."""
        self.desk.submit(signed)


class Call(Protocol):
    """Calls one peer: JSON, or a compact JWS as it is."""

    def __call__(self, method: str, path: str, message: object) -> Reply:
        """Return the answer, whatever its status; raises a TransportError when there is none."""
        ...


@dataclass(frozen=True, slots=True)
class PeerEntries:
    """The register that a peer runs, over its API."""

    name: str
    call: Call

    def of(self, title: str) -> Sequence[str]:
        """Return the entries of a title."""
        reply = self.call("GET", f"{_TITLES}/entries?title={title}", None)
        if reply.status == _GONE:
            return ()
        found = _parsed(reply).get("entries") if reply.status == _OK else None
        if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
            raise _silent(reply, self.name)
        return found

    def enter(self, signed: str) -> None:
        """Have an entry accepted."""
        reply = self.call("POST", f"{_TITLES}/entries", signed.encode())
        if reply.status in {_OK, _CREATED}:
            return
        code = str(_parsed(reply).get("code", ""))
        if reply.status not in {_CONFLICT, _UNFIT} or code in _RACED:
            raise _silent(reply, self.name)
        raise TransferDisputed(Text(f"the register says {code}", f"登记处答复 {code}"))


def _parsed(reply: Reply) -> Mapping[str, object]:
    try:
        found = loads(reply.body)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


def _silent(reply: Reply, name: str) -> PeerSilent:
    said = Text(f"HTTP {reply.status} from the register", f"登记处返回 HTTP {reply.status}")
    return PeerSilent(said, where=name)
