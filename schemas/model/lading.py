# ruff: noqa: RUF009 - term() and group() declare a field, as dataclasses.field does
"""The bill of lading: property names of the DCSA transport document 3.0 below `TD`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import ClassVar

from schemas.model.values import Quantity
from schemas.term import group, groups, term, terms


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A structured address."""

    street: str | None = term("street")
    street_number: str | None = term("streetNumber")
    postcode: str | None = term("postCode")
    city: str | None = term("city")
    country: str | None = term("countryCode")


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentifyingCode:
    """A code that identifies a party, with the list it is from."""

    provider: str | None = term("codeListProvider")
    list_name: str | None = term("codeListName")
    code: str | None = term("partyCode")


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """A party of the transport document."""

    name: str | None = term("partyName")
    address: Address | None = group("address")
    displayed_address: tuple[str, ...] = terms("displayedAddress")
    codes: tuple[IdentifyingCode, ...] = groups("identifyingCodes")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parties:
    """The parties by role."""

    shipper: Party | None = group("shipper")
    consignee: Party | None = group("consignee")
    issuing: Party | None = group("issuingParty")
    notify: tuple[Party, ...] = groups("notifyParties")


@dataclass(frozen=True, slots=True, kw_only=True)
class Voyage:
    """One leg: vessel and voyage."""

    vessel: str | None = term("vesselName")
    imo: str | None = term("vesselIMONumber")
    voyage: str | None = term("carrierExportVoyageNumber")


@dataclass(frozen=True, slots=True, kw_only=True)
class Transports:
    """Where the goods go, by UN/LOCODE, and on what."""

    departure: date | None = term("plannedDepartureDate")
    arrival: date | None = term("plannedArrivalDate")
    loading: str | None = term("portOfLoading.UNLocationCode")
    discharge: str | None = term("portOfDischarge.UNLocationCode")
    voyages: tuple[Voyage, ...] = groups("vesselVoyages")


@dataclass(frozen=True, slots=True, kw_only=True)
class CargoItem:
    """Cargo in one container."""

    equipment: str | None = term("equipmentReference")
    gross_weight: Quantity | None = term("cargoGrossWeight")
    packages: Decimal | None = term("outerPackaging.numberOfPackages")
    package_code: str | None = term("outerPackaging.packageCode")
    package_description: str | None = term("outerPackaging.description")


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsignmentItem:
    """Goods of one kind."""

    descriptions: tuple[str, ...] = terms("descriptionOfGoods")
    hs_codes: tuple[str, ...] = terms("HSCodes")
    marks: tuple[str, ...] = terms("shippingMarks")
    cargo: tuple[CargoItem, ...] = groups("cargoItems")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """A seal."""

    number: str | None = term("number")


@dataclass(frozen=True, slots=True, kw_only=True)
class Equipment:
    """A container used."""

    reference: str | None = term("equipment.equipmentReference")
    type: str | None = term("equipment.ISOEquipmentCode")
    tare: Quantity | None = term("equipment.tareWeight")
    seals: tuple[Seal, ...] = groups("seals")


@dataclass(frozen=True, slots=True, kw_only=True)
class Transport:
    """The transport document below TD."""

    reference: str | None = term("transportDocumentReference")
    type: str | None = term("transportDocumentTypeCode")
    status: str | None = term("transportDocumentStatus")
    issued: date | None = term("issueDate")
    on_board: date | None = term("shippedOnBoardDate")
    carrier: str | None = term("carrierCode")
    transports: Transports | None = group("transports")
    parties: Parties | None = group("documentParties")
    goods: tuple[ConsignmentItem, ...] = groups("consignmentItems")
    equipment: tuple[Equipment, ...] = groups("utilizedTransportEquipments")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lading:
    """A bill of lading or sea waybill."""

    separator: ClassVar[str] = "."

    transport: Transport | None = group("TD")
    ext: Mapping[str, str] | None = None
