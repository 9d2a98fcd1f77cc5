"""`verify.sh` of a package in a bare environment: it says what broke, with stock tools alone."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from certs import archive, asic, evidence
from certs.asic import records as asic_records
from certs.digests import SHA512
from certs.evidence import Item, Role
from certs.renewal import renew_any
from tests.certs.pki import DOCUMENT, NOW, World

# unzip, openssl, a shell, and coreutils: nothing else is on the PATH.
TOOLS = (
    *("sh", "unzip", "openssl"),
    *("base64", "cat", "cut", "date", "head", "mkdir", "mktemp", "od", "rm", "sort", "tail", "tr"),
)
SEAL, MANIFEST = "META-INF/signature.p7s", "META-INF/ASiCManifest.xml"
NEWEST = "META-INF/ASiCArchiveManifest.xml"
SECONDS = str(int(NOW.timestamp()))
Files = dict[str, bytes]


@pytest.fixture(scope="module")
def tools(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with links to the tools that the script may use."""
    folder = tmp_path_factory.mktemp("tools")
    for name in TOOLS:
        found = shutil.which(name)
        if found is None:
            pytest.skip(f"{name} is not here")
        (folder / name).symlink_to(found)
    return folder


@pytest.fixture(scope="module")
def packages(world: World) -> Mapping[str, bytes]:
    """Return a package at each stage of its life."""
    story = [Item("a/one.xml", DOCUMENT, Role.SOURCE), Item("two.txt", b"2", Role.OTHER)]
    given = {"subject": {}, "created_at": NOW}
    stamped = evidence.build(story, world.seal, world.stamper, **given)  # type: ignore[arg-type]
    lasting = evidence.build(
        story, world.seal, world.stamper, gatherer=world.gatherer(), subject={}, created_at=NOW
    )
    renewed = renew_any(lasting, world.stamper, world.gatherer(), digest=SHA512)
    (recorded,) = asic_records.keep([lasting], world.stamper)
    return {"T": stamped, "LTA": lasting, "renewed": renewed, "recorded": recorded}


class Ran:
    """What the script said about a container, in an environment of nothing but its tools."""

    def __init__(self, folder: Path, tools: Path, data: bytes, *arguments: str) -> None:
        """Run it, the package's own, over `data`."""
        (folder / "package.asice").write_bytes(data)
        done = subprocess.run(
            [tools / "sh", "verify.sh", "package.asice", *(arguments or ("root.pem", SECONDS))],
            cwd=folder,
            env={"PATH": str(tools), "TMPDIR": str(folder)},
            capture_output=True,
            check=False,
            text=True,
        )
        self.status, self.out, self.err = done.returncode, done.stdout, done.stderr


@pytest.fixture
def run(
    world: World, packages: Mapping[str, bytes], tools: Path, tmp_path: Path
) -> Callable[..., Ran]:
    """Return what runs the script over a container's octets or files."""
    (tmp_path / "root.pem").write_bytes(world.domain.root.pem)
    (tmp_path / "verify.sh").write_bytes(asic.open_container(packages["T"])["verify.sh"])

    def ran(content: bytes | Files, *arguments: str) -> Ran:
        data = content if isinstance(content, bytes) else archive.write(content)
        return Ran(tmp_path, tools, data, *arguments)

    return ran


@pytest.mark.parametrize("stage", ["T", "LTA", "renewed", "recorded"])
def test_every_stage_is_verified_with_stock_tools(
    packages: Mapping[str, bytes], run: Callable[..., Ran], stage: str
) -> None:
    """As built, archived, renewed under SHA-512, with a record inside; nothing is left behind."""
    found = run(packages[stage])
    assert (found.status, found.err) == (0, "")
    assert "sealed before" in found.out
    assert found.out.endswith("VERIFIED 通过\n")
    assert found.out.count("archived") == {"T": 0, "LTA": 1, "renewed": 2, "recorded": 1}[stage]
    assert ("evidence record" in found.out) is (stage == "recorded")


def _without(name: str) -> Callable[[Files], Files]:
    return lambda files: {each: data for each, data in files.items() if each != name}


def _with(name: str, data: bytes) -> Callable[[Files], Files]:
    return lambda files: {**files, name: data}


