"""The console in a real browser; skipped where there is no chromium."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send

from gateway import console
from gateway.api.app import create_app
from gateway.api.serve import Listen, serving
from tests.gateway.api.world import World
from tests.gateway.console import scene

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser")

pytestmark = pytest.mark.skipif(
    BROWSER is None, reason="no chromium here: install it to see the console in a browser"
)


class SignedIn:
    """The application for a reader whose browser already has the session's cookie."""

    def __init__(self, app: ASGIApp, cookie: str) -> None:
        """Add `cookie` to every request."""
        self._app = app
        self._cookie = cookie

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] == "http":
            scope["headers"] = [*scope["headers"], (b"cookie", self._cookie.encode())]
        await self._app(scope, receive, send)


def dump(url: str, profile: Path, budget: int) -> str:
    """Return the page after its script has run for `budget` virtual milliseconds."""
    assert BROWSER
    done = subprocess.run(
        [
            BROWSER,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
            "--disable-background-networking",
            "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
            "--enable-logging=stderr",
            f"--user-data-dir={profile}",
            f"--virtual-time-budget={budget}",
            "--dump-dom",
            url,
        ],
        capture_output=True,
        timeout=90,
        check=True,
    )
    complaints = re.findall(rb"CONSOLE.*", done.stderr)
    assert complaints == [], complaints
    return done.stdout.decode()


@pytest.fixture
def cookie(world: World) -> Any:
    """A function that signs in on an application and returns the cookie."""
    from fastapi.testclient import TestClient

    def sign_in(app: ASGIApp) -> str:
        client = TestClient(app, base_url="http://127.0.0.1", follow_redirects=False)
        answer = client.post("/console/login", data={"key": world.key(), "next": ""})
        return str(answer.headers["set-cookie"]).partition(";")[0]

    return sign_in


def test_the_board_renews_itself_in_a_browser(world: World, tmp_path: Path, cookie: Any) -> None:
    """A status that changes while the page is open appears; the policy blocks nothing of ours."""
    world.clearances.shown["c-1"] = scene.clearance("c-1", scene.RELEASED, None)
    app = create_app(world, console.mount)
    seen: list[int] = []

    async def changing(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http" and scope["path"] == "/console/clearances":
            seen.append(1)
            if len(seen) == 2:
                world.clearances.shown["c-1"] = scene.clearance("c-1", scene.CLOSED, scene.CLOSED)
        await signed_in(scope, receive, send)

    signed_in = SignedIn(app, cookie(app))
    with serving(changing, Listen(port=0)) as url:
        page = dump(f"{url}/console/clearances?lang=en", tmp_path / "profile", 4000)
    assert len(seen) >= 2
    assert page.count('<p class="status">Cleared and closed</p>') == 2


def test_losses_can_be_filtered_without_a_script(world: World, tmp_path: Path, cookie: Any) -> None:
    """The page of an exchange renders whole; style sheet and mark load under the policy."""
    made = scene.exchange(world, "1")
    app = create_app(world, console.mount)
    with serving(SignedIn(app, cookie(app)), Listen(port=0)) as url:
        page = dump(f"{url}/console/exchanges/{made}?lang=zh", tmp_path / "profile", 1000)
        picture = tmp_path / "page.png"
        subprocess.run(
            [
                str(BROWSER),
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--window-size=1200,1600",
                f"--user-data-dir={tmp_path / 'profile'}",
                f"--screenshot={picture}",
                f"{url}/console/exchanges/{made}?lang=zh",
            ],
            capture_output=True,
            timeout=90,
            check=True,
        )
    assert 'id="only-losses"' in page
    assert "发货人名称" in page
    assert picture.read_bytes().startswith(b"\x89PNG")
