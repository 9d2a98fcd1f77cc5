"""What goes wrong in the certs room (SG-3xxx); verdicts about signatures are not errors."""

from __future__ import annotations

from schemas.errors import EvidenceError, SettingsError
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


class KeyNotFound(EvidenceError):
    """The key store has no such key."""

    code = "SG-3201"
    title = Text("There is no key {ref!r} in {where}.", "{where} 中没有密钥 {ref!r}。")
    hint = Text(
        "Run `silkgate keys list`, or make keys with `silkgate keys init`.",
        "请运行 `silkgate keys list` 查看,或用 `silkgate keys init` 生成密钥。",
    )
    status = 404
    exit_code = 4


class SecretMissing(SettingsError):
    """The secret that opens the keys is not where its reference says."""

    code = "SG-3202"
    title = Text("The secret {ref!r} is not set.", "未设置密钥口令 {ref!r}。")
    hint = Text(
        "Set the environment variable or the file that the reference names.",
        "请设置该引用所指的环境变量或文件。",
    )


class KeyUnreadable(EvidenceError):
    """A key file is damaged, encrypted with another secret, or does not fit its certificate."""

    code = "SG-3203"
    title = Text("The key {ref!r} cannot be opened: {reason}", "无法打开密钥 {ref!r}:{reason}")
    hint = Text("Check the secret and the file.", "请检查口令与文件。")


class KeyExists(EvidenceError):
    """A key of this name is there already and is not overwritten."""

    code = "SG-3204"
    title = Text("{where} holds a key {ref!r} already.", "{where} 中已有密钥 {ref!r}。")
    hint = Text(
        "Choose another folder or name; keys are never overwritten.",
        "请选择其他目录或名称;密钥不会被覆盖。",
    )
    status = 409


class NoLibcrypto(SettingsError):
    """SM2 signing needs libcrypto 3, and there is none with SM2 on this system."""

    code = "SG-3205"
    title = Text(
        "There is no libcrypto 3 with SM2 on this system.", "本系统没有支持 SM2 的 libcrypto 3。"
    )
    hint = Text(
        "Install OpenSSL 3, or name its libcrypto in {setting}. Verifying needs neither.",
        "请安装 OpenSSL 3,或在 {setting} 中指定其 libcrypto。验证签名不需要它。",
    )


class MalformedKey(EvidenceError):
    """The bytes are not a public key (JWK) that signs with an algorithm of ours."""

    code = "SG-3211"
    title = Text("{where} is no public key: {reason}", "{where} 不是公钥:{reason}")
    hint = Text(
        "Give JSON Web Keys: RSA of 2,048 bits or more, P-256 or Ed25519, without private parts.",
        "请提供 JSON Web Key:2048 位以上的 RSA、P-256 或 Ed25519,且不含私钥部分。",
    )


class NoEncryptionKey(EvidenceError):
    """A certificate is not one that something can be encrypted to."""

    code = "SG-3206"
    title = Text("Nothing can be encrypted to “{name}”: {reason}", "无法向“{name}”加密:{reason}")
    hint = Text(
        "Give a certificate with an RSA key for keyEncipherment, or an EC key for keyAgreement.",
        "请提供用于密钥加密的 RSA 证书,或用于密钥协商的椭圆曲线证书。",
    )


class NotDecrypted(EvidenceError):
    """What was encrypted does not open; why is not told, so that nobody can ask for hints."""

    code = "SG-3207"
    title = Text("The file cannot be decrypted with this key.", "无法使用该密钥解密此文件。")
    hint = Text(
        "Check that it was encrypted to this key, and that it arrived whole.",
        "请确认文件确为该密钥加密且传输完整。",
    )


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


class NotCanonical(EvidenceError):
    """The XML has no canonical form, so nobody can sign it."""

    code = "SG-3302"
    title = Text("The XML has no canonical form: {reason}", "该 XML 没有规范形式:{reason}")
    hint = Text("Use absolute namespace names.", "请使用绝对的命名空间名称。")


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


class SealChanged(EvidenceError):
    """An electronic seal is not as its maker signed it."""

    code = "SG-3307"
    title = Text("The seal {where} is not in order: {reason}", "印章 {where} 不正确:{reason}")
    hint = Text("Ask its maker for the seal again.", "请向制章人重新索取印章。")


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


class BadTrustList(EvidenceError):
    """A list of trusted services, or what belongs to it, is not to be relied upon."""

    code = "SG-3801"
    title = Text("The trust list {where} is refused: {reason}", "信任列表 {where} 被拒绝:{reason}")
    hint = Text(
        "Get the list anew from its operator, and pin its signer in domains/signers.",
        "请向列表运营方重新获取,并将其签名证书放入 domains/signers。",
    )


class RolledBack(BadTrustList):
    """A list is older than one that was seen before."""

    code = "SG-3802"
    title = Text(
        "The trust list {where} has number {found}, and number {expected} was seen before.",
        "信任列表 {where} 的序号为 {found},而此前已见过序号 {expected}。",
    )
    hint = Text(
        "Somebody may be hiding a change; ask the operator of the list for the newest one.",
        "可能有人在隐瞒变更;请向列表运营方索取最新版本。",
    )


class MandateRefused(EvidenceError):
    """A power of attorney does not say what it should."""

    code = "SG-3803"
    title = Text("The mandate is refused: {reason}", "授权书被拒绝:{reason}")
    hint = Text(
        "Ask the organisation for a mandate with agent, scope and dates.",
        "请向该机构索取载明受托人、范围与期限的授权书。",
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


class NotAttested(EvidenceError):
    """A file whose signatures did not all pass is not vouched for."""

    code = "SG-3804"
    title = Text(
        "{where} did not pass verification, and is not attested.", "{where} 未通过验证,不予证明。"
    )
    hint = Text(
        "Run `silkgate verify` to see what is wrong with it.", "请运行 `silkgate verify` 查看原因。"
    )


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


class BadIdentities(EvidenceError):
    """A file of recorded DNS and did:web answers cannot be read."""

    code = "SG-3805"
    title = Text(
        "The recorded answers in {where} cannot be read: {reason}",
        "无法读取 {where} 中记录的应答:{reason}",
    )
    hint = Text(
        'Write {{"dns": {{name: [records]}}, "didweb": {{did: document}}}}.',
        '格式为 {{"dns": {{名称: [记录]}}, "didweb": {{did: 文档}}}}。',
    )
    exit_code = 2


class BadContexts(EvidenceError):
    """A folder of JSON-LD contexts cannot be used."""

    code = "SG-3807"
    title = Text("The context {where} cannot be used: {reason}", "无法使用上下文 {where}:{reason}")
    hint = Text(
        'List each in contexts.toml: ["https://..."] with file and sha256 (`sha256sum FILE`).',
        '请在 contexts.toml 中逐项列出:["https://..."],并给出 file 与 sha256(`sha256sum FILE`)。',
    )
    exit_code = 2


class RecordRefused(EvidenceError):
    """A record cannot be made, read or derived as asked."""

    code = "SG-3806"
    title = Text("The record is refused: {reason}", "记录被拒绝:{reason}")
    hint = Text(
        "Mend the document or its proof as the reason says.", "请按所述原因更正单证或其证明。"
    )
