"""The gateway's settings: from the environment (`SILKGATE_*`) or `silkgate.toml` in its home.

Secrets are never settings; a setting names where a secret is (`env:NAME`, `file:PATH`).
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import Field, ValidationError, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from gateway.settings.anchor import AnchorSettings
from gateway.settings.certs import PkiSettings, TenantSettings, TrustListSettings, TsaSettings
from gateway.settings.hooks import HookSettings
from gateway.settings.lading import LadingSettings
from gateway.settings.oidc import OidcIssuer
from gateway.settings.part import Part
from gateway.settings.parties import CARD_NAME, PARTNERS, PARTY_ID, Authority, Card, Partner
from gateway.settings.titles import IdentitySettings, TitleSettings
from schemas.errors import SettingsError
from schemas.text import Text

HOME_VARIABLE: Final = "SILKGATE_HOME"
FILE_NAME: Final = "silkgate.toml"


class Mode(StrEnum):
    """Development allows what a real operator must not have."""

    DEVELOPMENT = "development"
    PRODUCTION = "production"


class NotForProduction(SettingsError):
    """A setting that only development may have is set in production mode."""

    code = "SG-9010"
    title = Text("Production mode refuses: {reason}", "生产模式拒绝:{reason}")
    hint = Text("Change `{where}` in the settings.", "请修改配置项 `{where}`。")


class NoSettings(SettingsError):
    """There is no gateway in the folder named."""

    code = "SG-9011"
    title = Text("There is no gateway in {where}.", "{where} 中没有网关。")
    hint = Text(
        "Run `silkgate keys init --home {where}`, or set SILKGATE_HOME.",
        "请运行 `silkgate keys init --home {where}`,或设置 SILKGATE_HOME。",
    )
    exit_code = 4


class SettingsWrong(SettingsError):
    """The settings say something that settings do not say."""

    code = "SG-9014"
    title = Text("{where} is not in order: {reason}", "{where} 不正确:{reason}")
    hint = Text("See docs/operations.md.", "请参阅 docs/operations.md。")


class Limits(Part):
    """What one caller may cost."""

    body_bytes: Annotated[int, Field(gt=0)] = 32 * 1024 * 1024
    requests_per_second: Annotated[float, Field(gt=0)] = 500.0
    burst: Annotated[int, Field(gt=0)] = 1000


class Settings(BaseSettings):
    """One gateway; relative paths are below `home`."""

    model_config = SettingsConfigDict(
        env_prefix="SILKGATE_", env_nested_delimiter="__", extra="forbid", frozen=True
    )

    home: Path
    mode: Mode = Mode.DEVELOPMENT
    id: Annotated[str, Field(pattern=PARTY_ID)] = "gateway"
    name: str = "Silkgate gateway"
    country: Annotated[str, Field(pattern="^[A-Z]{2}$")] = "CN"
    host: str = "127.0.0.1"
    port: Annotated[int, Field(ge=0, le=65535)] = 8443
    public_url: str = ""
    database: str = "sqlite:///silkgate.db"
    keys: Path = Path("keys")
    key_secret: str = "file:keys/secret"  # noqa: S105 - a reference, not a secret
    trust: Path = Path("trust")
    log_origin: str = ""
    log_shards: Literal["none", "year", "half", "quarter", "month"] = "none"
    checkpoint_seconds: Annotated[float, Field(gt=0)] = 1.0
    batch: Annotated[int, Field(gt=0, le=4096)] = 64
    workers: Annotated[int, Field(ge=0, le=64)] = 2
    revocation_hosts: tuple[str, ...] = ()
    revocation: Literal["asked", "required"] = "asked"
    corridors: Path | None = None
    parties: Path = Path("parties.toml")
    formats: tuple[str, ...] = ()
    partners: tuple[Partner, ...] = ()
    authorities: tuple[Authority, ...] = ()
    anchor: AnchorSettings = AnchorSettings()
    services: tuple[Literal["ocsp", "crl", "tsa"], ...] = ("ocsp", "crl")
    pki: PkiSettings = PkiSettings()
    tsa: TsaSettings = TsaSettings()
    trust_lists: TrustListSettings = TrustListSettings()
    tenants: tuple[TenantSettings, ...] = ()
    limits: Limits = Limits()
    lading: LadingSettings = LadingSettings()
    titles: TitleSettings = TitleSettings()
    identity: IdentitySettings = IdentitySettings()
    webhooks: HookSettings = HookSettings()
    oidc: tuple[OidcIssuer, ...] = ()
    log_level: Literal["debug", "info", "warning", "error"] = "info"

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """What the caller says wins over the environment, and that over the file."""
        home = init_settings().get("home") or os.environ.get(HOME_VARIABLE) or "."
        file = TomlConfigSettingsSource(settings_cls, Path(home) / FILE_NAME)
        return init_settings, env_settings, file

    def path(self, below: Path | str) -> Path:
        """Return a path of the settings as an absolute one."""
        return (self.home / below).absolute()

    @property
    def database_url(self) -> str:
        """The database with a relative SQLite file placed below `home`."""
        prefix = "sqlite:///"
        if self.database.startswith(prefix):
            return prefix + str(self.path(self.database.removeprefix(prefix)))
        return self.database

    @property
    def origin(self) -> str:
        """The log's origin (C2SP tlog-checkpoint), by default derived from the gateway's id."""
        return self.log_origin or f"{self.id}/log"

    @property
    def url(self) -> str:
        """The address others reach this gateway at."""
        return self.public_url or f"https://{self.host}:{self.port}"

    @property
    def own_seals(self) -> Mapping[str, str]:
        """The keys that tenants seal with, by tenant, of those who have one of their own."""
        return {one.id: one.seal for one in self.tenants}

    @model_validator(mode="after")
    def _each_tenant_once(self) -> Self:
        if len(self.own_seals) < len(self.tenants):
            raise ValueError("a tenant is listed twice")
        return self

    @property
    def pki_url(self) -> str:
        """The address that certificates of the built-in authority name for its services."""
        plain = f"http://{self.host}:{self.pki.port}" if self.pki.port else ""
        return self.pki.url or plain or self.url

    @property
    def needs_time_server(self) -> bool:
        """Whether time-stamps take a clock that follows a time server: in production by default."""
        if self.tsa.clock:
            return self.tsa.clock == "synchronised"
        return self.mode is Mode.PRODUCTION

    def partner(self, party: str) -> Partner | None:
        """Return the partner gateway with this id, or None."""
        return next((p for p in self.partners if p.id == party), None)

    def authority(self, party: str) -> Authority | None:
        """Return the authority with this id, or None."""
        return next((a for a in self.authorities if a.id == party), None)


def load(home: Path | None = None) -> Settings:
    """Return the settings of the gateway in `home` (else SILKGATE_HOME, else `.silkgate`).

    Raises NoSettings when that folder holds no gateway, NotForProduction for what production
    mode refuses.
    """
    folder = home or Path(os.environ.get(HOME_VARIABLE, ".silkgate"))
    if not (folder / FILE_NAME).is_file():
        raise NoSettings(where=str(folder))
    try:
        settings = Settings(home=folder.absolute(), partners=_partners(folder.absolute()))
    except ValueError as error:
        raise SettingsWrong(where=str(folder / FILE_NAME), reason=first_problem(error)) from error
    refuse_in_production(settings)
    return settings


def first_problem(error: ValueError) -> str:
    """Return the first thing a validation error says, in one line."""
    if isinstance(error, ValidationError):
        found = error.errors()[0]
        return f"{'.'.join(map(str, found['loc']))}: {found['msg']}"
    return str(error)


def _partners(home: Path) -> tuple[Partner, ...]:
    cards = sorted((home / PARTNERS).glob(f"*/{CARD_NAME}"))
    return tuple(
        Partner(card=Card.model_validate_json(path.read_bytes()), folder=path.parent)
        for path in cards
    )


def refuse_in_production(settings: Settings) -> None:
    """Raise NotForProduction for the first setting that production mode must not have."""
    if settings.mode is not Mode.PRODUCTION:
        return
    if any(target.in_process for target in settings.anchor.targets):
        raise NotForProduction(where="anchor.rpc_url", reason="the in-process chain")
    if settings.webhooks.plain:
        raise NotForProduction(where="webhooks.plain", reason="webhooks without TLS")
    if any(authority.sandbox for authority in settings.authorities):
        raise NotForProduction(where="authorities", reason="a sandbox authority")
    if settings.path(settings.keys).joinpath("TEST-CA").exists():
        raise NotForProduction(where="keys", reason="keys of the built-in test CA")
    if settings.key_secret == Settings.model_fields["key_secret"].default:
        raise NotForProduction(where="key_secret", reason="the generated default secret")
