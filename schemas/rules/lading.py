"""Rules of a bill of lading as a document of title (DCSA transport document 3.0, conditions).

`lading-title` holds for every transport document; `lading-issue` is what a draft must say in
addition before it is issued electronically.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from schemas.finding import Flag
from schemas.rules.rule import Mismatch, rule
from schemas.rules.view import Terms, View, kilograms, number
from schemas.text import Text

_TYPE: Final = "TD.transportDocumentTypeCode"
_TO_ORDER: Final = "TD.isToOrder"
_ELECTRONIC: Final = "TD.isElectronic"
_ON_BOARD_TYPE: Final = "TD.isShippedOnBoardType"
_ON_BOARD: Final = "TD.shippedOnBoardDate"
_RECEIVED: Final = "TD.receivedForShipmentDate"
_ISSUED: Final = "TD.issueDate"
_CONSIGNEE: Final = "TD.documentParties.consignee.partyName"
_ENDORSEE: Final = "TD.documentParties.endorsee.partyName"
_NOTIFY: Final = "TD.documentParties.notifyParties.partyName"
_VALUE: Final = "TD.declaredValue"
_ORIGINALS: Final = ("TD.numberOfOriginalsWithCharges", "TD.numberOfOriginalsWithoutCharges")
_PORTS: Final = ("TD.transports.portOfLoading", "TD.transports.portOfDischarge")
_LOADED: Final = f"{_PORTS[0]}.UNLocationCode"
_DISCHARGED: Final = f"{_PORTS[1]}.UNLocationCode"
_PARTIES: Final = "/documentParties"
_WAYBILL: Final = "SWB"


def _says(head: Terms, term_id: str, value: str) -> bool:
    term = head.get(term_id)
    return term is not None and term.value == value


@rule(
    "mandatory-consignee",
    terms=(_CONSIGNEE,),
    says=Text(
        "{term} is missing: a bill that is not to order names who receives the goods.",
        "缺少{term}:非指示提单须指明收货人。",
    ),
    hint=Text("Name the consignee, or make the bill to order.", "请填写收货人,或改为指示提单。"),
)
def straight_consignee(lading: View) -> Iterator[Mismatch]:
    """A straight bill and a sea waybill name a consignee (`isToOrder` false)."""
    if _says(lading.head, _TO_ORDER, "false") and _CONSIGNEE not in lading.head:
        yield Mismatch(None, path=f"{_PARTIES}/consignee", about=_CONSIGNEE)


@rule(
    "consistency-straight-endorsee",
    terms=(_ENDORSEE,),
    says=Text(
        "{found} is named as endorsee of a bill that is not to order.",
        "非指示提单指定了被背书人 {found}。",
    ),
    hint=Text("Name a consignee instead, or make it to order.", "请改为收货人,或改为指示提单。"),
)
def straight_endorsee(lading: View) -> Iterator[Mismatch]:
    """Only a bill to order can be endorsed."""
    endorsee = lading.head.get(_ENDORSEE)
    if endorsee is not None and _says(lading.head, _TO_ORDER, "false"):
        yield Mismatch(endorsee, found=endorsee.value)


@rule(
    "consistency-order-consignee",
    terms=(_CONSIGNEE,),
    says=Text(
        "{found} is named as consignee of a bill to order.", "指示提单指定了收货人 {found}。"
    ),
    hint=Text(
        "Name an endorsee, or nobody for a bill endorsed in blank; consignee and endorsee"
        " exclude each other.",
        "请填写被背书人,空白背书则不填;收货人与被背书人不得并存。",
    ),
)
def order_consignee(lading: View) -> Iterator[Mismatch]:
    """A bill to order has an endorsee, or is blank endorsed; it has no consignee."""
    consignee = lading.head.get(_CONSIGNEE)
    if consignee is not None and _says(lading.head, _TO_ORDER, "true"):
        yield Mismatch(consignee, found=consignee.value)


@rule(
    "consistency-waybill",
    terms=(_TO_ORDER,),
    says=Text("A sea waybill is never to order.", "海运单不得为指示单据。"),
    hint=Text(
        "A sea waybill is no document of title: name its consignee, or issue a bill of lading.",
        "海运单不是物权凭证:请指明收货人,或签发提单。",
    ),
)
def waybill(lading: View) -> Iterator[Mismatch]:
    """A sea waybill (SWB) is not negotiable."""
    if _says(lading.head, _TYPE, _WAYBILL) and _says(lading.head, _TO_ORDER, "true"):
        yield Mismatch(lading.head[_TO_ORDER], found="true", expected="false")


@rule(
    "consistency-originals",
    terms=_ORIGINALS,
    says=Text(
        "{found} originals are stated; an electronic bill has one at most, a waybill none.",
        "所载正本为 {found} 份;电子提单至多一份,海运单没有正本。",
    ),
    hint=Text("State {expected}.", "请填写 {expected}。"),
)
def originals(lading: View) -> Iterator[Mismatch]:
    """Singularity: with and without charges together, an electronic bill has one original."""
    stated = [term for name in _ORIGINALS if (term := lading.head.get(name)) is not None]
    if not stated:
        return
    together = sum((number(term) or Decimal(0) for term in stated), Decimal(0))
    allowed = 0 if _says(lading.head, _TYPE, _WAYBILL) else 1
    limited = allowed == 0 or _says(lading.head, _ELECTRONIC, "true")
    if limited and together > allowed:
        yield Mismatch(stated[0], found=str(together), expected=str(allowed))


@rule(
    "consistency-on-board",
    terms=(_ON_BOARD, _RECEIVED),
    flag=Flag.WARNING,
    says=Text("{term} does not fit a bill that is {expected}.", "{term}与“{expected}”提单不符。"),
    hint=Text(
        "A shipped bill says when the goods were loaded, a received one when they were taken over.",
        "已装船提单载明装船日期,收妥备运提单载明收货日期。",
    ),
)
def on_board(lading: View) -> Iterator[Mismatch]:
    """A received-for-shipment bill does not say that the goods are on board."""
    dated = lading.head.get(_ON_BOARD)
    if dated is not None and _says(lading.head, _ON_BOARD_TYPE, "false"):
        yield Mismatch(dated, found=dated.value, expected="received for shipment")


@rule(
    "consistency-issue-date",
    terms=(_ON_BOARD, _ISSUED),
    flag=Flag.WARNING,
    says=Text(
        "{term} {found} is later than the date of issue {expected}.",
        "{term} {found} 晚于签发日期 {expected}。",
    ),
    hint=Text(
        "A bill is not dated before the goods are on board.", "提单签发日期不得早于装船日期。"
    ),
)
def issue_date(lading: View) -> Iterator[Mismatch]:
    """A shipped bill is issued on or after the day of loading: it is not antedated."""
    dated, issued = lading.head.get(_ON_BOARD), lading.head.get(_ISSUED)
    if dated is not None and issued is not None and dated.value[:10] > issued.value[:10]:
        yield Mismatch(dated, found=dated.value, expected=issued.value)


@rule(
    "consistency-ports",
    terms=(_DISCHARGED,),
    flag=Flag.WARNING,
    says=Text("Loading and discharge are both at {found}.", "装货港与卸货港同为 {found}。"),
    hint=Text("Check both ports.", "请核对两个港口。"),
)
def ports_differ(lading: View) -> Iterator[Mismatch]:
    """Goods are carried from one port to another."""
    loaded, discharged = lading.head.get(_LOADED), lading.head.get(_DISCHARGED)
    if loaded is not None and discharged is not None and loaded.value == discharged.value:
        yield Mismatch(discharged, found=discharged.value)


@rule(
    "mandatory-port",
    terms=(_LOADED, _DISCHARGED),
    says=Text("{term} is not named in any way.", "未以任何方式指明{term}。"),
    hint=Text(
        "Give a UN/LOCODE, a name or a city with its country.",
        "请填写 UN/LOCODE、名称或城市及国家。",
    ),
)
def port_named(lading: View) -> Iterator[Mismatch]:
    """A port is given by code, by name or by city."""
    for port in _PORTS:
        if not any(name.startswith(f"{port}.") for name in lading.head):
            path = "/" + port.removeprefix("TD.").replace(".", "/")
            yield Mismatch(None, path=path, about=f"{port}.UNLocationCode")


@rule(
    "consistency-declared-value",
    terms=(_VALUE,),
    says=Text("{term} {found} has no currency.", "{term} {found} 缺少币制。"),
    hint=Text("Give its ISO 4217 currency.", "请填写 ISO 4217 币制代码。"),
)
def declared_value(lading: View) -> Iterator[Mismatch]:
    """A declared value is in a currency."""
    value = lading.head.get(_VALUE)
    if value is not None and not value.attrs.get("currency"):
        yield Mismatch(value, found=value.value)


@rule(
    "weight-cargo-net-above-gross",
    terms=("TD.consignmentItems.cargoItems.cargoNetWeight",),
    says=Text(
        "{term} {found} is above the gross weight {expected}.",
        "{term} {found} 大于毛重 {expected}。",
    ),
    hint=Text("Correct net or gross weight.", "请更正净重或毛重。"),
)
def net_weight(lading: View) -> Iterator[Mismatch]:
    """Cargo without its packaging weighs no more than with it."""
    for item in lading.items:
        for name, term in item.items():
            if not name.endswith("cargoNetWeight"):
                continue
            gross = item.get(name.replace("cargoNetWeight", "cargoGrossWeight"))
            net_kg, gross_kg = kilograms(term), kilograms(gross)
            if gross is None or net_kg is None or gross_kg is None:
                continue
            if net_kg > gross_kg:
                yield Mismatch(term, found=term.value, expected=gross.value)


@rule(
    "mandatory-issue",
    terms=(_ISSUED,),
    says=Text("{term} is missing.", "缺少{term}。"),
    hint=Text("It is needed before the bill is issued.", "签发提单前须填写。"),
)
def complete_for_issue(lading: View) -> Iterator[Mismatch]:
    """What the DCSA schema and the law of carriage ask of an issued document is there."""
    on_board = _says(lading.head, _ON_BOARD_TYPE, "true")
    wanted = [
        _ISSUED,
        _ON_BOARD if on_board else _RECEIVED,
        "TD.documentParties.shipper.partyName",
        "TD.documentParties.issuingParty.partyName",
        "TD.carrierCode",
        "TD.termsAndConditions",
        "TD.partyContactDetails.name",
    ]
    if _says(lading.head, _TO_ORDER, "true"):
        wanted.append(_NOTIFY)
    for term_id in wanted:
        if term_id not in lading.head:
            path = "/" + term_id.removeprefix("TD.").replace(".", "/")
            yield Mismatch(None, path=path, about=term_id)
    for part in ("invoicePayableAt", "transports.vesselVoyages"):
        if not _any_below(lading.head, part):
            yield Mismatch(None, path="/" + part.replace(".", "/"), about=f"TD.{part}")


def _any_below(head: Terms, part: str) -> bool:
    return any(name.startswith(f"TD.{part}") for name in head)


@rule(
    "mandatory-platform",
    flag=Flag.WARNING,
    terms=("TD.documentParties.issuingParty.address",),
    says=Text("{term} is missing.", "缺少{term}。"),
    hint=Text(
        "Title platforms that follow DCSA refuse a bill without it.",
        "遵循 DCSA 的电子提单平台会拒收缺少该内容的提单。",
    ),
)
def complete_for_platforms(lading: View) -> Iterator[Mismatch]:
    """What the DCSA schema asks for besides, which a declaration and an invoice do not have."""
    named = [each for each in (_CONSIGNEE, _ENDORSEE) if each in lading.head]
    codes = [each.removeprefix("TD.").replace("partyName", "identifyingCodes") for each in named]
    for part in ("documentParties.issuingParty.address", *codes):
        if not _any_below(lading.head, part):
            yield Mismatch(None, path="/" + part.replace(".", "/"), about=f"TD.{part}")
    for at, item in enumerate(lading.items, start=1):
        if not any(name.endswith("outerPackaging.description") for name in item):
            yield _missing(_item(at), "cargoItems.outerPackaging.description")


@rule(
    "mandatory-issue-item",
    terms=("TD.consignmentItems.carrierBookingReference",),
    says=Text("{term} is missing.", "缺少{term}。"),
    hint=Text("It is needed before the bill is issued.", "签发提单前须填写。"),
)
def items_for_issue(lading: View) -> Iterator[Mismatch]:
    """Every consignment item names its booking, and its cargo says what it weighs."""
    for at, item in enumerate(lading.items, start=1):
        path = _item(at)
        if "carrierBookingReference" not in item:
            yield _missing(path, "carrierBookingReference")
        if not any(name.endswith("cargoGrossWeight") for name in item):
            yield _missing(path, "cargoItems.cargoGrossWeight")


def _item(at: int) -> str:
    return "/consignmentItems" + (f"[{at}]" if at > 1 else "")


def _missing(path: str, name: str) -> Mismatch:
    return Mismatch(
        None, path=f"{path}/{name.replace('.', '/')}", about=f"TD.consignmentItems.{name}"
    )
