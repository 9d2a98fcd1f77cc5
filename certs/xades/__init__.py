"""XAdES: XML signatures for the long term (EN 319 132-1), on lxml and cryptography."""

from __future__ import annotations

from certs.xades.extend import renew
from certs.xades.sign import Layout, Prepared, prepare, sign
from certs.xades.verify import verify

__all__ = ["Layout", "Prepared", "prepare", "renew", "sign", "verify"]
