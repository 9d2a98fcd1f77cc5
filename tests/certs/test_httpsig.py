"""Signatures of HTTP messages: the test cases of RFC 9421, Appendix B, and what must not pass."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import load_der_private_key, load_der_public_key
from hypothesis import given
from hypothesis import strategies as st

from certs.errors import HttpSignatureRefused, UnsupportedAlgorithm
from certs.httpsig import Expected, Message, read_request, sign, verify
from certs.httpsig.message import content_digest, signature_base
from certs.httpsig.structured import InnerList, Item, dictionary, sequences

# RFC 9421, B.1.3 and B.1.4: the keys; B.2: the messages; B.2.4 and B.2.6: the signatures.
ED25519_PRIVATE = "MC4CAQAwBQYDK2VwBCIEIJ+DYvh6SEqVTm50DFtMDoQikTmiCqirVv9mWG9qfSnF"
ED25519_PUBLIC = "MCowBQYDK2VwAyEAJrQLj5P/89iXES9+vFgrIy29clF9CC/oPPsw3c5D0bs="
P256_PUBLIC = (
    "MFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAEqIVYZVLCrPZHGHjP17CTW0/+D9Lf"
    "w0EkjqF7xB4FivAxzic30tMM4GF+hR6Dxh71Z50VGGdldkkDXZCnTNnoXQ=="
)
REQUEST = b"""\
POST /foo?param=Value&Pet=dog HTTP/1.1
Host: example.com
Date: Tue, 20 Apr 2021 02:07:55 GMT
Content-Type: application/json
Content-Digest: sha-512=:WZDPaVn/7XgHaAy8pmojAkGWoRx2UFChF41A2svX+TaPm+AbwAgBWnrIiYllu7BNNyeal\
dVLvRwEmTHWXvJwew==:
Content-Length: 18

