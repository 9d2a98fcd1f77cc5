"""An identity provider as a process of its own: hands out the JWK Set in a file, and counts.

python issuer_process.py PORT TLS_FOLDER JWKS_FILE COUNT_FILE
"""

from __future__ import annotations

import ssl
import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

TLS, JWKS, COUNT = map(Path, sys.argv[2:5])


class Handler(BaseHTTPRequestHandler):
    """Answers with the set as it is now; an empty file is a failure."""

    def do_GET(self) -> None:
        """Count and answer."""
        with COUNT.open("ab") as out:
            out.write(b".")
        body = JWKS.read_bytes()
        self.send_response(200 if body else 500)
        self.send_header("content-type", "application/jwk-set+json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


if __name__ == "__main__":
    server = HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(TLS / "tls.pem", TLS / "tls.key")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.serve_forever()
