"""Which witnesses must have cosigned: a policy file (C2SP tlog-policy).

log VKEY [URL]
witness NAME VKEY [URL]
group NAME k|any|all MEMBER...
quorum NAME|none
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from ledger.errors import BadPolicy
from ledger.note import NoteVerifier
from ledger.signature import verifier_for
from ledger.vkey import VerifierKey


@dataclass(frozen=True, slots=True)
class Group:
    """Needs `threshold` of its members, witnesses or groups by name."""

    threshold: int
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Policy:
    """Logs that are trusted, witnesses and groups by name, and the one that must be satisfied."""

    logs: tuple[NoteVerifier, ...] = ()
    by_name: Mapping[str, NoteVerifier] = field(default_factory=dict)
    groups: Mapping[str, Group] = field(default_factory=dict)
    quorum: str = "none"

    @property
    def witnesses(self) -> tuple[NoteVerifier, ...]:
        """The verifiers of all witnesses."""
        return tuple(self.by_name.values())

    def satisfied_by(self, signed: Collection[VerifierKey]) -> bool:
        """Tell whether these keys' cosignatures fulfil the quorum."""
        return self.quorum == "none" or self._satisfied(self.quorum, signed)

    def _satisfied(self, name: str, signed: Collection[VerifierKey]) -> bool:
        if name in self.by_name:
            return self.by_name[name].key in signed
        group = self.groups[name]
        return sum(self._satisfied(member, signed) for member in group.members) >= group.threshold

    @classmethod
    def of(cls, *witnesses: VerifierKey | str, threshold: int | None = None) -> Policy:
        """Return the policy that asks for `threshold` of these witnesses, by default for all."""
        by_name = {f"w{n}": verifier_for(key) for n, key in enumerate(witnesses, 1)}
        wanted = len(by_name) if threshold is None else threshold
        return cls((), by_name, {"all": Group(wanted, tuple(by_name))}, "all")

    @classmethod
    def parse(cls, text: str) -> Policy:
        """Read a policy file; a name must be defined before it is used. Raises BadPolicy."""
        reader = _Reader()
        for number, line in enumerate(text.splitlines(), 1):
            words = line.split()
            if words and not words[0].startswith("#"):
                reader.read(number, words)
        if reader.quorum is None:
            raise BadPolicy(where="end", reason="the quorum line is missing")
        return cls(tuple(reader.logs), reader.by_name, reader.groups, reader.quorum)


@dataclass(slots=True)
class _Reader:
    logs: list[NoteVerifier] = field(default_factory=list)
    by_name: dict[str, NoteVerifier] = field(default_factory=dict)
    groups: dict[str, Group] = field(default_factory=dict)
    quorum: str | None = None

    def read(self, number: int, words: list[str]) -> None:
        where = f"line {number}"
        match words:
            case ["log", key] | ["log", key, _]:
                self.logs.append(verifier_for(key))
            case ["witness", name, key] | ["witness", name, key, _]:
                self._must_be_new(name, where)
                self.by_name[name] = verifier_for(key)
            case ["group", name, wanted, *members] if members:
                self._must_be_new(name, where)
                self.groups[name] = self._group(wanted, members, where)
            case ["quorum", name] if self.quorum is None:
                if name != "none":
                    self._must_be_known(name, where)
                self.quorum = name
            case _:
                raise BadPolicy(where=where, reason="it is none of log, witness, group, quorum")

    def _group(self, wanted: str, members: list[str], where: str) -> Group:
        for member in members:
            self._must_be_known(member, where)
        named = {"any": 1, "all": len(members)}
        threshold = named[wanted] if wanted in named else int(wanted) if wanted.isdecimal() else 0
        if not 1 <= threshold <= len(members) or len(set(members)) != len(members):
            raise BadPolicy(where=where, reason="the group can never, or always, be satisfied")
        return Group(threshold, tuple(members))

    def _must_be_new(self, name: str, where: str) -> None:
        if name in self.by_name or name in self.groups or name == "none":
            raise BadPolicy(where=where, reason=f"{name} is defined twice")

    def _must_be_known(self, name: str, where: str) -> None:
        if name not in self.by_name and name not in self.groups:
            raise BadPolicy(where=where, reason=f"{name} is not defined above")
