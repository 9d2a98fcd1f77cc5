from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from certs import jose, jws, xades
from certs.authority.ca import SEAL, CertificateAuthority, Subject
from certs.keys import SigningKey
from certs.recognition import Question, recognise
from certs.recognition import mandate as mandates
from certs.recognition.identifiers import identifier_of
from certs.recognition.levels import Level
from certs.recognition.rules import built_in
from certs.sm2 import Sm2PrivateKey
from certs.trust import TrustStore
from certs.validation.sources import Gatherer, OwnAuthority
from certs.verdict import Indication, SignatureReport
from schemas.clock import iso
from schemas.jcs import canonical_json
from tests.certs.pki import DOCUMENT, NOW, World
from tests.certs.recognition.world import (
    DAY,
    USCC,
    Folder,
    authority,
    body,
    granted,
    person,
    record,
    seal,
    service,
    withdrawn,
)


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """Return a trust folder of Singapore."""
    return Folder(tmp_path)


@pytest.fixture(scope="module")
def china() -> CertificateAuthority:
    """Return a Chinese authority with SM2."""
    subject = Subject(organisation="上海CA", country="CN", common_name="上海 CA 根")
    return CertificateAuthority.create(
        subject, private=Sm2PrivateKey.generate(), now=NOW - 200 * DAY
    )


def chinese_seal(issuer: CertificateAuthority, identifier: str = f"NTRCN-{USCC}") -> SigningKey:
    """Return a Chinese company's seal."""
    subject = Subject(
        organisation="港口公司", country="CN", common_name="公章", identifier=identifier
    )
    return issuer.issue(SEAL, subject, now=NOW - 100 * DAY)


def recognised(folder: Folder, china: CertificateAuthority, **changes: object) -> None:
    """Fill the folder: China's authority is reliable, Singapore takes high for substantial."""
    folder.put(body("CN-SM2", [service(china.root.certificate, granted("reliable"))]))
    folder.put(body("SG", [], [{**record("CN-SM2", {"high": "substantial"}), **changes}]))


def test_a_foreign_seal_is_accorded_the_level_of_the_record(
    folder: Folder, china: CertificateAuthority, world: World
):
    """Home level by the home list, level here by the record, and both lists are named."""
    recognised(folder, china)
    found = folder.worth(chinese_seal(china), world.stamper, lists_of=[china]).as_dict()
    assert (found["from"], found["to"]) == ("CN-SM2", "SG")
    assert (found["home_level"], found["accorded_level"]) == ("high", "substantial")
    assert found["basis"] == {"en": "Memorandum of 2025", "zh": "2025 年备忘录"}
    assert found["list"]["sequence"] == 7  # type: ignore[index]
    assert len(found["list"]["sha256"]) == 64  # type: ignore[index]
    assert found["record_list"]["id"] == "SG"  # type: ignore[index]
    assert found["signer"]["identifier"] == {"scheme": "USCC", "value": USCC, "valid": True}  # type: ignore[index]
    assert "“substantial”" in found["explanation"]["en"]  # type: ignore[index]
    assert not any(isinstance(value, bool) for value in found.values())


@pytest.mark.parametrize(
    ("change", "document"),
    [
        ({}, "invoice"),
        ({"valid_until": "2026-03-01T00:00:00Z"}, "declaration"),
        ({"valid_from": "2026-04-01T00:00:00Z"}, "declaration"),
        ({"service": "signature"}, "declaration"),
        ({"from": "EU-QTSP"}, "declaration"),
        ({"levels": {"qualified": "high"}}, "declaration"),
    ],
)
def test_a_record_covers_what_it_says_and_no_more(
    folder: Folder, china: CertificateAuthority, world: World, change, document: str
):
    """Another document, time, service, domain or level: nothing is accorded, home stands."""
    recognised(folder, china, **change)
    found = folder.worth(chinese_seal(china), world.stamper, lists_of=[china], document=document)
    assert (found.home_level, found.accorded) == (Level.HIGH, Level.NONE)


def test_a_record_is_asked_at_the_proven_time(
    folder: Folder, china: CertificateAuthority, world: World
):
    """An agreement that ended after the time-stamp still holds; without a stamp it does not."""
    recognised(folder, china, valid_until=(NOW + DAY).isoformat())
    later = NOW + 5 * DAY
    key = chinese_seal(china)
    stamped = folder.worth(key, world.stamper, lists_of=[china], at=later)
    assert stamped.accorded is Level.SUBSTANTIAL
    bare = folder.worth(key, world.stamper, lists_of=[china], at=later, stamped=False)
    assert bare.accorded is Level.NONE


