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


def test_an_sm2_certificate_chooses_its_own_form(silkgate, own, tmp_path):
    """A root with SM2, an encryption key under it: GB/T 35275 without being asked for."""
    issue = ("keys", "issue", "--home", own, "--crypto", "sm2")
    assert silkgate(*issue, "sm2root", "--profile", "root").code == 0
    assert silkgate(*issue, "jiami", "--profile", "encryption", "--issuer", "sm2root").code == 0
    certificate = own / "keys" / "jiami.cert.pem"
    ran = silkgate("encrypt", DECLARATION, "--to", certificate, "-o", "x", "--json")
    assert (ran.code, ran.row["form"]) == (0, "gbt35275")
    assert silkgate("decrypt", "x", "--key", "jiami", "--home", own, "-o", "back").code == 0
    assert (tmp_path / "back").read_bytes() == DECLARATION.read_bytes()
    both = ("--to", certificate, "--to", own / "keys" / "accesspoint.cert.pem")
    ran = silkgate("encrypt", DECLARATION, *both, "-o", "no", "--json")
    assert (ran.code, ran.row["error"]["code"]) == (3, "SG-3206")
