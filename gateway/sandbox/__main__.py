"""Run one simulated customs: `python -m gateway.sandbox cn --receipts URL [--script NAME]`.

Prints one JSON line with its address once it listens, and serves until it is told to end.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from gateway.api.serve import Listen, serving
from gateway.sandbox.app import Kind, Sandbox, create_app
from gateway.sandbox.script import load
from schemas.errors import SilkgateError


def main(arguments: list[str] | None = None) -> int:
    """Serve until standard input closes or an interrupt; return the exit code."""
    given = _parser().parse_args(arguments)
    kind = Kind(given.kind)
    try:
        sandbox = Sandbox(
            kind=kind,
            script=load(given.script or _usual(kind)),
            receipts=given.receipts,
            token=given.token_file.read_text().strip() if given.token_file else "",
            authority=given.tls_ca,
            country=given.country,
        )
        listen = Listen(host=given.host, port=given.port)
        with serving(create_app(sandbox), listen) as url:
            said = {"sandbox": kind.value, "url": f"{url}/declarations", "state": url}
            sys.stdout.write(json.dumps(said) + "\n")
            sys.stdout.flush()
            _wait()
    except SilkgateError as error:
        sys.stderr.write(f"{error.code} {error.message.en} / {error.message.zh}\n")
        return error.exit_code
    return 0


def _wait() -> None:
    """Wait until whoever started this closes our standard input, or interrupts."""
    try:
        while sys.stdin.readline():
            pass
    except KeyboardInterrupt:
        return


def _usual(kind: Kind) -> str:
    return "cn-release" if kind is Kind.CHINA else "wco-clear"


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m gateway.sandbox", description="A simulated customs. Never for production."
    )
    parser.add_argument("kind", choices=[kind.value for kind in Kind])
    parser.add_argument("--receipts", required=True, help="where the gateway takes receipts")
    parser.add_argument("--script", default="", help="name or TOML file of the script")
    parser.add_argument("--token-file", type=Path, help="file with the API key for the receipts")
    parser.add_argument("--tls-ca", type=Path, default=None, help="PEM of the gateway's authority")
    parser.add_argument("--country", default="GB", help="whose customs (ISO alpha-2), for wco")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=0)
    return parser


if __name__ == "__main__":
    sys.exit(main())
