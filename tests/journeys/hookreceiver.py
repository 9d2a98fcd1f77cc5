"""A receiver of webhooks as a process of its own: each request is a file, as it came.

python hookreceiver.py PORT FOLDER
"""

from __future__ import annotations

import sys
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path


class Handler(BaseHTTPRequestHandler):
    """Takes everything."""

    def do_POST(self) -> None:
        """Write the request down, under a name only once it is whole."""
        body = self.rfile.read(int(self.headers["content-length"]))
        head = f"{self.requestline}\r\n{self.headers}".replace("\r\n", "\n").strip()
        number = len(list(FOLDER.iterdir()))
        path = FOLDER / f"{number:03}.part"
        path.write_bytes(head.replace("\n", "\r\n").encode() + b"\r\n\r\n" + body)
        path.rename(FOLDER / f"{number:03}.http")
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


FOLDER = Path(sys.argv[2])
if __name__ == "__main__":
    HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
