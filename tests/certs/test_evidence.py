from __future__ import annotations

import hashlib
import random
import subprocess
from datetime import timedelta
from pathlib import Path

import pytest

from certs import archive, asic, evidence, receipts, xades
from certs.authority.ca import CertificateAuthority
from certs.authority.tsa import Authority
from certs.domain import create_domain
from certs.errors import ContainerRefused
from certs.evidence import Item, Role
from certs.receipts import Receipt
from certs.validation.sources import Gatherer, OwnAuthority
from certs.verdict import Indication
from tests.certs.pki import DOCUMENT, NOW, World


def items(world: World, by: World | None = None) -> list[Item]:
    """Return the files of a small story: a document, its receipt, a log proof."""
    signed = xades.sign(DOCUMENT, world.seal, stamper=world.stamper, signed_at=NOW)
    receipt = Receipt(
        message_id="m-1",
        sha256=hashlib.sha256(signed).hexdigest(),
        recipient="sg-port",
        received_at=NOW,
    )
    return [
        Item("documents/declaration.xml", signed, Role.SIGNED, {"format": "wco-dec"}),
        Item("receipts/m-1.jws", receipts.issue(receipt, (by or world).seal), Role.RECEIPT),
        Item("log/proof.txt", b"c2sp.org/tlog-proof@v1\n", Role.LOG_PROOF),
    ]


@pytest.fixture(scope="module")
def package(world: World) -> bytes:
    """Return the evidence package of that story."""
    subject = {"exchange": "ex-1"}
    return evidence.build(items(world), world.seal, world.stamper, subject=subject, created_at=NOW)


def test_a_package_tells_who_when_what_and_received(world: World, package: bytes) -> None:
    """Seal, document and receipt pass; the receipt is seen to cover the document."""
    found = evidence.verify_evidence(package, world.trust, at=NOW)
    told = found.as_dict()
    assert told["indication"] == "TOTAL-PASSED"
    assert told["subject"] == {"exchange": "ex-1"}
    assert found.receipts[0].covers == ("documents/declaration.xml",)
    assert found.files(Role.LOG_PROOF) == {"log/proof.txt": b"c2sp.org/tlog-proof@v1\n"}


def test_a_package_is_verified_ten_years_later(world: World, package: bytes) -> None:
    """The seal's certificate is long dead; the time-stamps carry the proof."""
    found = evidence.verify_evidence(package, world.trust, at=NOW + timedelta(days=3000))
    assert found.seal.passed
    assert found.documents[0].verdict.passed


def test_a_bad_receipt_spoils_the_whole_but_hides_nothing(world: World, stranger: World) -> None:
    """The worst signature decides, and the report shows which it was."""
    package = evidence.build(
        items(world, by=stranger), world.seal, world.stamper, subject={}, created_at=NOW
    )
    found = evidence.verify_evidence(package, world.trust, at=NOW)
    assert found.worst.indication is Indication.INDETERMINATE
    assert found.seal.passed
    assert not found.receipts[0].verdict.passed


def test_nothing_comes_out_of_a_package_that_did_not_pass(world: World, stranger: World) -> None:
    """Log and chain proofs are handed on only from a package whose seal is good."""
    package = evidence.build(
        items(stranger), stranger.seal, stranger.stamper, subject={}, created_at=NOW
    )
    found = evidence.verify_evidence(package, world.trust, at=NOW)
    assert (found.items, found.documents, found.receipts) == ((), (), ())


def test_a_container_without_index_is_no_package(world: World) -> None:
    """A sealed container of other files is not read as evidence."""
    data = asic.pack({"a.txt": b"1"}, world.seal, signed_at=NOW)
    assert not evidence.verify_evidence(data, world.trust, at=NOW).worst.passed


@pytest.mark.parametrize("name", ["index.json", "verify.sh", "a b", "../x", "中.xml", ".hidden"])
def test_names_stay_simple(world: World, name: str) -> None:
    """Names that a shell script could trip over are refused."""
    with pytest.raises(ContainerRefused):
        evidence.build([Item(name, b"", Role.OTHER)], world.seal, world.stamper, subject={})


def test_stock_tools_verify_a_package(tmp_path: Path) -> None:
    """`verify.sh` of the package says yes with unzip and openssl alone, and no when damaged."""
    domain = create_domain(tmp_path / "keys", "Port A", "SG", secret="")
    seal, stamper = domain.keys.load("seal"), Authority(domain.keys.load("tsa"))
    story = [Item("a/one.xml", DOCUMENT, Role.SOURCE), Item("two.txt", b"2", Role.OTHER)]
    package = evidence.build(story, seal, stamper, subject={})
    (tmp_path / "root.pem").write_bytes(domain.root.pem)
    (tmp_path / "verify.sh").write_bytes(asic.open_container(package)["verify.sh"])
    gatherer = Gatherer(
        domain.trust, (OwnAuthority(CertificateAuthority(domain.keys.load("root"))),)
    )
    files = asic.open_container(package)
    with_more = {**files, "three.txt": b"3"}
    changed = {**files, "two.txt": b"3"}
    archived = archive.read(asic.renew(asic.renew(package, stamper, gatherer), stamper, gatherer))
    unlisted = {**archived, "META-INF/timestamp003.tst": b"3"}
    stripped = {name: each for name, each in archived.items() if "Archive" not in name}
    restamped = {**archived, "META-INF/timestamp002.tst": archived["META-INF/timestamp001.tst"]}
    for content, status in (
        (files, 0),
        (with_more, 3),
        (changed, 3),
        (archived, 0),
        (unlisted, 3),
        (stripped, 3),
        (restamped, 3),
    ):
        place = tmp_path / "package.asice"
        place.write_bytes(archive.write(content))
        done = subprocess.run(
            ["sh", "verify.sh", place, "root.pem"],
            cwd=tmp_path,
            capture_output=True,
            check=False,
            text=True,
        )
        assert done.returncode == status, done.stdout + done.stderr
        assert ("sealed before" in done.stdout) is (status == 0)


@pytest.fixture(scope="module")
def archived(world: World) -> bytes:
    """Return the package with validation data and an archive time-stamp."""
    return evidence.build(
        items(world),
        world.seal,
        world.stamper,
        subject={"exchange": "ex-1"},
        created_at=NOW,
        gatherer=world.gatherer(),
    )


def _check_flips(world: World, package: bytes, count: int) -> None:
    """Flip one bit at each of so many places; every one is noticed and told in words."""
    chance = random.Random(4711)
    passed, silent = [], []
    for _ in range(count):
        place = chance.randrange(len(package))
        broken = bytearray(package)
        broken[place] ^= 1 << chance.randrange(8)
        worst = evidence.verify_evidence(bytes(broken), world.trust, at=NOW).worst
        if worst.passed:
            passed.append(place)
        elif worst.subindication is None or worst.reason is None or not worst.reason.en:
            silent.append(place)
    assert (passed, silent) == ([], [])


@pytest.mark.parametrize("kind", ["package", "archived"])
def test_every_flip_of_a_package_is_noticed(
    world: World, kind: str, request: pytest.FixtureRequest
) -> None:
    """One bit changed at any of 400 places of a package: noticed, and what broke is named."""
    _check_flips(world, request.getfixturevalue(kind), 400)


@pytest.mark.faults_long
@pytest.mark.timeout(600)
def test_ten_thousand_flips_are_noticed(world: World, archived: bytes) -> None:
    """The same at 10,000 places of an archived package."""
    _check_flips(world, archived, 10_000)
