"""A log that is killed while it appends, seals, has itself witnessed, and anchors.

    python -m tests.faults.ledger_process URL HOME KILLS EACH SECONDS

The launcher loads everything once and forks: each child opens the gateway's store, works in four
threads, and is killed with SIGKILL at a random moment. A forked checker follows each kill. What
a child has promised stands in HOME/promised, each line written after the commit it tells of:

    leaves FIRST COUNT SEED    checkpoint SIZE ROOT    cosigned SIZE ROOT    final SIZE ROOT

The chain is a file beside the process: what it has mined, it has mined, whoever is killed.
"""

from __future__ import annotations

import hashlib
import json
import os
import random
import signal
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from gateway.exchange.checkpoints import Sealer
from gateway.store import open_store
from gateway.store.database import Store, Transaction
from gateway.store.intents import StoredIntents
from gateway.store.tiles import StoredTiles
from gateway.store.witness import StoredWitness
from ledger import merkle
from ledger.anchors import calls
from ledger.anchors.account import Account
from ledger.anchors.chain import Block, Fees, Head, Receipt
from ledger.anchors.intents import State
from ledger.anchors.outbox import ChainAnchor, Finality, Target
from ledger.anchors.transaction import read, transaction_hash
from ledger.checkpoint import Checkpoint
from ledger.fsck import fsck
from ledger.log import Log
from ledger.note import NoteVerifier
from ledger.signature import Cosigner, Ed25519Signer, verifier_for
from ledger.store import Published
from ledger.witness import Answer, Witness

