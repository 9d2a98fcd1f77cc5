"""The shell verifier that travels in evidence packages."""

from __future__ import annotations

from functools import cache
from importlib.resources import files
from typing import Final

NAME: Final = "verify.sh"


@cache
def verify_sh() -> bytes:
    """Return the script: `verify.sh DOCUMENT PROOF LOG_KEY [WITNESS_KEY]...`, exit 0, 3 or 2.

    It needs a POSIX shell, openssl (3.0 or later) and the core utilities, and no code of ours.
    """
    return files("ledger").joinpath(NAME).read_bytes()
