"""Typed models from the term list, generically from what their fields declare."""

from __future__ import annotations

import re
from base64 import b64decode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cache
from types import MappingProxyType, UnionType
from typing import Any, Final, Union, get_args, get_origin, get_type_hints

from schemas.document import Document, Family, Term
from schemas.errors import TranslationError
from schemas.model.declaration import Declaration
from schemas.model.invoice import Invoice
from schemas.model.lading import Lading
from schemas.model.values import Amount, Attachment, Identifier, Quantity
from schemas.term import group_id, is_repeated, term_id
from schemas.text import Text

MODELS: Final[Mapping[Family, type]] = {
    Family.DECLARATION: Declaration,
    Family.INVOICE: Invoice,
    Family.LADING: Lading,
}
_STEP: Final = re.compile(r"([^\[\]]+)(?:\[(\d+)\])?")


class NoModel(TranslationError):
    """A document's family has no typed model, or a value does not fit the model."""

    code = "SG-2120"
    title = Text("{value} does not fit the model at {where}.", "{value} 与 {where} 处的模型不符。")
    hint = Text("Validate the document first.", "请先校验该文件。")


@dataclass(slots=True)
class _Node:
    term: Term | None = None
    below: dict[str, dict[int, _Node]] = field(default_factory=dict)

    def at(self, path: tuple[str, ...]) -> Iterator[_Node]:
        """Yield the nodes at a relative path, all occurrences in order."""
        nodes = [self]
        for step in path:
            nodes = [
                child for node in nodes for _, child in sorted(node.below.get(step, {}).items())
            ]
        yield from nodes


def from_document(document: Document) -> Any:  # noqa: ANN401 - the model depends on the family
    """Return the typed model of a document: Declaration, Invoice or Lading.

    Raises NoModel (SG-2120) for another family and for a value that is not of its type.
    """
    model = MODELS.get(document.family)
    if model is None:
        raise NoModel(value=document.family.value, where=document.format)
    return _build(model, _tree(document, model.separator), model.separator)  # type: ignore[attr-defined]


def _tree(document: Document, separator: str) -> _Node:
    root = _Node()
    for term in document.terms:
        if "@" in term.id:
            continue
        node = root
        for step in term.id.split(separator):
            match = _STEP.fullmatch(step)
            name, index = (match[1], int(match[2] or 1)) if match else (step, 1)
            node = node.below.setdefault(name, {}).setdefault(index, _Node())
        if node.term is None:
            node.term = term
    return root


def _build(model: type, node: _Node, separator: str) -> Any:  # noqa: ANN401 - any model
    values: dict[str, Any] = {}
    for plan in _plans(model, separator):
        found = [value for child in node.at(plan.path) if (value := plan.make(child)) is not None]
        if plan.repeated:
            values[plan.name] = tuple(found)
        elif found:
            values[plan.name] = found[0]
    if "ext" in model.__dataclass_fields__:  # type: ignore[attr-defined]
        values["ext"] = MappingProxyType(dict(_extensions(node, separator)))
    return model(**values)


@dataclass(frozen=True, slots=True)
class _Plan:
    name: str
    path: tuple[str, ...]
    repeated: bool
    make: Callable[[_Node], Any]


@cache
def _plans(model: type, separator: str) -> tuple[_Plan, ...]:
    hints = get_type_hints(model)
    plans: list[_Plan] = []
    for each in fields(model):
        wanted = _inner(hints[each.name])
        leaf, group = term_id(each), group_id(each)
        if group is not None and is_dataclass(wanted):
            plans.append(
                _Plan(
                    each.name,
                    tuple(group.split(separator)),
                    is_repeated(each),
                    _grouped(wanted, separator),
                )
            )
        elif leaf is not None:
            plans.append(
                _Plan(each.name, tuple(leaf.split(separator)), is_repeated(each), _leaf(wanted))
            )
    return tuple(plans)


def _inner(hint: Any) -> Any:  # noqa: ANN401 - type hints have no common type
    """Return T of `T | None` and of `tuple[T, ...]`."""
    if get_origin(hint) in (Union, UnionType):
        return next(part for part in get_args(hint) if part is not type(None))
    return get_args(hint)[0] if get_origin(hint) is tuple else hint


def _grouped(model: Any, separator: str) -> Callable[[_Node], Any]:  # noqa: ANN401 - any model
    return lambda node: _build(model, node, separator) if node.below else None


def _leaf(wanted: Any) -> Callable[[_Node], Any]:  # noqa: ANN401 - any value type
    read: Callable[[Term], Any] = _READERS.get(wanted, _text)

    def make(node: _Node) -> Any:  # noqa: ANN401 - any value type
        if node.term is None:
            return None
        try:
            return read(node.term)
        except (InvalidOperation, ValueError) as error:
            raise NoModel(value=node.term.value, where=node.term.path or node.term.id) from error

    return make


def _text(term: Term) -> str:
    return term.value


_READERS: Final[Mapping[Any, Callable[[Term], Any]]] = {
    Decimal: lambda term: Decimal(term.value),
    date: lambda term: date.fromisoformat(term.value[:10]),
    Amount: lambda term: Amount(Decimal(term.value), term.attrs.get("currency", "")),
    Quantity: lambda term: Quantity(Decimal(term.value), term.attrs.get("unit", "")),
    Identifier: lambda term: Identifier(
        term.value, term.attrs.get("scheme", ""), term.attrs.get("version", "")
    ),
    Attachment: lambda term: Attachment(
        b64decode("".join(term.value.split()), validate=True),
        term.attrs.get("mime_code", ""),
        term.attrs.get("filename", ""),
    ),
}


def _extensions(node: _Node, separator: str) -> Iterator[tuple[str, str]]:
    """Yield the extension terms below a group by their id below `ext`."""
    for step, children in node.below.items():
        if step == "ext" or step.startswith("ext."):
            for child in children.values():
                head = "" if step == "ext" else step.removeprefix("ext.")
                yield from _flat(child, head, separator)


def _flat(node: _Node, prefix: str, separator: str) -> Iterator[tuple[str, str]]:
    if node.term is not None:
        yield prefix, node.term.value
    for name, children in node.below.items():
        for index, child in children.items():
            step = name if index == 1 else f"{name}[{index}]"
            yield from _flat(child, f"{prefix}{separator}{step}" if prefix else step, separator)
