"""XAdES: XML signatures for the long term (EN 319 132-1), on lxml and cryptography."""

from __future__ import annotations

from certs.xades.sign import Prepared, prepare, sign
from certs.xades.verify import verify

__all__ = ["Prepared", "prepare", "sign", "verify"]
