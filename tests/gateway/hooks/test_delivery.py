"""Webhooks come signed, at least once, in order per subject, and end."""

from __future__ import annotations

from datetime import timedelta

import pytest

from certs.errors import HttpSignatureRefused
from certs.httpsig import Message
from gateway.hooks.errors import HookRefused, NoSuchEvent, TooManyHooks
from gateway.hooks.runner import Delivering, HookRunner
from gateway.store import hooks, outbox
from gateway.store.errors import NotFound
from tests.gateway.hooks.receiver import World


def test_what_happens_is_told_signed(world: World) -> None:
    """The event says what happened to whom and when, and its signature covers all of it."""
    hook = world.hook("title.entry")
    world.happens(0)
    world.pass_time(seconds=20)
    (message,) = world.receiver.taken
    found = world.verified(message)
    assert set(found.covered) == {"@method", "@target-uri", "content-type", "content-digest"}
    assert found.nonce
    (event,) = world.receiver.events()
    assert (event["type"], event["subject"], event["source"]) == (
        "title.entry",
        "title/1",
        "cn-port",
    )
    assert event["data"] == {"n": 0}
    shown = world.hooks.show(hook)
    assert (shown["waiting"], shown["given_up"], shown["deliveries"]) == (0, 0, [])
    assert shown["reached_at"] is not None


def test_nobody_is_told_of_another_tenant_or_of_what_was_not_asked(world: World) -> None:
    """A hook gets the events it names, of its own tenant."""
    world.hook("exchange.*", "clearance.status")
    world.happens(1, event="exchange.done", subject="exchange/1")
    world.happens(2, event="title.entry")
    world.happens(3, event="clearance.status", subject="clearance/1")
    world.happens(4, event="exchange.done", subject="exchange/2", tenant="other")
    world.pass_time(seconds=40)
    assert [one["type"] for one in world.receiver.events()] == ["exchange.done", "clearance.status"]


def test_what_did_not_happen_after_all_is_never_told(world: World) -> None:
    """An event stands or falls with the transaction in which it happens."""
    world.hook("*")

    def fail_at_last() -> None:
        with world.store.begin() as tx:
            outbox.put(tx, world.told([1]))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_at_last()
    world.pass_time(seconds=40)
    assert world.receiver.taken == []


def test_order_is_kept_while_the_receiver_fails(world: World) -> None:
    """A subject's events come in order, whatever fails; another subject's may come between."""
    world.hook("*")
    world.receiver.answers = [500, 404, 503, 429]
    world.happens(1, 2, 3)
    world.happens(1, 2, subject="title/2")
    world.pass_time(minutes=5)
    told = world.receiver.told()
    assert sorted(told) == [("title/1", 1), ("title/1", 2), ("title/1", 3), ("title/2", 1),
                            ("title/2", 2)]  # fmt: skip
    assert [n for subject, n in told if subject == "title/1"] == [1, 2, 3]
    assert [n for subject, n in told if subject == "title/2"] == [1, 2]


def test_a_crash_tells_again(world: World) -> None:
    """What was taken and not noted as delivered comes due again when the lease ends."""
    world.hook("*")
    world.happens(1)
    with world.store.begin() as tx:
        taken = hooks.take(tx, now=world.now, lease=timedelta(minutes=5), limit=10)
    assert len(taken) == 1
    assert world.runner.step() == 0
    world.pass_time(minutes=6)
    assert world.receiver.told() == [("title/1", 1)]


def test_the_same_event_is_the_same_message(world: World) -> None:
    """A receiver tells a repetition by id, and the body is the same octet for octet."""
    world.hook("*")
    world.receiver.answers = [500]
    world.happens(1)
    world.pass_time(minutes=1)
    (first,), (second,) = world.receiver.refused, world.receiver.taken
    assert first.body == second.body
    assert world.verified(first).nonce != world.verified(second).nonce


def test_what_fails_too_long_is_given_up_and_holds_what_follows(world: World) -> None:
    """After an hour here it ends, visibly; told to try again, all of it comes, in order."""
    hook = world.hook("*")
    world.receiver.answers = [500] * 100
    world.happens(1, 2)
    world.pass_time(hours=2)
    tried = len(world.receiver.refused)
    assert 4 < tried < 40
    shown = world.hooks.show(hook)
    assert (shown["waiting"], shown["given_up"]) == (0, 2)
    held = shown["deliveries"]
    assert isinstance(held, list)
    assert [(one["sequence"], one["state"], one["problem"]) for one in held] == [
        (1, "given-up", "HTTP 500"),
        (2, "held", ""),
    ]
    world.happens(3)
    world.pass_time(hours=2)
    assert len(world.receiver.refused) == tried
    world.receiver.answers = []
    assert world.hooks.retry(hook)["retried"] == 3
    world.pass_time(minutes=1)
    assert world.receiver.told() == [("title/1", 1), ("title/1", 2), ("title/1", 3)]


