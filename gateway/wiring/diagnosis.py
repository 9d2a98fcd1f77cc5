"""What `silkgate doctor` looks at: each check says what it found, and how to mend it.

Checks change nothing, except that `mend` brings the database to the newest form.
"""

from __future__ import annotations

import shutil
import ssl
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from pathlib import Path
from typing import Final

from certs import certificate as certificates
from certs.hostclock import discipline
from certs.keys import read_secret
from gateway import setup
from gateway.clearance import corridor
from gateway.settings import Mode, Settings, load
from gateway.wiring import lading, logcheck
from ledger.vkey import VerifierKey
from schemas.clock import Clock, utc_now
from schemas.errors import SettingsError, SilkgateError
from schemas.text import Text

_OLDEST: Final = (3, 11)
_BEYOND: Final = (3, 14)
_SOON: Final = timedelta(days=60)
_MADE: Final = datetime(2026, 1, 1, tzinfo=UTC)
"""No clock is right that shows a time before this software was written."""
_ROOM: Final = 1 << 30
_OTHERS: Final = 0o077
_OPENSSL_3: Final = 3
_NEEDED: Final = ("root", "seal", "tsa", "tls", "log", "witness")
_NOTHING: Final = Text("", "")


class State(StrEnum):
    """How a check ended; an error keeps the gateway from working, a warning will."""

    OK = "ok"
    WARNING = "warning"
    ERROR = "error"
    SKIPPED = "skipped"


@dataclass(frozen=True, slots=True)
class Check:
    """One thing looked at."""

    name: str
    state: State
    found: Text
    mend: Text = _NOTHING

    def as_dict(self) -> dict[str, object]:
        """Return the check as plain JSON values."""
        return {
            "check": self.name,
            "state": self.state.value,
            "message": self.found.as_dict(),
            "mend": self.mend.as_dict(),
        }


def examine(home: Path, *, mend: bool = False, clock: Clock = utc_now) -> Iterator[Check]:
    """Yield every check of the gateway in `home`, in the order in which to mend."""
    yield _python()
    yield _openssl()
    yield _disk(home)
    try:
        settings = load(home)
    except SilkgateError as error:
        yield Check("settings", State.ERROR, error.message, error.advice)
        return
    yield _settings(settings)
    now = clock()
    for check in (_secret, _keys, _partners, _customs, _corridors, _lading, _database, _log):
        yield from _guarded(check, settings, now, mend=mend)
    yield _clock(settings, now)
    yield _time_server(settings)


Inspect = Callable[..., Iterator[Check]]


def _guarded(check: Inspect, settings: Settings, now: datetime, *, mend: bool) -> Iterator[Check]:
    """Run one check; a refusal of ours is what it found."""
    name = check.__name__.strip("_")
    try:
        yield from check(settings, now, mend=mend)
    except SilkgateError as error:
        yield Check(name, State.ERROR, error.message, error.advice)


def _python() -> Check:
    version = sys.version_info[:2]
    found = Text(f"Python {sys.version.split()[0]}", f"Python {sys.version.split()[0]}")
    if _OLDEST <= version < _BEYOND:
        return Check("python", State.OK, found)
    mend = Text(
        "Install Python 3.11, 3.12 or 3.13 and run `make setup`.",
        "请安装 Python 3.11、3.12 或 3.13 后运行 `make setup`。",
    )
    return Check("python", State.ERROR, found, mend)


def _openssl() -> Check:
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


def _disk(home: Path) -> Check:
    place = next(path for path in (home, *home.absolute().parents) if path.is_dir())
    free = shutil.disk_usage(place).free
    found = Text(f"{free >> 20} MiB free", f"剩余 {free >> 20} MiB")
    if free < _ROOM:
        mend = Text(f"Make room on the disk of {place}.", f"请为 {place} 所在磁盘腾出空间。")
        return Check("disk", State.WARNING, found, mend)
    return Check("disk", State.OK, found)


