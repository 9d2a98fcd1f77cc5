"""Where an invoice in UBL uses a VAT category: lines, charges, breakdown, and who is registered."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Final

from schemas.rules.invoice.tree import Node, Tree, words
from schemas.rules.invoice.ubl_conditions import SCHEME_NAME, is_only_vat, vat_only
from schemas.rules.invoice.values import ZERO, amount, decimal, says, total

_SELLER: Final = ("cac:AccountingSupplierParty", "cac:Party/cac:PartyTaxScheme")
_BUYER: Final = ("cac:AccountingCustomerParty", "cac:Party/cac:PartyTaxScheme")
_AGENT: Final = ("cac:TaxRepresentativeParty", "cac:PartyTaxScheme")
_KIND: Final = "cbc:ChargeIndicator"
LINE_TAX: Final = "cac:ClassifiedTaxCategory"
_ITEM: Final = "cac:Item/cac:ClassifiedTaxCategory"
KINDS_OF_LINE: Final = ("cac:InvoiceLine", "cac:CreditNoteLine")


def mentioned(tree: Tree, code: str) -> bool:
    """Tell whether some VAT category has the code, or whether one has two, which ends the run."""
    found = tree.once("categories", lambda: _mentioned(tree))
    return found is None or code in found


def _mentioned(tree: Tree) -> set[str] | None:
    found: set[str] = set()
    for name in ("cac:TaxCategory", LINE_TAX):
        for ids in tree.below(name, "cbc:ID"):
            if len(ids) > 1:
                return None
            found.update(map(words, ids))
    return found


def coded(nodes: Iterable[Node], code: str, *, vat: bool = True) -> list[Node]:
    """Return the tax categories with a code, compared as the artefact does; `vat`: of VAT only."""
    found = [node for node in nodes if any(_is(text, code) for text in node.texts("cbc:ID"))]
    return vat_only(found) if vat else found


def worded(nodes: Iterable[Node], code: str, *, vat: bool) -> list[Node]:
    """Return the categories whose one code is this; raises Undecidable for two codes."""
    found = [node for node in nodes if node.word("cbc:ID") == code]
    return vat_only(found) if vat else found


def raw(node: Node, code: str) -> bool:
    """Tell whether the code stands there without blanks, as one of the artefact's tests wants."""
    return code in node.texts("cbc:ID")


def _is(text: str, code: str) -> bool:
    return text == code or words(text) == code


def lines_decided(tree: Tree) -> bool:
    """Tell whether no category of a line has two codes or schemes, which would end the run."""
    return tree.most(LINE_TAX, "cbc:ID") <= 1 and tree.most(LINE_TAX, SCHEME_NAME) <= 1


def on_lines(tree: Tree, code: str, *, vat: bool = True) -> bool:
    """Tell whether categories of lines have the code; the first to be found says so."""

    def make() -> bool:
        if lines_decided(tree):
            return any(coded([each], code, vat=vat) for each in tree.each(LINE_TAX))
        return bool(coded(tree.named(LINE_TAX), code, vat=vat))

    return tree.once(f"lines {code} {vat}", make)


def on_charges(
    tree: Tree, code: str, *, vat: bool, kind: bool | None = None, top: bool = False
) -> list[Node]:
    """Return the categories of charges that have the code; `top`: of the document's own."""
    found = tree.root.all("cac:AllowanceCharge") if top else tree.named("cac:AllowanceCharge")
    return coded(of_charges(found, kind), code, vat=vat)


def of_charges(charges: Iterable[Node], kind: bool | None) -> list[Node]:  # noqa: FBT001 - None, allowance or charge
    """Return the categories of charges (True), allowances (False) or both (None)."""
    return [
        category
        for each in charges
        if kind is None or says(each, _KIND, truth=kind)
        for category in each.all("cac:TaxCategory")
    ]


def identified(tree: Tree, category: str) -> bool:
    """Tell whether the parties have the tax numbers that a category wants."""
    if category == "O":
        return not any(_registered(tree, *party) for party in (_SELLER, _AGENT, _BUYER))
    if category in ("K", "G"):
        sold = _registered(tree, *_SELLER)
    else:
        sold = any(each.has(f"{_SELLER[1]}/cbc:CompanyID") for each in tree.named(_SELLER[0]))
    if not (sold or _registered(tree, *_AGENT)):
        return False
    if category == "K":
        return _registered(tree, *_BUYER)
    if category == "AE":
        legal = "cac:Party/cac:PartyLegalEntity/cbc:CompanyID"
        return _registered(tree, *_BUYER) or any(n.has(legal) for n in tree.named(_BUYER[0]))
    return True


def _registered(tree: Tree, party: str, path: str) -> bool:
    """Tell whether a party has a number for VAT."""
    return any(
        is_only_vat(scheme) and scheme.has("cbc:CompanyID")
        for each in tree.named(party)
        for scheme in each.all(path)
    )


def charged_at(tree: Tree, name: str, code: str, percent: Decimal) -> bool:
    """Tell whether lines of the kind are there; for the standard rate, or charges, of that rate."""
    if code != "S":
        return bool(tree.named(name))
    return bool(_of_rate(tree, tree.named(name), code, percent, _ITEM)) or bool(
        _of_rate(tree, tree.named("cac:AllowanceCharge"), code, percent, "cac:TaxCategory")
    )


def _of_rate(
    tree: Tree, nodes: Iterable[Node], code: str, percent: Decimal | None, path: str
) -> list[Node]:
    """Return the lines or charges with the category, and the rate, at the path below."""
    codes: dict[Node, tuple[str, ...]] = tree.once("codes", dict)
    rates: dict[Node, tuple[Decimal | None, ...]] = tree.once("rates", dict)
    found = []
    for node in nodes:
        if node not in codes:
            codes[node] = tuple([words(text or "") for text in _only(node, path, "cbc:ID")])
        if code not in codes[node]:
            continue
        if percent is not None:
            if node not in rates:
                texts = _only(node, path, "cbc:Percent")
                rates[node] = tuple([None if text is None else decimal(text) for text in texts])
            if percent not in rates[node]:
                continue
        found.append(node)
    return found


def _only(node: Node, path: str, below: str) -> Sequence[str | None]:
    """Return the only text at a path below each of the elements at another."""
    texts = node.texts(f"{path}/{below}")
    if len(texts) == node.count(path) == 1:
        return texts
    return [each.only(below) for each in node.all(path)]


def sum_of(tree: Tree, name: str, code: str, percent: Decimal | None) -> Decimal:
    """Return lines plus charges less allowances of a category, of one rate or of all (None)."""

    def make() -> Decimal:
        root = tree.root
        found = total(
            _of_rate(tree, root.all(name), code, percent, _ITEM), "cbc:LineExtensionAmount"
        )
        for kind, sign in ((True, 1), (False, -1)):
            charges = [n for n in root.all("cac:AllowanceCharge") if says(n, _KIND, truth=kind)]
            for charge in _of_rate(tree, charges, code, percent, "cac:TaxCategory"):
                found += sign * (amount(charge, "cbc:Amount") or ZERO)
        return found

    return tree.once(f"sum {name} {code} {percent}", make)
