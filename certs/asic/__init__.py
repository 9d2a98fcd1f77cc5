"""ASiC: documents, signatures and time-stamps in one container (EN 319 162-1)."""

from __future__ import annotations

from certs.asic.container import verify
from certs.asic.extend import augment, renew
from certs.asic.files import ASIC_E, MIMETYPE, open_container
from certs.asic.pack import Container, Kind, pack

__all__ = [
    "ASIC_E",
    "MIMETYPE",
    "Container",
    "Kind",
    "augment",
    "open_container",
    "pack",
    "renew",
    "verify",
]
