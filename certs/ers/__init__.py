"""Evidence records (RFC 4998, RFC 6283): one time-stamp on a hash tree over many archived packages.

`tree` builds and climbs hash trees, `record` is the ASN.1 and `xml_record` the XML, `syntax` is
either, `keep` makes and renews records, `verify` tells since when a package is proven to exist.
"""

from __future__ import annotations

from certs.ers.keep import make, newest_digest, renew_hash_tree, renew_time_stamps
from certs.ers.record import is_der_record
from certs.ers.syntax import Syntax
from certs.ers.verify import RecordVerdict, refused, verify
from certs.ers.xml_record import is_xml_record

__all__ = [
    "RecordVerdict",
    "Syntax",
    "is_der_record",
    "is_record",
    "is_xml_record",
    "make",
    "newest_digest",
    "refused",
    "renew_hash_tree",
    "renew_time_stamps",
    "verify",
]


def is_record(data: bytes) -> bool:
    """Tell whether data is an evidence record, in ASN.1 or in XML."""
    return is_xml_record(data) or is_der_record(data)
