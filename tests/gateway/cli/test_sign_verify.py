"""sign and verify: forms, levels, keys by name and by file, trust, what is told to whom."""

from __future__ import annotations

import json
import shutil
from hashlib import sha256

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from certs import jose
from gateway import setup
from gateway.settings import load
from tests.gateway.cli.conftest import DECLARATION
from tests.gateway.wiring.operators import items, operators, package

SIGNATURE = {"format", "level", "indication", "subindication", "signer", "time", "signed_refs"}


@pytest.fixture
def pdf(tmp_path):
    """Give a file that is neither XML nor JSON."""
    (tmp_path / "a.pdf").write_bytes(b"%PDF-1.7 not really")
    return "a.pdf"


@pytest.mark.parametrize(
    ("form", "level", "format_"),
    [
        ("xades", "t", "XAdES"),
        ("xades", "b", "XAdES"),
        ("xades", "lt", "XAdES"),
        ("xades", "lta", "XAdES"),
        ("jades", "lt", "JAdES"),
        ("jades", "lta", "JAdES"),
        ("asic", "lt", "CAdES"),
        ("asic", "lta", "CAdES"),
        ("jades", "t", "JAdES"),
        ("asic", "t", "CAdES"),
        ("asic", "b", "CAdES"),
    ],
)
def test_what_is_signed_verifies(silkgate, home, trust, form, level, format_):  # noqa: PLR0917 - named by pytest
    """Every form and level that is written verifies with the signer's card alone."""
    args = ("--key", "seal", "--home", home, "--form", form, "--level", level)
    signed = silkgate("sign", DECLARATION, *args, "-o", "out", "--json")
    assert signed.code == 0, signed.err
    assert signed.row == {
        "file": str(DECLARATION),
        "form": form,
        "level": level,
        "signer": "cn-port Seal",
        "out": "out",
    }
    ran = silkgate("verify", "out", "--trust", trust, "--offline", "--json")
    assert ran.code == 0
    assert ran.row["indication"] == "TOTAL-PASSED"
    (report,) = ran.row["signatures"]
    assert set(report) >= SIGNATURE
    assert report["format"] == format_
    stamps = [stamp["indication"] for stamp in report["timestamps"]]
    assert stamps == ["PASSED"] * {"b": 0, "t": 1, "lt": 1, "lta": 2}[level]
    assert report["level"].endswith(f"-{level.upper()}")


def test_the_form_fits_the_document(silkgate, home, pdf, tmp_path):
    """XML gets XAdES, JSON gets JAdES, anything else a container; all time-stamped."""
    (tmp_path / "a.json").write_text("{}")
    for file, form in ((DECLARATION, "xades"), ("a.json", "jades"), (pdf, "asic")):
        args = ("--key", "seal", "--home", home, "-o", "out", "--json")
        row = silkgate("sign", file, *args).row
        assert (row["form"], row["level"]) == (form, "t")


def test_a_detached_signature_verifies_with_its_file_only(silkgate, home, trust, pdf, tmp_path):
    """CAdES is detached: the file comes after --detached, in either order."""
    silkgate("sign", pdf, "--form", "cades", "--key", "seal", "--home", home, "-o", "a.p7s")
    (tmp_path / "b.pdf").write_bytes(b"another")
    trusting = ("--trust", trust, "--json")
    assert silkgate("verify", "a.p7s", "--detached", pdf, *trusting).code == 0
    assert silkgate("verify", "--detached", pdf, "a.p7s", *trusting).code == 0
    reported = (*trusting, "--report", "r.html")
    assert silkgate("verify", "--detached", pdf, "a.p7s", *reported).code == 0
    other = silkgate("verify", "a.p7s", "--detached", "b.pdf", *trusting)
    assert (other.code, other.row["indication"]) == (3, "TOTAL-FAILED")
    alone = silkgate("verify", "a.p7s", *trusting)
    assert (alone.code, alone.row["subindication"]) == (3, "SIGNED_DATA_NOT_FOUND")


