from __future__ import annotations

import pytest

from schemas.rules.invoice import schemes
from schemas.rules.invoice.lexical import is_date, is_decimal, is_time


@pytest.mark.parametrize(
    ("tells", "right", "wrong"),
    [
        (schemes.gln, "4000001000005", "4000001000006"),
        (schemes.gln, "0", "5"),
        (schemes.norwegian, "974760673", "974760674"),
        (schemes.norwegian, "123456785", "000000000"),
        (schemes.belgian, "0202239951", "0202239952"),
        (schemes.australian, "51824753556", "51824753557"),
        (schemes.italian_office, "UF0a1B", "UF0A1"),
        (schemes.italian_fiscal, "RSSMRA85T10A562S", "RSSMRA85T10A56210"),
        (schemes.italian_fiscal, "07643520567", "0764352056X"),
        (schemes.italian_vat, "IT07643520567", "IT07643520568"),
        (schemes.italian_vat, "DE1", "it1"),
        (schemes.danish, "DK13585628", "13585628"),
    ],
)
def test_a_check_digit_tells_right_from_wrong(tells, right: str, wrong: str) -> None:
    """Each scheme takes a sound identifier and refuses one that is a digit off."""
    assert tells(right)
    assert not tells(wrong)


@pytest.mark.parametrize(
    ("tells", "good", "bad"),
    [
        (
            is_date,
            ["2024-02-29", " 2024-02-29+14:00", "0000-01-01Z"],
            ["2023-02-29", "2024-2-1", ""],
        ),
        (is_time, ["24:00:00", "12:00:00.5Z"], ["12:00:60", "12:00", "24:00:01", "12:00:00."]),
        (is_decimal, ["+1.", " .5\n", "-0"], [".", "1e3", "", "1,0", "\u0661", "\u00a01"]),
    ],
)
def test_what_is_castable_in_xpath_is_so_here(tells, good: list[str], bad: list[str]) -> None:
    """Lexical forms of XML Schema, white space collapsed."""
    assert all(map(tells, good))
    assert not any(map(tells, bad))
