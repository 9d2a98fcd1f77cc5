"""The states of a transport document, DCSA EBL 3.0, and who may move it on.

    DRAFT <-> APPROVED -> ISSUED -> PENDING_SURRENDER_FOR_DELIVERY -> SURRENDERED_FOR_DELIVERY
                            ^   -> PENDING_SURRENDER_FOR_AMENDMENT -> SURRENDERED_FOR_AMENDMENT
                            |            (a refusal leads back)                  |
                            +----------- issued anew, as amended <---- VOIDED <--+

Pure: nothing here reads a clock, a file or a store. A refused action raises and changes nothing.
A sea waybill (SWB) is never surrendered; it is voided when it is to be amended.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Final

from gateway.lading.errors import (
    NeverSurrendered,
    NotInThisState,
    NotReadyToIssue,
    NotThisRole,
    ReferenceUsed,
)


class Status(StrEnum):
    """The transportDocumentStatus of DCSA."""

    DRAFT = "DRAFT"
    APPROVED = "APPROVED"
    ISSUED = "ISSUED"
    PENDING_SURRENDER_FOR_AMENDMENT = "PENDING_SURRENDER_FOR_AMENDMENT"
    SURRENDERED_FOR_AMENDMENT = "SURRENDERED_FOR_AMENDMENT"
    PENDING_SURRENDER_FOR_DELIVERY = "PENDING_SURRENDER_FOR_DELIVERY"
    SURRENDERED_FOR_DELIVERY = "SURRENDERED_FOR_DELIVERY"
    VOIDED = "VOIDED"


class Action(StrEnum):
    """What moves a transport document."""

    UPDATE = "update"
    APPROVE = "approve"
    ISSUE = "issue"
    REQUEST_DELIVERY = "request-surrender-for-delivery"
    REQUEST_AMENDMENT = "request-surrender-for-amendment"
    ACCEPT_SURRENDER = "accept-surrender"
    REJECT_SURRENDER = "reject-surrender"
    VOID = "void"


class Role(StrEnum):
    """Who acts: the carrier (or its agent), the shipper, or the possessor of the bill."""

    CARRIER = "carrier"
    SHIPPER = "shipper"
    POSSESSOR = "possessor"


class Kind(StrEnum):
    """How title passes; DCSA: isToOrder, the endorsee, and SWB for what is no title."""

    STRAIGHT = "straight"
    TO_ORDER = "to-order"
    BLANK = "blank"
    SEA_WAYBILL = "sea-waybill"

    @property
    def negotiable(self) -> bool:
        """Whether title passes by endorsement or delivery."""
        return self in {Kind.TO_ORDER, Kind.BLANK}

    @property
    def of_title(self) -> bool:
        """Whether it has to be surrendered before the goods are delivered."""
        return self is not Kind.SEA_WAYBILL


@dataclass(frozen=True, slots=True)
class _Step:
    roles: frozenset[Role]
    ways: Mapping[Status, Status]


_S: Final = Status
_CARRIER: Final = frozenset({Role.CARRIER})
_STEPS: Final[Mapping[Action, _Step]] = {
    Action.UPDATE: _Step(_CARRIER, {_S.DRAFT: _S.DRAFT, _S.APPROVED: _S.DRAFT}),
    Action.APPROVE: _Step(frozenset({Role.SHIPPER}), {_S.DRAFT: _S.APPROVED}),
    Action.ISSUE: _Step(_CARRIER, {_S.DRAFT: _S.ISSUED, _S.APPROVED: _S.ISSUED}),
    Action.REQUEST_DELIVERY: _Step(
        frozenset({Role.POSSESSOR}), {_S.ISSUED: _S.PENDING_SURRENDER_FOR_DELIVERY}
    ),
    Action.REQUEST_AMENDMENT: _Step(
        frozenset({Role.POSSESSOR}), {_S.ISSUED: _S.PENDING_SURRENDER_FOR_AMENDMENT}
    ),
    Action.ACCEPT_SURRENDER: _Step(
        _CARRIER,
        {
            _S.PENDING_SURRENDER_FOR_DELIVERY: _S.SURRENDERED_FOR_DELIVERY,
            _S.PENDING_SURRENDER_FOR_AMENDMENT: _S.SURRENDERED_FOR_AMENDMENT,
        },
    ),
    Action.REJECT_SURRENDER: _Step(
        _CARRIER,
        {
            _S.PENDING_SURRENDER_FOR_DELIVERY: _S.ISSUED,
            _S.PENDING_SURRENDER_FOR_AMENDMENT: _S.ISSUED,
        },
    ),
    Action.VOID: _Step(
        _CARRIER,
        {
            _S.DRAFT: _S.VOIDED,
            _S.APPROVED: _S.VOIDED,
            _S.SURRENDERED_FOR_AMENDMENT: _S.VOIDED,
        },
    ),
}
_SURRENDERS: Final = frozenset({Action.REQUEST_DELIVERY, Action.REQUEST_AMENDMENT})


@dataclass(frozen=True, slots=True, kw_only=True)
class Life:
    """Where one transport document stands.

    `surrenders` are all references of surrender requests ever made for it; `replaces` the
    reference of the voided document that an amended one stands for; `paper` the serial number
    of the paper original after a switch to paper, "" while the record is electronic.
    """

    reference: str
    kind: Kind
    status: Status = Status.DRAFT
    version: int = 1
    surrenders: frozenset[str] = frozenset()
    replaces: str = ""
    paper: str = ""

    @property
    def live(self) -> bool:
        """Whether it is issued and nobody has asked to end it."""
        return self.status is Status.ISSUED

    @property
    def ended(self) -> bool:
        """Whether no action is possible any more."""
        return not allowed(self)

    def after(
        self,
        action: Action,
        by: Role,
        *,
        reference: str = "",
        problems: tuple[str, ...] = (),
        paper: str = "",
    ) -> Life:
        """Return the life after an action.

        `reference` is the surrender request's own, `problems` what a validation of the document
        found (an issue needs none), `paper` the serial of the paper that a void is replaced by.
        Raises NotInThisState, NotThisRole, NeverSurrendered, ReferenceUsed or NotReadyToIssue.
        """
        step = _STEPS[action]
        if by not in step.roles:
            raise NotThisRole(action=action, found=by, expected=", ".join(sorted(step.roles)))
        if action in _SURRENDERS and not self.kind.of_title:
            raise NeverSurrendered
        ways = _ways(action, self.kind)
        if self.status not in ways:
            raise NotInThisState(action=action, found=self.status, expected=", ".join(ways))
        if action is Action.ISSUE and problems:
            raise NotReadyToIssue(reason=problems[0])
        asked = self._asked(reference) if action in _SURRENDERS else self.surrenders
        return replace(
            self,
            status=ways[self.status],
            version=self.version + (action is Action.UPDATE),
            surrenders=asked,
            paper=paper if action is Action.VOID else self.paper,
        )

    def amended(self, reference: str) -> Life:
        """Return the draft that takes the place of this voided document.

        Raises NotInThisState unless it is voided, and when a paper original has replaced it:
        then two live media would say the same title.
        """
        if self.status is not Status.VOIDED or self.paper:
            raise NotInThisState(action="amend", found=self.status, expected=Status.VOIDED)
        return Life(reference=reference, kind=self.kind, replaces=self.reference)

    def _asked(self, reference: str) -> frozenset[str]:
        if not reference or reference in self.surrenders:
            raise ReferenceUsed(found=reference or "''")
        return self.surrenders | {reference}


def allowed(life: Life) -> frozenset[Action]:
    """Return the actions that are possible in the present state, whoever takes them."""
    return frozenset(
        action
        for action in Action
        if life.status in _ways(action, life.kind)
        and (life.kind.of_title or action not in _SURRENDERS)
    )


def roles(action: Action) -> frozenset[Role]:
    """Return who may take an action."""
    return _STEPS[action].roles


def _ways(action: Action, kind: Kind) -> Mapping[Status, Status]:
    """Return where an action leads from; a sea waybill is voided without a surrender."""
    ways = _STEPS[action].ways
    if action is Action.VOID and not kind.of_title:
        return {**ways, Status.ISSUED: Status.VOIDED}
    return ways


def kind_of(*, type_code: str, to_order: bool, endorsee: bool) -> Kind:
    """Return the kind of a document by its DCSA marks: type code, isToOrder, endorsee named."""
    if type_code == "SWB":
        return Kind.SEA_WAYBILL
    if not to_order:
        return Kind.STRAIGHT
    return Kind.TO_ORDER if endorsee else Kind.BLANK
