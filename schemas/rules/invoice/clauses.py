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
    is NAME ARGS                 a condition of `registry.CONDITIONS`

A word with blanks, brackets or commas stands in single quotes, alone.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import Final

from schemas.rules.invoice import paths
from schemas.rules.invoice.clause_kinds import COMPARE, KINDS
from schemas.rules.invoice.paths import Claim, Union
from schemas.rules.invoice.registry import CONDITIONS, Verdict, check
from schemas.rules.invoice.tree import Node, Tree, words

_TOKEN: Final = re.compile(r"'[^']*'|[()]|(?:[^\s(){}]|\{(?:[^{}]|\{[^{}]*\})*\})+")


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
        if kind in KINDS:
            self.take()
            return KINDS[kind](self)
        return self.existential(self.path(), lambda text: text)

    def existential(self, where: Union, shape: Callable[[str], str]) -> Claim:
        if not self.tokens or self.tokens[0] not in COMPARE:
            return lambda node, tree: bool(where.nodes(node, tree))
        sign, wanted = self.take(), self.literals()
        if sign in ("=", "!="):
            positive = sign == "="
            return lambda node, tree: any(
                (shape(text) in wanted) is positive for text in where.texts(node, tree)
            )
        compare, limit = COMPARE[sign], wanted[0]
        return lambda node, tree: any(
            compare(shape(text), limit) for text in where.texts(node, tree)
        )

    def path(self) -> Union:
        return path(self.take())

    def literals(self) -> tuple[str, ...]:
        text = self.take()
        return (text[1:-1],) if text.startswith("'") else tuple(text.split(","))


def _any(claims: Sequence[Claim]) -> Claim:
    return lambda node, tree: any(claim(node, tree) for claim in claims)


def _all(claims: Sequence[Claim]) -> Claim:
    return lambda node, tree: all(claim(node, tree) for claim in claims)


def _not(claim: Claim) -> Claim:
    return lambda node, tree: not claim(node, tree)
