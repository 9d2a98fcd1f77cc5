# ruff: noqa: RUF009 - term() and group() declare a field, as dataclasses.field does
"""The bill of lading: property names of the DCSA transport document 3.0 below `TD`.

Where the UN/CEFACT multi-modal transport reference model (MMT, D22A) names a thing differently,
its name is in the docstring.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import ClassVar

from schemas.model.values import Amount, Quantity
from schemas.term import group, groups, term, terms


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A structured address (MMT: postalAddress)."""

    street: str | None = term("street")
    street_number: str | None = term("streetNumber")
    floor: str | None = term("floor")
    postcode: str | None = term("postCode")
    po_box: str | None = term("POBox")
    city: str | None = term("city")
    region: str | None = term("stateRegion")
    country: str | None = term("countryCode")


@dataclass(frozen=True, slots=True, kw_only=True)
class IdentifyingCode:
    """A code that identifies a party, with the list it is from."""

    provider: str | None = term("codeListProvider")
    list_name: str | None = term("codeListName")
    code: str | None = term("partyCode")


@dataclass(frozen=True, slots=True, kw_only=True)
class TaxReference:
    """A number by which a tax office or a register knows a party."""

    type: str | None = term("type")
    country: str | None = term("countryCode")
    value: str | None = term("value")


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Somebody to speak to (MMT: definedContact)."""

    name: str | None = term("name")
    phone: str | None = term("phone")
    email: str | None = term("email")


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """A party of the transport document (MMT: tradeParty)."""

    name: str | None = term("partyName")
    platform: str | None = term("eblPlatform")
    address: Address | None = group("address")
    address_lines: tuple[str, ...] = terms("addressLines")
    displayed_address: tuple[str, ...] = terms("displayedAddress")
    codes: tuple[IdentifyingCode, ...] = groups("identifyingCodes")
    tax: tuple[TaxReference, ...] = groups("taxLegalReferences")
    contacts: tuple[Contact, ...] = groups("partyContactDetails")
    reference: str | None = term("reference")


@dataclass(frozen=True, slots=True, kw_only=True)
class OtherParty:
    """A party in another function (UNTDID 3035)."""

    function: str | None = term("partyFunction")
    party: Party | None = group("party")


@dataclass(frozen=True, slots=True, kw_only=True)
class Parties:
    """The parties by role (MMT: consignorParty, consigneeParty, notifiedParty, carrierAgent)."""

    shipper: Party | None = group("shipper")
    on_behalf_of_shipper: Party | None = group("onBehalfOfShipper")
    consignee: Party | None = group("consignee")
    on_behalf_of_consignee: Party | None = group("onBehalfOfConsignee")
    endorsee: Party | None = group("endorsee")
    issuing: Party | None = group("issuingParty")
    agent_at_destination: Party | None = group("carriersAgentAtDestination")
    notify: tuple[Party, ...] = groups("notifyParties")
    other: tuple[OtherParty, ...] = groups("other")


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A place by UN/LOCODE, name, city or address (MMT: logisticsLocation)."""

    code: str | None = term("UNLocationCode")
    name: str | None = term("locationName")
    city: str | None = term("city.city")
    country: str | None = term("city.countryCode")
    address: Address | None = group("address")


@dataclass(frozen=True, slots=True, kw_only=True)
class Voyage:
    """One leg: vessel and voyage (MMT: mainCarriageTransportMovement)."""

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
    loading_port: Place | None = group("portOfLoading")
    discharge_port: Place | None = group("portOfDischarge")
    receipt: Place | None = group("placeOfReceipt")
    delivery: Place | None = group("placeOfDelivery")
    onward: Place | None = group("onwardInlandRouting")
    pre_carriage: str | None = term("preCarriageBy")
    on_carriage: str | None = term("onCarriageBy")
    voyages: tuple[Voyage, ...] = groups("vesselVoyages")


@dataclass(frozen=True, slots=True, kw_only=True)
class DangerousGoods:
    """Dangerous goods by the IMDG code."""

    un_number: str | None = term("UNNumber")
    shipping_name: str | None = term("properShippingName")
    imo_class: str | None = term("imoClass")
    packing_group: str | None = term("packingGroup")
    ems: str | None = term("EMSNumber")


