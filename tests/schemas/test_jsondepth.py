from __future__ import annotations

import json

from hypothesis import given
from hypothesis import strategies as st

from schemas.jsondepth import deeper_than

VALUES = st.recursive(
    st.none() | st.text(alphabet='[]{}"\\a', max_size=6),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=3), inner),
    max_leaves=12,
)


def depth(value: object) -> int:
    """Return how many arrays and objects are around the innermost value."""
    if isinstance(value, dict):
        return 1 + max(map(depth, value.values()), default=0)
    if isinstance(value, list):
        return 1 + max(map(depth, value), default=0)
    return 0


@given(VALUES)
def test_depth_is_that_of_the_value(value: object) -> None:
    """Brackets in strings do not count, whatever is escaped."""
    data = json.dumps(value).encode()
    found = depth(value)
    assert not deeper_than(data, found)
    assert found == 0 or deeper_than(data, found - 1)


def test_a_megabyte_of_brackets_is_deep() -> None:
    """It is told at once, also where the brackets never close."""
    assert deeper_than(b"[" * 1_000_000, 64)
    assert not deeper_than(b'["' + b"[" * 1_000_000 + b'"]', 64)
