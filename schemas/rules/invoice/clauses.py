"""The clauses of rule packs: small claims about a node, joined by `and`, `or`, `not`, brackets.

    PATH                         something stands there
    PATH = A,B   PATH != A       some text there is (is not) one of the words
    each PATH = A,B              the same, with white space normalised
    filled PATH                  the one text there is not blank
    norm PATH = A,B              the one text, normalised ("" if there is none); also: raw,
                                 upper, code (normalised and in capitals)
    text PATH = A                the same of its text nodes (a comment cuts a text in two)
    raw PATH like 'REGEX'        it matches; also: starts WORD, has WORD, among WORD,WORD
    count PATH <= 1              so many elements; also: length, places (characters after the point)
    number PATH >= 0             some number there; also: decimal (exactly one, no exponent)
    castable PATH                one decimal stands there; also: date, time
    same PATH PATH               some text of one is also in the other
    alike PATH PATH              the one text node of each is the same, normalised
    equals PATH PATH             some text of one is the one text of the other, normalised
    inside NAME, document NAME   an element above, the root element, has the name; named NAME: it
    taxed VAT                    a tax scheme below is the one named, in any case
    strictly VAT                 the same, of the one tax scheme there may be
    is NAME ARGS                 a condition of `checks.CONDITIONS`

A word with blanks, brackets or commas stands in single quotes, alone.
"""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Sequence
from decimal import Decimal
from functools import cache
from typing import Any, Final

from schemas.rules.invoice import paths
from schemas.rules.invoice.checks import CONDITIONS, Verdict, check
from schemas.rules.invoice.lexical import is_date, is_decimal, is_time
from schemas.rules.invoice.paths import Claim, Union
from schemas.rules.invoice.tree import Node, Tree, Undecidable, walk_up, words
from schemas.rules.invoice.values import decimal, number

_TOKEN: Final = re.compile(r"'[^']*'|[()]|(?:[^\s(){}]|\{(?:[^{}]|\{[^{}]*\})*\})+")
_JOINTS: Final = ("and", "or", ")")
_COMPARE: Final[dict[str, Callable[[Any, Any], bool]]] = {
    "=": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}


@cache
def clause(text: str) -> Claim:
    """Return a clause, ready to use. Raises ValueError for what is none."""
    reader = _Reader(_TOKEN.findall(text))
    found = reader.either()
    if reader.tokens:
        raise ValueError(text)
    return found


def path(text: str) -> Union:
    """Return a path, ready to use."""
    return paths.path(text, clause)


@check("holds")
def holds(node: Node, tree: Tree, args: str) -> Verdict:
    """The clause holds."""
    return clause(args)(node, tree)


@check("one-of")
def one_of(node: Node, tree: Tree, args: str) -> Verdict:
    """The node's text, normalised, is one of the codes; `@name` first: the attribute."""
    del tree
    found, allowed = node.text, args.split()
    if allowed[0].startswith("@"):
        found = node.attrs.get(allowed.pop(0)[1:], "")
    return words(found) in allowed or (found, ", ".join(allowed))


def _when(node: Node, tree: Tree, args: str) -> bool:
    """Tell whether a clause holds."""
    return clause(args)(node, tree)


CONDITIONS["when"] = _when


class _Reader:
    """Reads a clause from its words, the first first."""

    def __init__(self, tokens: list[str]) -> None:
        self.tokens = tokens

    def take(self) -> str:
        if not self.tokens:
            raise ValueError("a clause breaks off")
        return self.tokens.pop(0)

    def took(self, word: str) -> bool:
        if self.tokens[:1] == [word]:
            self.tokens.pop(0)
            return True
        return False

    def either(self) -> Claim:
        claims = [self.all()]
        while self.took("or"):
            claims.append(self.all())
        return claims[0] if len(claims) == 1 else _any(claims)

    def all(self) -> Claim:
        claims = [self.one()]
        while self.took("and"):
            claims.append(self.one())
        return claims[0] if len(claims) == 1 else _all(claims)

    def one(self) -> Claim:
        if self.took("not"):
            return _not(self.one())
        if self.took("("):
            found = self.either()
            if not self.took(")"):
                raise ValueError(self.tokens)
            return found
        kind = self.tokens[0] if self.tokens else ""
        if kind in _KINDS:
            self.take()
            return _KINDS[kind](self)
        return self.existential(path(self.take()), lambda text: text)

    def existential(self, where: Union, shape: Callable[[str], str]) -> Claim:
        if not self.tokens or self.tokens[0] not in _COMPARE:
            return lambda node, tree: bool(where.nodes(node, tree))
        sign, wanted = self.take(), self.literals()
        if sign in ("=", "!="):
            positive = sign == "="
            return lambda node, tree: any(
                (shape(text) in wanted) is positive for text in where.texts(node, tree)
            )
        compare, limit = _COMPARE[sign], wanted[0]
        return lambda node, tree: any(
            compare(shape(text), limit) for text in where.texts(node, tree)
        )

    def literals(self) -> tuple[str, ...]:
        text = self.take()
        return (text[1:-1],) if text.startswith("'") else tuple(text.split(","))


