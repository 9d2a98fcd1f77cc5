"""Two operators, and the evidence of one delivery between them, without database or network."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from hashlib import sha256
from pathlib import Path

from certs import asic, evidence, receipts, xades
from certs.authority.tsa import Authority
from certs.evidence import Item, Role
from certs.keys import KeyStore, SigningKey
from certs.receipts import Receipt
from gateway import setup
from gateway.settings import Settings, load
from ledger.anchors.file import FileAnchor
from ledger.checkpoint import Checkpoint, open_checkpoint
from ledger.log import Log
from ledger.note import Note
from ledger.signature import verifier_for
from ledger.store import MemoryTiles
from ledger.twoside import TwoSideProof, side_of
from schemas.clock import utc_now

DOCUMENT = b'<declaration xmlns="urn:example"><entry>1</entry></declaration>'
COMMON = sha256(b"root of the common fields").digest()
MESSAGE = "m-1"


@dataclass
class Operator:
    """One operator with its folder, its keys and a log in memory."""

    settings: Settings

    @cached_property
    def keys(self) -> KeyStore:
        """Its keys."""
        return setup.key_store(self.settings)

    @cached_property
    def seal(self) -> SigningKey:
        """The key of its seal."""
        return self.keys.load("seal")

    @cached_property
    def stamper(self) -> Authority:
        """Its time-stamp authority."""
        return Authority(self.keys.load("tsa"))

    @cached_property
    def log(self) -> Log:
        """Its log."""
        return Log(MemoryTiles(), setup.log_signer(self.settings, self.keys))

    def publish(self, digests: Sequence[bytes], witness: Operator) -> Checkpoint:
        """Append entries, sign the checkpoint and have the other operator cosign it."""
        self.log.append(digests)
        note = Note.parse(self.log.checkpoint())
        line = setup.cosigner(witness.settings, witness.keys).cosign(
            note.text, int(utc_now().timestamp())
        )
        cosigned = self.log.add_cosignatures(self.log.size, [line])
        return open_checkpoint(cosigned, verifier_for(self.log.signer.key)).checkpoint


def operators(folder: Path) -> tuple[Operator, Operator]:
    """Make two operators that know each other; their cards are in `folder/auditor`."""
    homes = [folder / party for party in ("cn-port", "sg-port")]
    for home, country, port in zip(homes, ("CN", "SG"), (8443, 8444), strict=True):
        setup.create(home, party=home.name, name=f"Port {country}", country=country, port=port)
    cards = [setup.card(load(home)) for home in homes]
    auditor = folder / "auditor"
    auditor.mkdir()
    for home, other in zip(homes, reversed(cards), strict=True):
        setup.introduce(home, other)
    for card in cards:
        (auditor / f"{card.id}.json").write_text(card.model_dump_json(), "utf-8")
    first, second = (Operator(load(home)) for home in homes)
    return first, second


def items(sender: Operator, receiver: Operator, folder: Path) -> dict[str, Item]:
    """Return the files of a complete package by name."""
    signed = xades.sign(DOCUMENT, sender.seal, stamper=sender.stamper)
    container = asic.pack({"envelope.json": b"{}", "document.xml": signed}, sender.seal)
    receipt = Receipt(
        message_id=MESSAGE,
        sha256=sha256(container).hexdigest(),
        recipient=receiver.settings.id,
        received_at=utc_now(),
    )
    digest = sha256(signed).digest()
    checkpoint = sender.publish([sha256(b"another").digest(), digest, COMMON], receiver)
    receiver.publish([COMMON], sender)
    anchor = FileAnchor(folder / "anchors.txt").submit(checkpoint, lambda *_: ())
    two = TwoSideProof(COMMON, (side_of(sender.log, COMMON), side_of(receiver.log, COMMON)))
    made = [
        Item("documents/source.xml", DOCUMENT, Role.SOURCE),
        Item("documents/document.xml", signed, Role.SIGNED),
        Item("delivery/container.asice", container, Role.DELIVERY),
        Item("delivery/receipt.jws", receipts.issue(receipt, receiver.seal), Role.RECEIPT),
        Item("log/document.tlog-proof", bytes(sender.log.proof(1)), Role.LOG_PROOF),
        Item("log/two-side.cbor", bytes(two), Role.DISCLOSURE),
        Item("log/log.vkey", f"{sender.log.signer.key}\n".encode(), Role.OTHER),
        Item("anchor/anchor.json", anchor.record, Role.ANCHOR),
    ]
    return {item.name: item for item in made}


def package(sender: Operator, files: Mapping[str, Item]) -> bytes:
    """Return the sealed package of these files."""
    return evidence.build(
        list(files.values()), sender.seal, sender.stamper, subject={"exchange": "x-1"}
    )


def changed(files: Mapping[str, Item], name: str, data: bytes) -> dict[str, Item]:
    """Return the files with other bytes in one of them."""
    return {**files, name: replace(files[name], data=data)}
