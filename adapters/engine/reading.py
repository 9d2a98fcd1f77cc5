"""What one walk over a document gives: terms, findings and trace."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final, NamedTuple

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
    return one if _RANK[one] >= _RANK[other] else other


class LeafTrace(NamedTuple):
    """One leaf of the source: where, what, and the term (or `attrs` of terms) it became."""

    path: str
    value: str
    term: str
    cls: LossClass
    reason: str
    attrs: tuple[tuple[str, str], ...] = ()


class PendingAttr(NamedTuple):
    """A leaf that is an attribute of terms, to be attached when the walk is over."""

    term: str
    attr: str
    found: Converted
    source: str
    path: str
    line: int


@dataclass(slots=True)
class Trace:
    """How to get from a document back to its source.

    `root` is the parsed source (XML element or JSON value), `leaves` account for every leaf,
    `read` remembers the canonical values as read, by path.
    """

    format: str
    root: object
    leaves: list[LeafTrace]
    bare: bool = False


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
    leaves: list[LeafTrace] = field(default_factory=list)
    pending: list[PendingAttr] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)
    bare: bool = False

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

    def finding(  # noqa: PLR0913 - a finding has as many parts, all by name
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
            self._attach(pending)
        hook = self.format.after_read
        if hook is not None:
            hook(self)
        trace = Trace(self.format.id, self.root, self.leaves, self.bare)
        document = Document(
            self.format.id, self.edition, self.format.family, self.terms, trace=trace
        )
        return Reading(document, self.findings, self.format.id, self.edition, len(self.leaves))

    def _attach(self, pending: PendingAttr) -> None:
        """Set an attribute on its term; without the term it stays as a term of its own."""
        name, attr, found, source, path, line = pending
        term = self.by_id.get(name)
        if term is None:
            self.add_read(f"{name}@{attr}", found, source, path, line)
            return
        if term.attrs is NO_ATTRS:
            term.attrs = {}
        attrs: dict[str, str] = term.attrs  # type: ignore[assignment] # ours, made above
        if found.cls is not LossClass.EXT:
            attrs[attr] = found.value
        if found.value != source or found.cls is LossClass.EXT:
            attrs["source_" + attr] = source
        if found.factor != 1:
            term.value = scaled(term.value, found)
            term.cls = worse(term.cls, LossClass.CONVERT)
        if found.cls is not LossClass.EXACT:
            term.cls = worse(term.cls, found.cls)
            term.reason = term.reason or found.reason

    def add_read(self, term_id: str, found: Converted, source: str, path: str, line: int) -> None:
        """Add a term read from a leaf."""
        term = Term(term_id, found.value, NO_ATTRS, path, line, source, found.cls, found.reason)
        self.terms.append(term)
        self.by_id.setdefault(term_id, term)


def scaled(value: str, found: Converted) -> str:
    """Return the quantity in the converted unit, with the source's decimals kept."""
    from decimal import Decimal, InvalidOperation

    try:
        return str(Decimal(value) * found.factor)
    except InvalidOperation:
        return value
