"""Bearer tokens of an identity provider: what lets a caller in, and what must not.

Tokens are made with joserfc; the issuer's keys come from a process of its own over TLS.
"""

from __future__ import annotations

import base64
import hmac
import json
import socket
import subprocess
import sys
import time
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from joserfc import jws
from joserfc.errors import SecurityWarning
from joserfc.jwk import ECKey, OctKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from certs.algorithms import scheme_by_jose
from gateway.settings.oidc import OidcIssuer
from gateway.transport.errors import TransportError
from gateway.transport.issuerkeys import FetchedKeys
from tests.gateway.api.conftest import Ask, asker
from tests.gateway.api.world import NOW, World, build
from tests.gateway.transport.partner import make_certificate

Key = RSAKey | ECKey | OKPKey | OctKey
AUDIENCE = "silkgate"
PATH = "/v1/exchanges"
KEYS: Mapping[str, Key] = {
    "RS256": RSAKey.generate_key(2048, {"kid": "rsa", "use": "sig"}),
    "PS256": RSAKey.generate_key(2048, {"kid": "pss", "alg": "PS256"}),
    "ES256": ECKey.generate_key("P-256", {"kid": "ec"}),
    "EdDSA": OKPKey.generate_key("Ed25519", {"kid": "ed"}),
}
OTHERS = (
    RSAKey.generate_key(2048, {"kid": "enc", "use": "enc"}),
    ECKey.generate_key("P-384", {"kid": "p384"}),
)


_ASKERS: dict[str, Ask] = {}


@dataclass
class Provider:
    """The identity provider: where it is, its keys in a file, and how often it was asked."""

    url: str
    tls: Path
    folder: Path

    @property
    def jwks(self) -> Path:
        """The keys it hands out."""
        return self.folder / "jwks.json"

    @property
    def asked(self) -> int:
        """How often it was asked for its keys."""
        return len((self.folder / "count").read_bytes())

    def publish(self, *keys: Key) -> None:
        """Hand out these keys from now on."""
        published = [key.as_dict(private=False) for key in keys]
        self.jwks.write_text(json.dumps({"keys": published}), "utf-8")

    def issuer(self, **more: Any) -> OidcIssuer:
        """The settings of a gateway that believes it."""
        given: dict[str, Any] = {
            "issuer": self.url,
            "audience": AUDIENCE,
            "jwks_url": f"{self.url}/keys",
            "tenants": {"acme": "port"},
            "tls_ca": self.tls / "tls.pem",
            "private": True,
            **more,
        }
        return OidcIssuer(**given)


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """One gateway for all: nothing is written."""
    made = build(tmp_path_factory.mktemp("gateway"))
    yield made
    made.store.close()


@pytest.fixture(scope="module")
def provider(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Provider]:
    """Run the identity provider."""
    folder = tmp_path_factory.mktemp("issuer")
    tls = make_certificate(folder / "tls")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    found = Provider(f"https://127.0.0.1:{port}", tls, folder)
    (folder / "count").write_bytes(b"")
    found.publish(*KEYS.values(), *OTHERS)
    command = [sys.executable, str(Path(__file__).with_name("issuer_process.py")), str(port)]
    command += map(str, (tls, found.jwks, folder / "count"))
    with subprocess.Popen(command) as process:
        _wait(port)
        yield found
        process.terminate()


def _wait(port: int) -> None:
    until = time.monotonic() + 20
    while time.monotonic() < until:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except OSError:
            time.sleep(0.02)
        else:
            return
    raise TimeoutError(port)


def claims(provider: Provider, **more: Any) -> dict[str, Any]:
    """What a good token says, with changes; None leaves a claim out."""
    now = int(NOW.timestamp())
    said = {
        "iss": provider.url,
        "sub": "erp-1",
        "aud": AUDIENCE,
        "exp": now + 300,
        "iat": now,
        "tenant": "acme",
        "scope": "openid exchanges:read",
        **more,
    }
    return {name: value for name, value in said.items() if value is not None}


def token(
    said: Mapping[str, Any], algorithm: str = "ES256", key: Key | None = None, **header: Any
) -> str:
    """A token over these claims, as the provider makes it."""
    signer = key or KEYS[algorithm]
    whole = {"alg": algorithm, "kid": signer.kid, "typ": "at+jwt", **header}
    whole = {name: value for name, value in whole.items() if value is not None}
    registry = JWSRegistry(algorithms=[algorithm], strict_check_header=False)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", SecurityWarning)  # EdDSA has a new name since RFC 9864
        return jws.serialize_compact(whole, json.dumps(said), signer, registry=registry)


def call(world: World, issuer: OidcIssuer, bearer: str, path: str = PATH) -> httpx.Response:
    """Ask the gateway with a token; for each issuer its application is made once."""
    said = issuer.model_dump_json()
    if said not in _ASKERS:
        world.settings = world.settings.model_copy(update={"oidc": (issuer,)})
        _ASKERS[said] = asker(world)
    return _ASKERS[said]("GET", path, key=bearer)


