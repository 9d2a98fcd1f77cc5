"""What signatures are worth in the domain of the verifier, beside the verdict on them.

The type of the document is told from what was signed, unless it is given; mandates are given
beside the file, or lie in the container that was signed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import adapters
from certs.recognition import Domains, Question, Recognition, recognise
from certs.recognition.judge import UNKNOWN
from certs.recognition.mandate import is_mandate
from certs.trust import TrustStore
from certs.verdict import Indication, SignatureReport, Verdict
from schemas.clock import utc_now
from schemas.errors import SilkgateError

Json = dict[str, object]


@dataclass(frozen=True, slots=True)
class Recogniser:
    """Says what verified signatures are worth; `document` '' has its type told from content."""

    domains: Domains
    trust: TrustStore
    at: datetime | None = None
    document: str = ""
    mandates: tuple[bytes, ...] = ()

    def __call__(self, verdict: Verdict, detached: Mapping[str, bytes] | None = None) -> Json:
        """Return `recognition` of a verdict: that of the weakest signature, and of each."""
        files = [each.data for each in verdict.objects]
        beside = [*files, *(detached or {}).values()]
        question = Question(
            domains=self.domains,
            trust=self.trust,
            at=self.at or utc_now(),
            document=self.document or _type_of(files),
            mandates=(*self.mandates, *filter(is_mandate, beside)),
        )
        found = [recognise(report, question) for report in _as_a_whole(verdict)]
        return {**_whole(found), **self._refused()} if found else {}

    def _refused(self) -> Json:
        """Name the lists that could not be relied upon; without them a level may be missing."""
        refused = [
            {"file": name, "code": error.code, "message": error.message.as_dict()}
            for name, error in self.domains.refused
        ]
        return {"refused_lists": refused} if refused else {}


def _as_a_whole(verdict: Verdict) -> Iterable[SignatureReport]:
    """Return the reports; where all are good and the whole is not, such as a container, none is."""
    if verdict.passed or any(
        each.indication is not Indication.TOTAL_PASSED for each in verdict.signatures
    ):
        return verdict.signatures
    return [replace(each, indication=verdict.indication) for each in verdict.signatures]


def _whole(found: list[Recognition]) -> Json:
    weakest = min(found, key=lambda each: each.accorded.rank).as_dict()
    if len(found) == 1:
        return weakest
    return {**weakest, "signatures": [each.as_dict() for each in found]}


def _type_of(files: Iterable[bytes]) -> str:
    """Return the family of the one document among the signed files, else `unknown`."""
    families = set()
    for each in files:
        try:
            families.add(adapters.formats()[adapters.detect(each)].family)
        except SilkgateError:
            continue
    return families.pop() if len(families) == 1 else UNKNOWN
