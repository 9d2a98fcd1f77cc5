"""A bit of a status list counts when the list is the issuer's, whole, and for the purpose."""

from __future__ import annotations

import base64
import gzip
import time
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from certs.records.bitstring import bits_of
from certs.records.identity import Recorded
from certs.records.model import Broken
from certs.records.pending import Listed
from tests.certs.records import issuer, lists

AT = datetime(2026, 3, 14, tzinfo=UTC)
ENTRY = Listed(url=lists.URL, index=94_567, purpose="revocation", issuer=issuer.DID)


def _is_set(document: dict[str, Any], entry: Listed = ENTRY) -> bool:
    return bool(bits_of(entry, lists.written(document), issuer.identities(), AT).value)


@settings(max_examples=3, deadline=None)
@given(st.sets(st.integers(0, lists.BYTES * 8 - 1), min_size=1, max_size=3))
def test_a_bit_is_the_one_of_its_index(indices: set[int]) -> None:
    """The first bit is the leftmost; neighbours do not count."""
    found = lists.status_list(lists.encoded(*indices))
    around = {near for each in indices for near in (each - 1, each, each + 1)}
    for each in around & set(range(lists.BYTES * 8)):
        assert _is_set(found, replace(ENTRY, index=each)) is (each in indices)


def test_an_entry_may_have_several_bits() -> None:
    """Any bit of an entry set is a status; size and index make its place."""
    found = lists.status_list(lists.encoded(13))
    assert _is_set(found, replace(ENTRY, index=3, size=4))
    assert not _is_set(found, replace(ENTRY, index=2, size=4))
    assert not _is_set(found, replace(ENTRY, index=4, size=4))
    told = lists.status_list(lists.encoded(13), subject={"statusSize": 4})
    assert _is_set(told, replace(ENTRY, index=3))
    assert not _is_set(told, replace(ENTRY, index=13))
    with pytest.raises(Broken, match="size"):
        _is_set(told, replace(ENTRY, index=3, size=2))


def test_a_list_may_be_for_several_purposes() -> None:
    """The entry's purpose has to be among them."""
    both = lists.status_list(
        lists.encoded(1), subject={"statusPurpose": ["revocation", "suspension"]}
    )
    assert _is_set(both, replace(ENTRY, index=1, purpose="suspension"))


def _altered() -> dict[str, Any]:
    document = lists.status_list(lists.encoded(ENTRY.index))
    document["credentialSubject"]["encodedList"] = lists.encoded()
    return document


def _bomb() -> str:
    return lists.packed(bytes(64 * 1024 * 1024))


def _two_members() -> str:
    data = gzip.compress(bytes(lists.BYTES)) * 2
    return "u" + base64.urlsafe_b64encode(data).rstrip(b"=").decode()


HOSTILE: dict[str, tuple[str, Any]] = {
    "altered": ("not as it was signed", _altered),
    "unsigned": (
        "nothing|proof|signature|resolve|assert",
        lambda: {**lists.status_list(lists.encoded()), "proof": {}},
    ),
    "too short": ("shorter", lambda: lists.status_list(lists.encoded(size=lists.BYTES - 1))),
    "a bomb": ("too large", lambda: lists.status_list(_bomb())),
    "two members": ("too large", lambda: lists.status_list(_two_members())),
    "no gzip": ("no gzip", lambda: lists.status_list("uAAAA")),
    "cut short": ("cut short|no gzip", lambda: lists.status_list(lists.encoded()[:-12])),
    "another base": ("base64url", lambda: lists.status_list("z" + lists.encoded()[1:])),
    "another purpose": (
        "not for",
        lambda: lists.status_list(lists.encoded(), subject={"statusPurpose": "suspension"}),
    ),
    "another address": ("address", lambda: lists.status_list(lists.encoded(), id=f"{lists.URL}0")),
    "another type": (
        "no status list",
        lambda: lists.status_list(lists.encoded(), type=["VerifiableCredential"]),
    ),
    "another subject": (
        "no status list",
        lambda: lists.status_list(
            lists.encoded(), credentialSubject={"type": "BitstringStatusListEntry"}
        ),
    ),
    "not yet in force": (
        "in force",
        lambda: lists.status_list(lists.encoded(), validFrom="2026-04-01T00:00:00Z"),
    ),
    "no longer in force": (
        "in force",
        lambda: lists.status_list(lists.encoded(), validUntil="2026-02-01T00:00:00Z"),
    ),
}


@pytest.mark.parametrize(("why", "make"), HOSTILE.values(), ids=HOSTILE)
def test_a_list_with_anything_wrong_says_nothing(why: str, make: Any) -> None:
    """Never an unset bit: whatever is wrong with a list, nothing is known from it."""
    document = make()
    begun = time.process_time()
    with pytest.raises(Broken, match=why):
        _is_set(document)
    assert time.process_time() - begun < 2


def test_a_list_may_be_named_by_its_subject_alone() -> None:
    """As TradeTrust's library writes lists: no address of its own, no letter of multibase."""
    found = lists.status_list(lists.encoded(ENTRY.index)[1:], id="urn:uuid:0")
    assert _is_set(found)
    elsewhere = {"id": "https://carrier.example.org/status/10#list"}
    with pytest.raises(Broken, match="address"):
        _is_set(lists.status_list(lists.encoded(), id="urn:uuid:0", subject=elsewhere))


def test_an_index_beyond_the_list_says_nothing() -> None:
    """An entry that the list does not have is no unset bit."""
    found = lists.status_list(lists.encoded())
    _is_set(found, replace(ENTRY, index=lists.BYTES * 8 - 1))
    with pytest.raises(Broken):
        _is_set(found, replace(ENTRY, index=lists.BYTES * 8))
    with pytest.raises(Broken):
        _is_set(found, replace(ENTRY, index=lists.BYTES * 2, size=4))


def test_a_list_of_somebody_else_says_nothing() -> None:
    """A list signed well, by another issuer than the credential's, and one nobody can verify."""
    found = lists.status_list(lists.encoded())
    with pytest.raises(Broken, match="signed by"):
        _is_set(found, replace(ENTRY, issuer="did:web:other.example.org"))
    with pytest.raises(Broken):
        bits_of(ENTRY, lists.written(found), Recorded(), AT)
