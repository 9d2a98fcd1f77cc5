"""EU DSS judges our evidence records, and the XML records that our own tests are made of."""

from __future__ import annotations

import pytest

from certs import ers
from certs.asic import records as asic_records
from certs.digests import SHA512
from certs.levels import Level
from schemas.xml import parse
from tests.certs.pki import DOCUMENT
from tests.certs.xmlers import Builder, canonical, digest
from tests.interop.judge import ask
from tests.interop.test_dss import FORMS, TWO, Signer

pytestmark = pytest.mark.interop

NAME, DATA = next(reversed(TWO.items()))
LEAF = digest("sha256", DATA)
OTHERS = [digest("sha256", str(number).encode()) for number in range(3)]
PASSED = ("PASSED", "", "EvidenceRecord")


@pytest.fixture(scope="module")
def signer(tmp_path_factory: pytest.TempPathFactory) -> Signer:
    """Return the operator whose root and list the judge is given."""
    return Signer(tmp_path_factory.mktemp("dss"))


def asked(signer: Signer, name: str, record: bytes, about: str = NAME) -> list[str]:
    """Return what to ask about a record that stands beside its file."""
    return [*signer.question(name, record, ""), str(signer.folder / about)]


def test_the_reference_validator_passes_our_records(signer: Signer) -> None:
    """As made over several packages, and renewed by time-stamp and by hash tree."""
    made = ers.make([[DATA], [b"another"], [b"a third", b"a fourth"]], signer.stamper)[0]
    again = ers.renew_time_stamps([made], signer.stamper, signer.gatherer)
    under = ers.renew_hash_tree([(again[0], [DATA])], signer.stamper, signer.gatherer, SHA512)
    questions = [
        asked(signer, f"{number}.ers", each) for number, each in enumerate([made, *again, *under])
    ]
    assert ask(questions) == [[PASSED]] * 3


def test_the_reference_validator_passes_containers_with_a_record(signer: Signer) -> None:
    """The signature passes in each; with CAdES the record is found and passes too."""
    forms = [form for form in FORMS if form.startswith("ASiC")]
    made = asic_records.keep([signer.sign(form, Level.LT) for form in forms], signer.stamper)
    questions = [
        signer.question(f"recorded {form}", data, form)
        for form, data in zip(forms, made, strict=True)
    ]
    for form, (signature, *records) in zip(forms, ask(questions), strict=True):
        assert signature == ("TOTAL_PASSED", "", f"{FORMS[form]}-BASELINE-LT")
        assert records == ([PASSED] if FORMS[form] == "CAdES" else [])


def test_the_xml_records_of_our_tests_are_by_the_rule(signer: Signer) -> None:
    """What `tests/certs/test_xml_records.py` builds by hand, the reference validator passes."""
    built = Builder().chain("sha256", [[LEAF, OTHERS[0]], [OTHERS[1]]], signer.stamper)
    questions = [asked(signer, "first.xml", built.encode())]
    built.renewed("sha256", signer.stamper, OTHERS[2])
    questions.append(asked(signer, "renewed.xml", built.encode()))
    leaves = [digest("sha512", DATA), built.before("sha512")]
    built.chain("sha512", [leaves], signer.stamper)
    questions.append(asked(signer, "chained.xml", built.encode()))
    leaf = digest("sha256", canonical(parse(DOCUMENT)))
    xml = Builder().chain("sha256", [[leaf]], signer.stamper).encode()
    questions.append(asked(signer, "of-xml.xml", xml, "document.xml"))
    assert ask(questions) == [[PASSED]] * 4


def test_the_reference_validator_passes_our_xml_records(signer: Signer) -> None:
    """As made over several packages, renewed by time-stamp and by hash tree, and over XML."""
    groups = [[DATA], [b"another"], [b"a third", b"a fourth"], [DOCUMENT]]
    made = ers.make(groups, signer.stamper, syntax=ers.Syntax.XML)
    again = ers.renew_time_stamps(made, signer.stamper, signer.gatherer)
    kept = list(zip(again, groups, strict=True))
    under = ers.renew_hash_tree(kept, signer.stamper, signer.gatherer, SHA512)
    questions = [
        asked(signer, f"written-{number}-{about}.xml", records[place], about)
        for number, records in enumerate((made, again, under))
        for place, about in ((0, NAME), (3, "document.xml"))
    ]
    assert ask(questions) == [[PASSED]] * 6