@pytest.mark.parametrize("algorithm", KEYS)
def test_a_good_token_lets_in(world: World, provider: Provider, algorithm: str) -> None:
    """Each pinned algorithm; keys of other uses and types in the set do no harm."""
    answer = call(world, provider.issuer(), token(claims(provider), algorithm))
    assert answer.status_code == 200, answer.text
    assert "ratelimit" in answer.headers


def test_a_token_may_do_what_its_scopes_say(world: World, provider: Provider) -> None:
    """Without the scope: 403, and what RFC 6750 says of it."""
    answer = call(world, provider.issuer(), token(claims(provider)), "/v1/clearances")
    assert (answer.status_code, answer.json()["code"]) == (403, "SG-6004")
    challenge = answer.headers["www-authenticate"]
    assert 'error="insufficient_scope", scope="clearances:read"' in challenge


def test_claims_are_mapped_by_the_settings(world: World, provider: Provider) -> None:
    """Roles inside another claim, as lists; values that the settings do not name count nothing."""
    issuer = provider.issuer(
        tenant_claim="org.name",
        scope_claim="realm_access.roles",
        scopes={"trader": ("exchanges:read", "clearances:read")},
    )
    said = claims(
        provider,
        org={"name": ["acme", "elsewhere"]},
        realm_access={"roles": ["trader", "tools"]},
        scope="tools",
    )
    for path, status in ((PATH, 200), ("/v1/clearances", 200), ("/v1/hooks", 403)):
        assert call(world, issuer, token(said), path).status_code == status


def test_keys_may_be_a_file(world: World, provider: Provider) -> None:
    """Without any network; the file is read anew when it changes."""
    issuer = provider.issuer(keys=provider.jwks, jwks_url="")
    before = provider.asked
    assert call(world, issuer, token(claims(provider))).status_code == 200
    assert provider.asked == before


