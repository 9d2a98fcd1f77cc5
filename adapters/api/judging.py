"""What a translated invoice is worth in the target syntax: its schema and the rules of EN 16931."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Final

from adapters import registry
from adapters.api.documents import official, read
from adapters.api.translation import Rendering
from adapters.engine.reading import Trace
from schemas.document import Document
from schemas.finding import Finding, Flag
from schemas.loss import LossClass
from schemas.rules.invoice import official as packs
from schemas.rules.invoice.editions import edition
from schemas.rules.invoice.editions import packs as known
from schemas.rules.invoice.pack import pack
from schemas.text import Text
from schemas.xml import Element

_DIFFER: Final = Text(
    " In its own syntax the invoice keeps this rule, and nothing that it speaks of was lost: the"
    " official rules of the two syntaxes differ.",
    "在源语法中该发票符合此规则,且相关内容未丢失:两种语法的官方规则存在差异。",
)
"""Known of BR-53 and BR-E-01: CII refuses what UBL lets pass."""


def judge(document: Document, rendering: Rendering, target: str) -> list[Finding]:
    """Return the fatal findings of a translated invoice by its schema and EN 16931.

    One of a rule that the source keeps, about terms of which none was lost, is a warning: there
    the artefacts differ, and not the invoice. Formats without official rules have none.
    """
    fmt = registry.get(target)
    if not fmt.official or document.format == target:
        return []
    found = official(read(rendering.data, target), fmt.official)[1]
    fatal = [each for each in found if each.flag is Flag.FATAL]
    return list(_weighed(fatal, document, rendering)) if fatal else []


def _weighed(fatal: list[Finding], document: Document, rendering: Rendering) -> Iterator[Finding]:
    kept = _kept(document) if any(each.ruleset in known() for each in fatal) else frozenset()
    lost = {
        entry.term.rpartition("/")[2].partition("[")[0].partition("@")[0]
        for entry in rendering.report.entries
        if entry.cls in (LossClass.DROPPED, LossClass.LOSSY)
    }
    for each in fatal:
        if each.rule in kept and each.term not in lost:
            message = Text(each.message.en + _DIFFER.en, each.message.zh + _DIFFER.zh)
            yield replace(each, flag=Flag.WARNING, message=message)
        else:
            yield each


def _kept(document: Document) -> frozenset[str]:
    """Return the rules that the source of a document keeps, of the packs of its own format."""
    trace = document.trace
    if not isinstance(trace, Trace) or not isinstance(trace.root, Element):
        return frozenset()
    ids = [edition(each) for each in registry.get(trace.format).official]
    ids = [each for each in ids if each in known()]
    broken = {each.rule for each in packs.official(trace.root, ids)}
    rules = {assertion.rule for each in ids for assertion in pack(each).rules}
    return frozenset() if "engine" in broken else frozenset(rules - broken)
