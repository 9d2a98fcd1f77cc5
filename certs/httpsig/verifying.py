"""Verifying the signature of an HTTP message (RFC 9421, 3.2), as a receiver expects it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from certs.algorithms import PublicKey
from certs.errors import HttpSignatureRefused, UnsupportedAlgorithm
from certs.httpsig import structured
from certs.httpsig.message import DIGEST, Message, check_digest, signature_base
from certs.httpsig.refusing import refused
from certs.httpsig.signing import INPUT, SIGNATURE, WANTED, scheme_of
from certs.httpsig.structured import InnerList

_TEXTS: Final = ("keyid", "alg", "nonce", "tag")
_TIMES: Final = ("created", "expires")


@dataclass(frozen=True, slots=True, kw_only=True)
class Expected:
    """What a receiver asks of a signature.

    `covered` has to be signed, and the signature be no older than `age`; a clock may be ahead by
    `skew`. With a `tag` signatures with another are not looked at.
    """

    covered: tuple[str, ...] = WANTED
    age: timedelta = timedelta(minutes=5)
    skew: timedelta = timedelta(seconds=30)
    tag: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Verified:
    """What holds: by which key, when, over which components; `nonce` is to be seen once."""

    key_id: str
    algorithm: str
    created: datetime
    covered: tuple[str, ...]
    nonce: str = ""
    tag: str = ""


@dataclass(frozen=True, slots=True)
class _Signature:
    label: str
    said: InnerList
    value: bytes

    def text(self, name: str) -> str:
        found = self.said.parameters.get(name, "")
        if not isinstance(found, str):
            raise refused(name, "it is no string", "不是字符串")
        return found

    def time(self, name: str) -> datetime | None:
        found = self.said.parameters.get(name)
        if found is None:
            return None
        if isinstance(found, bool) or not isinstance(found, int):
            raise refused(name, "it is no time", "不是时间")
        try:
            return datetime.fromtimestamp(found, UTC)
        except (ValueError, OverflowError, OSError) as error:
            raise refused(name, "it is no time", "不是时间") from error

    @property
    def covered(self) -> tuple[str, ...]:
        return tuple(str(item.value) for item in self.said.items)


def verify(
    message: Message,
    keys: Mapping[str, PublicKey],
    at: datetime,
    expected: Expected | None = None,
) -> Verified:
    """Return the first signature that holds and says what is expected.

    `keys` are those that are trusted, by key id; nothing is believed of the message about keys.
    Raises HttpSignatureRefused with the reason that the last one does not count.
    """
    expected = expected or Expected()
    last = refused(SIGNATURE, "there is no signature to look at", "没有可核验的签名")
    for each in _signatures(message, expected.tag):
        try:
            return _verified(message, each, keys, at, expected)
        except HttpSignatureRefused as error:
            last = error
    raise last


def _signatures(message: Message, tag: str) -> Iterator[_Signature]:
    inputs = structured.lists(message.field(INPUT) or "", INPUT)
    values = structured.sequences(message.field(SIGNATURE) or "", SIGNATURE)
    for label, said in inputs.items():
        if label in values and (not tag or said.parameters.get("tag") == tag):
            yield _Signature(label, said, values[label])


def _verified(
    message: Message,
    signature: _Signature,
    keys: Mapping[str, PublicKey],
    at: datetime,
    expected: Expected,
) -> Verified:
    key_id, named, nonce, tag = (signature.text(name) for name in _TEXTS)
    key = keys.get(key_id)
    if key is None:
        raise refused("keyid", f"the key {key_id!r} is not known", f"未知密钥 {key_id!r}")
    try:
        algorithm, scheme = scheme_of(key)
    except UnsupportedAlgorithm as error:
        raise HttpSignatureRefused(where="keyid", reason=error.message) from error
    if named and named != algorithm:
        raise refused("alg", f"the key signs with {algorithm}", f"该密钥使用 {algorithm} 签名")
    missing = [name for name in expected.covered if name not in signature.covered]
    if missing:
        raise refused(SIGNATURE, f"it does not cover {missing[0]}", f"未涵盖 {missing[0]}")
    created = _in_time(signature, at, expected)
    if not scheme.verify_raw(key, signature.value, signature_base(message, signature.said)):
        raise refused(SIGNATURE, "the signature value is wrong", "签名值错误")
    if DIGEST in signature.covered:
        check_digest(message)
    return Verified(
        key_id=key_id,
        algorithm=algorithm,
        created=created,
        covered=signature.covered,
        nonce=nonce,
        tag=tag,
    )


def _in_time(signature: _Signature, at: datetime, expected: Expected) -> datetime:
    created, expires = (signature.time(name) for name in _TIMES)
    if created is None:
        raise refused("created", "it does not say when it was made", "未注明签署时间")
    if created > at + expected.skew:
        raise refused("created", "it is from the future", "签署时间在未来")
    if at > created + expected.age or (expires is not None and at > expires):
        raise refused("created", "it is too old", "已过时")
    return created
