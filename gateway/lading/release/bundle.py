"""A bill and its insurance policy in step: who holds the one is assignee of the other.

The bundle's id is a hash over bill, policy and invoice. A transfer of title to somebody is
refused unless the policy is assigned to the same party in the same step; the assignment travels
with the bill as an additional document under its own checksum. Claims end with the bill.
"""

from __future__ import annotations

import hashlib
from typing import Final

from gateway.lading import checksums
from gateway.lading.chain import Json, codes_of
from gateway.lading.desk import Desk, as_json
from gateway.lading.paperwork import new_paper
from gateway.lading.refusals import NotNow, NotYours, UnknownThing
from gateway.lading.transfer.sending import Attachment
from gateway.store import ladings, papers
from gateway.store.errors import Collision
from schemas.clock import iso
from schemas.jcs import canonical_json
from schemas.text import Text

KIND: Final = "bundle"
MOVES_TITLE: Final = frozenset({"TRANSFER", "ENDORSE", "ENDORSE_TO_ORDER"})


def bundle_id(bill: str, policy: str, invoice: str) -> str:
    """Return the id of a bundle: SHA-256 over the ids of bill, policy and invoice."""
    said = canonical_json({"eBL": bill, "invoice": invoice, "policy": policy})
    return hashlib.sha256(said).hexdigest()


class Bundles:
    """Keeps policies in step with the bills of one platform."""

    def __init__(self, desk: Desk) -> None:
        """Keep them at `desk`."""
        self._desk = desk

    def bind(self, tenant: str, reference: str, policy: str, invoice: str) -> str:
        """Bind a policy and an invoice to the holder's bill; return the bundle's id.

        Raises UnknownThing, NotYours, or NotNow for a bill that has a bundle.
        """
        desk, now = self._desk, self._desk.clock()
        with desk.store.begin() as tx:
            bill = ladings.live(tx, reference)
            if bill is None:
                raise UnknownThing(where=reference, what="bill of lading")
            if bill.tenant != tenant or bill.state != "held":
                raise NotYours(Text("another party holds this bill", "该提单由另一方持有"))
            made = bundle_id(bill.checksum, policy, invoice)
            body = {
                "id": made,
                "policy": policy,
                "invoice": invoice,
                "assignments": [],
            }
            paper = new_paper(
                KIND,
                bill.checksum,
                state="in force",
                bill=reference,
                tenant=tenant,
                body=body,
                now=now,
            )
            try:
                papers.add(tx, paper)
            except Collision as error:
                raise NotNow(Text("the bill has a bundle", "该提单已绑定保单")) from error
        return made

    def assignment(self, reference: str, made: Json, assignee: Json | None) -> Attachment | None:
        """Return the assignment that has to travel with a transaction, None where there is none.

        Raises NotNow when the policy would be assigned to somebody else than the title goes to.
        """
        if made["actionCode"] not in MOVES_TITLE:
            return None
        desk = self._desk
        with desk.store.read() as tx:
            bill = ladings.live(tx, reference)
            paper = papers.find(tx, KIND, bill.checksum) if bill else None
        if paper is None or bill is None:
            return None
        recipient = made.get("recipient") or {}
        if assignee is not None and not codes_of(assignee) & codes_of(recipient):
            raise NotNow(Text("the policy would go to another party", "保单将转让给另一方"))
        said = {
            "bundle": paper.body["id"],
            "policy": paper.body["policy"],
            "from": bill.body["possessor"],
            "to": recipient,
            "at": iso(desk.clock()),
        }
        text = desk.signer.sign(canonical_json(said))
        return Attachment("policy-assignment.jws", text.encode(), "application/jose")

    def assigned(self, reference: str, assignment: Attachment) -> None:
        """Note the assignment that travels with a transaction."""
        desk = self._desk
        with desk.store.begin() as tx:
            bill = ladings.live(tx, reference)
            paper = papers.find(tx, KIND, bill.checksum) if bill else None
            if paper is not None:
                done = [*paper.body["assignments"], checksums.of_octets(assignment.content)]
                body = {**as_json(paper.body), "assignments": done}
                papers.change(tx, paper, paper.state, body, now=desk.clock())

    def shown(self, reference: str) -> Json:
        """Return the bundle of the latest bill under a reference.

        The assignee is whoever possesses the bill: one fact, not two that could part. Claims end
        with the bill.
        """
        with self._desk.store.read() as tx:
            for bill in ladings.of_reference(tx, reference):
                paper = papers.find(tx, KIND, bill.checksum)
                if paper is not None:
                    state = "ended" if bill.state == "ended" else paper.state
                    return {**paper.body, "assignee": bill.body["possessor"], "state": state}
        raise UnknownThing(where=reference, what="bundle")
