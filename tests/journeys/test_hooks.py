"""Webhooks of a running gateway reach a receiver in a process of its own, and verify there."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from gateway.cli.hooks import group
from gateway.sandbox import shipments
from tests.journeys.pair import Pair, pair, wait_for

SHIPMENT = shipments.load("g01")


@pytest.fixture
def gateways(tmp_path: Path) -> Iterator[Pair]:
    """Two gateways that may tell one receiver; the hooks' own tests run on both databases."""
    with pair(tmp_path / "pair") as made:
        yield made


@contextmanager
def receiving(port: str, folder: Path) -> Iterator[None]:
    """Run the receiver."""
    folder.mkdir()
    command = [sys.executable, str(Path(__file__).with_name("hookreceiver.py")), port, str(folder)]
    process = subprocess.Popen(command)
    try:
        yield
    finally:
        process.terminate()
        process.wait(10)


def test_hooks_of_both_sides_tell_a_document_on_its_way(gateways: Pair, tmp_path: Path) -> None:
    """Each step is told in order; every request verifies with the published key, changed ones not.

    The receiver starts after the events: they wait for it.
    """
    url = f"http://{gateways.hooks}/in"
    hooks = [_hook(gateways, side, f"{url}/{side}") for side in (0, 1)]
    exchange = gateways.exporter.send(SHIPMENT.invoice, "peppol-ubl", "sg-port", correlation="hook")
    gateways.exporter.settled(exchange)
    folder = tmp_path / "taken"
    with receiving(gateways.hooks.partition(":")[2], folder):
        requests = wait_for(lambda: _all_of(folder, 4), what="webhooks")
    told = [json.loads(each.read_bytes().partition(b"\r\n\r\n")[2]) for each in requests]
    sent = [one["type"] for one in told if one["subject"] == f"exchange/{exchange}"]
    assert sent == ["exchange.accepted", "exchange.done"]
    received = [one["type"] for one in told if one["source"] == "sg-port"]
    assert received == ["exchange.received", "exchange.done"]
    assert _content_free(told)
    for side, who in zip(gateways.sides, ("cn-port", "sg-port"), strict=True):
        keys = tmp_path / f"{who}.json"
        keys.write_bytes(side.http.get("/.well-known/jwks.json").content)
        mine = [path for path, one in zip(requests, told, strict=True) if one["source"] == who]
        for path in mine:
            assert _verify(path, keys).exit_code == 0
        changed = tmp_path / "changed.http"
        changed.write_bytes(mine[0].read_bytes().replace(b"exchange.", b"exchange,"))
        assert _verify(changed, keys).exit_code != 0
    for side, hook in zip(gateways.sides, hooks, strict=True):
        shown = side.get(f"/v1/hooks/{hook}")
        assert (shown["waiting"], shown["given_up"]) == (0, 0)
        assert side.http.delete(f"/v1/hooks/{hook}").status_code == 200


def _hook(gateways: Pair, side: int, url: str) -> str:
    http = gateways.sides[side].http
    refused = http.post("/v1/hooks", json={"url": "https://elsewhere.example.org/"})
    assert (refused.status_code, refused.json()["code"]) == (422, "SG-5701")
    made = http.post("/v1/hooks", json={"url": url, "events": ["exchange.*"]})
    assert made.status_code == 201, made.text
    return str(made.json()["id"])


def _all_of(folder: Path, count: int) -> list[Path]:
    found = sorted(folder.glob("*.http"))
    return found if len(found) >= count else []


def _verify(path: Path, keys: Path) -> Any:
    base = ["--url", "http://" + _host(path), "--keys", str(keys), str(path)]
    return CliRunner().invoke(group, ["verify", "--json", *base])


def _host(path: Path) -> str:
    head = path.read_bytes().partition(b"\r\n\r\n")[0].decode()
    return next(line for line in head.split("\r\n") if line.lower().startswith("host:"))[6:]


def _content_free(told: list[dict[str, Any]]) -> bool:
    text = json.dumps(told)
    return len(text) < 1000 * len(told) and "Sample" not in text
