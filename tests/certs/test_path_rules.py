from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from ipaddress import IPv4Address, IPv4Network

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding

from certs import path
from certs.path.peer import SERVER_AUTH
from certs.path.policies import PolicyInputs
from certs.path.profile import Profile
from certs.path.search import Demands
from certs.trust import TrustStore
from certs.verdict import Refused
from certs.x509 import certificate
from certs.x509.certificate import Certificate
from tests.certs.pki import NOW

KEY = ec.generate_private_key(ec.SECP256R1())
GOLD, SILVER = x509.ObjectIdentifier("1.2.3.1"), x509.ObjectIdentifier("1.2.3.2")
ANY = x509.ObjectIdentifier("2.5.29.32.0")
Extension = x509.ExtensionType


def name(*parts: str) -> x509.Name:
    """Return a name: an organisation and, if given, a common name."""
    kinds = (x509.NameOID.ORGANIZATION_NAME, x509.NameOID.COMMON_NAME)
    return x509.Name([x509.NameAttribute(*pair) for pair in zip(kinds, parts, strict=False)])


def issued(
    subject: x509.Name,
    issuer: x509.Name,
    *extensions: Extension,
    authority: bool = False,
    serial: int = 5,
    critical: bool = False,
) -> Certificate:
    """Return a certificate with these extensions; every authority has the same key."""
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(KEY.public_key())
        .serial_number(serial)
        .not_valid_before(NOW - timedelta(days=1))
        .not_valid_after(NOW + timedelta(days=1))
        .add_extension(x509.BasicConstraints(authority, None), critical=True)
    )
    for each in extensions:
        builder = builder.add_extension(each, critical=critical)
    return certificate.load(builder.sign(KEY, hashes.SHA256()).public_bytes(Encoding.DER))


ROOT_NAME, MIDDLE_NAME = name("Root"), name("Middle")
ROOT = issued(ROOT_NAME, ROOT_NAME, authority=True, serial=1)
TRUST = TrustStore.of(ROOT)


def valid(
    leaf: Certificate,
    *middle: Certificate,
    trust: TrustStore = TRUST,
    demands: Demands | None = None,
) -> bool:
    """Tell whether there is a path."""
    try:
        path.find(leaf, middle, trust, NOW, demands or Demands())
    except Refused:
        return False
    return True


def names(*given: x509.GeneralName) -> x509.SubjectAlternativeName:
    """Return alternative names."""
    return x509.SubjectAlternativeName(given)


def policies(*given: x509.ObjectIdentifier) -> x509.CertificatePolicies:
    """Return certificate policies."""
    return x509.CertificatePolicies([x509.PolicyInformation(each, None) for each in given])


DNS, MAIL, URI, IP = x509.DNSName, x509.RFC822Name, x509.UniformResourceIdentifier, x509.IPAddress


@pytest.mark.parametrize(
    ("base", "inside", "outside"),
    [
        (DNS("example.org"), DNS("a.Example.org"), DNS("badexample.org")),
        (DNS("example.org"), DNS("*.example.org"), DNS("*.example.net")),
        (MAIL("example.org"), MAIL("a@EXAMPLE.org"), MAIL("a@b.example.org")),
        (MAIL(".example.org"), MAIL("a@b.example.org"), MAIL("a@example.org")),
        (MAIL("a@example.org"), MAIL("a@example.org"), MAIL("A@example.org")),
        (URI(".example.org"), URI("https://a.example.org/x"), URI("https://example.org/")),
        (URI("example.org"), URI("https://u@example.org:8/"), URI("https://example.org.evil/")),
        (IP(IPv4Network("10.1.0.0/16")), IP(IPv4Address("10.1.9.9")), IP(IPv4Address("10.2.0.1"))),
    ],
)
def test_names_stay_within_what_the_authority_may_certify(
    base: x509.GeneralName, inside: x509.GeneralName, outside: x509.GeneralName
) -> None:
    """Permitted subtrees let in what is inside, excluded ones the rest (RFC 5280, 4.2.1.10)."""
    for constraints, good, bad in (
        (x509.NameConstraints([base], None), inside, outside),
        (x509.NameConstraints(None, [base]), outside, inside),
    ):
        middle = issued(MIDDLE_NAME, ROOT_NAME, constraints, authority=True)
        assert valid(issued(name("Leaf"), MIDDLE_NAME, names(good)), middle)
        assert not valid(issued(name("Leaf"), MIDDLE_NAME, names(bad)), middle)


