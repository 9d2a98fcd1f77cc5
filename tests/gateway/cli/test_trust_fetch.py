"""`silkgate trust fetch`: lists over real HTTP, from a list of lists to the national ones."""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest

from certs.keys import SigningKey
from certs.x509.certificate import Certificate
from schemas.clock import iso, utc_now
from tests.certs.recognition.test_etsi import encoded, instance, signed, trusted_list
from tests.certs.recognition.world import FROM, authority, operator
from tests.gateway.cli.conftest import Run, Silkgate

LATER = iso(utc_now() + timedelta(days=90))
XML = "application/vnd.etsi.tsl+xml"
TYPES = "http://uri.etsi.org/02231/v2/additionaltypes#"


@dataclass
class Site:
    """A web site with lists: what is where, and what was asked for."""

    pages: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    asked: list[tuple[str, int]] = field(default_factory=list)
    url: str = ""

    def put(self, path: str, data: bytes, status: int = 200) -> None:
        """Publish something."""
        self.pages[path] = (status, data)

    def answers(self) -> list[tuple[str, int]]:
        """Return what was answered since the last time."""
        found, self.asked = self.asked, []
        return found


class Handler(BaseHTTPRequestHandler):
    """Answers with ETag, and 304 to who has it."""

    def __init__(self, site: Site, *args: object) -> None:
        """Serve a site."""
        self.site = site
        super().__init__(*args)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        """Give what is there."""
        status, data = self.site.pages.get(self.path, (404, b""))
        tag = f'"{hashlib.sha256(data).hexdigest()}"'
        if status == 200 and self.headers.get("If-None-Match") == tag:
            status, data = 304, b""
        self.site.asked.append((self.path, status))
        self.send_response(status)
        self.send_header("ETag", tag)
        if status == 302:
            self.send_header("Location", "/elsewhere")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def site() -> Iterator[Site]:
    """Return a site on the loopback."""
    made = Site()
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, made))
    made.url = f"http://127.0.0.1:{server.server_address[1]}"
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    yield made
    server.shutdown()
    thread.join()
    server.server_close()


def pointer(url: str, territory: str, signer: Certificate, media_type: str = XML) -> str:
    """Return one pointer."""
    return (
        f"<OtherTSLPointer><ServiceDigitalIdentities>{encoded(signer)}</ServiceDigitalIdentities>"
        f"<TSLLocation>{url}</TSLLocation><AdditionalInformation><OtherInformation>"
        f"<SchemeTerritory>{territory}</SchemeTerritory></OtherInformation><OtherInformation>"
        f"<MimeType xmlns='{TYPES}'>{media_type}</MimeType></OtherInformation>"
        "</AdditionalInformation></OtherTSLPointer>"
    )


@dataclass(frozen=True)
class Europe:
    """A list of lists and two countries, published on a site."""

    site: Site
    union: SigningKey
    countries: dict[str, SigningKey]

    def publish(self, territory: str, number: int = 3, due: str = LATER, **given: object) -> None:
        """Publish the list of a country."""
        key = given.pop("key", self.countries[territory])
        root = authority("QTSP", territory).root.certificate
        service = instance("ServiceInformation", root, "granted", iso(FROM))
        said = str(given.pop("said", territory))
        data = trusted_list([service], territory=said, number=number, due=due)
        self.site.put(f"/{territory}.xml", signed(data, key))  # type: ignore[arg-type]

    def publish_all(self, *more: str) -> None:
        """Publish the list of lists, with further pointers, and every country."""
        pointers = "".join(
            pointer(f"{self.site.url}/{territory}.xml", territory, key.certificate)
            + pointer(
                f"{self.site.url}/{territory}.pdf", territory, key.certificate, "application/pdf"
            )
            for territory, key in self.countries.items()
        )
        data = trusted_list(
            territory="EU",
            kind="EUlistofthelists",
            due=LATER,
            pointers=f"<PointersToOtherTSL>{pointers}{''.join(more)}</PointersToOtherTSL>",
        )
        self.site.put("/lotl.xml", signed(data, self.union))
        for territory in self.countries:
            self.publish(territory)


@pytest.fixture
def europe(site: Site) -> Europe:
    """Return Europe, published."""
    made = Europe(site, operator(), {"EE": operator(), "FR": operator()})
    made.publish_all()
    return made


