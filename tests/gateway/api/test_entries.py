"""Digests are logged over HTTP, and proofs are read back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import pytest
from starlette.testclient import TestClient

from gateway.api.app import create_app
from gateway.api.keys import Scope
from tests.gateway.api.world import World

DIGESTS = [sha256(b"%d" % number).digest() for number in range(5)]
ENTRIES = "/v1/log/entries"
RAW = {"content-type": "application/octet-stream"}


@pytest.fixture
def client(world: World) -> Iterator[TestClient]:
    """A caller who may log."""
    headers = {"authorization": f"Bearer {world.key(scopes=frozenset({Scope.LOG}))}"}
    with TestClient(create_app(world), headers=headers) as opened:
        yield opened


def test_digests_are_logged_in_order(client: TestClient, world: World) -> None:
    """As JSON or as bytes: 201 with the first index, and the entries are those that were sent."""
    first = client.post(ENTRIES, json={"digests": [each.hex() for each in DIGESTS[:2]]})
    assert first.status_code == 201
    assert first.json() == {"origin": "cn-gateway/log", "first": 0, "count": 2}
    second = client.post(ENTRIES, content=b"".join(DIGESTS[2:]), headers=RAW)
    assert second.json()["first"] == 2
    assert world.log.entries == DIGESTS


@pytest.mark.parametrize(
    "said",
    [
        {"digests": []},
        {"digests": ["00"]},
        {"digests": ["zz" * 32]},
        {"digests": [5]},
        {"digests": "00" * 32},
        {},
        [],
        7,
    ],
)
def test_what_is_no_list_of_digests_is_refused(client: TestClient, world: World, said: Any) -> None:
    """422 with the place, and nothing is logged."""
    answer = client.post(
        ENTRIES, content=json.dumps(said), headers={"content-type": "application/json"}
    )
    assert (answer.status_code, answer.json()["code"]) == (422, "SG-1154")
    assert world.log.entries == []


def test_bytes_that_are_no_digests_are_refused(client: TestClient, world: World) -> None:
    """A length that is no multiple of 32, too many, nothing, another kind."""
    assert client.post(ENTRIES, content=bytes(33), headers=RAW).status_code == 422
    assert client.post(ENTRIES, content=bytes(32 * 4097), headers=RAW).status_code == 422
    assert client.post(ENTRIES, content=bytes(600_000), headers=RAW).status_code == 413
    assert client.post(ENTRIES, content=b"", headers=RAW).status_code == 400
    assert (
        client.post(ENTRIES, content=b"x", headers={"content-type": "text/csv"}).status_code == 415
    )
    assert world.log.entries == []


def test_only_a_key_with_the_scope_logs(client: TestClient, world: World) -> None:
    """Every other scope together does not open it."""
    others = world.key(scopes=frozenset(Scope) - {Scope.LOG})
    answer = client.post(
        ENTRIES, content=bytes(32), headers={**RAW, "authorization": f"Bearer {others}"}
    )
    assert (answer.status_code, answer.json()["code"]) == (403, "SG-6004")


def test_proofs_are_public(client: TestClient, world: World) -> None:
    """Anyone reads the proof of a digest; one too new or unknown is 404 and says which."""
    world.log.append_all([DIGESTS])
    del client.headers["authorization"]
    assert client.get(f"/log/proof/{DIGESTS[1].hex()}").text == "index 1\n"
    assert client.get(f"/log/proof/{DIGESTS[4].hex()}").json()["code"] == "SG-5403"
    assert client.get(f"/log/proof/{'00' * 32}").status_code == 404
    assert client.get("/log/proof/xyz").status_code == 422


def test_shards_are_public(client: TestClient) -> None:
    """A list, and the static files of each below it."""
    (only,) = client.get("/log/shards").json()["items"]
    assert (only["origin"], only["href"]) == ("cn-gateway/log/2026h1", "/log/shard/2026h1")
    assert only["key"].startswith(only["origin"])
    assert client.get("/log/shard/2026h1/checkpoint").status_code == 200
    assert client.get("/log/shard/2026h1/tile/0/000.p/1").content == bytes(32)
    assert client.get("/log/shard/2026h2/checkpoint").status_code == 404
    assert client.get("/log/shard/xyz/checkpoint").status_code == 422
