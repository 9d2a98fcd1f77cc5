"""The shipments of the demonstration are whole."""

from __future__ import annotations

import pytest

import adapters
from gateway.clearance.build import outbound
from gateway.clearance.complete import form, take
from gateway.clearance.corridor import between
from gateway.sandbox import shipments
from schemas.finding import Flag
from tests.gateway.clearance import documents as golden


@pytest.mark.parametrize("name", shipments.NAMES)
def test_the_documents_agree_and_the_answers_fit_the_form(name: str) -> None:
    """No fatal finding, no contradiction, and every field the importer is asked has an answer."""
    found = shipments.load(name)
    readings = [adapters.read(data) for data in (found.declaration, found.invoice, found.lading)]
    assert not [f for r in readings for f in adapters.validate(r) if f.flag is Flag.FATAL]
    declaration, *related = [reading.document for reading in readings]
    country = declaration.value("GoodsShipment.Destination.CountryCode")
    corridor = between("CN", country)
    leaving = outbound(declaration, related, corridor)
    assert leaving.findings == []
    arrived = adapters.read(adapters.render(leaving.document, corridor.import_.format).data)
    assert take(form(arrived.document, corridor, {}), found.answers)


@pytest.mark.parametrize("name", shipments.NAMES)
def test_they_are_the_golden_shipments(name: str) -> None:
    """The demonstration shows the same declarations that the tests know."""
    declaration = golden.GOLDEN / name / "decmessage.xml"
    assert shipments.load(name).declaration == declaration.read_bytes()