def test_several_files_may_follow_detached(silkgate, trust, tmp_path):
    """A log proof is about whichever of the files given it fits."""
    for name in ("a", "b"):
        (tmp_path / name).write_text(name)
    (tmp_path / "digests").write_text(sha256(b"b").hexdigest())
    key = silkgate("log", "init", "--origin", "x.example/log", "--home", "lg").out
    (trust / "x.vkey").write_text(key)
    silkgate("log", "append", "--digests", "digests", "--home", "lg")
    silkgate("log", "prove", "--index", "0", "--home", "lg", "-o", "p")
    ran = silkgate("verify", "p", "--detached", "a", "b", "--trust", trust, "--json")
    assert ran.code == 0
    assert ran.row["ledger"]["in_log"]["details"][0]["entry"] == "b"


def test_a_key_of_two_pem_files_signs(silkgate, home, trust, pdf, tmp_path):
    """A key outside the gateway, encrypted or not, named by its files."""
    key = setup.key_store(load(home)).load("seal")
    assert isinstance(key.private, ec.EllipticCurvePrivateKey)
    plain = key.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    (tmp_path / "k.pem").write_bytes(plain)
    shutil.copy(home / "keys" / "seal.cert.pem", "c.pem")
    shutil.copy(home / "keys" / "seal.key.pem", "e.pem")
    ran = silkgate("sign", pdf, "--key", "file:k.pem,c.pem", "-o", "out", "--json")
    assert (ran.code, ran.row["level"]) == (0, "b")
    secret = f"file:{home}/keys/secret"
    ran = silkgate("sign", pdf, "--key", "file:e.pem,c.pem", "--secret", secret, "-o", "out")
    assert ran.code == 0, ran.err
    assert silkgate("verify", "out", "--trust", trust).code == 0
    assert silkgate("sign", pdf, "--key", "file:e.pem,c.pem", "-o", "out").code == 3


@pytest.mark.parametrize(
    ("args", "code", "says"),
    [
        (("--key", "seal", "--form", "pades"), 3, "Save the PDF anew"),
        (("--key", "nobody"), 4, "silkgate keys list"),
        (("--key", "file:only.pem"), 2, "file:KEY.pem,CERT.pem"),
        (("--key", "file:no.pem,no.pem"), 4, "no.pem"),
        (("--key", "../seal"), 4, "silkgate keys list"),
    ],
)
def test_sign_refuses_with_a_hint(silkgate, home, pdf, args, code, says):  # noqa: PLR0917 - as above
    """What is not there or not written yet is said, with the way out."""
    ran = silkgate("sign", pdf, "--home", home, "-o", "out", *args)
    assert ran.code == code
    assert says in ran.err


def test_sign_and_verify_of_nothing_have_exit_code_4(silkgate, home, trust):
    """A file that is not there."""
    assert silkgate("sign", "none", "--key", "seal", "--home", home, "-o", "out").code == 4
    assert silkgate("verify", "none", "--trust", trust, "--json").code == 4
    assert silkgate("verify", "none", "--detached", "neither", "--trust", trust).code == 4


def test_a_time_stamp_needs_an_authority(silkgate, home, pdf, tmp_path):
    """Level t without a gateway is refused, not silently lowered."""
    shutil.copytree(home / "keys", tmp_path / "k")
    ref = "file:k/seal.key.pem,k/seal.cert.pem"
    args = ("--key", ref, "--secret", "file:k/secret", "--level", "t", "-o", "out")
    ran = silkgate("sign", pdf, *args)
    assert (ran.code, "SG-1127" in ran.err) == (2, True)


def test_an_unknown_signer_is_not_confirmed(silkgate, home, tmp_path):
    """Without the signer's anchor: INDETERMINATE, exit code 3, and a note on stderr."""
    silkgate("sign", DECLARATION, "--key", "seal", "--home", home, "-o", "out")
    (tmp_path / "empty").mkdir()
    ran = silkgate("verify", "out", "--trust", "empty", "--json")
    assert (ran.code, ran.row["indication"]) == (3, "INDETERMINATE")
    assert "No anchor is trusted" in ran.err


