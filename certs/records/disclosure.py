"""What both selective-disclosure suites share: statements in groups (W3C VC-DI-ECDSA, 3.4)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from certs.records import rdf
from certs.records.canonical import Dataset, Labels, Relabel, canonical, statements_of
from certs.records.model import Broken
from certs.records.pointers import select
from certs.records.strict import Json


@dataclass(frozen=True, slots=True)
class Groups:
    """The statements of a whole document, sorted, and those each group of pointers chooses."""

    statements: tuple[str, ...]
    chosen: Mapping[str, tuple[str, ...]]
    labels: Labels
    skolemised: Json

    def without(self, name: str) -> tuple[str, ...]:
        """Return the statements outside a group, in order."""
        inside = frozenset(self.chosen[name])
        return tuple(each for each in self.statements if each not in inside)

    def places(self, name: str, *, within: str) -> tuple[int, ...]:
        """Return where the statements of a group stand among those of another."""
        inside = frozenset(self.chosen[name])
        return tuple(place for place, each in enumerate(self.chosen[within]) if each in inside)


def group(document: Json, relabel: Relabel, pointers: Mapping[str, Sequence[str]]) -> Groups:
    """Return the statements of a document in groups, blank nodes labelled by `relabel`."""
    skolemised = rdf.skolemised(document)
    whole = canonical(rdf.deskolemised(skolemised), relabel)
    chosen = {}
    for name, wanted in pointers.items():
        part = select(skolemised, wanted)
        found = frozenset() if part is None else statements_of(rdf.deskolemised(part), whole.labels)
        if not found <= frozenset(whole.statements):
            raise Broken("A pointer chooses what is not there.", "指针指向不存在的内容。")
        chosen[name] = tuple(each for each in whole.statements if each in found)
    return Groups(whole.statements, chosen, whole.labels, skolemised)


def matching_labels(shown: Json, groups: Groups) -> Labels:
    """Return, for a part shown by itself, its canonical label -> the label in the whole."""
    alone = canonical(rdf.dataset(rdf.expanded(shown)))
    wanted = frozenset(groups.chosen["shown"])
    part = _part(groups, wanted)
    names = canonical(part).labels
    if len(alone.labels) != len(names):
        raise Broken("What is shown cannot be matched.", "披露内容无法匹配。")
    return {new: groups.labels[old] for old, new in names.items()}


def _part(groups: Groups, wanted: frozenset[str]) -> Dataset:
    """Return the statements of the part, with the blank nodes named as in the whole."""
    whole = rdf.deskolemised(groups.skolemised)
    part: Dataset = {}
    for graph, quads in whole.items():
        single = [quad for quad in quads if statements_of({graph: [quad]}, groups.labels) <= wanted]
        if single:
            part[graph] = single
    return part


def options(document: Json, proof: Json) -> Json:
    """Return the proof without its value, under the document's contexts: it is signed too."""
    found = {name: value for name, value in proof.items() if name != "proofValue"}
    return {"@context": document["@context"], **found}


def places(listed: Sequence[object]) -> tuple[int, ...]:
    """Return places in rising order; raises Broken for anything else."""
    found = tuple(each for each in listed if isinstance(each, int) and not isinstance(each, bool))
    rising = all(before < after for before, after in pairwise(found))
    if len(found) != len(listed) or not rising or (found and found[0] < 0):
        raise Broken("The places of statements are malformed.", "陈述位置格式错误。")
    return found
