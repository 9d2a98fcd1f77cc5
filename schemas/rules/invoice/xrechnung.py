"""Checks of XRechnung 3.0: its identifiers, extension (BR-DEX) and clean vehicles (CVD)."""

from __future__ import annotations

from typing import Final

from schemas.rules.invoice.checks import codes
from schemas.rules.invoice.peppol_parties import said
from schemas.rules.invoice.registry import CONDITIONS, Verdict, check
from schemas.rules.invoice.tree import Node, Tree, Undecidable, walk_up, words
from schemas.rules.invoice.values import ZERO, amount, decimal, fits, rounded

CIUS: Final = "urn:cen.eu:en16931:2017#compliant#urn:xeinkauf.de:kosit:xrechnung_3.0"
EXTENSION: Final = f"{CIUS}#conformant#urn:xeinkauf.de:kosit:extension:xrechnung_3.0"
VEHICLES: Final = f"{CIUS}#compliant#urn:xeinkauf.de:kosit:xrechnung:cvd_0.9"
_PROFILE: Final = {
    "rsm:CrossIndustryInvoice": (
        "rsm:ExchangedDocumentContext/ram:GuidelineSpecifiedDocumentContextParameter/ram:ID"
    ),
}
_SUB: Final = "cac:SubInvoiceLine"
_NET: Final = "cbc:LineExtensionAmount"
_OWN_LISTS: Final = frozenset(("XR01", "XR02", "XR03", "CVD", ""))
_MEDIA: Final = "application/xml"
_CLASS: Final = "cac:CommodityClassification/cbc:ItemClassificationCode"
_PROPERTY: Final = "cac:AdditionalItemProperty"


@check("xr-specification")
def specification(node: Node, tree: Tree, args: str) -> Verdict:
    """BR-DE-21: the specification identifier is one of XRechnung 3.0."""
    del tree
    found = [each.text for each in node.all(args)]
    return any(each in (CIUS, EXTENSION, VEHICLES) for each in found) or (", ".join(found), CIUS)


@check("xr-supplied")
def supplied(node: Node, tree: Tree, args: str) -> Verdict:
    """BR-DE-TMP-32: a day of delivery, a period, or one on every line: `day period lines period`.

    Paths are joined by blanks, alternatives of the lines by `|`.
    """
    del tree
    day, period, lines, below = args.split()
    if node.has(day) or node.has(period):
        return True
    return all(each.has(below) for path in lines.split("|") for each in node.all(path))


@check("xr-media")
def media(node: Node, tree: Tree, args: str) -> Verdict:
    """BR-DEX-01: a media type of the list, or XML."""
    del tree
    found = node.attrs.get("mimeCode", "")
    return found == _MEDIA or found in codes(args) or (found, args)


@check("xr-scheme")
def scheme(node: Node, tree: Tree, args: str) -> Verdict:
    """BR-DEX-04 to 08, BR-TMP-CVD-01: a code of a list, or of XRechnung's own: `list @name own`.

    Two lists are joined there by two blanks, so that a code of no characters is in them.
    """
    del tree
    list_id, name, own = args.split()
    found = words(node.attrs.get(name[1:], ""))
    if found in codes(list_id) or (found in _OWN_LISTS and found.startswith(own if found else "")):
        return True
    sepa = own == "XR" and found == "SEPA" and node.name == "cbc:ID"
    above = {each.name for each in walk_up(node)} if sepa else set()
    payee = not above.isdisjoint(("cac:AccountingSupplierParty", "cac:PayeeParty"))
    return (payee and "cac:PartyIdentification" in above) or (found, list_id)


@check("xr-sub-sums")
def sub_sums(node: Node, tree: Tree, args: str) -> Verdict:
    """BR-DEX-02: a line with sub-lines is their sum."""
    del args
    lines = [line for line in node.all("cac:InvoiceLine") if line.has(_SUB)]
    subs = [line for line in tree.named(_SUB) if line.has(_SUB)]
    return all(_is_sum(line) for line in lines) and all([_is_sum(line) for line in subs])  # noqa: C419 - each is asked


@check("xr-sub-taxed")
def sub_taxed(node: Node, tree: Tree, args: str) -> Verdict:
    """BR-DEX-03: the item of a sub-line has one VAT category."""
    del node, args
    items = (item for line in tree.named(_SUB) for item in line.all("cac:Item"))
    return all(len(item.all("cac:ClassifiedTaxCategory")) == 1 for item in items)


