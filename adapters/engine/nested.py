"""A group that holds groups of its own kind: its rows again, one level further down.

XRechnung puts sub-lines into lines of an invoice, to any depth. Their rows are those of the line,
under another element and with other group ids.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from adapters.engine.table import Row, Step, Target, homeless, steps


@dataclass(frozen=True, slots=True)
class Nested:
    """One such group; see adapters/README.md.

    `path` is the group, `child` the step to the groups in it, `term` and `within` their term
    groups, `groups` the ids that groups below have there, `depth` how many levels are read.
    """

    path: tuple[Step, ...]
    child: Step
    term: str
    within: str
    groups: Mapping[str, str]
    depth: int

    def rows(self, rows: Sequence[Row]) -> list[Row]:
        """Return the rows of the table with those of the inner groups after the outer one's."""
        length = len(self.path)
        own = [row for row in rows if row.steps[:length] == self.path and len(row.steps) > length]
        if not own:
            return list(rows)
        inner = [self._inner(row, level) for level in range(1, self.depth + 1) for row in own]
        at = rows.index(own[-1]) + 1
        found = [*rows[:at], *inner, *rows[at:]]
        return [replace(row, number=number) for number, row in enumerate(found)]

    def _inner(self, row: Row, level: int) -> Row:
        path = (*self.path, *[self.child] * level, *row.steps[len(self.path) :])
        targets = tuple(self._target(target, path, level) for target in row.targets)
        return replace(row, steps=path, targets=targets)

    def _target(self, target: Target, path: tuple[Step, ...], level: int) -> Target:
        if target.pattern.startswith("ext."):
            return Target(homeless(path, target.pattern.split(".")[1]))
        rest = target.pattern.removeprefix(self.term + "/").split("/")
        named = map(self._named, rest)
        return replace(target, pattern="/".join([self.term, *[self.within] * level, *named]))

    def _named(self, part: str) -> str:
        """Return a group's id as it is in the inner group, with its `[]`."""
        bare = part.partition("[")[0]
        return self.groups.get(bare, bare) + part[len(bare) :]


def nested(entry: Mapping[str, Any]) -> Nested:
    """Return the nested group that a table of `profile.toml` describes."""
    return Nested(
        path=steps(entry["path"]),
        child=steps(entry["child"])[0],
        term=entry["term"],
        within=entry["within"],
        groups=entry.get("groups", {}),
        depth=entry["depth"],
    )
