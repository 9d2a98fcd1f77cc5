"""The settings of bills of lading: who we are between carriers and platforms, and whom we know."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from gateway.settings.part import Part

ACCOUNT: Final = r"^(0x[0-9a-fA-F]{40}|[A-Za-z0-9_-]{43})$"
_CONTRACT: Final = re.compile(r"eip155:(\d{1,18}):(0x[0-9a-fA-F]{40})")


class LadingPeer(Part):
    """Another title platform or a carrier: where it is and how it is known.

    `keys` is its JWK or JWK Set, `token` refers to the API key it gave us (`file:` or `env:`),
    `carriers` are the carrier codes it answers for, `organisations` the names its certificates may
    certify, `accounts` its accounts on title registers: addresses on chains, the thumbprint of its
    seal on logs.
    """

    code: Annotated[str, Field(pattern=r"^[A-Z0-9]{2,10}$")]
    url: str
    keys: Path | None = None
    token: str = ""
    tls_ca: Path | None = None
    carriers: tuple[str, ...] = ()
    organisations: tuple[str, ...] = ()
    accounts: tuple[Annotated[str, Field(pattern=ACCOUNT)], ...] = ()
    is_registry: bool = False


class TitleRegister(Part):
    """A title register that bills may name, by the URI they name it with.

    On a chain (`silkgate` our contract, `tradetrust` theirs) the URI is its account (CAIP-10,
    `eip155:CHAIN:ADDRESS`), `key` our account there; a move counts once `confirmations` blocks
    follow; nothing of our contract is before block `since`. On a `log` the URI is that of its
    API; `peer` runs it ('' we ourselves), `name` is the origin of its log.
    """

    uri: str
    kind: Literal["silkgate", "tradetrust", "log"] = "silkgate"
    rpc_url: str = ""
    key: str = "file:title-chain.key"
    confirmations: Annotated[int, Field(ge=0, le=10_000)] = 0
    since: Annotated[int, Field(ge=0)] = 0
    peer: str = ""
    name: str = ""

    @property
    def on_chain(self) -> tuple[int, str]:
        """The chain id and the contract's address; raises ValueError."""
        found = _CONTRACT.fullmatch(self.uri)
        if found is None or not self.rpc_url:
            raise ValueError("a register on a chain has eip155:CHAIN:ADDRESS and rpc_url")
        return int(found[1]), found[2]

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.kind != "log":
            self.on_chain  # noqa: B018 - raises
        elif self.peer and not self.name:
            raise ValueError("a peer's register has a name")
        return self


class LadingSettings(Part):
    """Bills of lading: what we are between carriers and platforms; nothing by default.

    `platform` is our code as a title platform, `carrier` our code as a carrier. `registry` is the
    registry of control that bills issued here name: a control tracking registry, or one of
    `registers`. With `is_registry` we run a control tracking registry at our own address under
    /ctr/v1.
    """

    platform: Annotated[str, Field(pattern=r"^([A-Z0-9]{2,4})?$")] = ""
    carrier: Annotated[str, Field(pattern=r"^([A-Z0-9]{2,4})?$")] = ""
    key: str = "seal"
    parties: Path = Path("lading-parties.toml")
    registry: str = ""
    is_registry: bool = False
    issue_at_once: bool = True
    unfinished_days: Annotated[float, Field(ge=0)] = 30.0
    peers: tuple[LadingPeer, ...] = ()
    registers: tuple[TitleRegister, ...] = ()

    @model_validator(mode="after")
    def _registry_known(self) -> Self:
        """A contract that bills name is one that we can ask."""
        known = {one.uri for one in self.registers}
        if _CONTRACT.fullmatch(self.registry) and self.registry not in known:
            raise ValueError("registry names a contract that is not among the registers")
        if len(known) < len(self.registers):
            raise ValueError("two registers have the same uri")
        return self
