from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from certs import cades
from certs.asn1 import ber, der
from certs.errors import MalformedDer
from tests.certs.pki import World


def test_what_is_definite_stays_as_it_is() -> None:
    """Only an indefinite outer length starts a rewriting."""
    encoded = der.sequence(der.octets(b"x" * 300), der.integer(5))
    assert ber.definite(encoded) is encoded


def test_pieces_of_an_octet_string_are_joined() -> None:
    """Indefinite lengths become definite, a constructed OCTET STRING becomes one."""
    pieces = b"\x24\x80" + der.octets(b"ab") + der.octets(b"c" * 200) + b"\x00\x00"
    streamed = b"\x30\x80" + der.integer(1) + pieces + b"\x00\x00"
    assert ber.definite(streamed) == der.sequence(der.integer(1), der.octets(b"ab" + b"c" * 200))


@pytest.mark.parametrize(
    "encoded",
    [
        b"\x30\x80",
        b"\x30\x80\x02\x01\x01",
        b"\x30\x80\x00\x00\x00",
        b"\x30\x80\x04\x80\x00\x00\x00\x00",
        b"\x30\x80\x24\x80\x02\x01\x01\x00\x00\x00\x00",
        b"\x30\x80" * 40 + b"\x00\x00" * 40,
        b"\x30\x80\x30\x85\x01\x01\x01\x01\x01\x00\x00",
    ],
)
def test_broken_streams_are_refused(encoded: bytes) -> None:
    """Missing ends, octets after the end, deep nesting, wrong pieces."""
    with pytest.raises(MalformedDer):
        ber.definite(encoded)


def test_a_streamed_signature_of_openssl_is_verified(world: World, tmp_path: Path) -> None:
    """`openssl cms -sign -stream` writes BER; the signature in it is CAdES like any other."""
    keys = world.domain.keys
    (tmp_path / "data").write_bytes(b"cargo manifest")
    command = (
        "openssl cms -sign -cades -binary -stream -nodetach -md sha256 -in data -outform DER "
        f"-signer {keys.chain_file('seal')} -inkey {keys.key_file('seal')} -out s.p7m"
    )
    subprocess.run(command.split(), cwd=tmp_path, check=True, capture_output=True)
    signature = (tmp_path / "s.p7m").read_bytes()
    assert signature[1] == 0x80
    verdict = cades.verify(signature, None, world.trust)
    assert verdict.passed, verdict.reason
    assert verdict.signed == b"cargo manifest"
