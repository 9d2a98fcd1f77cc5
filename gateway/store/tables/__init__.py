"""The tables; importing this package registers all of them with `METADATA`."""

from gateway.store.tables import clearance, errand, exchange, hook, lading, log, tenancy, title
from gateway.store.tables.base import METADATA

__all__ = [
    "METADATA",
    "clearance",
    "errand",
    "exchange",
    "hook",
    "lading",
    "log",
    "tenancy",
    "title",
]
