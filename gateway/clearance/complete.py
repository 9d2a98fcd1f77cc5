"""What the importer must still add: a form, asked once, its answers kept as importer profile."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from gateway.clearance.apportion import ITEM
from gateway.clearance.compare import folded
from gateway.clearance.corridor import Corridor, FieldProfile
from gateway.clearance.view import View, pattern
from schemas.document import Document, plain
from schemas.errors import ExchangeError
from schemas.finding import Finding
from schemas.text import Text

_NATIONAL: Final = "national-code"
_RULESET: Final = "silkgate:form"


class AnswersRefused(ExchangeError):
    """The importer's answers do not fit the form; nothing of them is kept."""

    code = "SG-5311"
    title = Text(
        "{count} answers are not in order: {first}", "{count} 项填报内容不符合要求:{first}"
    )
    hint = Text(
        "Correct the fields named and send the whole form again.",
        "请更正所列字段后重新提交整份表单。",
    )
    status = 422
    exit_code = 3

    def __init__(self, findings: list[Finding]) -> None:
        """Carry one finding for each answer that is wrong."""
        self.findings = findings
        super().__init__(where=findings[0].term, count=len(findings), first=findings[0].message.en)


@dataclass(frozen=True, slots=True)
class Asked:
    """One field of a form.

    `id` is the term id of the answer (`[*]` for all lines); `key` its name in the importer
    profile, where goods go by what they are and not by their line number; `prefix` the digits a
    national code begins with; `lines` the goods lines it is for; `value` what is known already.
    """

    id: str
    key: str
    profile: FieldProfile
    prefix: str = ""
    goods: str = ""
    lines: tuple[str, ...] = ()
    value: str = ""

    def as_dict(self) -> dict[str, object]:
        """Return the field as plain JSON values."""
        field = self.profile
        return {
            "id": self.id,
            "label": field.label.as_dict(),
            "why": field.why.as_dict(),
            "type": field.type,
            "pattern": field.pattern,
            "codes": [{"code": c.code, **c.name.as_dict()} for c in field.codes],
            "required": field.required,
            "goods": {"description": self.goods, "hs": self.prefix, "lines": list(self.lines)}
            if self.lines
            else None,
            "value": self.value,
        }


def form(document: Document, corridor: Corridor, known: Mapping[str, str]) -> list[Asked]:
    """Return every field the corridor asks of the importer that the document does not answer.

    `known` is the importer profile; a field it answers carries the value.
    """
    view = View(document)
    return [
        asked
        for field in corridor.fields
        for asked in _asked(field, view, corridor, known)
        if not (corridor.crosses(field.term) and _answered(asked, document, corridor))
    ]


def open_fields(asked: list[Asked]) -> list[Asked]:
    """Return the fields that still have to be asked."""
    return [field for field in asked if field.profile.required and not field.value]


def take(asked: list[Asked], answers: Mapping[str, str]) -> dict[str, str]:
    """Check answers (by field id) and return all values of the form by profile key.

    Raises AnswersRefused with one finding for each answer that is missing, unknown or wrong.
    """
    by_id = {field.id: field for field in asked}
    findings = [
        _finding(
            "structure", name, value, "", Text("The form has no such field.", "表单中无此字段。")
        )
        for name, value in answers.items()
        if name not in by_id
    ]
    values = {field.id: answers.get(field.id, field.value).strip() for field in asked}
    for field in asked:
        findings += _faults(field, values[field.id])
    if findings:
        raise AnswersRefused(findings)
    return {field.key: values[field.id] for field in asked if values[field.id]}


def answers_for(asked: list[Asked], profile: Mapping[str, str]) -> dict[str, str]:
    """Return the profile's values by concrete term id, one for each line a field is for."""
    found: dict[str, str] = {}
    for field in asked:
        value = profile.get(field.key, "")
        if not value:
            continue
        for line in field.lines or ("",):
            found[field.profile.term.replace("[n]", f"[{line}]") if line else field.id] = value
    return found


def importer_of(document: Document) -> str:
    """Return what an importer profile goes by: the importer's country and name, folded."""
    country = document.value("GoodsShipment.Importer.Address.CountryCode") or document.value(
        "GoodsShipment.Destination.CountryCode"
    )
    name = document.value("GoodsShipment.Importer.Name") or document.value(
        "GoodsShipment.Consignee.Name"
    )
    return f"{country}:{folded(name)}"


def _asked(
    field: FieldProfile, view: View, corridor: Corridor, known: Mapping[str, str]
) -> Iterator[Asked]:
    if "[n]" not in field.term:
        yield Asked(field.term, field.term, field, value=known.get(field.term, ""))
        return
    digits = corridor.classification.digits
    kinds: dict[tuple[str, str], list[str]] = {}
    named = view.by(pattern(f"{ITEM}[n].Commodity.Description"))
    coded = view.by(pattern(f"{ITEM}[n].Commodity.Classification[1].ID"))
    for n in view.numbers(f"{ITEM}[n].SequenceNumeric"):
        code = coded[n].value[:digits] if n in coded else ""
        goods = named[n].value if n in named else ""
        kinds.setdefault((code, goods), []).append(n)
    for (code, goods), lines in kinds.items():
        key = f"{field.term}#{code}|{folded(goods)}"
        first = field.term.replace("[n]", f"[{lines[0]}]")
        yield Asked(first, key, field, code, goods, tuple(lines), known.get(key, ""))


def _answered(asked: Asked, document: Document, corridor: Corridor) -> bool:
    """Tell whether the document already has a value that the field would accept."""
    if "[*]" in asked.id:
        return False
    value = document.value(plain(asked.id))
    if asked.profile.type == _NATIONAL:
        return len(value) >= corridor.classification.national
    return bool(value) and not any(_faults(asked, value))


def _faults(asked: Asked, value: str) -> Iterator[Finding]:
    field = asked.profile
    label = field.label
    if not value:
        if field.required:
            yield _finding(
                "mandatory", asked.id, "", "", Text(f"{label.en} is missing.", f"缺少{label.zh}。")
            )
        return
    listed = [code.code for code in field.codes]
    if listed and value not in listed:
        message = Text(f"{label.en}: choose one of the list.", f"{label.zh}:请从列表中选择。")
        yield _finding("code", asked.id, value, ", ".join(listed), message)
    elif field.pattern and re.fullmatch(field.pattern, value) is None:
        message = Text(f"{label.en} has another form.", f"{label.zh}格式不正确。")
        yield _finding("format", asked.id, value, field.pattern, message)
    elif field.type == _NATIONAL and not value.startswith(asked.prefix):
        message = Text(
            f"{label.en} must begin with {asked.prefix}.", f"{label.zh}须以 {asked.prefix} 开头。"
        )
        yield _finding("consistency", asked.id, value, asked.prefix, message)


def _finding(rule: str, term: str, found: str, expected: str, message: Text) -> Finding:
    return Finding(
        rule=rule, ruleset=_RULESET, term=term, found=found, expected=expected, message=message
    )
