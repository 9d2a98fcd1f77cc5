"""Where certificates say to ask about them: a gateway serves it, others find it over HTTP."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest
from cryptography import x509
from cryptography.x509.oid import AuthorityInformationAccessOID as Access

from certs import path
from certs.x509.certificate import Certificate, load, load_all
from certs.x509.revocation_list import load_list
from tests.gateway.cli.conftest import DECLARATION, Silkgate

WAIT = 20.0


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def port(silkgate: Silkgate, tmp_path: Path) -> tuple[Path, str]:
    """Return the folder of a gateway whose authority is at an address of its own, and that."""
    plain, main = free_port(), free_port()
    given = ("--id", "sg-port", "--country", "SG", "--port", main, "--pki-port", plain)
    assert silkgate("keys", "init", "--home", "port", *map(str, given)).code == 0
    return tmp_path / "port", f"http://127.0.0.1:{plain}"


@contextmanager
def serving(home: Path, url: str) -> Iterator[int]:
    """Run the gateway in a process of its own; yields its id."""
    command = [sys.executable, "-m", "gateway.cli", "serve", "--home", str(home), "--no-anchor"]
    with (home / "serve.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)
    try:
        until = time.monotonic() + WAIT
        while True:
            try:
                httpx.get(f"{url}/pki/root").raise_for_status()
                break
            except httpx.HTTPError:
                assert time.monotonic() < until, (home / "serve.log").read_text()
                time.sleep(0.05)
        yield process.pid
    finally:
        process.terminate()
        process.wait(WAIT)


def chain(home: Path, name: str) -> tuple[Certificate, ...]:
    """Return the certificates of a key."""
    return load_all((home / "keys" / f"{name}.cert.pem").read_bytes())


def places(each: Certificate) -> tuple[str, str, str]:
    """Return what a certificate names: responder, issuer's certificate, list."""
    access = each.extension(x509.AuthorityInformationAccess)
    points = each.extension(x509.CRLDistributionPoints)
    assert access is not None
    assert points is not None
    named = {one.access_method: one.access_location.value for one in access}
    (point,) = points
    assert point.full_name is not None
    return named[Access.OCSP], named[Access.CA_ISSUERS], point.full_name[0].value


def openssl(folder: Path, *line: str) -> subprocess.CompletedProcess[str]:
    """Run openssl in a folder, without any proxy."""
    alone = {key: value for key, value in os.environ.items() if "proxy" not in key.lower()}
    return subprocess.run(
        ["openssl", *line], cwd=folder, capture_output=True, text=True, check=False, env=alone
    )


def test_certificates_lead_to_their_issuer_and_its_word(
    silkgate: Silkgate, port: tuple[Path, str], tmp_path: Path
):
    """From the certificate alone openssl finds issuer, responder and list, and hears of revocation.

    So does the verifier of another operator, in another process, that allows the host.
    """
    home, url = port
    (seal, *_), (root, *_) = chain(home, "seal"), chain(home, "root")
    responder, issuer, listed = places(seal)
    assert (responder, {issuer.split("/pki/")[0], listed.split("/pki/")[0]}) == (
        f"{url}/pki/ocsp",
        {url},
    )
    given = ("--id", "cn-port", "--country", "CN")
    assert silkgate("keys", "init", "--home", "other", *given).code == 0
    settings = tmp_path / "other" / "silkgate.toml"
    settings.write_text('revocation_hosts = ["127.0.0.1"]\n' + settings.read_text())
    (tmp_path / "root.pem").write_bytes(root.pem)
    (tmp_path / "other" / "trust" / "sg.pem").write_bytes(root.pem)
    (tmp_path / "seal.pem").write_bytes(seal.pem)
    signing = ("--key", "seal", "--home", home, "--level", "b")
    assert silkgate("sign", DECLARATION, *signing, "-o", "s.xml").code == 0
    judge = ("verify", "s.xml", "--home", "other", "--policy", "strict", "--json")
    asking = ("ocsp", "-issuer", "root.pem", "-cert", "seal.pem", "-url", responder)
    looking = ("verify", "-CAfile", "root.pem", "-crl_check", "-crl_download", "seal.pem")
    with serving(home, url):
        assert load(httpx.get(issuer).content) == root
        said = openssl(tmp_path, *asking, "-CAfile", "root.pem")
        assert "Response verify OK" in said.stderr
        assert "seal.pem: good" in said.stdout
        assert openssl(tmp_path, *looking).returncode == 0
        assert silkgate(*judge).row["indication"] == "TOTAL-PASSED"
        assert silkgate(*judge, "--offline").row["indication"] == "INDETERMINATE"
        assert silkgate("keys", "revoke", "seal", "--home", home).code == 0
        assert "seal.pem: revoked" in openssl(tmp_path, *asking, "-CAfile", "root.pem").stdout
        assert "certificate revoked" in openssl(tmp_path, *looking).stderr
        assert silkgate(*judge).row["subindication"] == "REVOKED_NO_POE"


