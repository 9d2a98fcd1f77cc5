"""Keys and policies that commands over logs are given as files."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from gateway.cli.files import about, content

if TYPE_CHECKING:
    from ledger.policy import Policy
    from ledger.vkey import VerifierKey

_LONGEST: Final = 16_384
"""Bytes that are read of a file that should hold a key: the longest key is an eighth of it."""


def log_key(name: str) -> VerifierKey:
    """Return the verifier key in a file; raises NoSuchFile, BadVerifierKey."""
    from ledger.vkey import VerifierKey

    with about(name):
        return VerifierKey.parse(content(name)[:_LONGEST].decode("utf-8", "replace").strip())


def witness_key(name: str) -> VerifierKey:
    """Return a witness's key; a log's key, the log's own above all, is none."""
    from ledger.errors import BadVerifierKey
    from ledger.vkey import KeyType

    key = log_key(name)
    if key.kind not in (KeyType.COSIGNATURE_ED25519, KeyType.COSIGNATURE_ML_DSA_44):
        raise BadVerifierKey(found=key.name, reason="it is not the key of a witness")
    return key


def policy_of(witnesses: tuple[str, ...]) -> Policy:
    """Return the policy that all of these witnesses, named by files, must have cosigned."""
    from ledger.policy import Policy

    return Policy.of(*map(witness_key, witnesses)) if witnesses else Policy()
