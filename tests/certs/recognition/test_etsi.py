from __future__ import annotations

import base64
from collections.abc import Sequence
from pathlib import Path

import pytest
from cryptography import x509

from certs import xades
from certs.asn1 import der
from certs.authority.issuance import Extension
from certs.errors import BadTrustList, RolledBack
from certs.keys import SigningKey
from certs.recognition import admit, etsi
from certs.recognition.levels import Level
from certs.x509.certificate import Certificate
from schemas.clock import iso
from tests.certs.pki import NOW, World
from tests.certs.recognition.world import DAY, FROM, Folder, authority, body, operator, record, seal

NS = "http://uri.etsi.org/02231/v2#"
STATUS = "http://uri.etsi.org/TrstSvc/TrustedList/Svcstatus/"
TYPES = "http://uri.etsi.org/TrstSvc/"
EXTENSIONS = "http://uri.etsi.org/TrstSvc/TrustedList/SvcInfoExt/"


def encoded(certificate: Certificate) -> str:
    """Return a ServiceDigitalIdentity."""
    text = base64.b64encode(certificate.der).decode()
    return (
        "<ServiceDigitalIdentity><DigitalId><X509Certificate>"
        f"{text}</X509Certificate></DigitalId></ServiceDigitalIdentity>"
    )


def instance(tag: str, root: Certificate, status: str, since: str, *purposes: str) -> str:
    """Return a ServiceInformation or ServiceHistoryInstance of CA/QC."""
    more = "".join(
        "<Extension Critical='true'><AdditionalServiceInformation>"
        f"<URI xml:lang='en'>{EXTENSIONS}{each}</URI>"
        "</AdditionalServiceInformation></Extension>"
        for each in purposes
    )
    return (
        f"<{tag}><ServiceTypeIdentifier>{TYPES}Svctype/CA/QC</ServiceTypeIdentifier>"
        f"<ServiceName><Name xml:lang='en'>{root.name}</Name></ServiceName>{encoded(root)}"
        f"<ServiceStatus>{STATUS}{status}</ServiceStatus>"
        f"<StatusStartingTime>{since}</StatusStartingTime>"
        f"<ServiceInformationExtensions>{more}</ServiceInformationExtensions></{tag}>"
    )


def trusted_list(
    services: Sequence[str] = (),
    *,
    territory: str = "EE",
    number: int = 3,
    version: int = 6,
    kind: str = "EUgeneric",
    pointers: str = "",
    due: str = iso(NOW + 90 * DAY),
) -> bytes:
    """Return an unsigned list."""
    listed = "".join(f"<TSPService>{each}</TSPService>" for each in services)
    return (
        f"<TrustServiceStatusList xmlns='{NS}' Id='tsl' TSLTag='http://uri.etsi.org/19612/TSLTag'>"
        f"<SchemeInformation><TSLVersionIdentifier>{version}</TSLVersionIdentifier>"
        f"<TSLSequenceNumber>{number}</TSLSequenceNumber>"
        f"<TSLType>{TYPES}TrustedList/TSLType/{kind}</TSLType>"
        f"<SchemeTerritory>{territory}</SchemeTerritory>{pointers}"
        f"<ListIssueDateTime>{iso(NOW - DAY)}</ListIssueDateTime>"
        f"<NextUpdate><dateTime>{due}</dateTime></NextUpdate></SchemeInformation>"
        "<TrustServiceProviderList><TrustServiceProvider><TSPServices>"
        f"{listed}</TSPServices></TrustServiceProvider></TrustServiceProviderList>"
        "</TrustServiceStatusList>"
    ).encode()


def pointer(territory: str, signer: Certificate) -> str:
    """Return the pointers of a list of lists: one."""
    return (
        "<PointersToOtherTSL><OtherTSLPointer>"
        f"<ServiceDigitalIdentities>{encoded(signer)}</ServiceDigitalIdentities>"
        "<TSLLocation>https://example.org/tl.xml</TSLLocation><AdditionalInformation>"
        f"<OtherInformation><SchemeTerritory>{territory}</SchemeTerritory></OtherInformation>"
        "</AdditionalInformation></OtherTSLPointer></PointersToOtherTSL>"
    )


def signed(data: bytes, key: SigningKey) -> bytes:
    """Return a list with its enveloped signature."""
    return xades.sign(data, key, signed_at=NOW - DAY)


def statements(*, device: bool, kind: int = 2) -> Extension:
    """Return QCStatements: compliance, type (1 person, 2 organisation), and maybe the device."""
    names = ["0.4.0.1862.1.1", *(["0.4.0.1862.1.4"] if device else [])]
    parts = [der.sequence(der.oid(name)) for name in names]
    typed = der.sequence(der.oid(f"0.4.0.1862.1.6.{kind}"))
    parts.append(der.sequence(der.oid("0.4.0.1862.1.6"), typed))
    oid = x509.ObjectIdentifier("1.3.6.1.5.5.7.1.3")
    return Extension(x509.UnrecognizedExtension(oid, der.sequence(*parts)))


