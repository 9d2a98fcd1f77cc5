"""What authorities, responders and partners did not give: time, revocation, receipts."""

from __future__ import annotations

from schemas.errors import EvidenceError
from schemas.text import Text


class ClockNotTrusted(EvidenceError):
    """The time-stamp authority does not issue while its clock is in doubt."""

    code = "SG-3501"
    title = Text("The clock is not trustworthy: {reason}", "时钟不可信:{reason}")
    hint = Text(
        "Synchronise the clock (NTP) and restart the authority.",
        "请同步时钟(NTP)后重启时间戳服务。",
    )
    status = 503
    exit_code = 1


class StampRefused(EvidenceError):
    """The authority gave no time-stamp for this request."""

    code = "SG-3502"
    title = Text("No time-stamp was given: {reason}", "未签发时间戳:{reason}")
    hint = Text(
        "Send a SHA-256, SHA-384 or SHA-512 digest.", "请提交 SHA-256、SHA-384 或 SHA-512 摘要。"
    )


class NoRevocationData(EvidenceError):
    """A signature cannot be made to last: nobody says whether a certificate is revoked."""

    code = "SG-3503"
    title = Text(
        "Whether “{where}” is revoked cannot be found out.", "无法查明证书“{where}”是否被吊销。"
    )
    hint = Text(
        "Put its issuer's revocation list (*.crl) into the trust folder, or allow the address of"
        " its list or OCSP responder (revocation_hosts).",
        "请将其签发者的吊销列表(*.crl)放入信任目录,"
        "或在 revocation_hosts 中允许其列表或 OCSP 地址。",
    )


class SourceUnreachable(EvidenceError):
    """A responder or list cannot be had from where the certificate says."""

    code = "SG-3504"
    title = Text("No revocation data from {where}.", "无法从 {where} 获取吊销信息。")
    hint = Text("Check the address and the network.", "请检查地址与网络。")
    status = 502


class ReceiptRefused(EvidenceError):
    """A delivery receipt does not prove what it should."""

    code = "SG-3601"
    title = Text("The receipt is refused: {reason}", "回执被拒绝:{reason}")
    hint = Text(
        "Ask the recipient for a receipt of this delivery.", "请向接收方索取本次投递的回执。"
    )


class HttpSignatureRefused(EvidenceError):
    """The signature of an HTTP message does not hold, or does not say what is expected."""

    code = "SG-3901"
    title = Text("{where} of the HTTP message: {reason}", "HTTP 消息的 {where}:{reason}")
    hint = Text(
        "Take nothing from the message; check the keys, the clock and the address it was sent to.",
        "请勿采信该消息;请检查密钥、时钟及其发送地址。",
    )
    status = 401
    exit_code = 3
