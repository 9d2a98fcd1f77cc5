"""The journal as a person reads it."""

from __future__ import annotations

import pytest

from gateway.exchange.again import retry
from gateway.exchange.errors import NotGivenUp
from gateway.exchange.flow import FLOW, INBOUND
from gateway.exchange.timeline import sentence, timeline
from gateway.store.database import Store
from gateway.store.errors import NotFound
from gateway.store.model import State
from tests.gateway.exchange.test_flow import House


def test_a_timeline_tells_the_story_in_both_languages(store: Store) -> None:
    """Every event is a full sentence in English and Chinese, with its values filled in."""
    house = House(store)
    (one,) = house.accept("a document")
    house.work()
    with store.read() as tx:
        lines = timeline(tx, one, tenant="tenant")
    assert len(lines) == 1 + len(FLOW)
    for line in lines:
        assert "{" not in line.text.en + line.text.zh
        assert line.text.en != line.text.zh
    assert lines[3].text.en == "Checked: 0 findings, 0 of them fatal."
    assert "位置 0" in lines[7].text.zh


def test_a_problem_is_told_in_the_readers_language(store: Store) -> None:
    """A refusal's sentence carries its reason in the language of the sentence."""
    house = House(store)
    (one,) = house.accept("refuse sign")
    house.work()
    with store.read() as tx:
        last = timeline(tx, one)[-1]
    assert last.text.en == "Refused in stage sign: The document cannot be read."
    assert last.text.zh == "在阶段 sign 被拒绝\uff1a无法读取该文件。"


@pytest.mark.parametrize("stage", [stage.name for stage in (*FLOW, *INBOUND)])
def test_every_stage_has_a_sentence_of_its_own(stage: str) -> None:
    """No stage is told with the stop-gap sentence."""
    assert sentence(stage, "passed") != sentence("no such stage", "passed")


def test_a_timeline_is_for_its_tenant(store: Store) -> None:
    """Another tenant is told that there is no such exchange."""
    house = House(store)
    (one,) = house.accept("a document")
    with store.read() as tx, pytest.raises(NotFound):
        timeline(tx, one, tenant="other")


def test_a_failed_exchange_is_taken_up_again_by_hand(store: Store) -> None:
    """After a failure somebody mends the cause and the exchange goes on where it was."""
    house = House(store)
    house.partner.down = True
    (one,) = house.accept("a document")
    with pytest.raises(NotGivenUp):
        retry(store, one, actor="ops", clock=house.clock)
    for _ in range(3):
        house.work()
        house.clock.forward(3600)
    assert house.get(one).state is State.FAILED
    house.partner.down = False
    retry(store, one, actor="ops", clock=house.clock)
    house.work()
    assert house.get(one).state is State.DONE
    assert house.journal(one)[-3:] == [
        ("deliver", "requeued"),
        ("deliver", "passed"),
        ("acknowledge", "passed"),
    ]
