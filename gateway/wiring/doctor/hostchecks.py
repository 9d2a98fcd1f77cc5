"""What `silkgate doctor` looks at on the host: Python, openssl, the disk, its clock."""

from __future__ import annotations

import shutil
import ssl
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final

from certs.authority.hostclock import discipline
from gateway.settings import Settings
from gateway.wiring.doctor.check import Check, State
from schemas.text import Text

_OLDEST: Final = (3, 11)
_BEYOND: Final = (3, 14)
_OPENSSL_3: Final = 3
_ROOM: Final = 1 << 30
_MADE: Final = datetime(2026, 1, 1, tzinfo=UTC)
"""No clock is right that shows a time before this software was written."""


def python() -> Check:
    """The interpreter is one that this version runs on."""
    version = sys.version_info[:2]
    found = Text(f"Python {sys.version.split()[0]}", f"Python {sys.version.split()[0]}")
    if _OLDEST <= version < _BEYOND:
        return Check("python", State.OK, found)
    mend = Text(
        "Install Python 3.11, 3.12 or 3.13 and run `make setup`.",
        "请安装 Python 3.11、3.12 或 3.13 后运行 `make setup`。",
    )
    return Check("python", State.ERROR, found, mend)


def openssl() -> Check:
    """The library serves TLS; the program is what an auditor without Silkgate uses."""
    name = ssl.OPENSSL_VERSION
    found = Text(name, name)
    if ssl.OPENSSL_VERSION_INFO[0] < _OPENSSL_3:
        mend = Text("Use a Python with OpenSSL 3.", "请使用带 OpenSSL 3 的 Python。")
        return Check("openssl", State.WARNING, found, mend)
    if shutil.which("openssl") is None:
        mend = Text(
            "Install the program openssl to check evidence without Silkgate.",
            "请安装 openssl 程序,以便脱离 Silkgate 核验证据。",
        )
        return Check("openssl", State.WARNING, found, mend)
    return Check("openssl", State.OK, found)


def disk(home: Path) -> Check:
    """There is room where the gateway keeps its folder."""
    place = next(path for path in (home, *home.absolute().parents) if path.is_dir())
    free = shutil.disk_usage(place).free
    found = Text(f"{free >> 20} MiB free", f"剩余 {free >> 20} MiB")
    if free < _ROOM:
        mend = Text(f"Make room on the disk of {place}.", f"请为 {place} 所在磁盘腾出空间。")
        return Check("disk", State.WARNING, found, mend)
    return Check("disk", State.OK, found)


def clock(settings: Settings, now: datetime) -> Check:
    """The clock is not behind anything that was written with it before."""
    found = Text(f"{now:%Y-%m-%d %H:%M:%S} UTC", f"{now:%Y-%m-%d %H:%M:%S} UTC")
    stamps = [path.stat().st_mtime for path in settings.home.iterdir()]
    last = datetime.fromtimestamp(max(stamps, default=0), UTC)
    if now < max(_MADE, last - timedelta(seconds=5)):
        return Check("clock", State.ERROR, found, _SET_CLOCK)
    return Check("clock", State.OK, found)


def time_server(settings: Settings) -> Check:
    """The host's clock follows a time server, as far as its kernel tells."""
    found = discipline()
    if found.synchronised:
        return Check("time server", State.OK, found.text)
    state = State.ERROR if settings.needs_time_server else State.WARNING
    return Check("time server", state, found.text, _FOLLOW)


_FOLLOW: Final = Text(
    'Run NTP on the host. Where the kernel cannot tell, set `clock = "watched"` in `[tsa]`.',
    '请在主机上启用 NTP。若内核无法告知同步状态,请在 `[tsa]` 中设置 `clock = "watched"`。',
)
_SET_CLOCK: Final = Text(
    "The clock is behind the gateway's own files: set it, and run NTP.",
    "时钟早于网关自身文件的时间:请校时并启用 NTP。",
)
