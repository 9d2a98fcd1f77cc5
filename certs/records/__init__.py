"""Electronic transferable records as documents: are they intact, and who issued them.

    check(data, identities, recover) -> Checked      OpenAttestation 2 and 3, W3C VC 2.0
    is_record(data)                                  told from the content

Whether the title a record speaks of is live is not said here: that is a look-up in a register
(`ledger.title`), and a record without it has an unknown title.
"""

from certs.records.check import check, is_record
from certs.records.identity import Identities, Lookup, NotAsked, Recorded, Trail
from certs.records.model import Checked, Claim, Identity, Integrity, Token, Transferability

__all__ = [
    "Checked",
    "Claim",
    "Identities",
    "Identity",
    "Integrity",
    "Lookup",
    "NotAsked",
    "Recorded",
    "Token",
    "Trail",
    "Transferability",
    "check",
    "is_record",
]