@dataclass(frozen=True, slots=True, kw_only=True)
class CargoItem:
    """Cargo in one container."""

    equipment: str | None = term("equipmentReference")
    gross_weight: Quantity | None = term("cargoGrossWeight")
    gross_volume: Quantity | None = term("cargoGrossVolume")
    net_weight: Quantity | None = term("cargoNetWeight")
    packages: Decimal | None = term("outerPackaging.numberOfPackages")
    package_code: str | None = term("outerPackaging.packageCode")
    package_description: str | None = term("outerPackaging.description")
    dangerous: tuple[DangerousGoods, ...] = groups("outerPackaging.dangerousGoods")


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsignmentItem:
    """Goods of one kind (MMT: includedConsignmentItem)."""

    booking: str | None = term("carrierBookingReference")
    descriptions: tuple[str, ...] = terms("descriptionOfGoods")
    hs_codes: tuple[str, ...] = terms("HSCodes")
    marks: tuple[str, ...] = terms("shippingMarks")
    cargo: tuple[CargoItem, ...] = groups("cargoItems")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """A seal, and who put it on (MMT: affixedLogisticsSeal)."""

    number: str | None = term("number")
    source: str | None = term("source")


@dataclass(frozen=True, slots=True, kw_only=True)
class Equipment:
    """A container used (MMT: utilizedTransportEquipment)."""

    shipper_owned: str | None = term("isShipperOwned")
    reference: str | None = term("equipment.equipmentReference")
    type: str | None = term("equipment.ISOEquipmentCode")
    tare: Quantity | None = term("equipment.tareWeight")
    temperature: Decimal | None = term("activeReeferSettings.temperatureSetpoint")
    temperature_unit: str | None = term("activeReeferSettings.temperatureUnit")
    seals: tuple[Seal, ...] = groups("seals")


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """A charge, prepaid (PRE) or collect (COL)."""

    name: str | None = term("chargeName")
    amount: Amount | None = term("currencyAmount")
    payment: str | None = term("paymentTermCode")
    basis: str | None = term("calculationBasis")
    unit_price: Decimal | None = term("unitPrice")
    quantity: Decimal | None = term("quantity")


@dataclass(frozen=True, slots=True, kw_only=True)
class Transport:
    """The transport document below TD (MMT: transportContractDocument of a consignment)."""

    reference: str | None = term("transportDocumentReference")
    type: str | None = term("transportDocumentTypeCode")
    status: str | None = term("transportDocumentStatus")
    to_order: str | None = term("isToOrder")
    electronic: str | None = term("isElectronic")
    shipped: str | None = term("isShippedOnBoardType")
    freight: str | None = term("freightPaymentTermCode")
    issued: date | None = term("issueDate")
    on_board: date | None = term("shippedOnBoardDate")
    received: date | None = term("receivedForShipmentDate")
    carrier: str | None = term("carrierCode")
    carrier_list: str | None = term("carrierCodeListProvider")
    conditions: str | None = term("termsAndConditions")
    clauses: tuple[str, ...] = terms("carrierClauses")
    service_contract: str | None = term("serviceContractReference")
    receipt_type: str | None = term("receiptTypeAtOrigin")
    delivery_type: str | None = term("deliveryTypeAtDestination")
    movement_origin: str | None = term("cargoMovementTypeAtOrigin")
    movement_destination: str | None = term("cargoMovementTypeAtDestination")
    originals_with_charges: Decimal | None = term("numberOfOriginalsWithCharges")
    originals_without_charges: Decimal | None = term("numberOfOriginalsWithoutCharges")
    declared_value: Amount | None = term("declaredValue")
    displayed_receipt: tuple[str, ...] = terms("displayedNameForPlaceOfReceipt")
    displayed_loading: tuple[str, ...] = terms("displayedNameForPortOfLoad")
    displayed_discharge: tuple[str, ...] = terms("displayedNameForPortOfDischarge")
    displayed_delivery: tuple[str, ...] = terms("displayedNameForPlaceOfDelivery")
    issue_place: Place | None = group("placeOfIssue")
    payable_at: Place | None = group("invoicePayableAt")
    contacts: tuple[Contact, ...] = groups("partyContactDetails")
    charges: tuple[Charge, ...] = groups("charges")
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