def test_revocation_must_be_known_where_the_domain_asks(
    folder: Folder, china: CertificateAuthority, world: World
):
    """Without a fresh list for the certificate a Chinese seal has no level."""
    recognised(folder, china)
    found = folder.worth(chinese_seal(china), world.stamper)
    assert found.home_level is Level.NONE
    assert [each.name for each in found.checks] == ["revocation"]


def test_revocation_data_in_the_signature_will_do(
    folder: Folder, china: CertificateAuthority, world: World
):
    """At level LT the signature brings the word on revocation along; nothing else is needed."""
    recognised(folder, china)
    key = chinese_seal(china)
    trust = TrustStore.of(china.root.certificate, world.issuer.root.certificate)
    sources = [OwnAuthority(china), OwnAuthority(world.issuer)]
    gatherer = Gatherer(trust, sources, lambda: NOW)
    found = folder.worth(key, world.stamper, gatherer=gatherer)
    assert (found.home_level, found.accorded) == (Level.HIGH, Level.SUBSTANTIAL)


def test_a_wrong_check_digit_is_no_company(
    folder: Folder, china: CertificateAuthority, world: World
):
    """A credit code with a wrong digit, or none: the level falls, and the reason is told."""
    recognised(folder, china)
    for identifier, level in (("NTRCN-91350100M000100Y44", Level.NONE), ("", Level.LOW)):
        key = chinese_seal(china, identifier)
        found = folder.worth(key, world.stamper, lists_of=[china])
        assert found.home_level is level
        assert [each.name for each in found.checks] == ["identifier"]


def test_algorithms_of_another_domain_do_not_count(folder: Folder, world: World):
    """A P-256 seal under a Chinese service has no level there: SM2 is asked for."""
    root = authority("CA", "CN")
    folder.put(body("CN-SM2", [service(root.root.certificate, granted("reliable"))]))
    found = folder.worth(seal(root), world.stamper, lists_of=[root])
    assert found.home_level is Level.NONE
    assert "algorithm" in {each.name for each in found.checks}


def test_an_algorithm_ends_on_its_day():
    """RSA of 2,048 bits counts in Singapore until the end of 2030 and not a day longer."""
    key = rsa.generate_private_key(65537, 2048).public_key()
    algorithms = built_in()["SG"].algorithms
    last = NOW.replace(year=2030, month=12, day=31)
    assert any(each.fits("RSA sha256", key, last) for each in algorithms)
    assert not any(each.fits("RSA sha256", key, last + DAY) for each in algorithms)
    assert not any(each.fits("RSA sha1", key, NOW) for each in algorithms)


def test_a_withdrawn_service_vouches_for_what_was_before(
    folder: Folder, china: CertificateAuthority, world: World
):
    """Withdrawn before the signature: nothing; withdrawn after its time-stamp: it stands."""
    for since, level in ((NOW - DAY, Level.NONE), (NOW + DAY, Level.HIGH)):
        history = granted("reliable"), withdrawn(since)
        folder.put(body("CN-SM2", [service(china.root.certificate, *history)]))
        (folder.path / "domains" / "memory.json").unlink(missing_ok=True)
        at = NOW + 2 * DAY
        found = folder.worth(chinese_seal(china), world.stamper, lists_of=[china], at=at)
        assert found.home_level is level


def test_an_access_point_issues_no_documents(folder: Folder, world: World):
    """A Peppol certificate identifies an access point, never the issuer of an invoice."""
    root = authority("Peppol", "BE")
    point = service(root.root.certificate, granted("access-point"), kind="access-point")
    folder.put(body("PEPPOL", [point]))
    found = folder.worth(seal(root, "VATDE-123456789"), world.stamper, document="invoice")
    assert found.home_level is Level.NONE
    carried = folder.worth(seal(root, ""), world.stamper, document="transport")
    assert carried.home_level is Level.LOW


def test_a_service_for_something_else_vouches_for_nothing(folder: Folder, world: World):
    """An authority listed for time-stamps is no operator's agreed root for seals."""
    root = authority("TSA", "SG")
    listed = service(root.root.certificate, granted("secure"), kind="timestamp")
    folder.put(body("SG", [listed]))
    found = folder.worth(seal(root, "NTRSG-201912345K"), world.stamper)
    assert (found.home_level, found.accorded) == (Level.NONE, Level.NONE)
    assert "kind" in {each.name for each in found.checks}


