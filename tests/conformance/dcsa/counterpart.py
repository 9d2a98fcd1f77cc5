"""The other party of every scenario: a platform and a carrier that share no code with ours.

Signatures are joserfc's (PS256 for the platform, ES256 for the carrier), canonical JSON is
rfc8785's, and the receiving platform is a few lines over a dictionary.
"""

from __future__ import annotations

import base64
import hashlib
import json
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Final

import rfc8785
from joserfc import jws
from joserfc.jwk import ECKey, RSAKey

Json = dict[str, Any]
Answer = tuple[int, Any]
ALGORITHMS: Final = ["PS256", "RS256", "ES256", "EdDSA"]
PATIENCE: Final = 10.0


def opened(text: str, key: Any) -> Json:
    """Return the payload of a JWS; its certificates make its header longer than joserfc expects."""
    registry = jws.JWSRegistry(algorithms=ALGORITHMS)
    registry.max_header_length = 65536
    found: Json = json.loads(jws.deserialize_compact(text, key, registry=registry).payload)
    return found


def checksum(value: Any) -> str:
    """Return the SHA-256 of canonical JSON."""
    return hashlib.sha256(rfc8785.dumps(value)).hexdigest()


def of_text(text: str) -> str:
    """Return the SHA-256 of a JWS as it travels."""
    return hashlib.sha256(text.encode()).hexdigest()


class Party:
    """A key that signs, and the JWK others know it by."""

    def __init__(self, algorithm: str) -> None:
        """Make a key for one algorithm."""
        self.algorithm = algorithm
        made: RSAKey | ECKey = (
            ECKey.generate_key("P-256") if algorithm == "ES256" else RSAKey.generate_key(2048)
        )
        self.key = made
        self.kid = made.thumbprint()

    def published(self) -> Json:
        """Return the public JWK."""
        return {**self.key.as_dict(private=False), "kid": self.kid, "alg": self.algorithm}

    def sign(self, payload: bytes) -> str:
        """Return a compact JWS."""
        header = {"alg": self.algorithm, "kid": self.kid}
        return jws.serialize_compact(header, payload, self.key, algorithms=[self.algorithm])


class Receiver:
    """A receiving platform: verifies an envelope, collects documents, accepts once."""

    def __init__(self, signer: Party, sender: Any) -> None:
        """Answer with `signer`; the sender's key is `sender` (a joserfc key)."""
        self.signer = signer
        self.sender = sender
        self.documents: dict[str, bytes] = {}
        self.wanted: list[str] = []
        self.accepted: dict[str, str] = {}
        self.last = ""
        self.entry = ""

    def handle(self, path: str, body: Any) -> Answer:
        """Answer a PINT call."""
        if path == "/v3/receiver-validation":
            return 200, {"partyName": "Buyer Ltd"}
        if path == "/v3/envelopes":
            return self._start(body)
        if "/additional-documents/" in path:
            return self._document(path.rsplit("/", 1)[1], body)
        return self._finish()

    def answer(self, code: str, status: int, **more: Any) -> Answer:
        """Return a signed answer."""
        said = {
            "lastEnvelopeTransferChainEntrySignedContentChecksum": self.last,
            "responseCode": code,
            **more,
        }
        return status, self.signer.sign(json.dumps(said).encode())

    def _start(self, envelope: Json) -> Answer:
        manifest = self._opened(envelope["envelopeManifestSignedContent"])
        self.entry = envelope["envelopeTransferChain"][-1]
        self._opened(self.entry)
        self.last = of_text(self.entry)
        document = checksum(envelope["transportDocument"])
        named = manifest["lastEnvelopeTransferChainEntrySignedContentChecksum"]
        assert (manifest["transportDocumentChecksum"], named) == (document, self.last)
        shown = manifest.get("eBLVisualisationByCarrier")
        listed = [*([shown] if shown else []), *manifest.get("supportingDocuments", [])]
        self.wanted = [each["documentChecksum"] for each in listed]
        if document in self.accepted:
            return self._again(document)
        missing = self._missing()
        if not missing:
            return self._accept(document)
        self.document = document
        return 201, {
            "envelopeReference": "env-1",
            "transportDocumentChecksum": document,
            "lastEnvelopeTransferChainEntrySignedContentChecksum": self.last,
            "missingAdditionalDocumentChecksums": missing,
        }

    def _again(self, document: str) -> Answer:
        if self.accepted[document] != self.last:
            return self.answer("DISE", 409)
        return self.answer(
            "DUPE",
            200,
            receivedAdditionalDocumentChecksums=self.wanted,
            duplicateOfAcceptedEnvelopeTransferChainEntrySignedContent=self.entry,
        )

    def _document(self, name: str, body: str) -> Answer:
        content = base64.b64decode(body)
        if name not in self.wanted or hashlib.sha256(content).hexdigest() != name:
            return self.answer("INCD", 409)
        self.documents[name] = content
        return 204, None

    def _finish(self) -> Answer:
        missing = self._missing()
        if missing:
            return self.answer("MDOC", 409, missingAdditionalDocumentChecksums=missing)
        return self._accept(self.document)

    def _accept(self, document: str) -> Answer:
        self.accepted[document] = self.last
        return self.answer("RECE", 200, receivedAdditionalDocumentChecksums=self.wanted)

    def _missing(self) -> list[str]:
        return [each for each in self.wanted if each not in self.documents]

    def _opened(self, text: str) -> Json:
        return opened(text, self.sender)


class Counterpart:
    """An HTTP server that plays the other party, and remembers what it was sent."""

    def __init__(self) -> None:
        """Listen on a free port of the loopback."""
        self.platform, self.carrier = Party("PS256"), Party("ES256")
        self.received: list[tuple[str, str, Any]] = []
        self.handle: Callable[[str, str, Any], Answer] = lambda *_: (204, None)
        self.interrupt: Callable[[str, str, Any], Answer | None] = lambda *_: None
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        self._thread.start()

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        """Stop listening."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def answered(self, method: str, path: str, body: Any) -> Answer:
        """Answer one request: the interruption first, if there is one."""
        cut = self.interrupt(method, path, body)
        answer = cut if cut is not None else self.handle(method, path, body)
        self.received.append((method, path, body))
        return answer

    def wait_for(self, path: str, matches: Callable[[Any], bool] = lambda _: True) -> Any:
        """Return the body of the first request to a path that matches, once it is there."""
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until:
            for _, where, body in list(self.received):
                if where == path and matches(body):
                    return body
            time.sleep(0.02)
        raise AssertionError(f"nothing came to {path}")


def _handler(counterpart: Counterpart) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        """One request."""

        protocol_version = "HTTP/1.1"

        def _any(self) -> None:
            size = int(self.headers.get("content-length") or 0)
            data = self.rfile.read(size)
            body = json.loads(data) if data else None
            status, said = counterpart.answered(self.command, self.path, body)
            content = b"" if said is None else json.dumps(said).encode()
            self.send_response(status)
            self.send_header("API-Version", "3.0.0")
            self.send_header("content-type", "application/json")
            if status != 204:
                self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        do_GET = do_POST = do_PUT = _any  # noqa: N815 - http.server's names

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    return Handler
