"""Parties are named by their keys."""

from __future__ import annotations

from ledger.title.party import PartyKey


def test_a_new_party_can_be_named_on_the_command_line() -> None:
    """No id begins with a hyphen, which would be read as an option; one in 64 would."""
    assert not [made for _ in range(300) if (made := PartyKey.generate().party).startswith("-")]
