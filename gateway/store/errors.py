"""What the store refuses."""

from __future__ import annotations

from schemas.errors import ExchangeError, SettingsError
from schemas.text import Text


class StoreNotReady(SettingsError):
    """The database has no tables yet, or those of another version."""

    code = "SG-9030"
    title = Text(
        "The database is at revision {found}, this gateway needs {expected}.",
        "数据库版本为 {found}，本网关需要 {expected}。",
    )
    hint = Text("Run `silkgate doctor --mend`.", "请运行 `silkgate doctor --mend`。")


class StoreUnknown(SettingsError):
    """The address names no database that the store speaks."""

    code = "SG-9031"
    title = Text("The store cannot use {where}.", "存储不支持 {where}。")
    hint = Text(
        "Use sqlite:///PATH or postgresql://USER@HOST/NAME.",
        "请使用 sqlite：///路径 或 postgresql：//用户@主机/库名。",
    )


class PayloadDamaged(ExchangeError):
    """Stored bytes no longer have the digest they were stored with."""

    code = "SG-5030"
    title = Text(
        "The {role} of exchange {where} does not have the digest it was stored with.",
        "交换 {where} 的 {role} 与存储时的摘要不一致。",
    )
    hint = Text(
        "Restore the database from a backup; nothing damaged is used.",
        "请从备份恢复数据库；损坏的数据不会被使用。",
    )
    status = 500


class NotFound(ExchangeError):
    """There is no such thing, or it is another tenant's."""

    code = "SG-5031"
    title = Text("There is no {what} {where}.", "不存在 {what} {where}。")
    hint = Text("Check the identifier and the tenant.", "请检查标识符和租户。")
    status = 404
    exit_code = 4


class Collision(ExchangeError):
    """Another transaction has just written the same thing."""

    code = "SG-5032"
    title = Text(
        "Somebody else has just written the same: {where}", "另一事务刚写入相同内容：{where}"
    )
    hint = Text("Read again, then decide.", "请重新读取后再处理。")


class StoreUnavailable(ExchangeError):
    """The database does not answer, or somebody keeps it locked."""

    code = "SG-5033"
    title = Text("The database does not answer: {reason}", "数据库无应答：{reason}")
    hint = Text(
        "Try again in a while; see that the database runs and its disk has room.",
        "请稍后重试；并检查数据库是否在运行、磁盘是否有空间。",
    )
    status = 503
