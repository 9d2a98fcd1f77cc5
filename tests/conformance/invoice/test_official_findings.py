from __future__ import annotations

from pathlib import Path

import pytest

from schemas.rules.invoice.editions import packs
from tests.conformance.invoice.scoreboard import NOT_IN_THE_CORPUS, score

pytestmark = pytest.mark.conformance


@pytest.mark.parametrize("pack_id", sorted(packs().keys() - NOT_IN_THE_CORPUS))
def test_every_official_finding_is_found_and_no_other(shared: Path, pack_id: str) -> None:
    """On the whole corpus and all mutants, rule by rule and count by count."""
    found = score(shared / "data" / "invoice", pack_id)
    assert found.documents > 0
    assert not found.missed, found.missed.most_common(10)
    assert not found.extra, found.extra.most_common(10)
    assert not found.passed_engine_errors
