"""A signature built and filled in, still held as a tree, and raised to its level."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from certs.authority.tsa import TimeStamper
from certs.keys import SigningKey
from certs.levels import Level
from certs.validation.sources import Gatherer
from certs.xades import c14n, extend, template
from certs.xades.imprint import Covered
from certs.xades.names import EXCLUSIVE
from schemas.clock import utc_now
from schemas.xml import Element

EXCLUSIVELY: Final = c14n.Method(EXCLUSIVE, exclusive=True, comments=False)


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """A signed document still held as a tree, so that a later stage can go on with it at once.

    `covered` is what its references are over, for an archive time-stamp.
    """

    root: Element
    signature: Element
    covered: Sequence[Covered] = ()

    def stamp(self, stamper: TimeStamper) -> Prepared:
        """Add a signature time-stamp; raises what the stamper raises."""
        extend.stamp(self.signature, stamper)
        return self

    def complete(self, gatherer: Gatherer) -> Prepared:
        """Add the validation data of level LT; raises what the gatherer raises."""
        extend.complete(self.signature, gatherer)
        return self

    def archive(self, stamper: TimeStamper) -> Prepared:
        """Add an archive time-stamp; raises what the stamper raises."""
        extend.archive(self.signature, self.covered, stamper)
        return self

    def to_bytes(self) -> bytes:
        """Return the document as UTF-8 without XML declaration: none of its bytes is unsigned."""
        return template.serialised(self.root)

    def raised(
        self, level: Level, stamper: TimeStamper | None, gatherer: Gatherer | None
    ) -> Prepared:
        """Add what makes it up to a level; T takes a stamper, LT and LTA a gatherer too."""
        if stamper is not None and level >= Level.T:
            self.stamp(stamper)
            if gatherer is not None and level >= Level.LT:
                self.complete(gatherer)
                if level >= Level.LTA:
                    self.archive(stamper)
        return self


def skeleton(
    identifier: str, listed: str, mime: str, key: SigningKey, signed_at: datetime | None
) -> Element:
    """Return a signature with one reference, whose data is of the type `mime` if that is given."""
    formats = template.data_format(f"doc-{identifier}", mime) if mime else ""
    return built(identifier, listed, formats, key, signed_at)


def built(
    identifier: str, listed: str, formats: str, key: SigningKey, signed_at: datetime | None
) -> Element:
    """Return a signature over references, without its value; `formats` tells their types."""
    moment = (signed_at or utc_now()).astimezone(UTC)
    return template.fragment(
        template.signature(
            identifier,
            key.scheme.uri,
            listed,
            formats,
            moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
            template.key_info(key.chain),
            template.signing_certificate(key.certificate),
        )
    )


def filled(
    root: Element, signature: Element, key: SigningKey, covered: Sequence[Covered]
) -> Prepared:
    """Put in the digest of the signed properties and the signature value.

    Done with the signature in its place: lxml may take up a prefix that the document declares.
    """
    signed_info, value, _, container, *_ = signature
    properties = c14n.element(container[0][0], EXCLUSIVELY)
    signed_info[-1][2].text = template.encoded(hashlib.sha256(properties).digest())
    octets = c14n.element(signed_info, EXCLUSIVELY)
    value.text = template.encoded(key.scheme.sign_raw(key.private, octets))
    return Prepared(root, signature, (*covered, Covered(properties)))
