"""A partner gateway that answers as told, on loopback, with TLS where wanted."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from gateway.api.serve import Listen, serving
from gateway.transport import bundle
from gateway.transport.headers import BUNDLE

Receive = Callable[[], Awaitable[dict[str, object]]]
Send = Callable[[dict[str, object]], Awaitable[None]]


@dataclass(slots=True)
class Reply:
    """One answer: status, media type, body, more headers."""

    status: int = 200
    media_type: str = "application/jose"
    body: bytes = b"receipt"
    headers: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Asked:
    """One request as it came."""

    path: str
    headers: dict[str, str]
    body: bytes


@dataclass(slots=True)
class Partner:
    """Answers the n-th request with the n-th reply, the last one again and again.

    `counted`: with a Content-Length, else in chunks.
    """

    replies: list[Reply] = field(default_factory=lambda: [Reply()])
    asked: list[Asked] = field(default_factory=list)
    counted: bool = True

    async def __call__(self, scope: dict[str, object], receive: Receive, send: Send) -> None:
        """Answer one request (ASGI)."""
        if scope["type"] == "lifespan":
            await _live(receive, send)
            return
        body = b""
        more = True
        while more:
            message = await receive()
            body += bytes(message.get("body", b""))  # type: ignore[call-overload]
            more = bool(message.get("more_body", False))
        names = {k.decode(): v.decode() for k, v in scope["headers"]}  # type: ignore[attr-defined]
        self.asked.append(Asked(str(scope["path"]), names, body))
        reply = self._reply(names.get("content-type", ""), body)
        headers = {"content-type": reply.media_type, **reply.headers}
        if self.counted:
            headers["content-length"] = str(len(reply.body))
        await send(
            {
                "type": "http.response.start",
                "status": reply.status,
                "headers": [(k.encode(), v.encode()) for k, v in headers.items()],
            }
        )
        await send({"type": "http.response.body", "body": reply.body})

    def _reply(self, media_type: str, body: bytes) -> Reply:
        """A bundle is answered with one reply per container, in order."""
        if media_type != BUNDLE:
            return self.replies[min(len(self.asked), len(self.replies)) - 1]
        frames = bundle.unpack(body)
        replies = [self.replies[min(n, len(self.replies) - 1)] for n in range(len(frames))]
        return Reply(200, BUNDLE, bundle.pack((str(one.status), one.body) for one in replies))


async def _live(receive: Receive, send: Send) -> None:
    while (await receive())["type"] != "lifespan.shutdown":
        await send({"type": "lifespan.startup.complete"})
    await send({"type": "lifespan.shutdown.complete"})


@contextmanager
def listening(partner: Partner, tls: Path | None = None, *, port: int | None = 0) -> Iterator[str]:
    """Serve the partner, on a free port if not told; `tls`: the folder of its certificate."""
    listen = Listen(
        port=port or 0,
        certificate=tls / "tls.pem" if tls else None,
        key=tls / "tls.key" if tls else None,
    )
    with serving(partner, listen) as url:  # type: ignore[arg-type]
        yield url


def make_certificate(folder: Path, address: str = "127.0.0.1") -> Path:
    """Write a self-signed certificate (tls.pem, tls.key) for `address` and localhost.

    Returns the folder.
    """
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "partner")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName(
                [x509.IPAddress(ip_address(address)), x509.DNSName("localhost")]
            ),
            critical=False,
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "tls.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (folder / "tls.key").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return folder
