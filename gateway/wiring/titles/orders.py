"""What the API asks the gateway to sign on a party's mandate."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from gateway.api.errors import FieldInvalid
from gateway.api.ports import Json
from ledger.title.machine import Move
from ledger.title.party import PartySigner, decode
from ledger.title.sequence import Standing
from schemas.text import Text

_TEXTS: Final = frozenset({"action", "actor", "mandate", "place", "private", "remark", "title"})
_EXPECTED: Final = "title, action, actor, mandate, args?, place?, remark? or private?"


@dataclass(frozen=True, slots=True)
class Order:
    """An action that the gateway is asked to sign on a party's mandate."""

    title: str
    move: Move
    mandate: str
    place: str
    remark: bytes
    private: str

    @classmethod
    def read(cls, asked: Json) -> Order:
        """Read what is asked for; raises FieldInvalid."""
        args = asked.get("args", [])
        texts = {name: asked.get(name, "") for name in _TEXTS}
        if not (
            asked.keys() <= _TEXTS | {"args"}
            and all(isinstance(each, str) for each in texts.values())
            and all(texts[name] for name in ("action", "actor", "mandate", "title"))
            and not (texts["remark"] and texts["private"])
            and isinstance(args, list)
            and all(each is None or isinstance(each, str) for each in args)
            and _encodable([*map(str, texts.values()), *args])
        ):
            reason = Text("fields are missing or malformed", "字段缺失或格式错误")
            raise FieldInvalid(where="body", reason=reason, expected=_EXPECTED)
        said = {name: str(each) for name, each in texts.items()}
        move = Move(said["action"], said["actor"], tuple(args))
        remark = decode(said["remark"])
        return cls(said["title"], move, said["mandate"], said["place"], remark, said["private"])

    def signed(self, before: Standing, at: datetime, agent: PartySigner) -> str:
        """Return the entry that follows a standing, signed by the agent."""
        entry = before.then(
            self.move, at, place=self.place, remark=self.remark, mandate=self.mandate
        )
        return entry.sealed(agent)


def _encodable(texts: Iterable[str | None]) -> bool:
    """Tell whether texts can be written down: JSON may have half a surrogate pair in one."""
    try:
        "".join(each or "" for each in texts).encode()
    except UnicodeEncodeError:
        return False
    return True