@pytest.fixture
def folder(tmp_path: Path) -> Folder:
    """Return a trust folder of Singapore."""
    return Folder(tmp_path)


@pytest.mark.parametrize("version", [5, 6])
def test_a_list_is_read_with_its_history(version: int):
    """Both versions; services with statuses in order of time; who signed it."""
    root, key = authority("QTSP", "EE").root.certificate, operator()
    history = instance("ServiceHistoryInstance", root, "undersupervision", iso(FROM))
    now = instance("ServiceInformation", root, "withdrawn", iso(NOW - DAY), "ForeSeals")
    both = f"{now}<ServiceHistory>{history}</ServiceHistory>"
    found = etsi.read(signed(trusted_list([both], version=version), key), [key.certificate], at=NOW)
    (service,) = found.list.services
    assert [each.granted for each in service.history] == [True, False]
    assert service.history[-1].purposes == {"ForeSeals"}
    assert (found.list.id, found.list.sequence, found.territory) == ("TL-EE", 3, "EE")
    assert not found.list.stale(NOW)
    assert found.list.stale(NOW + 91 * DAY)


def test_a_list_is_signed_whole_by_a_pinned_signer():
    """Unsigned, changed, signed by another or of another version: refused."""
    key, data = operator(), trusted_list()
    good = signed(data, key)
    assert etsi.read(good, [key.certificate], at=NOW).territory == "EE"
    for bad, signers in (
        (data, [key.certificate]),
        (good.replace(b">EE<", b">FR<"), [key.certificate]),
        (good, [operator().certificate]),
        (signed(trusted_list(version=4), key), [key.certificate]),
        (signed(b"<x xmlns='urn:x'/>", key), [key.certificate]),
    ):
        with pytest.raises(BadTrustList):
            etsi.read(bad, signers, at=NOW)


def test_a_list_wrapped_in_another_is_not_the_one_signed():
    """What is read is what was signed, wherever it stands; a list around it is not believed."""
    key = operator()
    inner = signed(trusted_list(number=1), key)
    outer = trusted_list(number=99).replace(
        b"</SchemeInformation>", inner + b"</SchemeInformation>"
    )
    with pytest.raises(BadTrustList):
        etsi.read(outer, [key.certificate], at=NOW)


def test_the_list_of_lists_pins_the_signers_of_others(folder: Folder):
    """A national list is believed when the list of lists points at its signer."""
    national, other = operator(), operator()
    lotl = trusted_list(
        territory="EU", kind="EUlistofthelists", pointers=pointer("EE", national.certificate)
    )
    place = folder.path / "domains"
    (place / "lotl.xml").write_bytes(signed(lotl, folder.key))
    (place / "ee.xml").write_bytes(signed(trusted_list(territory="EE"), national))
    (place / "fr.xml").write_bytes(signed(trusted_list(territory="FR"), national))
    (place / "ee2.xml").write_bytes(signed(trusted_list(territory="LV"), other))
    domains = folder.load()
    assert {each.id for each in domains.lists} == {"TL-EU", "TL-EE"}
    assert {name for name, _ in domains.refused} == {"fr.xml", "ee2.xml"}


def test_an_older_trusted_list_is_a_roll_back(folder: Folder):
    """The highest number seen is remembered for these lists as well."""
    admit(signed(trusted_list(number=5), folder.key), "ee", folder.path, NOW)
    with pytest.raises(RolledBack):
        admit(signed(trusted_list(number=4), folder.key), "ee", folder.path, NOW)


@pytest.mark.parametrize(
    ("device", "purposes", "since", "level"),
    [
        (True, ("ForeSeals",), FROM, Level.QUALIFIED),
        (False, ("ForeSeals",), FROM, Level.HIGH),
        (True, ("ForeSignatures",), FROM, Level.LOW),
        (True, ("ForeSeals",), NOW + DAY, Level.NONE),
    ],
)
def test_the_level_follows_from_list_and_certificate(
    folder: Folder, world: World, *, device: bool, purposes, since, level: Level
):
    """Qualified: granted for seals at the time, a qualified certificate on a qualified device."""
    root = authority("QTSP", "EE")
    current = instance(
        "ServiceInformation", root.root.certificate, "granted", iso(since), *purposes
    )
    place = folder.path / "domains" / "ee.xml"
    place.write_bytes(signed(trusted_list([current]), folder.key))
    every = {"qualified": "high", "high": "substantial", "low": "low"}
    folder.put(body("SG", [], [record("EU-QTSP", every)]))
    key = seal(root, "VATEE-123456789", statements(device=device))
    found = folder.worth(key, world.stamper, lists_of=[root])
    assert found.home_level is level
    assert found.accorded == every.get(level.value, "none")
    assert found.as_dict()["list"]["id"] == "TL-EE"  # type: ignore[index]


ECC = "http://uri.etsi.org/TrstSvc/SvcInfoExt/eSigDir-1999-93-EC-TrustedList/#"


