"""The checks that a rule pack names in its column `test`: each says whether a node is in order.

A check answers True, or False, or what it found and expected.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

from schemas.rules.invoice.registry import (
    CONDITIONS,
    SHAPED,
    Verdict,
    always_so,
    check,
    elements_only,
    none_there,
    only_path,
    own_attribute,
    spoken,
)
from schemas.rules.invoice.tree import Node, Tree, words
from schemas.rules.invoice.values import fits


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


@spoken("filled", only_path)
def has_words(text: str, args: str) -> Verdict:
    """Tell whether a text is more than blanks."""
    del args
    return bool(words(text))


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
    return two_decimals(node.text if args == "." else node.value(args), args)


@spoken("decimals", only_path)
def two_decimals(text: str, args: str) -> Verdict:
    """Tell whether a text has at most two characters after the point."""
    del args
    return fits(text) or (text, "<= 2 decimals")


@check("code")
def code(node: Node, tree: Tree, args: str) -> Verdict:
    """The node's text, or attribute, is one code of a list: `list` or `list @name`."""
    del tree
    name = listed(args)[1]
    return known_code(node.attrs.get(name, "") if name else node.text, args)


@spoken("code", own_attribute)
def known_code(text: str, args: str) -> Verdict:
    """Tell whether a text is one code of a list."""
    list_id, _, known = listed(args)
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
    found = tree.places_with(attr) if attr else tree.places(names[-1])
    return any(place.names[-len(names) :] == names for place in found)


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
SHAPED["has"] = always_so