def _settings(settings: Settings) -> Check:
    found = Text(
        f"{settings.id} ({settings.name}, {settings.country}), {settings.mode.value}",
        f"{settings.id}({settings.name},{settings.country}),{settings.mode.value}",
    )
    if settings.mode is Mode.DEVELOPMENT:
        mend = Text(
            'For real trade set `mode = "production"`; see docs/operations.md.',
            '正式使用请设置 `mode = "production"`;见 docs/operations.md。',
        )
        return Check("settings", State.OK, found, mend)
    return Check("settings", State.OK, found)


def _secret(settings: Settings, now: datetime, *, mend: bool) -> Iterator[Check]:  # noqa: ARG001 - one shape for all
    kind, _, place = settings.key_secret.partition(":")
    if kind != "file":
        read_secret(settings.key_secret)
        yield Check("secret", State.OK, Text(settings.key_secret, settings.key_secret))
        return
    path = settings.path(place)
    read_secret(f"file:{path}")
    found = Text(str(path), str(path))
    if path.stat().st_mode & _OTHERS:
        how = Text(f"Run `chmod 600 {path}`.", f"请运行 `chmod 600 {path}`。")
        others = Text(f"{path} can be read by others.", f"{path} 可被他人读取。")
        yield Check("secret", State.ERROR, others, how)
    else:
        yield Check("secret", State.OK, found)


def _keys(settings: Settings, now: datetime, *, mend: bool) -> Iterator[Check]:  # noqa: ARG001 - as above
    """Every key opens, fits its certificate, and is good for a while."""
    store = setup.key_store(settings)
    names = store.names()
    needed = (*_NEEDED, *settings.own_seals.values())
    for name in (*names, *(each for each in needed if each not in names)):
        try:
            certificate = store.load(name).certificate
        except SilkgateError as error:
            yield Check(f"key {name}", State.ERROR, error.message, error.advice)
            continue
        yield _validity(f"key {name}", certificate, now, _RENEW)


def _validity(name: str, certificate: certificates.Certificate, now: datetime, mend: Text) -> Check:
    until = certificate.not_after
    left = (until - now).days
    found = Text(
        f"{certificate.name}, until {until:%Y-%m-%d} ({left} days)",
        f"{certificate.name},有效期至 {until:%Y-%m-%d}({left} 天)",
    )
    if now > until or now < certificate.not_before:
        return Check(name, State.ERROR, found, mend)
    if until - now < _SOON:
        return Check(name, State.WARNING, found, mend)
    return Check(name, State.OK, found)


def _partners(settings: Settings, now: datetime, *, mend: bool) -> Iterator[Check]:  # noqa: ARG001 - as above
    if not settings.partners:
        found = Text("No partner is known yet.", "尚未登记任何对方网关。")
        yield Check("partners", State.WARNING, found, _INTRODUCE)
    for partner in settings.partners:
        name = f"partner {partner.id}"
        try:
            for key in (partner.card.log_key, partner.card.witness_key):
                VerifierKey.parse(key)
            root = certificates.load_all(partner.card.root.encode())[0]
            if certificates.load_all(partner.anchor.read_bytes())[0] != root:
                yield Check(name, State.ERROR, _OTHER_ROOT, _INTRODUCE)
                continue
        except SilkgateError as error:
            yield Check(name, State.ERROR, error.message, _INTRODUCE)
            continue
        except OSError as error:
            yield Check(name, State.ERROR, Text(str(error), str(error)), _INTRODUCE)
            continue
        yield _validity(name, root, now, _INTRODUCE)


def _customs(settings: Settings, now: datetime, *, mend: bool) -> Iterator[Check]:  # noqa: ARG001 - as above
    """Whom declarations of this country go to; a gateway for other documents needs nobody."""
    own = [each.id for each in settings.authorities if each.country == settings.country]
    if own:
        yield Check("customs", State.OK, Text(", ".join(own), "、".join(own)))
    else:
        yield Check("customs", State.SKIPPED, _NO_CUSTOMS, _NAME_CUSTOMS)


def _corridors(settings: Settings, now: datetime, *, mend: bool) -> Iterator[Check]:  # noqa: ARG001 - as above
    """The operator's own corridor profiles can be read."""
    if settings.corridors is not None:
        corridor.add(settings.path(settings.corridors))
        names = ", ".join(corridor.corridors())
        yield Check("corridors", State.OK, Text(names, names))


