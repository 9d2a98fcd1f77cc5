"""A remote signer in a process of its own: the calls that `certs.custody.csc` makes, v1 and v2.

    python signer.py FOLDER TOKEN   prints its port

FOLDER holds `NAME.key.pem` and `NAME.cert.pem`, not encrypted.
"""

from __future__ import annotations

import base64
import hmac
import json
import sys
import time
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.serialization import Encoding, load_pem_private_key

FOLDER, TOKEN = Path(sys.argv[1]), sys.argv[2]
PIN, SEED = "4711", b"12345678901234567890"
PSS = "1.2.840.113549.1.1.10"


def passwords_at(moment: float) -> str:
    """Return the one-time password at a time (RFC 6238)."""
    mac = hmac.digest(SEED, int(moment // 30).to_bytes(8, "big"), "sha1")
    at = mac[-1] & 15
    return f"{(int.from_bytes(mac[at : at + 4], 'big') & 0x7FFFFFFF) % 10**6:06}"


class Handler(BaseHTTPRequestHandler):
    """Answers each call; the right to sign is good for the one hash it was given for."""

    def do_POST(self) -> None:
        """Answer a call."""
        length = int(self.headers["content-length"])
        asked = json.loads(self.rfile.read(length))
        if self.headers.get("authorization") != f"Bearer {TOKEN}":
            return self.say(401, {"error": "invalid_token", "error_description": "who is it"})
        self.second = self.path.startswith("/csc/v2/")
        call = self.path[len("/csc/v1/") :].replace("/", "_").lower()
        return self.say(*getattr(self, call)(asked))

    def credentials_info(self, asked: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Give the chain of a credential."""
        pem = (FOLDER / f"{asked['credentialID']}.cert.pem").read_bytes()
        chain = x509.load_pem_x509_certificates(pem)
        encoded = [base64.b64encode(each.public_bytes(Encoding.DER)).decode() for each in chain]
        return 200, {"cert": {"status": "valid", "certificates": encoded}}

    def credentials_authorize(self, asked: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Give a right to sign one hash; for the credential `guarded` by PIN and password."""
        listed = asked.get("authData", []) if self.second else ()
        given = {each["id"]: each["value"] for each in listed} if self.second else asked
        if asked["credentialID"] == "guarded":
            passwords = {passwords_at(time.time() + shift) for shift in (0, -30)}
            if given.get("PIN") != PIN or given.get("OTP") not in passwords:
                return 400, {"error": "invalid_otp", "error_description": "PIN or OTP is wrong"}
        if asked["credentialID"] == "slow":
            return 200, {"handle": "later"}
        return 200, {"SAD": f"right to {self.hashed(asked)}"}

    def hashed(self, asked: dict[str, Any]) -> str:
        """Return the one hash, by the name it has in this version."""
        (given,) = asked["hashes" if self.second else "hash"]
        return str(given)

    def signatures_signhash(self, asked: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        """Sign the hash that the right is for."""
        given = self.hashed(asked)
        named = "hashAlgorithmOID" if self.second else "hashAlgo"
        if asked.get(named) != "2.16.840.1.101.3.4.2.1":
            return 400, {"error": "invalid_request", "error_description": named}
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
