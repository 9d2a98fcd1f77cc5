"""What is wrong with records of title and what they name."""

from __future__ import annotations

from schemas.errors import EvidenceError
from schemas.text import Text


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
