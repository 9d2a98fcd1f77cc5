"""JAdES made to last: time-stamps and validation data put onto a JWS (TS 119 182-1, 5.3)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from certs import jose, timestamp
from certs.algorithms import scheme_by_jose
from certs.authority.tsa import TimeStamper
from certs.digests import SHA256, Digest
from certs.errors import MalformedCertificate, NotExtendable
from certs.jws import detached as jades_detached
from certs.jws import unsigned as jades_unsigned
from certs.jws.unsigned import Signed, Unsigned
from certs.levels import Level
from certs.validation.material import Material
from certs.validation.sources import Gatherer
from certs.verdict import Refused
from certs.x509 import certificate as certificates
from certs.x509.certificate import Certificate
from schemas.jcs import canonical_json


@dataclass(frozen=True, slots=True)
class Open:
    """One signature of a JWS, taken apart; `signed` has the payload that was signed."""

    signed: Signed
    header: Mapping[str, object]
    components: tuple[str, ...] = field(default=())

    @property
    def unsigned(self) -> Unsigned:
        """What its unsigned components hold."""
        return jades_unsigned.read(self._unprotected, self.signed)

    @property
    def _unprotected(self) -> dict[str, object]:
        return {"etsiU": list(self.components)} if self.components else {}

    @property
    def members(self) -> dict[str, object]:
        """Its members in the JSON forms."""
        found: dict[str, object] = {
            "protected": self.signed.protected,
            "signature": self.signed.value,
        }
        return found | ({"header": self._unprotected} if self.components else {})

    def adding(self, *components: str) -> Open:
        """Return it with further components."""
        return replace(self, components=(*self.components, *components))


@dataclass(frozen=True, slots=True)
class Document:
    """A JWS: its payload as it stands ('' when detached), and the signatures over it."""

    payload: str
    signatures: tuple[Open, ...]

    def each(self, step: Callable[[Open], Open]) -> Document:
        """Return it with a step done to every signature."""
        return replace(self, signatures=tuple(map(step, self.signatures)))

    def joined(self, other: Document) -> Document:
        """Return it with the signatures of another over the same payload."""
        return replace(self, signatures=(*self.signatures, *other.signatures))

    def encode(self) -> bytes:
        """Return the flattened JSON form, for several signatures the general one."""
        payload: dict[str, object] = {"payload": self.payload} if self.payload else {}
        if len(self.signatures) == 1:
            return canonical_json(payload | self.signatures[0].members)
        return canonical_json(payload | {"signatures": [one.members for one in self.signatures]})


def open_jws(data: bytes, detached: Mapping[str, bytes] | None = None) -> Document:
    """Return a JWS taken apart.

    Raises NotExtendable when it is broken, or an unsigned component is not base64url text.
    """
    try:
        payload, signatures = jose.read(data)
        return Document(payload, tuple(_opened(each, payload, detached) for each in signatures))
    except Refused as refused:
        raise NotExtendable(reason=refused.reason.en) from refused


def _opened(signature: jose.Signature, payload: str, detached: Mapping[str, bytes] | None) -> Open:
    octets, _ = jades_detached.signed_objects(payload, signature.header, detached or {})
    listed = signature.unprotected.get("etsiU", [])
    if not isinstance(listed, list) or not all(isinstance(each, str) for each in listed):
        raise NotExtendable(reason="its unsigned components are clear JSON")
    signed = Signed(signature.protected, octets, signature.value)
    opened = Open(signed, signature.header, tuple(listed))
    _check_value(opened)
    return opened


def _check_value(opened: Open) -> None:
    """A fresh time-stamp must not make a wrong signature look kept."""
    scheme = scheme_by_jose(str(opened.header.get("alg", "")))
    octets = f"{opened.signed.protected}.".encode() + opened.signed.payload
    key = _chain(opened.header)[0].public_key
    if key is None or not scheme.verify_raw(key, jose.decode(opened.signed.value), octets):
        raise NotExtendable(reason="the signature value is wrong")


def stamp(opened: Open, stamper: TimeStamper, digest: Digest = SHA256) -> Open:
    """Return it with a signature time-stamp."""
    token = stamper.stamp(digest.of(opened.signed.value.encode()))
    return opened.adding(jades_unsigned.time_stamp(token))


def complete(opened: Open, gatherer: Gatherer) -> Open:
    """Return it with what verifying signer and time-stamps takes (level LT)."""
    offered = _chain(opened.header)
    found = gatherer.gather([(offered[0], offered), *_authorities(opened)])
    missing = found.without(Material(certificates=offered) + opened.unsigned.material)
    return opened.adding(*jades_unsigned.validation_data(missing))


def archive(opened: Open, stamper: TimeStamper, digest: Digest = SHA256) -> Open:
    """Return it with an archive time-stamp over everything so far."""
    octets = opened.signed.archived("".join(opened.components))
    token = stamper.stamp(digest.of(octets))
    return opened.adding(jades_unsigned.time_stamp(token, "arcTst"))


def raised(
    opened: Open,
    level: Level,
    stamper: TimeStamper,
    gatherer: Gatherer | None,
    digest: Digest = SHA256,
) -> Open:
    """Return it at a level, by the steps that are missing; what is there already stays.

    Levels LT and LTA take a gatherer.
    """
    reached = _reached(opened)
    if reached < Level.T <= level:
        opened = stamp(opened, stamper, digest)
    if gatherer is not None and reached < Level.LT <= level:
        opened = complete(opened, gatherer)
    if gatherer is not None and reached < Level.LTA <= level:
        opened = archive(opened, stamper, digest)
    return opened


def renew(opened: Open, stamper: TimeStamper, gatherer: Gatherer, digest: Digest = SHA256) -> Open:
    """Return it archived anew, what its time-stamps need put in first, at T its signer too."""
    reached = _reached(opened)
    if reached < Level.T:
        raise NotExtendable(reason="it has no time-stamp")
    if reached is Level.T:
        return archive(complete(opened, gatherer), stamper, digest)
    unsigned = opened.unsigned
    present = Material(certificates=_chain(opened.header)) + unsigned.material
    tokens = [each.token for each in unsigned.stamps]
    missing = gatherer.gather_newest(tokens, present.certificates).without(present)
    if missing:
        opened = opened.adding(jades_unsigned.stamp_validation_data(missing))
    return archive(opened, stamper, digest)


def _reached(opened: Open) -> Level:
    return Level.named(opened.unsigned.level.rpartition("-")[2])


def _authorities(opened: Open) -> Iterator[tuple[Certificate, Sequence[Certificate]]]:
    unsigned = opened.unsigned
    for each in unsigned.stamps:
        try:
            token = timestamp.read(each.token)
            offered = (*timestamp.embedded(token.data), *unsigned.material.certificates)
            yield timestamp.authority_of(token, offered), offered
        except Refused as refused:
            raise NotExtendable(reason=refused.reason.en) from refused


def _chain(header: Mapping[str, object]) -> tuple[Certificate, ...]:
    listed = header.get("x5c")
    try:
        found = tuple(
            certificates.load(jose.decode_plain(each))
            for each in (listed if isinstance(listed, list) else [])
        )
    except (MalformedCertificate, Refused) as error:
        raise NotExtendable(reason="its certificates cannot be read") from error
    if not found:
        raise NotExtendable(reason="its certificate is not in it")
    return found