def test_a_receiver_that_is_gone_is_given_up_at_once(world: World) -> None:
    """410 says that nobody will be there again."""
    hook = world.hook("*")
    world.receiver.answers = [410]
    world.happens(1)
    world.pass_time(minutes=10)
    assert len(world.receiver.refused) == 1
    assert world.hooks.show(hook)["given_up"] == 1


def test_a_redirect_is_a_failure(world: World) -> None:
    """Nobody sends an event on to where the operator did not allow."""
    hook = world.hook("*")
    world.receiver.answers = [307]
    world.receiver.location = "http://169.254.169.254/"
    told = world.hooks.test(hook)
    assert told["taken"] is False
    assert "redirect" in str(told["problem"])


def test_a_hook_that_is_taken_away_is_told_no_more(world: World) -> None:
    """What waited for it goes with it; other tenants cannot see or remove it."""
    hook = world.hook("*")
    world.happens(1)
    for work in (world.hooks.show, world.hooks.remove, world.hooks.retry, world.hooks.test):
        with pytest.raises(NotFound):
            work(hook, "another")
    world.hooks.remove(hook, "t")
    world.pass_time(seconds=40)
    assert world.receiver.taken == []
    assert world.hooks.listed() == []


@pytest.mark.parametrize(
    "url",
    [
        *("https://elsewhere.example.org/", "http://10.0.0.1/", "ftp://127.0.0.1/", "nonsense"),
        *("http://user:x@{host}/", "http://{host}/#x", "https://[", "http://{host}.example.org/"),
    ],
)
def test_only_allowed_addresses_are_registered(world: World, url: str) -> None:
    """Another host or port, another scheme, credentials: refused."""
    with pytest.raises(HookRefused):
        world.hooks.add("t", url.format(host=world.receiver.host), ["*"])


def test_without_leave_nothing_goes_to_loopback_or_private_addresses(world: World) -> None:
    """Plain HTTP is for loopback in development; a listed host must have a public address."""
    strict = world.settings.webhooks.model_copy(update={"plain": False, "private": False})
    world.settings = world.settings.model_copy(update={"webhooks": strict})
    with pytest.raises(HookRefused):
        world.hook("*")
    hook = world.hooks.add("t", f"https://{world.receiver.host}/", ["*"])
    told = world.hooks.test(str(hook["id"]))
    assert "no public address" in str(told["problem"])


def test_a_tenant_has_so_many_hooks(world: World) -> None:
    """Beyond that, and for events that there are none of, it is told why."""
    for _ in range(3):
        world.hook("*")
    with pytest.raises(TooManyHooks):
        world.hook("*")
    with pytest.raises(NoSuchEvent):
        world.hook("weather.*")


def test_a_changed_message_is_refused_by_the_receiver(world: World) -> None:
    """The receiver's own check: another address, or another body, and nothing is taken."""
    world.hook("*")
    world.happens(1)
    world.pass_time(seconds=20)
    (message,) = world.receiver.taken
    for url, body in ((message.url + "&y", message.body), (message.url, message.body + b" ")):
        with pytest.raises(HttpSignatureRefused):
            world.verified(Message(method="POST", url=url, headers=message.headers, body=body))


class Slow:
    """Tells, and takes half a minute of the test's clock for each."""

    def __init__(self, world: World) -> None:
        """Tell as the world's teller does."""
        self.world = world
        self.allows, self.keys = world.teller.allows, world.teller.keys

    def tell(self, url: str, body: bytes) -> int:
        """Take long."""
        self.world.now += timedelta(seconds=30)
        return self.world.teller.tell(url, body)


def test_a_slow_receiver_with_much_to_hear_starves_nobody(world: World) -> None:
    """One event behind a hundred older ones of another's hook is told within three rounds."""
    world.hook("*", tenant="slow")
    world.hook("*", tenant="quick")
    for n in range(100):
        world.happens(1, subject=f"title/{n}", tenant="slow")
    world.now += timedelta(minutes=1)
    world.happens(1, subject="title/quick", tenant="quick")
    work = Delivering(store=world.store, teller=Slow(world), source="cn-port", clock=world.clock)
    runner = HookRunner(work)
    for _ in range(3):
        assert runner.step()
    assert ("title/quick", 1) in world.receiver.told()
