from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from certs import cades, custody, jws, verify_any, xades
from certs.authority.ca import SEAL, TSA, CertificateAuthority, Subject
from certs.authority.tsa import Authority
from certs.custody.csc import SignerUri
from certs.custody.token import TokenKey, TokenUri
from certs.errors import KeyUnreadable, SecretMissing
from certs.keys import KeyStore, SigningKey
from tests.certs.pki import DOCUMENT, NOW, World

SIGNER = Path(__file__).parent / "signer.py"
PLACES = (
    "/usr/lib/softhsm/libsofthsm2.so",
    "/usr/local/lib/softhsm/libsofthsm2.so",
    "/opt/homebrew/lib/softhsm/libsofthsm2.so",
)
PIN = "1234"
SUBJECT = Subject(organisation="Port A", country="SG", common_name="Kept Elsewhere")


def all_forms_verify(world: World, key: SigningKey) -> None:
    """Assert that XAdES, JWS and CAdES by this key are good."""
    for signed, beside in (
        (xades.sign(DOCUMENT, key, signed_at=NOW), ()),
        (jws.sign(b"{}", key, signed_at=NOW), ()),
        (cades.sign(DOCUMENT, key, signed_at=NOW), (DOCUMENT,)),
    ):
        verdict = verify_any(signed, world.trust, beside, NOW)
        assert verdict.passed, verdict.reason


