"""The lines to all parties of the settings, opened once and shared by the messengers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import TracebackType
from typing import Self

from gateway.transport.errors import NotAllowed
from gateway.transport.line import Address, Line


class Lines(Mapping[str, Line]):
    """Lines by party id; a party that is not in the settings is NotAllowed."""

    def __init__(self, addresses: Iterable[Address]) -> None:
        """Open a line to each address (no connection is made before the first message)."""
        self._lines = {address.party: Line(address) for address in addresses}

    def __getitem__(self, party: str) -> Line:
        """Return the line to `party`, or raise NotAllowed."""
        line = self._lines.get(party)
        if line is None:
            raise NotAllowed(where=party, party=party, reason="not a party of the settings")
        return line

    def __contains__(self, party: object) -> bool:
        """Tell whether there is a line to `party`."""
        return party in self._lines

    def __iter__(self) -> Iterator[str]:
        """Yield the ids of the parties."""
        return iter(self._lines)

    def __len__(self) -> int:
        """Return the number of parties."""
        return len(self._lines)

    def __enter__(self) -> Self:
        """Return the lines; all connections are closed on leaving."""
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Close all connections."""
        self.close()

    def close(self) -> None:
        """Close all connections."""
        for line in self._lines.values():
            line.close()
