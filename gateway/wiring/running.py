"""A gateway at work: its threads started together and stopped in order."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from gateway.exchange.checkpoints import SealerThread
from gateway.exchange.worker import Worker
from gateway.wiring.assembly import Gateway
from gateway.wiring.log.anchoring import AnchorThread


@contextmanager
def running(
    gateway: Gateway, *, workers: int | None = None, anchor: bool = True
) -> Iterator[Gateway]:
    """Run workers, clearance, sealer and anchor of `gateway` for as long as the block lasts.

    Without `anchor`, `silkgate anchor worker` does that in a process of its own.
    """
    settings = gateway.settings
    worker = Worker(
        gateway.runner,
        batch=settings.batch,
        threads=settings.workers if workers is None else workers,
    )
    sealer = SealerThread(gateway.sealing, settings.checkpoint_seconds)
    anchors = _anchors(gateway) if anchor else []
    gateway.on_wake(worker.wake)
    worker.start()
    sealer.start()
    for each in anchors:
        each.start()
    try:
        with gateway.service, _ladings(gateway), _hooks(gateway):
            yield gateway
    finally:
        worker.stop(30.0)
        sealer.stop(30.0)
        for each in anchors:
            each.stop(10.0)
        gateway.close()


@contextmanager
def _ladings(gateway: Gateway) -> Iterator[None]:
    """Talk to title platforms and carriers, where the gateway is one of either."""
    said = gateway.settings.lading
    if not (said.platform or said.carrier):
        yield
        return
    runner = gateway.ladings.runner
    gateway.ladings.retention.schedule()
    runner.start()
    try:
        yield
    finally:
        runner.stop(30.0)


@contextmanager
def _hooks(gateway: Gateway) -> Iterator[None]:
    """Deliver webhooks, where the operator allows any."""
    if not gateway.settings.webhooks.hosts:
        yield
        return
    runner = gateway.hook_runner
    runner.start()
    try:
        yield
    finally:
        runner.stop(30.0)


@contextmanager
def anchoring(gateway: Gateway) -> Iterator[None]:
    """Anchor alone, as `silkgate anchor worker` does beside a gateway on the same database."""
    anchors = _anchors(gateway)
    for each in anchors:
        each.start()
    try:
        yield
    finally:
        for each in anchors:
            each.stop(30.0)
        gateway.close()


@contextmanager
def working(gateway: Gateway, *, workers: int) -> Iterator[Worker]:
    """Run workers alone, as `silkgate worker` does beside a gateway on the same database."""
    worker = Worker(gateway.runner, batch=gateway.settings.batch, threads=workers)
    gateway.on_wake(worker.wake)
    worker.start()
    try:
        yield worker
    finally:
        worker.stop(30.0)
        gateway.close()


def _anchors(gateway: Gateway) -> list[AnchorThread]:
    """Return a thread for each place: one that does not answer holds no other up."""
    settings = gateway.settings
    return [
        AnchorThread(gateway.anchoring, target, settings.checkpoint_seconds)
        for target in settings.anchor.targets
    ]
