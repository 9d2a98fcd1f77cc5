from __future__ import annotations

from dataclasses import replace

import pytest

from certs import decision
from certs.decision import policy
from certs.errors import MalformedDiagnosis, MalformedPolicy
from schemas.errors import SilkgateError
from tests.certs.diagnosis import Case

JUNE = "2020-06-10T00:00:00Z"
JULY = "2020-07-15T00:00:00Z"
AUGUST = "2020-08-01T00:00:00Z"


def decided(case: Case) -> str:
    """Return indication and sub-indication of the case's signature."""
    (only,) = decision.decide(case.document()).signatures
    return f"{only.indication} {only.subindication or ''}".strip()


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        (Case(), "TOTAL-PASSED"),
        (Case(data_intact=False), "TOTAL-FAILED HASH_FAILURE"),
        (Case(data_found=False), "INDETERMINATE SIGNED_DATA_NOT_FOUND"),
        (Case(intact=False), "TOTAL-FAILED SIG_CRYPTO_FAILURE"),
        (Case(intact=False, trusted=False), "TOTAL-FAILED SIG_CRYPTO_FAILURE"),
        (Case(trusted=False), "INDETERMINATE NO_CERTIFICATE_CHAIN_FOUND"),
        (Case(answered=False), "INDETERMINATE CERTIFICATE_CHAIN_GENERAL_FAILURE"),
        (Case(status="UNKNOWN"), "INDETERMINATE CERTIFICATE_CHAIN_GENERAL_FAILURE"),
        (Case(status="REVOKED", revoked="2020-06-05T00:00:00Z"), "INDETERMINATE REVOKED_NO_POE"),
        (
            Case(status="REVOKED", revoked="2020-06-05T00:00:00Z", reason="certificateHold"),
            "INDETERMINATE TRY_LATER",
        ),
        (Case(at="2022-01-01T00:00:00Z"), "INDETERMINATE OUT_OF_BOUNDS_NOT_REVOKED"),
        (Case(digest="SHA1"), "INDETERMINATE CRYPTO_CONSTRAINTS_FAILURE_NO_POE"),
        (Case(claimed=""), "INDETERMINATE SIG_CONSTRAINTS_FAILURE"),
        (Case(names_issuer=False), "INDETERMINATE CERTIFICATE_CHAIN_GENERAL_FAILURE"),
        (Case(named=False), "INDETERMINATE NO_SIGNING_CERTIFICATE_FOUND"),
        (Case(twice=True), "TOTAL-FAILED FORMAT_FAILURE"),
        (Case(pdf_signers=2), "TOTAL-FAILED FORMAT_FAILURE"),
        (Case(pdf_signers=1), "TOTAL-PASSED"),
        (Case(listed="missing"), "TOTAL-PASSED"),
        (Case(listed="intact"), "TOTAL-PASSED"),
        (Case(listed="changed"), "TOTAL-FAILED HASH_FAILURE"),
        (Case(responder="C-root"), "TOTAL-PASSED"),
        (Case(responder="C-tsa"), "INDETERMINATE CERTIFICATE_CHAIN_GENERAL_FAILURE"),
        (Case(root_end=JUNE), "TOTAL-PASSED"),
        (
            Case(responder="C-root", root_end=JUNE),
            "INDETERMINATE CERTIFICATE_CHAIN_GENERAL_FAILURE",
        ),
    ],
)
def test_what_is_wrong_is_named(case: Case, expected: str) -> None:
    """The basic process: one thing wrong, one sub-indication, integrity before the chain."""
    assert decided(case) == expected


def test_a_proof_of_existence_from_before_mends() -> None:
    """What was time-stamped before revocation and expiry stays good after them."""
    revoked = Case(stamp=JUNE, status="REVOKED", revoked="2020-06-12T00:00:00Z", at=AUGUST)
    assert decided(revoked) == "TOTAL-PASSED"
    assert decided(Case(stamp=JUNE, end="2020-07-15T00:00:00Z", at=AUGUST)) == "TOTAL-PASSED"


def test_a_proof_of_existence_from_after_does_not_mend() -> None:
    """Time-stamped after the revocation, or after the end, it stays in doubt."""
    late = Case(stamp="2020-06-20T00:00:00Z", status="REVOKED", revoked=JUNE)
    assert decided(late) == "INDETERMINATE REVOKED_NO_POE"
    expired = Case(stamp="2020-07-20T00:00:00Z", end="2020-07-15T00:00:00Z", at=AUGUST)
    assert decided(expired) == "INDETERMINATE OUT_OF_BOUNDS_NOT_REVOKED"


