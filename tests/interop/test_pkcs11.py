"""The chain account on a PKCS#11 token, with SoftHSM (Debian: softhsm2) as the token."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest

from gateway import setup
from gateway.settings import load
from gateway.wiring.log.chainaccount import chain_account
from ledger.anchors import token
from ledger.anchors.errors import BadChainKey
from ledger.anchors.evm import in_process_anchor
from ledger.anchors.intents import State
from ledger.anchors.offline import verify_record
from ledger.anchors.secp256k1 import N
from ledger.anchors.token import TokenAccount, TokenUri
from ledger.anchors.transaction import Transaction, read
from ledger.checkpoint import Checkpoint
from tests.ledger.memory import MemoryIntents
from tests.ledger.trees import ORIGIN, log_of

pytestmark = pytest.mark.interop

MODULES = ("/usr/lib/softhsm/libsofthsm2.so", "/opt/homebrew/lib/softhsm/libsofthsm2.so")
PIN = "1234"
LOG = log_of(300)


@pytest.fixture(scope="module")
def uri(tmp_path_factory: pytest.TempPathFactory) -> TokenUri:
    """A new token with a key pair on it."""
    pytest.importorskip("pkcs11", reason="install the extra: pip install silkgate[pkcs11]")
    module = next((path for path in MODULES if Path(path).exists()), None)
    if module is None or shutil.which("softhsm2-util") is None:
        pytest.skip("SoftHSM is not installed (Debian: apt-get install softhsm2)")
    home = tmp_path_factory.mktemp("softhsm")
    config = home / "softhsm2.conf"
    config.write_text(f"directories.tokendir = {home}\nobjectstore.backend = file\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOFTHSM2_CONF", str(config))
        for label in ("silkgate", "other"):
            command = ["softhsm2-util", "--init-token", "--free", "--label", label]
            given = ("--pin", PIN, "--so-pin", PIN)
            subprocess.run([*command, *given], check=True, capture_output=True)
        found = TokenUri(module, "silkgate", "chain")
        token.generate(found, PIN)  # the module reads its settings when it is loaded
    return found


@pytest.fixture(scope="module")
def account(uri: TokenUri) -> TokenAccount:
    """The account of the key on the token."""
    return token.open_account(uri, PIN)


def transaction(nonce: int) -> Transaction:
    """Return a transaction like those that anchor."""
    return Transaction(
        chain_id=1, nonce=nonce, tip=1, max_fee=9, gas=21_000, to="0x" + "11" * 20, data=b"x"
    )


def test_what_the_token_signs_recovers_its_account(account: TokenAccount) -> None:
    """Twenty signatures: each low, each by the account, whatever half the token chose."""
    for nonce in range(20):
        made = read(transaction(nonce).signed(account))
        assert made.sender == account.address
        assert made.transaction == transaction(nonce)
        assert made.signature[1] <= N // 2


def test_the_token_anchors(account: TokenAccount) -> None:
    """A contract owned by the token's account takes its anchor, proven offline."""
    anchor = in_process_anchor(MemoryIntents(), account)
    checkpoint = Checkpoint(ORIGIN, 300, LOG.root())
    status = anchor.submit(checkpoint, lambda *_: ())
    assert status.state is State.FINAL
    assert verify_record(status.record, checkpoint).placed


def test_the_settings_name_the_token(
    uri: TokenUri, account: TokenAccount, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`anchor.key = "pkcs11:..."` with the PIN in the environment gives the same account."""
    monkeypatch.setenv("TOKEN_PIN", PIN)
    key = f"pkcs11:token={uri.token};object={uri.label}"
    key += f"?module-path={uri.module}&pin-source=env:TOKEN_PIN"
    extra = f'[anchor]\nkey = "{key}"\n'
    setup.create(tmp_path, party="g", name="g", country="SG", port=8443, extra=extra)
    assert chain_account(load(tmp_path)).address == account.address


def test_a_wrong_pin_token_or_key_is_said(uri: TokenUri) -> None:
    """BadChainKey with what the token says, never a library's own error."""
    wrong = [
        (TokenUri(uri.module, "other", uri.label), "9999"),
        (TokenUri(uri.module, "none", uri.label), PIN),
        (TokenUri(uri.module, uri.token, "none"), PIN),
        (TokenUri("/no/such/module.so", uri.token, uri.label), PIN),
    ]
    for place, pin in wrong:
        with pytest.raises(BadChainKey):
            token.open_account(place, pin)
