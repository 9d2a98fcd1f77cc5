"""Callers who may not: no key, a wrong one, one that ended, one without the scope, another's."""

from __future__ import annotations

from datetime import timedelta

import pytest

from gateway.api.keys import ALL_SCOPES, mint
from gateway.sandbox import shipments
from gateway.store import tenants
from gateway.store.tenants import StoredKey
from gateway.wiring.api_keys import issue
from schemas.clock import utc_now
from tests.hostile.gateway.refusals import refused
from tests.journeys.pair import Pair

SHIPMENT = shipments.load("g01")
SUBMIT = "/v1/exchanges?receiver=sg-port&target=peppol-ubl"
HEADER = "header/Authorization"
CALLS = [
    ("POST", SUBMIT),
    ("GET", "/v1/exchanges"),
    ("POST", "/v1/clearances"),
    ("GET", "/v1/clearances/board"),
    ("POST", "/v1/authorities/cn-customs/receipts"),
    ("POST", "/v1/validate"),
]


def _key(gateways: Pair, **aspects: object) -> str:
    """Store a key of the exporter's tenant with one aspect of its own; return its token."""
    made = mint()
    key = {"scopes": frozenset(map(str, ALL_SCOPES)), "expires_at": utc_now() + timedelta(days=1)}
    with gateways.exporter.gateway.store.begin() as tx:
        tenants.add_key(
            tx,
            StoredKey(
                id=made.id,
                tenant=gateways.exporter.id,
                name="test",
                hash=made.digest,
                created_at=utc_now(),
                **(key | aspects),  # type: ignore[arg-type]
            ),
        )
    return made.token


@pytest.fixture(scope="module")
def tokens(gateways: Pair) -> dict[str, str]:
    """Tokens that open nothing."""
    expired = _key(gateways, expires_at=utc_now() - timedelta(seconds=1))
    revoked = _key(gateways, revoked_at=utc_now())
    changed = gateways.exporter.token[:-1] + ("A" if gateways.exporter.token[-1] != "A" else "B")
    return {
        "no key": "",
        "not a key": "sgk_x",
        "another's key": gateways.importer.token,
        "changed secret": changed,
        "expired": expired,
        "revoked": revoked,
    }


CODES = {"no key": "SG-6001", "expired": "SG-6003"}


@pytest.mark.usefixtures("untouched")
@pytest.mark.parametrize("call", CALLS, ids=lambda call: f"{call[0]} {call[1].partition('?')[0]}")
@pytest.mark.parametrize(
    "case", ["no key", "not a key", "another's key", "changed secret", "expired", "revoked"]
)
def test_a_key_that_is_not_good_opens_nothing(
    gateways: Pair, tokens: dict[str, str], case: str, call: tuple[str, str]
) -> None:
    """401 at every call, before the body is looked at."""
    with gateways.exporter.caller(tokens[case]) as http:
        answer = http.request(*call, content=b"<x/>")
    refused(answer, 401, CODES.get(case, "SG-6002"), HEADER)
    assert answer.headers["www-authenticate"].startswith("Bearer")


@pytest.mark.usefixtures("untouched")
def test_a_key_does_only_what_it_may(gateways: Pair) -> None:
    """A key that may read may not submit; it is told which scope is missing."""
    settings = gateways.exporter.settings
    reader = issue(settings, tenant=settings.id, scopes=["exchanges:read"], days=1)
    try:
        with gateways.exporter.caller(reader) as http:
            assert http.get("/v1/exchanges").status_code == 200
            problem = refused(http.post(SUBMIT, content=SHIPMENT.invoice), 403, "SG-6004", HEADER)
            assert "exchanges:write" in problem["detail"]
    finally:
        _forget(gateways, reader)


def test_a_trader_cannot_release_his_own_goods(gateways: Pair) -> None:
    """A key with every scope, but another tenant's, hands in no receipt for the customs."""
    trader = issue(gateways.exporter.settings, tenant="trader", scopes=["all"], days=1)
    with gateways.exporter.caller(trader) as http:
        answer = http.post("/v1/authorities/cn-customs/receipts", content=b"<DEC_DATA/>")
    refused(answer, 403, "SG-6008", "path/authority")


def test_another_tenants_papers_do_not_exist(gateways: Pair) -> None:
    """A second tenant of the same gateway sees nothing of the first, not even that it is."""
    exchange = gateways.exporter.send(SHIPMENT.invoice, "peppol-ubl", "sg-port")
    gateways.exporter.settled(exchange)
    stranger = issue(gateways.exporter.settings, tenant="stranger", scopes=["all"], days=1)
    with gateways.exporter.caller(stranger) as http:
        assert http.get("/v1/exchanges").json()["items"] == []
        for part in ("", "/timeline", "/payloads/source", "/loss", "/findings", "/evidence"):
            answer = http.get(f"/v1/exchanges/{exchange}{part}")
            absent = http.get(f"/v1/exchanges/{'0' * 36}{part}")
            assert answer.status_code == absent.status_code == 404
            told = answer.json()["detail"].replace(exchange, "0" * 36)
            assert told == absent.json()["detail"]


def _forget(gateways: Pair, token: str) -> None:
    """Take a key away again, so that the tables are as they were."""
    from gateway.store.tables.tenancy import API_KEY

    with gateways.exporter.gateway.store.begin() as tx:
        tx.execute(API_KEY.delete().where(API_KEY.c.id == token.split("_")[1]))
