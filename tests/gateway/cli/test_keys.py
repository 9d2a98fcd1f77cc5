"""`silkgate keys`: certifying, revoking, rolling the root over, keys kept elsewhere."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from certs.authority.ca import TLS, CertificateAuthority, Subject
from certs.x509.certificate import load_all
from gateway import setup
from gateway.api import door
from gateway.api.app import create_app
from gateway.settings import load
from gateway.wiring import certifying
from gateway.wiring.assembly import Gateway
from gateway.wiring.renewing import renew
from schemas.clock import utc_now
from tests.gateway.cli.conftest import DECLARATION


@pytest.fixture
def port(silkgate, tmp_path: Path) -> Path:
    """Return a gateway of its own: these tests change its keys."""
    assert silkgate("keys", "init", "--home", "p", "--id", "cn-port", "--country", "CN").code == 0
    return tmp_path / "p"


def test_a_chinese_seal_is_certified_and_signs(silkgate, port: Path):
    """A root with SM2, a seal under it with a credit code, a signature that verifies."""
    issue = ("keys", "issue", "--home", port)
    assert silkgate(*issue, "sm2root", "--profile", "root", "--crypto", "sm2").code == 0
    given = ("--issuer", "sm2root", "--crypto", "sm2", "--identifier", "NTRCN-91350100M000100Y43")
    ran = silkgate(*issue, "gongzhang", "--profile", "seal", *given, "--json")
    assert ran.code == 0, ran.err
    anchor = port / "keys" / "sm2root.cert.pem"
    (port / "trust" / "sm2.pem").write_bytes(anchor.read_bytes())
    signing = ("--key", "gongzhang", "--home", port)
    assert silkgate("sign", DECLARATION, *signing, "-o", "signed.xml").code == 0
    ran = silkgate("verify", "signed.xml", "--home", port, "--json")
    assert ran.code == 0, ran.err
    assert ran.row["signatures"][0]["algorithm"] == "SM2 sm3"
    args = (DECLARATION, *signing, "--form", "gbt35275")
    assert silkgate("sign", *args, "-o", "signed.p7s").code == 0
    detached = ("verify", "signed.p7s", "--detached", DECLARATION, "--home", port, "--json")
    assert silkgate(*detached).row["signatures"][0]["format"] == "GB/T 35275"
    assert silkgate("sign", *args, "--level", "lta", "-o", "no.p7s").code == 2
    identifier = ran.row["recognition"]["signer"]["identifier"]
    assert identifier == {"scheme": "USCC", "value": "91350100M000100Y43", "valid": True}


def test_a_revoked_key_is_in_the_register(silkgate, port: Path):
    """Revoking writes the serial down with its reason; a stranger's key is not there."""
    ran = silkgate("keys", "revoke", "seal", "--home", port, "--reason", "superseded", "--json")
    assert ran.code == 0, ran.err
    said = json.loads((port / "keys" / "revoked.json").read_text())
    assert said[ran.row["serial"]]["reason"] == 4
    assert silkgate("keys", "revoke", "nobody", "--home", port).code == 4


def test_a_root_is_followed_by_a_new_one(silkgate, port: Path, tmp_path: Path):
    """After the roll-over those who know only the old root verify what is signed from then on."""
    partner = tmp_path / "partner"
    partner.mkdir()
    (partner / "old.pem").write_bytes((port / "trust" / "root.pem").read_bytes())
    signing = ("--key", "seal", "--home", port)
    assert silkgate("sign", DECLARATION, *signing, "-o", "before.xml").code == 0
    ran = silkgate("keys", "roll-over", "--home", port, "--json")
    assert ran.code == 0, ran.err
    assert {"seal", "tsa", "accesspoint", "tls", "log"} <= set(ran.row["certified"])
    assert silkgate("sign", DECLARATION, *signing, "-o", "after.xml").code == 0
    for name in ("before.xml", "after.xml"):
        assert silkgate("verify", name, "--trust", partner).code == 0, name
        assert silkgate("verify", name, "--home", port).code == 0, name
    old, new = (
        load_all(path.read_bytes())[0]
        for path in (partner / "old.pem", port / "trust" / "root.pem")
    )
    assert old.spki != new.spki
    assert load_all(setup.card(load(port)).root.encode())[0] == new


def test_old_roots_lead_on_through_roll_overs_and_renewals(silkgate, port: Path, tmp_path: Path):
    """Who knows only the first of three roots verifies what is sealed last, with a renewed key."""
    partner = tmp_path / "partner"
    partner.mkdir()
    (partner / "first.pem").write_bytes((port / "trust" / "root.pem").read_bytes())
    settings, began = load(port), utc_now()
    for later in (1, 2):
        keys = setup.key_store(settings)
        certifying.roll_over(settings, keys, began + timedelta(seconds=later))
    renew(settings, setup.key_store(settings), "seal", began + timedelta(seconds=3))
    assert silkgate("sign", DECLARATION, "--key", "seal", "--home", port, "-o", "s.xml").code == 0
    assert silkgate("verify", "s.xml", "--trust", partner).code == 0