def _bent(name: str) -> Callable[[Files], Files]:
    """Change one octet in the middle of a file."""

    def bend(files: Files) -> Files:
        data = bytearray(files[name])
        data[len(data) // 2] ^= 1
        return {**files, name: bytes(data)}

    return bend


def _moved(name: str, other: str) -> Callable[[Files], Files]:
    return lambda files: {**files, name: files[other]}


def _renamed(files: Files) -> Files:
    listed = files[MANIFEST].replace(b"two.txt", b"too.txt")
    return {**files, MANIFEST: listed}


@pytest.mark.parametrize(
    ("stage", "change", "says"),
    [
        ("T", _with("two.txt", b"3"), "changed: two.txt"),
        ("T", _without("two.txt"), "missing: two.txt"),
        ("T", _with("three.txt", b"3"), "nobody sealed: three.txt"),
        ("T", _with("META-INF/more.p7s", b"3"), "nobody sealed: META-INF/more.p7s"),
        ("T", _with("mimetype", b"text/plain"), "mimetype"),
        ("T", _without(MANIFEST), f"missing: {MANIFEST}"),
        ("T", _without(SEAL), f"missing: {SEAL}"),
        ("T", _renamed, "missing: too.txt"),
        ("T", _with(SEAL, b"no signature"), f"the seal cannot be read: {SEAL}"),
        ("T", _bent("index.json"), "changed: index.json"),
        ("T", _bent("verify.sh"), "changed: verify.sh"),
        ("LTA", _with("two.txt", b"3"), "changed: two.txt"),
        ("LTA", _bent(SEAL), f"changed: {SEAL}"),
        ("LTA", _bent("META-INF/timestamp001.tst"), f"the time-stamp on {NEWEST}"),
        ("LTA", _without("META-INF/timestamp001.tst"), "missing: META-INF/timestamp001.tst"),
        ("LTA", _without(NEWEST), "nobody sealed: META-INF/timestamp001.tst"),
        ("renewed", _bent("META-INF/timestamp001.tst"), "changed: META-INF/timestamp001.tst"),
        (
            "renewed",
            _moved("META-INF/timestamp002.tst", "META-INF/timestamp001.tst"),
            f"the time-stamp on {NEWEST}",
        ),
        (
            "renewed",
            _without("META-INF/ASiCArchiveManifest001.xml"),
            "missing: META-INF/ASiCArchiveManifest001.xml",
        ),
        (
            "recorded",
            _without("META-INF/evidencerecord001.ers"),
            "missing: META-INF/ev",
        ),
        ("recorded", _with("META-INF/evidencerecord002.ers", b"3"), "nobody sealed: META-INF/ev"),
    ],
)
def test_it_names_what_broke(
    packages: Mapping[str, bytes],
    run: Callable[..., Ran],
    stage: str,
    change: Callable[[Files], Files],
    says: str,
) -> None:
    """Exit code 3, and one line that tells which file or time-stamp is not as it was."""
    found = run(change(archive.read(packages[stage])))
    assert found.status == 3, found.out + found.err
    assert says in found.err
    assert "VERIFIED 通过" not in found.out


def test_a_seal_over_another_manifest_is_named(
    world: World, packages: Mapping[str, bytes], run: Callable[..., Ran]
) -> None:
    """A good seal taken from another package, and a manifest bent where no digest stands."""
    other = evidence.build(
        [Item("two.txt", b"2", Role.OTHER)], world.seal, world.stamper, subject={}, created_at=NOW
    )
    files = archive.read(packages["T"])
    swapped = {**files, SEAL: archive.read(other)[SEAL]}
    spaced = {**files, MANIFEST: files[MANIFEST].replace(b"/><asic:Data", b" /><asic:Data", 1)}
    for content in (swapped, spaced):
        found = run(content)
        assert found.status == 3
        assert "the seal: " in found.err


def test_a_damaged_zip_and_a_stranger_are_named(
    world: World,
    stranger: World,
    packages: Mapping[str, bytes],
    run: Callable[..., Ran],
    tmp_path: Path,
) -> None:
    """Cut short, or under roots that do not lead to the signer, or judged before it was made."""
    whole = packages["LTA"]
    assert "the ZIP is damaged" in run(whole[: len(whole) // 2]).err
    (tmp_path / "other.pem").write_bytes(stranger.domain.root.pem)
    for arguments in (("other.pem", SECONDS), ("root.pem", str(int(SECONDS) - 10**8))):
        found = run(whole, *arguments)
        assert found.status == 3
        assert "the time-stamp on " in found.err
    assert run(whole, "root.pem", SECONDS).status == 0
    assert world.domain.root.pem != stranger.domain.root.pem


def test_it_leaves_nothing_behind(
    packages: Mapping[str, bytes], run: Callable[..., Ran], tmp_path: Path
) -> None:
    """What it unpacked is gone, whether it said yes or no."""
    before = {*tmp_path.iterdir(), tmp_path / "package.asice"}
    for content in (packages["LTA"], b"PK no container"):
        run(content)
        assert set(tmp_path.iterdir()) == before
