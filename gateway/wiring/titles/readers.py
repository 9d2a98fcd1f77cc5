"""Which parties of titles an account of this gateway stands for, and so whose titles it reads."""

from __future__ import annotations

from functools import cached_property

from gateway.lading.parties import PartyBook
from gateway.settings import Settings
from gateway.wiring.titles.log import thumbprint


class Readers:
    """The parties of each account.

    Those of the settings; those that `lading-parties.toml` knows by the thumbprint of a key; and of
    a peer the accounts it has on title registers.
    """

    def __init__(self, settings: Settings) -> None:
        """Read the settings when somebody asks."""
        self._settings = settings

    def __call__(self, account: str) -> frozenset[str]:
        """Return the parties (key thumbprints) of an account."""
        said = self._settings
        member = self._members.of_tenant(account)
        codes = () if member is None else [thumbprint(code) for _, code in member.codes]
        peers = [peer for peer in said.lading.peers if peer.code == account]
        return frozenset(
            {
                *said.titles.parties.get(account, ()),
                *(each for each in codes if each is not None),
                *(each for peer in peers for each in peer.accounts),
            }
        )

    @cached_property
    def _members(self) -> PartyBook:
        return PartyBook.load(self._settings.path(self._settings.lading.parties))
