"""The four kinds of container: ASiC-E and ASiC-S, with CAdES and with XAdES."""

from __future__ import annotations

import subprocess
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

import pytest

from certs import archive, asic
from certs.asic import Container, Kind
from certs.authority.ca import TSA
from certs.authority.tsa import Authority
from certs.digests import SHA512
from certs.errors import ContainerRefused, NotExtendable
from certs.levels import Level
from certs.renewal import renew_any
from certs.verdict import Indication, SubIndication
from tests.certs.pki import DOCUMENT, NOW, World

YEAR = timedelta(days=365)
FILES = {"报关 单.xml": DOCUMENT, "b/c.json": b"{}"}
ONE = {"报关 单.xml": DOCUMENT}
KINDS = pytest.mark.parametrize(
    ("container", "kind"), [(each, kind) for each in Container for kind in Kind]
)
SIGNATURES = {Kind.CADES: "META-INF/signature.p7s", Kind.XADES: "META-INF/signatures.xml"}


def files_of(container: Container) -> Mapping[str, bytes]:
    """Return what to put into a container."""
    return ONE if container is Container.ASIC_S else FILES


def packed(world: World, container: Container, kind: Kind, level: Level) -> bytes:
    """Return a container of a kind at a level."""
    return asic.pack(
        files_of(container),
        world.seal,
        world.stamper,
        gatherer=world.gatherer(),
        level=level,
        signed_at=NOW,
        container=container,
        kind=kind,
    )


@KINDS
@pytest.mark.parametrize("level", Level)
def test_every_level_is_written_and_verified(
    world: World, container: Container, kind: Kind, level: Level
) -> None:
    """Passed at the level asked for, and the files come out as they went in."""
    data = packed(world, container, kind, level)
    for at in (NOW, NOW + 7 * YEAR) if level >= Level.T else (NOW,):
        found = asic.verify(data, world.trust, at=at)
        assert found.passed, found.verdict
        assert dict(found.files) == files_of(container)
    (report,) = found.verdict.signatures
    assert report.level.lower() == f"{kind}-baseline-{level.name}".lower()
    assert archive.read(data)["mimetype"].decode() == f"application/vnd.etsi.{container}+zip"


@KINDS
@pytest.mark.parametrize("level", [Level.T, Level.LTA])
def test_renewal_outlives_the_authority(
    world: World, container: Container, kind: Kind, level: Level
) -> None:
    """Archived anew with SHA-512 by a younger authority, it passes when the first has ended."""
    data = packed(world, container, kind, level)
    late, when = NOW + 13 * YEAR, NOW + 4 * YEAR
    younger = Authority(
        world.key(TSA, now=when - timedelta(days=1), lifetime=10 * YEAR), lambda: when
    )
    renewed = renew_any(data, younger, world.gatherer(when), digest=SHA512)
    assert not asic.verify(data, world.trust, at=late).passed
    found = asic.verify(renewed, world.trust, at=late)
    assert found.passed, found.verdict
    assert found.verdict.signatures[0].level.endswith("LTA")


@KINDS
def test_a_changed_file_is_noticed(world: World, container: Container, kind: Kind) -> None:
    """A changed file fails; a container with one is not renewed."""
    files = archive.read(packed(world, container, kind, Level.LTA))
    changed = archive.write({**files, "报关 单.xml": DOCUMENT.replace(b"Widget", b"Gadget")})
    found = asic.verify(changed, world.trust, at=NOW)
    assert found.verdict.indication is Indication.TOTAL_FAILED
    assert found.verdict.subindication is SubIndication.HASH_FAILURE
    assert not found.files
    with pytest.raises(NotExtendable):
        renew_any(changed, world.stamper, world.gatherer())


@KINDS
def test_a_file_too_many_is_refused(world: World, container: Container, kind: Kind) -> None:
    """A file that nobody signed, beside those that are."""
    files = archive.read(packed(world, container, kind, Level.B))
    found = asic.verify(archive.write({**files, "d/e.txt": b"x"}), world.trust, at=NOW)
    assert not found.passed
    assert not found.files


@KINDS
def test_a_signature_of_another_container_is_refused(
    world: World, container: Container, kind: Kind
) -> None:
    """The signature over other files says nothing about these."""
    files = archive.read(packed(world, container, kind, Level.T))
    content = {**files_of(container), "报关 单.xml": b"<Other/>"}
    other = asic.pack(
        content, world.seal, world.stamper, signed_at=NOW, container=container, kind=kind
    )
    files[SIGNATURES[kind]] = archive.read(other)[SIGNATURES[kind]]
    found = asic.verify(archive.write(files), world.trust, at=NOW)
    assert found.verdict.indication is Indication.TOTAL_FAILED


def test_a_simple_container_takes_one_file(world: World) -> None:
    """ASiC-S holds exactly one file, at the top."""
    for files in (FILES, {"b/c.json": b"{}"}):
        with pytest.raises(ContainerRefused):
            asic.pack(files, world.seal, container=Container.ASIC_S)


def test_xades_takes_as_many_files_as_we_verify(world: World) -> None:
    """1,023 files and the properties are 1,024 references; one more is refused when packing."""
    many = {f"{number}.txt": b"x" for number in range(1023)}
    data = asic.pack(many, world.seal, kind=Kind.XADES, signed_at=NOW)
    assert asic.verify(data, world.trust, at=NOW).passed
    with pytest.raises(ContainerRefused):
        asic.pack({**many, "more.txt": b"x"}, world.seal, kind=Kind.XADES)


def test_openssl_accepts_the_simple_container(world: World, tmp_path: Path) -> None:
    """The signature of an ASiC-S with CAdES is directly over its file."""
    files = archive.read(packed(world, Container.ASIC_S, Kind.CADES, Level.LTA))
    (tmp_path / "root.pem").write_bytes(world.domain.root.pem)
    (tmp_path / "signature.p7s").write_bytes(files[SIGNATURES[Kind.CADES]])
    (tmp_path / "content").write_bytes(DOCUMENT)
    command = (
        "openssl cms -verify -cades -binary -inform DER -in signature.p7s -purpose any "
        f"-content content -CAfile root.pem -attime {int(NOW.timestamp())}"
    )
    done = subprocess.run(command.split(), cwd=tmp_path, check=False, capture_output=True)
    assert done.returncode == 0, done.stderr
