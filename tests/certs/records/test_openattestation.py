from __future__ import annotations

import copy
import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from certs.errors import RecordRefused
from certs.records import (
    Identity,
    Integrity,
    NotAsked,
    Recorded,
    Transferability,
    check,
    is_record,
    salted,
)
from certs.records.ethsign import signer_of
from certs.records.pending import Owned
from certs.records.wrapping import redacted, wrap
from ledger.anchors.account import Account
from ledger.anchors.secp256k1 import recover
from schemas.keccak import keccak256

REGISTRY = "0xe7f1725E7734CE288F8367e1Bb143E90bb3F0512"
DOMAIN = "carrier.example.org"
RECORD = f"openatts net=ethereum netId=31337 addr={REGISTRY}"

_names = st.text(st.characters(exclude_characters="."), min_size=1, max_size=6)
_leaf = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**53) + 1, 2**53 - 1),
    st.floats(allow_nan=False, allow_infinity=False, width=32),
    st.text(max_size=12),
)
_value = st.recursive(
    _leaf,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(_names, inner, max_size=4)
    ),
    max_leaves=20,
)
_document = st.dictionaries(_names, _value, min_size=1, max_size=5)


def _bill(**fields: Any) -> dict[str, Any]:
    return {
        "$template": {
            "name": "BILL_OF_LADING",
            "type": "EMBEDDED_RENDERER",
            "url": "https://r.example.org",
        },
        "network": {"chain": "FREE", "chainId": "31337"},
        "issuers": [
            {
                "name": "Sample Line",
                "tokenRegistry": REGISTRY,
                "identityProof": {"type": "DNS-TXT", "location": DOMAIN},
            }
        ],
        "blNumber": "SGTD0001",
        "marks": {"text": '唛头 №7 — "x"', "empty": {}, "none": None},
        **fields,
    }


def _check(record: dict[str, Any], *answers: str) -> Any:
    asked = Recorded({DOMAIN: answers}) if answers else NotAsked()
    return check(json.dumps(record).encode(), asked, recover)


def test_a_wrapped_bill_verifies_and_names_its_register():
    """Ours is intact, its issuer is known by DNS, and its token id is the target hash."""
    record = wrap([_bill()])[0]
    found = _check(record, RECORD)
    assert (found.integrity, found.identity) == (Integrity.VALID, Identity.VALID)
    assert found.claim.transferability is Transferability.TOKEN
    assert found.claim.token is not None
    assert found.claim.token.token_id.hex() == record["signature"]["targetHash"]
    assert found.data == _bill()


def test_the_domain_must_name_register_and_chain():
    """Another register, another chain, or a stray text in DNS does not identify the issuer."""
    record = wrap([_bill()])[0]
    for answer in (
        RECORD.replace("31337", "1"),
        RECORD.replace("0xe7", "0xe8"),
        RECORD + " x",
        "openatts net=other netId=31337 addr=" + REGISTRY,
    ):
        assert _check(record, answer).identity is Identity.INVALID


def test_without_asking_the_issuer_is_unknown():
    """Offline nobody can say whether the domain stands behind the register."""
    assert _check(wrap([_bill()])[0]).identity is Identity.UNKNOWN


@given(document=_document)
@settings(max_examples=30, deadline=None)
def test_whatever_is_wrapped_is_read_back(document):
    """Any JSON document survives: wrapped, verified, and said again as it was."""
    record = wrap([document])[0]
    found = _check(record)
    assert found.integrity is Integrity.VALID
    assert _numbers(found.data) == _numbers(document)


def _numbers(value: Any) -> Any:
    """Mark numbers: ECMAScript has one kind of them, and Python takes true for 1."""
    if isinstance(value, dict):
        return {name: _numbers(child) for name, child in value.items()}
    if isinstance(value, list):
        return [_numbers(child) for child in value]
    if isinstance(value, int | float) and not isinstance(value, bool):
        return ("number", float(value))
    return value


def test_any_change_of_a_leaf_is_noticed():
    """Value, salt, type and name of every leaf are under the digest, and so is an added one."""
    record = wrap([_bill()])[0]
    for path, leaf in list(salted.leaves(record["data"])):
        for other in ("x", f"{leaf}x", str(leaf).replace(":string:", ":number:", 1)):
            if other == leaf:
                continue
            made = copy.deepcopy(record)
            _put(made["data"], path.split("."), other)
            assert _check(made).integrity is Integrity.INVALID, path
    assert _check({**record, "data": {**record["data"], "x": "1:string:y"}}).integrity == "INVALID"


def _put(place: Any, steps: list[str], value: Any) -> None:
    for step in steps[:-1]:
        place = place[int(step) if isinstance(place, list) else step]
    place[steps[-1]] = value


def test_redacted_fields_are_gone_and_the_rest_verifies():
    """A holder hides fields; the digest stays, the hidden words are nowhere in the file."""
    record = redacted(wrap([_bill()])[0], ["blNumber", "marks"])
    assert _check(record, RECORD).integrity is Integrity.VALID
    assert "SGTD0001" not in json.dumps(record)
    record["privacy"]["obfuscatedData"].pop()
    assert _check(record).integrity is Integrity.INVALID


