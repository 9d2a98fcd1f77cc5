from __future__ import annotations

from datetime import UTC, datetime

import pytest
from asn1crypto import core
from hypothesis import given
from hypothesis import strategies as st

from certs.asn1 import der
from certs.errors import MalformedDer


@given(st.integers(-(2**160), 2**160))
def test_an_integer_is_written_as_others_write_it_and_read_back(value: int) -> None:
    """Integers are in the shortest form of X.690, as asn1crypto also writes them."""
    assert der.integer(value) == core.Integer(value).dump()
    assert der.parse(der.integer(value), der.INTEGER).number() == value


@given(st.lists(st.integers(0, 2**40), min_size=0, max_size=8), st.integers(0, 39))
def test_an_object_identifier_survives(arcs: list[int], second: int) -> None:
    """Any object identifier is read back as it was written."""
    dotted = ".".join(map(str, (1, second, *arcs)))
    assert der.parse(der.oid(dotted), der.OID).dotted() == dotted


@given(st.binary(max_size=70_000))
def test_octets_of_any_length_survive(value: bytes) -> None:
    """Short and long lengths are read back."""
    assert der.parse(der.octets(value), der.OCTET_STRING).content == value


def test_a_set_of_is_sorted_by_its_encodings() -> None:
    """DER wants the elements of a SET OF in ascending order of their octets."""
    encoded = der.set_of(der.integer(300), der.integer(2), der.octets(b""))
    assert [child.tag for child in der.parse(encoded, der.SET).children()] == [2, 2, 4]


def test_times_keep_their_fraction_without_trailing_zeros() -> None:
    """RFC 3161: a fraction of a second has no trailing zeros, and none at all when it is zero."""
    moment = datetime(2026, 1, 2, 3, 4, 5, 250_000, tzinfo=UTC)
    assert der.generalized_time(moment)[2:] == b"20260102030405.25Z"
    assert der.parse(der.generalized_time(moment), der.GENERALIZED_TIME).moment() == moment
    assert der.generalized_time(moment.replace(microsecond=0))[2:] == b"20260102030405Z"


@pytest.mark.parametrize(
    ("moment", "tag"),
    [
        (datetime(1999, 1, 1, tzinfo=UTC), der.UTC_TIME),
        (datetime(2049, 12, 31, tzinfo=UTC), der.UTC_TIME),
        (datetime(2050, 1, 1, tzinfo=UTC), der.GENERALIZED_TIME),
    ],
)
def test_the_century_of_a_short_time_is_kept(moment: datetime, tag: int) -> None:
    """UTCTime serves until 2049, GeneralizedTime from 2050 on (RFC 5280, 4.1.2.5)."""
    encoded = der.utc_time(moment)
    assert encoded[0] == tag
    assert der.parse(encoded, tag).moment() == moment


@pytest.mark.parametrize(
    "encoded",
    [
        b"",
        b"\x30",
        b"\x30\x80\x00\x00",  # indefinite length
        b"\x30\x81\x05\x04\x03abc",  # length not minimal
        b"\x30\x82\x00\x85" + b"x" * 0x85,  # leading zero in the length
        b"\x30\x85\x01\x00\x00\x00\x00",  # length of five octets
        b"\x30\x05\x04\x03ab",  # ends too early
        b"\x30\x00\x00",  # octets after the end
        b"\x1f\x81\x01\x00",  # tag above 30
    ],
)
def test_what_der_forbids_is_refused(encoded: bytes) -> None:
    """Encodings that BER allows and DER does not are errors."""
    with pytest.raises(MalformedDer):
        der.parse(encoded)


def test_a_child_cannot_reach_over_its_parent() -> None:
    """A length inside a structure is bounded by the structure."""
    with pytest.raises(MalformedDer):
        der.parse(b"\x30\x03\x04\x05ab").children()


@pytest.mark.parametrize("content", [b"\x00\x01", b"\xff\xff", b""])
def test_an_integer_in_another_form_is_refused(content: bytes) -> None:
    """One number has one encoding."""
    with pytest.raises(MalformedDer):
        der.parse(der.tlv(der.INTEGER, content), der.INTEGER).number()


@pytest.mark.parametrize("content", [b"", b"\x80\x01", b"\x2a\x86"])
def test_an_object_identifier_in_another_form_is_refused(content: bytes) -> None:
    """Arcs are in their shortest form and complete."""
    with pytest.raises(MalformedDer):
        der.parse(der.tlv(der.OID, content), der.OID).dotted()


@pytest.mark.parametrize("text", [b"20261301000000Z", b"2026", b"20260101000000+0800", b"\xff"])
def test_a_time_in_another_form_is_refused(text: bytes) -> None:
    """Only YYYYMMDDhhmmss[.f]Z, and only times that exist."""
    with pytest.raises(MalformedDer):
        der.parse(der.tlv(der.GENERALIZED_TIME, text), der.GENERALIZED_TIME).moment()
