"""A remote signer in a process of its own: the three calls that `certs.custody.csc` makes.

    python signer.py FOLDER TOKEN   prints its port

FOLDER holds `NAME.key.pem` and `NAME.cert.pem`, not encrypted.
"""

from __future__ import annotations

import base64
import json
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key

FOLDER, TOKEN = Path(sys.argv[1]), sys.argv[2]
PSS = "1.2.840.113549.1.1.10"


class Handler(BaseHTTPRequestHandler):
    """Answers each call; the right to sign is good for the one hash it was given for."""

    def do_POST(self) -> None:
        """Answer a call."""
        length = int(self.headers["content-length"])
        asked = json.loads(self.rfile.read(length))
        if self.headers.get("authorization") != f"Bearer {TOKEN}":
            return self.say(401, {"error": "invalid_token", "error_description": "who is it"})
        call = self.path.removeprefix("/csc/v1/").replace("/", "_").lower()
        return self.say(*getattr(self, call)(asked))

    def credentials_info(self, asked: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Give the chain of a credential."""
        pem = (FOLDER / f"{asked['credentialID']}.cert.pem").read_bytes()
        chain = x509.load_pem_x509_certificates(pem)
        encoded = [base64.b64encode(each.public_bytes(Encoding.DER)).decode() for each in chain]
        return 200, {"cert": {"status": "valid", "certificates": encoded}}

    def credentials_authorize(self, asked: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Give a right to sign one hash."""
        return 200, {"SAD": f"right to {asked['hash'][0]}"}

    def signatures_signhash(self, asked: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Sign the hash that the right is for."""
        (given,) = asked["hash"]
        if asked["SAD"] != f"right to {given}":
            return 400, {"error": "invalid_request", "error_description": "no right to it"}
        pem = (FOLDER / f"{asked['credentialID']}.key.pem").read_bytes()
        key = load_pem_private_key(pem, None)
        digest, hashed = base64.b64decode(given), Prehashed(hashes.SHA256())
        if isinstance(key, rsa.RSAPrivateKey):
            mgf = padding.MGF1(hashes.SHA256())
            pss = asked["signAlgo"] == PSS
            value = key.sign(digest, padding.PSS(mgf, 32) if pss else padding.PKCS1v15(), hashed)
        else:
            assert isinstance(key, ec.EllipticCurvePrivateKey)
            value = key.sign(digest, ec.ECDSA(hashed))
        if asked["credentialID"] == "liar":
            value = value[:-1] + bytes((value[-1] ^ 1,))
        return 200, {"signatures": [base64.b64encode(value).decode()]}

    def say(self, status: int, body: dict[str, Any]) -> None:
        """Send an answer."""
        encoded = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(encoded)))
        self.end_headers()
        self.wfile.write(encoded)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


if __name__ == "__main__":
    server = HTTPServer(("127.0.0.1", 0), Handler)
    print(server.server_port, flush=True)  # noqa: T201 - that is how it tells
    server.serve_forever()
