"""What every title store promises; a test class per implementation inherits it."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest

from ledger.title.errors import Disputed, MediumRefused
from ledger.title.store import Head, Paper, TitleStore

TitlesIn = Callable[[], AbstractContextManager[TitleStore]]


def place(n: int, title: str = "BL-1") -> Head:
    """Return a head."""
    return Head(title=title, n=n, digest=f"{n:064x}")


class TitleStoreContract:
    """The contract of `ledger.title.store.TitleStore`."""

    def test_entries_come_back_in_order(self, titles_in: TitlesIn) -> None:
        """What one transaction wrote the next one reads, the last entry being the head."""
        with titles_in() as titles:
            for n in range(3):
                titles.append(place(n), f"entry {n}")
            titles.append(place(0, "BL-0"), "other")
        with titles_in() as titles:
            assert list(titles.entries("BL-1")) == ["entry 0", "entry 1", "entry 2"]
            assert titles.head("BL-1", for_update=True) == place(2)
            assert list(titles.titles()) == ["BL-0", "BL-1"]
            assert titles.head("BL-9") is None
            assert list(titles.entries("BL-9")) == []

    def test_a_place_is_taken_once(self, titles_in: TitlesIn) -> None:
        """A second entry for one place is disputed, and its transaction writes nothing."""
        with titles_in() as titles:
            titles.append(place(0), "first")
        with pytest.raises(Disputed), titles_in() as titles:
            titles.append(place(0), "second")
        with titles_in() as titles:
            assert list(titles.entries("BL-1")) == ["first"]

    def test_stamps_belong_to_entries(self, titles_in: TitlesIn) -> None:
        """A time-stamp comes back with its entry alone."""
        with titles_in() as titles:
            titles.append(place(0), "first")
            titles.append(place(1), "second")
            titles.put_stamp("BL-1", 1, b"token")
        with titles_in() as titles:
            assert [titles.stamp("BL-1", n) for n in range(3)] == [None, b"token", None]

    def test_epochs_come_back_in_order(self, titles_in: TitlesIn) -> None:
        """Signed epochs are kept per title, in the order they came."""
        with titles_in() as titles:
            for signed in ("b", "a"):
                titles.add_epoch("BL-1", signed)
            titles.add_epoch("BL-2", "c")
        with titles_in() as titles:
            assert list(titles.epochs("BL-1")) == ["b", "a"]
            assert list(titles.epochs("BL-3")) == []

    def test_a_paper_changes_from_what_was_read(self, titles_in: TitlesIn) -> None:
        """Who writes a paper says what was before; what changed meanwhile is not overwritten."""
        live = Paper(serial="P-1", title="BL-1", live=True)
        gone = Paper(serial="P-1", title="BL-2", live=False)
        with titles_in() as titles:
            titles.put_paper(live, None)
            assert titles.paper("P-1") == live
            assert titles.paper("P-2") is None
        with pytest.raises(MediumRefused), titles_in() as titles:
            titles.put_paper(gone, None)
        with titles_in() as titles:
            titles.put_paper(gone, live)
        with pytest.raises(MediumRefused), titles_in() as titles:
            titles.put_paper(live, live)
        with titles_in() as titles:
            assert titles.paper("P-1") == gone
