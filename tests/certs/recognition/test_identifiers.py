from __future__ import annotations

import pytest

from certs.recognition.identifiers import parse


@pytest.mark.parametrize(
    ("text", "scheme", "valid"),
    [
        ("NTRCN-91350100M000100Y43", "USCC", True),  # the example of GB 32100-2015
        ("NTRCN-91350100M000100Y44", "USCC", False),
        ("NTRCN-9135", "USCC", False),
        ("91350100M000100Y43", "USCC", True),
        ("NTRSG-201912345K", "UEN", True),
        ("NTRSG-53123456A", "UEN", True),
        ("NTRSG-T08LL0001A", "UEN", True),
        ("NTRSG-20191234", "UEN", False),
        ("LEIXG-5493001KJTIIGC8Y1R12", "LEI", True),  # ISO 17442, an example of the register
        ("LEIXG-5493001KJTIIGC8Y1R13", "LEI", False),
        ("VATDE-123456789", "VAT", True),
        ("VATDE-DE123456789", "VAT", True),
        ("EORDE-1234567", "EORI", True),
        ("EORDE-12345678901234567", "EORI", False),
        ("NTRFR-552100554", "NTRFR", None),
        ("something else", "", None),
    ],
)
def test_an_identifier_has_a_scheme_and_maybe_a_check_digit(text: str, scheme: str, valid):
    """Schemes are told by their prefix (EN 319 412-1), digits checked where there are any."""
    found = parse(text)
    assert (found.scheme, found.valid) == (scheme, valid)
