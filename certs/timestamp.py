"""RFC 3161 tokens, verified: what was stamped, by whom, when."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from certs import cms, path
from certs.algorithms import scheme_of_cms, weakness
from certs.asn1 import der, oids
from certs.cms.check import check_signer
from certs.digests import Digest, digest_by_oid
from certs.errors import MalformedCertificate, MalformedDer, UnsupportedAlgorithm
from certs.trust import TrustStore
from certs.verdict import BlockIndication, Indication, Refused, SubIndication, TimestampReport
from certs.x509 import certificate as certificates
from certs.x509.certificate import Certificate
from schemas.text import Text


@dataclass(frozen=True, slots=True)
class TstInfo:
    """What a token says (RFC 3161, 2.4.2)."""

    policy: str
    digest: Digest
    imprint: bytes
    serial: int
    time: datetime
    nonce: int | None


@dataclass(frozen=True, slots=True)
class Token:
    """A token taken apart, not yet verified."""

    data: cms.SignedData
    content: bytes
    info: TstInfo


def read(encoded: bytes) -> Token:
    """Return the token in the DER of a ContentInfo; raises Refused (FORMAT_FAILURE)."""
    try:
        return _read(cms.read(encoded))
    except (MalformedDer, UnsupportedAlgorithm) as error:
        raise Refused(SubIndication.FORMAT_FAILURE, error.message) from error


def _read(data: cms.SignedData) -> Token:
    if data.content_type != oids.ID_CT_TST_INFO or data.content is None:
        raise MalformedDer(reason="no TSTInfo")
    if len(data.signers) != 1:
        raise MalformedDer(reason="a token has one signer")
    return Token(data, data.content, _info(data.content))


def _info(encoded: bytes) -> TstInfo:
    fields = der.parse(encoded).children()
    if len(fields) < 5 or fields[0].number() != 1:  # noqa: PLR2004 - the mandatory fields
        raise MalformedDer(reason="TSTInfo is incomplete")
    imprint = fields[2].expect(der.SEQUENCE).children()
    named = imprint[0].expect(der.SEQUENCE).children() if imprint else []
    if len(imprint) != 2 or not named:  # noqa: PLR2004 - algorithm and hash
        raise MalformedDer(reason="the imprint is incomplete")
    nonces = [each.number() for each in fields[5:] if each.tag == der.INTEGER]
    return TstInfo(
        fields[1].dotted(),
        digest_by_oid(named[0].dotted()),
        imprint[1].expect(der.OCTET_STRING).content,
        fields[3].number(),
        fields[4].expect(der.GENERALIZED_TIME).moment(),
        nonces[0] if nonces else None,
    )


Imprint = Callable[[Digest], bytes]


def failing(refused: Refused) -> Imprint:
    """Return the imprint of a time-stamp that fails before a digest can be compared."""

    def imprint(_: Digest) -> bytes:
        raise refused

    return imprint


@dataclass(frozen=True, slots=True)
class Examined:
    """A token whose imprint and signature are in order, unless `refused` says why not.

    `token` and `authority` are there as far as they could be found out.
    """

    token: Token | None = None
    authority: Certificate | None = None
    refused: Refused | None = None


def examine(encoded: bytes, imprint: Imprint, extra: Sequence[Certificate] = ()) -> Examined:
    """Return what holds of a token whatever the time: imprint, signature, ESSCertID, purpose.

    `imprint` gives the digest that must be in the token, by digest algorithm.
    """
    token: Token | None = None
    authority: Certificate | None = None
    try:
        token = read(encoded)
        authority = authority_of(token, (*embedded(token.data), *extra))
        _check_imprint(token, imprint)
        check_signer(token.data.signers[0], authority, oids.ID_CT_TST_INFO, token.content)
        _check_purpose(authority)
    except Refused as refused:
        return Examined(token, authority, refused)
    return Examined(token, authority)


def verify(
    encoded: bytes,
    stamped: bytes,
    trust: TrustStore,
    *,
    kind: str = "signature",
    extra: Sequence[Certificate] = (),
) -> TimestampReport:
    """Return the report on a token over the octets `stamped`.

    Checked: imprint, signature, ESSCertID, the purpose timeStamping (critical and sole), and a
    path to an anchor that is valid at the token's own time.
    """
    found = examine(encoded, lambda digest: digest.of(stamped), extra)
    refused = found.refused
    trail: tuple[Certificate, ...] = ()
    if refused is None and found.token and found.authority:
        try:
            offered = (*embedded(found.token.data), *extra)
            time = found.token.info.time
            trail = path.find(found.authority, offered, trust, time).certificates
            _check_strength(found.token, found.token.data.signers[0], found.authority)
        except Refused as why:
            refused = why
    return report(found, refused, kind, trail)


def report(
    found: Examined, refused: Refused | None, kind: str, path: tuple[Certificate, ...] = ()
) -> TimestampReport:
    """Return the report on an examined token; it passed unless there is a refusal."""
    failed = refused is not None and refused.indication is Indication.TOTAL_FAILED
    doubted = BlockIndication.FAILED if failed else BlockIndication.INDETERMINATE
    return TimestampReport(
        type=kind,
        indication=doubted if refused else BlockIndication.PASSED,
        subindication=refused.sub if refused else None,
        time=found.token.info.time if found.token else None,
        authority=found.authority.name if found.authority else "",
        reason=refused.reason if refused else None,
        path=path,
    )


def embedded(data: cms.SignedData) -> tuple[Certificate, ...]:
    """Return the certificates in a SignedData; raises Refused when one cannot be read."""
    try:
        return tuple(certificates.load(each) for each in data.certificates)
    except MalformedCertificate as error:
        raise Refused(SubIndication.FORMAT_FAILURE, error.message) from error


def authority_of(token: Token, offered: Sequence[Certificate]) -> Certificate:
    """Return the certificate of the authority that signed a token; raises Refused without it."""
    authority = cms.signer_certificate(token.data.signers[0], offered)
    if authority is None:
        raise Refused(
            SubIndication.NO_SIGNING_CERTIFICATE_FOUND,
            Text("The authority's certificate is missing.", "缺少时间戳机构证书。"),
        )
    return authority


def _check_imprint(token: Token, imprint: Imprint) -> None:
    if token.info.imprint != imprint(token.info.digest):
        raise Refused(
            SubIndication.HASH_FAILURE,
            Text("The time-stamp is over something else.", "时间戳所覆盖的内容不符。"),
        )


def _check_purpose(authority: Certificate) -> None:
    only = authority.purposes == frozenset({oids.KEY_PURPOSE_TIME_STAMPING})
    if not only or not authority.purposes_critical:
        raise Refused(
            SubIndication.CHAIN_CONSTRAINTS_FAILURE,
            Text(
                f"“{authority.name}” is not certified for time-stamping only.",
                f"“{authority.name}”的证书并非仅用于时间戳。",
            ),
        )


def _check_strength(token: Token, signer: cms.SignerInfo, authority: Certificate) -> None:
    scheme = scheme_of_cms(signer.algorithm, signer.digest)
    weak = authority.public_key and weakness(scheme, authority.public_key)
    weak = weak or (token.info.digest.name if token.info.digest.weak else "")
    if weak:
        raise Refused(
            SubIndication.CRYPTO_CONSTRAINTS_FAILURE_NO_POE,
            Text(f"The time-stamp uses {weak}.", f"时间戳使用了 {weak}。"),
        )
