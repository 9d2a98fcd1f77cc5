"""Who issued a bill can be asked for live, and told the same again without network."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from certs.records import ecdsa_sd, multikey
from gateway.cli import titles
from tests.certs.records import issuer, lists
from tests.gateway.cli.conftest import Silkgate
from tests.gateway.transport.partner import make_certificate
from tests.gateway.transport.resolver import AD, ANSWER, World, serving


def _forget() -> None:
    """Forget what this process asked: each command of a user is a process of its own."""
    titles.auditor.cache_clear()
    titles.answers.cache_clear()


@pytest.fixture(autouse=True)
def _fresh() -> None:
    _forget()


@pytest.fixture
def tls(tmp_path: Path) -> Path:
    """A folder with a certificate for loopback and localhost."""
    return make_certificate(tmp_path / "tls")


@pytest.fixture
def world(tls: Path) -> Iterator[World]:
    """A carrier's host with its DID document, and a resolver that knows its registry."""
    with serving(World(flags=ANSWER | AD), tls) as found:
        public = multikey.encode(multikey.of_p256(issuer.KEY.public_key()))
        document = multikey.did_document(found.did(), "keys-1", public)
        found.documents = {"/.well-known/did.json": document}
        yield found


@pytest.fixture
def bill(world: World, tmp_path: Path) -> Path:
    """A bill that the carrier signed."""
    document = issuer.credential(issuer=world.did())
    proof = {**issuer.proof(), "verificationMethod": f"{world.did()}#keys-1"}
    wanted = ("/issuer", "/validFrom", "/credentialStatus")
    path = tmp_path / "bill.json"
    path.write_text(json.dumps(ecdsa_sd.sign(document, proof, issuer.KEY, wanted)))
    return path


@pytest.fixture
def home(world: World, tls: Path, tmp_path: Path) -> Path:
    """A gateway whose operator allows that resolver and host."""
    folder = tmp_path / "home"
    folder.joinpath("trust").mkdir(parents=True)
    folder.joinpath("silkgate.toml").write_text(
        f'[identity]\nresolvers = ["{world.resolver()}"]\nhosts = ["{world.host()}"]\n'
        f'tls_ca = "{tls / "tls.pem"}"\nprivate = true\n'
    )
    return folder


def test_what_was_asked_live_is_told_offline(
    silkgate: Silkgate, world: World, bill: Path, home: Path, tmp_path: Path
) -> None:
    """The same verdict from the file of answers, with who was asked, when, and of DNSSEC."""
    answers = tmp_path / "answers.json"
    live = silkgate("verify", bill, "--home", home, "--record", answers, "--json").row
    assert (live["integrity"], live["issuer_identity"]) == ("VALID", "VALID")
    asked = live["asked"]
    assert asked[world.did()]["by"].endswith("/.well-known/did.json")
    assert asked["localhost"]["problem"] == "it is no name of the DNS"
    count = len(world.asked)
    told = silkgate("verify", bill, "--identity", answers, "--offline", "--json").row
    assert told == live
    assert len(world.asked) == count


def test_a_domain_is_asked_of_the_resolver(
    silkgate: Silkgate, world: World, home: Path, tmp_path: Path
) -> None:
    """An OpenAttestation bill: its domain names the registry, and the resolver's word is noted."""
    out = tmp_path / "oa.json"
    lading = Path(__file__).parents[2] / "golden" / "related" / "g01" / "lading.json"
    silkgate(
        *("lading", "wrap", lading, "--domain", issuer.DOMAIN, "--issuer", "Sample Line"),
        *("--registry", issuer.REGISTRY, "--chain-id", "31337", "--incomplete", "-o", out),
    )
    asked = ("verify", out, "--home", home, "--json")
    assert silkgate(*asked).row["issuer_identity"] == "INVALID"
    world.txt = {issuer.DOMAIN: [issuer.RECORD]}
    _forget()
    row = silkgate(*asked).row
    assert row["issuer_identity"] == "VALID"
    assert row["asked"][issuer.DOMAIN]["authenticated"] is True
    assert "DNSSEC" in silkgate(*asked[:-1]).out
    world.status = 500
    _forget()
    assert silkgate(*asked).row["issuer_identity"] == "UNKNOWN"


