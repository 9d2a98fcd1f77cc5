"""Which documents of title there are, and what verifies each."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from certs import jose
from certs.verdict import Refused
from gateway.wiring.records import envelopes
from gateway.wiring.records.standing import Evidence, Json, TitleVerdict

Verifier = Callable[[Json, Evidence], TitleVerdict]


_KINDS: Final[Sequence[tuple[frozenset[str], Verifier]]] = (
    (frozenset({"transportDocument", "envelopeTransferChain"}), envelopes.verify),
)
"""The members that tell a kind of title document, and what verifies it."""


def recognise(data: bytes) -> Callable[[Evidence], TitleVerdict] | None:
    """Return what verifies a document of title, None for anything else."""
    if not data.lstrip().startswith(b"{"):
        return None
    try:
        value = jose.parse(data)
    except Refused:
        return None
    for members, verifier in _KINDS:
        if members <= value.keys():
            return lambda beside: verifier(value, beside)
    return None
