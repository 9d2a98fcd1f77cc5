"""What lxml says of a schema violation, in words for people, in English and Chinese."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Final, NamedTuple

from schemas import terms
from schemas.text import Text
from schemas.xsd import Violation

_LONGEST: Final = 120
_EXPECTED_SHOWN: Final = 8

_NAME: Final = re.compile(r"\{[^}]*\}")
_LIST: Final = re.compile(r"Expected is(?: one of)? \( (.*?) \)\.", re.DOTALL)
_ATTRIBUTE: Final = re.compile(r"[Tt]he attribute '([^']*)'")
_SET: Final = re.compile(r"set \{(.*)\}", re.DOTALL)
_TYPE: Final = re.compile(r"type '(?:xs:)?(?:\{[^}]*\})?([^']*)'")
_FACET: Final = re.compile(r"\[facet '(\w+)'\]")

_TYPES: Final = {
    "SCHEMAV_CVC_ELT_1": "root",
    "SCHEMAV_CVC_COMPLEX_TYPE_2_1": "children",
    "SCHEMAV_CVC_COMPLEX_TYPE_2_2": "children",
    "SCHEMAV_CVC_COMPLEX_TYPE_2_3": "text",
    "SCHEMAV_CVC_TYPE_3_1_1": "attribute",
    "SCHEMAV_CVC_TYPE_3_1_2": "children",
    "SCHEMAV_CVC_COMPLEX_TYPE_3_2_1": "attribute",
    "SCHEMAV_CVC_COMPLEX_TYPE_3_2_2": "attribute",
    "SCHEMAV_CVC_COMPLEX_TYPE_4": "attribute-missing",
    "SCHEMAV_CVC_ENUMERATION_VALID": "code",
}

_RULES: Final = {
    "missing": "mandatory",
    "attribute-missing": "mandatory",
    "code": "code",
    "value": "format",
}
"""The kind of a finding by what is wrong; everything else is structure."""

_MESSAGES: Final = {
    "unexpected": Text(
        "{name} is not expected here: it is unknown, in the wrong place, or there once too often.",
        "此处不应出现 {name}:未知元素、位置错误或重复。",
    ),
    "missing": Text("{name} lacks a mandatory element.", "{name} 缺少必填元素。"),
    "root": Text("{name} is not a root element of this schema.", "{name} 不是该模式允许的根元素。"),
    "text": Text("{name} must not hold text of its own.", "{name} 不得直接包含文本。"),
    "children": Text("{name} must not hold elements.", "{name} 不得包含子元素。"),
    "attribute": Text(
        "{name} must not have the attribute {attribute}.", "{name} 不允许有属性 {attribute}。"
    ),
    "attribute-missing": Text(
        "{name} lacks the attribute {attribute}.", "{name} 缺少属性 {attribute}。"
    ),
    "code": Text(
        "{name} holds a code that the schema does not know: {found}",
        "{name} 的代码不在模式允许的范围内:{found}",
    ),
    "value": Text("{name} holds a value of the wrong form: {found}", "{name} 的值格式错误:{found}"),
    "other": Text("{name} does not fit the schema: {reason}", "{name} 不符合模式:{reason}"),
}
# The representation terms that UBL and CII end their names with, and the form of such values.
_FORMS: Final = {
    "Amount": "0.00",
    "Quantity": "0.00",
    "Percent": "0.00",
    "Rate": "0.00",
    "Measure": "0.00",
    "Numeric": "0.00",
    "Date": "YYYY-MM-DD",
    "Time": "hh:mm:ss",
    "Indicator": "true, false",
}

_HINT: Final = Text("Expected by the schema: {expected}.", "模式要求:{expected}。")
_MEND: Final = Text("Mend {name} at {path}.", "请更正 {path} 处的 {name}。")


class Worded(NamedTuple):
    """A violation as a finding tells it; `rule` is its kind."""

    rule: str
    found: str
    expected: str
    message: Text
    hint: Text


def worded(violation: Violation, term: str) -> Worded:
    """Return the words for a violation at the business term with this id, if there is one."""
    kind = _kind(violation)
    name = violation.path.rpartition("/")[2].partition("[")[0]
    attribute = _ATTRIBUTE.search(violation.message)
    expected = _expected(kind, violation.message) or (_form(name) if kind == "value" else "")
    found = violation.text if kind in ("code", "value", "text") else name
    values = {
        "path": violation.path,
        "attribute": attribute[1] if attribute else "",
        "found": found[:_LONGEST],
        "expected": expected,
        "reason": _NAME.sub("", violation.message)[:_LONGEST],
    }
    if kind == "attribute-missing":
        expected = f"@{values['attribute']}"
    return Worded(
        _RULES.get(kind, "structure"),
        found[:_LONGEST],
        expected,
        _filled(_MESSAGES[kind], name, term, values),
        _filled(_HINT if values["expected"] else _MEND, name, term, values),
    )


def _filled(text: Text, name: str, term: str, values: Mapping[str, str]) -> Text:
    """Fill in the element's name, and with it the business term's."""
    said = terms.name(term) if term else None
    return Text(
        text.en.format(name=f"{name} ({term} {said.en})" if said else name, **values),
        text.zh.format(name=f"{name}({term} {said.zh})" if said else name, **values),
    )


def _kind(violation: Violation) -> str:
    if violation.type == "SCHEMAV_ELEMENT_CONTENT":
        return "missing" if "Missing child" in violation.message else "unexpected"
    if "DATATYPE" in violation.type or _FACET.search(violation.message):
        return _TYPES.get(violation.type, "value")
    return _TYPES.get(violation.type, "other")


def _expected(kind: str, message: str) -> str:
    """Return what the schema wants instead, as far as lxml says it."""
    names = _LIST.search(message)
    if names:
        wanted = _NAME.sub("", names[1]).split(", ")
        more = ", ..." if len(wanted) > _EXPECTED_SHOWN else ""
        return ", ".join(wanted[:_EXPECTED_SHOWN]) + more
    codes = _SET.search(message)
    if codes:
        return codes[1].replace("'", "")[:_LONGEST]
    wanted_type = _TYPE.search(message)
    return wanted_type[1] if kind == "value" and wanted_type else ""


def _form(name: str) -> str:
    return next((form for ending, form in _FORMS.items() if name.endswith(ending)), "")