def test_a_stale_list_is_used_and_said_to_be_stale(folder: Folder, world: World):
    """After the next one was due the level stands, and the explanation warns."""
    root = authority("CA", "SG")
    listed = service(root.root.certificate, granted("secure"))
    folder.put(body("SG", [listed], next_update=iso(NOW - DAY)))
    found = folder.worth(seal(root, "NTRSG-201912345K"), world.stamper)
    assert found.home_level is Level.HIGH
    assert found.as_dict()["list"]["stale"] is True  # type: ignore[index]
    assert "was due" in found.explanation.en


def test_operators_who_exchanged_roots_have_what_they_agreed(tmp_path: Path):
    """A signature under a plain anchor is of the operators' own domain, at the level agreed."""
    own = Folder(tmp_path, here="OWN")
    root = authority("CA", "SG")
    folder = own.load()
    assert folder.here == "OWN"
    trust = TrustStore.of(root.root.certificate)
    verdict = xades.verify(xades.sign(DOCUMENT, seal(root), signed_at=NOW), trust, at=NOW)
    found = recognise(verdict.signatures[0], Question(domains=folder, trust=trust, at=NOW))
    assert (found.home_level, found.accorded) == (Level.LOW, Level.LOW)


def test_what_did_not_pass_has_no_level(folder: Folder):
    """The technical status comes first; recognition never turns a failure into anything."""
    failed = SignatureReport(format="XAdES", level="B", indication=Indication.TOTAL_FAILED)
    question = Question(domains=folder.load(), trust=TrustStore.of(), at=NOW)
    found = recognise(failed, question).as_dict()
    assert (found["technical"], found["home_level"], found["accorded_level"]) == (
        "TOTAL-FAILED",
        "none",
        "none",
    )


def given_mandate(principal: SigningKey, agent: SigningKey, *scope: str, days: int = 30) -> bytes:
    """Return a mandate from a seal to a person, from ten days ago on."""
    identifier = identifier_of(principal.certificate)
    assert identifier is not None
    found = mandates.Mandate(
        principal="Port",
        identifier=identifier,
        agent=agent.certificate.sha256.hex(),
        scope=frozenset(scope),
        valid_from=NOW - 10 * DAY,
        valid_until=NOW - 10 * DAY + timedelta(days=days),
    )
    return mandates.issue(found, principal, now=NOW - 10 * DAY)


def test_a_person_acts_by_mandate(folder: Folder, world: World):
    """A mandate holds for its agent, its documents and its time, under the principal's seal."""
    root = authority("CA", "SG")
    folder.put(body("SG", [service(root.root.certificate, granted("secure"))]))
    agent, other, port = person(root), person(root), seal(root, "NTRSG-201912345K")

    def standing(*given: bytes) -> tuple[str, bool, Level]:
        found = folder.worth(agent, world.stamper, mandates=given)
        assert found.acts_for is not None
        return found.acts_for.basis, found.acts_for.ok, found.accorded

    assert standing(given_mandate(port, agent, "declaration")) == ("mandate", True, Level.HIGH)
    assert standing(given_mandate(port, agent, "*")) == ("mandate", True, Level.HIGH)
    assert standing(given_mandate(port, agent, "invoice")) == ("mandate", False, Level.NONE)
    assert standing(given_mandate(port, agent, "*", days=5)) == ("mandate", False, Level.NONE)
    assert standing(given_mandate(port, other, "*")) == ("mandate", False, Level.NONE)
    assert standing() == ("none", False, Level.HIGH)
    stranger = seal(authority("Else", "SG"), "NTRSG-201912345K")
    assert standing(given_mandate(stranger, agent, "*")) == ("mandate", False, Level.NONE)


VC = "https://www.w3.org/ns/credentials/v2"


def as_credential(principal: SigningKey, agent: SigningKey, **changes: object) -> bytes:
    """Return a mandate as a W3C credential written by hand, with other members."""
    identifier = identifier_of(principal.certificate)
    assert identifier is not None
    said = {
        "@context": [VC],
        "type": ["VerifiableCredential", "MandateCredential"],
        "issuer": {"id": "https://port.example", "name": "Port"},
        "validFrom": iso(NOW - 10 * DAY),
        "validUntil": iso(NOW + 10 * DAY),
        "credentialSubject": {
            "principal": {"name": "Port", "identifier": identifier.value},
            "agent": {"certificate": agent.certificate.sha256.hex()},
            "scope": ["declaration"],
        },
        **changes,
    }
    payload = canonical_json({name: value for name, value in said.items() if value is not None})
    return jws.sign(payload, principal, typ="vc+jwt", content_type="vc", signed_at=NOW)


