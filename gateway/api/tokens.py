"""Bearer tokens of identity providers (OpenID Connect, RFC 9068) as callers of the API.

A token is believed for what the settings say its issuer may say: signed with a key of the issuer's
that the settings lead to, for this audience, in time, by an algorithm that is pinned. Whatever the
token's own header says about keys (jwk, jku, x5u, x5c) is not looked at.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Final, Protocol

from certs import jose
from certs.algorithms import scheme_by_jose
from certs.errors import MalformedKey
from certs.jose.jwk import PublishedKey
from certs.verdict import Refused
from gateway.api.errors import IssuerSilent, TokenRefused
from gateway.api.keys import ALL_SCOPES
from gateway.settings import Settings
from gateway.settings.oidc import OidcIssuer
from gateway.transport.errors import TransportError
from gateway.transport.issuerkeys import FetchedKeys, FileKeys
from schemas.clock import Clock
from schemas.text import Text

_LONGEST: Final = 8192
_LONGEST_NAME: Final = 128
_NEVER: Final = 2**53
"""Seconds beyond which JSON's numbers are not exact; no number at all is not below it."""
_TYPES: Final = frozenset({"", "jwt", "at+jwt", "application/at+jwt"})
"""What a token may call itself (RFC 9068, 2.1): not an ID token for logging out, nor a proof."""
_KNOWN_SCOPES: Final = frozenset(map(str, ALL_SCOPES))
Claims = Mapping[str, Any]


class KeySource(Protocol):
    """Where the keys of an issuer are."""

    def find(self, kid: str) -> Sequence[PublishedKey]:
        """Return the keys that count now, with the one of this id if there is one."""
        ...


@dataclass(frozen=True, slots=True)
class Bearer:
    """Somebody a token speaks for, as `gateway.api.keys.Caller`."""

    id: str
    tenant: str
    scopes: frozenset[str]


@dataclass(frozen=True, slots=True)
class Issuer:
    """An issuer with its keys."""

    said: OidcIssuer
    keys: KeySource


def issuers_of(settings: Settings) -> list[Issuer]:
    """Return the issuers that the settings name; nobody is asked for keys yet."""
    return [
        Issuer(said, FileKeys(settings.path(said.keys)) if said.keys else _fetched(settings, said))
        for said in settings.oidc
    ]


def _fetched(settings: Settings, said: OidcIssuer) -> FetchedKeys:
    authority = said.tls_ca and settings.path(said.tls_ca)
    return FetchedKeys(said.jwks_url, authority=authority, private=said.private)


