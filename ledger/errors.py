"""What the ledger refuses, and what to do about it (codes SG-4xxx).

LedgerError                  SG-4000
├── NotInTree                SG-4001  an index or size beyond the tree
├── NotADigest               SG-4002  an entry that is not 32 bytes
├── LogMoved                 SG-4003  another writer appended first
├── LogDamaged               SG-4004  stored tiles, index and checkpoint disagree
├── SplitView                SG-4005  two histories of one log
├── LogBusy                  SG-4006  another process holds the log
├── NoLog, LogExists         SG-4007, SG-4008
├── NotFoundInLog            SG-4009  a digest that was never appended
├── SightingDamaged          SG-4010  a monitor's memory that cannot be believed
├── BadVerifierKey           SG-4020  a key that cannot be read
├── NoteRefused              SG-4021  a note that is malformed or not signed as it must be
├── ProofRefused             SG-4022  a proof that does not prove
├── BadPolicy                SG-4023  a witness policy that cannot be read
├── WitnessRefused           SG-4024  a witness did not cosign
└── DisclosureRefused        SG-4030  fields that do not belong to the commitment
"""

from __future__ import annotations

from schemas.errors import LedgerError
from schemas.text import Text


class NotInTree(LedgerError):
    """The index or size asked for lies beyond the tree."""

    code = "SG-4001"
    title = Text(
        "{asked} lies beyond the tree of {size} leaves.", "{asked} 超出了含 {size} 个叶子的树。"
    )
    hint = Text("Ask for an index below the size.", "请使用小于树大小的序号。")
    status = 404
    exit_code = 4


class NotADigest(LedgerError):
    """An entry of the log is the 32 bytes of a SHA-256 digest, and nothing else."""

    code = "SG-4002"
    title = Text("An entry has {length} bytes, not 32.", "条目长度为 {length} 字节,应为 32 字节。")
    hint = Text("Append the SHA-256 of the signed document.", "请追加已签名文件的 SHA-256 摘要。")
    status = 422


class LogMoved(LedgerError):
    """The log no longer has the size the writer started from; nothing was written."""

    code = "SG-4003"
    title = Text(
        "The log has {found} leaves, the writer expected {expected}.",
        "日志含 {found} 个叶子,写入方预期为 {expected}。",
    )
    hint = Text("Read the head again and repeat the append.", "请重新读取日志头后再次追加。")
    exit_code = 1


class LogDamaged(LedgerError):
    """What is stored does not agree with itself."""

    code = "SG-4004"
    title = Text("The log is damaged at {where}: {what}.", "日志在 {where} 处损坏:{what}。")
    hint = Text(
        "Stop the writer, run `silkgate log fsck`, restore from a copy.",
        "请停止写入,运行 `silkgate log fsck`,并从备份恢复。",
    )
    status = 500


class SplitView(LedgerError):
    """A checkpoint is smaller than, or does not extend, the one signed before."""

    code = "SG-4005"
    title = Text(
        "A tree of {new} leaves does not extend the signed tree of {old} leaves.",
        "含 {new} 个叶子的树不是已签名的 {old} 个叶子的树的延伸。",
    )
    hint = Text(
        "Nothing was signed. Keep both checkpoints as evidence and find out who changed the log.",
        "未签署任何内容。请保留两份检查点作为证据,并查明是谁更改了日志。",
    )


class LogBusy(LedgerError):
    """Another process is the log's one writer."""

    code = "SG-4006"
    title = Text("Another process writes the log {where}.", "另一进程正在写入日志 {where}。")
    hint = Text("Wait for it, or stop it.", "请等待其完成或将其停止。")
    status = 503
    exit_code = 1


class NoLog(LedgerError):
    """There is no log in the folder."""

    code = "SG-4007"
    title = Text("There is no log in {where}.", "{where} 中没有日志。")
    hint = Text("Run `silkgate log init`.", "请运行 `silkgate log init`。")
    status = 404
    exit_code = 4


class LogExists(LedgerError):
    """The folder contains a log already; it is never overwritten."""

    code = "SG-4008"
    title = Text("{where} contains a log already.", "{where} 中已有日志。")
    hint = Text("Choose an empty folder.", "请选择空文件夹。")
    exit_code = 2


class NotFoundInLog(LedgerError):
    """The digest was never appended."""

    code = "SG-4009"
    title = Text("The log does not contain {digest}.", "日志中没有 {digest}。")
    hint = Text(
        "Check that the document is byte for byte the one that was logged.",
        "请确认该文件与已登记的文件逐字节一致。",
    )
    status = 404
    exit_code = 4


class SightingDamaged(LedgerError):
    """What a monitor wrote down of a log is not what the log's key signed."""

    code = "SG-4010"
    title = Text(
        "The monitor's file {where} cannot be used: {reason}.", "监视文件 {where} 不可用:{reason}。"
    )
    hint = Text(
        "Give the key of the log it was written for, restore it from a copy, or move it away to "
        "begin anew; what was seen before is then forgotten.",
        "请使用对应日志的密钥、从备份恢复,或移走该文件重新开始(此前所见将不再比对)。",
    )
    exit_code = 2


class BadVerifierKey(LedgerError):
    """A verifier key cannot be read."""

    code = "SG-4020"
    title = Text("{found} is not a verifier key: {reason}.", "{found} 不是验证密钥:{reason}。")
    hint = Text(
        "Ask the log's operator for its key again: NAME+ID+KEY on one line.",
        "请向日志运营方重新索取密钥:一行 NAME+ID+KEY。",
    )
    status = 422


class NoteRefused(LedgerError):
    """A signed note is malformed, or not signed as it must be."""

    code = "SG-4021"
    title = Text("The signed note is refused: {reason}.", "签名记录被拒绝:{reason}。")
    hint = Text(
        "Do not trust it; fetch it again from the log and compare the verifier keys.",
        "请勿信任;请从日志重新获取并核对验证密钥。",
    )
    status = 422


class ProofRefused(LedgerError):
    """A proof does not prove what it claims."""

    code = "SG-4022"
    title = Text("The proof is refused: {reason}.", "证明被拒绝:{reason}。")
    hint = Text(
        "The document, the proof or the key does not belong to the others.",
        "文件、证明与密钥之间不匹配。",
    )
    status = 422


class DisclosureRefused(LedgerError):
    """Disclosed fields do not belong to the commitment."""

    code = "SG-4030"
    title = Text("The disclosure is refused: {reason}.", "披露被拒绝:{reason}。")
    hint = Text("Ask for the disclosure again.", "请重新索取披露内容。")
    status = 422


class BadPolicy(LedgerError):
    """A witness policy cannot be read."""

    code = "SG-4023"
    title = Text("The policy is wrong at {where}: {reason}.", "策略在 {where} 处有误:{reason}。")
    hint = Text(
        "Write lines `log`, `witness`, `group` and one `quorum`.",
        "请使用 `log`、`witness`、`group` 行以及一行 `quorum`。",
    )
    status = 422
    exit_code = 2


class WitnessRefused(LedgerError):
    """A witness did not cosign."""

    code = "SG-4024"
    title = Text(
        "The witness {witness} answered {answer} instead of a cosignature.",
        "见证方 {witness} 返回 {answer},未予联署。",
    )
    hint = Text(
        "409: send the proof from its size {size}. 422: compare both histories at once.",
        "409:请从其大小 {size} 起发送证明。422:请立即比对两份历史。",
    )
    status = 502
