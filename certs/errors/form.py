"""What cannot be read: ASN.1, certificates, containers, XML, diagnostic data."""

from __future__ import annotations

from schemas.errors import EvidenceError
from schemas.text import Text


class MalformedDer(EvidenceError):
    """The bytes are not the DER that was expected."""

    code = "SG-3101"
    title = Text("The ASN.1 structure is malformed: {reason}", "ASN.1 结构格式错误:{reason}")
    hint = Text("Ask the sender for an undamaged file.", "请向发送方索取完好的文件。")


class UnsupportedAlgorithm(EvidenceError):
    """An algorithm is not on the allow-list, or does not fit the key."""

    code = "SG-3102"
    title = Text("The algorithm {algorithm} is not allowed.", "不允许使用算法 {algorithm}。")
    hint = Text(
        "Use ECDSA, Ed25519 or RSA with SHA-256 or longer.",
        "请使用 ECDSA、Ed25519 或 RSA 配合 SHA-256 或更长的摘要。",
    )


class MalformedCertificate(EvidenceError):
    """The bytes are not an X.509 certificate or revocation list."""

    code = "SG-3103"
    title = Text("The certificate cannot be read: {reason}", "无法读取证书:{reason}")
    hint = Text("Give the certificate as PEM or DER.", "请提供 PEM 或 DER 格式的证书。")


class NotCanonical(EvidenceError):
    """The XML has no canonical form, so nobody can sign it."""

    code = "SG-3302"
    title = Text("The XML has no canonical form: {reason}", "该 XML 没有规范形式:{reason}")
    hint = Text("Use absolute namespace names.", "请使用绝对的命名空间名称。")


class TooCostly(EvidenceError):
    """Verifying would cost more than the size of the file justifies."""

    code = "SG-3306"
    title = Text("Verifying this costs too much: {reason}", "验证此文件的代价过高:{reason}")
    hint = Text(
        "Ask the sender for a file that signs each part once.",
        "请发送方提供每个部分只签署一次的文件。",
    )


class ContainerRefused(EvidenceError):
    """The container breaks a rule that protects its reader."""

    code = "SG-3401"
    title = Text("The container is refused: {reason}", "容器被拒绝:{reason}")
    hint = Text("Ask the sender to build the container anew.", "请发送方重新生成容器。")


class MalformedDiagnosis(EvidenceError):
    """The XML is not a diagnostic-data document."""

    code = "SG-3701"
    title = Text("The diagnostic data cannot be read: {reason}", "无法读取诊断数据:{reason}")
    hint = Text(
        "Give a DiagnosticData document as a validator writes it.",
        "请提供验证程序输出的 DiagnosticData 文件。",
    )


class MalformedPolicy(EvidenceError):
    """The XML is not a validation policy."""

    code = "SG-3702"
    title = Text("The policy cannot be read: {reason}", "无法读取验证策略:{reason}")
    hint = Text(
        "Give a ConstraintsParameters document, or leave --policy out.",
        "请提供 ConstraintsParameters 文件,或不使用 --policy。",
    )
    exit_code = 2
