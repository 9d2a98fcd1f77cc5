"""The checks that a rule pack names in its column `test`: each says whether a node is in order.

A check answers True, or False, or what it found and expected.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache
from importlib.resources import files
from typing import Any, Final, TypeVar

from schemas.rules.invoice.tree import Node, Tree, words
from schemas.rules.invoice.values import fits

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
"""Checks and conditions that ask only which elements there are below a node: whether they do."""

KEYED: Final[dict[str, Callable[[Node], str]]] = {}
"""Conditions that compare one value of the node with their argument, and how to get that value."""

SPARSE: Final[dict[str, Callable[[Tree], list[Node]]]] = {}
"""Conditions that few nodes of a document can meet, and how to find those nodes."""


def check(name: str, shaped: Callable[[str, Node], bool] | None = None) -> Callable[[Check], Check]:
    """Register a check under the name that packs use; `shaped` as in `SHAPED`."""

    def register(test: Check) -> Check:
        CHECKS[name] = test
        if shaped is not None:
            SHAPED[name] = shaped
        return test

    return register


def elements_only(args: str, node: Node) -> bool:
    """Tell whether all paths are of elements below, or of attributes of such as are not there."""
    return all(_downwards(path) or _bare(path, node) for path in _paths(args))


def none_there(args: str, node: Node) -> bool:
    """Tell whether all paths are of elements below, of which there is none."""
    return all(_downwards(path) and not node.has(path) for path in _paths(args))


def _paths(args: str) -> list[str]:
    return args.rpartition(" ")[2].split("|")


def _bare(path: str, node: Node) -> bool:
    """Tell whether a path is of an attribute of elements below, of which there is none."""
    above, slash, _ = path.partition("/@")
    return bool(slash) and _downwards(above) and not node.has(above)


def _downwards(path: str) -> bool:
    return not any(part in path for part in ("@", "..", "//", "[")) and path not in ("", ".")


def always_so(args: str, node: Node) -> bool:
    """Tell that neither argument nor node makes a difference."""
    del args, node
    return True


@cache
def codes(list_id: str) -> frozenset[str]:
    """Return the codes of a list of `schemas/codes/invoice`."""
    text = (files("schemas.codes") / "invoice" / f"{list_id}.csv").read_text(encoding="utf-8")
    return frozenset(text.split()[1:])


@cache
def listed(args: str) -> tuple[str, str, frozenset[str]]:
    """Return the arguments `list` or `list @name`: the list, the attribute, and the codes."""
    list_id, _, name = args.partition(" @")
    return list_id, name, codes(list_id)


@cache
def joined(list_id: str) -> str:
    """Return the codes of a list between blanks, as the artefacts look into it."""
    return f" {' '.join(sorted(codes(list_id)))} "


@check("filled", none_there)
def filled(node: Node, tree: Tree, args: str) -> Verdict:
    """Some element of the alternatives has text."""
    del tree
    for path, _ in _alternatives(args):  # noqa: SIM110 - a generator costs more than what it asks
        if words(node.value(path)):
            return True
    return False


@check("some-filled", none_there)
def some_filled(node: Node, tree: Tree, args: str) -> Verdict:
    """Some element of the alternatives has text, however many there are."""
    del tree
    return any(words(each.text) for path in args.split("|") for each in node.all(path))


@check("exists", elements_only)
def exists(node: Node, tree: Tree, args: str) -> Verdict:
    """One of the alternatives is there, empty or not; `@name` at the end is an attribute."""
    del tree
    for path, attr in _alternatives(args):  # noqa: SIM110 - as in `filled`
        if _there(node, path, attr):
            return True
    return False


@check("both", elements_only)
def both(node: Node, tree: Tree, args: str) -> Verdict:
    """All of the paths are there."""
    del tree
    return all(_there(node, path, attr) for path, attr in _alternatives(args))


@check("absent", elements_only)
def absent(node: Node, tree: Tree, args: str) -> Verdict:
    """None of the paths is there; `//` looks through the whole document."""
    for path, attr in _alternatives(args):
        if path.startswith("//"):
            if _anywhere(tree, f"{path[2:]}/@{attr}" if attr else path[2:]):
                return False
        elif _there(node, path, attr):
            return False
    return True


@check("nowhere")
def nowhere(node: Node, tree: Tree, args: str) -> Verdict:
    """No element of the document has the attribute."""
    del node
    return args not in tree.attributes


@check("somewhere")
def somewhere(node: Node, tree: Tree, args: str) -> Verdict:
    """An element with these names stands anywhere in the document."""
    del node
    return _anywhere(tree, args)


@check("most", elements_only)
def most(node: Node, tree: Tree, args: str) -> Verdict:
    """At most so many elements stand at the path: `1 path`."""
    del tree
    limit, _, path = args.partition(" ")
    found = len(node.all(path))
    return found <= int(limit) or (str(found), f"<= {limit}")


@check("exactly", elements_only)
def exactly(node: Node, tree: Tree, args: str) -> Verdict:
    """Exactly so many elements stand at the path: `1 path`."""
    del tree
    limit, _, path = args.partition(" ")
    found = len(node.all(path))
    return found == int(limit) or (str(found), limit)


@check("decimals", none_there)
def decimals(node: Node, tree: Tree, args: str) -> Verdict:
    """The amount at the path (`.`: the node) has at most two characters after the point."""
    del tree
    text = node.text if args == "." else node.value(args)
    return fits(text) or (text, "<= 2 decimals")


@check("code")
def code(node: Node, tree: Tree, args: str) -> Verdict:
    """The node's text, or attribute, is one code of a list: `list` or `list @name`."""
    del tree
    list_id, name, known = listed(args)
    text = node.attrs.get(name, "") if name else node.text
    if text in known:
        return True
    text = words(text)
    return text in known or (text, list_id)


