"""What rule packs call by name, and what is known of it: on what a check or condition depends.

A check answers True, or False, or what it found and expected. What it depends on lets plans leave
out what is known; it is the same function in every case.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final, TypeVar

from schemas.rules.invoice.tree import Node, Tree

Verdict = bool | tuple[str, str]
Check = Callable[[Node, Tree, str], Verdict]

Condition = Callable[[Node, Tree, str], bool]
T = TypeVar("T")


class _Names(dict[str, T]):
    """What packs call by name; a name means one thing, whoever is loaded first."""

    def __setitem__(self, name: str, meant: T) -> None:
        """Give a name its meaning; raises ValueError for a name that is taken."""
        if self.get(name, meant) is not meant:
            raise ValueError(name)
        super().__setitem__(name, meant)

    def update(self, *found: Any, **named: Any) -> None:  # noqa: ANN401 - as in dict
        """Give several names their meaning."""
        for name, meant in dict(*found, **named).items():
            self[name] = meant


CHECKS: Final[dict[str, Check]] = _Names()
CONDITIONS: Final[dict[str, Condition]] = _Names()


SHAPED: Final[dict[str, Callable[[str, Node], bool]]] = {}
"""Those that ask only which elements and attributes there are at and below a node: whether."""

SPARSE: Final[dict[str, Callable[[Tree], list[Node]]]] = {}
"""Conditions that few nodes of a document can meet, and how to find those nodes."""

KEYED: Final[dict[str, Callable[[Node], str]]] = {}
"""Conditions that compare one value of the node with their argument, and how to get that value."""

ALIKE: Final[dict[str, Callable[[Tree], bool]]] = {}
"""Conditions that ask nothing of the node, but of the document: whether they do so there."""

Say = Callable[[str, str], Verdict]
SPOKEN: Final[dict[str, tuple[Callable[[str], str], Say]]] = {}
"""Checks of one text: the path to it by the arguments (`branch.Form.column`), and the verdict."""

BOUND: Final[dict[str, tuple[str, ...]]] = {}
"""Checks of some texts, and else of the document alone: the paths to those texts."""

LOCAL: Final[dict[str, Callable[[str], str]]] = {}
"""Those that ask only for texts of one element and below, and the path to it (`.`)."""


def check(name: str, shaped: Callable[[str, Node], bool] | None = None) -> Callable[[Check], Check]:
    """Register a check under the name that packs use; `shaped` as in `SHAPED`."""

    def register(test: Check) -> Check:
        CHECKS[name] = test
        if shaped is not None:
            SHAPED[name] = shaped
        return test

    return register


def spoken(name: str, path: Callable[[str], str]) -> Callable[[Say], Say]:
    """Register the verdict of a check on one text, and how its arguments give the path."""

    def register(say: Say) -> Say:
        SPOKEN[name] = path, say
        return say

    return register


def itself(args: str) -> str:
    """Return the path to the node itself, whatever the arguments."""
    del args
    return "."


def only_path(args: str) -> str:
    """Return the path that arguments are, "" where they are several or an attribute's."""
    return "" if "|" in args or "@" in args else args


def elements_only(args: str, node: Node) -> bool:
    """Tell whether all paths are of elements below, or of attributes."""
    del node
    return all(_downwards(path.partition("@")[0] or "a") for path in _paths(args))


def anywhere(tree: Tree) -> bool:
    """Tell that it is so in every document."""
    del tree
    return True


def own_attribute(args: str) -> str:
    """Return the path to the node's attribute that arguments name (`list @name`), else itself."""
    return "@" + args.partition(" @")[2] if " @" in args else "."


def none_there(args: str, node: Node) -> bool:
    """Tell whether all paths are of elements below, of which there is none."""
    return all(_downwards(path) and not node.has(path) for path in _paths(args))


def _paths(args: str) -> list[str]:
    return args.rpartition(" ")[2].split("|")


def _downwards(path: str) -> bool:
    path = path.removesuffix("/")
    return not any(part in path for part in ("@", "..", "//", "[")) and path not in ("", ".")


def always_so(args: str, node: Node) -> bool:
    """Tell that neither argument nor node makes a difference."""
    del args, node
    return True
