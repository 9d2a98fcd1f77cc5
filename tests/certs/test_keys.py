from __future__ import annotations

import stat
import time
from pathlib import Path

import pytest

from certs.domain import create_domain
from certs.errors import KeyExists, KeyNotFound, KeyUnreadable, SecretMissing
from certs.keys import KeyStore, read_secret
from tests.certs.pki import World

SECRET = "SILKGATE_TEST_SECRET"


def test_a_domain_is_made_within_a_second_and_holds_every_key(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`create_domain` gives root, seal, tsa, accesspoint, tls and log keys in under 1 s."""
    monkeypatch.setenv(SECRET, "correct horse")
    start = time.perf_counter()
    domain = create_domain(tmp_path, "Port A", "SG", secret=f"env:{SECRET}")
    assert time.perf_counter() - start < 1
    assert domain.keys.names() == ["accesspoint", "log", "root", "seal", "tls", "tsa"]
    assert domain.root in domain.trust.anchors


def test_keys_lie_encrypted_and_private(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A key file is PKCS#8, encrypted, and only its owner reads it."""
    monkeypatch.setenv(SECRET, "correct horse")
    domain = create_domain(tmp_path, "Port A", "SG", secret=f"env:{SECRET}")
    path = domain.keys.key_file("seal")
    assert path.read_bytes().startswith(b"-----BEGIN ENCRYPTED PRIVATE KEY-----")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_key_opens_with_its_secret_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same store, opened anew: right secret, wrong secret, no secret."""
    monkeypatch.setenv(SECRET, "correct horse")
    made = create_domain(tmp_path, "Port A", "SG", secret=f"env:{SECRET}")
    again = KeyStore(tmp_path / "keys", f"env:{SECRET}")
    assert again.load("seal").certificate == made.keys.load("seal").certificate
    assert again.load("seal") is again.load("seal")
    monkeypatch.setenv(SECRET, "wrong")
    with pytest.raises(KeyUnreadable):
        KeyStore(tmp_path / "keys", f"env:{SECRET}").load("seal")
    monkeypatch.delenv(SECRET)
    with pytest.raises(SecretMissing):
        KeyStore(tmp_path / "keys", f"env:{SECRET}").load("seal")


def test_a_secret_may_lie_in_a_file(tmp_path: Path) -> None:
    """`file:PATH` names a file; white space around the secret does not count."""
    place = tmp_path / "secret"
    place.write_text("hush\n")
    assert read_secret(f"file:{place}") == b"hush"
    with pytest.raises(SecretMissing):
        read_secret("plain text is no reference")


@pytest.mark.parametrize("ref", ["nobody", "../root", "", "a/b"])
def test_a_key_that_is_not_there_is_not_found(world: World, ref: str) -> None:
    """Unknown names and paths are refused alike."""
    with pytest.raises(KeyNotFound):
        world.domain.keys.load(ref)


def test_keys_are_never_overwritten(tmp_path: Path) -> None:
    """A second set of keys in the same folder is refused."""
    create_domain(tmp_path, "Port A", "SG", secret="")
    with pytest.raises(KeyExists):
        create_domain(tmp_path, "Port A", "SG", secret="")


def test_a_certificate_of_another_key_is_noticed(tmp_path: Path) -> None:
    """A key beside the wrong certificate does not load."""
    keys = create_domain(tmp_path, "Port A", "SG", secret="").keys
    keys.chain_file("seal").write_bytes(keys.chain_file("tsa").read_bytes())
    with pytest.raises(KeyUnreadable):
        KeyStore(tmp_path / "keys", "").load("seal")
