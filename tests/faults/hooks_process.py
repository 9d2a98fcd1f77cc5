"""A process that lets things happen and tells a hook of them, until it is killed.

    python -m tests.faults.hooks_process DATABASE HOME PORT FIRST COUNT

Prints the number of each event once it is committed. With a COUNT it stops there and ends when
all has been delivered.
"""

from __future__ import annotations

import itertools
import sys
import time
from datetime import timedelta
from pathlib import Path

from gateway.hooks.runner import Delivering, HookRunner
from gateway.store import hooks, open_store
from tests.gateway.hooks.receiver import Receiver, World

SUBJECTS = 3


def main(url: str, home: str, port: int, first: int, count: int) -> None:
    """Happen and tell."""
    store = open_store(url)
    store.migrate()
    world = World(store, Receiver(port), Path(home))
    world.ticks = True
    if not world.hooks.listed():
        world.hook("*")
    work = Delivering(
        store=store,
        teller=world.teller,
        source="cn-port",
        clock=world.clock,
        lease=timedelta(seconds=1),
    )
    runner = HookRunner(work)
    runner.start()
    for n in itertools.islice(itertools.count(first), count or None):
        world.happens(n, subject=f"title/{n % SUBJECTS}")
        sys.stdout.write(f"{n}\n")
        sys.stdout.flush()
    while count:
        with store.read() as tx:
            (hook,) = hooks.listed(tx)
            if not hooks.backlog(tx, [hook.id])[hook.id].waiting:
                break
        time.sleep(0.05)
    runner.stop(10.0)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], *map(int, sys.argv[3:]))
