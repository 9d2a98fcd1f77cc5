"""Evidence records (RFC 4998): one time-stamp on a hash tree over many archived packages.

`tree` builds and climbs hash trees, `record` is the ASN.1, `keep` makes and renews records,
`verify` tells since when a package is proven to exist.
"""

from __future__ import annotations

from certs.ers.keep import make, renew_hash_tree, renew_time_stamps
from certs.ers.record import is_record
from certs.ers.verify import RecordVerdict, verify

__all__ = [
    "RecordVerdict",
    "is_record",
    "make",
    "renew_hash_tree",
    "renew_time_stamps",
    "verify",
]
