"""keys and doctor: making gateways, introducing them, finding what is wrong and mending it."""

from __future__ import annotations

import json
import shutil
import socket
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography.x509 import SubjectAlternativeName

from certs.authority.ca import SEAL, CertificateAuthority, Subject
from certs.authority.hostclock import Discipline
from gateway import setup
from gateway.exchange.errors import TransientError
from gateway.settings import Mode, load
from gateway.settings.certs import TsaSettings
from gateway.wiring.doctor.check import State
from gateway.wiring.doctor.diagnosis import examine
from gateway.wiring.sealing import Seals
from schemas.clock import utc_now
from tests.gateway.cli.conftest import DECLARATION


@pytest.fixture
def own(home, tmp_path):
    """Give a copy of a gateway's folder that a test may damage."""
    copy = tmp_path / "own"
    shutil.copytree(home, copy)
    return copy


def states(silkgate, home):
    """Return the state of each check, and the exit code."""
    ran = silkgate("doctor", "--home", home, "--json")
    return {row["check"]: row["state"] for row in ran.row["checks"]}, ran.code


def test_two_gateways_are_introduced_by_their_cards(silkgate, tmp_path):
    """Init makes a gateway, card tells of it, trust takes it in: four commands for two sides."""
    for party, country in (("a", "CN"), ("b", "SG")):
        row = silkgate(
            "keys", "init", "--home", party, "--id", party, "--country", country, "--json"
        )
        assert row.row["card"]["id"] == party
    assert silkgate("keys", "card", "--home", "b", "-o", "b.json").code == 0
    assert silkgate("keys", "trust", "--home", "a", "b.json").code == 0
    partner = load(tmp_path / "a").partner("b")
    assert partner is not None
    assert partner.card.country == "SG"
    assert json.loads(silkgate("keys", "card", "--home", "b").out) == partner.card.model_dump(
        mode="json"
    )


def test_a_gateway_is_never_made_over_another(silkgate, own):
    """Exit code 2, and the keys stay."""
    before = (own / "keys" / "seal.key.pem").read_bytes()
    args = ("--id", "x", "--country", "CN")
    assert silkgate("keys", "init", "--home", own, *args).code == 2
    assert (own / "keys" / "seal.key.pem").read_bytes() == before


def test_a_country_is_two_capital_letters(silkgate, tmp_path):
    """Wrong usage, and nothing is made."""
    assert silkgate("keys", "init", "--home", "n", "--id", "n", "--country", "chn").code == 2
    assert not (tmp_path / "n").exists()


@pytest.mark.parametrize("wrong", ["a b", "../up", "a/b", "-a", "a+b", "a" * 65])
def test_an_id_is_a_name_for_folders_and_keys(silkgate, own, tmp_path, wrong):
    """`keys init` refuses another one and leaves nothing; so does a card that is taken in."""
    new = tmp_path / "new"
    assert silkgate("keys", "init", "--home", new, f"--id={wrong}", "--country", "CN").code == 2
    assert not new.exists()
    card = json.loads((own / "partners" / "sg-port" / "card.json").read_text("utf-8"))
    (tmp_path / "card.json").write_text(json.dumps({**card, "id": wrong}), "utf-8")
    taken = silkgate("keys", "trust", "--home", own, tmp_path / "card.json", "--json")
    assert (taken.code, taken.row["error"]["code"]) == (2, "SG-9013")
    assert "id: " in taken.row["error"]["message"]["en"]
    assert [each.name for each in (own / "partners").iterdir()] == ["sg-port"]


