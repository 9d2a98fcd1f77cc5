"""Presentation of electronic records to a bank under eUCP 2.1, with the bill among them.

Records may come one by one; nothing is presented before the notice of completeness (e7). Each
record names the credit, and one that does not may be treated as not received. If the bank could
not receive on the last day, the date moves to the next banking day on which it can (e7 d). For a
record that the bank finds corrupted it may ask again: the examination stops, for thirty calendar
days, and no deadline moves (e12). The bank becomes holder of the bill, not its title holder.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Final

from gateway.lading import checksums
from gateway.lading.chain import Json
from gateway.lading.desk import Desk, as_json
from gateway.lading.paperwork import new_paper
from gateway.lading.refusals import NotNow, NotYours, UnknownThing
from gateway.store import ladings, papers
from gateway.store.database import Transaction
from gateway.store.ids import new_id
from gateway.store.papers import Paper
from schemas.clock import iso
from schemas.text import Text

KIND: Final = "presentation"
_EXAMINATION: Final = 5
"""Banking days for the examination (UCP 600, article 14 b)."""
_AGAIN: Final = timedelta(days=30)
_FRIDAY: Final = 4

Receives = Callable[[date], bool]
"""Tells whether the bank's system can receive on a day."""


def banking_day(day: date) -> bool:
    """Tell whether a bank works on a day; holidays are the bank's own to say."""
    return day.weekday() <= _FRIDAY


def last_day(expiry: date, receives: Receives) -> date:
    """Return the last day for a presentation: the expiry, or the next one the bank can receive."""
    day = expiry
    while not (banking_day(day) and receives(day)):
        day += timedelta(days=1)
    return day


def examined_by(received: date) -> date:
    """Return the last day of the examination: the fifth banking day after the receipt."""
    day, left = received, _EXAMINATION
    while left:
        day += timedelta(days=1)
        left -= banking_day(day)
    return day


class Presentations:
    """Presents records under credits for the accounts of one platform."""

    def __init__(
        self,
        desk: Desk,
        transfer: Callable[[str, str, Json], object],
        receives: Receives = lambda _: True,
    ) -> None:
        """Present at `desk`; `transfer` moves a bill of an account by a transaction."""
        self._desk = desk
        self._transfer = transfer
        self._receives = receives

    def open(self, tenant: str, reference: str, *, credit: str, expiry: date, bank: Json) -> str:
        """Begin a presentation of the holder's bill under a credit; return its number."""
        desk, now = self._desk, self._desk.clock()
        with desk.store.begin() as tx:
            bill = ladings.live(tx, reference)
            if bill is None:
                raise UnknownThing(where=reference, what="bill of lading")
            if bill.tenant != tenant:
                raise NotYours(Text("another party holds this bill", "该提单由另一方持有"))
            number = new_id()
            body: Json = {
                "credit": credit,
                "expiry": expiry.isoformat(),
                "bank": bank,
                "records": [],
            }
            paper = new_paper(
                KIND, number, state="open", bill=reference, tenant=tenant, body=body, now=now
            )
            papers.add(tx, paper)
        return number

    def add(self, tenant: str, number: str, *, name: str, content: bytes, credit: str) -> bool:
        """Take a record; tell whether it counts: one that names another credit, or none, does not.

        A record sent again under the name of a corrupted one takes its place.
        """
        desk = self._desk
        with desk.store.begin() as tx:
            paper = papers.find(tx, KIND, number)
            self._check(paper, tenant, number)
            assert paper is not None  # noqa: S101 - checked
            if paper.state not in {"open", "stopped"}:
                raise NotNow(Text("the presentation is complete", "交单已完成"))
            counts = credit == paper.body["credit"]
            if not counts:
                return False
            record = {
                "name": name,
                "checksum": checksums.of_octets(content),
                "at": iso(desk.clock()),
            }
            kept = [each for each in paper.body["records"] if each["name"] != name]
            body = {**as_json(paper.body), "records": [*kept, record]}
            state = paper.state
            if state == "stopped" and name == paper.body.get("corrupted"):
                self._in_time(paper)
                state, body["corrupted"] = "presented", ""
            papers.change(tx, paper, state, body, now=desk.clock())
        return True

    def complete(self, tenant: str, number: str) -> Json:
        """Give the notice of completeness: only now the records are presented.

        The bank becomes holder of the bill. Raises NotNow after the last day or without records.
        """
        desk, now = self._desk, self._desk.clock()
        with desk.store.read() as tx:
            paper = papers.find(tx, KIND, number)
        self._check(paper, tenant, number)
        assert paper is not None  # noqa: S101 - checked
        if paper.state != "open" or not paper.body["records"]:
            raise NotNow(Text("there is nothing to complete", "没有可完成的交单"))
        expiry = date.fromisoformat(paper.body["expiry"])
        if now.date() > last_day(expiry, self._receives):
            raise NotNow(Text("the last day has passed", "已过最迟交单日"))
        made = {"actionCode": "TRANSFER", "recipient": paper.body["bank"]}
        self._transfer(tenant, paper.bill, made)
        with desk.store.begin() as tx:
            paper = papers.get(tx, KIND, number)
            body = {
                **as_json(paper.body),
                "completed_at": iso(now),
                "examined_by": examined_by(now.date()).isoformat(),
            }
            papers.change(tx, paper, "presented", body, now=now)
        return {**body, "state": "presented"}

    def corrupted(self, tenant: str | None, number: str, name: str) -> Json:
        """Note that the bank asks for a record again: the examination stops (e12).

        It is the bank's to say, or the operator's for it (None). Raises UnknownThing, NotYours, or
        NotNow for a record that is not under examination.
        """
        desk, now = self._desk, self._desk.clock()
        with desk.store.begin() as tx:
            paper = self._seen(tx, tenant, number)
            if tenant is not None and tenant != self._bank(paper):
                raise NotYours(Text("only the bank may", "仅银行可为"))
            known = any(each["name"] == name for each in paper.body["records"])
            if paper.state != "presented" or not known:
                raise NotNow(Text("no such record is under examination", "该记录不在审核中"))
            body = {
                **as_json(paper.body),
                "corrupted": name,
                "stopped_at": iso(now),
                "again_until": iso(now + _AGAIN),
            }
            papers.change(tx, paper, "stopped", body, now=now)
        return {**body, "state": "stopped"}

    def shown(self, tenant: str | None, number: str) -> Json:
        """Return a presentation to its presenter, its bank or the operator (None)."""
        with self._desk.store.read() as tx:
            paper = self._seen(tx, tenant, number)
        return {"presentation": number, "bill": paper.bill, **paper.body, "state": paper.state}

    def _seen(self, tx: Transaction, tenant: str | None, number: str) -> Paper:
        paper = papers.find(tx, KIND, number)
        if paper is None or tenant not in {None, paper.tenant, self._bank(paper)}:
            raise UnknownThing(where=number, what="presentation")
        return paper

    def _bank(self, paper: Paper) -> str:
        """Return the bank's account here, '' if it has none."""
        member = self._desk.parties.find(paper.body["bank"])
        return member.tenant if member else ""

    def _in_time(self, paper: Paper) -> None:
        until = datetime.fromisoformat(paper.body["again_until"])
        if self._desk.clock() > until:
            raise NotNow(Text("the thirty days have passed", "已超过三十日"))

    def _check(self, paper: Paper | None, tenant: str, number: str) -> None:
        if paper is None or paper.tenant != tenant:
            raise UnknownThing(where=number, what="presentation")
