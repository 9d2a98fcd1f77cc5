"""Wycheproof: signatures that are subtly wrong, against the schemes that verdicts rest on."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pytest
from cryptography.hazmat.primitives.serialization import load_der_public_key

from certs.algorithms import SCHEMES, Family, Scheme, usable
from certs.digests import SHA256, SHA384, SHA512, Digest

FOLDER: Final = Path(__file__).resolve().parents[4] / "shared/data/esign/wycheproof"
FILES: Final = {
    "ecdsa_secp256r1_sha256_test.json": (Family.ECDSA, SHA256),
    "ecdsa_secp256r1_sha256_p1363_test.json": (Family.ECDSA, SHA256),
    "ecdsa_secp384r1_sha384_test.json": (Family.ECDSA, SHA384),
    "ed25519_test.json": (Family.ED25519, SHA512),
    "rsa_signature_2048_sha256_test.json": (Family.RSA, SHA256),
    "rsa_pss_2048_sha256_mgf1_32_test.json": (Family.PSS, SHA256),
    "rsa_pss_3072_sha256_mgf1_32_test.json": (Family.PSS, SHA256),
}
# Files about what is not offered; keys of such a kind are refused before any signature is tried.
NOT_OFFERED: Final = {
    "ed448_test.json": "Ed448 is not on the list of accepted algorithms",
    "hmac_sm3_test.json": "no form of signature here uses a shared key",
    "json_web_key_test.json": "keys come in certificates, never as JWK",
    "json_web_signature_test.json": "its keys are JWK; JWS here are verified with certificates",
}


def cases(name: str) -> Iterator[tuple[dict[str, Any], dict[str, Any]]]:
    """Yield each case with its group."""
    for group in json.loads((FOLDER / name).read_text())["testGroups"]:
        for case in group["tests"]:
            yield group, case


def scheme(family: Family, digest: Digest) -> Scheme:
    """Return the scheme of this family and digest."""
    return next(each for each in SCHEMES if (each.family, each.digest) == (family, digest))


def accepted(chosen: Scheme, group: dict[str, Any], case: dict[str, Any], *, raw: bool) -> bool:
    """Tell whether the signature of a case is accepted."""
    encoded = group.get("publicKeyDer") or group.get("publicKeyAsn") or group["keyDer"]
    key = load_der_public_key(bytes.fromhex(encoded))
    assert usable(key)
    verify = chosen.verify_raw if raw else chosen.verify
    return verify(key, bytes.fromhex(case["sig"]), bytes.fromhex(case["msg"]))  # type: ignore[arg-type]


@pytest.mark.conformance
@pytest.mark.parametrize("name", FILES)
def test_right_signatures_are_accepted_and_wrong_ones_are_not(shared: Path, name: str) -> None:
    """Every case of the file; what the suite calls acceptable may go either way."""
    assert shared.is_dir()
    chosen, raw = scheme(*FILES[name]), "p1363" in name
    wrong = [
        case["tcId"]
        for group, case in cases(name)
        if case["result"] != "acceptable"
        and accepted(chosen, group, case, raw=raw) != (case["result"] == "valid")
    ]
    assert wrong == []


@pytest.mark.conformance
def test_every_file_is_run_or_listed_with_a_reason(shared: Path) -> None:
    """A file that comes with the suite and is not known here is not passed over."""
    assert shared.is_dir()
    assert {each.name for each in FOLDER.glob("*.json")} == {*FILES, *NOT_OFFERED}


@pytest.mark.conformance
def test_a_kind_of_key_that_is_not_offered_is_refused(shared: Path) -> None:
    """Ed448 keys are not usable, so no signature by one is ever believed."""
    assert shared.is_dir()
    group, _ = next(cases("ed448_test.json"))
    assert not usable(load_der_public_key(bytes.fromhex(group["publicKeyDer"])))
