"""A chain that several processes can ask: eth-tester behind JSON-RPC, for the calls that we make.

    python -m tests.ledger.title.rpcserver PORT

One caller at a time; every transaction is mined at once.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Lock, Thread
from typing import Any

from eth_tester.exceptions import TransactionFailed
from web3 import EthereumTesterProvider, Web3
from web3.exceptions import Web3RPCError

Json = Any
_ENOUGH = 300_000


class Node:
    """The chain, and its methods as JSON-RPC has them."""

    def __init__(self) -> None:
        """Begin a chain."""
        self._web3 = Web3(EthereumTesterProvider())
        self._lock = Lock()
        eth = self._web3.eth
        self._methods: Mapping[str, Callable[..., Any]] = {
            "eth_chainId": lambda: eth.chain_id,
            "eth_blockNumber": lambda: eth.block_number,
            "eth_maxPriorityFeePerGas": lambda: 10**9,
            "eth_getTransactionCount": eth.get_transaction_count,
            "eth_getBlockByNumber": lambda number, _: eth.get_block(_block(number)),
            "eth_sendRawTransaction": eth.send_raw_transaction,
            "eth_getTransactionReceipt": eth.get_transaction_receipt,
            "eth_call": lambda asked, _: eth.call(_asked(asked)),
            "eth_estimateGas": lambda asked, *_: self._estimate(_asked(asked)),
            "eth_getLogs": lambda asked: eth.get_logs(_searched(asked)),
        }

    def answer(self, asked: Json) -> Json:
        """Answer one request."""
        said: Json = {"jsonrpc": "2.0", "id": asked["id"]}
        try:
            with self._lock:
                found = self._methods[asked["method"]](*asked.get("params", ()))
        except TransactionFailed as error:
            data = error.args[0]
            told = isinstance(data, str) and not data.startswith("0x")
            words = data.removeprefix("execution reverted: ") if told else ""
            return {
                **said,
                "error": {
                    "code": 3,
                    "message": f"execution reverted: {words}",
                    "data": data if not words else _error_data(words),
                },
            }
        except Exception as error:  # noqa: BLE001 - as a node says it
            if type(error).__name__ == "TransactionNotFound":
                return {**said, "result": None}
            if isinstance(error, Web3RPCError):
                return {**said, "error": {"code": -32000, "message": str(error)}}
            return {**said, "error": {"code": -32000, "message": f"{error}"}}
        return {**said, "result": _json(found)}

    def _estimate(self, asked: Any) -> int:
        """Try a call once; eth-tester would try it twenty times to find the least gas."""
        self._web3.eth.call(asked)
        return _ENOUGH

    def fund(self, address: str) -> None:
        """Give an account 100 ether."""
        asked: Any = {"from": self._web3.eth.accounts[0], "to": address, "value": 10**20}
        with self._lock:
            self._web3.eth.send_transaction(asked)

    def mine(self, blocks: int) -> None:
        """Mine empty blocks."""
        tester: Any = self._web3.provider
        with self._lock:
            tester.ethereum_tester.mine_blocks(blocks)


@contextmanager
def serving(node: Node, port: int = 0) -> Iterator[str]:
    """Serve a chain from threads of this process; give its address."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        wbufsize = -1
        disable_nagle_algorithm = True

        def do_POST(self) -> None:
            size = int(self.headers["content-length"])
            body = json.dumps(node.answer(json.loads(self.rfile.read(size)))).encode()
            self.send_response(200)
            self.send_header("content-type", "application/json")
            self.send_header("content-length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    thread = Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def _block(number: str) -> Any:
    return int(number, 16) if number.startswith("0x") else number


def _searched(asked: Mapping[str, Any]) -> Any:
    return {**asked, **{name: _block(asked[name]) for name in ("fromBlock", "toBlock")}}


def _asked(asked: Mapping[str, Any]) -> Any:
    numbers = {name: int(asked[name], 16) for name in ("gas", "value") if name in asked}
    return {**{name: asked[name] for name in ("from", "to", "data") if name in asked}, **numbers}


def _error_data(words: str) -> str:
    """Return the data of a revert with a reason in words: Error(string)."""
    text = words.encode()
    padded = text.ljust(-(-len(text) // 32) * 32, b"\0")
    return "0x08c379a0" + (32).to_bytes(32).hex() + len(text).to_bytes(32).hex() + padded.hex()


def _json(found: Any) -> Json:
    match found:
        case bool() | None | str():
            return found
        case int():
            return hex(found)
        case bytes():
            return "0x" + found.hex()
        case Mapping():
            return {name: _json(value) for name, value in found.items()}
        case list() | tuple():
            return [_json(each) for each in found]
    return str(found)


if __name__ == "__main__":
    with serving(Node(), int(sys.argv[1])):
        sys.stdin.read()
