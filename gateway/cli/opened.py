"""The gateway of a folder, opened for one command and closed however the command ends."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gateway.wiring.assembly import Gateway


@contextmanager
def gateway_in(home: Path) -> Iterator[Gateway]:
    """Give the gateway whose folder is `home`; raises what `load` raises."""
    from gateway.settings import load
    from gateway.wiring.assembly import Gateway

    gateway = Gateway(load(home))
    try:
        yield gateway
    finally:
        gateway.close()
