"""A receiver of webhooks that checks each as it should, and hooks on a clock of the test's."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from certs.httpsig import Expected, Message, Verified, verify
from certs.jose import jwk
from gateway import setup
from gateway.hooks.runner import Delivering, HookRunner
from gateway.hooks.service import HookService
from gateway.settings import FILE_NAME, Settings, load
from gateway.settings.hooks import HookSettings
from gateway.store import outbox
from gateway.store.database import Store
from gateway.store.outbox import Happening
from gateway.wiring.telling import TAG, SignedPosts


@dataclass
class Receiver:
    """Answers with the statuses it was told to, then with 204; keeps what it was sent."""

    port: int = 0
    answers: list[int] = field(default_factory=list)
    location: str = ""
    taken: list[Message] = field(default_factory=list)
    refused: list[Message] = field(default_factory=list)

    @property
    def host(self) -> str:
        """Host and port, as an allow-list has them."""
        return f"127.0.0.1:{self.port}"

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://{self.host}/hook?x=1"

    def events(self) -> list[dict[str, Any]]:
        """Return what it took, as it came."""
        return [json.loads(message.body) for message in self.taken]

    def told(self) -> list[tuple[str, int]]:
        """Return subject and number of what it took, as it came."""
        return [(one["subject"], int(one["sequence"])) for one in self.events()]


@contextmanager
def receiving() -> Iterator[Receiver]:
    """Run a receiver until the block ends."""
    found = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            url = f"http://{self.headers['host']}{self.path}"
            headers = tuple(self.headers.items())
            message = Message(method="POST", url=url, headers=headers, body=body)
            status = found.answers.pop(0) if found.answers else 204
            (found.taken if status // 100 == 2 else found.refused).append(message)
            self.send_response(status)
            if found.location:
                self.send_header("location", found.location)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    found.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield found
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


@dataclass
class World:
    """Hooks over a store."""

    store: Store
    receiver: Receiver
    home: Path
    now: datetime = field(default_factory=lambda: datetime.now(UTC))
    ticks: bool = False
    """Whether the clock is the real one, and not the test's."""

    @cached_property
    def settings(self) -> Settings:
        """A gateway's settings, its keys made once."""
        if not (self.home / FILE_NAME).exists():
            setup.create(self.home, party="cn-port", name="Port", country="CN", port=8443)
        said = HookSettings(hosts=(self.receiver.host,), plain=True, private=True, seconds=2.0)
        return load(self.home).model_copy(update={"webhooks": said})

    @cached_property
    def teller(self) -> SignedPosts:
        """Signs and posts."""
        return SignedPosts(self.settings, setup.key_store(self.settings), self.clock)

    @cached_property
    def hooks(self) -> HookService:
        """The hooks."""
        return HookService(self.store, self.teller, "cn-port", self.clock, most=3)

    @cached_property
    def runner(self) -> HookRunner:
        """Delivers."""
        give_up = timedelta(hours=1)
        return HookRunner(
            Delivering(
                store=self.store,
                teller=self.teller,
                source="cn-port",
                clock=self.clock,
                give_up=give_up,
            ),
            seed=1,
        )

    def clock(self) -> datetime:
        """The time."""
        return datetime.now(UTC) if self.ticks else self.now

    def hook(self, *events: str, tenant: str = "t") -> str:
        """Register the receiver; the id of the hook."""
        return str(self.hooks.add(tenant, self.receiver.url, events)["id"])

    def happens(
        self, *numbers: int, subject: str = "title/1", tenant: str = "t", event: str = "title.entry"
    ) -> None:
        """Let something happen to a subject, once for each number."""
        with self.store.begin() as tx:
            outbox.put(tx, self.told(numbers, subject, tenant, event))

    def told(
        self,
        numbers: Sequence[int],
        subject: str = "title/1",
        tenant: str = "t",
        event: str = "title.entry",
    ) -> list[Happening]:
        """Return what happens."""
        at = self.clock()
        return [
            Happening(tenant=tenant, subject=subject, n=n, event=event, at=at, data={"n": n})
            for n in numbers
        ]

    def pass_time(self, **length: float) -> None:
        """Let time pass and deliver what comes due, until nothing is."""
        until = self.now + timedelta(**length)
        while self.now < until:
            self.now = min(until, self.now + timedelta(seconds=20))
            while self.runner.step():
                pass

    def verified(self, message: Message) -> Verified:
        """Check a message as a receiver does."""
        published = jwk.read(json.dumps(self.hooks.keys()).encode(), "gateway")
        keys = {each.kid: each.key for each in published}
        return verify(message, keys, self.now, Expected(tag=TAG, age=timedelta(days=1)))