def _encoded(part: Mapping[str, Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode()


def _unsigned(provider: Provider, algorithm: str) -> str:
    head = {"alg": algorithm, "kid": "ec"}
    return f"{_encoded(head)}.{_encoded(claims(provider))}."


def _signed_by_hand(head: Mapping[str, Any], said: Mapping[str, Any], sign: Any) -> str:
    """A token as no honest library makes it."""
    octets = f"{_encoded(head)}.{_encoded(said)}"
    value = base64.urlsafe_b64encode(sign(octets.encode())).rstrip(b"=").decode()
    return f"{octets}.{value}"


def _by_public_key(provider: Provider) -> str:
    """HS256 with the issuer's public key as the secret, which everybody has."""
    public = KEYS["RS256"]
    assert isinstance(public, RSAKey)
    secret = public.as_pem(private=False)
    return _signed_by_hand(
        {"alg": "HS256", "kid": "rsa"},
        claims(provider),
        lambda octets: hmac.digest(secret, octets, "sha256"),
    )


def _critical(provider: Provider) -> str:
    """Rightly signed, with a header that asks for something unknown."""
    key = KEYS["ES256"]
    assert isinstance(key, ECKey)
    private = key.private_key
    assert private is not None
    return _signed_by_hand(
        {"alg": "ES256", "kid": "ec", "crit": ["x"], "x": 1},
        claims(provider),
        lambda octets: scheme_by_jose("ES256").sign_raw(private, octets),
    )


def _by_encryption_key(provider: Provider) -> str:
    """Signed with a key that the issuer published for encryption."""
    whole = OTHERS[0].as_dict(private=True)
    signer = RSAKey.import_key({name: value for name, value in whole.items() if name != "use"})
    return token(claims(provider), "RS256", signer, kid="enc")


def _stranger(provider: Provider, **header: Any) -> str:
    mine = ECKey.generate_key("P-256", {"kid": "ec"})
    extra = {name: value(mine) if callable(value) else value for name, value in header.items()}
    return token(claims(provider), key=mine, **extra)


NOW_SECONDS = int(NOW.timestamp())
HOSTILE: dict[str, Any] = {
    "alg none": lambda p: _unsigned(p, "none"),
    "no signature": lambda p: _unsigned(p, "ES256"),
    "secret is the public key": _by_public_key,
    "another key of the same id": _stranger,
    "its own key in the header": lambda p: _stranger(p, jwk=lambda k: k.as_dict(private=False)),
    "a key elsewhere": lambda p: _stranger(p, jku="https://evil.example/keys"),
    "a chain elsewhere": lambda p: _stranger(p, x5u="https://evil.example/chain"),
    "kid is a path": lambda p: token(claims(p), kid="../../etc/passwd"),
    "kid is SQL": lambda p: token(claims(p), kid="x' OR '1'='1"),
    "kid is a list": lambda _: f"{_encoded({'alg': 'ES256', 'kid': ['ec']})}.e30.AAAA",
    "kid of another type": lambda p: token(claims(p), "ES256", kid="rsa"),
    "no kid, many keys": lambda p: token(claims(p), "PS256", kid=None),
    "an encryption key": _by_encryption_key,
    "critical header": _critical,
    "another type": lambda p: token(claims(p), typ="logout+jwt"),
    "another audience": lambda p: token(claims(p, aud="shop")),
    "no audience": lambda p: token(claims(p, aud=None)),
    "audience inside": lambda p: token(claims(p, aud={"x": AUDIENCE})),
    "another issuer": lambda p: token(claims(p, iss="https://evil.example")),
    "issuer with a slash": lambda p: token(claims(p, iss=p.url + "/")),
    "expired": lambda p: token(claims(p, exp=NOW_SECONDS - 31)),
    "never expires": lambda p: token(claims(p, exp=None)),
    "expiry in words": lambda p: token(claims(p, exp="later")),
    "expiry is true": lambda p: token(claims(p, exp=True)),
    "expiry not a number": lambda p: token(claims(p, exp=float("nan"))),
    "expiry beyond all numbers": lambda p: token(claims(p, exp=10**400)),
    "expiry before all time": lambda p: token(claims(p, exp=-1)),
    "not yet": lambda p: token(claims(p, nbf=NOW_SECONDS + 31)),
    "from the future": lambda p: token(claims(p, iat=NOW_SECONDS + 31)),
    "no subject": lambda p: token(claims(p, sub=None)),
    "endless subject": lambda p: token(claims(p, sub="x" * 1000)),
    "no tenant": lambda p: token(claims(p, tenant=None)),
    "a tenant of ours by its own name": lambda p: token(claims(p, tenant="port")),
    "huge": lambda p: token(claims(p, more="x" * 20_000)),
    "claims are a list": lambda _: f"{_encoded({'alg': 'ES256', 'kid': 'ec'})}.W10.AAAA",
    "claim twice": lambda _: (
        _encoded({"alg": "ES256"})
        + "."
        + base64.urlsafe_b64encode(b'{"iss":"a","iss":"b"}').rstrip(b"=").decode()
        + ".AAAA"
    ),
    "dots": lambda _: "..",
    "not base64": lambda _: "%.%.%",
}


@pytest.mark.parametrize("make", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_token_is_refused(world: World, provider: Provider, make: Any) -> None:
    """401 with a problem and `invalid_token`, whatever is wrong; nobody else is asked for keys."""
    answer = call(world, provider.issuer(), make(provider))
    assert (answer.status_code, answer.json()["code"]) == (401, "SG-6009"), answer.text
    assert answer.headers["www-authenticate"] == 'Bearer realm="silkgate", error="invalid_token"'
    assert set(answer.json()["message"]) == {"en", "zh"}


def test_an_algorithm_that_is_not_pinned_is_refused(world: World, provider: Provider) -> None:
    """Also one that the key would allow."""
    issuer = provider.issuer(algorithms=("ES256",))
    assert call(world, issuer, token(claims(provider), "EdDSA")).status_code == 401
    assert call(world, issuer, token(claims(provider), "ES256")).status_code == 200


def test_without_an_issuer_a_token_is_an_unknown_key(world: World, provider: Provider) -> None:
    """Deny by default: 401 as for any other string; and no credentials, no reason."""
    world.settings = world.settings.model_copy(update={"oidc": ()})
    answer = asker(world)("GET", PATH, key=token(claims(provider)))
    assert (answer.status_code, answer.json()["code"]) == (401, "SG-6002")
    nobody = asker(world)("GET", PATH, key=None)
    assert nobody.headers["www-authenticate"] == 'Bearer realm="silkgate"'


def test_made_up_key_names_do_not_make_us_ask_again(provider: Provider) -> None:
    """A new key is found when a token names it, and that at most once a minute."""
    clock = [1000.0]
    keys = FetchedKeys(
        f"{provider.url}/keys",
        authority=provider.tls / "tls.pem",
        private=True,
        monotonic=lambda: clock[0],
    )
    before = provider.asked
    for n in range(50):
        keys.find(f"made up {n}")
    assert provider.asked == before + 1
    new = OKPKey.generate_key("Ed25519", {"kid": "new"})
    provider.publish(*KEYS.values(), new)
    try:
        assert not any(key.kid == "new" for key in keys.find("new"))
        clock[0] += 61
        assert any(key.kid == "new" for key in keys.find("new"))
        assert provider.asked == before + 2
        provider.jwks.write_bytes(b"")
        clock[0] += 3600
        assert any(key.kid == "new" for key in keys.find("new")), "an outage is sat out"
        clock[0] += 24 * 3600
        with pytest.raises(TransportError):
            keys.find("new")
    finally:
        provider.publish(*KEYS.values(), *OTHERS)


def test_an_issuer_that_is_silent_is_no_refusal(world: World, provider: Provider) -> None:
    """503: the token may be good."""
    issuer = provider.issuer(jwks_url="https://127.0.0.1:9/keys")
    answer = call(world, issuer, token(claims(provider)))
    assert (answer.status_code, answer.json()["code"]) == (503, "SG-6010")