def test_a_certificate_can_be_given_beside(silkgate, home, trust, tmp_path):
    """`--certificate` names the signer of a JWS that has only its digest, and trusts nobody."""
    args = ("--key", "seal", "--home", home, "--form", "jades", "--level", "b", "-o", "out")
    silkgate("sign", DECLARATION, *args)
    key = setup.key_store(load(home)).load("seal")
    header, payload, _ = (tmp_path / "out").read_text().split(".")
    members = json.loads(jose.decode(header))
    del members["x5c"]
    octets = f"{jose.encode(json.dumps(members).encode())}.{payload}"
    value = jose.encode(key.scheme.sign_raw(key.private, octets.encode()))
    (tmp_path / "bare").write_text(f"{octets}.{value}")
    (tmp_path / "signer.pem").write_bytes(key.certificate.pem)
    given = ("--certificate", "signer.pem", "--json")
    (tmp_path / "empty").mkdir()
    for folder, extra, sub in (
        (trust, ("--json",), "NO_SIGNING_CERTIFICATE_FOUND"),
        ("empty", given, "NO_CERTIFICATE_CHAIN_FOUND"),
        (trust, given, None),
    ):
        assert silkgate("verify", "bare", "--trust", folder, *extra).row["subindication"] == sub


def test_a_gateway_verifies_by_its_own_trust(silkgate, home):
    """Without --trust the anchors of the gateway and of its partners count."""
    silkgate("sign", DECLARATION, "--key", "seal", "--home", home, "-o", "out")
    partner = home.parent / "sg-port"
    setup.introduce(partner, setup.card(load(home)))
    assert silkgate("verify", "out", "--home", partner).code == 0


@pytest.mark.parametrize(
    "args", [("--at", "yesterday"), ("--at", "2026-01-01"), ("--policy", "nonsense")]
)
def test_verify_refuses_wrong_usage(silkgate, trust, args):
    """A time without zone and an unknown policy are wrong usage."""
    assert silkgate("verify", DECLARATION, "--trust", trust, *args).code == 2


def test_verification_can_be_at_another_time(silkgate, home, trust):
    """Before the certificate began nothing was signed with it."""
    silkgate("sign", DECLARATION, "--key", "seal", "--home", home, "--level", "b", "-o", "out")
    now = silkgate("verify", "out", "--trust", trust, "--json")
    then = silkgate("verify", "out", "--trust", trust, "--at", "2020-01-01T00:00:00Z", "--json")
    assert (now.code, then.code) == (0, 3)


def test_verify_of_many_files_keeps_the_order(silkgate, home, trust, tmp_path):
    """Processes share no certificates, and the lines come as the files were named."""
    names = [f"{number}.out" for number in range(4)]
    for name in names:
        silkgate("sign", DECLARATION, "--key", "seal", "--home", home, "-o", name)
    (tmp_path / "2.out").write_text("rubbish")
    ran = silkgate("verify", *names, "--trust", trust, "--jobs", "2", "--json")
    assert [row["file"] for row in ran.rows] == names
    assert [row["indication"] == "TOTAL-PASSED" for row in ran.rows] == [True, True, False, True]
    assert ran.code == 3


@pytest.fixture(scope="module")
def evidence(tmp_path_factory):
    """Give a complete evidence package and the auditor's folder for it."""
    folder = tmp_path_factory.mktemp("evidence")
    sender, receiver = operators(folder)
    path = folder / "evidence.asice"
    path.write_bytes(package(sender, items(sender, receiver, folder)))
    return path, folder / "auditor"


def test_evidence_answers_every_question(silkgate, evidence):
    """One file, offline, with two cards: eight answers, all yes."""
    path, auditor = evidence
    ran = silkgate("verify", path, "--trust", auditor, "--offline", "--json")
    assert ran.code == 0, ran.out
    answers = ran.row["ledger"]
    assert {name for name, answer in answers.items() if answer["ok"]} == {
        "who",
        "when",
        "unchanged",
        "in_log",
        "anchored",
        "delivered",
        "received",
        "alike",
    }
    assert ran.row["subject"] == {"exchange": "x-1"}


