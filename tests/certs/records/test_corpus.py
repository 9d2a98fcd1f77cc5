from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from certs.records import Checked, Identities, NotAsked, Recorded, Transferability, check, contexts
from ledger.anchors.secp256k1 import recover

_HELD = {
    "credentials-v2": "credentials-v2.json",
    "data-integrity-v2": "data-integrity-v2.json",
    "multikey-v1": "multikey-v1.json",
    "status-list-2021-v1": "status-list-2021-v1.json",
}


@pytest.fixture(scope="module")
def tradetrust(shared: Path) -> Path:
    """The documents made with TradeTrust's own library."""
    return shared / "data" / "ebl" / "tradetrust"


def _check(path: Path, identities: Identities) -> Checked:
    return check(path.read_bytes(), identities, recover)


def test_every_document_of_the_corpus_gets_its_truth(tradetrust: Path):
    """Integrity and issuer of all documents are as their makers know them to be."""
    folder = tradetrust / "generated"
    identities = Recorded.parse((folder / "identity.json").read_bytes())
    wrong, count = [], 0
    for line in (folder / "manifest.jsonl").read_text("utf-8").splitlines():
        entry: dict[str, Any] = json.loads(line)
        count += 1
        found = _check(folder / entry["file"], identities)
        expected = entry["expected"]
        if (found.integrity, found.identity) != (
            expected["integrity"],
            expected["issuer_identity"],
        ):
            wrong.append((entry["file"], found.integrity_why.en, found.identity_why.en))
    assert wrong == []
    assert count == 76


def test_no_field_of_a_bbs_proof_can_change(tradetrust: Path):
    """Every kind of field of a base and of a derived bbs-2023 record is under its proof."""
    folder = tradetrust / "generated"
    identities = Recorded.parse((folder / "identity.json").read_bytes())
    for name in ("vc-bbs-00-signed.json", "vc-bbs-00-derived.json"):
        record: dict[str, Any] = json.loads((folder / name).read_bytes())
        changes: list[dict[str, Any]] = [
            {"id": "urn:uuid:0"},
            {"validFrom": "2026-01-02T00:00:00Z"},
            {"credentialSubject": {**record["credentialSubject"], "scac": "EVIL"}},
            {"credentialSubject": {**record["credentialSubject"], "carrierName": "X"}},
            {"proof": {**record["proof"], "created": "2026-01-02T00:00:00Z"}},
        ]
        if "credentialStatus" in record:
            registry = {"tokenRegistry": "0x" + "ab" * 20}
            changes.append({"credentialStatus": {**record["credentialStatus"], **registry}})
        for change in changes:
            found = check(json.dumps({**record, **change}).encode(), identities, recover)
            assert found.integrity == "INVALID", (name, change)


@pytest.mark.parametrize("edition", ["v2", "v3"])
def test_the_published_samples_are_intact(tradetrust: Path, edition: str):
    """TradeTrust's own samples verify; the one that is broken at its source does not."""
    for path in sorted((tradetrust / "public" / edition).glob("*.json")):
        broken = edition == "v2" and path.name.startswith("obfuscated")
        assert _check(path, NotAsked()).integrity == ("INVALID" if broken else "VALID"), path.name


def test_a_changed_v3_sample_is_noticed(tradetrust: Path):
    """A leaf of a 3.0 record changed, added or emptied breaks it."""
    path = tradetrust / "public" / "v3" / "not-obfuscated-wrapped.json"
    for change in ({"name": "Mallory"}, {"name": "Mary Jane", "age": 7}, {"name": ""}):
        record = {**json.loads(path.read_bytes()), "recipient": change}
        found = check(json.dumps(record).encode(), NotAsked(), recover)
        assert found.integrity == "INVALID"


def test_a_v2_token_record_names_its_register(tradetrust: Path):
    """A title record on a public chain says chain, registry and token; its title is open."""
    found = _check(tradetrust / "public" / "vc" / "pol-oa-token-registry-minted.json", NotAsked())
    assert found.claim.transferability is Transferability.TOKEN
    assert found.claim.token is not None
    assert found.claim.token.chain_id == 137


def test_our_tables_mean_what_the_published_contexts_mean(tradetrust: Path):
    """Each context table has every term of the published file, with the same meaning."""
    vocabulary = "https://www.w3.org/ns/credentials/undefined-term#"
    assert contexts.context(contexts.UNDEFINED) == {"@vocab": vocabulary}
    for url, name in contexts.known().items():
        if url == contexts.UNDEFINED:
            continue
        file = _HELD.get(name, f"{Path(url).name}")
        published = json.loads((tradetrust / "contexts" / file).read_bytes())["@context"]
        assert _plain(contexts.context(url)) == _plain(published), name


def _plain(context: Any) -> Any:
    """Return a context with every definition in its long form and no version mark.

    A short one that ends in a delimiter stays: it can be a prefix, its long form could not.
    """
    if not isinstance(context, dict):
        return context
    found = {}
    for term, meaning in context.items():
        if term == "@version":
            continue
        if isinstance(meaning, dict):
            inner = dict(meaning)
            if "@context" in inner:
                inner["@context"] = _plain(inner["@context"])
            found[term] = inner
        else:
            prefix = isinstance(meaning, str) and meaning.endswith(tuple(":/?#[]@"))
            found[term] = meaning if term.startswith("@") or prefix else {"@id": meaning}
    return found
