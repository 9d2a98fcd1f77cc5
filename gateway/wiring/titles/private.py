"""Private remarks in the gateway: what it opens and seals for an account, and for no other.

The settings may name a reading key for an account. It opens what was sealed for a party that the
account stands for. The operator, who may read every title, has what is sealed for its own account
opened, and nothing else.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from pathlib import Path

from certs.errors import KeyUnreadable
from gateway import setup
from gateway.api.errors import FieldInvalid
from gateway.settings import Settings
from ledger.title.epochs import Opened
from ledger.title.errors import EntryRefused
from ledger.title.readers import ReadingKey
from ledger.title.register import Register
from schemas.text import Text


@dataclass(frozen=True, slots=True)
class Confidant:
    """Opens and seals for the accounts whose reading keys are kept here; None is the gateway's."""

    settings: Settings
    parties: Callable[[str], Collection[str]]

    def opened(self, register: Register, title: str, reader: str | None) -> Opened:
        """Return what an account reads of a title; raises NoSuchTitle, KeyUnreadable."""
        account = self._account(reader)
        return register.shared(title).opened(self._key(account), self.parties(account))

    def sealed(
        self, register: Register, title: str, actor: str, text: str, account: str | None
    ) -> bytes:
        """Return a remark of `actor` sealed with the key that is kept for an account.

        Raises FieldInvalid where none is; NoSuchTitle, NoEpoch, NoPart, RemarkTooLong.
        """
        key = self._key(self._account(account))
        if key is None:
            reason = Text("no reading key is kept for this account", "未保存该账户的阅读密钥")
            raise FieldInvalid(where="private", reason=reason, expected="[titles.readers]")
        return register.shared(title).sealing(key, actor).seal_remark(text, actor)

    def _account(self, reader: str | None) -> str:
        return self.settings.id if reader is None else reader

    def _key(self, account: str) -> ReadingKey | None:
        place = self.settings.titles.readers.get(account)
        return None if place is None else kept(self.settings, place)


def kept(settings: Settings, place: Path) -> ReadingKey:
    """Return the reading key in a file of the settings; raises KeyUnreadable."""
    path = settings.path(place)
    try:
        return ReadingKey.read(path.read_bytes(), setup.secret(settings))
    except (OSError, ValueError, TypeError, EntryRefused) as error:
        raise KeyUnreadable(ref=str(path), reason=str(error)) from error