def test_directory_names_are_compared_by_their_beginning() -> None:
    """Case and white space do not matter, order does; the subject itself is such a name."""
    base = x509.DirectoryName(name("Port  A"))
    middle = issued(
        MIDDLE_NAME, ROOT_NAME, x509.NameConstraints([base], None), authority=True, critical=True
    )
    assert valid(issued(name("port a", "Seal"), MIDDLE_NAME), middle)
    assert not valid(issued(name("Port B", "Seal"), MIDDLE_NAME), middle)


def test_constraints_of_every_authority_above_hold() -> None:
    """A lower authority cannot widen what a higher one allowed."""
    upper = issued(
        name("Upper"), ROOT_NAME, x509.NameConstraints([DNS("a.org")], None), authority=True
    )
    lower = issued(
        name("Lower"), name("Upper"), x509.NameConstraints([DNS("b.org")], None), authority=True
    )
    for host in ("a.org", "b.org"):
        leaf = issued(name("Leaf"), name("Lower"), names(DNS(host)))
        assert not valid(leaf, upper, lower)


def test_a_flood_of_names_and_constraints_is_given_up() -> None:
    """Work is bounded: a thousand names against a thousand constraints is too much."""
    bases = [DNS(f"x{number}.org") for number in range(1000)]
    middle = issued(MIDDLE_NAME, ROOT_NAME, x509.NameConstraints(None, bases), authority=True)
    leaf = issued(name("Leaf"), MIDDLE_NAME, names(*(DNS(f"y{n}.net") for n in range(1000))))
    assert not valid(leaf, middle)


@pytest.mark.parametrize(
    ("upper", "leaf", "inputs", "expected"),
    [
        ([GOLD], [GOLD], PolicyInputs(explicit=True), True),
        ([GOLD], [SILVER], PolicyInputs(explicit=True), False),
        ([GOLD], [SILVER], PolicyInputs(), True),
        ([ANY], [SILVER], PolicyInputs(explicit=True), True),
        ([ANY], [SILVER], PolicyInputs(explicit=True, inhibit_any=True), False),
        ([GOLD], [ANY], PolicyInputs(explicit=True), True),
        ([GOLD], [], PolicyInputs(explicit=True), False),
        (
            [GOLD, SILVER],
            [SILVER],
            PolicyInputs(explicit=True, acceptable=frozenset({GOLD.dotted_string})),
            False,
        ),
    ],
)
def test_a_policy_holds_along_the_whole_path_or_not_at_all(
    upper: Sequence[x509.ObjectIdentifier],
    leaf: Sequence[x509.ObjectIdentifier],
    inputs: PolicyInputs,
    *,
    expected: bool,
) -> None:
    """The four inputs of RFC 5280, 6.1.1 decide whether that matters."""
    middle = issued(MIDDLE_NAME, ROOT_NAME, policies(*upper), authority=True)
    end = issued(name("Leaf"), MIDDLE_NAME, *([policies(*leaf)] if leaf else []))
    assert valid(end, middle, demands=Demands(policies=inputs)) is expected


def test_policies_are_mapped_unless_that_is_inhibited() -> None:
    """What the authority calls gold may be called silver below it."""
    mapping = x509.UnrecognizedExtension(
        x509.ObjectIdentifier("2.5.29.33"), bytes.fromhex("300c300a06032a030106032a0302")
    )
    middle = issued(MIDDLE_NAME, ROOT_NAME, policies(GOLD), mapping, authority=True)
    leaf = issued(name("Leaf"), MIDDLE_NAME, policies(SILVER))
    gold = frozenset({GOLD.dotted_string})
    wanted = PolicyInputs(explicit=True, acceptable=gold)
    assert valid(leaf, middle, demands=Demands(policies=wanted))
    inhibited = PolicyInputs(explicit=True, acceptable=gold, inhibit_mapping=True)
    assert not valid(leaf, middle, demands=Demands(policies=inhibited))


