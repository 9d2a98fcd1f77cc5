"""Form fields of two revisions compared (ISO 32000-2, 12.7), as pyHanko's rules want them.

pyHanko copies every field of every revision. Here the fields are read where they stand, once for
all revisions in which they stay the same, and its rules see those alone that were written since.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final

from pyhanko.pdf_utils.generic import (
    ArrayObject,
    DictionaryObject,
    IndirectObject,
    Reference,
    TextStringObject,
)
from pyhanko.pdf_utils.misc import PdfReadError
from pyhanko.pdf_utils.reader import HistoricalResolver, RawPdfPath
from pyhanko.sign.diff_analysis import FormUpdatingRule, ModificationLevel, SuspiciousModification
from pyhanko.sign.diff_analysis.commons import compare_dicts, compare_key_refs, qualify_transforming
from pyhanko.sign.diff_analysis.form_rules_api import (
    FieldComparisonContext,
    FieldComparisonSpec,
    FieldMDPRule,
    FormUpdate,
)
from pyhanko.sign.diff_analysis.rules_api import Context

from certs.pades.objects import Path
from certs.pades.usages import Revision

if TYPE_CHECKING:
    from collections.abc import Generator
Update = tuple[ModificationLevel, FormUpdate]
_FORM: Final = ("/Root", "/AcroForm")
_APPEARANCES: Final = ("/N", "/R", "/D")


class FormRule(FormUpdatingRule):
    """What may change in a form: the form, its list of fields and resources, and fields."""

    def apply(self, old: HistoricalResolver, new: HistoricalResolver) -> Iterator[Update]:
        """Yield the updates that are in order; raises SuspiciousModification for others."""
        before, now = yield from _entry(old, old.root, new.root, _FORM)
        compare_dicts(before, now, self.ignored_acroform_keys)
        listed, listed_now = yield from _entry(old, before, now, (*_FORM, "/Fields"))
        level = ModificationLevel.FORM_FILLING
        _, resources = yield from _entry(old, before, now, (*_FORM, "/DR"), level)
        if resources is not None:
            added = new.collect_dependencies(resources, since_revision=old.revision + 1)
            yield from ((level, FormUpdate(each)) for each in added)
        context = FieldComparisonContext(_compared(old, listed, new, listed_now), old, new)
        for rule in self.field_rules:
            yield from rule.apply(context)


def _entry(
    old: HistoricalResolver,
    before: Any,  # noqa: ANN401 - a dictionary of pyHanko
    now: Any,  # noqa: ANN401
    path: Path,
    level: ModificationLevel = ModificationLevel.LTA_UPDATES,
) -> Generator[Update, None, tuple[Any, Any]]:
    """Return the old and the new value of an entry; its reference may be another."""
    context = Context.from_absolute(old, RawPdfPath(*path))
    found: tuple[Any, Any] = yield from qualify_transforming(
        level,
        compare_key_refs(path[-1], old, before, now),
        transform=FormUpdate.curry_ref(field_name=None, context_checked=context),
    )
    return found


@dataclass(frozen=True, slots=True)
class _Field:
    """A field of one revision: its type, and where it stands."""

    kind: Any
    ref: Reference
    path: Path


@dataclass(frozen=True, slots=True)
class _Side:
    """A revision, and the error that its form is wrong with."""

    view: Any
    wrong: type[Exception]


@dataclass(frozen=True, slots=True)
class _Above:
    """What a list of fields hangs on: its place, and the full name and type of the field."""

    path: Path
    name: str = ""
    kind: Any = None


def _compared(
    old: HistoricalResolver,
    before: Any,  # noqa: ANN401
    new: HistoricalResolver,
    now: Any,  # noqa: ANN401
) -> dict[str, FieldComparisonSpec]:
    """Return the fields of both revisions by their full names; raises when a type was changed."""
    top = _Above((*_FORM, "/Fields"))
    olds = dict(_listed(_Side(old, PdfReadError), before, top))
    news = dict(_listed(_Side(new, SuspiciousModification), now, top))
    return {name: _pair(name, olds.get(name), news.get(name)) for name in olds | news}


def _pair(name: str, before: _Field | None, now: _Field | None) -> FieldComparisonSpec:
    if before and now and before.kind != now.kind:
        raise SuspiciousModification(f"Update changed field type of {name}")
    kind: Any = (before and before.kind) or (now and now.kind)
    return FieldComparisonSpec(
        field_type=kind,
        old_field_ref=before.ref if before else None,
        new_field_ref=now.ref if now else None,
        old_canonical_path=RawPdfPath(*before.path) if before else None,
    )


def _listed(side: _Side, fields: Any, above: _Above) -> Iterator[tuple[str, _Field]]:  # noqa: ANN401
    """Yield the fields in a list and below; raises for what is no list of fields."""
    if not isinstance(fields, ArrayObject):
        raise side.wrong("Field list is not an array.")
    seen: set[str] = set()
    for at, each in enumerate(fields):
        field = _read(side, each)
        if "/T" not in field:
            continue
        name = field.raw_get("/T")
        if not isinstance(name, TextStringObject) or "." in name or name in seen:
            raise side.wrong(f"{name!r} is no name for a field, or a second field has it")
        seen.add(name)
        full = f"{above.name}.{name}" if above.name else str(name)
        kind = field.raw_get("/FT") if "/FT" in field else above.kind
        kids, path = _value(side.view, field, "/Kids"), (*above.path, at)
        if not kids and kind is None:
            raise side.wrong(f"Field type of terminal field {full!r} could not be determined")
        yield full, _Field(kind, Reference(each.idnum, each.generation, side.view), path)
        if kids:
            yield from _listed(side, kids, _Above((*path, "/Kids"), full, kind))


def _read(side: _Side, listed: object) -> DictionaryObject:
    if not isinstance(listed, IndirectObject):
        raise side.wrong("Fields must be indirect objects")
    field = side.view.reader.as_of(listed.reference, side.view.revision)
    if not isinstance(field, DictionaryObject):
        raise side.wrong("Fields must be dictionary objects")
    return field


def _value(view: Revision, held: DictionaryObject, key: str) -> object:
    """Return an entry of an object as it stands in the file, None where there is none."""
    value = held.raw_get(key) if key in held else None
    if isinstance(value, IndirectObject):
        return view.reader.as_of(value.reference, view.revision)
    return value


class Written(FieldMDPRule):
    """Asks rules about the fields that were written since the old revision, and no others."""

    def __init__(self, *rules: FieldMDPRule) -> None:
        """Ask `rules`."""
        self._rules = rules

    def apply(self, context: FieldComparisonContext) -> Iterator[Update]:
        """Yield what the rules say; of other fields they would say that they are as ever."""
        fields = {
            name: spec
            for name, spec in context.field_specs.items()
            if _is_written(spec, context.old.revision, context.new)
        }
        for rule in self._rules:
            yield from rule.apply(replace(context, field_specs=fields))


def _is_written(spec: FieldComparisonSpec, since: int, view: Any) -> bool:  # noqa: ANN401
    ref = spec.new_field_ref
    if ref is None or ref != spec.old_field_ref:
        return True
    return any(view.reader.written(each, view.revision) > since for each in _parts(ref, view))


def _parts(ref: Reference, view: Revision) -> Iterator[Reference]:
    """Yield a field and what it is drawn with (ISO 32000-2, 12.5.5)."""
    yield ref
    field = view.reader.as_of(ref, view.revision)
    if not isinstance(field, DictionaryObject) or "/AP" not in field:
        return
    appearance = field.raw_get("/AP")
    if isinstance(appearance, IndirectObject):
        yield appearance.reference
    drawn = _value(view, field, "/AP")
    if isinstance(drawn, DictionaryObject):
        found = (drawn.raw_get(name) for name in _APPEARANCES if name in drawn)
        yield from (each.reference for each in found if isinstance(each, IndirectObject))
