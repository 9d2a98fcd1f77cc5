"""What goes wrong between carriers and title platforms (SG-56xx).

LadingError                SG-5600
├── MessageInvalid         SG-5601  a message has not the shape DCSA gives it          400
├── SignatureRefused       SG-5602  answered BSIG, signed                              422
├── EnvelopeRefused        SG-5603  answered BENV, signed                              422
├── TransferDisputed       SG-5604  answered DISE, signed                              409
├── UnknownThing           SG-5605  no such bill, envelope, request or party           404
├── NotNow                 SG-5606  the state does not allow it                        409
├── NotYours               SG-5607  another party may do this, the caller may not      403
├── PeerSilent             SG-5608  the other platform or the registry gives no answer 503
├── PeerRefused            SG-5609  the other party refused our message for good       502
└── NotMoved               SG-5610  the title register refuses; the title did not move 409
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from gateway.lading.shapes import Fault
from schemas.errors import ExchangeError
from schemas.text import Text

_TOLD: Final = 8
"""Faults that stand in the text of an error."""


class LadingError(ExchangeError):
    """Something about a bill of lading could not be done."""

    code = "SG-5600"
    title = Text("The bill of lading: {reason}", "提单:{reason}")
    hint = Text("See the history of the bill.", "请查看该提单的历史记录。")

    def __init__(self, reason: Text | None = None, *, where: str = "", **details: Any) -> None:  # noqa: ANN401
        """Remember why, in both languages."""
        self.reason = reason or Text("", "")
        super().__init__(where=where, **details)

    @property
    def message(self) -> Text:
        """What is wrong, each language with its own reason."""
        filled = self.title.format(where=self.where, **self.details)
        return Text(
            filled.en.replace("{reason}", self.reason.en),
            filled.zh.replace("{reason}", self.reason.zh),
        )


class MessageInvalid(LadingError):
    """A message has not the shape that DCSA gives it."""

    code = "SG-5601"
    title = Text("The message is not valid: {reason}", "报文无效:{reason}")
    hint = Text("Correct what is listed and send it again.", "请更正所列内容后重新发送。")
    status = 400

    def __init__(self, faults: Sequence[Fault], *, where: str = "") -> None:
        """Carry every fault that was found; the first few stand in the text."""
        self.faults = tuple(faults)
        told, left = faults[:_TOLD], len(faults) - _TOLD
        en = "; ".join(f"{each.path}: {each.wanted}" for each in told)
        zh = ";".join(f"{each.path}:{each.wanted}" for each in told)
        more = (f"; and {left} more", f";另有 {left} 处") if left > 0 else ("", "")
        super().__init__(Text(en + more[0], zh + more[1]), where=where)


class SignatureRefused(LadingError):
    """A signature of an envelope is wrong, or its signer is not known."""

    code = "SG-5602"
    title = Text("The signature is refused: {reason}", "签名被拒绝:{reason}")
    hint = Text("Sign again with a key the other side knows.", "请使用对方登记的密钥重新签名。")
    status = 422


class EnvelopeRefused(LadingError):
    """An envelope contradicts itself or may not be accepted here."""

    code = "SG-5603"
    title = Text("The envelope is refused: {reason}", "信封被拒绝:{reason}")
    hint = Text("The bill stays with the sender.", "提单仍由发送方持有。")
    status = 422


class TransferDisputed(LadingError):
    """Another transfer of the same head was accepted."""

    code = "SG-5604"
    title = Text("The transfer is disputed: {reason}", "转让存在争议:{reason}")
    hint = Text("Settle it with the other platform.", "请与对方平台协商解决。")


class NotMoved(TransferDisputed):
    """The title register refuses a step, and the title is where it was."""

    code = "SG-5610"
    title = Text("The title register refuses: {reason}", "凭证登记处拒绝:{reason}")
    hint = Text("The bill stays with who has it on the register.", "提单仍由登记处所示方持有。")


class UnknownThing(LadingError):
    """There is no such bill, envelope, request or party here."""

    code = "SG-5605"
    title = Text("There is no {what} {where}.", "没有 {what} {where}。")
    hint = Text("Check the reference.", "请检查编号。")
    status = 404
    exit_code = 4


class NotNow(LadingError):
    """The state of the bill or request does not allow it."""

    code = "SG-5606"
    title = Text("Not now: {reason}", "目前不可:{reason}")


class NotYours(LadingError):
    """Another party may do this, the caller may not."""

    code = "SG-5607"
    title = Text("Not for this party: {reason}", "该方无权操作:{reason}")
    status = 403
    exit_code = 2


class PeerSilent(LadingError):
    """The other platform or the control tracking registry gives no answer that counts."""

    code = "SG-5608"
    title = Text("No answer from {where}: {reason}", "{where} 无有效应答:{reason}")
    hint = Text("It is tried again; nothing is decided yet.", "将重试;目前尚无定论。")
    status = 503


class PeerRefused(LadingError):
    """The other party refused our message for good."""

    code = "SG-5609"
    title = Text("{where} refused the message: {reason}", "{where} 拒绝了报文:{reason}")
    hint = Text("Ask the other party what is wrong with it.", "请向对方了解原因。")
    status = 502
