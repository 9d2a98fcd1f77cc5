"""DCSA's own examples with one value of another kind: each is refused in DCSA's shape."""

from __future__ import annotations

import copy
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from gateway.lading.shapes import check, narrowed
from tests.gateway.lading.platforms import House

pytestmark = [pytest.mark.conformance, pytest.mark.timeout(600)]

_TAKEN = (
    ("CreateShippingInstructions", "POST", "/v3/shipping-instructions"),
    ("EBL:TransportDocument", "PUT", "/v3/transport-documents/none/amendment"),
    ("ShippingInstructionsNotification", "POST", "/v3/shipping-instructions-notifications"),
    ("TransportDocumentNotification", "POST", "/v3/transport-document-notifications"),
    ("IssuanceRequest", "PUT", "/v3/ebl-issuance-requests"),
    ("IssuanceResponse", "POST", "/v3/ebl-issuance-responses"),
    ("SurrenderRequestDetails", "POST", "/v3/ebl-surrender-requests"),
    ("EblEnvelope", "POST", "/v3/envelopes"),
)
_OTHER = {"another": "kind"}


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """Give a gateway that is platform and carrier."""
    more = "\n[limits]\nburst = 1000000\nrequests_per_second = 100000\n"
    folder = tmp_path_factory.mktemp("leaves")
    with House(folder, platform="BOLE", carrier="MAEU", more=more).open() as made:
        yield made


@pytest.mark.parametrize(("shape", "method", "path"), _TAKEN)
def test_a_value_of_another_kind_is_refused(
    house: House, shared: Path, shape: str, method: str, path: str
):
    """Every value of every example, one at a time, replaced by an object: 400, and the part named.

    Properties that the shape does not list are let pass, and left out here.
    """
    headers = {"authorization": f"Bearer {house.token('CARX')}"}
    asked = 0
    with httpx.Client(base_url=house.url, headers=headers, timeout=30.0) as http:
        for example in _examples(shared, shape):
            for place in _leaves(narrowed(example, shape)):
                answer = http.request(method, path, json=_with(example, place, _OTHER))
                assert answer.status_code == 400, place
                said = answer.json()
                assert check(said, "ErrorResponse") == []
                assert any(_names(each, place) for each in said["errors"]), (place, said)
                asked += 1
    assert asked


def _examples(shared: Path, shape: str) -> Iterator[Any]:
    """Yield DCSA's examples of a message, each once."""
    seen = set()
    for file in sorted((shared / "data" / "ebl" / "dcsa" / "examples").glob("*/*.json")):
        text = file.read_text("utf-8")
        found = json.loads(text)
        if text not in seen and isinstance(found, dict) and not check(found, shape):
            seen.add(text)
            yield found


def _leaves(value: Any, place: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the places of all values that hold no others."""
    if isinstance(value, dict):
        for name, each in value.items():
            yield from _leaves(each, (*place, name))
    elif isinstance(value, list):
        for index, each in enumerate(value):
            yield from _leaves(each, (*place, index))
    else:
        yield place


def _with(value: Any, place: tuple[Any, ...], new: Any) -> Any:
    made = copy.deepcopy(value)
    inner = made
    for step in place[:-1]:
        inner = inner[step]
    inner[place[-1]] = new
    return made


def _names(error: dict[str, Any], place: tuple[Any, ...]) -> bool:
    """Tell whether an error is at a place, or in the part of the message that chose its shape.

    Examples of DCSA name a container in one shape and choose the other (isShipperOwned).
    """
    found = str(error.get("jsonPath", ""))
    return found == _path(place) or found.startswith(_path(place[:2]))


def _path(place: tuple[Any, ...]) -> str:
    return "$" + "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in place)
