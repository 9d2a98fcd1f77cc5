"""What cannot be signed, joined or made to last."""

from __future__ import annotations

from schemas.errors import EvidenceError, SettingsError
from schemas.text import Text


class AlreadySigned(EvidenceError):
    """The document carries a signature; a second enveloped one would break it."""

    code = "SG-3301"
    title = Text("The document is signed already.", "该文件已签名。")
    hint = Text(
        "Sign the original, or put the signed file into a container.",
        "请对原始文件签名,或将已签名文件放入容器。",
    )
    status = 409


class NotExtendable(EvidenceError):
    """A signature cannot be made to last longer."""

    code = "SG-3305"
    title = Text(
        "The signature cannot be made to last longer: {reason}", "无法延长签名的有效期:{reason}"
    )
    hint = Text(
        "Only a good signature with a time-stamp is renewed; verify it first.",
        "仅可续期完好且带时间戳的签名;请先验证。",
    )
    status = 409


class NotJoined(EvidenceError):
    """A signature that another one is to join is over something else, or cannot be joined."""

    code = "SG-3308"
    title = Text("The signature cannot be joined: {reason}", "无法与该签名并列签署:{reason}")
    hint = Text("Give the signature over the very same files.", "请提供针对完全相同文件的签名。")
    status = 409


class NoPdfSupport(SettingsError):
    """Signatures in PDF files need the extra `pdf`, which is not installed."""

    code = "SG-3303"
    title = Text("Signatures in PDF files need the extra `pdf`.", "PDF 签名需要安装扩展 `pdf`。")
    hint = Text("Run: pip install 'silkgate[pdf]'", "请运行:pip install 'silkgate[pdf]'")


class PdfRefused(EvidenceError):
    """A PDF file cannot be signed as it is."""

    code = "SG-3304"
    title = Text("The PDF cannot be signed: {reason}", "无法签署该 PDF:{reason}")
    hint = Text(
        "Save the PDF anew, without encryption, and sign that.", "请另存为未加密的 PDF 后再签署。"
    )


class SealChanged(EvidenceError):
    """An electronic seal is not as its maker signed it."""

    code = "SG-3307"
    title = Text("The seal {where} is not in order: {reason}", "印章 {where} 不正确:{reason}")
    hint = Text("Ask its maker for the seal again.", "请向制章人重新索取印章。")
