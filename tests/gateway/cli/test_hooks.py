"""`silkgate hooks`: registered, looked at, tried, taken away; and a receiver's own check."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.gateway.hooks.receiver import receiving


@pytest.fixture
def port(silkgate, tmp_path: Path) -> Path:
    """Return a gateway of its own: these tests change its settings."""
    assert silkgate("keys", "init", "--home", "p", "--id", "cn-port", "--country", "CN").code == 0
    return tmp_path / "p"


def allow(port: Path, host: str) -> None:
    """Let the gateway tell one host on loopback."""
    with (port / "silkgate.toml").open("a", encoding="utf-8") as out:
        out.write(f'\n[webhooks]\nhosts = ["{host}"]\nplain = true\nprivate = true\n')


def test_nobody_is_told_anything_by_default(silkgate, port: Path):
    """Without hosts in the settings there are no hooks, and the hint says how to allow one."""
    ran = silkgate("hooks", "add", "https://erp.example.com/x", "--home", port)
    assert ran.code == 4
    assert "[webhooks] hosts" in ran.err


def test_a_hook_lives_and_ends(silkgate, port: Path, tmp_path: Path):
    """Added, listed, tested, shown, tried again, removed; a stored request verifies or does not."""
    with receiving() as receiver:
        allow(port, receiver.host)
        assert silkgate("hooks", "add", "https://elsewhere.org/", "--home", port).code == 2
        wrong = silkgate("hooks", "add", receiver.url, "--event", "x.y", "--home", port)
        assert (wrong.code, "exchange.done" in wrong.err) == (2, True)
        added = silkgate("hooks", "add", receiver.url, "--event", "title.*", "--home", port)
        hook = added.out.strip()
        assert silkgate("hooks", "list", "--home", port, "--json").row["events"] == ["title.*"]
        assert silkgate("hooks", "test", hook, "--home", port).code == 0
        receiver.answers = [500]
        assert silkgate("hooks", "test", hook, "--home", port, "--json").row["status"] == 500
        assert silkgate("hooks", "show", hook, "--home", port, "--json").row["deliveries"] == []
        assert silkgate("hooks", "retry", hook, "--home", port, "--json").row["retried"] == 0
        keys = tmp_path / "keys.json"
        keys.write_text(silkgate("hooks", "keys", "--home", port).out, "utf-8")
        (message,) = receiver.taken
        assert silkgate("hooks", "remove", hook, "--home", port).code == 0
        assert silkgate("hooks", "show", hook, "--home", port).code == 4
    head = "".join(f"{name}: {value}\r\n" for name, value in message.headers)
    stored = tmp_path / "request.http"
    stored.write_bytes(f"POST /hook?x=1 HTTP/1.1\r\n{head}\r\n".encode() + message.body)
    check = ("hooks", "verify", stored, "--keys", keys)
    there = ("--url", f"http://{receiver.host}")
    found = silkgate(*check, *there, "--json")
    assert (found.code, found.row["tag"]) == (0, "silkgate-webhook")
    assert silkgate(*check).code == 3, "https is another address"
    assert silkgate(*check, *there, "--at", "2040-01-01T00:00:00Z").code == 3
    stored.write_bytes(stored.read_bytes() + b" ")
    refused = silkgate(*check, *there, "--json")
    assert (refused.code, json.loads(refused.out)["error"]["code"]) == (3, "SG-3901")


def test_the_doctor_tells_of_issuers_and_webhooks(silkgate, port: Path):
    """Keys of an issuer that cannot be had are an error; webhooks are counted."""
    allow(port, "127.0.0.1:1")
    with (port / "silkgate.toml").open("a", encoding="utf-8") as out:
        out.write('[[oidc]]\nissuer = "https://id.example"\naudience = "x"\nkeys = "none.json"\n')
    silkgate("hooks", "list", "--home", port)
    found = {
        one["check"]: one for one in silkgate("doctor", "--home", port, "--json").row["checks"]
    }
    assert found["issuer https://id.example"]["state"] == "error"
    assert found["webhooks"]["message"]["en"] == "0 wait, 0 given up"
