"""Anchoring in a process of its own."""

from __future__ import annotations

import hashlib
import signal
import subprocess
import sys
import time
from pathlib import Path

from gateway import setup
from gateway.wiring.assembly import Gateway
from gateway.wiring.running import running


def test_a_worker_of_its_own_anchors_what_the_gateway_left_to_it(tmp_path: Path) -> None:
    """`serve --no-anchor` anchors nothing; `anchor worker` does, and ends when it is told to."""
    extra = 'checkpoint_seconds = 0.1\n[anchor]\nkind = "file"\n'
    settings = setup.create(
        tmp_path / "a", party="cn-port", name="cn-port", country="CN", port=1, extra=extra
    )
    gateway = Gateway(settings)
    with running(gateway, workers=0, anchor=False):
        with gateway.store.begin() as tx:
            gateway.logbook.append(tx, [hashlib.sha256(b"document").digest()])
        gateway.sealing.round()
        time.sleep(0.3)
        assert gateway.anchoring.listed() == []
    command = [
        sys.executable,
        "-m",
        "gateway.cli",
        "anchor",
        "worker",
        "--home",
        str(settings.home),
    ]
    process = subprocess.Popen(command)
    try:
        gateway = Gateway(settings)
        until = time.monotonic() + 60
        while not gateway.anchoring.listed() and time.monotonic() < until:
            time.sleep(0.05)
        assert [intent.size for intent in gateway.anchoring.listed()] == [1]
        gateway.close()
    finally:
        process.send_signal(signal.SIGTERM)
        assert process.wait(30) == 0
