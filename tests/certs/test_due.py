"""By when something must be archived anew: the day on which it stops to verify."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from certs import asic, cades, ers, jws, xades
from certs.authority.ca import TSA
from certs.authority.tsa import Authority
from certs.due import verifies_until
from certs.levels import Level
from certs.renewal import renew_any
from tests.certs.pki import DOCUMENT, NOW, World

DAY = timedelta(days=1)
YEAR = 365 * DAY


def _xades(world: World, level: Level) -> bytes:
    return xades.sign(
        DOCUMENT,
        world.seal,
        stamper=world.stamper,
        gatherer=world.gatherer(),
        level=level,
        signed_at=NOW,
    )


def _asic(world: World, level: Level) -> bytes:
    return asic.pack(
        {"a.xml": DOCUMENT},
        world.seal,
        world.stamper,
        gatherer=world.gatherer(),
        level=level,
        signed_at=NOW,
    )


@pytest.mark.parametrize("make", [_xades, _asic])
def test_it_lasts_as_long_as_what_ends_first(
    world: World, make: Callable[[World, Level], bytes]
) -> None:
    """Without time-stamp the signer's certificate, with one that of its authority."""
    stamped = world.domain.keys.load("tsa").certificate.not_after
    for level, end in ((Level.B, world.seal.certificate.not_after), (Level.LTA, stamped)):
        found = verifies_until(make(world, level), world.trust, {}, NOW)
        assert found is not None
        assert end - DAY <= found <= end


def test_renewal_puts_it_off(world: World) -> None:
    """Archived anew by a younger authority, it lasts until that one's certificate ends."""
    when = NOW + 2 * YEAR
    key = world.key(TSA, now=when - DAY, lifetime=15 * YEAR)
    data = renew_any(_xades(world, Level.LTA), Authority(key, lambda: when), world.gatherer(when))
    found = verifies_until(data, world.trust, {}, when)
    assert found is not None
    assert key.certificate.not_after - DAY <= found <= key.certificate.not_after


def test_a_record_beside_it_counts(world: World) -> None:
    """A signature kept by an evidence record lasts as long as the record."""
    data = _xades(world, Level.B)
    (record,) = ers.make([[data]], world.stamper)
    end = world.domain.keys.load("tsa").certificate.not_after
    found = verifies_until(data, world.trust, {"r": record}, NOW)
    assert found is not None
    assert end - DAY <= found <= end


def test_what_does_not_verify_now_has_no_time(world: World, stranger: World) -> None:
    """Broken, or by somebody unknown: nothing to put off."""
    detached = cades.sign(DOCUMENT, world.seal, signed_at=NOW)
    assert verifies_until(detached, world.trust, {"a": b"other"}, NOW) is None
    assert verifies_until(jws.sign(b"{}", world.seal), stranger.trust, {}, NOW) is None