def test_evidence_is_told_to_people_in_their_language(silkgate, monkeypatch, evidence):
    """First the verdict, then a line for each question, then the particulars."""
    path, auditor = evidence
    english = silkgate("verify", path, "--trust", auditor).out.splitlines()
    assert english[0].endswith("VERIFIED")
    assert english[1].lstrip().startswith("yes Who signed: Signed by Port CN Seal")
    assert "Particulars" in english
    assert [line for line in english if "{'" in line or "['" in line or "True" in line] == []
    monkeypatch.setenv("SILKGATE_LANG", "zh")
    chinese = silkgate("verify", path, "--trust", auditor).out
    assert "验证通过" in chinese
    assert "由谁签署" in chinese


def test_tampered_evidence_fails_and_says_why(silkgate, evidence, tmp_path):
    """One octet at a dozen places: never verified, always a verdict and a reason."""
    path, auditor = evidence
    data = path.read_bytes()
    for number in range(0, len(data), len(data) // 12):
        changed = bytearray(data)
        changed[number] ^= 0x40
        (tmp_path / "bad.asice").write_bytes(changed)
        ran = silkgate("verify", "bad.asice", "--trust", auditor, "--json")
        assert ran.code == 3, number
        assert ran.row["indication"] != "TOTAL-PASSED"
        assert ran.row["reason"]["zh"]


def test_evidence_verifies_without_home_database_or_network(evidence, tmp_path):
    """A process with nothing but the file and the trust folder, its sockets closed."""
    import subprocess
    import sys

    path, auditor = evidence
    code = (
        "import socket, sys\n"
        "def refuse(*a, **k): raise OSError('no network')\n"
        "socket.socket.connect = refuse; socket.getaddrinfo = refuse\n"
        f"sys.argv = ['silkgate', 'verify', {str(path)!r}, '--trust', {str(auditor)!r},"
        " '--offline', '--json']\n"
        "from gateway.cli import main\n"
        "main()\n"
    )
    env = {"PATH": "", "HOME": str(tmp_path)}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=False, cwd=tmp_path, env=env
    )
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["indication"] == "TOTAL-PASSED"


def test_an_archived_document_is_renewed(silkgate, home, trust):
    """`archive renew` adds an archive time-stamp with the digest asked for; it still verifies."""
    args = ("--key", "seal", "--home", home, "--level", "lta", "-o", "archived.xml")
    assert silkgate("sign", DECLARATION, *args).code == 0
    renew = ("archive", "renew", "archived.xml", "--home", home, "--digest", "sha512")
    ran = silkgate(*renew, "-o", "renewed.xml", "--json")
    assert ran.row == {"file": "archived.xml", "digest": "sha512", "out": "renewed.xml"}
    ran = silkgate("verify", "renewed.xml", "--trust", trust, "--json")
    kinds = [stamp["type"] for stamp in ran.row["signatures"][0]["timestamps"]]
    assert (ran.code, kinds) == (0, ["signature", "archive", "archive"])
    assert silkgate(*renew, "archived.xml", "-o", "no-folder").code == 2
    assert silkgate("archive", "renew", DECLARATION, "--home", home, "-o", "x").code == 3


