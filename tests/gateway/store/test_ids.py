"""Identifiers that sort by time."""

from __future__ import annotations

import threading
import time
import uuid

from gateway.store.ids import new_id


def test_an_id_is_a_uuid_of_version_seven() -> None:
    """The text parses as a UUID of version 7 whose first 48 bits are the time in milliseconds."""
    before = time.time_ns() // 1_000_000
    made = uuid.UUID(new_id())
    assert made.version == 7
    assert made.variant == uuid.RFC_4122
    assert before <= made.int >> 80 <= before + 1000


def test_ids_ascend_and_never_repeat() -> None:
    """Within a process later ids sort after earlier ones, from any number of threads."""
    lists: list[list[str]] = []

    def make() -> None:
        lists.append([new_id() for _ in range(5000)])

    threads = [threading.Thread(target=make) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(made == sorted(made) for made in lists)
    assert len({one for made in lists for one in made}) == 20_000
