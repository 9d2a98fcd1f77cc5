"""The account of a rendering: what became of every term, and what the target still lacks."""

from __future__ import annotations

from typing import Final

from adapters.engine.leaf import Leaf
from adapters.engine.reading import worse
from adapters.engine.trie import Node
from schemas.codes import Converted
from schemas.document import Term
from schemas.loss import LossClass, Missing

Fate = tuple[str, str, LossClass, str]
"""Target path, target value, class, reason."""

_NO_SOURCE: Final = (
    "no source value: the importer or a related document has to supply it / "
    "无来源值,须由进口方或关联单证补充"
)


class Account:
    """Fates by source path (attributes: path, `@`, attribute), and the mandatory gaps."""

    __slots__ = ("fates", "mandatory", "missing")

    def __init__(self) -> None:
        """Start empty."""
        self.fates: dict[str, Fate] = {}
        self.missing: list[Missing] = []
        self.mandatory = 0

    def note(self, key: str, fate: Fate) -> None:
        """Keep the best fate of a source value: exact before converted before dropped."""
        old = self.fates.get(key)
        if old is None or (old[2] is not fate[2] and worse(old[2], fate[2]) is old[2]):
            self.fates[key] = fate

    def refuse(self, term: Term, leaf: Leaf, path: str) -> None:
        """Note that a value does not fit the leaf it belongs to."""
        reason = f"does not fit {path} ({leaf.expected}) / 不符合目标元素格式 {leaf.expected}"
        self.note(term.path, ("", "", LossClass.DROPPED, reason))

    def mark(self) -> tuple[int, int]:
        """Return where the gaps stand now, to undo a group."""
        return len(self.missing), self.mandatory

    def undo(self, mark: tuple[int, int]) -> None:
        """Forget the gaps of a group that is not written after all."""
        del self.missing[mark[0] :]
        self.mandatory = mark[1]

    def check(self, node: Node, path: str, written: set[str]) -> None:
        """Count the mandatory children of a written group, and name those it lacks."""
        for kid in node.required:
            self.mandatory += 1
            if kid.tag not in written:
                leaf = kid.leaf
                term = leaf.goals[0].pattern if leaf else ""
                reason = (leaf.row.note if leaf else "") or _NO_SOURCE
                self.missing.append(Missing(path + kid.slash, term, reason))


def attribute(leaf: Leaf, attr: str, term: Term) -> Converted | None:
    """Return what to write for an attribute; the source's own code where it means the same."""
    value = term.attrs.get(attr)
    source = term.attrs.get("source_" + attr)
    if source and leaf.conversion is not None:
        back = leaf.conversion.read(source)
        if back is not None and back.value == (value or ""):
            cls = LossClass.EXACT if back.cls is LossClass.EXT else back.cls
            return Converted(source, cls)
    return leaf.put(value) if value else None