@pytest.mark.parametrize("path", ["issuers.0.tokenRegistry", "network", "nothing", "marks.nothing"])
def test_what_says_where_the_title_is_cannot_be_hidden(path):
    """Hiding issuer, register or chain would strip the title's status: refused."""
    with pytest.raises(RecordRefused):
        redacted(wrap([_bill()])[0], [path])


def test_a_register_hidden_by_someone_else_leaves_the_title_open():
    """A record whose register was taken out by hand is intact, and its title stripped."""
    record = wrap([_bill()])[0]
    leaf = record["data"]["issuers"][0].pop("tokenRegistry")
    hidden = salted.leaf_hash("issuers.0.tokenRegistry", leaf)
    record["privacy"] = {"obfuscatedData": [hidden]}
    found = _check(record, RECORD)
    assert found.integrity is Integrity.VALID
    assert found.claim.transferability is Transferability.STRIPPED


def test_titles_are_never_in_a_batch():
    """A token id names one record: a batch with a title is not made, and not believed."""
    with pytest.raises(RecordRefused):
        wrap([_bill(), _bill()])
    plain = [{"n": number} for number in range(5)]
    for record in wrap(plain):
        assert _check(record).integrity is Integrity.VALID
    with pytest.raises(RecordRefused):
        wrap([{"a.b": 1}])
    with pytest.raises(RecordRefused):
        wrap([{"n": 2**60}])


def test_an_ambiguous_name_is_refused():
    """{"a.b": x} and {"a": {"b": x}} have one digest, and so have {"": {"a": x}} and {"a": x}."""
    inner = wrap([{"a": {"b": "x"}}])[0]
    inner["data"] = {"a.b": inner["data"]["a"]["b"]}
    assert _check(inner).integrity is Integrity.INVALID
    plain = wrap([{"a": "x"}])[0]
    for data in ({"": {"a": plain["data"]["a"]}}, {**plain["data"], "": "1:string:unseen"}):
        assert _check({**plain, "data": data}).integrity is Integrity.INVALID


def _signed(record: dict[str, Any], account: Account) -> dict[str, Any]:
    root = bytes.fromhex(record["signature"]["merkleRoot"])
    message = b"\x19Ethereum Signed Message:\n32" + root
    r, s, parity = account.sign_digest(keccak256(message))
    value = r.to_bytes(32, "big") + s.to_bytes(32, "big") + bytes([27 + parity])
    proof = {
        "type": "OpenAttestationSignature2018",
        "verificationMethod": f"did:ethr:{account.address}#controller",
        "signature": "0x" + value.hex(),
    }
    return {**record, "proof": [proof]}


def _by_did(account: Account, **identity: str) -> dict[str, Any]:
    did = f"did:ethr:{account.address}"
    return {
        "issuers": [
            {
                "id": did,
                "name": "x",
                "revocation": {"type": "NONE"},
                "identityProof": {"key": f"{did}#controller", **identity},
            }
        ],
        "n": 1,
    }


def test_a_did_record_is_identified_by_its_signature():
    """DID: the key signed the root. DNS-DID: and the domain names the key. Neither is a title."""
    account, other = Account.generate(), Account.generate()
    by_key = _signed(wrap([_by_did(account, type="DID")])[0], account)
    found = _check(by_key)
    assert (found.integrity, found.identity) == (Integrity.VALID, Identity.VALID)
    assert found.claim.transferability is Transferability.NONE
    assert found.pending == (Owned(did=f"did:ethr:{account.address}"),)
    assert _check(wrap([_by_did(account, type="DID")])[0]).identity is Identity.INVALID
    stolen = _signed(wrap([_by_did(account, type="DID")])[0], other)
    assert _check(stolen).identity is Identity.INVALID

    by_name = _by_did(account, type="DNS-DID", location=DOMAIN)
    record = _signed(wrap([by_name])[0], account)
    answer = f"openatts a=dns-did; p=did:ethr:{account.address}#controller; v=1.0;"
    assert _check(record, answer).identity is Identity.VALID
    assert _check(record, answer.replace(account.address, other.address)).identity == "INVALID"
    assert _check(record).identity is Identity.UNKNOWN


def test_a_mangled_signature_has_no_signer():
    """Wrong length, no hex, out of range: nobody signed."""
    for text in ("", "0x00", "zz", "0x" + "00" * 65, "0x" + "ff" * 65):
        assert signer_of(b"\x00" * 32, text, recover) is None


def test_a_record_without_its_version_is_still_one_and_not_intact():
    """Whoever changes what tells the form gets the three answers, not another format's error."""
    record = wrap([_bill()])[0]
    for changed in ({**record, "version": "x"}, {**record, "version": None}):
        data = json.dumps(changed).encode().replace(b"openattestation.com", b"example.org")
        assert is_record(data)
        assert check(data, NotAsked(), recover).integrity is Integrity.INVALID