@pytest.fixture
def auditor(silkgate: Silkgate, europe: Europe, tmp_path: Path) -> Path:
    """Return a trust folder that pins who signs the list of lists."""
    (tmp_path / "union.pem").write_bytes(europe.union.certificate.pem)
    folder = tmp_path / "auditor"
    folder.mkdir()
    here = ("trust", "here", "SG", "--signer", "union.pem", "--trust", folder)
    assert silkgate(*here).code == 0
    return folder


@pytest.fixture
def fetch(silkgate: Silkgate, europe: Europe, auditor: Path):
    """Return how to fetch from the list of lists."""

    def run(*more: str) -> Run:
        url = f"{europe.site.url}/lotl.xml"
        return silkgate("trust", "fetch", url, "--trust", auditor, "--json", *more)

    return run


def codes(ran: Run) -> dict[str, str]:
    """Return the error of each list that has one, by territory."""
    return {row["territory"]: row["error"]["code"] for row in ran.rows if "error" in row}


def test_one_address_leads_to_every_list(fetch, silkgate, auditor: Path, europe: Europe):
    """The list of lists by its pinned signer, national lists by those it names; PDFs are left."""
    ran = fetch()
    assert ran.code == 0, ran.out
    assert [(row["territory"], row["list"]["id"]) for row in ran.rows] == [
        ("", "TL-EU"),
        ("EE", "TL-EE"),
        ("FR", "TL-FR"),
    ]
    assert not any(row["list"]["stale"] for row in ran.rows)
    assert europe.site.answers() == [("/lotl.xml", 200), ("/EE.xml", 200), ("/FR.xml", 200)]
    held = silkgate("trust", "show", "--trust", auditor, "--json").rows
    assert {row["id"]: len(row["services"]) for row in held} == {"TL-EU": 0, "TL-EE": 1, "TL-FR": 1}


def test_a_copy_is_used_and_an_older_one_compared(fetch, europe: Europe, auditor: Path):
    """Young copies cost nothing, `--again` a question each; a damaged copy is got anew."""
    fetch()
    europe.site.answers()
    ran = fetch()
    assert (ran.code, europe.site.answers()) == (0, [])
    assert not any(row["fetched"] for row in ran.rows)
    europe.publish("EE", number=4)
    ran = fetch("--again")
    assert europe.site.answers() == [("/lotl.xml", 304), ("/EE.xml", 200), ("/FR.xml", 304)]
    assert [row["list"]["sequence"] for row in ran.rows] == [3, 4, 3]
    assert [row["fetched"] for row in ran.rows] == [False, True, False]
    for copy in (auditor / "domains" / "copies").glob("*.list"):
        copy.write_bytes(copy.read_bytes() + b" ")
    assert fetch("--territory", "FR").code == 0
    assert europe.site.answers() == [("/lotl.xml", 200), ("/FR.xml", 200)]


def test_each_list_fails_for_itself(fetch, silkgate, europe: Europe, auditor: Path):
    """Older, by another signer, for another country: named, and the list before stays."""
    fetch()
    europe.publish("EE", number=2)
    europe.publish("FR", number=4)
    ran = fetch("--again")
    assert (ran.code, codes(ran)) == (1, {"EE": "SG-3802"})
    europe.publish("EE", number=5, key=europe.countries["FR"])
    europe.publish("FR", number=5, said="EE")
    ran = fetch("--again")
    assert (ran.code, codes(ran)) == (1, {"EE": "SG-3801", "FR": "SG-3801"})
    held = silkgate("trust", "show", "--trust", auditor, "--json").rows
    assert {row["id"]: row["sequence"] for row in held} == {"TL-EU": 3, "TL-EE": 3, "TL-FR": 4}


def test_a_stale_list_is_told(fetch, europe: Europe):
    """A list whose next one is overdue is kept and marked."""
    europe.publish("EE", due=iso(utc_now() - timedelta(days=1)))
    rows = fetch().rows
    assert [row["list"]["stale"] for row in rows] == [False, True, False]


