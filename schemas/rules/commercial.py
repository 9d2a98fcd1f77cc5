"""Rules over the commercial documents of a shipment: invoice (EN 16931) and bill of lading (DCSA).

Only what the join to a declaration relies on; the official rule sets of invoices are their own.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import Final

from schemas.finding import Flag
from schemas.rules.declaration import CENT, container_mismatch, familiar_mismatch
from schemas.rules.rule import Mismatch, rule
from schemas.rules.view import View, number, total
from schemas.text import Text

BOX: Final = "equipment.equipmentReference"
LADING_PORTS: Final = (
    "TD.transports.portOfLoading.UNLocationCode",
    "TD.transports.portOfDischarge.UNLocationCode",
)


@rule(
    "sum-invoice-lines",
    terms=("BG-22/BT-106", "BG-25/BT-131"),
    says=Text(
        "{term} is {found}, but the lines add up to {expected}.",
        "{term}为 {found},而各行合计为 {expected}。",
    ),
    hint=Text("Correct the total or the line that differs.", "请更正合计,或更正金额不符的行。"),
    reads=("BT-131",),
)
def invoice_lines(invoice: View) -> Iterator[Mismatch]:
    """The sum of line net amounts equals the invoice's line total (EN 16931, BR-CO-10)."""
    stated = invoice.head.get("BG-22/BT-106")
    amounts = [number(item.get("BT-131")) for item in invoice.items]
    value = number(stated)
    if stated is None or value is None or not amounts or None in amounts:
        return
    if round(total(amounts), 2) != round(value, 2):
        yield Mismatch(stated, found=stated.value, expected=str(total(amounts)))


@rule(
    "sum-invoice-line",
    terms=("BG-25/BT-131",),
    flag=Flag.WARNING,
    says=Text(
        "{term} is {found}, but quantity by price is {expected}.",
        "{term}为 {found},而数量乘单价为 {expected}。",
    ),
    hint=Text("Correct the amount, the price or the quantity.", "请更正金额、单价或数量。"),
    reads=("BT-129", "BT-131", "BG-27", "BG-28", "BG-29/BT-146", "BG-29/BT-149"),
)
def invoice_line(invoice: View) -> Iterator[Mismatch]:
    """Quantity by price is the net amount of a line that has no allowance, charge or price base."""
    for item in invoice.items:
        quantity, price = number(item.get("BT-129")), number(item.get("BG-29/BT-146"))
        amount = number(item.get("BT-131"))
        if quantity is None or price is None or amount is None or "BG-29/BT-149" in item:
            continue
        if any(name.startswith(("BG-27", "BG-28")) for name in item):
            continue
        if abs(quantity * price - amount) > max(CENT, quantity * Decimal("0.00005")):
            expected = str((quantity * price).quantize(CENT))
            yield Mismatch(item["BT-131"], found=str(amount), expected=expected)


@rule(
    "consistency-invoice-line-number",
    terms=("BG-25/BT-126",),
    says=Text("{term} {found} is used twice.", "{term} {found} 重复使用。"),
    hint=Text("Give every line its own identifier.", "请为每一行编排唯一标识。"),
    reads=("BT-126",),
)
def invoice_line_number(invoice: View) -> Iterator[Mismatch]:
    """No two invoice lines have the same identifier."""
    taken: set[str] = set()
    for item in invoice.items:
        term = item.get("BT-126")
        if term is not None and term.value in taken:
            yield Mismatch(term, found=term.value)
        elif term is not None:
            taken.add(term.value)


@rule(
    "checkdigit-equipment",
    terms=(f"TD.utilizedTransportEquipments.{BOX}",),
    flag=Flag.WARNING,
    says=Text("The check digit of {term} {found} is wrong.", "{term} {found} 的校验码错误。"),
    hint=Text(
        "Check for a typing error: ISO 6346 asks for the last digit {expected}.",
        "请核对录入:按 ISO 6346,末位应为 {expected}。",
    ),
)
def equipment_check_digit(lading: View) -> Iterator[Mismatch]:
    """The last digit of a container number is its ISO 6346 check digit."""
    for box in lading.equipment:
        yield from container_mismatch(box.get(BOX))


@rule(
    "code-lading-port",
    terms=LADING_PORTS,
    flag=Flag.WARNING,
    says=Text(
        "{term} {found} may not be the place that is meant: {expected}",
        "{term} {found} 可能不是所指地点:{expected}",
    ),
    hint=Text(
        "The code is accepted as it stands; ask the carrier if the port was meant.",
        "该代码按原样接受;如指港口,请与承运人确认。",
    ),
)
def lading_port(lading: View) -> Iterator[Mismatch]:
    """A port code that is often used for its neighbour is accepted with a warning."""
    for term_id in LADING_PORTS:
        yield from familiar_mismatch(lading.head.get(term_id))


@rule(
    "consistency-cargo-equipment",
    terms=("TD.consignmentItems.cargoItems.equipmentReference",),
    says=Text("{term} {found} is not among the containers.", "{term} {found} 不在所列集装箱之中。"),
    hint=Text("Name one of {expected}.", "请填写 {expected} 之一。"),
)
def cargo_equipment(lading: View) -> Iterator[Mismatch]:
    """Cargo is stuffed in a container that the document lists."""
    known = [box[BOX].value for box in lading.equipment if BOX in box]
    for item in lading.items:
        for name, term in item.items():
            if name.endswith(".equipmentReference") and known and term.value not in known:
                yield Mismatch(term, found=term.value, expected=", ".join(known))
