from __future__ import annotations

import subprocess
import zipfile
from io import BytesIO
from pathlib import Path

import pytest

from certs import asic
from certs.errors import ContainerRefused
from certs.verdict import Indication, SubIndication
from tests.certs.pki import NOW, World

FILES = {"declaration.xml": b"<Declaration/>", "data/list.csv": b"a,b\n1,2\n"}


@pytest.fixture(scope="module")
def container(world: World) -> bytes:
    """Return a container of two files, signed and stamped."""
    return asic.pack(FILES, world.seal, world.stamper, signed_at=NOW)


def test_a_container_is_verified_and_gives_its_files(world: World, container: bytes) -> None:
    """Passed, at level T, over every file; the files come out as they went in."""
    found = asic.verify(container, world.trust, at=NOW)
    (report,) = found.verdict.signatures
    assert found.verdict.indication is Indication.TOTAL_PASSED
    assert (report.level, report.time) == ("CAdES-BASELINE-T", NOW)
    assert report.signed_refs == tuple(FILES)
    assert dict(found.files) == FILES


def test_the_first_entry_tells_the_type(container: bytes) -> None:
    """EN 319 162-1, A.1: mimetype first, stored, without extra field: readable at offset 38."""
    assert container[30:38] == b"mimetype"
    assert container[38:69] == b"application/vnd.etsi.asic-e+zip"
    with zipfile.ZipFile(BytesIO(container)) as opened:
        assert opened.testzip() is None
        assert opened.infolist()[0].compress_type == zipfile.ZIP_STORED


def test_the_same_files_give_the_same_structure(world: World, container: bytes) -> None:
    """But for the signature, two containers of the same files are the same octets."""
    again = asic.pack(FILES, world.seal, world.stamper, signed_at=NOW)
    first, second = asic.open_container(container), asic.open_container(again)
    assert list(first) == list(second)
    assert {name for name in first if first[name] != second[name]} == {"META-INF/signature.p7s"}


def test_stock_tools_accept_the_signature(world: World, container: bytes, tmp_path: Path) -> None:
    """`openssl cms -verify -cades` accepts the signature over the manifest."""
    (tmp_path / "root.pem").write_bytes(world.domain.root.pem)
    with zipfile.ZipFile(BytesIO(container)) as opened:
        opened.extractall(tmp_path)
    command = (
        "openssl cms -verify -cades -binary -inform DER -in META-INF/signature.p7s -purpose any "
        f"-content META-INF/ASiCManifest.xml -CAfile root.pem -attime {int(NOW.timestamp())}"
    )
    done = subprocess.run(command.split(), cwd=tmp_path, check=False, capture_output=True)
    assert done.returncode == 0, done.stderr


def test_the_peer_script_agrees(world: World, tmp_path: Path, shared: Path) -> None:
    """The shared second opinion on ASiC-E accepts a container, and refuses a damaged one."""
    key = world.domain.keys.load("seal")
    (tmp_path / "root.pem").write_bytes(world.domain.root.pem)
    script = shared / "peers" / "esign" / "openssl_checks.sh"
    for content, accepted in ((FILES, True), ({**FILES, "data/list.csv": b"changed"}, False)):
        good = asic.open_container(asic.pack(FILES, key, signed_at=NOW))
        damaged = tmp_path / "a.asice"
        with zipfile.ZipFile(damaged, "w") as opened:
            for name, data in {**good, **content}.items():
                opened.writestr(name, data)
        done = subprocess.run(
            ["sh", script, "asice", damaged, "root.pem"],
            cwd=tmp_path,
            check=False,
            capture_output=True,
        )
        assert (done.returncode == 0) is accepted, done.stderr


def test_names_in_any_script_are_kept(world: World) -> None:
    """Chinese names, spaces and percent signs survive the manifest's URIs."""
    files = {"报关单 1.xml": b"1", "50%.txt": b"2", "a&b'.txt": b"3"}
    found = asic.verify(asic.pack(files, world.seal, signed_at=NOW), world.trust, at=NOW)
    assert dict(found.files) == files


@pytest.mark.parametrize(
    "name", ["mimetype", "META-INF/x", "meta-inf/x", "../x", "/x", "a//b", "a\\b", "c:x", "a\x00b"]
)
def test_names_that_readers_trip_over_are_not_packed(world: World, name: str) -> None:
    """Reserved names and paths that lead out are refused when packing."""
    with pytest.raises(ContainerRefused):
        asic.pack({name: b""}, world.seal)


def test_a_stranger_gives_no_files(world: World, stranger: World) -> None:
    """In order, but nobody here trusts the signer: no file comes out."""
    found = asic.verify(asic.pack(FILES, stranger.seal, signed_at=NOW), world.trust, at=NOW)
    assert found.verdict.subindication is SubIndication.NO_CERTIFICATE_CHAIN_FOUND
    assert not found.files