def qualification(qualifier: str, criteria: str, *, asserted: str = "all") -> str:
    """Return a Qualifications extension of one element."""
    return (
        f"<Extension Critical='true'><e:Qualifications xmlns:e='{ECC}'><e:QualificationElement>"
        f"<e:Qualifiers><e:Qualifier uri='{EXTENSIONS}{qualifier}'/></e:Qualifiers>"
        f"<e:CriteriaList assert='{asserted}'>{criteria}</e:CriteriaList>"
        "</e:QualificationElement></e:Qualifications></Extension>"
    )


USED = "<e:KeyUsage><e:KeyUsageBit name='nonRepudiation'>true</e:KeyUsageBit></e:KeyUsage>"
UNUSED = "<e:KeyUsage><e:KeyUsageBit name='keyAgreement'>true</e:KeyUsageBit></e:KeyUsage>"
STRANGE = "<e:otherCriteriaList><x/></e:otherCriteriaList>"
IDENTIFIER = "<Identifier>urn:oid:1.2.3</Identifier>"
ADDED = "xmlns:a='http://uri.etsi.org/02231/v2/additionaltypes#'"
DOCUMENT_SIGNING = "1.3.6.1.5.5.7.3.36"


def other(kind: str, part: str, identifier: str) -> str:
    """Return a criterion of the additional types over one identifier."""
    inside = f"<a:{part}><Identifier>urn:oid:{identifier}</Identifier></a:{part}>"
    return f"<e:otherCriteriaList><a:{kind} {ADDED}>{inside}</a:{kind}></e:otherCriteriaList>"


PURPOSE = other("ExtendedKeyUsage", "KeyPurposeId", DOCUMENT_SIGNING)
OTHER_PURPOSE = other("ExtendedKeyUsage", "KeyPurposeId", "1.3.6.1.5.5.7.3.4")
ATTRIBUTE = other("CertSubjectDNAttribute", "AttributeOID", "2.5.4.97")
OTHER_ATTRIBUTE = other("CertSubjectDNAttribute", "AttributeOID", "2.5.4.65")
POLICY = f"<e:PolicySet><e:PolicyIdentifier>{IDENTIFIER}</e:PolicyIdentifier></e:PolicySet>"


@pytest.mark.parametrize(
    ("qualifier", "criteria", "asserted", "level"),
    [
        ("QCWithQSCD", USED, "all", Level.QUALIFIED),
        ("QCWithQSCD", UNUSED, "all", Level.HIGH),
        ("QCWithQSCD", UNUSED, "none", Level.QUALIFIED),
        ("QCWithQSCD", USED + UNUSED, "atLeastOne", Level.QUALIFIED),
        ("QCWithQSCD", USED + UNUSED, "all", Level.HIGH),
        ("QCWithQSCD", USED + STRANGE, "all", Level.HIGH),
        ("QCWithQSCD", POLICY, "all", Level.HIGH),
        ("QCWithQSCD", PURPOSE, "all", Level.QUALIFIED),
        ("QCWithQSCD", OTHER_PURPOSE, "all", Level.HIGH),
        ("QCWithQSCD", ATTRIBUTE + PURPOSE, "all", Level.QUALIFIED),
        ("QCWithQSCD", OTHER_ATTRIBUTE, "all", Level.HIGH),
        ("NotQualified", OTHER_ATTRIBUTE, "all", Level.HIGH),
        ("NotQualified", USED, "all", Level.LOW),
        ("NotQualified", STRANGE, "all", Level.LOW),
        ("NotQualified", UNUSED, "all", Level.HIGH),
        ("QCForESig", USED, "all", Level.LOW),
    ],
)
def test_the_list_corrects_its_certificates(
    folder: Folder, world: World, *, qualifier: str, criteria: str, asserted: str, level: Level
):
    """Qualifiers hold for what meets the criteria; what is not understood only ever lowers."""
    root = authority("QTSP", "EE")
    current = instance(
        "ServiceInformation", root.root.certificate, "granted", iso(FROM), "ForeSeals"
    )
    place = "<ServiceInformationExtensions>"
    extended = place + qualification(qualifier, criteria, asserted=asserted)
    data = trusted_list([current.replace(place, extended)])
    (folder.path / "domains" / "ee.xml").write_bytes(signed(data, folder.key))
    purposes = x509.ExtendedKeyUsage([x509.ObjectIdentifier(DOCUMENT_SIGNING)])
    said = (statements(device=False), Extension(purposes))
    key = seal(root, "VATEE-123456789", *said)
    assert folder.worth(key, world.stamper, lists_of=[root]).home_level is level


def test_a_certificate_that_is_not_said_to_be_qualified_is_not(folder: Folder, world: World):
    """Without QCStatements the level is low, whatever the service is."""
    root = authority("QTSP", "EE")
    current = instance("ServiceInformation", root.root.certificate, "granted", iso(FROM))
    place = folder.path / "domains" / "ee.xml"
    place.write_bytes(signed(trusted_list([current]), folder.key))
    found = folder.worth(seal(root, "VATEE-123456789"), world.stamper, lists_of=[root])
    assert found.home_level is Level.LOW
