"""What the authorities of time-stamps are worth: recognised by the same lists as signers are.

An authority counts by a service of its own kind; one that is listed for seals stamps nothing.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from certs.recognition.accord import Accorded, accorded, home_of
from certs.recognition.folder import Domains
from certs.recognition.levels import Kind, Level
from certs.recognition.outcome import Home
from certs.verdict import BlockIndication, SignatureReport, TimestampReport
from schemas.clock import iso


@dataclass(frozen=True, slots=True, kw_only=True)
class StampRecognition:
    """What one good time-stamp rests on: the authority's service at home, and the record here."""

    stamp: TimestampReport
    home: Home
    level: Level
    accorded: Accorded
    asked: datetime

    def as_dict(self) -> dict[str, object]:
        """Return it as plain JSON values."""
        home, found = self.home, self.accorded
        return {
            "type": self.stamp.type,
            "time": iso(self.stamp.time) if self.stamp.time else None,
            "authority": self.stamp.authority,
            "from": home.domain,
            "home_level": self.level.value,
            "accorded_level": found.level.value,
            "basis": found.basis.as_dict(),
            "service": home.described(),
            "list": home.list.reference(self.asked) if home.list else None,
            "record": found.record and found.record.as_dict(),
            "record_list": found.list and found.list.reference(self.asked),
        }


def stamped_by(
    report: SignatureReport, domains: Domains, document: str, asked: datetime
) -> Iterator[StampRecognition]:
    """Yield what each good time-stamp of a signature rests on, as of the time it tells."""
    for stamp in report.timestamps:
        if stamp.indication is not BlockIndication.PASSED or not stamp.path or not stamp.time:
            continue
        home = home_of(stamp.path, domains, stamp.time, Kind.TIMESTAMP)
        level = home.granted if home.fits else Level.NONE
        yield StampRecognition(
            stamp=stamp,
            home=home,
            level=level,
            accorded=accorded(home, level, domains, document, stamp.time),
            asked=asked,
        )
