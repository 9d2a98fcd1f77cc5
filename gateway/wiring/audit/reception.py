"""What the receiver of a document found when it came: kept beside it, put into evidence.

The verdicts on container and document, and what they went by: the certificates, and the words
about revocation that were at hand or asked for. Years later the document is judged anew by the
same data, as of the moment it came.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any, Final

from certs.dispatch import verify_any
from certs.evidence import Item, Role
from certs.path.revocation import words
from certs.trust import TrustStore
from certs.validation.material import Material
from certs.validation.online import asking
from certs.validation.sources import Offered
from certs.verdict import Indication, SubIndication, Verdict
from gateway.wiring.audit.answers import Answer, nothing, proven, refuted
from schemas.clock import iso
from schemas.jcs import canonical_json
from schemas.jsondepth import loads
from schemas.text import Text

VERDICT: Final = "reception/verdict.json"
_LARGEST: Final = 256 * 1024
"""A list of certificates longer than this is left out: the verdict says so."""
_ENDINGS: Final = {"certificates": "cer", "lists": "crl", "answers": "ocsp"}


def record(
    *,
    at: datetime,
    by: str,
    document: bytes,
    container: Verdict,
    verdict: Verdict,
    trust: TrustStore,
    asked: Iterable[Material],
) -> bytes:
    """Return the verdicts on a container and the document in it, with what they went by, as JSON.

    `asked` are the words about revocation that somebody gave meanwhile; those in `trust` about the
    same certificates are added.
    """
    material = _went_by(verdict, trust, asked)
    return canonical_json(
        {
            "at": iso(at),
            "by": by,
            "sha256": sha256(document).hexdigest(),
            "container": container.as_dict(),
            "document": verdict.as_dict(),
            "validation": _packed(material),
        }
    )


def files(kept: bytes) -> Iterator[Item]:
    """Yield what was kept of a reception as files: the verdict, and each datum by itself."""
    said = json.loads(kept)
    validation = said.pop("validation")
    yield Item(VERDICT, canonical_json(said), Role.VERDICT)
    for kind, ending in _ENDINGS.items():
        for n, encoded in enumerate(validation[kind], 1):
            name = f"reception/{kind}-{n:02}.{ending}"
            yield Item(name, base64.b64decode(encoded), Role.VALIDATION)


@dataclass(frozen=True, slots=True)
class _Said:
    at: datetime
    by: str
    sha256: str
    passed: bool

    @classmethod
    def read(cls, data: bytes) -> _Said:
        """Return what a verdict says; raises ValueError for anything else."""
        said: dict[str, Any] = loads(data)
        try:
            passed = {said[part]["indication"] for part in ("container", "document")}
            at = datetime.fromisoformat(said["at"])
            return cls(at, str(said["by"]), said["sha256"], passed == {Indication.TOTAL_PASSED})
        except (KeyError, TypeError) as error:
            raise ValueError(VERDICT) from error


def verified(items: Sequence[Item], store: TrustStore, sealed: datetime) -> Answer:
    """Answer whether the receiver found the document good when it came, and rightly so.

    `sealed` is when the package was closed.
    """
    kept = [item.data for item in items if item.role is Role.VERDICT]
    try:
        (verdict,) = kept
        said = _Said.read(verdict)
    except ValueError:
        return refuted(_NOT_READ, SubIndication.FORMAT_FAILURE)
    about = [
        item
        for item in items
        if item.role is Role.SIGNED and sha256(item.data).hexdigest() == said.sha256
    ]
    if not about or said.at.tzinfo is None or said.at > sealed:
        return refuted(_NOT_ABOUT, SubIndication.HASH_FAILURE)
    if not said.passed:
        return refuted(_NOT_PASSED)
    return _judged_anew(said, about[0], Offered(_material(items)), store)


def _judged_anew(said: _Said, item: Item, source: Offered, store: TrustStore) -> Answer:
    """Judge a document as of when it came, by the data kept."""
    with asking(source):
        verdict = verify_any(item.data, store, at=said.at)
    when, details = iso(said.at), ({"file": item.name, "at": iso(said.at), "by": said.by},)
    if verdict.passed:
        return proven(
            Text(
                f"{said.by} verified it at {when}; judged anew as of then, it still passes.",
                f"{said.by} 于 {when} 验证通过;按当时重新判定,仍然通过。",
            ),
            details,
        )
    why = verdict.reason or Text("", "")
    if verdict.indication is Indication.TOTAL_FAILED:
        return refuted(why, verdict.subindication, details)
    return nothing(why.en, why.zh, details)


def _went_by(verdict: Verdict, trust: TrustStore, asked: Iterable[Material]) -> Material:
    paths = [report.path for report in verdict.signatures]
    paths += [stamp.path for report in verdict.signatures for stamp in report.timestamps]
    used = tuple(dict.fromkeys(each for path in paths for each in path))
    at_hand = tuple(word.found for each in used for word in words(each, trust.lists))
    found = Material(certificates=used, lists=at_hand)
    for each in asked:
        found += each
    return found


def _packed(material: Material) -> dict[str, object]:
    """Return the data (DER) in base64; what is too long is counted only."""
    encoded = {
        "certificates": [each.der for each in material.certificates],
        "lists": [each.encoded for each in material.lists],
        "answers": [each.encoded for each in material.answers],
    }
    short = {
        kind: [base64.b64encode(each).decode() for each in values if len(each) <= _LARGEST]
        for kind, values in encoded.items()
    }
    left_out = sum(map(len, encoded.values())) - sum(map(len, short.values()))
    return {**short, "left_out": left_out}


def _material(items: Sequence[Item]) -> Material:
    by_ending: Mapping[str, list[bytes]] = {ending: [] for ending in _ENDINGS.values()}
    for item in items:
        if item.role is Role.VALIDATION:
            by_ending.get(item.name.rpartition(".")[2], []).append(item.data)
    return Material.read(by_ending["cer"], by_ending["crl"], by_ending["ocsp"])


_NOT_READ: Final = Text(
    f"{VERDICT} is not the verdict on what came.", f"{VERDICT} 不是收件核验记录。"
)
_NOT_ABOUT: Final = Text(
    "The verdict at reception is not about the signed document here, or later than the seal.",
    "收件核验记录并非针对包内已签名文件,或晚于封存时间。",
)
_NOT_PASSED: Final = Text(
    "The receiver took what it had not verified.", "接收方接收了未通过验证的文件。"
)
