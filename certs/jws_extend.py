"""JAdES made to last: time-stamps and validation data put onto a JWS (TS 119 182-1, 5.3)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from certs import certificate as certificates
from certs import jades, jades_unsigned, jose, timestamp
from certs.certificate import Certificate
from certs.digests import SHA256, Digest
from certs.errors import MalformedCertificate, NotExtendable
from certs.jades_unsigned import Signed, Unsigned
from certs.tsa import TimeStamper
from certs.validation.material import Material
from certs.validation.sources import Gatherer
from certs.verdict import Refused
from schemas.jcs import canonical_json


@dataclass(frozen=True, slots=True)
class Open:
    """A JWS with one signature, taken apart; `signed` has the payload that was signed."""

    payload: str
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

    def adding(self, *components: str) -> Open:
        """Return it with further components."""
        return replace(self, components=(*self.components, *components))

    def encode(self) -> bytes:
        """Return the flattened JSON form."""
        members: dict[str, object] = {
            "protected": self.signed.protected,
            "signature": self.signed.value,
        }
        if self.payload:
            members["payload"] = self.payload
        if self.components:
            members["header"] = self._unprotected
        return canonical_json(members)


def open_jws(data: bytes, detached: Mapping[str, bytes] | None = None) -> Open:
    """Return a JWS taken apart; raises NotExtendable unless it has one signature, all Base64."""
    try:
        payload, signatures = jose.read(data)
        (signature,) = signatures
        text, _ = jades.signed_objects(payload, signature.header, detached or {})
    except (Refused, ValueError) as error:
        raise NotExtendable(reason=_reason(error)) from error
    listed = signature.unprotected.get("etsiU", [])
    if not isinstance(listed, list) or not all(isinstance(each, str) for each in listed):
        raise NotExtendable(reason="its unsigned components are clear JSON")
    signed = Signed(signature.protected, text, signature.value)
    return Open(payload, signed, signature.header, tuple(listed))


def _reason(error: Exception) -> str:
    return error.reason.en if isinstance(error, Refused) else "it has several signatures"


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


def renew(opened: Open, stamper: TimeStamper, gatherer: Gatherer, digest: Digest = SHA256) -> Open:
    """Return it archived anew, what its time-stamps need put in first."""
    unsigned = opened.unsigned
    present = Material(certificates=_chain(opened.header)) + unsigned.material
    tokens = [each.token for each in unsigned.stamps]
    missing = gatherer.gather_newest(tokens, present.certificates).without(present)
    if missing:
        opened = opened.adding(jades_unsigned.stamp_validation_data(missing))
    return archive(opened, stamper, digest)


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