SEED = 2027
KINDS = ("leaves", "checkpoint", "cosigned", "final")
ORIGIN = "kill.example/log"
CHAIN_ID = 4711
CONTRACT = "0x" + "00" * 19 + "01"
SIGNER = Ed25519Signer(ORIGIN, Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
COSIGNER = Cosigner("kill.example/w", Ed25519PrivateKey.from_private_bytes(bytes(range(1, 33))))


def digests(seed: int, count: int) -> list[bytes]:
    """Return the entries that a line of promises stands for."""
    return [hashlib.sha256(b"%d %d" % (seed, n)).digest() for n in range(count)]


@dataclass
class FileChain:
    """A chain whose blocks are lines of a file; one transaction in five is dropped."""

    owner: str
    path: Path
    name: str = "file-chain"
    mined: list[dict[str, object]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Read what was mined; a line that was cut short never was."""
        if self.path.exists():
            whole = self.path.read_bytes().rpartition(b"\n")[0]
            os.truncate(self.path, len(whole) + 1 if whole else 0)
            self.mined = [json.loads(line) for line in whole.split(b"\n") if line]

    def chain_id(self) -> int:
        """Return the chain id."""
        return CHAIN_ID

    def nonce(self, address: str) -> int:
        """Return the number of mined transactions."""
        assert address == self.owner
        return len(self.mined)

    def fees(self) -> Fees:
        """Return constant fees."""
        return Fees(10**9, 10**9)

    def send(self, raw: bytes) -> None:
        """Mine the transaction, drop it, or take it as known."""
        transaction = read(raw).transaction
        if transaction.nonce != len(self.mined) or random.random() < 0.2:
            return
        call = calls.AnchorCall.decode(transaction.data)
        size, root = self.state()
        ok = call.size > size and (
            not call.proof
            if size == 0
            else merkle.verify_consistency(size, call.size, root, call.root, call.proof)
        )
        line = {
            "hash": transaction_hash(raw).hex(),
            "ok": ok,
            "size": call.size,
            "root": call.root.hex(),
        }
        with self.path.open("ab", buffering=0) as file:
            file.write(json.dumps(line).encode() + b"\n")
        self.mined.append(line)

    def state(self) -> tuple[int, bytes]:
        """Return size and root that the contract holds."""
        done = [line for line in self.mined if line["ok"]]
        if not done:
            return 0, bytes(32)
        return int(str(done[-1]["size"])), bytes.fromhex(str(done[-1]["root"]))

    def receipt(self, tx_hash: bytes) -> Receipt | None:
        """Return the receipt of a mined transaction."""
        for number, line in enumerate(self.mined, 1):
            if line["hash"] == tx_hash.hex():
                block = hashlib.sha256(tx_hash).digest()
                return Receipt(tx_hash, bool(line["ok"]), number, block, 0, 50_000, "")
        return None

    def head(self) -> Head:
        """Return the latest block."""
        return Head(len(self.mined), None)

    def block(self, block_hash: bytes) -> Block | None:
        """Give no blocks: records stay without inclusion proof."""

    def call(self, to: str, data: bytes) -> bytes:
        """Answer the views of the contract."""
        assert to == CONTRACT
        size, root = self.state()
        return {
            calls.selector(calls.OWNER): bytes.fromhex(self.owner[2:]).rjust(32, b"\x00"),
            calls.selector(calls.SIZE): size.to_bytes(32, "big"),
            calls.selector(calls.ROOT): root,
        }[data[:4]]


@dataclass(frozen=True)
class OurWitness:
    """A witness that keeps what it has seen in the same database."""

    witness: Witness
    verifier: NoteVerifier

    def add_checkpoint(self, request: bytes) -> Answer:
        """Answer."""
        return self.witness.add_checkpoint(request)


class Life:
    """One process on the log, until it is killed, or asked to finish."""

    def __init__(self, url: str, home: Path) -> None:
        """Open store, witness, chain and anchor."""
        self.home = home
        self.store: Store = open_store(url)
        witness = Witness(COSIGNER, [verifier_for(SIGNER.key)], StoredWitness(self.store))
        self.sealer = Sealer(
            store=self.store,
            origin=ORIGIN,
            signer=SIGNER,
            witnesses=[OurWitness(witness, verifier_for(COSIGNER.key))],
        )
        account = Account.load(home / "chain.key")
        self.chain = FileChain(account.address, home / "chain")
        target = Target(
            contract=CONTRACT,
            chain_id=CHAIN_ID,
            finality=Finality(confirmations=1, use_tag=False),
        )
        self.anchor = ChainAnchor(self.chain, account, target, StoredIntents(self.store))
        self._promises = os.open(home / "promised", os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)

    def log(self, tx: Transaction) -> Log:
        """Return the log in a transaction."""
        return Log(StoredTiles(tx, ORIGIN), SIGNER)

    def promise(self, *words: object) -> None:
        """Acknowledge, in one write."""
        os.write(self._promises, (" ".join(map(str, words)) + "\n").encode())

    def append(self) -> None:
        """Append a few or many entries."""
        seed, count = random.getrandbits(40), random.choice([1, 3, 40, 300])
        with self.store.begin() as tx:
            first = self.log(tx).append(digests(seed, count)).start
        self.promise("leaves", first, count, seed)

    def seal(self) -> None:
        """Seal and have it cosigned."""
        done = self.sealer.round()
        assert not done.problems, done.problems
        if done.checkpoint is not None and done.sealed:
            self.promise("checkpoint", done.checkpoint.size, done.checkpoint.root.hex())
            if done.cosigned:
                self.promise("cosigned", done.checkpoint.size, done.checkpoint.root.hex())

    def put_on_chain(self) -> None:
        """Submit the newest checkpoint and carry on what is under way."""
        newest = self.newest()
        self.anchor.advance()
        if newest is not None:
            status = self.anchor.submit(
                Checkpoint(ORIGIN, newest.size, newest.root), self._consistency
            )
            if status.state is State.FINAL:
                self.promise("final", newest.size, newest.root.hex())

    def newest(self) -> Published | None:
        """Return the newest checkpoint."""
        with self.store.read() as tx:
            return self.log(tx).tiles.published()

    def _consistency(self, old: int, new: int) -> Sequence[bytes]:
        with self.store.read() as tx:
            return self.log(tx).consistency(old, new).path

    def work(self) -> None:
        """Do all of it at once, for ever."""
        threads = [
            threading.Thread(target=for_ever, args=(task, most), daemon=True)
            for task, most in (
                (self.append, 0.004),
                (self.append, 0.01),
                (self.seal, 0.02),
                (self.put_on_chain, 0.02),
            )
        ]
        for thread in threads:
            thread.start()
        threads[0].join()

    def finish(self) -> None:
        """Bring everything under way to its end."""
        self.seal()
        for _ in range(1000):
            self.put_on_chain()
            newest = self.newest()
            assert newest is not None
            there = self.chain.state() == (newest.size, newest.root)
            if there and not self.anchor.advance():
                return
        raise AssertionError("the anchor never became final")

    def check(self, *, whole: bool) -> None:
        """Compare what was promised with what is there."""
        promised = [line.split() for line in (self.home / "promised").read_text().splitlines()]
        effective = {int(str(m["size"])): m["root"] for m in self.chain.mined if m["ok"]}
        assert len(effective) == sum(bool(m["ok"]) for m in self.chain.mined)
        assert sorted(effective) == list(effective)
        seen = StoredWitness(self.store).seen(ORIGIN)
        with self.store.read() as tx:
            log = self.log(tx)
            for words in promised if whole else promised[-60:]:
                self._check_promise(log, words, seen.size, effective)
            assert seen.size <= log.size
            assert log.root(seen.size) == seen.root
            if whole:
                assert all(log.root(size).hex() == root for size, root in effective.items())
                assert fsck(log.tiles, verifier_for(SIGNER.key)).sound

    def _check_promise(
        self, log: Log, words: list[str], seen: int, effective: dict[int, object]
    ) -> None:
        if words[0] == "leaves":
            first, count, seed = map(int, words[1:])
            assert log.entries(first, first + count) == digests(seed, count)
            return
        size, root = int(words[1]), words[2]
        assert log.root(size).hex() == root
        assert words[0] != "cosigned" or size <= seen
        assert words[0] != "final" or effective[size] == root


def for_ever(task: Callable[[], None], most: float) -> None:
    """Repeat a task with random pauses; a failure of the task ends the process visibly."""
    try:
        while True:
            task()
            time.sleep(random.uniform(0, most))
    except BaseException:  # noqa: BLE001 - whatever it is, the launcher has to see it
        sys.excepthook(*sys.exc_info())
        os._exit(70)


def forked(action: Callable[[], None]) -> int:
    """Run an action in a child of its own; return the child's process id."""
    child = os.fork()
    if child:
        return child
    random.seed()
    try:
        action()
    except BaseException:  # noqa: BLE001 - whatever it is, the launcher has to see it
        sys.excepthook(*sys.exc_info())
        os._exit(71)
    os._exit(0)


def ended(child: int) -> int:
    """Wait for a child and return its exit code, negative for a signal."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def promises(home: Path) -> Counter[str]:
    """Count the promises of each kind that were given so far."""
    return Counter(line.split()[0] for line in (home / "promised").read_text().splitlines())


def kill_once(url: str, home: Path, wait: float, *, whole: bool) -> None:
    """Have a child work, kill it `wait` seconds after its first promise, and check all there is."""
    before = (home / "promised").stat().st_size
    child = forked(lambda: Life(url, home).work())
    while (home / "promised").stat().st_size == before:
        if os.waitpid(child, os.WNOHANG) != (0, 0):
            raise SystemExit("the log did not start")
        time.sleep(0.002)
    time.sleep(wait)
    os.kill(child, signal.SIGKILL)
    code = ended(child)
    if code != -signal.SIGKILL:
        raise SystemExit(f"the log ended by itself with {code}")
    if ended(forked(lambda: Life(url, home).check(whole=whole))):
        raise SystemExit("a promise was broken")


def main(url: str, home: Path, kills: int, each: int, seconds: int) -> None:
    """Kill and check at least `kills` times, and until `each` promises of every kind were given.

    A slow machine gives fewer in the life of a child: it is killed more often. Then finish, and
    check the whole. Not enough after `seconds` is a failure.
    """
    moment, until, done = random.Random(SEED), time.monotonic() + seconds, 0
    Account.generate().save(home / "chain.key")
    (home / "promised").touch()
    while done < kills or min(promises(home)[kind] for kind in KINDS) < each:
        if time.monotonic() > until:
            raise SystemExit(f"{done} kills in {seconds} s, {dict(promises(home))}")
        kill_once(url, home, moment.uniform(0, 0.15), whole=done % 100 == 99)
        done += 1
    if ended(forked(lambda: Life(url, home).finish())):
        raise SystemExit("what was under way did not end")
    if ended(forked(lambda: Life(url, home).check(whole=True))):
        raise SystemExit("a promise was broken in the end")
    print(done, dict(promises(home)))  # noqa: T201 - the launcher's answer


if __name__ == "__main__":
    main(sys.argv[1], Path(sys.argv[2]), *map(int, sys.argv[3:]))