@pytest.mark.parametrize(
    "case",
    [
        Case(stamp=JUNE, end=JULY, at=AUGUST, stamp_intact=False),
        Case(stamp=JUNE, end=JULY, at=AUGUST, stamp_covers="S-other"),
        Case(stamp=JUNE, end=JULY, at=AUGUST, stamp_type="CONTENT_TIMESTAMP"),
    ],
)
def test_only_a_good_time_stamp_over_the_signature_proves(case: Case) -> None:
    """A broken one, one over something else, and one over the content alone prove nothing."""
    assert decided(case) == "INDETERMINATE OUT_OF_BOUNDS_NOT_REVOKED"


def test_signed_after_the_revocation_for_certain() -> None:
    """A content time-stamp from after the revocation turns doubt into failure."""
    case = Case(
        stamp="2020-06-20T00:00:00Z",
        stamp_type="CONTENT_TIMESTAMP",
        status="REVOKED",
        revoked=JUNE,
    )
    assert decided(case) == "TOTAL-FAILED REVOKED"
    assert decided(replace(case, digest="SHA1")) == "TOTAL-FAILED REVOKED"


def test_signed_before_the_certificate_began() -> None:
    """A proof from before the certificate's start shows that somebody else signed."""
    case = Case(stamp="2019-12-01T00:00:00Z", end="2020-07-15T00:00:00Z", at=AUGUST)
    assert decided(case) == "TOTAL-FAILED NOT_YET_VALID"


def test_a_proof_from_before_the_certificate_counts_also_while_it_is_valid() -> None:
    """What is fine at present is not fine when it existed before its certificate."""
    assert decided(Case(stamp="2019-12-01T00:00:00Z")) == "TOTAL-FAILED NOT_YET_VALID"


def test_an_older_answer_does_not_hide_a_newer_one() -> None:
    """The newest answer says what is so, and only then its own algorithms are doubted."""
    weak = Case(older_answer=True, answer_digest="SHA1")
    assert decided(weak) == "INDETERMINATE CRYPTO_CONSTRAINTS_FAILURE_NO_POE"
    revoked = Case(older_answer=True, answer_digest="SHA1", status="REVOKED", revoked=JUNE)
    assert decided(revoked) == "INDETERMINATE REVOKED_NO_POE"


FILES = "<ContentFiles><ContentFile>a</ContentFile>{}</ContentFiles>"
MANIFEST = "<ManifestFiles><ManifestFile/></ManifestFiles>"


@pytest.mark.parametrize(
    ("kind", "inside", "passes"),
    [
        ("ASiC-E", FILES.format("") + MANIFEST, True),
        ("ASiC-E", FILES.format(""), False),
        ("ASiC-E", MANIFEST, False),
        ("ASiC-S", FILES.format(""), True),
        ("ASiC-S", FILES.format("<ContentFile>b</ContentFile>"), False),
        ("ZIP", FILES.format("") + MANIFEST, False),
    ],
)
def test_a_container_has_the_form_of_its_type(kind: str, inside: str, *, passes: bool) -> None:
    """EN 319 162-1: signed files and a manifest, or exactly one file."""
    type_ = f"<ContainerType>{kind}</ContainerType>"
    case = Case(container=f"<ContainerInfo>{type_}{inside}</ContainerInfo>")
    assert decided(case) == ("TOTAL-PASSED" if passes else "TOTAL-FAILED FORMAT_FAILURE")


def test_the_policy_decides() -> None:
    """Without a constraint in the policy, what it is about no longer fails."""
    lenient = b"""<ConstraintsParameters xmlns="http://dss.esig.europa.eu/validation/policy">
    <Cryptographic Level="FAIL">
    <AcceptableEncryptionAlgo><Algo>RSA</Algo></AcceptableEncryptionAlgo>
    <AcceptableDigestAlgo><Algo>SHA256</Algo></AcceptableDigestAlgo>
    </Cryptographic></ConstraintsParameters>"""
    case = Case(claimed="", answered=False).document()
    assert decision.decide(case).overall.indication == "INDETERMINATE"
    assert decision.decide(case, policy.read(lenient)).overall.indication == "TOTAL-PASSED"


def test_what_is_no_such_document_is_refused() -> None:
    """Other XML, times that are none, a DOCTYPE: each an error with a code, nothing decided."""
    for data in (
        b"<a/>",
        Case(at="yesterday").document(),
        b"<!DOCTYPE a><a/>",
        b'<DiagnosticData xmlns="http://dss.esig.europa.eu/validation/diagnostic"/>',
    ):
        with pytest.raises(SilkgateError):
            decision.decide(data)
    with pytest.raises(MalformedDiagnosis):
        decision.decide(b"<a/>")
    with pytest.raises(MalformedPolicy):
        policy.read(b"<a/>")


def test_no_signature_is_no_success() -> None:
    """A document about nothing is not passed."""
    data = Case().document()
    nothing = data[: data.index(b"<Signatures>")] + data[data.index(b"<UsedCertificates>") :]
    assert decision.decide(nothing).overall.indication == "INDETERMINATE"
