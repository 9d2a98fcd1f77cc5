"""Amending, cancelling and confirming over HTTP."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from gateway.api.keys import Scope
from tests.gateway.api.test_live import client, tls, url
from tests.gateway.api.world import World

__all__ = ["client", "tls", "url"]

PLACE = "/v1/clearances/c-1"
XML = {"content-type": "application/xml"}


@pytest.fixture(autouse=True)
def _shown(world: World) -> None:
    """One clearance that can be changed."""
    world.clearances.shown["c-1"] = {"id": "c-1"}


def test_a_new_version_amends(client: httpx.Client, world: World) -> None:
    """The whole declaration with its reason; the clearance comes back."""
    place = f"{PLACE}/amendments?reason=counted%20again"
    answer = client.post(place, content=b"<DecMessage/>", headers=XML)
    assert (answer.status_code, answer.json()) == (200, {"id": "c-1"})
    assert world.clearances.changes == [("amend", b"<DecMessage/>", "counted again")]


def test_differences_amend(client: httpx.Client, world: World) -> None:
    """Values by term id in JSON."""
    said = {"reason": "counted", "fields": {"TotalPackageQuantity": "14"}}
    assert client.post(f"{PLACE}/amendments", json=said).status_code == 200
    assert world.clearances.changes == [("correct", {"TotalPackageQuantity": "14"}, "counted")]


def test_a_clearance_is_cancelled_and_changes_confirmed(client: httpx.Client, world: World) -> None:
    """With a reason, and by number."""
    assert client.post(f"{PLACE}/cancellation", json={"reason": "sold"}).status_code == 200
    assert client.post(f"{PLACE}/confirmations", json={"number": 2}).status_code == 200
    declined = client.post(f"{PLACE}/refusals", json={"number": 3, "reason": "not ours"})
    assert declined.status_code == 200
    assert world.clearances.changes == [
        ("cancel", "sold"),
        ("confirm", 2),
        ("decline", 3, "not ours"),
    ]


@pytest.mark.parametrize(
    ("call", "said", "code", "where"),
    [
        ("amendments", {"fields": {"a": "b"}}, "SG-1157", "body/reason"),
        ("amendments", {"reason": "r"}, "SG-1157", "body/fields"),
        ("amendments", {"reason": "r", "fields": {}}, "SG-1157", "body/fields"),
        ("amendments", {"reason": "r", "fields": {"a": 1}}, "SG-1154", "body/fields"),
        ("amendments", {"reason": "x" * 513, "fields": {"a": "b"}}, "SG-1154", "body/reason"),
        ("amendments", ["r"], "SG-1154", "body"),
        ("cancellation", {"reason": "  "}, "SG-1157", "body/reason"),
        ("cancellation", {}, "SG-1157", "body/reason"),
        ("confirmations", {"number": "1"}, "SG-1154", "body/number"),
        ("confirmations", {"number": True}, "SG-1154", "body/number"),
        ("refusals", {"number": 1}, "SG-1157", "body/reason"),
        ("refusals", {"number": "1", "reason": "r"}, "SG-1154", "body/number"),
    ],
)
def test_what_is_not_complete_changes_nothing(  # noqa: PLR0917 - named by pytest
    client: httpx.Client, world: World, call: str, said: Any, code: str, where: str
) -> None:
    """A change needs its reason and its values; the problem says what is missing."""
    answer = client.post(f"{PLACE}/{call}", json=said)
    problem = answer.json()
    assert (answer.status_code, problem["code"], problem["where"]) == (422, code, where)
    assert world.clearances.changes == []


def test_a_version_without_reason_is_refused(client: httpx.Client, world: World) -> None:
    """Customs and the other side are told why."""
    answer = client.post(f"{PLACE}/amendments", content=b"<DecMessage/>", headers=XML)
    assert (answer.status_code, answer.json()["where"]) == (422, "query/reason")
    assert world.clearances.changes == []


@pytest.mark.parametrize("call", ["amendments", "cancellation", "confirmations", "refusals"])
def test_changing_needs_the_right_to_clear(client: httpx.Client, world: World, call: str) -> None:
    """A key that may only look changes nothing; another tenant's clearance is not there."""
    said = {"reason": "r", "fields": {"a": "b"}, "number": 1}
    looking = {"authorization": f"Bearer {world.key(scopes=frozenset({Scope.BOARD}))}"}
    assert client.post(f"{PLACE}/{call}", json=said, headers=looking).status_code == 403
    assert world.clearances.changes == []
    other = {"authorization": f"Bearer {world.key('other')}"}
    assert client.post(f"{PLACE}/{call}", json=said, headers=other).status_code == 404
