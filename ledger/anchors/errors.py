"""What anchoring refuses (codes SG-404x)."""

from __future__ import annotations

from schemas.errors import LedgerError
from schemas.text import Text


class AnchorRefused(LedgerError):
    """An anchor record does not prove what it claims."""

    code = "SG-4040"
    title = Text("The anchor record is refused: {reason}.", "锚定记录被拒绝:{reason}。")
    hint = Text(
        "Fetch the record again from the gateway, or look the transaction up on the chain.",
        "请从网关重新获取记录,或在链上查询该交易。",
    )
    status = 422


class AnchorUnavailable(LedgerError):
    """The chain cannot be reached now; the log goes on, and the anchor follows later."""

    code = "SG-4041"
    title = Text("The chain {where} does not answer: {reason}.", "链 {where} 无响应:{reason}。")
    hint = Text(
        "Nothing is lost. Check the node; the anchor worker tries again by itself.",
        "没有任何丢失。请检查节点;锚定进程会自动重试。",
    )
    status = 503
    exit_code = 1


class WrongChain(LedgerError):
    """The node serves another chain than the one that is configured."""

    code = "SG-4042"
    title = Text(
        "The node serves chain {found}, not chain {expected}.",
        "节点所在链为 {found},而非 {expected}。",
    )
    hint = Text("Check the address of the node and `anchor.chain_id`.", "请检查节点地址与链 ID。")
    status = 503
    exit_code = 2


class NotAContract(LedgerError):
    """At the address there is no anchor contract of ours."""

    code = "SG-4043"
    title = Text("There is no usable anchor contract at {where}.", "{where} 处没有可用的锚定合约。")
    hint = Text(
        "Deploy one with the account that anchors: it must own the contract.",
        "请使用锚定账户部署合约:该账户必须是合约所有者。",
    )
    status = 503
    exit_code = 2


class BadChainKey(LedgerError):
    """The chain account's key cannot be used."""

    code = "SG-4044"
    title = Text(
        "The chain key {where} cannot be used: {reason}.", "链密钥 {where} 不可用:{reason}。"
    )
    hint = Text(
        "It is a secp256k1 key in PKCS#8 PEM, and never the key of the log.",
        "应为 PKCS#8 PEM 格式的 secp256k1 密钥,且不得为日志密钥。",
    )
    status = 503
    exit_code = 2


class SendRefused(LedgerError):
    """The node did not take a transaction."""

    code = "SG-4045"
    title = Text("The node refused the transaction: {reason}.", "节点拒绝了该交易:{reason}。")
    hint = Text("Check balance and fees of the chain account.", "请检查链账户的余额与费用。")
    status = 503
    exit_code = 1
