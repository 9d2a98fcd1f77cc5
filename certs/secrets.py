"""Secrets by reference: `env:NAME` or `file:PATH`; they are written down nowhere else."""

from __future__ import annotations

import os
from pathlib import Path

from certs.errors import SecretMissing


def read_secret(ref: str) -> bytes:
    """Return the secret that `env:NAME` or `file:PATH` names; raises SecretMissing."""
    kind, _, place = ref.partition(":")
    secret = b""
    if kind == "env":
        secret = os.fsencode(os.environ.get(place, ""))
    elif kind == "file" and Path(place).is_file():
        secret = Path(place).read_bytes().strip()
    if not secret:
        raise SecretMissing(ref=ref)
    return secret
