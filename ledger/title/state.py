"""The state of one title, and the terms it was issued under."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """How a bill passes on: by the rules of an escrow alone, by endorsement, by name, by hand.

    DCSA: `isToOrder` with an endorsee (to-order), with none (blank), without (straight).
    """

    ESCROW = "escrow"
    TO_ORDER = "to-order"
    STRAIGHT = "straight"
    BLANK = "blank"


class Location(StrEnum):
    """Where the title lies: with its holders, returned to the issuer, or nowhere any more."""

    ESCROW = "escrow"
    ISSUER = "issuer"
    ENDED = "ended"


@dataclass(frozen=True, slots=True, kw_only=True)
class Roles:
    """Who issues, gives back, accepts surrender, and halts; party ids."""

    minter: str
    restorer: str
    accepter: str
    pauser: str

    @classmethod
    def of(cls, issuer: str) -> Roles:
        """Give all roles to the issuer."""
        return cls(minter=issuer, restorer=issuer, accepter=issuer, pauser=issuer)


@dataclass(frozen=True, slots=True, kw_only=True)
class Terms:
    """What is fixed at issue: roles, and the parties a straight bill names."""

    roles: Roles
    shipper: str | None = None
    consignee: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class State:
    """One title at one moment; party ids, None for nobody.

    `beneficiary` is the title holder, `holder` has possession, `nominee` may become title holder.
    `previous_*` are set while the last transfer can still be rejected. `content` is the hex
    SHA-256 of the document in force, `paper` the serial of the paper that replaced the title.
    """

    terms: Terms
    kind: Kind
    beneficiary: str | None
    holder: str | None
    nominee: str | None = None
    previous_beneficiary: str | None = None
    previous_holder: str | None = None
    location: Location = Location.ESCROW
    paused: bool = False
    content: str = ""
    paper: str = ""

    @property
    def active(self) -> bool:
        """Tell whether the title has not ended."""
        return self.location is not Location.ENDED

    def as_dict(self) -> dict[str, object]:
        """Return the holding as the command line prints it."""
        return {
            "beneficiary": self.beneficiary,
            "holder": self.holder,
            "nominee": self.nominee,
            "prevBeneficiary": self.previous_beneficiary,
            "prevHolder": self.previous_holder,
            "location": self.location.value,
            "active": self.active,
        }
