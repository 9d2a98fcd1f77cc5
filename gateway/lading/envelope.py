"""The PINT envelope: read, verified signature by signature and checksum by checksum.

transportDocument              by its canonical JSON, in manifest, entries and issuance manifest
envelopeManifestSignedContent  signed by the sending platform; names the last entry by checksum
envelopeTransferChain[]        each signed by its platform; each names the one before by checksum
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from certs import jose
from certs.jose.compact import Opened, open_signed
from certs.jose.keybook import KeyBook, Signer
from certs.verdict import Refused
from gateway.lading import checksums
from gateway.lading.chain import Action, Control, Json, action_of, follow, platform_code
from gateway.lading.refusals import EnvelopeRefused, SignatureRefused
from gateway.lading.shapes import check
from schemas.jcs import NotCanonical
from schemas.text import Text

_PREVIOUS: Final = "previousEnvelopeTransferChainEntrySignedContentChecksum"
_LAST: Final = "lastEnvelopeTransferChainEntrySignedContentChecksum"
_ISSUANCE: Final = "issuanceManifestSignedContent"
_REGISTRY: Final = "controlTrackingRegistry"
_LONGEST_CHAIN: Final = 1000


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a transfer chain: as it travels, what it says, and who signed it.

    `content` is the checksum of what it and all before it say, whoever signed them with what: a
    transfer that is signed anew has the same.
    """

    text: str
    checksum: str
    content: str
    payload: Json
    signer: Signer

    @property
    def platform(self) -> str:
        """The platform that made the entry."""
        return platform_code(self.payload["eblPlatform"])

    @property
    def transactions(self) -> list[Json]:
        """The transactions, oldest first."""
        found: list[Json] = self.payload["transactions"]
        return found


@dataclass(frozen=True, slots=True)
class Envelope:
    """A verified envelope."""

    document: Json
    document_checksum: str
    manifest: Json
    manifest_text: str
    manifest_signer: Signer
    entries: tuple[Entry, ...]
    carrier: Signer
    issuance: Json

    @property
    def reference(self) -> str:
        """The transport document reference."""
        return str(self.document["transportDocumentReference"])

    @property
    def last(self) -> Entry:
        """The entry that makes the transfer."""
        return self.entries[-1]

    @property
    def registry(self) -> str:
        """The control tracking registry the first entry names, '' for none."""
        return str(self.entries[0].payload.get(_REGISTRY, ""))

    @property
    def final(self) -> Json:
        """The last transaction: what the transfer is about."""
        return self.last.transactions[-1]

    @property
    def action(self) -> Action:
        """The action of the last transaction."""
        return action_of(self.final)

    @property
    def recipient(self) -> Json | None:
        """The party the transfer is to."""
        return self.final.get("recipient")

    @property
    def documents(self) -> dict[str, Json]:
        """The additional documents by their checksums, in the manifest's order."""
        carried = self.manifest.get("eBLVisualisationByCarrier")
        listed = [*([carried] if carried else []), *self.manifest.get("supportingDocuments", ())]
        return {each["documentChecksum"]: each for each in listed}

    @property
    def signers(self) -> list[Signer]:
        """Everybody who signed a part of it."""
        return [self.manifest_signer, self.carrier, *(each.signer for each in self.entries)]

    def crossed(self) -> str:
        """Return the platform that somebody else speaks for, '' where each speaks for itself.

        The manifest has to be by the platform of the last entry, and one signer cannot be two
        platforms, nor two signers one.
        """
        if self.manifest_signer.owner != self.last.signer.owner:
            return self.last.platform
        owners: dict[str, str] = {}
        for entry in self.entries:
            if owners.setdefault(entry.platform, entry.signer.owner) != entry.signer.owner:
                return entry.platform
        return "" if len(set(owners.values())) == len(owners) else self.last.platform

    def control(self) -> Control:
        """Return who controls the bill by its chain; raises EnvelopeRefused."""
        return follow(
            [(entry.platform, each) for entry in self.entries for each in entry.transactions],
            self.document,
        )


def registry_of(value: Json) -> str:
    """Return the registry that an envelope's first entry names, unverified; '' for none."""
    first = value["envelopeTransferChain"][0]
    return str(jose.parse(jose.decode(first.split(".")[1])).get(_REGISTRY, ""))


