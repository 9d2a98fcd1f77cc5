"""Settings of identity providers whose bearer tokens let callers in beside API keys."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from gateway.settings.part import Part

Algorithm = Literal["RS256", "PS256", "ES256", "EdDSA"]


class OidcIssuer(Part):
    """An issuer of tokens (OpenID Connect, RFC 9068) and what a token of it may do here.

    Its keys are a JWK Set in a file (`keys`) or at `jwks_url`, and nowhere else. `tenants` says
    which values of `tenant_claim` are which tenant here; others have none. `scopes` says what the
    values of `scope_claim` allow; without it they are names of scopes. A claim in a claim is named
    with a dot. `tls_ca` is trusted instead of the system's authorities, `private` allows a host at
    an address that is not public; clocks may be apart by `skew_seconds`.
    """

    issuer: Annotated[str, Field(pattern=r"^https://[!-~]+$")]
    audience: Annotated[str, Field(min_length=1)]
    keys: Path | None = None
    jwks_url: Annotated[str, Field(pattern=r"^(https://[!-~]+)?$")] = ""
    algorithms: tuple[Algorithm, ...] = ("RS256", "PS256", "ES256", "EdDSA")
    tenant_claim: Annotated[str, Field(min_length=1)] = "tenant"
    tenants: dict[str, Annotated[str, Field(min_length=1)]] = Field(default_factory=dict)
    scope_claim: Annotated[str, Field(min_length=1)] = "scope"
    scopes: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    skew_seconds: Annotated[float, Field(ge=0, le=300)] = 30.0
    tls_ca: Path | None = None
    private: bool = False

    @model_validator(mode="after")
    def _one_place_for_keys(self) -> Self:
        if bool(self.keys) == bool(self.jwks_url):
            raise ValueError("an issuer has either keys or jwks_url")
        return self
