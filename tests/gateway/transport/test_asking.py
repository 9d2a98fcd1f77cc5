"""Issuers are asked for where the operator allows, and not every answer is believed."""

from __future__ import annotations

import struct
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from certs.records import Recorded
from gateway.transport import didweb, dnsmessage
from gateway.transport.asking import Allowed, Asked
from gateway.transport.errors import NotAllowed
from gateway.transport.guarded import Guard, Request, ask
from gateway.transport.public import is_public
from tests.gateway.transport.partner import make_certificate
from tests.gateway.transport.resolver import AD, ANSWER, World, alias, record, serving, wire

NAME = "carrier.example.org"
SAID = "openatts net=ethereum netId=137 addr=0xe7f1725E7734CE288F8367e1Bb143E90bb3F0512 and more"


@pytest.fixture(scope="module")
def tls(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a certificate for loopback and localhost."""
    return make_certificate(tmp_path_factory.mktemp("tls"))


@pytest.fixture
def world(tls: Path) -> Iterator[World]:
    """A resolver and a host, on the same port."""
    with serving(World(txt={NAME: [SAID, "v=spf1 -all"]}), tls) as found:
        yield found


@pytest.fixture
def allowed(world: World, tls: Path) -> Allowed:
    """That resolver and host, at a private address, as an operator of a test would allow them."""
    return Allowed(
        resolvers=(world.resolver(),),
        hosts=(world.host(),),
        authority=tls / "tls.pem",
        private=True,
        seconds=2.0,
    )


def _problem(asked: Asked, name: str) -> str:
    how = asked.how(name)
    assert how is not None
    return how.problem


def test_a_domain_is_asked_for_over_https(world: World, allowed: Allowed) -> None:
    """Records come whole, whatever strings they were cut into, and the AD bit is noted."""
    world.flags = ANSWER | AD
    asked = Asked(allowed)
    assert asked.txt(NAME.upper() + ".") == (SAID, "v=spf1 -all")
    how = asked.how(NAME)
    assert how is not None
    assert (how.by, how.authenticated, how.problem) == (world.resolver(), True, "")
    world.flags = ANSWER
    plain = Asked(allowed)
    assert plain.txt(NAME) == (SAID, "v=spf1 -all")
    assert not plain.how(NAME).authenticated  # type: ignore[union-attr]


def test_a_name_without_records_is_an_answer(allowed: Allowed) -> None:
    """A name that does not exist has no records; that is known, not unknown."""
    assert Asked(allowed).txt("nobody.example.org") == ()


def test_an_alias_is_followed(world: World, allowed: Allowed) -> None:
    """Records of the name that an alias leads to count, others in the message do not."""

    def aliased(message: bytes) -> bytes:
        header = struct.pack("!HHHHHH", 0, ANSWER, 1, 3, 0, 0)
        theirs = record("theirs", wire("real.example.net"))
        return header + message[12:37] + alias("Real.example.net") + theirs + record("stray")

    world.bent = aliased
    assert Asked(allowed).txt(NAME) == ("theirs",)


HOSTILE: dict[str, Callable[[bytes], bytes]] = {
    "another id": lambda m: b"\x00\x01" + m[2:],
    "a question again": lambda m: m[:2] + b"\x01\x00" + m[4:],
    "truncated": lambda m: m[:2] + struct.pack("!H", ANSWER | 0x0200) + m[4:],
    "resolver failed": lambda m: m[:2] + struct.pack("!H", ANSWER | 2) + m[4:],
    "another name": lambda m: m.replace(b"carrier", b"pirates"),
    "another type": lambda m: m[:33] + b"\x00\x01" + m[35:],
    "cut short": lambda m: m[:-9],
    "more promised": lambda m: m[:6] + b"\x00\x05" + m[8:],
    "points at itself": lambda m: m.replace(b"\xc0\x0c", b"\xc0\x25"),
    "a loop of aliases": lambda m: m[:12] + m[12:37] + alias(NAME) + m[37:],
    "a text too long": lambda m: m.replace(b"\x3copenatts", b"\xffopenatts", 1)[:200],
    "nothing": lambda _: b"",
    "too large": lambda m: m + bytes(70_000),
}


@pytest.mark.parametrize("bend", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_message_is_no_answer(
    world: World, allowed: Allowed, bend: Callable[[bytes], bytes]
) -> None:
    """Whatever is wrong with a message, there is no answer then, and the reason is kept."""
    world.bent = bend
    asked = Asked(allowed)
    assert asked.txt(NAME) is None
    assert _problem(asked, NAME)


def test_another_media_type_is_no_answer(world: World, allowed: Allowed) -> None:
    """A login page with status 200 says nothing of a domain."""
    world.media_type = "text/html"
    assert Asked(allowed).txt(NAME) is None


def test_the_next_resolver_is_asked_when_one_fails(world: World, allowed: Allowed) -> None:
    """The first answer counts; a resolver that is not there costs no answer."""
    both = replace(allowed, resolvers=("https://127.0.0.1:1/dns-query", world.resolver()))
    asked = Asked(both)
    assert asked.txt(NAME) == (SAID, "v=spf1 -all")
    assert asked.how(NAME).by == world.resolver()  # type: ignore[union-attr]


def test_a_resolver_needs_a_certificate_that_is_trusted(world: World, allowed: Allowed) -> None:
    """An authority that is not trusted, or another name, makes no connection."""
    stranger = Asked(replace(allowed, authority=None))
    assert stranger.txt(NAME) is None
    assert "CERTIFICATE_VERIFY_FAILED" in _problem(stranger, NAME)
    assert world.asked == []


def test_a_document_comes_from_its_own_host(world: World, allowed: Allowed) -> None:
    """did:web leads to .well-known or to a path, and a missing document is a DID without one."""
    world.documents = {
        "/.well-known/did.json": {"id": world.did()},
        "/line/sg/did.json": {"id": world.did("line", "sg")},
    }
    asked = Asked(allowed)
    assert asked.did_document(world.did()) == {"id": world.did()}
    assert asked.did_document(world.did("line", "sg")) == {"id": world.did("line", "sg")}
    assert asked.did_document(world.did("nobody")) == {}


def test_nobody_is_asked_who_is_not_on_the_list(world: World, allowed: Allowed) -> None:
    """Without resolvers, without hosts, with another host or port: no request is made."""
    for fewer in (
        replace(allowed, resolvers=(), hosts=()),
        replace(allowed, resolvers=(), hosts=("localhost", "carrier.example.org")),
    ):
        asked = Asked(fewer)
        assert asked.txt(NAME) is None
        assert asked.did_document(world.did()) is None
    assert world.asked == []


def test_a_private_address_is_not_asked(world: World, allowed: Allowed) -> None:
    """A host on the list whose name leads into this network is not asked."""
    world.documents = {"/.well-known/did.json": {"id": world.did()}}
    asked = Asked(replace(allowed, private=False))
    assert asked.did_document(world.did()) is None
    assert "no public address" in _problem(asked, world.did())
    assert world.asked == []


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1"),
        *("0.1.2.3", "255.255.255.255", "224.0.0.1", "::1", "::", "fe80::1%eth0", "fd00::1"),
        *("::ffff:10.0.0.1", "64:ff9b::7f00:1", "2002:0a00:0001::1", "ff02::1"),
    ],
)
def test_private_addresses_are_known(address: str) -> None:
    """Loopback, private, link-local, shared, multicast, and IPv4 ones inside IPv6."""
    assert not is_public(address)
    assert is_public("93.184.216.34")
    assert is_public("2606:4700::1111")


def test_a_redirect_is_not_followed(world: World, allowed: Allowed) -> None:
    """Neither a resolver nor a host can send the question on."""
    world.documents = {"/elsewhere": {"id": world.did()}}
    world.redirect = f"https://{world.host()}/elsewhere"
    asked = Asked(allowed)
    assert asked.txt(NAME) is None
    assert asked.did_document(world.did()) is None
    assert "redirect" in _problem(asked, world.did())
    assert "/elsewhere" not in world.asked


@pytest.mark.parametrize("body", [b"[]", b"{", b"\xff", b'"x"', b"[" * 5000, b" " * 1_100_000])
def test_a_document_that_is_none_is_no_answer(world: World, allowed: Allowed, body: bytes) -> None:
    """No object, no JSON, too deep, too large: nobody answered, and the verdict stays unknown."""
    world.documents = {"/.well-known/did.json": body}
    assert Asked(allowed).did_document(world.did()) is None


def test_a_slow_answer_is_cut_off(world: World, allowed: Allowed) -> None:
    """An octet now and then keeps nobody beyond the deadline for the whole answer."""
    world.documents = {"/.well-known/did.json": {"id": world.did()}}
    world.drip = 0.1
    asked = Asked(replace(allowed, seconds=0.5))
    begun = time.monotonic()
    assert asked.did_document(world.did()) is None
    assert time.monotonic() - begun < 1.5
    assert asked.txt(NAME) is None


@pytest.mark.parametrize(
    "url",
    [
        *("http://localhost/", "https://user:x@localhost/", "https://localhost/#x", "file:///x"),
        *("https://other.example/", "https://localhost:99999/", "https://localhost:8/ x", "//x"),
    ],
)
def test_only_plain_https_addresses_of_the_list_are_asked(url: str) -> None:
    """Another scheme, credentials, a fragment, another host: refused before any look-up."""
    with pytest.raises(NotAllowed):
        ask(Request(url=url), Guard(hosts=frozenset({"localhost", "localhost:8"})))


@pytest.mark.parametrize(
    ("did", "url"),
    [
        ("did:web:w3c-ccg.github.io", "https://w3c-ccg.github.io/.well-known/did.json"),
        ("did:web:a.example:user:alice", "https://a.example/user/alice/did.json"),
        ("did:web:a.example%3A3000:user", "https://a.example:3000/user/did.json"),
        ("did:web:a.example:..:x", None),
        ("did:web:a.example:%2e%2e:x", None),
        ("did:web:a.example:x%2fy", None),
        ("did:web:a.example::x", None),
        ("did:web:a.example%2Fx", None),
        ("did:web:user@a.example", None),
        ("did:web:10.0.0.1", None),
        ("did:web:[::1]", None),
        ("did:web:", None),
        ("did:key:zDn", None),
    ],
)
def test_a_did_leads_to_one_address(did: str, url: str | None) -> None:
    """The method's own examples, and what must lead nowhere."""
    assert didweb.address(did) == url


@pytest.mark.parametrize(
    "name", ["", "localhost", "a..example", "ä.example", "x" * 64 + ".y", "a b.c"]
)
def test_what_is_no_name_is_not_asked_for(name: str, world: World, allowed: Allowed) -> None:
    """No question is made of text that is no name of the DNS."""
    assert Asked(allowed).txt(name) is None
    assert world.asked == []
    with pytest.raises(ValueError, match=r".*"):
        dnsmessage.question(name)


def test_answers_are_written_down_and_say_the_same_again(world: World, allowed: Allowed) -> None:
    """What was answered, what has no records, and what nobody answered is the same offline."""
    world.documents = {"/.well-known/did.json": {"id": world.did()}}
    names = (NAME, "nobody.example.org", "localhost")
    dids = (world.did(), world.did("gone"), "did:web:off.example")
    asked = Asked(allowed)
    live = [asked.txt(name) for name in names], [asked.did_document(did) for did in dids]
    written = asked.recorded().write()
    again = Recorded.parse(written)
    assert again.write() == written
    told = [again.txt(name) for name in names], [again.did_document(did) for did in dids]
    assert [list(each or ()) for each in told[0]] == [list(each or ()) for each in live[0]]
    assert (told[0][2], told[1]) == (live[0][2], live[1]) == (None, [{"id": world.did()}, {}, None])
    assert [again.how(name) for name in names] == [asked.how(name) for name in names]


def test_an_answer_counts_for_a_minute(world: World, allowed: Allowed) -> None:
    """The same question is asked once, and what is kept is bounded."""
    asked = Asked(allowed, most=2)
    for name in (NAME, NAME, "b.example.org", "c.example.org", NAME):
        asked.txt(name)
    assert world.asked == [NAME, "b.example.org", "c.example.org", NAME]