def open_envelope(value: Json, book: KeyBook, at: datetime) -> Envelope:
    """Return the envelope with every signature and checksum verified.

    `value` has the shape EblEnvelope. Signers that nothing vouches for are in `signers` as not
    known. Raises SignatureRefused (BSIG) or EnvelopeRefused (BENV).
    """
    document = value["transportDocument"]
    of_document = checksums.of_json(document)
    manifest, signed = _open(
        value["envelopeManifestSignedContent"], book, at, "EnvelopeManifest", "manifest"
    )
    entries = _entries(value["envelopeTransferChain"], book, at)
    if manifest[_LAST] != entries[-1].checksum:
        raise SignatureRefused(
            Text("the manifest is about another last entry", "清单所指的末条记录不符")
        )
    for name, found in _documents_named(manifest, entries):
        if found != of_document:
            raise _refused(
                f"{name} is about another transport document", f"{name} 所指的运输单证不符"
            )
    issuance, carrier = _open(
        entries[0].payload[_ISSUANCE], book, at, "IssuanceManifest", "issuance manifest"
    )
    if issuance["documentChecksum"] != of_document:
        raise _refused("the carrier issued another document", "承运人签发的是另一份单证")
    envelope = Envelope(
        document=document,
        document_checksum=of_document,
        manifest=manifest,
        manifest_text=value["envelopeManifestSignedContent"],
        manifest_signer=signed.signer,
        entries=entries,
        carrier=carrier.signer,
        issuance=issuance,
    )
    _check_visualisation(envelope)
    return envelope


def signers(value: Json, book: KeyBook, at: datetime) -> list[Signer | None]:
    """Return who signed each part, None where its signature is wrong or its key is not at hand."""
    parts = [value["envelopeManifestSignedContent"], *value["envelopeTransferChain"]]
    found = [_signer(part, book, at) for part in parts]
    first = found[1]
    carried = first[0].get(_ISSUANCE) if first else None
    issuance = [_signer(str(carried), book, at)] if carried else []
    return [each[1] if each else None for each in (*found, *issuance)]


def _signer(text: str, book: KeyBook, at: datetime) -> tuple[Json, Signer] | None:
    try:
        opened = open_signed(text, book, at)
        return jose.parse(opened.payload), opened.signer
    except Refused:
        return None


def last_checksum(value: Json) -> str:
    """Return the checksum of the last entry as it came, which every answer names."""
    return checksums.of_text(value["envelopeTransferChain"][-1])


def _open(text: str, book: KeyBook, at: datetime, shape: str, name: str) -> tuple[Json, Opened]:
    """Return the verified payload of a signed part and who signed it."""
    try:
        opened = open_signed(text, book, at)
        payload = jose.parse(opened.payload)
    except Refused as refused:
        raise SignatureRefused(
            Text(f"{name}: {refused.reason.en}", f"{name}:{refused.reason.zh}")
        ) from refused
    faults = check(payload, shape)
    if faults:
        first = faults[0]
        raise _refused(
            f"{name} {first.path}: {first.wanted}", f"{name} {first.path}:{first.wanted}"
        )
    return payload, opened


def _entries(chain: Sequence[str], book: KeyBook, at: datetime) -> tuple[Entry, ...]:
    """Return the entries in order, each linked to the one before."""
    if len(chain) > _LONGEST_CHAIN:
        raise _refused("the chain is too long", "转让链过长")
    entries: list[Entry] = []
    before: Entry | None = None
    for number, text in enumerate(chain, start=1):
        payload, opened = _open(text, book, at, "EnvelopeTransferChainEntry", f"entry {number}")
        _check_link(payload, before, number)
        content = _content(payload, before)
        before = Entry(text, checksums.of_text(text), content, payload, opened.signer)
        entries.append(before)
    return tuple(entries)


def _check_link(payload: Json, before: Entry | None, number: int) -> None:
    """The first entry brings the issuance manifest, each other one the checksum before it."""
    linked = payload.get(_PREVIOUS)
    if before is None:
        if linked is not None or _ISSUANCE not in payload:
            raise _refused("the first entry is not one of issuance", "首条记录不是签发记录")
        return
    if linked != before.checksum:
        raise _refused(
            f"entry {number} does not follow the one before", f"第 {number} 条记录未接上条"
        )
    if _ISSUANCE in payload or _REGISTRY in payload:
        raise _refused(f"entry {number} issues again", f"第 {number} 条记录重复签发")


def _content(payload: Json, before: Entry | None) -> str:
    """Return the checksum of what an entry says, on top of all before, free of signatures."""
    said = {name: value for name, value in payload.items() if name not in (_PREVIOUS, _ISSUANCE)}
    try:
        return checksums.of_json([before.content if before else "", said])
    except NotCanonical as error:
        raise _refused(
            "an entry has a number that no double holds", "记录中有超出双精度范围的数字"
        ) from error


def _documents_named(manifest: Json, entries: Sequence[Entry]) -> list[tuple[str, Any]]:
    named = [("the manifest", manifest["transportDocumentChecksum"])]
    return named + [
        (f"entry {number}", entry.payload["transportDocumentChecksum"])
        for number, entry in enumerate(entries, start=1)
    ]


def _check_visualisation(envelope: Envelope) -> None:
    """The carrier's own picture of the bill is the one the carrier issued."""
    carried = envelope.manifest.get("eBLVisualisationByCarrier")
    issued = envelope.issuance.get("eBLVisualisationByCarrierChecksum")
    if carried and issued and carried["documentChecksum"] != issued:
        raise _refused("the visualisation is not the carrier's", "可视化文件不是承运人所签发")


def _refused(en: str, zh: str) -> EnvelopeRefused:
    return EnvelopeRefused(Text(en, zh))