def test_what_ends_soon_is_renewed_together(silkgate, port: Path):
    """`--due` renews what our own root certified and ends in time, and nothing else."""
    due = ("keys", "renew", "--home", port, "--json", "--due")
    assert silkgate(*due, "60").rows == []
    assert [row["name"] for row in silkgate(*due, "1000").rows] == ["accesspoint", "tls"]
    for wrong in (("keys", "renew", "--home", port), (*due, "9", "seal")):
        assert silkgate(*wrong).code == 2
    subject = Subject(organisation="Else", country="SG", common_name="tls")
    other = CertificateAuthority.create(subject).issue(TLS, subject)
    keys = setup.key_store(load(port))
    keys.key_file("tls").unlink()
    keys.save(other)
    assert [row["name"] for row in silkgate(*due, "1000").rows] == ["accesspoint"]


def test_a_key_elsewhere_is_named_by_an_address(silkgate, port: Path):
    """Nothing that is no token and no signer is attached."""
    chain = port / "keys" / "seal.cert.pem"
    ran = silkgate(
        *("keys", "attach", "far", "--home", port, "--chain", chain, "--uri", "ftp://x", "--json")
    )
    assert (ran.code, ran.row["error"]["code"]) == (3, "SG-3203")


def test_what_was_revoked_is_told_by_every_authority(silkgate, port: Path):
    """A signature at level LT embeds the word of its own root, SM2 or not; revoked is revoked."""
    issue = ("keys", "issue", "--home", port)
    assert silkgate(*issue, "sm2root", "--profile", "root", "--crypto", "sm2").code == 0
    given = ("--issuer", "sm2root", "--crypto", "sm2")
    assert silkgate(*issue, "gongzhang", "--profile", "seal", *given).code == 0
    anchor = port / "keys" / "sm2root.cert.pem"
    (port / "trust" / "sm2.pem").write_bytes(anchor.read_bytes())
    signing = ("--key", "gongzhang", "--home", port, "--level", "lt")
    assert silkgate("sign", DECLARATION, *signing, "-o", "before.xml").code == 0
    assert silkgate("verify", "before.xml", "--home", port).code == 0
    assert silkgate("keys", "revoke", "gongzhang", "--home", port).code == 0
    assert silkgate("sign", DECLARATION, *signing, "-o", "after.xml").code == 0
    ran = silkgate("verify", "after.xml", "--home", port, "--json")
    assert ran.code == 3
    assert ran.row["subindication"] == "REVOKED_NO_POE"


def test_a_revoked_api_key_lets_nobody_in(silkgate, port: Path, capfdbinary, monkeypatch):
    """Listed with what it may do; refused as soon as it is looked up, named by id or as a whole."""
    monkeypatch.setattr(door, "_REMEMBERED", 0.0)
    home = ("--home", port, "--json")
    tokens = [
        silkgate("keys", "api", *home, "--tenant", "t", "--scope", "exchanges:read").row["key"]
        for _ in range(2)
    ]
    listed = silkgate("keys", "api", "list", *home).rows
    assert [(row["tenant"], row["scopes"], row["state"]) for row in listed] == [
        ("t", ["exchanges:read"], "valid")
    ] * 2
    gateway = Gateway(load(port))
    with TestClient(create_app(gateway)) as client:

        def seen() -> list[int]:
            """Return what each key is answered."""
            given = [{"authorization": f"Bearer {token}"} for token in tokens]
            answers = [client.get("/v1/exchanges", headers=each) for each in given]
            capfdbinary.readouterr()  # the log of the requests
            return [each.status_code for each in answers]

        assert seen() == [200, 200]
        revoked = silkgate("keys", "api", "revoke", listed[0]["id"], *home).row
        assert revoked["state"] == "revoked"
        assert seen() == [401, 200]
        assert silkgate("keys", "api", "revoke", tokens[1], *home).code == 0
        assert seen() == [401, 401]
    gateway.close()
    again = silkgate("keys", "api", "revoke", listed[0]["id"], *home).row
    assert again["revoked_at"] == revoked["revoked_at"]
    assert silkgate("keys", "api", "revoke", "nosuchkey", *home).code == 4


def test_an_api_key_is_for_somebody_and_something(silkgate, port: Path):
    """Exit code 2 without tenant or scope; only with a tenant's name are its keys listed."""
    assert silkgate("keys", "api", "--home", port, "--tenant", "t").code == 2
    silkgate("keys", "api", "--home", port, "--tenant", "t", "--scope", "all")
    assert "t  valid" in silkgate("keys", "api", "list", "--home", port, "--tenant", "t").out
    assert silkgate("keys", "api", "list", "--home", port, "--tenant", "u").out == ""
