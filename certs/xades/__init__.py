"""XAdES: XML signatures for the long term (EN 319 132-1), on lxml and cryptography."""

from __future__ import annotations

from certs.xades.extend import augment, renew
from certs.xades.files import sign_files
from certs.xades.prepared import Prepared
from certs.xades.sign import Layout, prepare, sign
from certs.xades.verify import verify

__all__ = ["Layout", "Prepared", "augment", "prepare", "renew", "sign", "sign_files", "verify"]
