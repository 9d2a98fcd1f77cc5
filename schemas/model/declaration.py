# ruff: noqa: RUF009 - term() and group() declare a field, as dataclasses.field does
"""The goods declaration: WCO Data Model names, ids as paths below Declaration.

What has no home in the WCO model stands in `ext`, by its id below the group.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from schemas.model.values import Amount, Identifier, Quantity
from schemas.term import group, groups, term, terms


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """A postal address (WCO class 04A)."""

    line: str | None = term("Line")
    city: str | None = term("CityName")
    postcode: str | None = term("PostcodeID")
    subdivision: str | None = term("CountrySubDivisionName")
    country: str | None = term("CountryCode")


@dataclass(frozen=True, slots=True, kw_only=True)
class Party:
    """A party to the declaration: declarant, exporter, importer, consignee, seller."""

    id: Identifier | None = term("ID")
    name: str | None = term("Name")
    address: Address | None = group("Address")


@dataclass(frozen=True, slots=True, kw_only=True)
class TransportMeans:
    """The means of transport crossing the border (WCO class 15A)."""

    mode: str | None = term("ModeCode")
    name: str | None = term("Name")
    journey: str | None = term("JourneyID")
    nationality: str | None = term("RegistrationNationalityCode")


@dataclass(frozen=True, slots=True, kw_only=True)
class Seal:
    """A seal of a container (WCO class 44A)."""

    id: str | None = term("ID")


@dataclass(frozen=True, slots=True, kw_only=True)
class TransportEquipment:
    """A container (WCO class 31B)."""

    id: str | None = term("ID")
    type: str | None = term("CharacteristicCode")
    seals: tuple[Seal, ...] = groups("Seal")
    ext: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class TransportDocument:
    """A transport document: bill of lading or air waybill number."""

    id: str | None = term("ID")
    type: str | None = term("TypeCode")


@dataclass(frozen=True, slots=True, kw_only=True)
class Consignment:
    """The consignment: ports, transport documents, containers (WCO class 28A)."""

    container_code: str | None = term("ContainerCode")
    loading: str | None = term("LoadingLocation.ID")
    unloading: str | None = term("UnloadingLocation.ID")
    goods_location: str | None = term("GoodsLocation.Name")
    documents: tuple[TransportDocument, ...] = groups("TransportContractDocument")
    equipment: tuple[TransportEquipment, ...] = groups("TransportEquipment")


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeTerms:
    """Terms of delivery (WCO class 41B)."""

    condition: str | None = term("ConditionCode")
    place: str | None = term("LocationName")


@dataclass(frozen=True, slots=True, kw_only=True)
class InvoiceReference:
    """An invoice of the shipment."""

    id: str | None = term("ID")
    issued: str | None = term("IssueDateTime")


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    """A licence, certificate or other supporting document."""

    id: str | None = term("ID")
    type: str | None = term("TypeCode")


@dataclass(frozen=True, slots=True, kw_only=True)
class Packaging:
    """Packages of a line (WCO class 93A)."""

    quantity: Decimal | None = term("QuantityQuantity")
    type: str | None = term("TypeCode")
    marks: str | None = term("MarksNumbersID")


@dataclass(frozen=True, slots=True, kw_only=True)
class Classification:
    """A code of the goods in a nomenclature; `type` says which."""

    id: str | None = term("ID")
    type: str | None = term("IdentificationTypeCode")


@dataclass(frozen=True, slots=True, kw_only=True)
class DangerousGoods:
    """Dangerous goods by their UN number."""

    undg: str | None = term("UNDGID")


@dataclass(frozen=True, slots=True, kw_only=True)
class Commodity:
    """What the goods are (WCO class 23A)."""

    description: str | None = term("Description")
    classifications: tuple[Classification, ...] = groups("Classification")
    tariff_quantity: Quantity | None = term("GoodsMeasure.TariffQuantity")
    net_weight: Quantity | None = term("GoodsMeasure.NetNetWeightMeasure")
    gross_weight: Quantity | None = term("GoodsMeasure.GrossMassMeasure")
    amount: Amount | None = term("InvoiceLine.ItemChargeAmount")
    dangerous: tuple[DangerousGoods, ...] = groups("DangerousGoods")


@dataclass(frozen=True, slots=True, kw_only=True)
class GoodsItem:
    """One line of the declaration (WCO class 68A)."""

    sequence: str | None = term("SequenceNumeric")
    commodity: Commodity | None = group("Commodity")
    customs_value: Amount | None = term("CustomsValueAmount")
    origin: str | None = term("Origin.CountryCode")
    destination: str | None = term("Destination.CountryCode")
    packaging: tuple[Packaging, ...] = groups("Packaging")
    documents: tuple[Document, ...] = groups("AdditionalDocument")
    ext: Mapping[str, str] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class GoodsShipment:
    """The goods and the trade they belong to (WCO class 67A)."""

    exit_date: str | None = term("ExitDateTime")
    export_country: str | None = term("ExportCountry.ID")
    destination: str | None = term("Destination.CountryCode")
    consignee: Party | None = group("Consignee")
    importer: Party | None = group("Importer")
    seller: Party | None = group("Seller")
    buyer: Party | None = group("Buyer")
    consignment: Consignment | None = group("Consignment")
    trade_terms: TradeTerms | None = group("TradeTerms")
    freight: Amount | None = term("CustomsValuation.FreightChargeAmount")
    charges: tuple[Amount, ...] = terms(
        "CustomsValuation.ChargeDeduction.OtherChargeDeductionAmount"
    )
    invoices: tuple[InvoiceReference, ...] = groups("Invoice")
    items: tuple[GoodsItem, ...] = groups("GovernmentAgencyGoodsItem")


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """A goods declaration (WCO class 42A)."""

    separator: ClassVar[str] = "."

    function: str | None = term("FunctionCode")
    reference: str | None = term("FunctionalReferenceID")
    id: str | None = term("ID")
    type: str | None = term("TypeCode")
    issued: str | None = term("IssueDateTime")
    office: str | None = term("DeclarationOfficeID")
    item_count: Decimal | None = term("GoodsItemQuantity")
    packages: Decimal | None = term("TotalPackageQuantity")
    gross_weight: Quantity | None = term("TotalGrossMassMeasure")
    amount: Amount | None = term("InvoiceAmount")
    declarant: Party | None = group("Declarant")
    exporter: Party | None = group("Exporter")
    transport: TransportMeans | None = group("BorderTransportMeans")
    documents: tuple[Document, ...] = groups("AdditionalDocument")
    shipment: GoodsShipment | None = group("GoodsShipment")
    ext: Mapping[str, str] | None = None
