"""Fields of the canonical models, each naming its business term.

The model file is the dictionary: `name: str = term("BT-27")`.
"""

from __future__ import annotations

from dataclasses import MISSING, Field, field, fields
from typing import Any, Final

_TERM: Final = "silkgate.term"
_GROUP: Final = "silkgate.group"


def term(term_id: str, *, default: Any = None) -> Any:  # noqa: ANN401 - a dataclass field is Any
    """Declare a leaf of a model under its business term id."""
    return field(default=default, metadata={_TERM: term_id})


def terms(term_id: str) -> Any:  # noqa: ANN401 - a dataclass field is Any
    """Declare a leaf that may repeat; the field is a tuple."""
    return field(default=(), metadata={_TERM: term_id})


def group(group_id: str) -> Any:  # noqa: ANN401 - a dataclass field is Any
    """Declare a group (another model), absent by default."""
    return field(default=None, metadata={_GROUP: group_id})


def groups(group_id: str) -> Any:  # noqa: ANN401 - a dataclass field is Any
    """Declare a group that may repeat; the field is a tuple of models."""
    return field(default=(), metadata={_GROUP: group_id})


def term_id(model_field: Field[Any]) -> str | None:
    """Return the term id of a leaf field, or None for a group or foreign field."""
    found: str | None = model_field.metadata.get(_TERM)
    return found


def group_id(model_field: Field[Any]) -> str | None:
    """Return the group id of a group field, or None for a leaf or foreign field."""
    found: str | None = model_field.metadata.get(_GROUP)
    return found


def is_repeated(model_field: Field[Any]) -> bool:
    """Tell whether the field holds a tuple of values."""
    return model_field.default is not MISSING and model_field.default == ()


def dictionary(model: type, prefix: str = "") -> dict[str, str]:
    """Return the leaf term ids of a model mapped to the names of their fields (one level)."""
    found: dict[str, str] = {}
    for model_field in fields(model):
        leaf = term_id(model_field)
        if leaf is not None:
            found[prefix + leaf] = model_field.name
    return found
