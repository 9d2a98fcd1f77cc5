from __future__ import annotations

import io
import random
import warnings
import zipfile
from collections.abc import Mapping

import pytest

from certs import archive, asic, cades
from certs.asic import manifest
from certs.verdict import Indication
from tests.certs.pki import NOW, World

FILES = {"declaration.xml": b"<Declaration/>", "list.csv": b"a,b\n1,2\n"}
MANIFEST, SIGNATURE = "META-INF/ASiCManifest.xml", "META-INF/signature.p7s"


@pytest.fixture(scope="module")
def good(world: World) -> bytes:
    """Return a good container."""
    return asic.pack(FILES, world.seal, world.stamper, signed_at=NOW)


def zipped(entries: list[tuple[str, bytes]], *, method: int = zipfile.ZIP_STORED) -> bytes:
    """Return a ZIP of these entries, names repeated if so given."""
    out = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with zipfile.ZipFile(out, "w", method) as opened:
            for name, data in entries:
                opened.writestr(name, data)
    return out.getvalue()


def refused(world: World, data: bytes) -> bool:
    """Tell whether a container fails and gives no file."""
    found = asic.verify(data, world.trust, at=NOW)
    assert found.passed or not found.files
    return not found.passed


def signed_over(world: World, listed: bytes, files: Mapping[str, bytes]) -> bytes:
    """Return a container whose manifest is `listed`, properly signed."""
    signature = cades.sign(listed, world.seal, signed_at=NOW)
    entries = [("mimetype", asic.ASIC_E), *files.items(), (MANIFEST, listed)]
    return zipped([*entries, (SIGNATURE, signature)])


def entries_of(good: bytes) -> list[tuple[str, bytes]]:
    """Return the entries of a container in order."""
    return list(asic.open_container(good).items())


def test_a_foreign_writer_is_accepted(world: World, good: bytes) -> None:
    """The same entries written by another ZIP library with today's date: only if not ours."""
    listed = manifest.write(SIGNATURE, FILES).replace(b"<asic:Sig", b"\n<asic:Sig")
    assert not refused(world, signed_over(world, listed, FILES))
    assert refused(world, zipped(entries_of(good)))


@pytest.mark.parametrize(
    "extra",
    [
        ("declaration.xml", b"<Other/>"),
        ("DECLARATION.XML", b"<Other/>"),
        ("ｄeclaration.xml", b"<Other/>"),
        ("unlisted.txt", b"x"),
        ("../outside.txt", b"x"),
        ("/absolute.txt", b"x"),
        ("a\\b.txt", b"x"),
        ("META-INF/../x.txt", b"x"),
        ("META-INF/signatures2.xml", b"<x/>"),
        ("META-INF/other.p7s", b"x"),
        ("META-INF/ASiCManifest2.xml", b"<!DOCTYPE x><x/>"),
    ],
)
def test_an_entry_too_many_is_refused(world: World, good: bytes, extra: tuple[str, bytes]) -> None:
    """Duplicate names, names that fold together, paths that lead out, files nobody signed."""
    assert refused(world, zipped([*entries_of(good), extra]))


@pytest.mark.parametrize("gone", ["declaration.xml", MANIFEST, SIGNATURE, "mimetype"])
def test_an_entry_too_few_is_refused(world: World, good: bytes, gone: str) -> None:
    """A listed file, the manifest, the signature or the type is missing."""
    assert refused(world, zipped([each for each in entries_of(good) if each[0] != gone]))


def test_the_type_must_come_first(world: World) -> None:
    """Mimetype anywhere but in front is refused, also in a container by somebody else."""
    listed = manifest.write(SIGNATURE, FILES).replace(b"<asic:Sig", b"\n<asic:Sig")
    foreign = entries_of(signed_over(world, listed, FILES))
    assert not refused(world, zipped(foreign))
    assert refused(world, zipped([*foreign[1:], foreign[0]]))


def test_another_type_is_refused(world: World, good: bytes) -> None:
    """A ZIP that says it is something else is no evidence."""
    entries = [("mimetype", b"application/zip"), *entries_of(good)[1:]]
    assert refused(world, zipped(entries))


@pytest.mark.parametrize(
    "change",
    [
        (b"<asic:ASiCManifest", b"<!DOCTYPE x><asic:ASiCManifest"),
        (SIGNATURE.encode(), b"META-INF/none.p7s"),
        (SIGNATURE.encode(), b"list.csv"),
        (b"list.csv", b"declaration.xml"),
        (b"list.csv", b"missing.csv"),
        (b"xmlenc#sha256", b"xmlenc#sha1"),
        (b"asic:DataObjectReference", b"asic:Other"),
    ],
)
def test_a_manifest_that_lies_is_refused(world: World, change: tuple[bytes, bytes]) -> None:
    """Properly signed, and yet: a DOCTYPE, another signature, a file twice or not there."""
    listed = manifest.write(SIGNATURE, FILES).replace(*change)
    assert refused(world, signed_over(world, listed, FILES))


def test_a_manifest_signed_by_nobody_is_refused(world: World, good: bytes) -> None:
    """The signature of another manifest does not do."""
    other = dict(entries_of(asic.pack({"x": b"1"}, world.seal, signed_at=NOW)))
    entries = [
        (name, other[name] if name == SIGNATURE else data) for name, data in entries_of(good)
    ]
    assert asic.verify(zipped(entries), world.trust, at=NOW).verdict.indication is (
        Indication.TOTAL_FAILED
    )


def test_a_bomb_is_refused_before_it_is_unpacked(world: World) -> None:
    """A file that unpacks to far more than its size is refused by its ratio."""
    bomb = zipped(
        [("mimetype", asic.ASIC_E), ("zeros", bytes(32 << 20))], method=zipfile.ZIP_DEFLATED
    )
    assert len(bomb) < 100_000
    assert refused(world, bomb)


def test_size_and_number_are_bounded(world: World, good: bytes) -> None:
    """More octets or files than the limits allow are refused."""
    for limits in (archive.Limits(size=100), archive.Limits(files=2)):
        assert not asic.verify(good, world.trust, at=NOW, limits=limits).passed


def test_nothing_hides_before_or_between_the_entries(world: World, good: bytes) -> None:
    """Octets in front, after the end, or an entry with a lying size."""
    assert refused(world, b"MZ" + good)
    assert refused(world, good + b"tail")
    assert refused(world, good[:-1])
    assert refused(world, b"PK\x03\x04" + b"x" * 100)


def test_every_flip_of_a_container_is_noticed(world: World, good: bytes) -> None:
    """One bit changed at any of 1,500 places, headers and directory included."""
    for place in random.Random(4711).sample(range(len(good)), 1500):
        broken = bytearray(good)
        broken[place] ^= 1 << place % 8
        assert refused(world, bytes(broken)), place
