"""Several deliveries in one request."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gateway.transport import bundle

FRAMES = st.lists(st.tuples(st.text(max_size=60), st.binary(max_size=300)), min_size=1, max_size=64)


@given(FRAMES)
def test_frames_come_back_as_they_went(frames: list[bundle.Frame]) -> None:
    """Names and bodies of any content survive, in their order."""
    assert bundle.unpack(bundle.pack(frames)) == frames


@given(FRAMES, st.data())
def test_a_bundle_that_is_cut_anywhere_is_refused(
    frames: list[bundle.Frame], data: st.DataObject
) -> None:
    """A cut inside a frame is never read as fewer or shorter frames."""
    whole = bundle.pack(frames)
    ends = {len(bundle.pack(frames[:n])) for n in range(1, len(frames) + 1)}
    at = data.draw(st.integers(0, len(whole)).filter(lambda cut: cut not in ends))
    with pytest.raises(bundle.BundleRefused):
        bundle.unpack(whole[:at])


def test_more_frames_than_allowed_are_refused() -> None:
    """A partner cannot make one request carry any number of containers."""
    with pytest.raises(bundle.BundleRefused):
        bundle.unpack(bundle.pack([("m", b"")] * (bundle.MOST + 1)))


def test_a_length_beyond_the_end_is_refused() -> None:
    """A frame that claims more than there is takes nothing with it."""
    with pytest.raises(bundle.BundleRefused):
        bundle.unpack(b"\x00\x00\x00\x01m\xff\xff\xff\xffabc")
