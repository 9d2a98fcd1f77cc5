"""What one walk over a document gives: terms, findings and trace."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Final

from adapters.engine.format import Format
from adapters.engine.messages import HINTS, MESSAGES, STRUCTURAL
from schemas.codes import Converted
from schemas.document import NO_ATTRS, Document, Term
from schemas.finding import Finding, Flag
from schemas.loss import LossClass

_RANK: Final[dict[LossClass, int]] = {
    LossClass.EXACT: 0,
    LossClass.CONVERT: 1,
    LossClass.DERIVE: 2,
    LossClass.LOSSY: 3,
    LossClass.DROPPED: 4,
    LossClass.EXT: 5,
}


def worse(one: LossClass, other: LossClass) -> LossClass:
    """Return the class that says more about what happened to a value."""
    if one is other or other is LossClass.EXACT:
        return one
    if one is LossClass.EXACT:
        return other
    return one if _RANK[one] >= _RANK[other] else other


@dataclass(slots=True)
class AttrLeaf:
    """A leaf of the source that became an attribute of `term` (and of `others`).

    `on` is the term itself once it is known.
    """

    path: str
    line: int
    source: str
    found: Converted
    term: str
    attr: str
    attrs: Mapping[str, str]
    others: tuple[tuple[str, str], ...] = ()
    scale: bool = False
    on: Term | None = None

    def give(self, term: Term) -> None:
        """Set the attribute on a term."""
        found = self.found
        self.on = self.on or term
        term.attrs = {**term.attrs, **self.attrs} if term.attrs else self.attrs
        if self.scale:
            term.value = scaled(term.value, found)
            term.cls = worse(term.cls, LossClass.CONVERT)
        if found.cls is not LossClass.EXACT and found.cls is not LossClass.CONVERT:
            term.cls = worse(term.cls, found.cls)
            term.reason = term.reason or found.reason


@dataclass(slots=True)
class Trace:
    """How to get from a document back to its source.

    `root` is the parsed source (XML element or JSON value); `leaves` account for every leaf of
    it, each by the term it became or as an attribute of one. `file` is the file that the source
    stood in, where that is of another kind.
    """

    format: str
    root: object
    leaves: list[Term | AttrLeaf]
    file: bytes = b""


@dataclass(frozen=True, slots=True)
class Reading:
    """A document as read: its terms, what the walk found, and how many leaves the source has."""

    document: Document
    findings: list[Finding]
    format: str
    edition: str
    leaves: int


@dataclass(slots=True)
class Draft:
    """A reading in the making; the hook `after_read` of a format completes it."""

    format: Format
    root: object
    edition: str
    terms: list[Term] = field(default_factory=list)
    by_id: dict[str, Term] = field(default_factory=dict)
    file: bytes = b""
    leaves: list[Term | AttrLeaf] = field(default_factory=list)
    pending: list[AttrLeaf] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    def term(self, term_id: str) -> Term | None:
        """Return the term with this id (every index written), or None."""
        return self.by_id.get(term_id)

    def value(self, term_id: str, default: str = "") -> str:
        """Return the value of the term with this id, or `default`."""
        term = self.by_id.get(term_id)
        return default if term is None else term.value

    def add(
        self,
        term_id: str,
        value: str,
        *,
        attrs: Mapping[str, str] = NO_ATTRS,
        source: Term | None = None,
        cls: LossClass = LossClass.DERIVE,
        reason: str = "",
    ) -> Term:
        """Add a derived term; `source` is the term whose place in the document it inherits."""
        path, line, verbatim = (source.path, source.line, source.source) if source else ("", 0, "")
        term = Term(term_id, value, attrs, path, line, verbatim, cls, reason)
        self.terms.append(term)
        self.by_id.setdefault(term_id, term)
        return term

    def rename(self, term: Term, term_id: str) -> None:
        """Give a term that was read another id."""
        if self.by_id.get(term.id) is term:
            del self.by_id[term.id]
        term.id = term_id
        self.by_id.setdefault(term_id, term)

    def finding(
        self,
        kind: str,
        path: str,
        *,
        line: int = 0,
        term: str = "",
        found: str = "",
        expected: str = "",
        flag: Flag = Flag.FATAL,
    ) -> None:
        """Report a structural finding; `kind` is a key of `messages.MESSAGES`."""
        details = {"path": path, "found": found, "expected": expected}
        self.findings.append(
            Finding(
                rule="structure" if kind in STRUCTURAL else kind,
                ruleset=self.format.ruleset,
                flag=flag,
                path=path,
                line=line,
                term=term,
                found=found,
                expected=expected,
                message=MESSAGES[kind].format(**details),
                hint=HINTS[kind].format(**details),
            )
        )

    def done(self) -> Reading:
        """Attach the pending attributes, run the format's hook, and return the reading."""
        for pending in self.pending:
            self.attach(pending)
        hook = self.format.after_read
        if hook is not None:
            hook(self)
        trace = Trace(self.format.id, self.root, self.leaves, self.file)
        document = Document(
            self.format.id, self.edition, self.format.family, self.terms, trace=trace
        )
        return Reading(document, self.findings, self.format.id, self.edition, len(self.leaves))

    def attach(self, leaf: AttrLeaf) -> None:
        """Set an attribute on its terms; without the term it stays as a term of its own."""
        term = self.by_id.get(leaf.term)
        if term is None:
            own = f"{leaf.term}@{leaf.attr}"
            self.add_read(own, leaf.found, leaf.source, leaf.path, leaf.line)
        else:
            leaf.give(term)
        for term_id, _ in leaf.others:
            other = self.by_id.get(term_id)
            if other is not None:
                leaf.give(other)

    def add_read(self, term_id: str, found: Converted, source: str, path: str, line: int) -> Term:
        """Add a term read from a leaf."""
        term = Term(term_id, found.value, NO_ATTRS, path, line, source, found.cls, found.reason)
        self.terms.append(term)
        self.by_id.setdefault(term_id, term)
        return term


def scaled(value: str, found: Converted) -> str:
    """Return the quantity in the converted unit, with the source's decimals kept."""
    try:
        return str(Decimal(value) * found.factor)
    except InvalidOperation:
        return value
