"""Invented invoices of any number of lines, in order by EN 16931 and Peppol BIS Billing 3.0."""

from __future__ import annotations

from decimal import Decimal

_HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<Invoice xmlns="urn:oasis:names:specification:ubl:schema:xsd:Invoice-2"
 xmlns:cac="urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2"
 xmlns:cbc="urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2">
<cbc:CustomizationID>urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0</cbc:CustomizationID>
<cbc:ProfileID>urn:fdc:peppol.eu:2017:poacc:billing:01:1.0</cbc:ProfileID>
<cbc:ID>SMPL-{lot}</cbc:ID>
<cbc:IssueDate>2026-09-01</cbc:IssueDate>
<cbc:DueDate>2026-10-01</cbc:DueDate>
<cbc:InvoiceTypeCode>380</cbc:InvoiceTypeCode>
<cbc:DocumentCurrencyCode>EUR</cbc:DocumentCurrencyCode>
<cbc:BuyerReference>SMPL-REF</cbc:BuyerReference>
"""
_PARTY = """<cac:Accounting{role}Party><cac:Party>
<cbc:EndpointID schemeID="0088">5790000435944</cbc:EndpointID>
<cac:PostalAddress><cbc:StreetName>Sample Street 1</cbc:StreetName>
<cbc:CityName>Sampleville</cbc:CityName><cbc:PostalZone>75001</cbc:PostalZone>
<cac:Country><cbc:IdentificationCode>FR</cbc:IdentificationCode></cac:Country></cac:PostalAddress>
<cac:PartyTaxScheme><cbc:CompanyID>FR32123456789</cbc:CompanyID>
<cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:PartyTaxScheme>
<cac:PartyLegalEntity><cbc:RegistrationName>Sample {role}</cbc:RegistrationName>
</cac:PartyLegalEntity>
</cac:Party></cac:Accounting{role}Party>
"""
_MEANS = """<cac:PaymentMeans><cbc:PaymentMeansCode>30</cbc:PaymentMeansCode>
<cac:PayeeFinancialAccount><cbc:ID>FR7630006000011234567890189</cbc:ID></cac:PayeeFinancialAccount>
</cac:PaymentMeans>
"""
_CATEGORY = """<cac:{name}><cbc:ID>S</cbc:ID><cbc:Percent>{rate}</cbc:Percent>
<cac:TaxScheme><cbc:ID>VAT</cbc:ID></cac:TaxScheme></cac:{name}>"""
_SUBTOTAL = """<cac:TaxSubtotal><cbc:TaxableAmount currencyID="EUR">{base}</cbc:TaxableAmount>
<cbc:TaxAmount currencyID="EUR">{tax}</cbc:TaxAmount>
{category}
</cac:TaxSubtotal>
"""
_TAXES = """<cac:TaxTotal><cbc:TaxAmount currencyID="EUR">{tax}</cbc:TaxAmount>
{subtotals}</cac:TaxTotal>
"""
_TOTALS = """<cac:LegalMonetaryTotal>
<cbc:LineExtensionAmount currencyID="EUR">{net}</cbc:LineExtensionAmount>
<cbc:TaxExclusiveAmount currencyID="EUR">{net}</cbc:TaxExclusiveAmount>
<cbc:TaxInclusiveAmount currencyID="EUR">{gross}</cbc:TaxInclusiveAmount>
<cbc:PayableAmount currencyID="EUR">{gross}</cbc:PayableAmount>
</cac:LegalMonetaryTotal>
"""
_LINE = """<cac:InvoiceLine>
<cbc:ID>{n}</cbc:ID>
<cbc:Note>Packed in carton {n} of lot {lot}</cbc:Note>
<cbc:InvoicedQuantity unitCode="C62">{quantity}</cbc:InvoicedQuantity>
<cbc:LineExtensionAmount currencyID="EUR">{net}</cbc:LineExtensionAmount>
<cac:OrderLineReference><cbc:LineID>{n}</cbc:LineID></cac:OrderLineReference>
<cac:Item><cbc:Description>Sample part number {n}</cbc:Description><cbc:Name>Part {n}</cbc:Name>
<cac:SellersItemIdentification><cbc:ID>P-{n:06d}</cbc:ID></cac:SellersItemIdentification>
<cac:CommodityClassification>
<cbc:ItemClassificationCode listID="STI">85171300</cbc:ItemClassificationCode>
</cac:CommodityClassification>
{category}
</cac:Item>
<cac:Price><cbc:PriceAmount currencyID="EUR">{price}</cbc:PriceAmount>
<cbc:BaseQuantity unitCode="C62">1</cbc:BaseQuantity></cac:Price>
</cac:InvoiceLine>
"""
_RATES = (Decimal(20), Decimal("5.5"))
_CENT = Decimal("0.01")


def invoice(lines: int, lot: int = 1, broken: int = 0) -> str:
    """Return an invoice whose lines all differ; `lot` makes it unique.

    The net amount of the line `broken`, if that is above zero, is one too much.
    """
    bases = dict.fromkeys(_RATES, Decimal(0))
    body = []
    for n in range(1, lines + 1):
        quantity = 1 + (n * 7 + lot) % 40
        price = Decimal(100 + (n * 37 + lot * 11) % 9000) / 100
        rate = _RATES[n % 4 == 0]
        net = quantity * price
        bases[rate] += net
        category = _CATEGORY.format(name="ClassifiedTaxCategory", rate=rate)
        stated = net + (n == broken)
        body.append(
            _LINE.format(
                n=n, lot=lot, quantity=quantity, net=stated, price=price, category=category
            )
        )
    taxes = {rate: (base * rate / 100).quantize(_CENT) for rate, base in bases.items() if base}
    total, tax = sum(bases.values(), Decimal(0)), sum(taxes.values(), Decimal(0))
    subtotals = "".join(
        _SUBTOTAL.format(
            base=bases[rate],
            tax=of_rate,
            category=_CATEGORY.format(name="TaxCategory", rate=rate),
        )
        for rate, of_rate in taxes.items()
    )
    return "".join(
        (
            _HEAD.format(lot=lot),
            _PARTY.format(role="Supplier"),
            _PARTY.format(role="Customer"),
            _MEANS,
            _TAXES.format(tax=tax, subtotals=subtotals),
            _TOTALS.format(net=total, gross=total + tax),
            *body,
            "</Invoice>\n",
        )
    )
