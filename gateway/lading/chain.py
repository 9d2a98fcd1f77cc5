"""What a transfer chain may say: who possesses the bill, step by step (PINT 3.0.0, Transaction).

The chain is read as a whole, from ISSUE on. Possession is with a platform; between platforms a
transaction that moves it names the next, and inside one platform moves need not be recorded. So
an actor has to be on the platform that has possession, and not to be a particular party.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Any, Final

from gateway.lading.refusals import EnvelopeRefused
from schemas.text import Text

Json = dict[str, Any]

_ALIASES: Final = {"ESSD": "IDT"}
"""Deprecated platform codes and what they are called now."""


class Action(StrEnum):
    """The action codes of a transaction."""

    ISSUE = "ISSUE"
    TRANSFER = "TRANSFER"
    ENDORSE = "ENDORSE"
    ENDORSE_TO_ORDER = "ENDORSE_TO_ORDER"
    BLANK_ENDORSE = "BLANK_ENDORSE"
    SIGN = "SIGN"
    SURRENDER_FOR_DELIVERY = "SURRENDER_FOR_DELIVERY"
    SURRENDER_FOR_AMENDMENT = "SURRENDER_FOR_AMENDMENT"
    SACC = "SACC"
    SREJ = "SREJ"


SURRENDERS: Final = frozenset({Action.SURRENDER_FOR_DELIVERY, Action.SURRENDER_FOR_AMENDMENT})
ENDORSEMENTS: Final = frozenset({Action.ENDORSE, Action.ENDORSE_TO_ORDER, Action.BLANK_ENDORSE})
_ANSWERS: Final = frozenset({Action.SACC, Action.SREJ})
_WITHOUT_RECIPIENT: Final = frozenset({Action.SIGN, Action.BLANK_ENDORSE})
NOTICES: Final = frozenset({Action.ENDORSE, Action.ENDORSE_TO_ORDER, Action.SACC})
"""What crosses to another platform as a notice only: possession stays where it is."""


@dataclass(frozen=True, slots=True)
class Control:
    """Where a bill is according to its chain.

    `platform` has possession, `surrendered_by` while a surrender waits for the carrier's answer,
    `ended` after SACC. `title_holder` is the party last endorsed to, None once blank.
    """

    platform: str
    possessor: Json
    title_holder: Json | None
    issuer: Json
    negotiable: bool
    surrendered_by: str = ""
    surrendered: Json | None = None
    may_endorse: bool = True
    ended: bool = False


def platform_code(code: object) -> str:
    """Return a platform's code as it is called today."""
    return _ALIASES.get(str(code), str(code))


def action_of(transaction: Json) -> Action:
    """Return the action of a transaction; raises EnvelopeRefused for a code that is none."""
    try:
        return Action(transaction["actionCode"])
    except ValueError:
        code = str(transaction["actionCode"])[:50]
        raise _refused(f"{code} is no action code", f"{code} 不是操作代码") from None


def same_party(one: Json | None, other: Json | None) -> bool:
    """Tell whether two parties share a platform and one identifying code."""
    if one is None or other is None:
        return False
    if platform_code(one.get("eblPlatform")) != platform_code(other.get("eblPlatform")):
        return False
    return bool(codes_of(one) & codes_of(other))


def codes_of(party: Json) -> set[tuple[str, str]]:
    """Return the identifying codes of a party as pairs of provider and code."""
    return {
        (str(each["codeListProvider"]), str(each["partyCode"]))
        for each in party.get("identifyingCodes") or ()
    }


def follow(transactions: Sequence[tuple[str, Json]], document: Json) -> Control:
    """Return who controls the bill after all transactions, each with its entry's platform.

    Raises EnvelopeRefused for the first that nobody in its place could have made.
    """
    (platform, first), *rest = transactions
    control = _issued(platform, first, document)
    for platform, transaction in rest:
        control = step(control, platform, transaction)
    return control


