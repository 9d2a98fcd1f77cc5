"""Keys and certificates renewed while the gateway runs, and taken up at SIGHUP."""

from __future__ import annotations

import os
import signal
import ssl
import time
from collections.abc import Callable
from pathlib import Path

import httpx
from cryptography.x509 import load_pem_x509_certificate

from certs import timestamp
from certs.asn1 import der
from certs.digests import SHA256
from gateway.settings import load
from gateway.wiring.assembly import Gateway
from tests.gateway.cli.conftest import Silkgate
from tests.gateway.cli.test_addresses import WAIT, chain, port, serving

__all__ = ["port"]  # the fixture


def shown(home: Path) -> int:
    """Return the serial number of the certificate that the gateway shows now."""
    settings = load(home)
    pem = ssl.get_server_certificate(("127.0.0.1", settings.port), timeout=WAIT)
    return load_pem_x509_certificate(pem.encode()).serial_number


def stamping(url: str) -> int:
    """Return the serial number of the certificate in a time-stamp given now."""
    imprint = der.sequence(SHA256.identifier, der.octets(bytes(32)))
    asked = der.sequence(der.integer(1), imprint, b"\x01\x01\xff")
    headers = {"Content-Type": "application/timestamp-query"}
    answer = httpx.post(f"{url}/pki/tsa", content=asked, headers=headers).raise_for_status()
    token = der.parse(answer.content).children()[1].encoded
    (certificate, *_) = timestamp.embedded(timestamp.read(token).data)
    return certificate.x509.serial_number


def until(holds: Callable[[], bool]) -> None:
    """Wait until something holds."""
    end = time.monotonic() + WAIT
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_renewed_keys_are_taken_up_by_a_running_gateway(
    silkgate: Silkgate, port: tuple[Path, str]
) -> None:
    """At SIGHUP and not before; a file that cannot be read changes nothing until it is mended."""
    home, url = port
    settings = home / "silkgate.toml"
    settings.write_text('services = ["tsa", "ocsp", "crl"]\n' + settings.read_text())
    keys = home / "keys"
    with serving(home, url) as pid:
        before = shown(home), stamping(url)
        assert silkgate("keys", "renew", "tls", "--home", home).code == 0
        assert silkgate("keys", "renew", "tsa", "--home", home).code == 0
        assert (shown(home), stamping(url)) == before
        kept = (keys / "tsa.cert.pem").read_bytes()
        (keys / "tsa.cert.pem").write_bytes(b"no certificate")
        os.kill(pid, signal.SIGHUP)
        until(lambda: "Not all keys" in (home / "serve.log").read_text())
        assert (shown(home), stamping(url)) == before
        (keys / "tsa.cert.pem").write_bytes(kept)
        os.kill(pid, signal.SIGHUP)
        until(lambda: "read anew: tsa" in (home / "serve.log").read_text())
        after = chain(home, "tls")[0], chain(home, "tsa")[0]
        assert (shown(home), stamping(url)) == tuple(each.x509.serial_number for each in after)


def test_whoever_signs_has_the_seal_of_now(silkgate: Silkgate, port: tuple[Path, str]) -> None:
    """The gateway's seal, its tenants' and its time-stamps follow, in what was made before too."""
    home, _ = port
    gateway = Gateway(load(home))
    sealer, gate = gateway.rooms.sealer, gateway.gatekeeper
    before = gateway.seal
    assert silkgate("keys", "renew", "seal", "--home", home).code == 0
    assert gateway.seal is before
    assert gateway.read_keys_anew() == ["seal"]
    assert gateway.seal.certificate == chain(home, "seal")[0] != before.certificate
    assert sealer._key() is gate._key() is gateway.seal  # type: ignore[attr-defined]
    assert gateway.read_keys_anew() == []
    gateway.close()
