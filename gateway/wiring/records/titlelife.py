"""The evidence of a bill's life: every document it ever had, and the history of its title.

One sealed container (ASiC-E), verified offline:

    title-history.json    the entries, the register's head, the proof in the log
    documents/NAME        each version of the document; its digest is in the history
    beside/NAME           what belongs to it: envelopes, a printed page, recorded identities, the
                          epochs of its private remarks

It says what became of the title until the register signed the head; it never says live.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from certs import asic, records
from certs.authority.tsa import TimeStamper
from certs.jose.keybook import KeyBook
from certs.keys import SigningKey
from certs.trust import TrustStore
from certs.verdict import Indication, Refused, SubIndication, Verdict, refusal
from gateway.lading.errors import LifeIncomplete
from gateway.wiring.audit.proofs import Known
from gateway.wiring.records import titlehistory
from gateway.wiring.records.records import RecordAuditor, digests
from gateway.wiring.records.standing import Json
from ledger.title import epochsfile
from ledger.title.historyfile import HistoryFile, is_history
from ledger.title.readers import ReadingKey
from ledger.title.sequence import Standing, follow_all
from schemas.errors import SilkgateError
from schemas.text import Text

HISTORY: Final = "title-history.json"
DOCUMENTS: Final = "documents/"
BESIDE: Final = "beside/"
_NO_HISTORY: Final = Text(
    "the history is not one that a register exported", "该历史文件不是登记处导出的"
)
_NO_DOCUMENT: Final = Text("no document has the digest {digest}", "没有摘要为 {digest} 的单证")
_STRANGE: Final = Text("the history does not know {name}", "历史中没有 {name}")
_ZIP: Final = b"PK\x03\x04"


@dataclass(frozen=True, slots=True)
class Version:
    """One content that the title had: since which entry, and the file that has it, if any."""

    n: int
    digest: str
    name: str = ""


def pack(
    history: bytes,
    documents: Mapping[str, bytes],
    beside: Mapping[str, bytes],
    key: SigningKey,
    stamper: TimeStamper | None = None,
) -> bytes:
    """Return the container. Raises LifeIncomplete when a version of the document is not given.

    A document that the history does not know is refused too: it belongs beside.
    """
    if not is_history(history):
        raise LifeIncomplete(reason=_NO_HISTORY)
    versions = _versions(follow_all(HistoryFile.decode(history).entries), documents)
    missing = [each.digest for each in versions if not each.name]
    if missing:
        raise LifeIncomplete(reason=_NO_DOCUMENT.format(digest=missing[0]))
    known = {each.name for each in versions}
    strange = [name for name in documents if name not in known]
    if strange:
        raise LifeIncomplete(reason=_STRANGE.format(name=strange[0]))
    files = {
        HISTORY: history,
        **{DOCUMENTS + name: data for name, data in documents.items()},
        **{BESIDE + name: data for name, data in beside.items()},
    }
    return asic.pack(files, key, stamper)


def is_life(data: bytes) -> bool:
    """Tell whether a container is the evidence of a bill's life."""
    if not data.startswith(_ZIP):
        return False
    try:
        return HISTORY in asic.open_container(data)
    except SilkgateError:
        return False


@dataclass(frozen=True, slots=True)
class LifeAuditor:
    """What a life is judged with: anchors, log keys, keys of parties, answers about issuers."""

    trust: TrustStore
    known: Known
    book: KeyBook
    titles: RecordAuditor
    at: datetime
    reader: ReadingKey | None = None

    def verify(self, data: bytes) -> Json:
        """Return the verdict in the shape of `silkgate verify`."""
        sealed = asic.verify(data, self.trust, at=self.at)
        if not sealed.passed:
            return {**sealed.verdict.as_dict(), **_untold(sealed.verdict)}
        history = sealed.files[HISTORY]
        beside = [data for name, data in sealed.files.items() if name.startswith(BESIDE)]
        private = titlehistory.Private(epochsfile.among(beside), self.reader)
        told = titlehistory.verify(
            history, self.known, self.book, self.at, self.trust, private=private
        )
        if told["integrity"] != "VALID":
            return {**told, "signatures": sealed.verdict.as_dict()["signatures"]}
        documents = {
            name.removeprefix(DOCUMENTS): content
            for name, content in sealed.files.items()
            if name.startswith(DOCUMENTS)
        }
        versions = _versions(follow_all(HistoryFile.decode(history).entries), documents)
        found = {
            **told,
            "signatures": sealed.verdict.as_dict()["signatures"],
            "documents": [self._document(each, documents, versions[-1]) for each in versions],
            "beside": sorted(name for name in sealed.files if name.startswith(BESIDE)),
        }
        return {**found, **_lacking(versions)}

    def _document(self, version: Version, documents: Mapping[str, bytes], last: Version) -> Json:
        """Return what is to be said of one version; a record of title is judged as one."""
        data = documents.get(version.name, b"")
        said: Json = {
            "name": version.name or None,
            "sha256": version.digest,
            "since": version.n,
            "in_force": version == last,
        }
        if version.name and records.is_record(data):
            verdict = self.titles.verify(data, self.at)
            said["record"] = {name: verdict[name] for name in ("form", *_ANSWERS)}
        return said


_ANSWERS: Final = ("integrity", "issuer_identity", "title")


def _untold(seal: Verdict) -> Json:
    """Return the answers under a seal that does not hold; one of a stranger may yet be whole."""
    broken = seal.indication is Indication.TOTAL_FAILED
    integrity = "INVALID" if broken else "UNKNOWN"
    return {"integrity": integrity, "issuer_identity": "UNKNOWN", "title": "unknown"}


def _lacking(versions: list[Version]) -> Json:
    """Return the refusal of a life in which a version of the document is not there."""
    for each in versions:
        if not each.name:
            why = Text(
                f"No document in the package has the digest {each.digest}.",
                f"包内没有摘要为 {each.digest} 的单证。",
            )
            verdict = refusal(Refused(SubIndication.SIGNED_DATA_NOT_FOUND, why)).as_dict()
            return {name: verdict[name] for name in ("indication", "subindication", "reason")}
    return {}


def _versions(
    standings: Iterator[Standing] | list[Standing], documents: Mapping[str, bytes]
) -> list[Version]:
    """Return each content in the order in which the title had it, with the file that has it."""
    names = {digest: name for name, data in documents.items() for digest in digests(data)}
    found: list[Version] = []
    for standing in standings:
        content = standing.state.content
        if content and (not found or found[-1].digest != content):
            found.append(Version(standing.n, content, names.get(content, "")))
    return found