def test_a_pdf_is_signed_in_itself(silkgate, home, trust, tmp_path):
    """`--form pades` signs inside the PDF up to LTA; it is renewed; a changed file fails."""
    from reportlab.pdfgen import canvas

    drawn = canvas.Canvas(str(tmp_path / "page.pdf"), invariant=True)
    drawn.drawString(72, 720, "INVOICE 1")
    drawn.save()
    args = ("page.pdf", "--key", "seal", "--home", home, "--form", "pades", "--level", "lta")
    ran = silkgate("sign", *args, "-o", "signed.pdf", "--json")
    assert (ran.code, ran.row["form"], ran.row["level"]) == (0, "pades", "lta")
    renew = ("archive", "renew", "signed.pdf", "--home", home, "-o", "renewed.pdf")
    assert silkgate(*renew, "--digest", "sha512").code == 0
    ran = silkgate("verify", "renewed.pdf", "--trust", trust, "--json")
    kinds = [stamp["type"] for stamp in ran.row["signatures"][0]["timestamps"]]
    assert (ran.code, kinds) == (0, ["signature", "archive", "archive"])
    ran = silkgate("verify", "signed.pdf", "--trust", trust, "--json")
    assert (ran.code, ran.row["signatures"][0]["level"]) == (0, "PAdES-BASELINE-LTA")
    changed = (tmp_path / "signed.pdf").read_bytes().replace(b"/MediaBox", b"/MediaBux", 1)
    (tmp_path / "signed.pdf").write_bytes(changed)
    assert silkgate("verify", "signed.pdf", "--trust", trust).code == 3


@pytest.mark.parametrize(("syntax", "ending"), [("asn1", "ers"), ("xml", "ers.xml")])
def test_packages_share_an_evidence_record(silkgate, home, trust, syntax, ending):
    """`archive record` proves many files at once; renewed, also under SHA-512, it still does."""
    for name in ("a.xml", "b.xml"):
        args = ("--key", "seal", "--home", home, "--level", "lt", "-o", name)
        assert silkgate("sign", DECLARATION, *args).code == 0
    record = ("archive", "record", "a.xml", "b.xml", "--syntax", syntax, "-o", ".")
    assert silkgate(*record, "--home", home).code == 0
    for digest in ("sha256", "sha512"):
        records = (f"a.xml.{ending}", f"b.xml.{ending}")
        renew = ("archive", "renew", *records, "-o", ".", "--home", home)
        assert silkgate(*renew, "--digest", digest).code == 0
    ran = silkgate("verify", f"b.xml.{ending}", "--detached", "b.xml", "--trust", trust, "--json")
    assert (ran.code, ran.row["signatures"][0]["format"]) == (0, "EvidenceRecord")
    assert len(ran.row["signatures"][0]["timestamps"]) == 3
    ran = silkgate("verify", "a.xml", "--detached", f"a.xml.{ending}", "--trust", trust, "--json")
    assert (ran.code, ran.row["signatures"][0]["format"]) == (0, "XAdES")
    ran = silkgate("verify", "a.xml", "--detached", f"b.xml.{ending}", "--trust", trust, "--json")
    assert (ran.code, ran.row["subindication"]) == (3, "HASH_FAILURE")


@pytest.mark.parametrize("kind", ["html", "pdf", "txt", "json"])
def test_a_report_is_written_beside(silkgate, home, trust, tmp_path, kind):
    """`--report` writes the verdict for people; a kind that there is not is refused at once."""
    args = ("--key", "seal", "--home", home, "-o", "signed.xml")
    assert silkgate("sign", DECLARATION, *args).code == 0
    asked = ("verify", "signed.xml", DECLARATION, "--trust", trust, "--json", "--report")
    assert silkgate(*asked, f"out.{kind}").code == 3
    assert (tmp_path / f"out.{kind}").stat().st_size > 500
    assert silkgate(*asked, "out.doc").code == 2


def test_a_strict_policy_demands_a_word_on_revocation(silkgate, home, trust):
    """`--policy strict`: a signature at level T is not confirmed, at level LT it is verified."""
    for level, code in (("t", 3), ("lt", 0)):
        args = ("--key", "seal", "--home", home, "--level", level, "-o", f"{level}.xml")
        assert silkgate("sign", DECLARATION, *args).code == 0
        asked = ("verify", f"{level}.xml", "--trust", trust, "--policy", "strict", "--json")
        ran = silkgate(*asked)
        assert (ran.code, ran.row["signatures"][0]["timestamps"] != []) == (code, True)
