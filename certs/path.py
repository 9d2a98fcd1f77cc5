"""Certificate paths: from a signer to an anchor (RFC 5280, section 6), with a budget of work.

Checked on the way: signatures, validity at the proven time, basicConstraints, pathLenConstraint
(self-issued certificates not counted), keyCertSign, unknown critical extensions, CRLs of the
trust store. Certificates with constraints that are not evaluated here (names, policies) carry
them as critical extensions that are not understood, and are refused.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.exceptions import UnsupportedAlgorithm as Unsupported
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa

from certs.certificate import Certificate, NameKey
from certs.trust import RevocationList, TrustStore
from certs.verdict import Refused, SubIndication
from schemas.text import Text

_LONGEST: Final = 10
_BUDGET: Final = 64
_REMEMBERED: Final = 2048
_WEAK: Final = frozenset({"md5", "sha1"})


@dataclass(frozen=True, slots=True)
class Path:
    """A path from the signer's certificate to an anchor, and when all of it is valid."""

    certificates: tuple[Certificate, ...]
    not_before: datetime
    not_after: datetime

    @property
    def anchor(self) -> Certificate:
        """The certificate trust rests on."""
        return self.certificates[-1]


@dataclass(slots=True)
class _Search:
    """One search: what it may use, and how many signatures it may still check."""

    trust: TrustStore
    pool: dict[NameKey, list[Certificate]]
    at: datetime
    budget: int = _BUDGET
    refused: Refused | None = None


_Key = tuple[bytes, bytes, tuple[bytes, ...]]
_paths: OrderedDict[_Key, Path] = OrderedDict()


def find(
    signer: Certificate, extra: Sequence[Certificate], trust: TrustStore, at: datetime
) -> Path:
    """Return a path for `signer` that is valid at `at`, or raise Refused with the reason.

    A path found once is remembered by trust store, signer and offered certificates, for as long
    as all of its certificates are valid; revocation is looked at each time.
    """
    key = (trust.identity, signer.sha256, tuple(each.sha256 for each in extra))
    path = _paths.get(key)
    if path is None or not path.not_before <= at <= path.not_after:
        path = _search(signer, extra, trust, at)
        _paths[key] = path
        if len(_paths) > _REMEMBERED:
            _paths.popitem(last=False)
    if trust.lists:
        _check_revocation(path, trust, at)
    return path


def _search(
    signer: Certificate, extra: Sequence[Certificate], trust: TrustStore, at: datetime
) -> Path:
    pool: dict[NameKey, list[Certificate]] = {}
    for each in extra:
        pool.setdefault(each.subject, []).append(each)
    search = _Search(trust, pool, at)
    found = _extend(search, (signer,))
    if found is None:
        raise search.refused or Refused(
            SubIndication.NO_CERTIFICATE_CHAIN_FOUND,
            Text(
                f"No path from “{signer.name}” to a trust anchor.",
                f"从“{signer.name}”到信任锚没有证书路径。",
            ),
        )
    return Path(
        found,
        max(each.not_before for each in found),
        min(each.not_after for each in found),
    )


def _extend(search: _Search, path: tuple[Certificate, ...]) -> tuple[Certificate, ...] | None:
    """Return `path` prolonged to an anchor, trying every issuer, or None."""
    last = path[-1]
    if last in search.trust.anchors:
        return path if _acceptable(search, path) else None
    if len(path) >= _LONGEST:
        return None
    for issuer in _issuers(search, last):
        if issuer in path or not _spend(search) or not _issued(last, issuer):
            continue
        found = _extend(search, (*path, issuer))
        if found is not None:
            return found
    return None


def _issuers(search: _Search, subject: Certificate) -> list[Certificate]:
    """Return candidates by name, anchors and fitting key identifiers first."""
    candidates = [
        *search.trust.by_subject.get(subject.issuer, ()),
        *search.pool.get(subject.issuer, ()),
    ]
    return sorted(
        dict.fromkeys(candidates),
        key=lambda each: (
            each not in search.trust.anchors,
            bool(subject.authority_key_id) and each.key_id != subject.authority_key_id,
        ),
    )


def _spend(search: _Search) -> bool:
    search.budget -= 1
    if search.budget < 0:
        search.refused = Refused(
            SubIndication.CERTIFICATE_CHAIN_GENERAL_FAILURE,
            Text("The search for a path was given up: too many ways.", "证书路径过多,已放弃搜索。"),
        )
        return False
    return True


