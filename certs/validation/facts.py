"""Certificates and revocation data as the facts that a decision looks at.

Tokens are known by the SHA-256 of their DER in hex. Chains are built by the rules of RFC 5280
that do not depend on time; when a certificate was valid, revoked or too weak is left to the
decision, which knows for each token since when it is proven to exist.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from functools import lru_cache
from typing import Final

from cryptography import x509

from certs import path
from certs.algorithms import scheme_by_oid, strength_of
from certs.decision.model import (
    CertificateFacts,
    CertificateStatus,
    Crypto,
    RevocationFacts,
    Status,
)
from certs.errors import UnsupportedAlgorithm
from certs.path.revocation import Word, words
from certs.path.search import Demands
from certs.trust import TrustStore
from certs.validation import online
from certs.validation.answers import Answer
from certs.validation.material import Material
from certs.verdict import Refused
from certs.x509.certificate import Certificate
from certs.x509.revocation_list import RevocationList

_NOW: Final = Demands(leave_revocation=True)
_EVER: Final = Demands(timeless=True)
_USAGES: Final = {
    "digital_signature": "digitalSignature",
    "content_commitment": "nonRepudiation",
    "key_cert_sign": "keyCertSign",
    "crl_sign": "crlSign",
    "key_encipherment": "keyEncipherment",
    "key_agreement": "keyAgreement",
}
_HOLD: Final = "certificateHold"
_REASONS: Final = {x509.ReasonFlags.certificate_hold: _HOLD}


class Facts:
    """Gathers the facts about one signature: its chains, those of its time-stamps, and so on."""

    def __init__(self, trust: TrustStore, material: Material) -> None:
        """Look for issuers among the anchors and in the material that came along."""
        self._trust = trust
        self._pool = material.certificates
        self._lists = (*material.lists, *trust.lists)
        self._answers = material.answers
        self.certificates: dict[str, CertificateFacts] = {}
        self.revocations: dict[str, RevocationFacts] = {}

    def add(self, route: tuple[Certificate, ...], at: datetime) -> tuple[str, ...]:
        """Note the facts about a route and return its identifiers."""
        for place, each in enumerate(route):
            self._add(each, route[place:], at)
        return tuple(map(_identifier, route))

    def route(self, signer: Certificate, at: datetime) -> tuple[Certificate, ...]:
        """Return the way from the signer to an anchor, best one valid at `at`.

        Raises Refused with the reason when there is none at any time.
        """
        try:
            return path.find(signer, self._pool, self._trust, at, _NOW).certificates
        except Refused as refused:
            try:
                return path.find(signer, self._pool, self._trust, at, _EVER).certificates
            except Refused:
                raise refused from None

    def cleared(self, route: tuple[Certificate, ...], at: datetime) -> bool:
        """Tell whether each certificate below the anchor was said to be good at `at` or later."""
        return all(self._cleared(each, at) for each in route[:-1])

    def _cleared(self, each: Certificate, at: datetime) -> bool:
        for status in self.certificates[_identifier(each)].statuses:
            if status.status is Status.GOOD:
                until = self.revocations[status.revocation].next_update
                if until is not None and at <= until:
                    return True
        return False

    def _add(self, each: Certificate, route: tuple[Certificate, ...], at: datetime) -> None:
        name = _identifier(each)
        if name in self.certificates:
            return
        trusted = each in self._trust.anchors
        issuer = route[1] if len(route) > 1 else each
        self.certificates[name] = _certificate(each, issuer, (), trusted=trusted)
        if trusted or len(route) == 1:
            return
        found = tuple(self._statuses(each, route[1:], at))
        if not found and (asked := online.ask(each, issuer, at)):
            self._answers += asked.answers
            self._lists += asked.lists
            found = tuple(self._statuses(each, route[1:], at))
        # Revoked is for ever, also when a later list leaves the certificate out; on hold is not.
        final = tuple(one for one in found if one.status is Status.REVOKED and one.reason != _HOLD)
        if found:
            self.certificates[name] = _certificate(each, issuer, final or found, trusted=trusted)

    def _statuses(
        self, each: Certificate, above: tuple[Certificate, ...], at: datetime
    ) -> Iterator[CertificateStatus]:
        for answer in self._answers:
            status = self._answered(answer, each, above, at)
            if status is not None:
                yield status
        for word in words(each, self._lists):
            if (word.revoked or word.clears) and self._believed(word.found, above, at):
                yield _listed(word)

    def _answered(
        self, answer: Answer, each: Certificate, above: tuple[Certificate, ...], at: datetime
    ) -> CertificateStatus | None:
        """Return what an OCSP answer says about a certificate, if it was signed by who may."""
        single = answer.about(each, above[0])
        signer = answer.signed_by(above[0], self._pool) if single else None
        if single is None or signer is None:
            return None
        route = above if signer == above[0] else (signer, *above)
        name = answer.sha256.hex()
        self.add(route, at)
        self.revocations.setdefault(
            name,
            RevocationFacts(
                id=name,
                type="OCSP",
                crypto=_crypto(signer, answer.scheme.digest.name, pss=False),
                chain=tuple(map(_identifier, route)),
                signer=_identifier(signer),
                this_update=single.this_update,
                next_update=single.next_update,
                produced=answer.produced,
                keeps_expired_since=single.kept_since,
                cert_hash_matches=single.names_by_hash(each),
            ),
        )
        return CertificateStatus(name, single.status, single.revoked, single.reason)

    def _believed(
        self, found: RevocationList, above: tuple[Certificate, ...], at: datetime
    ) -> bool:
        """Note a list that is signed by who may, with a chain to the same anchor."""
        name = found.sha256.hex()
        if name in self.revocations:
            return True
        for signer, route in self._list_signers(found, above, at):
            self.revocations[name] = _list(found, signer, route)
            self.add(route, at)
            return True
        return False

    def _list_signers(
        self, found: RevocationList, above: tuple[Certificate, ...], at: datetime
    ) -> Iterator[tuple[Certificate, tuple[Certificate, ...]]]:
        if path.signed_list(found, above[0]) and found.issuer == above[0].subject:
            yield above[0], above
            return
        known = (*self._trust.by_subject.get(found.issuer, ()), *self._pool)
        for each in known:
            if each.subject != found.issuer or not path.signed_list(found, each):
                continue
            try:
                route = self.route(each, at)
            except Refused:
                continue
            if route[-1] == above[-1]:
                yield each, route


def _identifier(each: Certificate) -> str:
    return each.sha256.hex()


def _crypto(signer: Certificate, digest: str, *, pss: bool) -> Crypto:
    """Return how something was signed with the key of `signer`; it was checked before."""
    algorithm, size = strength_of(signer.public_key)
    return Crypto(
        algorithm="RSASSA-PSS" if pss else algorithm,
        digest=policy_name(digest),
        size=size,
        intact=True,
        valid=True,
    )


def _signed(signer: Certificate, what: x509.Certificate | x509.CertificateRevocationList) -> Crypto:
    try:
        digest = scheme_by_oid(what.signature_algorithm_oid.dotted_string).digest.name
    except UnsupportedAlgorithm:  # RSASSA-PSS, whose digest is in its parameters
        named = what.signature_hash_algorithm
        return _crypto(signer, named.name if named else "", pss=True)
    return _crypto(signer, digest, pss=False)


def policy_name(digest: str) -> str:
    """Return the name of a digest in policies: `sha256` is SHA256, `sha3_256` SHA3-256."""
    return digest.upper().replace("_", "-")


@lru_cache(maxsize=4096)
def _certificate(
    each: Certificate,
    issuer: Certificate,
    statuses: tuple[CertificateStatus, ...],
    *,
    trusted: bool,
) -> CertificateFacts:
    return CertificateFacts(
        id=_identifier(each),
        crypto=_signed(issuer, each.x509),
        chain=(),
        signer=_identifier(issuer),
        not_before=each.not_before,
        not_after=each.not_after,
        trusted=trusted,
        trusted_from=None,
        trusted_until=None,
        self_signed=each == issuer,
        authority=each.is_authority,
        path_length=each.path_length,
        key_usages=_usages(each),
        purposes=each.purposes or frozenset(),
        extensions=frozenset(one.oid.dotted_string for one in each.x509.extensions)
        if not each.not_understood
        else frozenset(),
        statuses=statuses,
        keeps_expired_since=None,
        self_issued=each.self_issued,
    )


def _usages(each: Certificate) -> frozenset[str]:
    """Return the usages by their names in policies; without the extension all are allowed."""
    asserted = _USAGES.keys() if each.key_usage is None else each.key_usage
    return frozenset(_USAGES[usage] for usage in asserted if usage in _USAGES)


def _list(
    found: RevocationList, signer: Certificate, route: tuple[Certificate, ...]
) -> RevocationFacts:
    return RevocationFacts(
        id=found.sha256.hex(),
        type="CRL",
        crypto=_signed(signer, found.crl),
        chain=tuple(map(_identifier, route)),
        signer=_identifier(signer),
        this_update=found.crl.last_update_utc,
        next_update=found.next_update,
        produced=found.crl.last_update_utc,
        keeps_expired_since=found.expired_since,
        cert_hash_matches=False,
    )


def _listed(word: Word) -> CertificateStatus:
    status = Status.REVOKED if word.revoked else Status.GOOD
    return CertificateStatus(
        word.found.sha256.hex(), status, word.revoked, _REASONS.get(word.reason, "")
    )
