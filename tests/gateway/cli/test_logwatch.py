"""`silkgate log watch` and `silkgate log witness`, over HTTP on loopback."""

from __future__ import annotations

import json
import threading
from functools import partial
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from ledger.errors import NotInTree
from ledger.folder import FolderLog
from ledger.folderwitness import FolderWitness
from ledger.note import Note
from ledger.signature import verifier_for
from ledger.tilepath import static_resource
from ledger.witness import Witness

ORIGIN = "port.example/log1"


class Handler(BaseHTTPRequestHandler):
    """Shows a folder log's static endpoints, and asks a witness."""

    protocol_version = "HTTP/1.1"

    def __init__(self, site: Site, *args: Any, **more: Any) -> None:
        """Answer for `site`."""
        self.site = site
        super().__init__(*args, **more)

    def do_GET(self):
        """Answer one path below /log/."""
        if self.site.busy:
            self.site.busy -= 1
            self._say(429, b"", {"Retry-After": "0"})
            return
        try:
            with FolderLog(self.site.home) as log, log.reading() as now:
                self._say(200, static_resource(now.tiles, self.path.removeprefix("/log/")).body)
        except NotInTree:
            self._say(404, b"")

    def do_POST(self):
        """Answer an add-checkpoint request."""
        body = self.rfile.read(int(self.headers["Content-Length"]))
        with FolderWitness(self.site.witness) as store, FolderLog(self.site.home) as log:
            logs = [verifier_for(log.key)]
            given = Witness(store.cosigner, logs, store).add_checkpoint(body)
        self._say(given.status, given.body, {"Content-Type": given.content_type})

    def _say(self, status: int, body: bytes, headers: dict[str, str] | None = None) -> None:
        self.send_response(status)
        for name, value in {"Content-Length": len(body), **(headers or {})}.items():
            self.send_header(name, str(value))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


class Site:
    """A log and a witness at an address."""

    url = ""

    def __init__(self, folder: Path) -> None:
        """Make both in `folder`."""
        self.home, self.witness = folder / "log", folder / "witness"
        self.busy = 0
        with FolderLog.init(self.home, ORIGIN) as log:
            (folder / "key").write_text(str(log.key))
        with FolderWitness.init(self.witness, "w.example/w") as witness:
            (folder / "wkey").write_text(str(witness.cosigner.key))

    def grow(self, *names: str) -> None:
        """Append documents of these names."""
        with FolderLog(self.home) as log:
            log.append([sha256(name.encode()).digest() for name in names])


@pytest.fixture
def site(tmp_path):
    """Serve a log of three entries; `url` is its address."""
    made = Site(tmp_path)
    made.grow("a", "b", "c")
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, made))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    made.url = f"http://127.0.0.1:{server.server_port}"
    yield made
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def look(silkgate, site):
    """Give a function that looks once at the log."""
    return lambda *more: silkgate(
        "log", "watch", f"{site.url}/log", "--key", "key", "--once", "--json", *more
    )


def test_an_honest_log_is_followed(look, site):
    """Exit code 0 and the size, look after look; a log that asks to wait is waited for."""
    assert (look().code, look().row["size"]) == (0, 3)
    site.grow(*map(str, range(300)))
    site.busy = 2
    ran = look()
    assert (ran.code, ran.row["size"], ran.row["alarms"]) == (0, 303, [])


def test_a_fork_is_exit_code_3_and_both_notes_are_kept(look, site, tmp_path):
    """The same key over another history: alarm, evidence, and the memory stays what it was."""
    assert look().code == 0
    before = (tmp_path / "watch.json").read_bytes()
    for name in ("log.sqlite", "log.sqlite-wal", "log.sqlite-shm"):
        (site.home / name).unlink(missing_ok=True)
    key = (site.home / "log.key").read_bytes(), (site.home / "log.vkey").read_bytes()
    for name in ("log.key", "log.vkey"):
        (site.home / name).unlink()
    FolderLog.init(site.home, ORIGIN).close()
    (site.home / "log.key").write_bytes(key[0])
    (site.home / "log.vkey").write_bytes(key[1])
    site.grow("another", "history", "of", "four")
    ran = look()
    assert (ran.code, [each["alarm"] for each in ran.row["alarms"]]) == (3, ["fork"])
    assert look().code == 3
    assert (tmp_path / "watch.json").read_bytes() == before
    kept = json.loads((tmp_path / "watch.json.alarms").read_text().splitlines()[0])
    log = verifier_for((tmp_path / "key").read_text())
    for note in (kept["seen"], kept["shown"]):
        assert Note.parse(note.encode()).verified([log])
    assert kept["seen"] != kept["shown"]


