from __future__ import annotations

import pytest

from schemas.rules.invoice.lexical import is_date, is_decimal, is_time


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