def test_a_status_list_is_fetched_and_told_again_offline(
    silkgate: Silkgate, world: World, home: Path, tmp_path: Path
) -> None:
    """Open without the list, good with it, revoked when its bit is set; the same from a record."""
    url = f"https://{world.host()}/status/1"
    entry = lists.entry(9, statusListCredential=url)
    document = issuer.credential(issuer=world.did(), credentialStatus=entry)
    path, answers = tmp_path / "listed.json", tmp_path / "answers.json"
    path.write_bytes(lists.written(lists.signed(document, world.did())))
    asked = ("verify", path, "--home", home, "--json")
    assert silkgate(*asked).row["indication"] == "INDETERMINATE"
    for bits, said in (((8,), "TOTAL-PASSED"), ((9,), "TOTAL-FAILED")):
        _forget()
        unsigned = lists.unsigned(lists.encoded(*bits), id=url, issuer=world.did())
        listed = lists.written(lists.signed(unsigned, world.did()))
        world.documents["/status/1"] = listed
        live = silkgate(*asked, "--record", answers).row
        assert live["indication"] == said
        assert live["asked"][url]["by"] == url
        again = ("verify", path, "--identity", answers, "--offline", "--json")
        assert silkgate(*again).row == live
    given = tmp_path / "list.json"
    given.write_bytes(listed)
    bare = json.loads(answers.read_bytes())
    answers.write_text(json.dumps({**bare, "pages": {}}))
    told = ("verify", path, "--identity", answers, "--json")
    assert silkgate(*told).row["indication"] == "INDETERMINATE"
    _forget()
    assert silkgate(*told, "--status-list", given).row["subindication"] == "REVOKED"


def test_the_gateways_nodes_are_asked_for_titles(
    silkgate: Silkgate, bill: Path, home: Path, tmp_path: Path
) -> None:
    """A node of the settings, none with --offline; one that is away leaves the title unknown."""
    said = home / "silkgate.toml"
    said.write_text(said.read_text() + 'rpc = ["http://127.0.0.1:9"]\n')
    answers = tmp_path / "answers.json"
    row = silkgate("verify", bill, "--home", home, "--record", answers, "--json").row
    assert (row["issuer_identity"], row["title"]) == ("VALID", "unknown")
    assert "does not answer" in row["why"]["title"]["en"]
    told = ("verify", bill, "--home", home, "--identity", answers, "--offline", "--json")
    assert "was not asked" in silkgate(*told).row["why"]["title"]["en"]


def test_nobody_is_asked_offline_or_unallowed(
    silkgate: Silkgate, world: World, bill: Path, home: Path
) -> None:
    """Without a gateway's settings and options, or with --offline, no request leaves."""
    for more in ((), ("--home", home, "--offline")):
        assert silkgate("verify", bill, *more, "--json").row["issuer_identity"] == "UNKNOWN"
    assert world.asked == []


def test_options_allow_without_a_gateway(
    silkgate: Silkgate, world: World, bill: Path, tls: Path
) -> None:
    """Options name whom to ask; a private address needs an operator's setting all the same."""
    row = silkgate(
        *("verify", bill, "--resolver", world.resolver(), "--web", world.host()),
        *("--web-ca", tls / "tls.pem", "--json"),
    ).row
    assert row["issuer_identity"] == "UNKNOWN"
    assert "no public address" in row["asked"][world.did()]["problem"]
    assert silkgate("verify", bill, "--resolver", "http://x/", "--json").code == 2
    assert silkgate("verify", bill, "--web", "x/y", "--json").code == 2


def test_settings_name_resolvers_and_hosts_alone(
    silkgate: Silkgate, bill: Path, home: Path
) -> None:
    """A resolver without TLS is no setting."""
    home.joinpath("silkgate.toml").write_text('[identity]\nresolvers = ["http://127.0.0.1/"]\n')
    run = silkgate("verify", bill, "--home", home, "--json")
    assert run.code != 0
    assert "identity.resolvers" in run.out + run.err