def test_no_other_host_is_asked(fetch, silkgate, europe: Europe, auditor: Path):
    """A pointer elsewhere is not followed until the operator allows the host."""
    elsewhere = europe.site.url.replace("127.0.0.1", "localhost") + "/FR.xml"
    others = {name: key for name, key in europe.countries.items() if name == "EE"}
    extra = pointer(elsewhere, "FR", europe.countries["FR"].certificate)
    Europe(europe.site, europe.union, others).publish_all(
        extra, pointer("file:///x", "DE", europe.union.certificate)
    )
    ran = fetch()
    assert codes(ran) == {"FR": "SG-9064", "DE": "SG-9064"}
    assert ("/FR.xml", 200) not in europe.site.answers()
    ran = fetch("--allow", "localhost", "--again", "--territory", "FR")
    assert (ran.code, codes(ran)) == (0, {})
    assert ("/FR.xml", 200) in europe.site.answers()
    nobody = silkgate("trust", "fetch", "--trust", auditor)
    assert nobody.code == 2


@pytest.mark.parametrize(
    ("status", "data", "code"),
    [
        (404, b"", "SG-5203"),
        (302, b"", "SG-5203"),
        (200, b"<html/>", "SG-3801"),
        (200, b"<TrustServiceStatusList", "SG-3801"),
        (200, b"<!DOCTYPE TrustServiceStatusList>", "SG-3801"),
    ],
)
def test_what_is_no_list_is_told_apart(fetch, europe: Europe, status: int, data: bytes, code: str):
    """Not there, elsewhere, another thing, broken: each with its own words, the others are got."""
    europe.site.put("/EE.xml", data, status)
    ran = fetch()
    assert (ran.code, codes(ran)) == (1, {"EE": code})
    assert ran.rows[2]["list"]["id"] == "TL-FR"


def test_a_site_that_is_down_is_named(silkgate, auditor: Path):
    """No answer: the address and the reason."""
    ran = silkgate("trust", "fetch", "http://127.0.0.1:9/x.xml", "--trust", auditor, "--json")
    assert ran.code == 1
    assert ran.row["error"]["code"] == "SG-5201"
    assert "127.0.0.1:9" in ran.row["error"]["message"]["en"]


def test_a_gateway_has_its_addresses_in_its_settings(silkgate, own: Path, europe: Europe):
    """Lists, hosts and territories of [trust_lists]; the signer pinned as ever."""
    union = own / "union.pem"
    union.write_bytes(europe.union.certificate.pem)
    assert silkgate("trust", "here", "SG", "--signer", union, "--home", own).code == 0
    with (own / "silkgate.toml").open("a") as file:
        file.write(f'[trust_lists]\nlists = ["{europe.site.url}/lotl.xml"]\nterritories = ["EE"]\n')
    ran = silkgate("trust", "fetch", "--home", own)
    assert ran.code == 0, ran.err
    assert [line.split()[0] for line in ran.out.splitlines()] == ["TL-EU", "TL-EE"]


def test_the_doctor_knows_the_lists(silkgate, own: Path, europe: Europe):
    """Each list with its number; one that is overdue, or not to be relied upon, is a warning."""
    union = own / "union.pem"
    union.write_bytes(europe.union.certificate.pem)
    europe.publish("EE", due=iso(utc_now() - timedelta(days=1)))
    assert silkgate("trust", "here", "SG", "--signer", union, "--home", own).code == 0
    assert silkgate("trust", "fetch", f"{europe.site.url}/lotl.xml", "--home", own).code == 0
    broken = own / "trust" / "domains" / "TL-FR.xml"
    broken.write_bytes(broken.read_bytes().replace(b">FR<", b">DE<"))

    def found() -> dict[str, str]:
        rows = silkgate("doctor", "--home", own, "--json").row["checks"]
        return {row["check"]: row["state"] for row in rows}

    said = found()
    assert {name: said[f"trust list {name}"] for name in ("TL-EU", "TL-EE", "TL-FR.xml")} == {
        "TL-EU": "ok",
        "TL-EE": "warning",
        "TL-FR.xml": "warning",
    }
    assert "revocation" not in said
    settings = own / "silkgate.toml"
    settings.write_text('revocation = "required"\n' + settings.read_text())
    assert found()["revocation"] == "warning"
    settings.write_text('revocation_hosts = ["pki.example"]\n' + settings.read_text())
    assert "revocation" not in found()