def test_the_old_root_still_answers_after_a_roll_over(
    silkgate: Silkgate, port: tuple[Path, str], tmp_path: Path
):
    """Certificates of before lead to the root of before, new ones and links each to theirs."""
    home, url = port
    (before, *_), (old, *_) = chain(home, "seal"), chain(home, "root")
    issue = ("keys", "issue", "--home", home, "--crypto", "sm2")
    assert silkgate(*issue, "sm2root", "--profile", "root").code == 0
    assert silkgate(*issue, "gongzhang", "--profile", "seal", "--issuer", "sm2root").code == 0
    assert silkgate("keys", "roll-over", "--home", home).code == 0
    after, link = chain(home, "seal")
    (new, *_), (chinese, *_), (sm2, *_) = (
        chain(home, name) for name in ("root", "gongzhang", "sm2root")
    )
    pairs = ((before, old), (after, new), (link, old), (chinese, sm2))
    with serving(home, url):
        for each, issuer in pairs:
            _, at, listed = places(each)
            assert load(httpx.get(at).content) == issuer
            (tmp_path / "issuer.pem").write_bytes(issuer.pem)
            (tmp_path / "crl.der").write_bytes(httpx.get(listed).content)
            (tmp_path / "leaf.pem").write_bytes(each.pem)
            assert path.signed_list(load_list((tmp_path / "crl.der").read_bytes()), issuer)
            asking = ("ocsp", "-issuer", "issuer.pem", "-cert", "leaf.pem", "-url")
            said = openssl(tmp_path, *asking, places(each)[0], "-CAfile", "issuer.pem", "-noverify")
            assert "leaf.pem: good" in said.stdout, said.stderr
            if issuer == sm2:  # openssl's commands on lists know no identity for SM2
                continue
            said = openssl(tmp_path, "crl", "-in", "crl.der", "-CAfile", "issuer.pem", "-noout")
            assert "verify OK" in said.stderr, said.stderr
        assert httpx.get(f"{url}/pki/crl/{'00' * 20}.crl").status_code == 404
        assert httpx.get(f"{url}/v1/exchanges").status_code == 404


def test_an_older_gateway_gets_addresses_by_renewal(silkgate: Silkgate, tmp_path: Path):
    """Certificates without addresses stay good; renewed ones say what the settings say."""
    given = ("--id", "cn-port", "--country", "CN", "--url", "https://port.example")
    assert silkgate("keys", "init", "--home", "p", *given).code == 0
    home = tmp_path / "p"
    assert places(chain(home, "seal")[0])[0] == "https://port.example/pki/ocsp"
    names = chain(home, "tls")[0].extension(x509.SubjectAlternativeName)
    assert names is not None
    assert names.get_values_for_type(x509.DNSName) == ["localhost", "port.example"]
    settings = home / "silkgate.toml"
    plain = settings.read_text() + '[pki]\nport = 8080\nurl = "http://pki.port.example"\n'
    settings.write_text('services = ["crl"]\n' + plain)
    assert silkgate("keys", "renew", "seal", "--home", home).code == 0
    (seal, *_) = chain(home, "seal")
    access = seal.extension(x509.AuthorityInformationAccess)
    assert access is not None
    key = chain(home, "root")[0].key_id.hex()
    assert [one.access_location.value for one in access] == [
        f"http://pki.port.example/pki/issuer/{key}.cer"
    ]
    assert silkgate("keys", "init", "--home", "x", *given[:4], "--pki-url", "port").code == 2