class Tokens:
    """Checks tokens of some issuers; `active` tells whether a tenant may use the gateway now."""

    def __init__(
        self, issuers: Sequence[Issuer], active: Callable[[str], bool], clock: Clock
    ) -> None:
        """Believe these issuers and no others."""
        self._issuers = {each.said.issuer: each for each in issuers}
        self._active = active
        self._clock = clock

    def looks_like_one(self, token: str) -> bool:
        """Tell whether a bearer token may be one of an issuer here, and is no API key."""
        return bool(self._issuers) and token.count(".") == 2  # noqa: PLR2004 - a compact JWS

    def check(self, token: str) -> Bearer:
        """Return whom a token speaks for; raises TokenRefused, or IssuerSilent for want of keys."""
        if len(token) > _LONGEST:
            raise _refused("it is too long", "过长")
        header, claims, signed, value = _parts(token)
        issuer = self._issuers.get(str(claims.get("iss", "")))
        if issuer is None:
            raise _refused("its issuer is not known here", "签发方未登记")
        self._verified(issuer, header, signed, value)
        self._in_time(issuer.said, claims)
        return self._caller(issuer.said, claims)

    def _verified(self, issuer: Issuer, header: Claims, signed: bytes, value: str) -> None:
        """Check type, algorithm and signature; raises TokenRefused."""
        name, kid = header.get("alg"), header.get("kid", "")
        if str(header.get("typ", "")).lower() not in _TYPES or "crit" in header:
            raise _refused("it is of another type", "类型不符")
        if name not in issuer.said.algorithms or not isinstance(kid, str):
            raise _refused("its algorithm is not allowed", "不允许其签名算法")
        key = _key(self._keys(issuer, kid), kid, str(name))
        if not scheme_by_jose(str(name)).verify_raw(key, jose.decode(value), signed):
            raise _refused("its signature is wrong", "签名错误")

    def _keys(self, issuer: Issuer, kid: str) -> Sequence[PublishedKey]:
        try:
            return issuer.keys.find(kid)
        except (TransportError, MalformedKey, OSError) as error:
            raise IssuerSilent(where=issuer.said.issuer) from error

    def _in_time(self, said: OidcIssuer, claims: Claims) -> None:
        """Check audience, expiry, and that it is not from the future; raises TokenRefused."""
        heard = claims.get("aud")
        if said.audience not in (heard if isinstance(heard, list) else [heard]):
            raise _refused("it is for another audience", "受众不符")
        now, skew = self._clock().timestamp(), said.skew_seconds
        ends, begins, made = (_number(claims, name) for name in ("exp", "nbf", "iat"))
        if ends is None or now >= ends + skew:
            raise _refused("it has expired", "已过期")
        if any(each is not None and now < each - skew for each in (begins, made)):
            raise _refused("it is not valid yet", "尚未生效")

    def _caller(self, said: OidcIssuer, claims: Claims) -> Bearer:
        """Return the caller that the settings make of a token's claims; raises TokenRefused."""
        subject = claims.get("sub")
        if not isinstance(subject, str) or not 0 < len(subject) <= _LONGEST_NAME:
            raise _refused("it names no subject", "缺少主体")
        tenants = {
            said.tenants[value]
            for value in _values(claims, said.tenant_claim, split=False)
            if value in said.tenants
        }
        if len(tenants) != 1 or not self._active(*tenants):
            raise _refused("it speaks for no tenant here", "不对应本网关的租户")
        values = _values(claims, said.scope_claim, split=True)
        mapped = {scope for value in values for scope in said.scopes.get(value, ())}
        allowed = (mapped if said.scopes else set(values)) & _KNOWN_SCOPES
        about = sha256(said.issuer.encode()).hexdigest()[:8]
        return Bearer(f"oidc:{about}:{subject}", tenants.pop(), frozenset(allowed))


def _parts(token: str) -> tuple[Claims, Claims, bytes, str]:
    """Return header, claims, the signed octets and the signature; nothing is believed yet."""
    try:
        protected, payload, value = token.split(".")
        header, claims = (jose.parse(jose.decode(part)) for part in (protected, payload))
        jose.decode(value)
        return header, claims, f"{protected}.{payload}".encode("ascii"), value
    except (Refused, ValueError) as error:
        raise _refused("it is no signed token", "不是签名令牌") from error


def _key(keys: Sequence[PublishedKey], kid: str, algorithm: str) -> Any:  # noqa: ANN401 - a public key
    """Return the one key of this id for this algorithm; without an id the only one there is."""
    fits = [each for each in keys if algorithm in each.algorithms and kid in {each.kid, ""}]
    if len(fits) != 1:
        raise _refused("its key is not one of its issuer", "密钥不属于签发方")
    return fits[0].key


def _number(claims: Claims, name: str) -> float | None:
    """Return a time in seconds (NumericDate, RFC 7519, 2), None where there is none."""
    found = claims.get(name)
    if found is None:
        return None
    if isinstance(found, bool) or not isinstance(found, int | float) or not 0 <= found < _NEVER:
        raise _refused(f"{name} is no time", f"{name} 不是时间")
    return float(found)


def _values(claims: Claims, path: str, *, split: bool) -> list[str]:
    """Return the texts of a claim, or of one in another; a list, or words if `split`."""
    found: Any = claims.get(path)
    if found is None:
        found = claims
        for name in path.split("."):
            found = found.get(name) if isinstance(found, Mapping) else None
    if isinstance(found, str):
        return found.split() if split else [found]
    return [each for each in found if isinstance(each, str)] if isinstance(found, list) else []


def _refused(en: str, zh: str) -> TokenRefused:
    return TokenRefused(where="header/Authorization", reason=Text(en, zh))
