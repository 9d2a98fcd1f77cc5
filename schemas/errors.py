"""The tree of errors that Silkgate raises; every room adds its own leaves.

    SilkgateError            SG-1000  anything of ours
    ├── InputError           SG-11xx  the bytes cannot be read (malformed, hostile, too large)
    ├── TranslationError     SG-2xxx  a value or document has no counterpart on the other side
    ├── EvidenceError        SG-3xxx  keys, signatures, time-stamps, certificates, containers
    ├── LedgerError          SG-4xxx  log, proofs, witnesses, anchors, title
    ├── ExchangeError        SG-5xxx  pipeline, store, delivery, clearance
    ├── AccessError          SG-6xxx  who may do what: keys, tenants, limits
    └── SettingsError        SG-9xxx  the gateway is not set up for what was asked

An error says what is wrong, where, what was found and expected, and what to do, in English and
Chinese. `status` is the HTTP status of its problem document (RFC 9457), `exit_code` the one of
the command line.
"""

from __future__ import annotations

from typing import ClassVar

from schemas.text import Text


class SilkgateError(Exception):
    """Base of our errors; subclasses set the class attributes, `details` fill the texts."""

    code: ClassVar[str] = "SG-1000"
    title: ClassVar[Text] = Text("Something went wrong.", "出现错误。")
    hint: ClassVar[Text] = Text("See the log of the gateway.", "请查看网关日志。")
    status: ClassVar[int] = 500
    exit_code: ClassVar[int] = 1

    def __init__(self, *, where: str = "", **details: object) -> None:
        """Remember the place (`where`: path, file or field) and the values for the texts."""
        self.where = where
        self.details = details
        super().__init__(self.message.en)

    @property
    def message(self) -> Text:
        """What is wrong, with its values filled in."""
        return self.title.format(where=self.where, **self.details)

    @property
    def advice(self) -> Text:
        """What to do about it, with its values filled in."""
        return self.hint.format(where=self.where, **self.details)

    def as_dict(self) -> dict[str, object]:
        """Return code, message, hint, place and details as plain JSON values."""
        return {
            "code": self.code,
            "message": self.message.as_dict(),
            "hint": self.advice.as_dict(),
            "where": self.where,
            "details": {
                name: value.en if isinstance(value, Text) else str(value)
                for name, value in self.details.items()
            },
        }


class InputError(SilkgateError):
    """The bytes received cannot be read as a document."""

    code = "SG-1100"
    title = Text("The document cannot be read.", "无法读取该文件。")
    hint = Text("Send a well-formed document.", "请提交格式正确的文件。")
    status = 422
    exit_code = 3


class TranslationError(SilkgateError):
    """A document or value cannot be brought into the other format."""

    code = "SG-2000"
    title = Text("The document cannot be translated.", "无法转换该文件。")
    hint = Text("See the findings and the loss report.", "请查看检查结果与转换损失报告。")
    status = 422
    exit_code = 3


class EvidenceError(SilkgateError):
    """A key, signature, time-stamp, certificate or container is not in order."""

    code = "SG-3000"
    title = Text("The evidence is not in order.", "证据不符合要求。")
    hint = Text("Ask the signer for a valid signature.", "请向签署方索取有效签名。")
    status = 422
    exit_code = 3


class LedgerError(SilkgateError):
    """A log, proof, witness or anchor is not in order."""

    code = "SG-4000"
    title = Text("The ledger refused.", "账本拒绝了该请求。")
    hint = Text("Run `silkgate log fsck`.", "请运行 `silkgate log fsck`。")
    status = 409
    exit_code = 3


class ExchangeError(SilkgateError):
    """The pipeline, the store or a delivery could not do its work."""

    code = "SG-5000"
    title = Text("The exchange could not be carried out.", "无法完成该交换。")
    hint = Text("See the timeline of the exchange.", "请查看该交换的时间线。")
    status = 409


class AccessError(SilkgateError):
    """The caller may not do this, or not so often."""

    code = "SG-6000"
    title = Text("Access is refused.", "访问被拒绝。")
    hint = Text("Use a key that has the scope this call needs.", "请使用具有所需权限的密钥。")
    status = 403
    exit_code = 2


class SettingsError(SilkgateError):
    """The gateway is not set up for what was asked."""

    code = "SG-9000"
    title = Text("The set-up is not complete.", "配置不完整。")
    hint = Text("Run `silkgate doctor`.", "请运行 `silkgate doctor`。")
    status = 503
    exit_code = 2
