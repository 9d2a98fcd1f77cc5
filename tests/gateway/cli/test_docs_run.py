"""What the documentation tells people to type works, in the order in which it stands there."""

from __future__ import annotations

import hashlib
import re
import shlex
import shutil

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec

from gateway.cli.trustees import trusted_by
from tests.conftest import ROOT
from tests.gateway.cli.test_docs import lines

SAMPLES = ROOT / "gateway" / "sandbox" / "shipments" / "g01"
PAGES = ("README.md", "cli.md", "corridors.md", "invoice.md")
NOT_HERE = {
    "http": "asks somebody",
    "URL": "asks somebody",
    "silkgate serve": "runs until it is interrupted",
    "silkgate worker": "the same",
    "silkgate anchor worker": "the same",
    "silkgate keys init": "the gateway is there",
    "silkgate demo": "tests/journeys/test_demo.py",
    "demo/evidence": "what the demo leaves: the same",
    "silkgate clearance": "needs customs that answer: tests/journeys",
    "silkgate exchange evidence": "needs the other side: tests/journeys",
    "evidence.asice": "the same",
    "SGX0001": "a title platform: tests/gateway/cli/test_ladingdesk.py",
    "ORDER": "the same",
    "issue-to.json": "the same",
    "agent.json": "the same",
    "REFERENCE": "the same",
    "envelope.json": "the same",
    "history.json": "a bill's life: tests/gateway/cli/test_lading_evidence.py",
    "life.asice": "the same",
    "history.jsonl": "tests/gateway/cli/test_title.py",
    "diagnostic-data.xml": "tests/gateway/cli/test_decide.py",
    "my-corridor.toml": "the reader's own",
    "lading wrap lading.json": "the sample lacks what the shipper adds: lading draft --set",
    "lading issue lading.json": "the same",
    "silkgate lading derive": "the same",
    "silkgate lading redact": "the same",
    "verify bill.json": "the same",
}
"""What is not run here, and why or where instead."""
MAKES = re.compile(r"(?:-o|--report|>) (\S+)")
MISSING = re.compile(r"SG-1120 (\S+) cannot be read")
RUN = ("silkgate ", "sha256sum ", "cp port/", "cp log.vkey ")
PRINTED = {
    "silkgate exchange send": "ID",
    "silkgate keys api list": "ID",
    "silkgate title key -o party.pem": "PARTY",
}
INVALID = {
    "silkgate compare-rules": 3,  # the sample is a sound invoice, and none of Peppol
    "silkgate validate lading.json --rules lading-issue": 3,  # see above
}


def told(page: str) -> list[str]:
    """Return the lines of a page that are run here."""
    return [
        line
        for where, line in lines()
        if where == page and line.startswith(RUN) and not any(words in line for words in NOT_HERE)
    ]


def made(page: str) -> set[str]:
    """Return the files that the lines of a page make."""
    return {name for line in told(page) for name in MAKES.findall(line)}


@pytest.fixture
def desk(silkgate, home, own, tmp_path, monkeypatch):
    """Give the folder of a reader: gateways `port` and `other`, samples, what the pages name."""
    monkeypatch.delenv("SILKGATE_HOME")
    own.rename(tmp_path / "port")
    shutil.copytree(home.parent / "sg-port", tmp_path / "other")
    for name in ("declaration.xml", "invoice.xml", "lading.json"):
        shutil.copy(SAMPLES / name, tmp_path)
    for name in ("document.xml", "other.xml"):
        shutil.copy(SAMPLES / "declaration.xml", tmp_path / name)
    for name in ("auditor", "archive"):
        (tmp_path / name).mkdir()
    shutil.copy(SAMPLES / "invoice.xml", tmp_path / "archive")
    shutil.copy(SAMPLES / "lading.json", tmp_path / "bill.json")
    (tmp_path / "booking.json").write_text('{"transportDocumentReference": "SMPLQD26030001"}')
    silkgate("sign", "declaration.xml", "--key", "seal", "--home", "port", "-o", "signed.xml")
    silkgate("keys", "card", "--home", "port", "-o", "auditor/cn-port.json")
    silkgate("convert", "invoice.xml", "--to", "facturx", "-o", "page.pdf")
    key = ec.generate_private_key(ec.SECP256R1())
    (tmp_path / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return tmp_path


@pytest.mark.parametrize("page", PAGES)
def test_what_a_page_says_works(silkgate, desk, page):
    """Each line has the exit code that its reader expects, with what the lines before it gave.

    Files that no line of the page makes are the reader's own.
    """
    carrier, bank = (
        silkgate("title", "key", "-o", f"{name}.pem").out.strip() for name in ("carrier", "bank")
    )
    document = hashlib.sha256((desk / "document.xml").read_bytes()).hexdigest()
    (desk / "digests").write_text(f"{document}\n")
    given = {"BANK": bank, "PARTY": carrier, "-": "digests"}
    for line in told(page):
        command, _, target = (part.strip() for part in line.partition(">"))
        words = [given.get(word, word) for word in shlex.split(command.rpartition("| ")[2])]
        if words[0] == "cp":
            shutil.copy(*words[1:])
            continue
        trusted_by.cache_clear()  # a reader's command is a process of its own
        ran = silkgate(*words[1:])
        expected = next((code for start, code in INVALID.items() if line.startswith(start)), 0)
        missing = MISSING.search(ran.err)
        if missing and missing[1] not in made(page):
            continue
        assert ran.code == expected, f"{line}\n{ran.err}"
        if target:
            (desk / target).write_text(ran.out)
        for begins, name in PRINTED.items():
            if line.startswith(begins):
                given[name] = ran.out.split()[0]


def test_what_is_left_out_is_still_there():
    """No exception outlives the lines it was made for."""
    every = [line for page, line in lines() if page in PAGES]
    assert [words for words in NOT_HERE if not any(words in line for line in every)] == []