def step(control: Control, platform: str, transaction: Json) -> Control:
    """Return the control after one more transaction; raises EnvelopeRefused."""
    action = action_of(transaction)
    _check_place(control, action, platform, transaction)
    recipient = transaction.get("recipient")
    if action in _WITHOUT_RECIPIENT:
        return _marked(control, action)
    if recipient is None:
        raise _refused(f"{action} names no recipient", f"{action} 未指明接收方")
    if action in ENDORSEMENTS:
        lasting = action is Action.ENDORSE_TO_ORDER
        return replace(control, title_holder=recipient, may_endorse=lasting)
    if action is Action.SACC:
        return replace(control, ended=True)
    there = platform_code(recipient["eblPlatform"])
    moved = replace(control, platform=there, possessor=recipient)
    if action in SURRENDERS:
        return replace(moved, surrendered_by=control.platform, surrendered=transaction)
    if action is Action.SREJ:
        return replace(moved, surrendered_by="", surrendered=None)
    return moved


def entitled(control: Control, actor: Json) -> bool:
    """Tell whether a party on the platform is the one that may endorse: title holder, or bearer."""
    holder = control.title_holder
    if holder is None:
        return True
    return same_party(actor, {"eblPlatform": actor["eblPlatform"], **holder})


def claims(control: Control, document: Json, actor: Json) -> bool:
    """Tell whether a party may ask for the goods, or for another document in their place.

    Of a straight bill shipper and consignee may, of one to order the title holder, of a blank one
    whoever possesses it. Parties of the document are on no platform: their codes count.
    """
    if control.negotiable:
        return entitled(control, actor)
    parties = document.get("documentParties") or {}
    named = [parties.get("shipper"), parties.get("consignee")]
    return any(codes_of(each) & codes_of(actor) for each in named if each)


def _issued(platform: str, first: Json, document: Json) -> Control:
    if action_of(first) is not Action.ISSUE:
        raise _refused("the first transaction is not ISSUE", "首笔交易不是 ISSUE")
    recipient = first.get("recipient")
    if recipient is None:
        raise _refused("ISSUE names no recipient", "ISSUE 未指明接收方")
    _check_actor(first, platform)
    negotiable = bool(document.get("isToOrder"))
    parties = document.get("documentParties") or {}
    named = parties.get("endorsee") if negotiable else parties.get("consignee")
    return Control(
        platform=platform_code(recipient["eblPlatform"]),
        possessor=recipient,
        title_holder=named,
        issuer=first["actor"],
        negotiable=negotiable,
    )


def _check_place(control: Control, action: Action, platform: str, transaction: Json) -> None:
    """Refuse what cannot follow here: after the end, out of turn, or by whom it is not for."""
    if control.ended:
        raise _refused("nothing may follow SACC", "SACC 之后不得再有交易")
    if action is Action.ISSUE:
        raise _refused("ISSUE is there twice", "ISSUE 出现两次")
    _check_actor(transaction, platform)
    if platform_code(platform) != control.platform:
        raise _refused(
            f"{action} by {platform}, but {control.platform} has possession",
            f"{action} 由 {platform} 发起,但提单由 {control.platform} 持有",
        )
    if (action in _ANSWERS) is not bool(control.surrendered_by):
        raise _refused(f"{action} is out of order", f"{action} 顺序有误")
    if action in ENDORSEMENTS and not (control.negotiable and control.may_endorse):
        raise _refused(f"{action}: this bill cannot be endorsed", f"{action}:该提单不可背书")


def _check_actor(transaction: Json, platform: str) -> None:
    actor = transaction["actor"]["eblPlatform"]
    if platform_code(actor) != platform_code(platform):
        raise _refused(
            f"an actor on {actor} in an entry of {platform}",
            f"{platform} 的记录中操作方属于 {actor}",
        )


def _marked(control: Control, action: Action) -> Control:
    if action is Action.BLANK_ENDORSE:
        return replace(control, title_holder=None, may_endorse=True)
    return control


def _refused(en: str, zh: str) -> EnvelopeRefused:
    return EnvelopeRefused(Text(en, zh))