@check("shape")
def shape(node: Node, tree: Tree, args: str) -> Verdict:
    """The node's text has the shape of a regular expression."""
    del tree
    text = words(node.text)
    return re.fullmatch(args, text) is not None or (text, args)


@check("shape-at")
def shape_at(node: Node, tree: Tree, args: str) -> Verdict:
    """The text at a path has the shape of a regular expression: `path expression`."""
    del tree
    path, _, expression = args.partition(" ")
    text = node.word(path)
    return re.fullmatch(expression, text) is not None or (text, expression)


@check("most-coded")
def most_coded(node: Node, tree: Tree, args: str) -> Verdict:
    """At most so many elements at a path have a code as it stands: `1 path code value`."""
    del tree
    limit, path, code_path, value = args.split()
    found = sum(any(c.text == value for c in each.all(code_path)) for each in node.all(path))
    return found <= int(limit) or (str(found), f"<= {limit}")


@check("never", always_so)
def never(node: Node, tree: Tree, args: str) -> Verdict:
    """What the context has caught must not be."""
    del node, tree, args
    return False


@check("true", always_so)
def always(node: Node, tree: Tree, args: str) -> Verdict:
    """Nothing is asked: the artefact keeps the rule for its number alone."""
    del node, tree, args
    return True


def _anywhere(tree: Tree, path: str) -> bool:
    """Tell whether elements stand at a path anywhere; looked for once, whichever node asks."""
    return tree.once(f"anywhere {path}", lambda: _somewhere(tree, path))


def _somewhere(tree: Tree, path: str) -> bool:
    path, _, attr = path.partition("/@")
    names = tuple(path.split("/"))
    if attr and attr not in tree.attributes:
        return False
    if attr:
        found = tree.once(f"with {attr}", lambda: [n for n in tree.nodes if attr in n.attrs])
        found = [node for node in found if node.name == names[-1]]
    else:
        found = tree.named(names[-1])
    return any(place.names[-len(names) :] == names for place in {node.place for node in found})


@cache
def _alternatives(args: str) -> tuple[tuple[str, str], ...]:
    """Return the alternatives of an argument: paths of elements, and the attribute after `@`."""
    found = (path.partition("@") for path in args.split("|"))
    return tuple((above.removesuffix("/"), attr) for above, _, attr in found)


def _there(node: Node, path: str, attr: str) -> bool:
    if not attr:
        return node.has(path)
    if not path:
        return attr in node.attrs
    for each in node.all(path):  # noqa: SIM110 - as in `filled`
        if attr in each.attrs:
            return True
    return False


def _has(node: Node, tree: Tree, args: str) -> bool:
    """Tell whether the node has an attribute."""
    del tree
    return args in node.attrs


CONDITIONS["has"] = _has
