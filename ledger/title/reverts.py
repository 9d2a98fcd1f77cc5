"""What contracts say when they revert: a reason in words, or an error of their ABI by selector."""

from __future__ import annotations

from functools import cache
from typing import Final

from ledger.anchors.calls import selector
from ledger.title import abi
from ledger.title.errors import BadAnswer

_ERRORS: Final = (
    "AccessControlUnauthorizedAccount(address,bytes32)",
    "CallerNotBeneficiary()",
    "CallerNotHolder()",
    "DualRoleRejectionRequired()",
    "EnforcedPause()",
    "ExpectedPause()",
    "InactiveTitleEscrow()",
    "InvalidNominee()",
    "InvalidTokenId()",
    "InvalidTokenTransferToZeroAddressOwners(address,address)",
    "InvalidTransferToZeroAddress()",
    "NomineeAlreadyNominated()",
    "RecipientAlreadyHolder()",
    "RegistryContractPaused()",
    "RemarkLengthExceeded()",
    "TargetNomineeAlreadyBeneficiary()",
    "TitleEscrowNotHoldingToken()",
    "TokenExists()",
    "TokenNotReturnedToIssuer()",
    "TokenNotSurrendered()",
)
_WORDS: Final = "Error(string)"
_UNSAID: Final = "no reason given"


def reason(data: bytes) -> str:
    """Return what revert data says, for people."""
    if data[:4] == selector(_WORDS):
        try:
            return abi.tail(data[4:], 0).decode(errors="replace")[:200]
        except BadAnswer:
            return _UNSAID
    return _named().get(data[:4], data[:4].hex() or _UNSAID)


@cache
def _named() -> dict[bytes, str]:
    return {selector(each): each.partition("(")[0] for each in _ERRORS}
