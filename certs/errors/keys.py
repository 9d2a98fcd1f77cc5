"""What is wrong with keys, with their secrets, and with what is encrypted to them."""

from __future__ import annotations

from schemas.errors import EvidenceError, SettingsError
from schemas.text import Text


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