{"hello": "world"}"""
B26 = "wqcAqbmYJ2ji2glfAMaRy4gruYYnx2nEFN2HN6jrnDnQCK1u02Gb04v9EDgwUPiu4A0w6vuQv5lIp5WPpBKRCw=="
B26_COVERED = ("date", "@method", "@path", "@authority", "content-type", "content-length")
B24 = "wNmSUAhwb5LxtOtOpNa6W5xj067m5hFrj0XQ4fvpaCLx0NKocgPquLgyahnzDnDAUy5eCdlYUEkLIj+32oiasw=="
B24_COVERED = ("@status", "content-type", "content-digest", "content-length")
CREATED = datetime.fromtimestamp(1618884473, UTC)

KEY = ed25519.Ed25519PrivateKey.generate()
NOW = datetime(2026, 3, 20, 2, 0, tzinfo=UTC)
KEYS = {"k": KEY.public_key()}
MESSAGE = Message(
    method="POST",
    url="https://hooks.example.org/silkgate?x=1",
    headers=(("Content-Type", "application/json"),),
    body=b'{"hello": "world"}',
)


def _signed(covered: tuple[str, ...], key_id: str, value: str) -> tuple[tuple[str, str], ...]:
    label = "sig"
    names = " ".join(f'"{name}"' for name in covered)
    said = f'{label}=({names});created=1618884473;keyid="{key_id}"'
    return (("Signature-Input", said), ("Signature", f"{label}=:{value}:"))


def test_the_request_of_the_standard_verifies() -> None:
    """B.2.6: Ed25519 over six components; the digest of the body fits too (B.2)."""
    key = load_der_public_key(base64.b64decode(ED25519_PUBLIC))
    message = read_request(REQUEST)
    fields = _signed(B26_COVERED, "test-key-ed25519", B26)
    message = replace(message, headers=(*message.headers, *fields))
    expected = Expected(covered=B26_COVERED)
    found = verify(message, {"test-key-ed25519": key}, CREATED, expected)  # type: ignore[dict-item]
    assert (found.algorithm, found.created, found.covered) == ("ed25519", CREATED, B26_COVERED)
    with pytest.raises(HttpSignatureRefused):
        verify(replace(message, method="PUT"), {"test-key-ed25519": key}, CREATED, expected)  # type: ignore[dict-item]


def test_the_key_of_the_standard_makes_the_same_signature() -> None:
    """B.2.6: Ed25519 is deterministic, so what we sign over is octet for octet its base."""
    key = load_der_private_key(base64.b64decode(ED25519_PRIVATE), None)
    assert isinstance(key, ed25519.Ed25519PrivateKey)
    said = InnerList(
        tuple(map(Item, B26_COVERED)), {"created": 1618884473, "keyid": "test-key-ed25519"}
    )
    assert base64.b64encode(key.sign(signature_base(read_request(REQUEST), said))).decode() == B26


def test_the_response_of_the_standard_verifies() -> None:
    """B.2.4: P-256 over a status, and the digest of the body."""
    key = load_der_public_key(base64.b64decode(P256_PUBLIC))
    body = b'{"message": "good dog"}'
    message = Message(
        method="",
        url="",
        status=200,
        headers=(
            ("Date", "Tue, 20 Apr 2021 02:07:56 GMT"),
            ("Content-Type", "application/json"),
            ("Content-Digest", content_digest(body, ["sha-512"])),
            ("Content-Length", "23"),
            *_signed(B24_COVERED, "test-key-ecc-p256", B24),
        ),
        body=body,
    )
    expected = Expected(covered=B24_COVERED)
    found = verify(message, {"test-key-ecc-p256": key}, CREATED, expected)  # type: ignore[dict-item]
    assert found.algorithm == "ecdsa-p256-sha256"
    with pytest.raises(HttpSignatureRefused):
        verify(replace(message, body=b"{}"), {"test-key-ecc-p256": key}, CREATED, expected)  # type: ignore[dict-item]


@pytest.mark.parametrize(
    "key", [KEY, ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP384R1())]
)
def test_what_is_signed_verifies(
    key: ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey,
) -> None:
    """Each kind of key; nonce and tag come back as they were given."""
    message = sealed(MESSAGE, key=key, nonce="n-1", tag="silkgate")
    found = verify(message, {"k": key.public_key()}, NOW, Expected(tag="silkgate"))
    assert (found.nonce, found.tag, found.created) == ("n-1", "silkgate", NOW)


def test_rsa_and_secrets_sign_nothing() -> None:
    """A key of a type that is not offered is refused by name."""
    with pytest.raises(UnsupportedAlgorithm):
        sealed(MESSAGE, key=rsa.generate_private_key(65537, 2048))


def sealed(message: Message, **said: object) -> Message:
    """A message with its signature."""
    given: dict[str, object] = {"key": KEY, "key_id": "k", "created": NOW, **said}
    fields = sign(message, **given)  # type: ignore[arg-type]
    return replace(message, headers=(*message.headers, *fields.items()))


def _header(name: str, change: Callable[[str], str]) -> Callable[[Message], Message]:
    def bend(message: Message) -> Message:
        headers = tuple(
            (key, change(value) if key.lower() == name else value) for key, value in message.headers
        )
        return replace(message, headers=headers)

    return bend


HOSTILE: dict[str, Callable[[Message], Message]] = {
    "another method": lambda m: replace(m, method="PUT"),
    "another host": lambda m: replace(m, url=m.url.replace("hooks", "hook5")),
    "no address": lambda m: replace(
        _header("signature-input", lambda v: v.replace("@target-uri", "@authority"))(m),
        url="https://[",
    ),
    "another query": lambda m: replace(m, url=m.url + "1"),
    "another scheme": lambda m: replace(m, url=m.url.replace("https", "http")),
    "another body": lambda m: replace(m, body=m.body + b" "),
    "another body and digest": lambda m: replace(
        _header("content-digest", lambda _: content_digest(b"x"))(m), body=b"x"
    ),
    "no digest in force": _header("content-digest", lambda v: v.replace("sha-256", "md5")),
    "another type": _header("content-type", lambda _: "text/plain"),
    "a second type": lambda m: replace(m, headers=(*m.headers, ("content-type", "text/plain"))),
    "another key": _header("signature-input", lambda v: v.replace('keyid="k"', 'keyid="j"')),
    "no key": _header("signature-input", lambda v: v.replace('keyid="k"', 'kid="k"')),
    "another algorithm": _header("signature-input", lambda v: v.replace("ed25519", "hmac-sha256")),
    "made again later": _header("signature-input", lambda v: v.replace("created=1", "created=2")),
    "no time": _header("signature-input", lambda v: v.replace("created=", "made=")),
    "an endless time": _header("signature-input", lambda v: v.replace("created=", "created=99999")),
    "a time in words": _header(
        "signature-input", lambda v: v.replace("created=", 'created="x";was=')
    ),
    "nonce of another": _header("signature-input", lambda v: v.replace("n-1", "n-2")),
    "less covered": _header("signature-input", lambda v: v.replace('"@method" ', "")),
    "covered twice": _header(
        "signature-input", lambda v: v.replace('"@method"', '"@method" "@method"')
    ),
    "with a parameter": _header(
        "signature-input", lambda v: v.replace('"@method"', '"@method";req')
    ),
    "no list": _header("signature-input", lambda _: 'sig="x"'),
    "no signature": _header("signature", lambda _: ""),
    "of another label": _header("signature", lambda v: v.replace("sig=", "gis=")),
    "signature in text": _header("signature", lambda _: 'sig="abc"'),
    "signature cut": _header("signature", lambda v: v[:-6] + "=:"),
    "endless": _header("signature", lambda v: v + ", x=:AA==:" * 2000),
    "Chinese": _header("content-type", lambda _: "文本"),
}


@pytest.mark.parametrize("bend", HOSTILE.values(), ids=HOSTILE)
def test_a_bent_message_is_refused(bend: Callable[[Message], Message]) -> None:
    """Whatever is changed on the way, nothing is taken from the message."""
    message = sealed(MESSAGE, nonce="n-1")
    assert verify(message, KEYS, NOW).key_id == "k"
    with pytest.raises(HttpSignatureRefused):
        verify(bend(message), KEYS, NOW)


def test_a_signature_counts_for_five_minutes() -> None:
    """Later it is a replay; a clock may be ahead by half a minute."""
    message = sealed(MESSAGE)
    for late in (timedelta(minutes=5), timedelta(seconds=-30)):
        assert verify(message, KEYS, NOW + late).created == NOW
    for late in (timedelta(minutes=5, seconds=1), timedelta(seconds=-31)):
        with pytest.raises(HttpSignatureRefused):
            verify(message, KEYS, NOW + late)


def test_one_good_signature_of_several_is_enough() -> None:
    """A proxy may add its own beside ours; one of a key that is not known proves nothing."""
    other = sign(MESSAGE, ed25519.Ed25519PrivateKey.generate(), key_id="proxy", created=NOW,
                 label="proxy")  # fmt: skip
    del other["content-digest"]
    mine = sealed(MESSAGE)
    both = replace(mine, headers=(*other.items(), *mine.headers))
    assert verify(both, KEYS, NOW).key_id == "k"


def test_a_stored_request_is_read_with_either_line_ending() -> None:
    """CRLF as on the wire, LF as editors save it; a target in full or below a base address."""
    crlf = REQUEST.replace(b"\n\n", b"\r\n\r\n", 1)
    head, _, body = crlf.partition(b"\r\n\r\n")
    crlf = head.replace(b"\n", b"\r\n") + b"\r\n\r\n" + body
    assert read_request(crlf) == read_request(REQUEST)
    assert read_request(REQUEST).url == "https://example.com/foo?param=Value&Pet=dog"
    assert read_request(REQUEST, "http://localhost:1").url.startswith("http://localhost:1/foo")
    for wrong in (b"", b"HELLO", b"GET / HTTP/1.1\nno colon\n\n", b"GET / HTTP/2\n\n", b"\xff"):
        with pytest.raises(HttpSignatureRefused):
            read_request(wrong)


@given(st.dictionaries(st.from_regex(r"[a-z][a-z0-9]{0,9}", fullmatch=True), st.binary()))
def test_byte_sequences_survive(members: dict[str, bytes]) -> None:
    """A dictionary of byte sequences reads as it was written."""
    written = dictionary({name: Item(value) for name, value in members.items()})
    assert sequences(written, "x") == members


@given(st.text())
def test_no_field_breaks_the_reader(text: str) -> None:
    """Whatever a field says, it is read or refused."""
    message = replace(
        MESSAGE, headers=(("signature-input", text), ("signature", text), ("content-digest", text))
    )
    with pytest.raises(HttpSignatureRefused):
        verify(message, KEYS, NOW)
