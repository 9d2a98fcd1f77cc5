"""Whose account on a title register stands for a party of a bill.

A party may have an account of its own, named by one of its identifying codes. Else the platform
that the party is on keeps the title for it: between two such parties of one platform nothing
moves on the register.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from gateway.lading.chain import Control, Json, codes_of, platform_code
from gateway.lading.parties import PartyBook
from gateway.lading.titlebook import TitleBook


@dataclass(frozen=True, slots=True)
class Accounts:
    """The accounts of one register, as one platform knows them."""

    book: TitleBook
    ours: str
    parties: PartyBook

    def of(self, party: Json | None) -> str | None:
        """Return the account of a party, None where there is none.

        What a party here calls itself counts only as far as our own list of parties has it.
        """
        if party is None:
            return None
        platform = platform_code(party.get("eblPlatform", ""))
        if platform != self.ours:
            return self._named(codes_of(party)) or self.book.platform(platform)
        member = self.parties.find(party)
        return self._named(member.codes if member else ()) or self.book.own

    def titled(self, control: Control) -> str | None:
        """Return the account of the party that a bill is endorsed to, None for none known."""
        return self.of(control.title_holder) if control.negotiable else None

    def named(self, document: Json, role: str) -> str | None:
        """Return the account that the document gives one of its parties."""
        found = (document.get("documentParties") or {}).get(role)
        return self._named(codes_of(found)) if found else None

    def _named(self, codes: Iterable[tuple[str, str]]) -> str | None:
        found = {account for _, code in codes if (account := self.book.account(code))}
        return found.pop() if len(found) == 1 else None