def revocations(
    *serials: int,
    number: int = 7,
    extensions: Sequence[tuple[Extension, bool]] = (),
    late: bool = False,
    reason: x509.ReasonFlags = x509.ReasonFlags.key_compromise,
) -> bytes:
    """Return a list of the root's."""
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(ROOT_NAME)
        .last_update(NOW - timedelta(days=2))
        .next_update(NOW + timedelta(days=-1 if late else 1))
        .add_extension(x509.CRLNumber(number), critical=False)
    )
    for extension, critical in extensions:
        builder = builder.add_extension(extension, critical=critical)
    for serial in serials:
        entry = x509.RevokedCertificateBuilder().serial_number(serial)
        entry = entry.revocation_date(NOW - timedelta(days=2))
        builder = builder.add_revoked_certificate(
            entry.add_extension(x509.CRLReason(reason), critical=False).build()
        )
    return builder.sign(KEY, hashes.SHA256()).public_bytes(Encoding.DER)


def scope(*, users: bool = False, authorities: bool = False) -> tuple[Extension, bool]:
    """Return an issuing distribution point."""
    point = x509.IssuingDistributionPoint(None, None, users, authorities, None, False, False)  # noqa: FBT003
    return point, True


STRANGE = (x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.9"), b"\x05\x00"), True)
REMOVED = x509.ReasonFlags.remove_from_crl


@pytest.mark.parametrize(
    ("lists", "expected"),
    [
        ([], False),
        ([revocations(4)], True),
        ([revocations(5)], False),
        ([revocations(late=True)], False),
        ([revocations(extensions=[STRANGE])], False),
        ([revocations(extensions=[scope(users=True)])], True),
        ([revocations(extensions=[scope(authorities=True)])], False),
        (
            [
                revocations(5),
                revocations(
                    5,
                    number=8,
                    extensions=[(x509.DeltaCRLIndicator(7), True)],
                    reason=REMOVED,
                ),
            ],
            True,
        ),
        (
            [
                revocations(),
                revocations(5, number=8, extensions=[(x509.DeltaCRLIndicator(7), True)]),
            ],
            False,
        ),
        ([revocations(5, number=8, extensions=[(x509.DeltaCRLIndicator(7), True)])], False),
    ],
)
def test_a_status_comes_from_fitting_fresh_lists(lists: Sequence[bytes], *, expected: bool) -> None:
    """When revocation data is required: in scope, fresh, understood, deltas on their base."""
    trust = TRUST.with_lists(*lists)
    leaf = issued(name("Leaf"), ROOT_NAME)
    assert valid(leaf, trust=trust, demands=Demands(revocation_required=True)) is expected


def test_a_list_that_is_not_understood_still_revokes() -> None:
    """An extension nobody knows clears nobody, and hides no entry either."""
    trust = TRUST.with_lists(revocations(5, extensions=[STRANGE]))
    assert not valid(issued(name("Leaf"), ROOT_NAME), trust=trust)
    assert valid(issued(name("Leaf"), ROOT_NAME, serial=6), trust=trust)


def test_a_peer_has_the_name_it_is_called_by() -> None:
    """Only alternative names count, wildcards for one label, and only the purpose given."""
    purpose = x509.ExtendedKeyUsage([x509.ObjectIdentifier(SERVER_AUTH)])
    leaf = issued(name("X", "c.org"), ROOT_NAME, purpose, names(DNS("a.org"), DNS("*.b.org")))
    for peer, expected in (
        ("a.org", True),
        ("x.b.org", True),
        ("b.org", False),
        ("x.y.b.org", False),
        ("c.org", False),
    ):
        assert valid(leaf, demands=Demands(peer=peer, purpose=SERVER_AUTH)) is expected
    assert not valid(leaf, demands=Demands(peer="a.org", purpose="1.3.6.1.5.5.7.3.2"))


def test_a_profile_is_held_to_when_asked() -> None:
    """A certificate that does not name its issuer's key is let through only leniently."""
    leaf = issued(name("Leaf"), ROOT_NAME)
    assert valid(leaf)
    assert not valid(leaf, demands=Demands(profile=Profile.RFC5280))
