"""Anchoring checkpoints, in a thread of its own: a chain may take its time, or be away."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

import structlog

from gateway.settings import Settings
from gateway.settings.anchor import AnchorTarget
from gateway.store.database import Store
from gateway.store.intents import StoredIntents
from gateway.wiring.log.chainaccount import chain_account
from gateway.wiring.log.logbook import Logbook
from ledger.anchors.base import Anchor, AnchorStatus
from ledger.anchors.file import FileAnchor
from ledger.anchors.intents import Intent
from ledger.anchors.outbox import Finality, Target
from ledger.checkpoint import Checkpoint
from schemas.errors import SettingsError
from schemas.text import Text

_LOG: Final = structlog.get_logger(__name__)
_LONGEST: Final = 60.0


class ChainNotNamed(SettingsError):
    """A JSON-RPC chain is to be used and its id or contract is not set."""

    code = "SG-9060"
    title = Text(
        "The settings name no chain id or contract to anchor on.", "配置未指明锚定的链标识或合约。"
    )
    hint = Text(
        "Set `anchor.chain_id` and `anchor.contract`; `silkgate anchor deploy` makes a contract.",
        "请设置 `anchor.chain_id` 与 `anchor.contract`;`silkgate anchor deploy` 可部署合约。",
    )


@dataclass(frozen=True, slots=True)
class Anchoring:
    """The anchors of one gateway's log and of its shards."""

    settings: Settings
    store: Store
    logbook: Logbook

    @property
    def intents(self) -> StoredIntents:
        """What is anchored and what is under way."""
        return StoredIntents(self.store)

    def listed(self) -> list[Intent]:
        """Return every anchor, by log and size."""
        logs = (self.logbook.origin, *sorted(self.logbook.shards()))
        return [intent for origin in logs for intent in self.of(origin)]

    def of(self, origin: str) -> list[Intent]:
        """Return every anchor of the log or of one shard, by size."""
        return self.intents.all(origin)

    def open(self, wanted: AnchorTarget) -> Anchor:
        """Connect to an anchor of the settings."""
        if wanted.kind == "file":
            return FileAnchor(self.settings.path("anchors.txt"))
        from ledger.anchors import evm

        account = chain_account(self.settings, wanted.key)
        if wanted.in_process:
            return evm.in_process_anchor(self.intents, account)
        if wanted.chain_id is None or not wanted.contract:
            raise ChainNotNamed(where="anchor")
        finality = Finality(confirmations=wanted.confirmations)
        target = Target(contract=wanted.contract, chain_id=wanted.chain_id, finality=finality)
        return evm.rpc_anchor(wanted.rpc_url, account, target, self.intents)

    def step(self, anchor: Anchor) -> list[AnchorStatus]:
        """Submit the newest checkpoint of each log and carry on what is under way."""
        moved = anchor.advance()
        for origin in (self.logbook.origin, *self.logbook.shards()):
            with self.logbook.reading(origin) as log:
                newest = log.tiles.published()
            if newest is not None and newest.size:
                checkpoint = Checkpoint(origin, newest.size, newest.root)
                status = anchor.submit(checkpoint, partial(self._consistency, origin))
                self._remember(status, checkpoint)
                moved.append(status)
        return moved

    def _remember(self, status: AnchorStatus, checkpoint: Checkpoint) -> None:
        """Keep the record of an anchor that keeps none itself (a file)."""
        place = (checkpoint.origin, checkpoint.size, status.anchor)
        if status.record and self.intents.find(*place) is None:
            self.intents.save(
                Intent(
                    origin=checkpoint.origin,
                    size=checkpoint.size,
                    anchor=status.anchor,
                    root=checkpoint.root,
                    state=status.state,
                    block_number=status.block_number,
                    record=status.record,
                )
            )

    def _consistency(self, origin: str, old: int, new: int) -> Sequence[bytes]:
        with self.logbook.reading(origin) as log:
            return log.consistency(old, new).path


class AnchorThread:
    """Anchors at one place until it is stopped; what fails is tried again, ever more patiently."""

    def __init__(self, anchoring: Anchoring, target: AnchorTarget, interval: float) -> None:
        """Look every `interval` seconds."""
        self._anchoring = anchoring
        self._target = target
        self._interval = interval
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._loop, name="anchor", daemon=True)

    def start(self) -> None:
        """Start the thread."""
        self._thread.start()

    def stop(self, timeout: float | None = None) -> None:
        """End the thread after the step under way."""
        self._stopping.set()
        if self._thread.ident is not None:
            self._thread.join(timeout)

    def _loop(self) -> None:
        anchor: Anchor | None = None
        pause = self._interval
        # Pause first: no checkpoint is older than one, and a chain's libraries are slow to load.
        while not self._stopping.wait(pause):
            try:
                anchor = anchor or self._anchoring.open(self._target)
                self._anchoring.step(anchor)
                pause = self._interval
            except Exception as error:  # noqa: BLE001 - the log goes on; the chain may come back
                _LOG.warning("anchor.failed", reason=str(error))
                pause = min(pause * 2, _LONGEST)
