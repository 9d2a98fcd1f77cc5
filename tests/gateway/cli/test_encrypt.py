"""`silkgate encrypt` and `decrypt`, with the keys of a gateway."""

from __future__ import annotations

import pytest

from tests.gateway.cli.conftest import DECLARATION


@pytest.mark.parametrize("form", ["cms", "cms-cbc", "jwe"])
def test_a_file_goes_there_and_back(silkgate, home, tmp_path, form: str):
    """Encrypted to the access point of a gateway, and decrypted there."""
    certificate = home / "keys" / "accesspoint.cert.pem"
    ran = silkgate("encrypt", DECLARATION, "--to", certificate, "--form", form, "-o", "x", "--json")
    assert ran.code == 0, ran.err
    assert ran.row["form"] == form
    args = ("--key", "accesspoint", "--home", home, "-o", "back", "--json")
    ran = silkgate("decrypt", "x", *args)
    assert ran.code == 0, ran.err
    assert (tmp_path / "back").read_bytes() == DECLARATION.read_bytes()
    ran = silkgate("decrypt", "x", "--key", "tls", "--home", home, "-o", "no", "--json")
    assert (ran.code, ran.row["error"]["code"]) == (3, "SG-3207")
    assert not (tmp_path / "no").exists()


def test_nothing_is_encrypted_to_a_seal(silkgate, home, tmp_path):
    """The certificate of a seal is for signing; nothing is written."""
    seal = home / "keys" / "seal.cert.pem"
    ran = silkgate("encrypt", DECLARATION, "--to", seal, "-o", "x", "--json")
    assert (ran.code, ran.row["error"]["code"]) == (3, "SG-3206")
    assert not (tmp_path / "x").exists()
