"""What the title register refuses (codes SG-406x and SG-407x).

MoveRefused    SG-4060  the machine does not allow the action now, by this actor
BadHistory     SG-4061  a history that cannot be replayed
BadAnswer      SG-4062  a contract answers what cannot be read
CallReverted   SG-4063  a contract refuses a call
NoSuchTitle    SG-4064  an id that was never issued
EntryRefused   SG-4065  an entry, mandate, card, epoch or file that is not what it must be
OutOfOrder     SG-4066  an entry that does not follow the last one
Disputed       SG-4067  another entry has its place
MediumRefused  SG-4068  two media would be alive, or the statement is missing
RemarkTooLong  SG-4069  a private remark that does not fit
NotForYou      SG-4070  sealed text that cannot be opened
NoEpoch        SG-4071  no key to seal a remark with
NoPart         SG-4072  a reading key that has no part in the newest epoch
"""

from __future__ import annotations

from enum import Enum

from ledger.title.reasons import Reasoned
from schemas.errors import LedgerError
from schemas.text import Text


class Guard(Enum):
    """The conditions an action can fail on; the name is stable, the text is for people."""

    ID_USED = Text("The id was issued before.", "该编号已签发过。")
    UNKNOWN_ACTION = Text("There is no such action.", "没有该动作。")
    ARGUMENTS = Text("The arguments do not fit the action.", "参数与动作不符。")
    ENDED = Text("The title has ended.", "该物权凭证已终结。")
    PAUSED = Text("The title is paused.", "该物权凭证已暂停。")
    NOT_PAUSED = Text("The title is not paused.", "该物权凭证未暂停。")
    NOT_IN_ESCROW = Text("The title was returned to the issuer.", "该物权凭证已退回签发人。")
    NOT_AT_ISSUER = Text("The title was not returned to the issuer.", "该物权凭证未退回签发人。")
    NOT_BENEFICIARY = Text("The actor is not the title holder.", "操作方不是权利人。")
    NOT_HOLDER = Text("The actor is not in possession.", "操作方不是持有人。")
    NOT_BOTH = Text(
        "The actor is not both title holder and in possession.", "操作方并非同时为权利人与持有人。"
    )
    NO_ROLE = Text("The actor has not the role for this.", "操作方没有相应角色。")
    NOBODY = Text("The receiver is missing.", "缺少接收方。")
    SAME_BENEFICIARY = Text("The nominee is the title holder already.", "被提名人已是权利人。")
    SAME_NOMINEE = Text("The nominee is nominated already.", "该方已被提名。")
    SAME_HOLDER = Text("The receiver is in possession already.", "接收方已是持有人。")
    NOT_NOMINATED = Text("The receiver was not nominated.", "接收方未被提名。")
    NOTHING_TO_REJECT = Text("There is no transfer to reject.", "没有可拒绝的转让。")
    REJECT_BOTH = Text("Title and possession are rejected together.", "权利与占有须一并拒绝。")
    NOT_NAMED = Text(
        "A straight bill goes to its shipper or consignee alone.",
        "记名提单仅可转予托运人或收货人。",
    )
    TITLE_FOLLOWS_POSSESSION = Text(
        "On a blank endorsed bill title and possession go together.",
        "空白背书提单的权利与占有须一并转移。",
    )
    KIND_FIXED = Text("The bill cannot become one of this kind.", "该提单不能变更为此类别。")
    SAME_CONTENT = Text("The amendment changes nothing.", "该更改未变更任何内容。")


class MoveRefused(LedgerError):
    """The action is not allowed in this state, or not to this actor; nothing has changed."""

    code = "SG-4060"
    title = Text("The action {action} is refused: {reason}", "动作 {action} 被拒绝:{reason}")
    hint = Text(
        "Read the title's state again; who may do what is in docs/title.md.",
        "请重新读取凭证状态;各方权限见 docs/title.md。",
    )

    def __init__(self, guard: Guard, *, action: str, where: str = "") -> None:
        """Refuse `action` for failing on `guard`."""
        self.guard = guard
        super().__init__(where=where, action=action, guard=guard.name)

    @property
    def message(self) -> Text:
        """What is wrong, with the guard's text in each language."""
        action, why = self.details["action"], self.guard.value
        return Text(
            self.title.en.format(action=action, reason=why.en),
            self.title.zh.format(action=action, reason=why.zh),
        )


class BadHistory(LedgerError):
    """A history file cannot be read."""

    code = "SG-4061"
    title = Text(
        "The history is wrong at line {line}: {reason}", "历史记录第 {line} 行有误:{reason}"
    )
    hint = Text(
        "The first line is the header, every other line one action with n, action, actor, args.",
        "首行为表头,其余每行为一个动作(n、action、actor、args)。",
    )
    status = 422

    def __init__(self, line: int, reason: Text) -> None:
        """Say which line is wrong, and how."""
        self.reason = reason
        super().__init__(where=f"line {line}", line=line, reason=reason.en)

    @property
    def message(self) -> Text:
        """What is wrong, with the reason in each language."""
        line, why = self.details["line"], self.reason
        return Text(
            self.title.en.format(line=line, reason=why.en),
            self.title.zh.format(line=line, reason=why.zh),
        )


