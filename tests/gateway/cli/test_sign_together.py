"""Several files signed together, several signers of one, and what raises their signatures."""

from __future__ import annotations

import pytest


@pytest.fixture
def two(tmp_path):
    """Give two files to be signed together, and one that has the name of the first."""
    (tmp_path / "a.json").write_bytes(b"{}")
    (tmp_path / "b.txt").write_bytes(b"12 Widgets")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "a.json").write_bytes(b"[]")
    return ("a.json", "b.txt")


@pytest.mark.parametrize(
    ("shape", "format_", "inside"),
    [
        (("--detached",), "JAdES", False),
        (("--detached", "--references", "uri"), "JAdES", False),
        (("--detached", "--form", "xades"), "XAdES", False),
        (("--signature", "xades"), "XAdES", True),
        ((), "CAdES", True),
    ],
)
def test_several_files_are_signed_together(  # noqa: PLR0917 - named by pytest
    silkgate, home, trust, two, tmp_path, shape, format_, inside
):
    """In a container, or by name beside it: at LTA, renewed, and never over a changed file."""
    args = ("--key", "seal", "--home", home, "--level", "lta", "-o", "signed")
    assert silkgate("sign", *two, *shape, *args).code == 0
    beside = [] if inside else ["--detached", two[0], "--detached", two[1]]
    renew = ("archive", "renew", "signed", *beside, "--home", home, "--digest", "sha512")
    assert silkgate(*renew, "-o", "renewed").code == 0
    for file, stamps in (("signed", 2), ("renewed", 3)):
        ran = silkgate("verify", file, *beside, "--trust", trust, "--json")
        (found,) = ran.row["signatures"]
        assert (ran.code, found["level"]) == (0, f"{format_}-BASELINE-LTA")
        assert (found["format"], len(found["timestamps"])) == (format_, stamps)
    if not inside:
        (tmp_path / "b.txt").write_bytes(b"13 Widgets")
        assert silkgate("verify", "signed", *beside, "--trust", trust).code == 3


def test_a_simple_container_holds_one_file(silkgate, home, trust, two):
    """`--container asic-s` for exactly one file, with either kind of signature."""
    args = ("--key", "seal", "--home", home, "--form", "asic", "--container", "asic-s")
    for kind in ("cades", "xades"):
        assert silkgate("sign", "b.txt", *args, "--signature", kind, "-o", "one.asics").code == 0
        assert silkgate("verify", "one.asics", "--trust", trust).code == 0
    assert silkgate("sign", *two, *args, "-o", "two.asics").code == 3


@pytest.mark.parametrize("form", ["jades", "cades"])
def test_a_signature_joins_another_and_both_are_raised(silkgate, home, trust, two, form):
    """`--beside` adds a signer; `archive augment` brings both to the level asked for."""
    args = ("--key", "seal", "--home", home, "--form", form)
    assert silkgate("sign", "a.json", *args, "--level", "b", "-o", "first").code == 0
    assert silkgate("sign", "a.json", *args, "--beside", "first", "-o", "both").code == 0
    beside = ("--detached", "a.json") if form == "cades" else ()
    for level in ("lt", "lta"):
        augment = ("archive", "augment", "both", *beside, "--level", level, "--home", home)
        ran = silkgate(*augment, "-o", "kept", "--json")
        assert (ran.code, ran.row) == (0, {"file": "both", "level": level, "out": "kept"})
        ran = silkgate("verify", "kept", *beside, "--trust", trust, "--json")
        levels = [each["level"].rpartition("-")[2] for each in ran.row["signatures"]]
        assert (ran.code, levels) == (0, [level.upper()] * 2)
    assert silkgate("sign", two[1], *args, "--beside", "first", "-o", "x").code == 3


def test_records_are_put_into_containers(silkgate, home, trust, two, tmp_path):
    """`archive record --inside`: one time-stamp for all, renewed in place, judged as of then."""
    args = ("--key", "seal", "--home", home, "--form", "asic", "--level", "b")
    for name in two:
        assert silkgate("sign", name, *args, "-o", f"{name}.asice").code == 0
    packages = [f"{name}.asice" for name in two]
    record = ("archive", "record", *packages, "--inside", "--home", home, "-o", "kept")
    assert silkgate(*record).code == 0
    kept = [f"kept/{name}" for name in packages]
    (tmp_path / "new").mkdir()
    for digest in ("sha256", "sha512"):
        renew = ("archive", "renew", *kept, "--home", home, "--digest", digest, "-o", "new")
        assert silkgate(*renew).code == 0
    for name in packages:
        for folder in ("kept", "new"):
            ran = silkgate("verify", f"{folder}/{name}", "--trust", trust, "--json")
            (stamp,) = ran.row["signatures"][0]["timestamps"]
            assert (ran.code, stamp["type"]) == (0, "evidence-record")
    assert silkgate("archive", "record", "b.txt", *record[4:]).code == 3


def test_what_is_due_is_told(silkgate, home, trust, two):
    """Until when a file verifies; exit code 3 when that is near, or it does not verify now."""
    args = ("--key", "seal", "--home", home, "--form", "asic", "--level", "lta", "-o", "a.asice")
    assert silkgate("sign", *two, *args).code == 0
    due = ("archive", "due", "a.asice", "--trust", trust)
    ran = silkgate(*due, "--json")
    assert (ran.code, ran.row["file"], ran.row["due"]) == (0, "a.asice", False)
    assert ran.row["until"] > "2030"
    ran = silkgate(*due, "--within", "10000")
    assert ran.code == 3
    assert "renew it" in ran.out
    ran = silkgate(*due, "b.txt", "--json")
    assert (ran.code, ran.rows[1]["until"], ran.rows[1]["due"]) == (3, None, True)


def test_a_broken_xml_record_is_not_renewed(silkgate, home, tmp_path):
    """A record without time-stamps has nothing to carry on, and the error says what is missing."""
    (tmp_path / "x.ers").write_bytes(
        b'<e:EvidenceRecord xmlns:e="urn:ietf:params:xml:ns:ers" Version="1.0"/>'
    )
    ran = silkgate("archive", "renew", "x.ers", "--home", home, "-o", "y.ers")
    assert ran.code == 3
    assert "ArchiveTimeStampSequence" in ran.err


@pytest.mark.parametrize(
    ("args", "says"),
    [
        (("a.json", "b.txt", "--form", "jades"), "Several files go into a container"),
        (("a.json", "b.txt", "--form", "cades"), "Several files go into a container"),
        (("a.json", "other/a.json"), "Rename one"),
        (("a.json", "--form", "asic", "--beside", "b.txt"), "join a signature file"),
    ],
)
def test_what_does_not_go_together_is_explained(silkgate, home, two, args, says):
    """Forms over one file, two files of a name, forms that join nothing."""
    assert two
    ran = silkgate("sign", *args, "--key", "seal", "--home", home, "-o", "x")
    assert ran.code == 2
    assert says in ran.err