def test_an_address_in_use_is_told_before_anything_else(silkgate, own):
    """Nothing says that the gateway listens when it does not."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        ran = silkgate("serve", "--home", own, "--port", taken.getsockname()[1])
    assert ran.code == 2
    assert ran.err.startswith("SG-9210 ")


def test_private_keys_and_secret_are_their_owners_alone(home):
    """No file with a key or secret can be read by others, and no key lies there in plain."""
    for path in (home / "keys").glob("*.key.pem"):
        assert path.stat().st_mode & 0o077 == 0
        assert b"ENCRYPTED PRIVATE KEY" in path.read_bytes()
    assert (home / "keys" / "secret").stat().st_mode & 0o077 == 0


def test_keys_are_listed_with_their_expiry(silkgate, home):
    """One line per key."""
    rows = silkgate("keys", "list", "--home", home, "--json").rows
    assert {"seal", "tsa", "tls", "log", "witness", "root"} <= {row["name"] for row in rows}
    assert all(row["not_after"] > "2027" for row in rows)


def test_a_certificate_is_renewed(silkgate, own):
    """A seal gets a new key, the log keeps the one it is known by; the old files stay."""
    before = {name: setup.key_store(load(own)).load(name) for name in ("seal", "log", "tls")}
    for name, old in before.items():
        assert silkgate("keys", "renew", name, "--home", own).code == 0
        new = setup.key_store(load(own)).load(name)
        assert new.certificate.sha256 != old.certificate.sha256
        assert new.certificate.subject == old.certificate.subject
        same = new.private.public_key() == old.private.public_key()
        assert same is (name == "log")
    hosts = [each.x509.extensions for each in (new.certificate, before["tls"].certificate)]
    names = [ext.get_extension_for_class(SubjectAlternativeName).value for ext in hosts]
    assert names[0] == names[1]
    listed = silkgate("keys", "list", "--home", own, "--json").rows
    assert len([row for row in listed if row["name"].startswith("seal")]) == 2
    assert states(silkgate, own)[1] == 0
    assert silkgate("keys", "renew", "root", "--home", own).code == 2


def test_an_api_key_is_shown_once_and_stored_as_digest(silkgate, own):
    """The database holds nothing from which the key could be had."""
    args = ("keys", "api", "--home", own, "--tenant", "port")
    row = silkgate(*args, "--scope", "exchanges:read", "--json").row
    secret = row["key"].split("_", 2)[2].encode()
    for path in own.glob("silkgate.db*"):
        assert secret not in path.read_bytes()
    assert silkgate(*args, "--scope", "nonsense").code == 2


@pytest.mark.parametrize(
    "args",
    [
        ("keys", "list"),
        ("keys", "card"),
        ("keys", "api", "--tenant", "t", "--scope", "all"),
    ],
)
def test_without_a_gateway_it_is_said_how_to_make_one(silkgate, args):
    """Exit code 4 with the command."""
    ran = silkgate(*args, "--home", "nowhere")
    assert (ran.code, "silkgate keys init" in ran.err) == (4, True)


def test_a_file_that_is_no_card_is_refused(silkgate, own, tmp_path):
    """Exit code 2, 4 where there is none, and nobody is trusted."""
    (tmp_path / "card").write_text("{}")
    assert silkgate("keys", "trust", "--home", own, "card").code == 2
    assert silkgate("keys", "trust", "--home", own, "none").code == 4


def test_a_sound_gateway_has_no_errors(silkgate, own):
    """Every check, with what to do where something is left to do."""
    before, code = states(silkgate, own)
    assert code == 0
    assert before["database"] == "warning"
    ran = silkgate("doctor", "--home", own, "--mend", "--json")
    assert {row["check"]: row["state"] for row in ran.row["checks"]}["database"] == "ok"
    for row in ran.row["checks"]:
        assert row["message"]["en"]
        assert row["message"]["zh"]
        assert set(row["mend"]) == {"en", "zh"}


def _no_secret(own) -> None:
    (own / "keys" / "secret").unlink()


def _open_secret(own) -> None:
    (own / "keys" / "secret").chmod(0o644)


def _other_secret(own) -> None:
    (own / "keys" / "secret").write_text("another secret")


def _no_seal(own) -> None:
    (own / "keys" / "seal.key.pem").unlink()


def _foreign_certificate(own) -> None:
    shutil.copy(own / "keys" / "tls.cert.pem", own / "keys" / "seal.cert.pem")


def _bad_card(own) -> None:
    path = own / "partners" / "sg-port" / "card.json"
    path.write_text(path.read_text().replace("+", "-", 1))


def _other_root(own) -> None:
    shutil.copy(own / "trust" / "root.pem", own / "partners" / "sg-port" / "root.pem")


def _bad_database(own) -> None:
    (own / "silkgate.db").write_bytes(b"this is no database" * 100)


def _bad_settings(own) -> None:
    with (own / "silkgate.toml").open("a") as file:
        file.write("nonsense = 1\n")


def _bad_corridor(own) -> None:
    (own / "corridors").mkdir()
    (own / "corridors" / "x.toml").write_text('id = "x"')
    text = (own / "silkgate.toml").read_text()
    (own / "silkgate.toml").write_text(f'corridors = "corridors"\n{text}')


@pytest.mark.parametrize(
    ("damage", "check"),
    [
        (_no_secret, "secret"),
        (_open_secret, "secret"),
        (_other_secret, "key seal"),
        (_no_seal, "key seal"),
        (_foreign_certificate, "key seal"),
        (_bad_card, "partner sg-port"),
        (_other_root, "partner sg-port"),
        (_bad_database, "database"),
        (_bad_settings, "settings"),
        (_bad_corridor, "corridors"),
    ],
    ids=lambda value: value if isinstance(value, str) else value.__name__.strip("_"),
)
def test_the_doctor_finds_it_and_says_how_to_mend_it(silkgate, own, damage, check):
    """What an operator gets wrong first: found, named, exit code 1, with a way out."""
    damage(own)
    ran = silkgate("doctor", "--home", own, "--json")
    rows = {row["check"]: row for row in ran.row["checks"]}
    assert ran.code == 1
    assert rows[check]["state"] == "error"
    assert rows[check]["mend"]["en"]


def test_certificates_are_warned_of_in_time(own):
    """Two months before the end a warning, after it an error."""
    keys = setup.key_store(load(own))
    for path in (keys.key_file("seal"), keys.chain_file("seal")):
        path.unlink()
    subject = Subject(organisation="x", country="CN", common_name="x Seal")
    keys.save(CertificateAuthority(keys.load("root")).issue(SEAL, subject))
    end = keys.load("seal").certificate.not_after
    for early, state in ((90, State.OK), (30, State.WARNING), (-1, State.ERROR)):
        found = {c.name: c for c in examine(own, clock=lambda e=early: end - timedelta(days=e))}
        assert found["key seal"].state is state


def test_a_clock_that_is_behind_is_found(own):
    """A time before the gateway's own files cannot be right."""
    found = {c.name: c for c in examine(own, clock=lambda: utc_now() - timedelta(days=2))}
    assert found["clock"].state is State.ERROR