def test_a_mandate_may_be_a_verifiable_credential(folder: Folder, world: World):
    """VC 2.0 under the principal's seal holds as a mandate does; what is unsure of it does not."""
    root = authority("CA", "SG")
    folder.put(body("SG", [service(root.root.certificate, granted("secure"))]))
    agent, other, port = person(root), person(root), seal(root, "NTRSG-201912345K")

    def standing(given: bytes) -> tuple[str, bool, Level]:
        assert mandates.is_mandate(given)
        found = folder.worth(agent, world.stamper, mandates=[given])
        assert found.acts_for is not None
        return found.acts_for.principal, found.acts_for.ok, found.accorded

    assert standing(as_credential(port, agent)) == ("Port", True, Level.HIGH)
    ours = mandates.issue(
        mandates.read(as_credential(port, agent), TrustStore.of(root.root.certificate), NOW),
        port,
        as_credential=True,
        now=NOW,
    )
    assert standing(ours) == ("Port", True, Level.HIGH)
    said = json.loads(jose.decode(ours.split(b".")[1].decode()))
    subject = said["credentialSubject"]
    assert said["issuer"]["id"].startswith("ni:///sha-256;")
    unsure: tuple[dict[str, object], ...] = (
        {"credentialStatus": {"id": "https://port.example/status#1"}},
        {"issuer": {"id": "ni:///sha-256;AAAA"}},
        {"issuer": ""},
        {"@context": ["https://www.w3.org/2018/credentials/v1"]},
        {"credentialSubject": [subject, subject]},
        {"credentialSubject": {**subject, "scope": []}},
        {"credentialSubject": {**subject, "scope": ["invoice"]}},
        {"validUntil": iso(NOW - DAY)},
        {"validUntil": None},
        {"validFrom": "2026-01-01T00:00:00"},
    )
    for changes in unsure:
        assert standing(as_credential(port, agent, **changes))[1:] == (False, Level.NONE), changes
    assert standing(as_credential(port, other))[1:] == (False, Level.NONE)
    stranger = seal(authority("Else", "SG"), "NTRSG-201912345K")
    assert standing(as_credential(stranger, agent))[1:] == (False, Level.NONE)


def test_other_credentials_are_no_mandates(world: World):
    """A credential of another kind beside a signature takes no level away."""
    other = jws.sign(b'{"type":["VerifiableCredential"]}', world.seal, typ="vc+jwt", signed_at=NOW)
    for data in (other, b"eyJ", b"eyJ.e", b"{}", "eyé".encode(), b"eyJ" + bytes(10)):
        assert not mandates.is_mandate(data)


def test_nobody_mandates_in_anothers_name(folder: Folder, world: World):
    """The principal of a mandate is the organisation in the seal, not one it writes down."""
    root = authority("CA", "SG")
    folder.put(body("SG", [service(root.root.certificate, granted("secure"))]))
    agent, port = person(root), seal(root, "NTRSG-201912345K")
    other = seal(root, "NTRSG-53123456A")
    claimed = identifier_of(port.certificate)
    assert claimed is not None
    forged = mandates.Mandate(
        principal="Port",
        identifier=claimed,
        agent=agent.certificate.sha256.hex(),
        scope=frozenset({"*"}),
        valid_from=NOW - DAY,
        valid_until=NOW + DAY,
    )
    given = mandates.issue(forged, other, now=NOW - DAY)
    found = folder.worth(agent, world.stamper, mandates=[given])
    assert found.acts_for is not None
    assert not found.acts_for.ok


def test_a_certificate_may_name_the_persons_organisation(folder: Folder, world: World):
    """An attribute of the certificate stands for a mandate."""
    root = authority("CA", "SG")
    folder.put(body("SG", [service(root.root.certificate, granted("secure"))]))
    agent = person(
        root,
        (NameOID.ORGANIZATION_NAME, "Port"),
        (NameOID.ORGANIZATION_IDENTIFIER, "NTRSG-201912345K"),
    )
    found = folder.worth(agent, world.stamper)
    assert found.acts_for is not None
    assert (found.acts_for.basis, found.acts_for.principal) == ("certificate", "Port")
