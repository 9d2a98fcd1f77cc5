"""`silkgate serve` and `silkgate worker`: the gateway at work."""

from __future__ import annotations

import gc
import signal
import sys
import threading
from collections.abc import Callable
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

import click

from gateway import setup
from gateway.cli import options, output
from gateway.hangup import on_hangup
from gateway.settings import Settings, load
from schemas.errors import SilkgateError
from schemas.text import Text

if TYPE_CHECKING:
    from gateway.api.serve import Listen
    from gateway.wiring.assembly import Gateway

_LISTENS: Final = Text("{id} listens on {where}", "{id} 正在监听 {where}")
_RENEWED: Final = Text(
    "Keys read anew: {names}; TLS as its files are now.",
    "已重新读取密钥:{names};TLS 以当前文件为准。",
)
_AS_BEFORE: Final = Text("Not all keys were read anew: {en}", "未能重新读取全部密钥:{zh}")
_ANSWERS: Final = Text("its authority is at {base}/pki", "其证书服务位于 {base}/pki")


@click.command("serve")
@options.home
@click.option("--port", type=click.IntRange(0, 65535), help="Instead of the port of the settings.")
@click.option("--insecure", is_flag=True, help="HTTP without TLS; on the loopback only.")
@click.option("--no-anchor", is_flag=True, help="Leave anchoring to `silkgate anchor worker`.")
def command(home: Path, *, port: int | None, insecure: bool, no_anchor: bool) -> None:
    """Run the gateway: API, console, workers, log and anchor, until it is interrupted."""
    from gateway.api.app import create_app, create_services
    from gateway.api.serve import Listen, serve, serving
    from gateway.console import mount
    from gateway.wiring.assembly import Gateway
    from gateway.wiring.running import running

    settings = load(home)
    tune()
    gateway = Gateway(settings)
    with running(gateway, anchor=not no_anchor), ExitStack() as stack:
        listen = listening(settings, port=port, insecure=insecure)
        app = create_app(gateway, mount)
        if settings.pki.port:
            plain = Listen(host=settings.host, port=settings.pki.port)
            base = stack.enter_context(serving(create_services(app), plain))
            output.note(_ANSWERS.format(base=base))
        said = _LISTENS.format(id=settings.id)
        serve(
            app,
            listen,
            bound=lambda where: output.note(said.format(where=where)),
            log_level=settings.log_level,
            hangup=partial(renewed, gateway),
        )


@click.command("worker")
@options.home
@click.option(
    "--threads", default=1, show_default=True, type=click.IntRange(1, 64), help="Workers to run."
)
def worker(home: Path, *, threads: int) -> None:
    """Run workers of the exchange pipeline beside a gateway, until interrupted."""
    from gateway.wiring.assembly import Gateway
    from gateway.wiring.running import working

    tune()
    gateway = Gateway(load(home))
    with working(gateway, workers=threads), on_hangup(partial(renewed, gateway)):
        until_told()


def renewed(gateway: Gateway, reopened: Callable[[], None] = lambda: None) -> None:
    """Take up keys and certificates that were replaced, and say which; else say what is wrong.

    `reopened` opens those that a server has opened itself.
    """
    try:
        names = gateway.read_keys_anew()
        reopened()
    except SilkgateError as error:
        said = error.message
        output.note(_AS_BEFORE.format(en=said.en, zh=said.zh))
        return
    output.note(_RENEWED.format(names=", ".join(names) or "-"))


def tune() -> None:
    """Have the cycle collector look less often, and threads take turns more often.

    A document makes thousands of objects and no cycles: 7 % of a 50-line conversion is saved.
    """
    gc.freeze()
    gc.set_threshold(20_000, 10, 10)
    # A thread that comes back from the disk waits this long for the interpreter, at every row.
    sys.setswitchinterval(0.0005)


def until_told() -> None:
    """Wait for an interrupt or SIGTERM."""
    stop = threading.Event()
    for sig in (signal.SIGINT, signal.SIGTERM):
        signal.signal(sig, lambda *_: stop.set())
    stop.wait()


def listening(settings: Settings, *, port: int | None, insecure: bool) -> Listen:
    """Return where and how to listen; TLS unless `insecure`, which only the loopback allows."""
    from gateway.api.serve import Listen

    at = settings.port if port is None else port
    if insecure:
        if settings.host not in {"127.0.0.1", "::1", "localhost"}:
            raise click.UsageError("--insecure is for the loopback only")
        return Listen(host=settings.host, port=at)
    keys = setup.key_store(settings)
    return Listen(
        host=settings.host,
        port=at,
        certificate=keys.chain_file("tls"),
        key=keys.key_file("tls"),
        password=setup.secret(settings).decode(),
    )