def _issued(subject: Certificate, issuer: Certificate) -> bool:
    """Tell whether the issuer's key made the subject's signature; names were compared before."""
    signed = subject.x509
    try:
        match issuer.public_key, signed.signature_algorithm_parameters:
            case ec.EllipticCurvePublicKey() as key, ec.ECDSA() as algorithm:
                key.verify(signed.signature, signed.tbs_certificate_bytes, algorithm)
            case rsa.RSAPublicKey() as key, (padding.PKCS1v15() | padding.PSS()) as scheme:
                digest = signed.signature_hash_algorithm
                if digest is None:
                    return False
                key.verify(signed.signature, signed.tbs_certificate_bytes, scheme, digest)
            case ed25519.Ed25519PublicKey() as key, None:
                key.verify(signed.signature, signed.tbs_certificate_bytes)
            case _:
                return False
    except (ValueError, TypeError, InvalidSignature, Unsupported):
        return False
    return True


def _acceptable(search: _Search, path: tuple[Certificate, ...]) -> bool:
    """Tell whether a complete path keeps the rules at the time; remembers why not."""
    try:
        for depth, each in enumerate(path):
            _check_validity(each, search.at, anchor=depth == len(path) - 1 and depth > 0)
            if each.not_understood:
                raise _constraint(
                    each, "a critical extension is not understood", "存在无法识别的关键扩展"
                )
            if depth < len(path) - 1:
                _check_strength(each)
            if depth:
                _check_authority(each, path[1:depth], anchor=depth == len(path) - 1)
    except Refused as refused:
        search.refused = search.refused or refused
        return False
    return True


def _check_validity(each: Certificate, at: datetime, *, anchor: bool) -> None:
    """A certificate must be valid at the time; an anchor is trusted from its start on."""
    if each.valid_at(at) or (anchor and each.not_before <= at):
        return
    raise Refused(
        SubIndication.OUT_OF_BOUNDS_NO_POE,
        Text(
            f"“{each.name}” is not valid at the proven time {at:%Y-%m-%d %H:%M:%S}Z.",
            f"证书“{each.name}”在可证明的时间 {at:%Y-%m-%d %H:%M:%S}Z 不在有效期内。",
        ),
    )


def _check_strength(each: Certificate) -> None:
    """A certificate below the anchor may not be signed over a digest that can be forged."""
    digest = each.x509.signature_hash_algorithm
    if digest is not None and digest.name in _WEAK:
        raise Refused(
            SubIndication.CRYPTO_CONSTRAINTS_FAILURE_NO_POE,
            Text(
                f"“{each.name}” is signed with {digest.name}.",
                f"证书“{each.name}”使用 {digest.name} 签名。",
            ),
        )


def _check_authority(each: Certificate, below: Sequence[Certificate], *, anchor: bool) -> None:
    """An issuer must be a CA allowed to sign certificates, and not too high above the signer."""
    old_anchor = anchor and each.x509.version.value == 0
    if not each.is_authority and not old_anchor:
        raise _constraint(each, "it is no certification authority", "它不是认证机构证书")
    if not each.allows("key_cert_sign"):
        raise _constraint(each, "it may not sign certificates", "它不得签发证书")
    between = sum(not lower.self_issued for lower in below)
    if each.path_length is not None and between > each.path_length:
        raise _constraint(each, "the path is longer than it allows", "证书路径超过其允许的长度")


def _constraint(each: Certificate, en: str, zh: str) -> Refused:
    return Refused(
        SubIndication.CHAIN_CONSTRAINTS_FAILURE,
        Text(f"“{each.name}”: {en}.", f"“{each.name}”:{zh}。"),
    )


def _check_revocation(path: Path, trust: TrustStore, at: datetime) -> None:
    """No certificate below the anchor may have been revoked by the time."""
    for each, issuer in zip(path.certificates, path.certificates[1:], strict=False):
        for found in trust.lists:
            if found.issuer != each.issuer or not _issued_list(found, issuer):
                continue
            revoked = found.revoked_at(each.serial)
            if revoked is not None and revoked <= at:
                raise _revoked(each, revoked, signer=each is path.certificates[0])


def _issued_list(found: RevocationList, issuer: Certificate) -> bool:
    key = issuer.public_key
    return key is not None and issuer.allows("crl_sign") and found.crl.is_signature_valid(key)


def _revoked(each: Certificate, when: datetime, *, signer: bool) -> Refused:
    return Refused(
        SubIndication.REVOKED_NO_POE if signer else SubIndication.REVOKED_CA_NO_POE,
        Text(
            f"“{each.name}” was revoked on {when:%Y-%m-%d %H:%M:%S}Z.",
            f"证书“{each.name}”已于 {when:%Y-%m-%d %H:%M:%S}Z 被吊销。",
        ),
    )
