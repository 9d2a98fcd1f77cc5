"""Signatures of HTTP messages, ours by an independent implementation and its by us.

`make interop` installs http-message-signatures apart; SILKGATE_JUDGE_PYTHON names its interpreter.
"""

from __future__ import annotations

import json
import os
import subprocess
from datetime import UTC, datetime
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from certs.errors import HttpSignatureRefused
from certs.httpsig import WANTED, Message, sign, verify
from certs.httpsig.message import content_digest

pytestmark = pytest.mark.interop

Key = ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey
URL = "https://hooks.example.org/silkgate?x=1"
BODY = b'{"hello": "world"}'
JUDGE = """
import json, sys
import requests
from cryptography.hazmat.primitives.serialization import load_pem_private_key
from http_message_signatures import (
    HTTPMessageSigner, HTTPMessageVerifier, HTTPSignatureKeyResolver, algorithms)

case = json.load(sys.stdin)
key = load_pem_private_key(case["key"].encode(), None)
algorithm = getattr(algorithms, case["algorithm"])

class Keys(HTTPSignatureKeyResolver):
    def resolve_private_key(self, key_id):
        return key
    def resolve_public_key(self, key_id):
        return key.public_key()

request = requests.Request(
    "POST", case["url"], data=case["body"].encode(), headers=case["headers"]).prepare()
if case["sign"]:
    HTTPMessageSigner(signature_algorithm=algorithm, key_resolver=Keys()).sign(
        request, key_id="k", covered_component_ids=case["covered"], use_existing_digest=True)
    print(json.dumps(dict(request.headers)))
else:
    try:
        HTTPMessageVerifier(signature_algorithm=algorithm, key_resolver=Keys()).verify(request)
        print(json.dumps(True))
    except Exception as error:
        print(json.dumps(False))
"""
KEYS: dict[str, Key] = {
    "ED25519": ed25519.Ed25519PrivateKey.generate(),
    "ECDSA_P256_SHA256": ec.generate_private_key(ec.SECP256R1()),
}


def _ask(algorithm: str, headers: dict[str, str], *, sign: bool) -> object:
    python = os.environ.get("SILKGATE_JUDGE_PYTHON", "")
    if not python or not Path(python).is_file():
        pytest.skip("http-message-signatures is not here: run `make interop`")
    pem = KEYS[algorithm].private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    case = {
        "key": pem.decode(),
        "algorithm": algorithm,
        "url": URL,
        "body": BODY.decode(),
        "headers": headers,
        "covered": WANTED,
        "sign": sign,
    }
    ran = subprocess.run(
        [python, "-c", JUDGE], input=json.dumps(case), capture_output=True, text=True, check=True
    )
    return json.loads(ran.stdout)


@pytest.mark.parametrize("algorithm", KEYS)
def test_ours_verify_there(algorithm: str) -> None:
    """What we sign verifies there, and one changed field does not."""
    message = Message(
        method="POST", url=URL, headers=(("Content-Type", "application/json"),), body=BODY
    )
    fields = sign(message, KEYS[algorithm], key_id="k", created=datetime.now(UTC), nonce="n")
    headers = {"Content-Type": "application/json", **fields}
    assert _ask(algorithm, headers, sign=False) is True
    assert _ask(algorithm, {**headers, "Content-Type": "text/plain"}, sign=False) is False


@pytest.mark.parametrize("algorithm", KEYS)
def test_theirs_verify_here(algorithm: str) -> None:
    """What is signed there verifies here, and another body does not."""
    headers = {"Content-Type": "application/json", "Content-Digest": content_digest(BODY)}
    found = _ask(algorithm, headers, sign=True)
    assert isinstance(found, dict)
    message = Message(method="POST", url=URL, headers=tuple(found.items()), body=BODY)
    keys = {"k": KEYS[algorithm].public_key()}
    assert verify(message, keys, datetime.now(UTC)).key_id == "k"
    changed = Message(method="POST", url=URL, headers=message.headers, body=b"{}")
    with pytest.raises(HttpSignatureRefused):
        verify(changed, keys, datetime.now(UTC))
