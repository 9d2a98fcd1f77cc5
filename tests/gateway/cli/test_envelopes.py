"""`silkgate verify` on PINT envelopes: integrity, issuer identity and title, each for itself."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.gateway.cli.conftest import Silkgate
from tests.gateway.lading.envelopes import Json, issued, new_signer, party, transaction

GOLDEN = ("HHL71800000-ebl-envelope-ed25519.json", "HHL71800000-ebl-envelope-nodocs-ed25519.json")
CARRIER, CARX, BOLE = new_signer(), new_signer(), new_signer()


def _answers(row: Json) -> tuple[str, str, str]:
    return row["integrity"], row["issuer_identity"], row["title"]


@pytest.mark.parametrize("name", GOLDEN)
def test_the_golden_envelopes_verify(silkgate: Silkgate, shared: Path, name: str):
    """Another implementation's envelopes, signed with Ed25519, are verified with its keys."""
    folder = shared / "data" / "ebl" / "pint-golden"
    run = silkgate("verify", folder / name, "--keys", folder / "keys-public", "--json")
    assert (run.code, *_answers(run.row)) == (0, "VALID", "VALID", "not-transferable")


def test_a_golden_envelope_without_keys_is_of_unknown_origin(silkgate: Silkgate, shared: Path):
    """The certificates that come along show integrity, and vouch for nobody."""
    file = shared / "data" / "ebl" / "pint-golden" / GOLDEN[0]
    run = silkgate("verify", file, "--json")
    assert (run.code, *_answers(run.row)) == (3, "VALID", "UNKNOWN", "not-transferable")


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    """Give a folder with the public keys of the carrier and both platforms."""
    folder = tmp_path / "keys"
    folder.mkdir()
    for name, signer in (("CARR", CARRIER), ("CARX", CARX), ("BOLE", BOLE)):
        (folder / f"{name}.jwk").write_text(json.dumps(signer.published()), "utf-8")
    return folder


def _transferred(action: str = "TRANSFER") -> Json:
    moved = transaction(action, party("Shipper", "CARX"), party("Buyer", "BOLE"))
    return issued(CARRIER, CARX).add("CARX", CARX, moved).envelope(CARX)


def _write(folder: Path, value: Json) -> Path:
    file = folder / "envelope.json"
    file.write_text(json.dumps(value), "utf-8")
    return file


@pytest.mark.parametrize(
    ("action", "title"), [("TRANSFER", "unknown"), ("SURRENDER_FOR_DELIVERY", "surrendered")]
)
def test_an_envelope_alone_is_never_called_live(
    silkgate: Silkgate, keys: Path, tmp_path: Path, action: str, title: str
):
    """The chain may have gone on elsewhere, so a whole envelope leaves the title unknown."""
    run = silkgate("verify", _write(tmp_path, _transferred(action)), "--keys", keys, "--json")
    assert (run.code, *_answers(run.row)) == (0, "VALID", "VALID", title)


def test_a_changed_document_is_told_apart_from_a_wrong_signer(
    silkgate: Silkgate, keys: Path, tmp_path: Path
):
    """A changed document breaks integrity and not identity; a stranger's entry breaks identity."""
    changed = _transferred()
    changed["transportDocument"]["carrierCode"] = "XXXX"
    one = silkgate("verify", _write(tmp_path, changed), "--keys", keys, "--json")
    moved = transaction("TRANSFER", party("Shipper", "CARX"), party("Buyer", "BOLE"))
    crossed = issued(CARRIER, CARX).add("CARX", BOLE, moved).envelope(BOLE)
    two = silkgate("verify", _write(tmp_path, crossed), "--keys", keys, "--json")
    assert (one.code, *_answers(one.row)[:2]) == (3, "INVALID", "VALID")
    assert (two.code, *_answers(two.row)[:2]) == (3, "VALID", "INVALID")


def test_a_cut_chain_is_not_intact_and_still_by_its_signers(
    silkgate: Silkgate, keys: Path, tmp_path: Path
):
    """Without its last entry the manifest is about another chain; who signed is not in doubt."""
    cut = _transferred()
    cut["envelopeTransferChain"].pop()
    run = silkgate("verify", _write(tmp_path, cut), "--keys", keys, "--json")
    assert (run.code, *_answers(run.row)[:2]) == (3, "INVALID", "VALID")


def test_a_person_reads_the_three_answers(silkgate: Silkgate, keys: Path, tmp_path: Path):
    """Without --json the three answers stand in three lines."""
    run = silkgate("verify", _write(tmp_path, _transferred()), "--keys", keys)
    assert [line.strip() for line in run.out.splitlines()[1:]] == [
        "Integrity: VALID",
        "Issuer identity: VALID",
        "Title: unknown",
    ]