@pytest.fixture(scope="module")
def token(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A new SoftHSM token; gives the URI of an object on it, to be filled in."""
    pytest.importorskip("pkcs11", reason="install the extra: pip install silkgate[pkcs11]")
    named = os.environ.get("SOFTHSM2_MODULE", "")
    module = next((each for each in (named, *PLACES) if each and Path(each).exists()), None)
    tool = shutil.which("softhsm2-util")
    if module is None or tool is None:
        pytest.skip("SoftHSM is not installed (Debian: apt-get install softhsm2)")
    home = tmp_path_factory.mktemp("softhsm")
    config = home / "softhsm2.conf"
    config.write_text(f"directories.tokendir = {home}\nobjectstore.backend = file\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOFTHSM2_CONF", str(config))
        patch.setenv("TOKEN_PIN", PIN)
        made = (tool, "--module", module, "--init-token", "--free", "--label", "seals")
        subprocess.run([*made, "--pin", PIN, "--so-pin", PIN], check=True, capture_output=True)
        yield f"pkcs11:token=seals;object={{}}?module-path={module}&pin-source=env:TOKEN_PIN"


@pytest.mark.parametrize("kind", ["p256", "p384", "rsa"])
def test_a_token_seals_documents(token: str, world: World, tmp_path: Path, kind: str):
    """A key made on the token, certified here: every form it signs verifies, after a reload too."""
    uri = token.format(kind)
    TokenKey.generate(TokenUri.parse(uri), kind)
    made = world.issuer.issue(SEAL, SUBJECT, private=custody.open_key(uri), now=NOW)
    KeyStore(tmp_path, "").attach("seal", uri, made.chain)
    again = KeyStore(tmp_path, "")
    assert again.names() == ["seal"]
    key = again.load("seal")
    all_forms_verify(world, key)
    assert b"PRIVATE" not in b"".join(each.read_bytes() for each in tmp_path.iterdir())
    with pytest.raises(KeyUnreadable):
        KeyStore(tmp_path / "copy", "").save(key)


def test_a_token_stamps_and_certifies(token: str, tmp_path: Path):
    """The root of an authority and the key of a time-stamp authority may lie on a token."""
    TokenKey.generate(TokenUri.parse(token.format("root")), "p256")
    TokenKey.generate(TokenUri.parse(token.format("tsa")), "p256")
    root = custody.open_key(token.format("root"))
    authority = CertificateAuthority.create(SUBJECT, private=root, now=NOW)
    key = authority.issue(TSA, SUBJECT, private=custody.open_key(token.format("tsa")), now=NOW)
    response = Authority(key, lambda: NOW).stamp(bytes(32))
    assert response
    assert tmp_path.is_dir()


def test_what_is_not_on_the_token_is_said(token: str, monkeypatch):
    """No such object, no such token, a wrong PIN reference, a PIN in the URI: each refused."""
    with pytest.raises(KeyUnreadable):
        custody.open_key(token.format("nobody"))
    with pytest.raises(KeyUnreadable):
        custody.open_key(token.format("x").replace("token=seals", "token=none"))
    with pytest.raises(KeyUnreadable):
        custody.open_key(token.format("x") + "&pin-value=1234")
    monkeypatch.delenv("TOKEN_PIN")
    with pytest.raises(SecretMissing):
        custody.open_key(token.format("p256"))


@pytest.fixture(scope="module")
def remote(world: World, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A signer in a second process; gives the URI of a credential, to be filled in."""
    folder = tmp_path_factory.mktemp("signer")
    for name, private in (
        ("ec", None),
        ("rsa", rsa.generate_private_key(65537, 2048)),
        ("liar", None),
        ("guarded", None),
        ("slow", None),
    ):
        made = world.issuer.issue(SEAL, SUBJECT, name=name, private=private, now=NOW)
        KeyStore(folder, "").save(made)
    process = subprocess.Popen(
        [sys.executable, str(SIGNER), str(folder), "let me in"], stdout=subprocess.PIPE, text=True
    )
    assert process.stdout is not None
    port = int(process.stdout.readline())
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SIGNER_TOKEN", "let me in")
        patch.setenv("SIGNER_PIN", "4711")
        patch.setenv("SIGNER_SEED", "GEZD GNBV GY3T QOJQ GEZD GNBV GY3T QOJQ")
        yield f"csc+http://127.0.0.1:{port}/csc/v1?credential={{}}&token=env:SIGNER_TOKEN"
    process.kill()
    process.wait()
    process.stdout.close()


@pytest.mark.parametrize("version", ["v1", "v2"])
@pytest.mark.parametrize("credential", ["ec", "rsa"])
def test_a_remote_signer_seals_documents(
    remote: str, world: World, tmp_path: Path, credential: str, version: str
):
    """Only digests go to the other process; what comes back verifies in every form."""
    uri = remote.format(credential).replace("/v1", f"/{version}")
    key = custody.open_key(uri)
    chain = getattr(key, "chain")  # noqa: B009 - only remote keys have one
    KeyStore(tmp_path, "").attach("seal", uri, chain)
    all_forms_verify(world, KeyStore(tmp_path, "").load("seal"))


@pytest.mark.parametrize("version", ["v1", "v2"])
def test_a_credential_asks_for_pin_and_one_time_password(
    remote: str, world: World, monkeypatch, version: str
):
    """Both versions of the API: with PIN and password of the moment it signs, else it does not."""
    uri = remote.format("guarded").replace("/v1", f"/{version}")
    given = f"{uri}&pin=env:SIGNER_PIN&totp=env:SIGNER_SEED"
    key = custody.open_key(given)
    chain = getattr(key, "chain")  # noqa: B009 - only remote keys have one
    all_forms_verify(world, SigningKey(key, chain))
    for poor in (uri, f"{uri}&pin=env:SIGNER_PIN", f"{uri}&totp=env:SIGNER_SEED"):
        with pytest.raises(KeyUnreadable, match="PIN or OTP is wrong"):
            xades.sign(DOCUMENT, SigningKey(custody.open_key(poor), chain), signed_at=NOW)
    monkeypatch.setenv("SIGNER_SEED", "no base 32!")
    with pytest.raises(KeyUnreadable, match="Base32"):
        xades.sign(DOCUMENT, SigningKey(custody.open_key(given), chain), signed_at=NOW)


def test_a_signer_that_asks_somebody_first_is_not_waited_for(remote: str):
    """An answer without a right to sign is an error, never an empty right."""
    key = custody.open_key(remote.format("slow"))
    chain = getattr(key, "chain")  # noqa: B009 - as above
    with pytest.raises(KeyUnreadable, match="at once"):
        xades.sign(DOCUMENT, SigningKey(key, chain), signed_at=NOW)


def test_a_wrong_signature_is_not_passed_on(remote: str, world: World):
    """A signer that returns a bad value is found out before anybody else sees it."""
    key = custody.open_key(remote.format("liar"))
    chain = getattr(key, "chain")  # noqa: B009 - as above
    with pytest.raises(KeyUnreadable, match="wrong"):
        xades.sign(DOCUMENT, SigningKey(key, chain), signed_at=NOW)
    assert world is not None


def test_a_stranger_gets_no_signature(remote: str, monkeypatch):
    """Without the right token the signer refuses, and that is what is said."""
    monkeypatch.setenv("SIGNER_TOKEN", "guess")
    with pytest.raises(KeyUnreadable, match="who is it"):
        custody.open_key(remote.format("ec"))


@pytest.mark.parametrize(
    "uri",
    [
        "csc+http://signer.example/csc/v1?credential=x",
        "csc+https://user:pw@signer.example/csc/v1?credential=x",
        "csc+https://signer.example/csc/v1",
        "csc+ftp://signer.example/?credential=x",
    ],
)
def test_an_address_is_safe_or_refused(uri: str):
    """Plain HTTP beyond this machine, a password in the address, no credential: refused."""
    with pytest.raises(KeyUnreadable):
        SignerUri.parse(uri)


def test_another_certificate_does_not_fit(remote: str, world: World, tmp_path: Path):
    """A chain whose leaf is of another key is refused when it is attached."""
    with pytest.raises(KeyUnreadable):
        KeyStore(tmp_path, "").attach("seal", remote.format("ec"), world.seal.chain)
    assert not list(tmp_path.glob("*.uri"))


def test_nothing_else_names_a_key():
    """An unknown scheme is an error, not a file name."""
    with pytest.raises(KeyUnreadable):
        custody.open_key("https://example.org/key")