def test_a_late_log_and_one_that_is_away(look, site, silkgate):
    """Standing still, or not answering, for longer than agreed is an alarm; before, it is not."""
    assert look().code == 0
    assert look("--late-after", "0.0000001").row["alarms"][0]["alarm"] == "late"
    away = ("log", "watch", "http://127.0.0.1:9/log", "--key", "key", "--once", "--json")
    assert silkgate(*away).code == 1
    assert silkgate(*away, "--late-after", "0.0000001").code == 3
    assert silkgate(*away, "--state", "none.json").code == 1
    assert site.url


def test_the_watch_ends_at_the_first_alarm(silkgate, site):
    """Without --once it goes on looking until something is wrong."""
    args = ("log", "watch", f"{site.url}/log", "--key", "key", "--every", "0.1")
    ran = silkgate(*args, "--late-after", "0.00005")
    assert ran.code == 3
    assert ran.out.count("ok 3") >= 1
    assert "ALARM late" in ran.err


def test_a_changed_memory_is_not_believed(look, silkgate, tmp_path):
    """A file of another log, or one that was touched, is refused: exit code 2."""
    assert look().code == 0
    said = json.loads((tmp_path / "watch.json").read_text())
    wrong: list[Any] = [{**said, "size": 4}, {**said, "hashes": ["00" * 32] * 2}, {}, []]
    for changed in wrong:
        (tmp_path / "watch.json").write_text(json.dumps(changed))
        assert look().code == 2
    silkgate("log", "init", "--origin", "other.example/log", "--home", "other")
    (tmp_path / "watch.json").write_text(json.dumps(said))
    args = ("log", "watch", "http://127.0.0.1:9", "--key", "other/log.vkey", "--once")
    assert silkgate(*args).code == 2
    assert look("--state", "no/such/folder").code == 2


@pytest.mark.parametrize("url", ["http://192.0.2.1/log", "ftp://127.0.0.1/", "https://a@h/log"])
def test_only_a_safe_address_is_read(silkgate, site, url):  # noqa: ARG001 - makes the key
    """TLS outside this machine, no credentials, no other schemes: refused before any connection."""
    assert silkgate("log", "watch", url, "--key", "key", "--once").code != 0


def test_a_witness_cosigns_what_extends(silkgate, site, look):
    """`witness ask` finds out what the witness has seen, and proofs carry the cosignature."""
    ask = ("log", "witness", "ask", site.url, "--key", "wkey", "--json")
    assert look("--witness", "wkey").row["alarms"][0]["alarm"] == "unwitnessed"
    assert silkgate(*ask).row["size"] == 3
    site.grow("d", "e")
    assert silkgate(*ask).row["size"] == 5
    assert look("--witness", "wkey").code == 0
    silkgate("log", "prove", "--index", "4", "-o", "p")
    (site.home.parent / "e").write_text("e")
    proof = ("log", "verify", "p", "--document", "e", "--key", "key", "--witness", "wkey")
    assert silkgate(*proof).code == 0


def test_a_witness_without_a_line(silkgate, site, tmp_path):
    """Request, answer and cosignature carried as files; what does not extend is refused with 3."""
    request = silkgate("log", "witness", "request").out
    (tmp_path / "request").write_text(request)
    answer = ("log", "witness", "answer", "request", "--log", "key", "--home", "witness")
    given = silkgate(*answer)
    assert given.code == 0
    (tmp_path / "given").write_text(given.out)
    assert silkgate("log", "witness", "join", "given", "--key", "wkey", "--json").row["size"] == 3
    again = silkgate(*answer, "--json")
    assert (again.code, again.row["status"], again.row["body"]) == (3, 409, "3\n")
    site.grow("d")
    assert silkgate("log", "witness", "join", "given", "--key", "wkey").code != 0
    (tmp_path / "request").write_text(silkgate("log", "witness", "request", "--old", "3").out)
    assert silkgate(*answer).code == 0


def test_a_new_witness_has_a_key_once(silkgate):
    """Its key is printed; a second one is never made over the first."""
    made = ("log", "witness", "init", "--name", "w.example/w2", "--home", "w2")
    assert silkgate(*made).out.startswith("w.example/w2+")
    assert silkgate(*made).code == 2
    nobody = ("log", "witness", "answer", "-", "--log", "w2/witness.vkey", "--home", "w3")
    assert silkgate(*nobody).code == 4
