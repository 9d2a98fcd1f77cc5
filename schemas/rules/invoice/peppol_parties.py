"""Where the parties of a Peppol invoice are, as its national rules ask, and conditions on that.

Some rules go by the address, others by the prefix of the VAT number; a country that is there twice
has no answer (Undecidable).
"""

from __future__ import annotations

from typing import Final

from schemas.rules.invoice.registry import ALIKE, CONDITIONS, anywhere
from schemas.rules.invoice.tree import Node, Tree, Undecidable, words

SELLER: Final = "cac:AccountingSupplierParty/cac:Party"
BUYER: Final = "cac:AccountingCustomerParty/cac:Party"
AGENT: Final = "cac:TaxRepresentativeParty"
COUNTRY: Final = "cac:PostalAddress/cac:Country/cbc:IdentificationCode"
SCHEME: Final = "cac:TaxScheme/cbc:ID"
_NOWHERE: Final = "XX"
_GREECE: Final = ("GR", "EL")


def said(nodes: list[Node], text: str) -> bool:
    """Tell whether some element says exactly the text."""
    return any(each.text == text for each in nodes)


def registrations(node: Node, scheme: str) -> list[Node]:
    """Return the tax registrations of a party in a scheme, blanks around its name apart.

    Raises Undecidable where a registration names two schemes.
    """
    return [each for each in node.all("cac:PartyTaxScheme") if each.word(SCHEME) == scheme]


def part(node: Node, path: str, start: int, length: int | None = None) -> str:
    """Return `substring(path, start, length)` of the one element at the path."""
    text = node.value(path)
    return text[start - 1 :] if length is None else text[start - 1 : start - 1 + length]


def address(tree: Tree, party: str) -> str:
    """Return the country of a party's address as it stands."""
    return tree.once(f"address {party}", lambda: tree.root.value(f"{party}/{COUNTRY}"))


def located(tree: Tree, party: str) -> str:
    """Return the country of a party's address in capitals, blanks apart."""
    return words(address(tree, party)).upper()


def seller_country(tree: Tree) -> str:
    """Return the seller's country: by VAT number, else its representative's, else by address."""
    return tree.once("seller country", lambda: _country(tree, SELLER, AGENT))


def own_country(tree: Tree) -> str:
    """Return the seller's country by its own VAT number or address."""
    return tree.once("own country", lambda: _country(tree, SELLER))


def buyer_country(tree: Tree) -> str:
    """Return the buyer's country: by VAT number, else by address."""
    return tree.once("buyer country", lambda: _country(tree, BUYER))


def both_in(tree: Tree, country: str) -> bool:
    """Tell whether seller and buyer have their addresses in a country, in capitals or not."""
    return located(tree, SELLER) == country and located(tree, BUYER) == country


def swedish(tree: Tree) -> bool:
    """Tell whether some seller has a Swedish address and a Swedish VAT number."""
    return tree.once("swedish", lambda: any(is_swedish(each) for each in parties(tree, SELLER)))


def is_swedish(party: Node) -> bool:
    """Tell whether a party has a Swedish address and a Swedish VAT number."""
    return said(party.all(COUNTRY), "SE") and any(
        part(each, "cbc:CompanyID", 1, 2) == "SE" for each in raw_registrations(party)
    )


def raw_registrations(party: Node) -> list[Node]:
    """Return the registrations of a party for VAT, by the name as it stands."""
    return [each for each in party.all("cac:PartyTaxScheme") if said(each.all(SCHEME), "VAT")]


def parties(tree: Tree, path: str) -> list[Node]:
    """Return the parties of a role, anywhere in the document."""
    role, _, below = path.partition("/")
    return [party for each in tree.named(role) for party in each.all(below)]


def _country(tree: Tree, *prefixed: str) -> str:
    for party in prefixed:
        found = [
            part(scheme, "cbc:CompanyID", 1, 2)
            for each in tree.root.all(party)
            for scheme in raw_registrations(each)
        ]
        if len(found) > 1:
            raise Undecidable(", ".join(found))
        if found and found[0]:
            return words(found[0]).upper()
    place = f"{prefixed[0]}/{COUNTRY}"
    return tree.root.word(place).upper() if tree.root.has(place) else _NOWHERE


def _from(node: Node, tree: Tree, args: str) -> bool:
    """Tell whether the seller is in a country, by VAT number or address (`NO`, `IT`)."""
    del node
    return seller_country(tree) == args


def _home(node: Node, tree: Tree, args: str) -> bool:
    """Tell whether the seller, or both parties, have an address in a country (`IS both`)."""
    del node
    country, _, who = args.partition(" ")
    if address(tree, SELLER) != country:
        return False
    return who == "seller" or address(tree, BUYER) == country


def _located(node: Node, tree: Tree, args: str) -> bool:
    """Tell whether the seller, both parties or the seller and its agent are in a country."""
    del node
    country, _, who = args.partition(" ")
    if located(tree, SELLER) != country:
        return False
    return who == "seller" or located(tree, AGENT if who == "agent" else BUYER) == country


def _german(node: Node, tree: Tree, args: str) -> bool:
    """Tell whether both parties are in Germany."""
    del node, args
    return both_in(tree, "DE")


def greek(tree: Tree) -> bool:
    """Tell whether the seller is in Greece, by VAT number or address."""
    return seller_country(tree) in _GREECE


def _greek(node: Node, tree: Tree, args: str) -> bool:
    """Tell whether the seller is Greek (`seller`), both (`both`), or with an address (`home`)."""
    del node
    if args == "own":
        return own_country(tree) in _GREECE
    if not greek(tree):
        return False
    if args == "both":
        return buyer_country(tree) in _GREECE
    return args != "home" or said(tree.root.all(f"{SELLER}/{COUNTRY}"), "GR")


CONDITIONS.update(
    {
        "from": _from,
        "home": _home,
        "located": _located,
        "german": _german,
        "greek": _greek,
    }
)

ALIKE.update(dict.fromkeys(("from", "home", "located", "german", "greek"), anywhere))
