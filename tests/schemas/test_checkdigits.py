from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.rules.checkdigits import container_digit, credit_code_digit, organisation_digit

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"


@pytest.mark.parametrize("number", ["CSQU3054383", "TSTU2603090", "TSTU2603017"])
def test_known_container_numbers_are_right(number: str) -> None:
    """Numbers with a right ISO 6346 check digit ask for the digit they have."""
    assert container_digit(number) == number[-1]


@pytest.mark.parametrize("number", ["CSQU305438", "csqu3054383", "CSQ13054383", "", "CSQU30543833"])
def test_what_is_no_container_number_has_no_check_digit(number: str) -> None:
    """Another shape than four letters and seven digits is not judged."""
    assert container_digit(number) is None


@given(st.integers(0, 9_999_999), st.integers(4, 9), st.integers(1, 9))
def test_a_mistyped_digit_of_a_container_number_is_noticed(
    serial: int, place: int, step: int
) -> None:
    """One wrong digit changes the check digit, but for the known confusion of 10 and 0."""
    number = f"TSTU{serial:07d}"
    typed = number[:place] + str((int(number[place]) + step) % 10) + number[place + 1 :]
    if {container_digit(number), container_digit(typed)} != {"0"}:
        assert container_digit(number) != container_digit(typed) or _ten_or_zero(number, typed)


def _ten_or_zero(number: str, typed: str) -> bool:
    return container_digit(number) == container_digit(typed) == "0"


@pytest.mark.parametrize("code", ["91350100M000100Y43", "91310117MA9TETX99M", "91370212MA9TETX483"])
def test_known_credit_codes_are_right(code: str) -> None:
    """Unified social credit codes with right check characters ask for what they have."""
    assert credit_code_digit(code) == code[-1]
    assert organisation_digit(code[8:17]) == code[16]


@given(st.text(ALPHABET, min_size=17, max_size=17), st.integers(0, 16), st.sampled_from(ALPHABET))
def test_a_mistyped_character_of_a_credit_code_is_noticed(
    body: str, place: int, other: str
) -> None:
    """Modulo 31 is prime: every single wrong character changes the check character."""
    typed = body[:place] + other + body[place + 1 :]
    if typed != body:
        assert credit_code_digit(body + "0") != credit_code_digit(typed + "0")


@pytest.mark.parametrize("code", ["91350100M000100YI3", "91350100m000100Y43", "9135", ""])
def test_what_is_no_credit_code_has_no_check_character(code: str) -> None:
    """I, O, S, V and Z and lower case are outside the alphabet."""
    assert credit_code_digit(code) is None
