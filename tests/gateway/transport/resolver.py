"""A resolver (DNS over HTTPS) and a host of did:web documents on loopback, as told to behave."""

from __future__ import annotations

import json
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

AD = 0x0020
ANSWER = 0x8180


@dataclass(slots=True)
class World:
    """What the server answers: TXT records by name, documents by path.

    `bent` changes a DNS message before it leaves; `media_type` is that of DNS answers; `redirect`
    is where every request is sent to instead; `drip` the seconds between octets of a body.
    """

    txt: dict[str, Sequence[str]] = field(default_factory=dict)
    documents: dict[str, object] = field(default_factory=dict)
    flags: int = ANSWER
    bent: Callable[[bytes], bytes] = lambda message: message
    media_type: str = "application/dns-message"
    redirect: str = ""
    drip: float = 0.0
    status: int = 200
    asked: list[str] = field(default_factory=list)
    port: int = 0

    def resolver(self) -> str:
        """Return the address of the resolver."""
        return f"https://127.0.0.1:{self.port}/dns-query"

    def host(self) -> str:
        """Return the name of the host as an allow-list has it."""
        return f"localhost:{self.port}"

    def did(self, *folders: str) -> str:
        """Return a did:web of the host."""
        return ":".join((f"did:web:localhost%3A{self.port}", *folders))

    def message(self, question: bytes) -> bytes:
        """Return the answer to a question of one name, compressed as servers do."""
        name, end = _asked(question)
        self.asked.append(name)
        records = self.txt.get(name, ())
        flags = self.flags if records or self.flags & 15 else self.flags | 3
        header = struct.pack("!HHHHHH", 0, flags, 1, len(records), 0, 0)
        return self.bent(header + question[12:end] + b"".join(map(record, records)))


def record(text: str, owner: bytes = b"\xc0\x0c", kind: int = 16) -> bytes:
    """Return a TXT record in strings of at most 60 octets."""
    parts = [text.encode()[at : at + 60] for at in range(0, max(len(text.encode()), 1), 60)]
    content = b"".join(bytes([len(each)]) + each for each in parts)
    return owner + struct.pack("!HHIH", kind, 1, 300, len(content)) + content


def alias(target: str) -> bytes:
    """Return an alias of the name that was asked for."""
    content = wire(target)
    return b"\xc0\x0c" + struct.pack("!HHIH", 5, 1, 300, len(content)) + content


def wire(name: str) -> bytes:
    """Return a name as DNS writes it."""
    return b"".join(bytes([len(each)]) + each.encode() for each in name.split(".")) + b"\0"


@contextmanager
def serving(world: World, tls: Path) -> Iterator[World]:
    """Serve a world with the certificate in a folder."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            world.asked.append(self.path)
            found = world.documents.get(self.path)
            body = found if isinstance(found, bytes) else json.dumps(found).encode()
            self._say(404 if found is None else world.status, "application/json", body)

        def do_POST(self) -> None:
            question = self.rfile.read(int(self.headers["content-length"]))
            self._say(world.status, world.media_type, world.message(question))

        def _say(self, status: int, media_type: str, body: bytes) -> None:
            self.send_response(302 if world.redirect else status)
            self.send_header("Content-Type", media_type)
            self.send_header("Content-Length", str(len(body)))
            if world.redirect:
                self.send_header("Location", world.redirect)
            self.end_headers()
            for octet in body if world.drip else ():
                time.sleep(world.drip)
                self.wfile.write(bytes([octet]))
            if not world.drip:
                self.wfile.write(body)

        def log_message(self, *_: Any) -> None:
            """Keep the tests' output clean."""

    class Server(ThreadingHTTPServer):
        def handle_error(self, *_: Any) -> None:
            """A caller that hangs up is what some tests are about."""

    server = Server(("127.0.0.1", 0), Handler)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tls / "tls.pem", tls / "tls.key")
    server.socket = context.wrap_socket(server.socket, server_side=True)
    world.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield world
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _asked(question: bytes) -> tuple[str, int]:
    """Return the name in a question and where the question ends."""
    labels, at = [], 12
    while size := question[at]:
        labels.append(question[at + 1 : at + 1 + size].decode())
        at += 1 + size
    return ".".join(labels), at + 5