class BadAnswer(Reasoned):
    """A contract answered something that cannot be read."""

    code = "SG-4062"
    title = Text("{where} cannot be read: {reason}.", "{where} 无法读取:{reason}。")
    hint = Text("Check the address of the contract and the chain.", "请检查合约地址与所在链。")
    status = 502


class CallReverted(LedgerError):
    """A contract refuses a call."""

    code = "SG-4063"
    title = Text("The contract {where} reverts: {reason}.", "合约 {where} 拒绝执行:{reason}。")
    hint = Text(
        "Read the title's state again; the contract allows the action only to its actor.",
        "请重新读取凭证状态;合约仅允许相应操作方执行。",
    )

    def __init__(self, *, where: str, reason: str, data: bytes = b"") -> None:
        """Keep the revert data beside the reason in words."""
        self.data = data
        super().__init__(where=where, reason=reason)


class NoSuchTitle(LedgerError):
    """The register knows no title of this id."""

    code = "SG-4064"
    title = Text("There is no title {where}.", "不存在物权凭证 {where}。")
    hint = Text("Check the id and the register.", "请检查编号与登记处。")
    status = 404
    exit_code = 4


class EntryRefused(Reasoned):
    """A signed entry, mandate or history is not what it must be."""

    code = "SG-4065"
    title = Text("The title entry is refused: {reason}.", "凭证条目被拒绝:{reason}。")
    hint = Text(
        "Sign it anew for the title as it is, with the key of the party that acts.",
        "请按凭证当前状态,由操作方的密钥重新签署。",
    )
    status = 422


class OutOfOrder(LedgerError):
    """An entry does not follow the last one."""

    code = "SG-4066"
    title = Text(
        "The entry is number {found}; the next of {where} is number {expected}.",
        "该条目编号为 {found};{where} 的下一条目编号为 {expected}。",
    )
    hint = Text("Read the title's history and sign again.", "请读取凭证历史后重新签署。")


class Disputed(LedgerError):
    """Another entry was accepted in this place: of two moves from one state one counts."""

    code = "SG-4067"
    title = Text(
        "Another entry {accepted} was accepted as number {n} of {where}.",
        "{where} 的第 {n} 条已接受另一条目 {accepted}。",
    )
    hint = Text(
        "The title has moved. Whoever holds it now is in its history.",
        "凭证已转移,现持有方见其历史。",
    )


class MediumRefused(Reasoned):
    """A change of medium would leave two live media, or lacks its statement."""

    code = "SG-4068"
    title = Text("The change of medium is refused: {reason}.", "介质变更被拒绝:{reason}。")
    hint = Text(
        "State which paper or title is replaced, and give the digest of the evidence.",
        "请声明被替换的纸质单据或凭证,并附证据摘要。",
    )
    status = 422


class RemarkTooLong(LedgerError):
    """A private remark does not fit the field it goes into."""

    code = "SG-4069"
    title = Text(
        "The remark has {length} bytes; {most} fit when sealed.",
        "备注长度为 {length} 字节;加密后最多容纳 {most} 字节。",
    )
    hint = Text("Shorten it, or refer to a document.", "请缩短备注,或改为引用文件。")
    status = 422


class NotForYou(LedgerError):
    """Sealed text cannot be opened: not a reader of its epoch, or it was changed."""

    code = "SG-4070"
    title = Text(
        "What is sealed in epoch {epoch} of {where} cannot be opened.",
        "无法打开 {where} 第 {epoch} 期的加密内容。",
    )
    hint = Text(
        "Ask a party of the title for the key of that epoch.", "请向该凭证的参与方索取该期密钥。"
    )
    status = 403


class NoEpoch(LedgerError):
    """There is no key yet under which a private remark could be sealed."""

    code = "SG-4071"
    title = Text(
        "The parties of {where} share no key for private remarks yet.",
        "{where} 的各参与方尚未共享私密备注密钥。",
    )
    hint = Text(
        "Begin an epoch with `silkgate title share`, naming its readers.",
        "请使用 `silkgate title share` 开始一期,并指定可读方。",
    )
    status = 409


class NoPart(LedgerError):
    """A party that is no reader of an epoch cannot seal under its key."""

    code = "SG-4072"
    title = Text(
        "This reading key has no part in epoch {epoch} of {where}.",
        "该阅读密钥不属于 {where} 第 {epoch} 期的可读方。",
    )
    hint = Text(
        "Use the reading key of the party that acts, or ask a reader to share the epoch with it.",
        "请使用操作方自己的阅读密钥,或请可读方将该期共享给该方。",
    )
    status = 403
