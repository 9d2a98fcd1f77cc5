"""What signatures are worth, as the command line and the API say it."""

from __future__ import annotations

from certs.recognition import Domains
from certs.trust import TrustStore
from certs.verdict import Indication, SignatureReport, Verdict
from gateway.wiring.audit.recognising import Recogniser

PASSED = SignatureReport(format="CAdES", level="B", indication=Indication.TOTAL_PASSED)


def worth(*signatures: SignatureReport, whole: Indication) -> dict[str, object]:
    """Return what is said of a verdict."""
    verdict = Verdict(indication=whole, signatures=signatures)
    return Recogniser(Domains(), TrustStore.of())(verdict)


def test_a_container_that_is_not_in_order_is_worth_nothing():
    """Good signatures in a container that was refused as a whole are accorded nothing."""
    found = worth(PASSED, whole=Indication.INDETERMINATE)
    assert (found["technical"], found["accorded_level"]) == ("INDETERMINATE", "none")


def test_the_weakest_of_several_speaks_for_all():
    """With several signatures the top says the weakest; each is told on its own."""
    failed = SignatureReport(format="CAdES", level="B", indication=Indication.TOTAL_FAILED)
    found = worth(PASSED, failed, whole=Indication.TOTAL_FAILED)
    assert found["accorded_level"] == "none"
    assert len(found["signatures"]) == 2  # type: ignore[arg-type]


def test_without_signatures_there_is_nothing_to_say():
    """A proof or a broken file has no recognition."""
    assert worth(whole=Indication.TOTAL_FAILED) == {}
