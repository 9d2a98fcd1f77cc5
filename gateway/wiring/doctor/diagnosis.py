"""What `silkgate doctor` looks at: each check says what it found, and how to mend it.

Checks change nothing, except that `mend` brings the database to the newest form.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from certs.keys import read_secret
from certs.x509 import certificate as certificates
from gateway import setup
from gateway.clearance import corridor
from gateway.settings import Mode, Settings, load
from gateway.wiring import lading
from gateway.wiring.doctor import facechecks, hostchecks, logcheck, trustchecks
from gateway.wiring.doctor.check import Check, State
from gateway.wiring.titles import books as titlebooks
from gateway.wiring.titles import private as titleprivate
from ledger.vkey import VerifierKey
from schemas.clock import Clock, utc_now
from schemas.errors import SettingsError, SilkgateError
from schemas.text import Text

_SOON: Final = timedelta(days=60)
_OTHERS: Final = 0o077
_REGISTER: Final = Text(
    "Check node and contract; give our account ether, and roles where we issue.",
    "请检查节点与合约,并为本方账户充值;如由本方签发还需授予角色。",
)
_NEEDED: Final = ("root", "seal", "tsa", "tls", "log", "witness")


def examine(home: Path, *, mend: bool = False, clock: Clock = utc_now) -> Iterator[Check]:
    """Yield every check of the gateway in `home`, in the order in which to mend."""
    yield hostchecks.python()
    yield hostchecks.openssl()
    yield hostchecks.disk(home)
    try:
        settings = load(home)
    except SilkgateError as error:
        yield Check("settings", State.ERROR, error.message, error.advice)
        return
    yield _settings(settings)
    now = clock()
    of_trust = (trustchecks.trust_lists, trustchecks.revocation)
    of_callers = (facechecks.issuers, facechecks.hooks)
    of_work = (_customs, _corridors, _lading, _readers, _database, _log)
    for check in (_secret, _keys, _partners, *of_trust, *of_work, *of_callers):
        yield from _guarded(check, settings, now, mend=mend)
    yield hostchecks.clock(settings, now)
    yield hostchecks.time_server(settings)


Inspect = Callable[..., Iterator[Check]]


def _guarded(check: Inspect, settings: Settings, now: datetime, *, mend: bool) -> Iterator[Check]:
    """Run one check; a refusal of ours is what it found."""
    name = check.__name__.strip("_")
    try:
        yield from check(settings, now, mend=mend)
    except SilkgateError as error:
        yield Check(name, State.ERROR, error.message, error.advice)


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
        for place, wrong in titlebooks.examined(settings):
            found = Text(f"{place}: {wrong.en}", f"{place}:{wrong.zh}") if wrong else None
            state = State.WARNING if found else State.OK
            yield Check("title register", state, found or Text(place, place), _REGISTER)


def _readers(settings: Settings, now: datetime, *, mend: bool) -> Iterator[Check]:  # noqa: ARG001 - as above
    """The reading keys that are kept for accounts open."""
    for account, place in settings.titles.readers.items():
        name = f"reading key of {account}"
        try:
            titleprivate.kept(settings, place)
        except SilkgateError as error:
            yield Check(name, State.ERROR, error.message, _READER)
        else:
            yield Check(name, State.OK, Text(str(place), str(place)))


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


_RENEW: Final = Text(
    "Have the certificate renewed; see “Renewing” in docs/operations.md.",
    "请更新证书;见 docs/operations.md 中的“续期”。",
)
_INTRODUCE: Final = Text(
    "Get the other operator's card and run `silkgate keys trust CARD`.",
    "请向对方索取名片并运行 `silkgate keys trust 名片`。",
)
_READER: Final = Text(
    "Have the party make one: `silkgate title reader`, under the gateway's secret.",
    "请由当事方使用 `silkgate title reader` 以网关口令生成。",
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
