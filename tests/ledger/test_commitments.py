"""Fields are committed to with salts: nothing can be guessed, and what is shown is proven."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from base64 import b64decode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger import merkle
from ledger.commitments import Disclosure, Value, commit, field_leaf
from ledger.errors import DisclosureRefused
from schemas.jcs import canonical_json
from tests.ledger.trees import definition_root

KEY = hashlib.sha256(b"key of a document").digest()
FIELDS: dict[str, Value] = {f"Field{n:03d}": f"value {n}" for n in range(120)}
WHOLE = commit(FIELDS, KEY)


def test_leaves_and_root_follow_their_definition() -> None:
    """Salt, leaf and root are what the module says, computed here another way."""
    entries = []
    for name in sorted(FIELDS):
        salt = hmac.new(KEY, name.encode(), hashlib.sha256).digest()[:16]
        entries.append(salt + json.dumps([name, FIELDS[name]], separators=(",", ":")).encode())
    assert WHOLE.root == definition_root(entries)
    assert WHOLE.leaves[7] == merkle.leaf_hash(entries[7])


def test_the_order_of_fields_does_not_matter() -> None:
    """Two gateways that list the same fields in another order commit to the same root."""
    assert commit(dict(reversed(FIELDS.items())), KEY).root == WHOLE.root
    assert commit(FIELDS, bytes(32)).root != WHOLE.root
    assert commit({**FIELDS, "Field007": "value 8"}, KEY).root != WHOLE.root


@settings(deadline=None)
@given(st.data())
def test_any_choice_of_fields_can_be_shown(data: st.DataObject) -> None:
    """Whatever is chosen verifies after a round trip, and shows nothing else."""
    size = data.draw(st.integers(1, 40))
    fields: dict[str, Value] = {f"n{n}": f"secret {n}!" for n in range(size)}
    names = data.draw(st.sets(st.sampled_from(sorted(fields)), min_size=1))
    whole = commit(fields, KEY)
    shown = bytes(whole.disclose(names))
    assert Disclosure.parse(shown).verified(whole.root) == {name: fields[name] for name in names}
    for name in set(fields) - names:
        assert str(fields[name]).encode() not in shown


def test_three_of_120_fields_are_small() -> None:
    """Showing 3 of 120 fields takes about a kilobyte, not a list of all digests."""
    shown = bytes(WHOLE.disclose(["Field003", "Field017", "Field055"]))
    assert len(shown) < 1_100


def _changes() -> dict[str, str]:
    """Every way a shown disclosure could be falsified, as its JSON text."""
    shown = json.loads(bytes(WHOLE.disclose(["Field003", "Field055"])))
    first, second = shown["fields"]
    nodes = b64decode(shown["nodes"])
    cases: dict[str, object] = {
        "value": {**shown, "fields": [[first[0], first[1], "forged", first[3]], second]},
        "name": {**shown, "fields": [[first[0], "Field004", first[2], first[3]], second]},
        "index": {**shown, "fields": [[first[0] + 1, *first[1:]], second]},
        "salt": {**shown, "fields": [[*first[:3], second[3]], second]},
        "short salt": {**shown, "fields": [[*first[:3], "AAAA"], second]},
        "order": {**shown, "fields": [second, first]},
        "twice": {**shown, "fields": [first, first, second]},
        "one left out": {**shown, "fields": [first]},
        "none": {**shown, "fields": []},
        "size": {**shown, "size": 60},
        "huge size": {**shown, "size": 10**15},
        "negative index": {**shown, "fields": [[-1, *first[1:]], second]},
        "node changed": {**shown, "nodes": _b64(bytes([nodes[0] ^ 1]) + nodes[1:])},
        "node left out": {**shown, "nodes": _b64(nodes[32:])},
        "node added": {**shown, "nodes": _b64(nodes + bytes(32))},
        "half a node": {**shown, "nodes": _b64(nodes[:-3])},
        "unknown member": {**shown, "more": 1},
        "list": [shown],
    }
    return {name: json.dumps(case) for name, case in cases.items()} | {"no JSON": "{"}


def _b64(data: bytes) -> str:
    import base64

    return base64.b64encode(data).decode()


@pytest.mark.parametrize("change", _changes())
def test_falsified_disclosures_are_refused(change: str) -> None:
    """Whatever is changed in a disclosure, it is refused."""
    with pytest.raises(DisclosureRefused):
        Disclosure.parse(_changes()[change].encode()).verified(WHOLE.root)


def test_unknown_fields_and_bad_keys_are_refused() -> None:
    """A field that is not there cannot be shown; a short key is no key."""
    with pytest.raises(DisclosureRefused):
        WHOLE.disclose(["Field003", "Nothing"])
    with pytest.raises(DisclosureRefused):
        commit(FIELDS, b"short")
    with pytest.raises(DisclosureRefused):
        commit({}, KEY)


def test_no_field_of_few_values_can_be_guessed() -> None:
    """Brute force over every value of low-entropy fields finds nothing without the key.

    The attacker sees all leaves, knows the names, and tries 10,000 tariff numbers and all
    currencies, unsalted, with an empty salt, with the salt of a field that was shown, and with
    salts from guessable keys.
    """
    fields: dict[str, Value] = {"hs": "85171300", "currency": "CNY", "shown": "x"}
    whole = commit(fields, KEY)
    leaves = set(whole.leaves)
    shown = whole.disclose(["shown"]).fields[0]
    leaves.discard(shown.leaf)
    salts = [b"", bytes(16), shown.salt, hmac.digest(bytes(32), b"hs", "sha256")[:16]]
    guesses = [("hs", f"8517{n:04d}") for n in range(10_000)] + [("currency", "CNY")]
    for name, value in guesses:
        text = canonical_json([name, value])
        tries = {hashlib.sha256(value.encode()).digest(), hashlib.sha256(text).digest()}
        tries |= {hashlib.sha256(b"\x00" + salt + text).digest() for salt in salts}
        assert tries.isdisjoint(leaves)
    assert field_leaf(hmac.digest(KEY, b"hs", "sha256")[:16], "hs", "85171300") in leaves


def test_a_document_of_120_fields_is_committed_in_milliseconds() -> None:
    """Committing takes about 2 ms; the test allows ten times that on a busy machine."""
    started = time.perf_counter()
    for _ in range(10):
        assert len(commit(FIELDS, KEY).root) == 32
    assert (time.perf_counter() - started) / 10 < 0.02
