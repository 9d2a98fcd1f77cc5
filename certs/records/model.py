"""What checking a record says: three separate answers, none of them about the present holder."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum

from certs.records.pending import Pending
from schemas.text import Text


class Integrity(StrEnum):
    """Whether every statement of the record is as its issuer made it."""

    VALID = "VALID"
    INVALID = "INVALID"


class Identity(StrEnum):
    """Whether the issuer is who the record says; UNKNOWN when nobody could be asked."""

    VALID = "VALID"
    INVALID = "INVALID"
    UNKNOWN = "UNKNOWN"


class Transferability(StrEnum):
    """What a record says of its own title.

    TOKEN: a register keeps it. NONE: the record is complete and carries no title. STRIPPED: what
    would tell is not in what was shown.
    """

    TOKEN = "token"  # noqa: S105 - a token of a register, no secret
    NONE = "none"
    STRIPPED = "stripped"


@dataclass(frozen=True, slots=True)
class Token:
    """Where a register keeps the title: chain id (0 = not said), registry, token id (32 bytes)."""

    chain_id: int
    registry: str
    token_id: bytes

    def as_dict(self) -> dict[str, object]:
        """Return plain JSON values."""
        return {
            "chain_id": self.chain_id or None,
            "registry": self.registry,
            "token_id": "0x" + self.token_id.hex(),
        }


@dataclass(frozen=True, slots=True)
class Claim:
    """What a record says of its title.

    `controlled` is whether the issuer is shown to control the register (None: not shown, though
    not refuted).
    """

    transferability: Transferability = Transferability.STRIPPED
    token: Token | None = None
    controlled: bool | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """One answer with its reason."""

    verdict: Integrity | Identity
    why: Text


class Broken(Exception):
    """A record is not intact, or cannot be shown to be; carries the reason for people."""

    def __init__(self, en: str, zh: str) -> None:
        """Remember the reason."""
        self.why = Text(en, zh)
        super().__init__(en)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """The answers about one record.

    `issuer` is what identifies the issuer (a domain, a DID); `pending` are the statuses that
    others keep; `data` is what the record says, without salts and proofs.
    """

    form: str
    integrity: Integrity
    integrity_why: Text
    identity: Identity
    identity_why: Text
    issuer: str = ""
    issuer_name: str = ""
    claim: Claim = Claim()
    valid_from: str = ""
    valid_until: str = ""
    pending: tuple[Pending, ...] = ()
    data: object = None


def time(text: str) -> datetime | None:
    """Return a time of a credential (RFC 3339; UTC where no zone is given), None for none."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def in_force(checked: Checked, at: datetime) -> bool:
    """Tell whether a credential is in force at a moment, or says nothing of time."""
    begins, ends = time(checked.valid_from), time(checked.valid_until)
    return (begins is None or begins <= at) and (ends is None or at <= ends)
