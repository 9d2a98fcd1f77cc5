"""CAdES: CMS signatures for the long term (EN 319 122-1)."""

from __future__ import annotations

from certs.cades.extend import archive, augment, extend
from certs.cades.sign import countersign, sign
from certs.cades.verify import Archived, verify

__all__ = ["Archived", "archive", "augment", "countersign", "extend", "sign", "verify"]
