"""What a clause of a rule pack can claim, by its first word; `clauses` says how each is written."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from typing import Any, Final, Protocol

from schemas.rules.invoice.lexical import is_date, is_decimal, is_time
from schemas.rules.invoice.paths import Claim, Union
from schemas.rules.invoice.registry import CONDITIONS
from schemas.rules.invoice.tree import Node, Tree, Undecidable, walk_up, words
from schemas.rules.invoice.values import decimal, number

JOINTS: Final = ("and", "or", ")")
COMPARE: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


class Reader(Protocol):
    """Reads the words of a clause, the first first."""

    tokens: list[str]
    """What is left."""

    def take(self) -> str:
        """Take the next word; raises ValueError where there is none."""
        ...

    def path(self) -> Union:
        """Take a path."""
        ...

    def literals(self) -> tuple[str, ...]:
        """Take the words to compare with."""
        ...

    def existential(self, where: Union, shape: Callable[[str], str]) -> Claim:
        """Take a comparison, if there is one: that something there, in this shape, passes it."""
        ...


def _each(reader: Reader) -> Claim:
    return reader.existential(reader.path(), words)


def _filled(reader: Reader) -> Claim:
    where = reader.path()
    return lambda node, tree: bool(words(where.text(node, tree)))


def _single(shape: Callable[[str], str]) -> Callable[[Reader], Claim]:
    def read(reader: Reader) -> Claim:
        where, sign, wanted = reader.path(), reader.take(), reader.literals()
        tells = _TELLS[sign](wanted)
        return lambda node, tree: tells(shape(where.text(node, tree)))

    return read


def _text(reader: Reader) -> Claim:
    where, sign, wanted = reader.path(), reader.take(), reader.literals()
    tells = _TELLS[sign](wanted)
    return lambda node, tree: tells(tree.text(where.nodes(node, tree)))


def _like(wanted: Sequence[str]) -> Callable[[str], bool]:
    pattern = re.compile(re.sub(r"(?<!\\)\$$", r"\\Z", wanted[0]))
    return lambda text: pattern.search(text) is not None


_TELLS: Final[dict[str, Callable[[Sequence[str]], Callable[[str], bool]]]] = {
    "=": lambda wanted: lambda text: text in wanted,
    "!=": lambda wanted: lambda text: text not in wanted,
    "like": _like,
    "starts": lambda wanted: lambda text: text.startswith(wanted[0]),
    "has": lambda wanted: lambda text: wanted[0] in text,
    "among": lambda wanted: lambda text: f" {text} " in f" {' '.join(wanted)} ",
}


def _count(reader: Reader) -> Claim:
    where, sign, limit = reader.path(), COMPARE[reader.take()], int(reader.take())
    return lambda node, tree: sign(len(where.nodes(node, tree)), limit)


def _measure(size: Callable[[str], int]) -> Callable[[Reader], Claim]:
    def read(reader: Reader) -> Claim:
        where, sign, limit = reader.path(), COMPARE[reader.take()], int(reader.take())
        return lambda node, tree: sign(size(where.text(node, tree)), limit)

    return read


def _number(reader: Reader) -> Claim:
    where, sign, limit = reader.path(), COMPARE[reader.take()], Decimal(reader.take())
    return lambda node, tree: any(sign(number(t), limit) for t in where.texts(node, tree))


def _decimal(reader: Reader) -> Claim:
    where, sign, limit = reader.path(), COMPARE[reader.take()], Decimal(reader.take())

    def claim(node: Node, tree: Tree) -> bool:
        found = where.texts(node, tree)
        if len(found) > 1:
            raise Undecidable(found[0])
        return bool(found) and sign(decimal(found[0]), limit)

    return claim


def _castable(fits: Callable[[str], bool]) -> Callable[[Reader], Claim]:
    def read(reader: Reader) -> Claim:
        where = reader.path()

        def claim(node: Node, tree: Tree) -> bool:
            found = where.texts(node, tree)
            return len(found) == 1 and fits(found[0])

        return claim

    return read


def _same(reader: Reader) -> Claim:
    one, other = reader.path(), reader.path()
    return lambda node, tree: not set(one.texts(node, tree)).isdisjoint(other.texts(node, tree))


def _alike(reader: Reader) -> Claim:
    one, other = reader.path(), reader.path()

    def claim(node: Node, tree: Tree) -> bool:
        return tree.text(one.nodes(node, tree)) == tree.text(other.nodes(node, tree))

    return claim


def _equals(reader: Reader) -> Claim:
    some, other = reader.path(), reader.path()
    return lambda node, tree: words(other.text(node, tree)) in some.texts(node, tree)


def _inside(reader: Reader) -> Claim:
    names = reader.literals()
    return lambda node, _: any(above.name in names for above in walk_up(node))


def _document(reader: Reader) -> Claim:
    name = reader.take()
    return lambda _, tree: tree.root.name == name


def _called(reader: Reader) -> Claim:
    name = reader.take()
    return lambda node, _: node.name == name


def _taxed(reader: Reader) -> Claim:
    scheme = reader.take()
    return lambda node, _: is_taxed(node, scheme)


def _strictly(reader: Reader) -> Claim:
    scheme = reader.take()

    def claim(node: Node, tree: Tree) -> bool:
        del tree
        if len(node.all("cac:TaxScheme")) > 1:
            raise Undecidable(scheme)
        return is_taxed(node, scheme)

    return claim


def is_taxed(node: Node, scheme: str) -> bool:
    """Tell whether one of the node's tax schemes is the one named, in any case."""
    return any(each.word("cbc:ID").upper() == scheme for each in node.all("cac:TaxScheme"))


def _named(reader: Reader) -> Claim:
    condition, args = CONDITIONS[reader.take()], ""
    if reader.tokens and reader.tokens[0] not in JOINTS:
        args = " ".join(reader.literals())
    return lambda node, tree: condition(node, tree, args)


KINDS: Final[dict[str, Callable[[Reader], Claim]]] = {
    "each": _each,
    "filled": _filled,
    "norm": _single(words),
    "raw": _single(lambda text: text),
    "upper": _single(str.upper),
    "code": _single(lambda text: words(text).upper()),
    "text": _text,
    "count": _count,
    "length": _measure(len),
    "places": _measure(lambda text: len(text.partition(".")[2])),
    "number": _number,
    "decimal": _decimal,
    "castable": _castable(is_decimal),
    "date": _castable(is_date),
    "time": _castable(is_time),
    "same": _same,
    "alike": _alike,
    "equals": _equals,
    "inside": _inside,
    "document": _document,
    "named": _called,
    "taxed": _taxed,
    "strictly": _strictly,
    "is": _named,
}
