"""Titles at a gateway, from a party's own machine: over the API, with the party's own keys."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from gateway.api.app import create_app
from gateway.settings import load
from gateway.settings.titles import TitleSettings
from gateway.transport.line import Address, Answer, Line
from gateway.wiring.api_keys import issue as issue_key
from gateway.wiring.assembly import Gateway
from gateway.wiring.log import watching
from tests.gateway.cli.conftest import Run, Silkgate

NAMES = ("carrier", "shipper", "bank")
URL = "http://127.0.0.1:1"


class Through(Line):
    """A line into an application of this process."""

    def __init__(self, client: TestClient) -> None:
        """Go through `client`."""
        super().__init__(Address(party=URL, url=URL))
        self.client = client

    def ask(self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]) -> Answer:
        """Return what the application answers."""
        found = self.client.request(method, path, content=body, headers=dict(headers))
        kind = found.headers.get("content-type", "").partition(";")[0]
        return Answer(found.status_code, kind, found.content)


@pytest.fixture
def gateway(silkgate: Silkgate, own: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Gateway]:
    """A gateway where the carrier issues and shipper and bank have accounts, reached by a line."""
    ids = {
        name: silkgate("title", "key", "-o", f"{name}.pem", "--json").row["party"] for name in NAMES
    }
    for name in ids:
        made = silkgate("title", "reader", "--key", f"{name}.pem", "-o", f"{name}-reader.pem")
        Path(f"{name}.card").write_text(made.out)
    settings = load(own)
    for name in ids:
        token = issue_key(settings, tenant=name, scopes=["titles:read", "titles:write"], days=1)
        monkeypatch.setenv(f"{name.upper()}_KEY", token)
    titles = TitleSettings(
        issuers=(ids["carrier"],), parties={name: (party,) for name, party in ids.items()}
    )
    made_here = Gateway(settings.model_copy(update={"titles": titles}))
    with TestClient(create_app(made_here)) as client:
        monkeypatch.setattr(watching, "line_to", lambda *_: Through(client))
        yield made_here
    made_here.close()


def keyed(name: str) -> tuple[str, ...]:
    """Return the options of a party at the gateway."""
    return (
        *("--gateway", URL, "--api-key", f"env:{name.upper()}_KEY", "--json"),
        *("--reader-key", f"{name}-reader.pem"),
    )


def told(run: Run) -> Any:
    """Return the JSON of a command, beside which the gateway of this process writes its log."""
    return json.loads([line for line in run.out.splitlines() if line.startswith("{")][-1])


def test_parties_share_seal_and_read_at_a_gateway(silkgate: Silkgate, gateway: Gateway) -> None:
    """The gateway passes on what it cannot read; each party opens it on its own machine."""
    ids = issued(silkgate, gateway)
    shipper = ("--key", "shipper.pem", *keyed("shipper"))
    begun = silkgate("title", "share", "BL-1", "--with", "bank.card", *shipper)
    assert (begun.code, told(begun)["epoch"]) == (0, 0)
    move = ("title", "act", "BL-1", "transferHolder", ids["bank"])
    moved = told(silkgate(*move, "--remark", "in custody", "--private", *shipper))
    assert (moved["n"], moved["state"]["holder"], moved["leaf"]) == (1, ids["bank"], 1)
    seen = {}
    for name in NAMES:
        link = told(silkgate("title", "show", "BL-1", *keyed(name)))["history"][-1]
        seen[name] = link["sealed"]["text"]
    assert seen == {"carrier": None, "shipper": "in custody", "bank": "in custody"}
    with gateway.titles.looking() as register:
        assert b"custody" not in register.history("BL-1")[-1].remark
    gateway.sealing.round()
    out = ("-o", "bl.json", "--epochs", "bl.epochs")
    assert silkgate("title", "export", "BL-1", *out, *keyed("bank")[:-2]).code == 0
    Path("log.vkey").write_text(str(gateway.logbook.signer.key))
    check = ("title", "verify", "bl.json", "--key", "log.vkey", "--epochs", "bl.epochs", "--json")
    found = told(silkgate(*check, "--reader-key", "bank-reader.pem"))
    assert found["history"][-1]["sealed"] == {"epoch": 0, "text": "in custody"}


def test_what_a_gateway_refuses_is_told(silkgate: Silkgate, gateway: Gateway) -> None:
    """No such title, a party without a part, a key that is not set or none: nothing is kept."""
    early = silkgate("title", "show", "BL-1", *keyed("shipper"))
    assert (early.code, told(early)["error"]["code"]) == (4, "SG-4064")
    issued(silkgate, gateway)
    share = ("title", "share", "BL-1", "--key", "bank.pem", "--reader-key", "bank-reader.pem")
    at = ("--gateway", URL, "--json", "--api-key")
    barred = told(silkgate(*share, *at, "env:SHIPPER_KEY"))["error"]
    assert (barred["code"], "SG-4060" in barred["message"]["en"]) == ("SG-5203", True)
    assert told(silkgate(*share, *at, "env:NOTHING"))["error"]["code"] == "SG-3202"
    Path("split.key").write_text("sgk_\nX: y")
    assert told(silkgate(*share, *at, "file:split.key"))["error"]["code"] == "SG-1172"
    strange = told(silkgate("title", "show", "BL-1", *keyed("shipper"), "--register", "other"))
    assert (strange["error"]["code"], strange["error"]["details"]["reason"]) == (
        "SG-4065",
        "the title is of another register",
    )
    with gateway.titles.looking() as register:
        assert register.epochs("BL-1") == ()


def issued(silkgate: Silkgate, gateway: Gateway) -> dict[str, str]:
    """Have the carrier issue BL-1 to the shipper; return the parties by name."""
    ids = {name: silkgate("title", "key", "--of", f"{name}.pem").out.strip() for name in NAMES}
    Path("bill.json").write_text("{}")
    issue = ("title", "issue", "BL-1", "--document", "bill.json", "--key", "carrier.pem")
    at = (*keyed("carrier")[:-2], "--beneficiary", ids["shipper"])
    assert silkgate(*issue, *at).code == 2
    assert silkgate(*issue, *at, "--register", gateway.settings.origin).code == 0
    return ids
