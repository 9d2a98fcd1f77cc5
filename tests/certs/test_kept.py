"""Words on revocation are asked for once in a while, and never kept beyond their time."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from certs.authority.ocsp import Responder, Standing
from certs.validation.kept import Kept
from certs.validation.material import Material
from certs.x509.certificate import Certificate
from tests.certs.pki import NOW, OwnResponder, World

MINUTE = timedelta(minutes=1)


@dataclass
class Counted:
    """A source that counts how often it is asked."""

    source: OwnResponder | None
    asked: list[datetime] = field(default_factory=list)

    def about(self, each: Certificate, issuer: Certificate, at: datetime) -> Material:
        """Ask the source, if there is one."""
        self.asked.append(at)
        return self.source.about(each, issuer, at) if self.source else Material()


def counted(world: World, lifetime: timedelta) -> Counted:
    """Return a source whose answers are fresh for a while."""
    root = world.domain.keys.load("root")
    responder = Responder(
        root, root.certificate, lambda _: Standing(), clock=lambda: NOW, lifetime=lifetime
    )
    return Counted(OwnResponder(responder, root.certificate))


def test_a_fresh_word_is_asked_for_once(world: World):
    """Within ten minutes one question; after them, or before the word was given, another."""
    source = counted(world, timedelta(hours=12))
    kept = Kept(source)
    root = world.domain.keys.load("root").certificate
    for at in (NOW, NOW + 9 * MINUTE, NOW + 10 * MINUTE, NOW - MINUTE):
        assert kept.about(world.seal.certificate, root, at).answers
    assert source.asked == [NOW, NOW + 10 * MINUTE, NOW - MINUTE]


def test_no_word_outlives_its_next_update(world: World):
    """An answer that is fresh for two minutes is kept for two."""
    source = counted(world, 2 * MINUTE)
    kept = Kept(source)
    root = world.domain.keys.load("root").certificate
    for at in (NOW, NOW + MINUTE, NOW + 2 * MINUTE):
        kept.about(world.seal.certificate, root, at)
    assert source.asked == [NOW, NOW + 2 * MINUTE]


def test_a_silent_source_is_left_alone_for_a_minute(world: World):
    """What gave no answer is asked again after a minute; each certificate by itself, in bounds."""
    source = Counted(None)
    kept = Kept(source, most=1)
    root = world.domain.keys.load("root").certificate
    seal, other = world.seal.certificate, world.key().certificate
    for each, at in ((seal, NOW), (seal, NOW + MINUTE / 2), (seal, NOW + MINUTE), (other, NOW)):
        assert not kept.about(each, root, at)
    assert source.asked == [NOW, NOW + MINUTE, NOW]
    kept.about(seal, root, NOW + MINUTE)
    assert len(source.asked) == 4