@check("xr-due")
def due(node: Node, tree: Tree, args: str) -> Verdict:
    """BR-DEX-09: the amount due, with what third parties paid."""
    del tree, args
    stated, gross = amount(node, "cbc:PayableAmount"), amount(node, "cbc:TaxInclusiveAmount")
    rounding = amount(node, "cbc:PayableRoundingAmount") or ZERO
    prepaid = amount(node, "cbc:PrepaidAmount") or ZERO
    payments = node.all("../cac:PrepaidPayment")
    third = ZERO
    if any(words(paid.text) for each in payments for paid in each.all("cbc:PaidAmount")):
        third = sum((amount(each, "cbc:PaidAmount") or ZERO for each in payments), ZERO)
    if stated is None or gross is None:
        return False
    expected = rounded(gross - prepaid + third)
    return rounded(stated - rounding) == expected or (str(stated), str(expected + rounding))


@check("xr-decimals")
def decimals(node: Node, tree: Tree, args: str) -> Verdict:
    """BR-DEX-13: at most two characters after the point."""
    del tree
    found = node.value(args)
    return fits(found) or (found, "<= 2")


@check("xr-currency")
def currency(node: Node, tree: Tree, args: str) -> Verdict:
    """BR-DEX-14: what a third party paid is in the currency of the document."""
    del tree
    stated = [each.attrs.get("currencyID") for each in node.all(args)]
    invoiced = [each.text for each in node.all("../cbc:DocumentCurrencyCode")]
    return any(each in invoiced for each in stated) or ("", ", ".join(invoiced))


@check("xr-vehicle")
def vehicle(node: Node, tree: Tree, args: str) -> Verdict:
    """BR-DE-CVD-03: some line has a vehicle (CVD) with its attribute (cva)."""
    del tree
    items, clazz, prop, name = args.split()
    return any(
        any(each.attrs.get("listID") == "CVD" for each in item.all(clazz))
        and any(said(each.all(name), "cva") for each in item.all(prop))
        for path in items.split("|")
        for item in node.all(path)
    )


@check("xr-vehicle-attribute")
def vehicle_attribute(node: Node, tree: Tree, args: str) -> Verdict:
    """BR-DE-CVD-06: a vehicle (CVD) has one attribute (cva), and the other way round."""
    del tree
    which, clazz, prop, name = args.split()
    classes = sum(each.attrs.get("listID") == "CVD" for each in node.all(clazz))
    attributes = sum(said(each.all(name), "cva") for each in node.all(prop))
    first, second = (classes, attributes) if which == "a" else (attributes, classes)
    return not first or second == 1 or (str(second), "1")


@check("xr-vehicle-class")
def vehicle_class(node: Node, tree: Tree, args: str) -> Verdict:
    """BR-DE-CVD-04: a vehicle is of a known category."""
    del tree
    found = words(node.text)
    return words(node.attrs.get("listID", "")) != "CVD" or found in args.split() or (found, args)


@check("among")
def among(node: Node, tree: Tree, args: str) -> Verdict:
    """BR-DE-CVD-05: the text at a path is one of these: `path code code`."""
    del tree
    path, *known = args.split()
    found = node.word(path)
    return found in known or (found, " ".join(known))


def _is_sum(line: Node) -> bool:
    stated = amount(line, _NET)
    found = sum((decimal(each.text) for each in _nets(line)), ZERO)
    return stated == found


def _nets(line: Node) -> list[Node]:
    found = []
    for sub in line.all(_SUB):
        nets = sub.all(_NET)
        if len(nets) > 1:
            raise Undecidable(_NET)
        found += nets
    return found


def is_profile(tree: Tree, profile: str) -> bool:
    """Tell whether the document names a profile, letter by letter."""
    path = _PROFILE.get(tree.root.name, "cbc:CustomizationID")
    return profile in tree.once("profiles", lambda: tree.texts(tree.root.all(path)))


def _of(profile: str, node: Node, tree: Tree, args: str) -> bool:
    if not is_profile(tree, profile):
        return False
    name, _, more = args.partition(" ")
    return not name or CONDITIONS[name](node, tree, more)


def _extended(node: Node, tree: Tree, args: str) -> bool:
    """Tell whether the document is of the extension, and the condition after it holds."""
    return _of(EXTENSION, node, tree, args)


def _vehicles(node: Node, tree: Tree, args: str) -> bool:
    """Tell whether the document is of the profile for vehicles, and the condition holds."""
    return _of(VEHICLES, node, tree, args)


def _property(node: Node, tree: Tree, args: str) -> bool:
    """Tell whether some element at the path says so: `path text`."""
    del tree
    path, _, text = args.partition(" ")
    return said(node.all(path), text)


CONDITIONS.update({"xr-ext": _extended, "xr-cvd": _vehicles, "says": _property})
