"""Chain accounts elsewhere: a remote signer over JSON-RPC, and how tokens are named.

The remote signer here is a stand-in of ours, not web3signer itself: it implements
`eth_signTransaction` as the Ethereum JSON-RPC API documents it.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from gateway import setup
from gateway.settings import load
from gateway.wiring.log.chainaccount import chain_account
from ledger.anchors.account import Account
from ledger.anchors.errors import AnchorRefused, AnchorUnavailable, BadChainKey, SendRefused
from ledger.anchors.remote import RemoteAccount
from ledger.anchors.token import TokenUri
from ledger.anchors.transaction import Transaction, read

ACCOUNT = Account.generate()
CALL = Transaction(
    chain_id=4711, nonce=7, tip=1, max_fee=9, gas=21_000, to=ACCOUNT.address, data=b"anchor"
)


class StandIn:
    """Signs what it is asked to, as told by `reply`."""

    def __init__(self) -> None:
        """Behave."""
        self.asked: list[dict[str, Any]] = []
        self.reply: Callable[[dict[str, Any]], Any] = self.signed
        self.url = ""

    def signed(self, said: dict[str, Any]) -> dict[str, Any]:
        """Return the raw transaction."""
        return {"result": f"0x{_read(said).signed(ACCOUNT).hex()}"}

    def handler(self) -> type[BaseHTTPRequestHandler]:
        """Return what answers one request."""
        outer = self

        class Handler(BaseHTTPRequestHandler):
            """JSON-RPC over HTTP."""

            def do_POST(self) -> None:
                """Answer."""
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                assert body["method"] == "eth_signTransaction"
                outer.asked.append(body["params"][0])
                answer = json.dumps(outer.reply(body["params"][0])).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        return Handler


def _read(said: dict[str, Any]) -> Transaction:
    """Return the transaction of a request."""
    return Transaction(
        chain_id=int(said["chainId"], 16),
        nonce=int(said["nonce"], 16),
        tip=int(said["maxPriorityFeePerGas"], 16),
        max_fee=int(said["maxFeePerGas"], 16),
        gas=int(said["gas"], 16),
        to=said.get("to", ""),
        data=bytes.fromhex(said["data"][2:]),
        value=int(said["value"], 16),
    )


@pytest.fixture
def signer() -> Iterator[StandIn]:
    """A stand-in at an address of this machine."""
    made = StandIn()
    server = ThreadingHTTPServer(("127.0.0.1", 0), made.handler())
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    made.url = f"http://127.0.0.1:{server.server_port}"
    yield made
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.parametrize("call", [CALL, replace(CALL, to="", data=b"code", value=5)])
def test_a_remote_account_signs(signer: StandIn, call: Transaction) -> None:
    """A call and a deployment: the raw transaction is the one asked for, by the account."""
    remote = RemoteAccount(signer.url, ACCOUNT.address.lower())
    made = read(call.signed(remote))
    assert (made.transaction, made.sender) == (call, ACCOUNT.address)
    assert call.signed(remote) == call.signed(ACCOUNT)
    assert ("to" in signer.asked[0]) is bool(call.to)


def test_what_a_remote_signer_changes_is_refused(signer: StandIn) -> None:
    """Another nonce, another account, no transaction at all: AnchorRefused, nothing is sent."""
    remote = RemoteAccount(signer.url, ACCOUNT.address)
    other = f"0x{replace(CALL, nonce=8).signed(ACCOUNT).hex()}"
    stranger = f"0x{CALL.signed(Account.generate()).hex()}"
    for answer in (other, stranger, "0x", "0xzz", None, {"raw": "0x02"}):
        signer.reply = lambda _, answer=answer: {"result": answer}  # type: ignore[misc]
        with pytest.raises(AnchorRefused):
            remote.sign(CALL)


def test_a_refusal_and_an_absence_are_told_apart(signer: StandIn) -> None:
    """An error of the signer is SendRefused; no answer, or not JSON, is AnchorUnavailable."""
    remote = RemoteAccount(signer.url, ACCOUNT.address)
    signer.reply = lambda _: {"error": {"code": -32000, "message": "locked"}}
    with pytest.raises(SendRefused):
        remote.sign(CALL)
    signer.reply = lambda _: []
    with pytest.raises(AnchorUnavailable):
        remote.sign(CALL)
    with pytest.raises(AnchorUnavailable):
        RemoteAccount("http://127.0.0.1:9", ACCOUNT.address).sign(CALL)


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("http://signer.example:9000", ACCOUNT.address),
        ("ftp://127.0.0.1", ACCOUNT.address),
        ("http://127.0.0.1:9000", "0x12"),
        ("http://127.0.0.1:9000", ""),
    ],
    ids=["no TLS", "no HTTP", "no address", "nothing"],
)
def test_an_unsafe_or_unfinished_signer_is_not_used(url: str, address: str) -> None:
    """TLS outside this machine; the account is named."""
    with pytest.raises(BadChainKey):
        RemoteAccount(url, address)


def test_the_settings_name_the_signer(signer: StandIn, tmp_path: Path) -> None:
    """`anchor.key = "web3signer:URL#ADDRESS"`; an unknown kind is refused."""
    extra = f'[anchor]\nkey = "web3signer:{signer.url}#{ACCOUNT.address}"\n'
    setup.create(tmp_path / "a", party="g", name="g", country="SG", port=8443, extra=extra)
    account = chain_account(load(tmp_path / "a"))
    assert read(CALL.signed(account)).sender == ACCOUNT.address
    extra = '[anchor]\nkey = "vault:x"\n'
    setup.create(tmp_path / "b", party="g", name="g", country="SG", port=8443, extra=extra)
    with pytest.raises(BadChainKey):
        chain_account(load(tmp_path / "b"))


def test_a_token_uri_is_read_strictly() -> None:
    """RFC 7512: path and query attributes, percent-encoded; a PIN inside is refused."""
    text = "pkcs11:token=My%20token;object=chain?module-path=/lib/p11.so&pin-source=env:PIN"
    assert TokenUri.parse(text) == TokenUri("/lib/p11.so", "My token", "chain", "env:PIN")
    for wrong in (
        "pkcs11:token=t;object=o",
        "pkcs11:object=o?module-path=/lib/p11.so",
        f"{text}&pin-value=1234",
        text.replace("pkcs11:", "pkcs12:"),
    ):
        with pytest.raises(BadChainKey):
            TokenUri.parse(wrong)