def test_the_end_of_the_log_is_checked(silkgate, own):
    """A checkpoint over other tiles than those stored is found."""
    import sqlite3

    from gateway.store import open_store
    from gateway.store.tiles import StoredTiles
    from ledger.log import Log

    settings = load(own)
    signer = setup.log_signer(settings, setup.key_store(settings))
    store = open_store(settings.database_url)
    store.migrate()
    with store.begin() as tx:
        log = Log(StoredTiles(tx, settings.origin), signer)
        log.append([bytes([n]) * 32 for n in range(3)])
        log.checkpoint()
    store.close()
    assert states(silkgate, own)[0]["log"] == "ok"
    proof = silkgate("log", "prove", "--index", "1", "--home", own, "--json").row
    assert (proof["size"], len(proof["proof"])) == (3, 2)
    assert silkgate("log", "fsck", "--home", own).code == 0
    db = sqlite3.connect(own / "silkgate.db")
    db.execute("UPDATE tile SET data = zeroblob(96) WHERE level = 0")
    db.commit()
    db.close()
    assert states(silkgate, own)[0]["log"] == "error"
    assert silkgate("log", "fsck", "--home", own).code == 3


def test_the_doctor_speaks_chinese(silkgate, own, monkeypatch):
    """People read the checks in their language."""
    monkeypatch.setenv("SILKGATE_LANG", "zh_CN.UTF-8")
    out = silkgate("doctor", "--home", own).out
    assert "正常" in out
    assert "尚无数据库" in out


def _follows(monkeypatch, *, server: bool) -> None:
    found = Discipline(synchronised=server, error=timedelta(milliseconds=3) if server else None)
    for module in ("gateway.setup", "gateway.wiring.doctor.hostchecks"):
        monkeypatch.setattr(f"{module}.discipline", lambda: found)


def test_time_stamps_wait_for_a_time_server_where_it_is_asked_for(silkgate, own, monkeypatch):
    """`synchronised` stamps nothing on a clock that follows nobody; else the doctor warns."""
    signing = ("sign", DECLARATION, "--key", "seal", "--home", own, "-o", "s.xml")
    _follows(monkeypatch, server=False)
    assert silkgate(*signing).code == 0
    assert states(silkgate, own)[0]["time server"] == "warning"
    with (own / "silkgate.toml").open("a") as file:
        file.write('[tsa]\nclock = "synchronised"\n')
    assert "SG-3501" in silkgate(*signing).err
    assert states(silkgate, own) == (states(silkgate, own)[0] | {"time server": "error"}, 1)
    _follows(monkeypatch, server=True)
    assert silkgate(*signing).code == 0
    assert states(silkgate, own)[0]["time server"] == "ok"


def test_production_asks_for_a_time_server(own):
    """Without a word on it a gateway in production stamps by a synchronised clock alone."""
    settings = load(own)
    assert not settings.needs_time_server
    assert settings.model_copy(update={"mode": Mode.PRODUCTION}).needs_time_server
    chosen = {"mode": Mode.PRODUCTION, "tsa": TsaSettings(clock="watched")}
    assert not settings.model_copy(update=chosen).needs_time_server


def test_a_document_waits_while_the_clock_is_in_doubt(own, monkeypatch):
    """The pipeline tries again later; the document is not refused for it."""
    settings = load(own).model_copy(update={"tsa": TsaSettings(clock="synchronised")})
    _follows(monkeypatch, server=False)
    keys = setup.key_store(settings)
    seals = Seals(lambda: keys.load("seal"), setup.stamper(settings, keys), utc_now)
    exchange: Any = SimpleNamespace(id="e", tenant="port")
    signed = seals.sign(exchange, b"<a/>", "application/xml")
    with pytest.raises(TransientError):
        seals.stamp(exchange, signed.data, signed.media_type)