def _each(reader: _Reader) -> Claim:
    return reader.existential(path(reader.take()), words)


def _filled(reader: _Reader) -> Claim:
    where = path(reader.take())
    return lambda node, tree: bool(words(where.text(node, tree)))


def _single(shape: Callable[[str], str]) -> Callable[[_Reader], Claim]:
    def read(reader: _Reader) -> Claim:
        where, sign, wanted = path(reader.take()), reader.take(), reader.literals()
        tells = _TELLS[sign](wanted)
        return lambda node, tree: tells(shape(where.text(node, tree)))

    return read


def _text(reader: _Reader) -> Claim:
    where, sign, wanted = path(reader.take()), reader.take(), reader.literals()
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


def _count(reader: _Reader) -> Claim:
    where, sign, limit = path(reader.take()), _COMPARE[reader.take()], int(reader.take())
    return lambda node, tree: sign(len(where.nodes(node, tree)), limit)


def _measure(size: Callable[[str], int]) -> Callable[[_Reader], Claim]:
    def read(reader: _Reader) -> Claim:
        where, sign, limit = path(reader.take()), _COMPARE[reader.take()], int(reader.take())
        return lambda node, tree: sign(size(where.text(node, tree)), limit)

    return read


def _number(reader: _Reader) -> Claim:
    where, sign, limit = path(reader.take()), _COMPARE[reader.take()], Decimal(reader.take())
    return lambda node, tree: any(sign(number(t), limit) for t in where.texts(node, tree))


def _decimal(reader: _Reader) -> Claim:
    where, sign, limit = path(reader.take()), _COMPARE[reader.take()], Decimal(reader.take())

    def claim(node: Node, tree: Tree) -> bool:
        found = where.texts(node, tree)
        if len(found) > 1:
            raise Undecidable(found[0])
        return bool(found) and sign(decimal(found[0]), limit)

    return claim


def _castable(fits: Callable[[str], bool]) -> Callable[[_Reader], Claim]:
    def read(reader: _Reader) -> Claim:
        where = path(reader.take())

        def claim(node: Node, tree: Tree) -> bool:
            found = where.texts(node, tree)
            return len(found) == 1 and fits(found[0])

        return claim

    return read


def _same(reader: _Reader) -> Claim:
    one, other = path(reader.take()), path(reader.take())
    return lambda node, tree: not set(one.texts(node, tree)).isdisjoint(other.texts(node, tree))


def _alike(reader: _Reader) -> Claim:
    one, other = path(reader.take()), path(reader.take())

    def claim(node: Node, tree: Tree) -> bool:
        return tree.text(one.nodes(node, tree)) == tree.text(other.nodes(node, tree))

    return claim


def _equals(reader: _Reader) -> Claim:
    some, other = path(reader.take()), path(reader.take())
    return lambda node, tree: words(other.text(node, tree)) in some.texts(node, tree)


def _inside(reader: _Reader) -> Claim:
    names = reader.literals()
    return lambda node, _: any(above.name in names for above in walk_up(node))


def _document(reader: _Reader) -> Claim:
    name = reader.take()
    return lambda _, tree: tree.root.name == name


def _called(reader: _Reader) -> Claim:
    name = reader.take()
    return lambda node, _: node.name == name


def _taxed(reader: _Reader) -> Claim:
    scheme = reader.take()
    return lambda node, _: is_taxed(node, scheme)


def _strictly(reader: _Reader) -> Claim:
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


def _named(reader: _Reader) -> Claim:
    condition, args = CONDITIONS[reader.take()], ""
    if reader.tokens and reader.tokens[0] not in _JOINTS:
        args = " ".join(reader.literals())
    return lambda node, tree: condition(node, tree, args)


_KINDS: Final[dict[str, Callable[[_Reader], Claim]]] = {
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


def _any(claims: Sequence[Claim]) -> Claim:
    return lambda node, tree: any(claim(node, tree) for claim in claims)


def _all(claims: Sequence[Claim]) -> Claim:
    return lambda node, tree: all(claim(node, tree) for claim in claims)


def _not(claim: Claim) -> Claim:
    return lambda node, tree: not claim(node, tree)