def _lading(settings: Settings, now: datetime, *, mend: bool) -> Iterator[Check]:  # noqa: ARG001 - as above
    """As a title platform or carrier: our key, the peers' keys and tokens, the parties."""
    if settings.lading.platform or settings.lading.carrier:
        yield Check("lading", State.OK, lading.read_settings(settings))


def _database(settings: Settings, now: datetime, *, mend: bool) -> Iterator[Check]:  # noqa: ARG001 - as above
    """The database answers and has the tables of this version."""
    url = settings.database_url
    if logcheck.absent(url) and not mend:
        yield Check("database", State.WARNING, _NO_DATABASE, _MIGRATE)
        return
    try:
        revision = logcheck.reach(url, mend=mend)
    except SettingsError as error:
        yield Check("database", State.ERROR, error.message, _MIGRATE)
    except SilkgateError as error:
        yield Check("database", State.ERROR, error.message, error.advice)
    else:
        yield Check("database", State.OK, Text(revision, revision))


def _log(settings: Settings, now: datetime, *, mend: bool) -> Iterator[Check]:  # noqa: ARG001 - as above
    """The newest checkpoint and the last tile of the gateway's log are sound."""
    found = logcheck.newest(settings)
    if found is None:
        yield Check("log", State.SKIPPED, Text("There is no checkpoint yet.", "尚无检查点。"))
    else:
        yield Check("log", State.OK, found)


def _clock(settings: Settings, now: datetime) -> Check:
    """The clock is not behind anything that was written with it before."""
    found = Text(f"{now:%Y-%m-%d %H:%M:%S} UTC", f"{now:%Y-%m-%d %H:%M:%S} UTC")
    stamps = [path.stat().st_mtime for path in settings.home.iterdir()]
    last = datetime.fromtimestamp(max(stamps, default=0), UTC)
    if now < max(_MADE, last - timedelta(seconds=5)):
        return Check("clock", State.ERROR, found, _SET_CLOCK)
    return Check("clock", State.OK, found)


def _time_server(settings: Settings) -> Check:
    """The host's clock follows a time server, as far as its kernel tells."""
    found = discipline()
    if found.synchronised:
        return Check("time server", State.OK, found.text)
    state = State.ERROR if settings.needs_time_server else State.WARNING
    return Check("time server", state, found.text, _FOLLOW)


_RENEW: Final = Text(
    "Have the certificate renewed; see “Renewing” in docs/operations.md.",
    "请更新证书;见 docs/operations.md 中的“续期”。",
)
_INTRODUCE: Final = Text(
    "Get the other operator's card and run `silkgate keys trust CARD`.",
    "请向对方索取名片并运行 `silkgate keys trust 名片`。",
)
_NO_CUSTOMS: Final = Text(
    "No authority of this country is named: declarations cannot be cleared.",
    "未指定本国主管机关:无法办理通关申报。",
)
_NAME_CUSTOMS: Final = Text(
    "Name it in the settings, `[[authorities]]`; see docs/operations.md.",
    "请在配置 `[[authorities]]` 中指定;见 docs/operations.md。",
)
_OTHER_ROOT: Final = Text(
    "The root beside the card is not that of the card.", "名片旁的根证书与名片不一致。"
)
_NO_DATABASE: Final = Text(
    "There is no database yet; the gateway makes it when it starts.",
    "尚无数据库;网关启动时会自动创建。",
)
_MIGRATE: Final = Text("Run `silkgate doctor --mend`.", "请运行 `silkgate doctor --mend`。")
_FOLLOW: Final = Text(
    'Run NTP on the host. Where the kernel cannot tell, set `clock = "watched"` in `[tsa]`.',
    '请在主机上启用 NTP。若内核无法告知同步状态,请在 `[tsa]` 中设置 `clock = "watched"`。',
)
_SET_CLOCK: Final = Text(
    "The clock is behind the gateway's own files: set it, and run NTP.",
    "时钟早于网关自身文件的时间:请校时并启用 NTP。",
)
