"""Validation policies: which constraints count, and until when algorithms are trusted.

The vocabulary is that of the reference validator's ConstraintsParameters (namespace
`http://dss.esig.europa.eu/validation/policy`); dates of algorithms follow ETSI TS 119 312.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from importlib.resources import files
from typing import Final

from certs.decision.model import Crypto
from certs.errors import MalformedPolicy
from schemas.xml import Element, parse

_NS: Final = "{http://dss.esig.europa.eu/validation/policy}"


@dataclass(frozen=True, slots=True)
class Algorithms:
    """What the policy says about algorithms; expiry by name and, for keys, by least size."""

    keys: frozenset[str]
    digests: frozenset[str]
    least_size: dict[str, int]
    digest_end: dict[str, datetime]
    key_end: dict[str, tuple[tuple[int, datetime | None], ...]]

    def weakness(self, crypto: Crypto, at: datetime) -> str:
        """Return what may not be relied on at this time any more, or ''."""
        return self.digest_weakness(crypto.digest, at) or self._key_weakness(crypto, at)

    def digest_weakness(self, digest: str, at: datetime) -> str:
        """The same for a digest alone."""
        end = self.digest_end.get(digest)
        return digest if digest not in self.digests or (end and at >= end) else ""

    def _key_weakness(self, crypto: Crypto, at: datetime) -> str:
        name, size = crypto.algorithm, crypto.size
        if name not in self.keys or size is None or size < self.least_size.get(name, 0):
            return f"{name} {size}"
        fitting = [end for least, end in self.key_end.get(name, ()) if least <= size]
        end = fitting[-1] if fitting else None
        return f"{name} {size}" if end and at >= end else ""


@dataclass(frozen=True, slots=True)
class Policy:
    """Constraints by their path in the document, with level and identifiers."""

    levels: dict[str, str]
    ids: dict[str, frozenset[str]]
    algorithms: Algorithms

    def demands(self, path: str) -> bool:
        """Tell whether breaking this constraint fails a validation; warnings do not."""
        return self.levels.get(path) == "FAIL"

    def skips_revocation(self, path: str, extensions: frozenset[str]) -> bool:
        """Tell whether a certificate with these extensions needs no revocation data."""
        named = self.ids.get(f"{path}/RevocationDataSkip/CertificateExtensions", frozenset())
        return bool(named & extensions)


def read(data: bytes) -> Policy:
    """Return the policy in a document; raises MalformedPolicy, or MalformedXml and its kin."""
    root = parse(data)
    if root.tag != _NS + "ConstraintsParameters":
        raise MalformedPolicy(reason=f"its root is {root.tag}")
    levels: dict[str, str] = {}
    ids: dict[str, frozenset[str]] = {}
    _collect(root, "", levels, ids)
    try:
        return Policy(levels, ids, _algorithms(root))
    except ValueError as error:
        raise MalformedPolicy(reason=str(error)[:200]) from error


@cache
def default() -> Policy:
    """Return the policy that holds when none is given."""
    return read(files("certs.decision").joinpath("default_policy.xml").read_bytes())


# The demands of the default policy that verification makes where revocation data is at hand, and
# does not where there is none: a closed pair of gateways may keep no lists.
_REVOCATION: Final = ("RevocationDataAvailable", "AcceptableRevocationDataFound")
_EASED: Final = (
    "SignatureConstraints/SignedAttributes/SigningTime",
    "Revocation/RevocationHasInformationAboutCertificate",
    "Revocation/RevocationIssuerValidAtProductionTime",
)
_MORE_KEYS: Final = {"EDDSA": 255, "SM2": 256}
_MORE_DIGESTS: Final = frozenset({"SM3", "SHA3-224"})


@cache
def house(*, strict: bool = False) -> Policy:
    """Return the policy of `verify`: the default, plus EdDSA and SM2.

    A claimed signing time is not demanded, as JWS and PDF signatures may have none; a revocation
    counts, also when its issuer need not have listed the expired certificate any more; an anchor
    answers also after its end, as it is trusted for what it is. Unless
    `strict`, revocation data counts where it is there and is not demanded.
    """
    base = default()
    levels = {**base.levels, **dict.fromkeys(_EASED, "INFORM")}
    if not strict:
        levels.update({path: "INFORM" for path in levels if path.endswith(_REVOCATION)})
    known = base.algorithms
    algorithms = replace(
        known,
        keys=known.keys | _MORE_KEYS.keys(),
        digests=known.digests | _MORE_DIGESTS,
        least_size={**known.least_size, **_MORE_KEYS},
    )
    return Policy(levels, base.ids, algorithms)


def _collect(
    at: Element, path: str, levels: dict[str, str], ids: dict[str, frozenset[str]]
) -> None:
    for each in at.iterchildren("{*}*"):
        here = f"{path}/{each.tag.removeprefix(_NS)}".lstrip("/")
        level = each.get("Level")
        if level:
            levels[here] = level
        named = [(one.text or "").strip() for one in each.findall(_NS + "Id")]
        if named:
            ids[here] = frozenset(named)
        _collect(each, here, levels, ids)


def _algorithms(root: Element) -> Algorithms:
    crypto = root.find(_NS + "Cryptographic")
    if crypto is None:
        raise MalformedPolicy(reason="it says nothing on algorithms")
    ends = crypto.find(_NS + "AlgoExpirationDate")
    settled = _date(ends.get("UpdateDate")) if ends is not None else None
    lenient = ends is not None and ends.get("LevelAfterUpdate", "FAIL") != "FAIL"
    digest_end: dict[str, datetime] = {}
    key_end: dict[str, list[tuple[int, datetime | None]]] = {}
    for each in ends.iterchildren(_NS + "Algo") if ends is not None else ():
        end = _date(each.get("Date"))
        if end and settled and lenient and end > settled:
            # What was expected to end after the policy was written is a forecast: a warning.
            end = None
        name, size = (each.text or "").strip(), each.get("Size")
        if size is not None:
            key_end.setdefault(name, []).append((int(size), end))
        elif end is not None:
            digest_end[name] = end
    return Algorithms(
        keys=_names(crypto, "AcceptableEncryptionAlgo"),
        digests=_names(crypto, "AcceptableDigestAlgo"),
        least_size={
            (each.text or "").strip(): int(each.get("Size", "0"))
            for each in crypto.iterfind(f"{_NS}MiniPublicKeySize/{_NS}Algo")
        },
        digest_end=digest_end,
        key_end={
            name: tuple(sorted(found, key=lambda pair: pair[0])) for name, found in key_end.items()
        },
    )


def _names(crypto: Element, kind: str) -> frozenset[str]:
    found = crypto.iterfind(f"{_NS}{kind}/{_NS}Algo")
    return frozenset((each.text or "").strip() for each in found)


def _date(text: str | None) -> datetime | None:
    return datetime.fromisoformat(text).replace(tzinfo=UTC) if text else None
