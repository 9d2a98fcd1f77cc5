"""The chain account in a remote signer, such as web3signer or clef (`eth_signTransaction`).

The signer is told the whole transaction, never a bare hash, so that it can show and refuse what
it signs. It answers with the raw transaction, which is believed only once it reads back as the
transaction that was asked for, signed by the account.
"""

from __future__ import annotations

import json
import re
import ssl
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Final
from urllib.parse import urlsplit

from ledger.anchors.errors import AnchorRefused, AnchorUnavailable, BadChainKey, SendRefused
from ledger.anchors.secp256k1 import checksummed
from ledger.anchors.transaction import Transaction, read

_ADDRESS: Final = re.compile(r"0x[0-9a-fA-F]{40}")
_TIMEOUT_SECONDS: Final = 10.0
_MAX_ANSWER: Final = 1_000_000
_OK: Final = 200
_LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})


class RemoteAccount:
    """One account of a signer at an HTTP address; fulfils `transaction.ChainSigner`."""

    def __init__(self, url: str, address: str) -> None:
        """Sign through `url` for `address`; raises BadChainKey.

        Without TLS only this machine's own signer is used.
        """
        self._url = urlsplit(url)
        if _ADDRESS.fullmatch(address) is None:
            raise BadChainKey(where=url, reason="the account's address is expected behind #")
        host = self._url.hostname or ""
        if self._url.scheme != "https" and not (self._url.scheme == "http" and host in _LOOPBACK):
            raise BadChainKey(where=url, reason="TLS is needed outside this machine")
        self._address = checksummed(bytes.fromhex(address.removeprefix("0x")))

    @property
    def address(self) -> str:
        """The account's address (EIP-55)."""
        return self._address

    def sign(self, transaction: Transaction) -> tuple[int, int, int]:
        """Return (r, s, parity) over a transaction.

        Raises AnchorUnavailable when the signer does not answer, SendRefused when it refuses,
        AnchorRefused when it signs something else or for somebody else.
        """
        answer = self._call("eth_signTransaction", [_as_rpc(transaction, self._address)])
        raw = answer.get("raw") if isinstance(answer, dict) else answer
        try:
            signed = read(bytes.fromhex(str(raw).removeprefix("0x")))
        except ValueError as wrong:
            raise AnchorRefused(reason="the signer's answer is no raw transaction") from wrong
        if signed.transaction != transaction or signed.sender != self._address:
            raise AnchorRefused(reason="the signer signed something else")
        return signed.signature

    def _call(self, method: str, params: list[object]) -> object:
        body = json.dumps({"jsonrpc": "2.0", "id": 1, "method": method, "params": params})
        connection = self._connection()
        try:
            connection.request(
                "POST", self._url.path or "/", body, {"Content-Type": "application/json"}
            )
            response = connection.getresponse()
            status, text = response.status, response.read(_MAX_ANSWER)
        except (OSError, HTTPException) as lost:
            raise AnchorUnavailable(where=self._url.netloc, reason=str(lost)[:200]) from lost
        finally:
            connection.close()
        try:
            said = json.loads(text)
        except ValueError:
            said = None
        if not isinstance(said, dict) or status != _OK:
            raise AnchorUnavailable(where=self._url.netloc, reason=f"it answered {status}")
        if said.get("error"):
            raise SendRefused(reason=str(said["error"])[:300])
        return said.get("result")

    def _connection(self) -> HTTPConnection:
        host, port = self._url.hostname or "", self._url.port
        if self._url.scheme == "http":
            return HTTPConnection(host, port, timeout=_TIMEOUT_SECONDS)
        context = ssl.create_default_context()
        return HTTPSConnection(host, port, timeout=_TIMEOUT_SECONDS, context=context)


def _as_rpc(transaction: Transaction, sender: str) -> dict[str, str]:
    """Return the transaction object of the Ethereum JSON-RPC API; `to` is left out to deploy."""
    said = {
        "from": sender,
        "gas": hex(transaction.gas),
        "maxFeePerGas": hex(transaction.max_fee),
        "maxPriorityFeePerGas": hex(transaction.tip),
        "nonce": hex(transaction.nonce),
        "value": hex(transaction.value),
        "data": f"0x{transaction.data.hex()}",
        "chainId": hex(transaction.chain_id),
    }
    return said | ({"to": transaction.to} if transaction.to else {})
