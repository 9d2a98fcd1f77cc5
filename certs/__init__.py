"""Who said so, and when: keys, signatures, time-stamps, certificate paths, evidence.

A folder for each thing that has a standard: `x509`, `path`, `xades`, `cades`, `jws`, `pades`,
`asic`, `authority` and others. The faces of the room: `keys.KeyStore`, `domain.create_domain`,
`receipts`, `evidence`, `trust.TrustStore`, and `verify_any` for whatever comes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from certs.dispatch import Detached
    from certs.trust import TrustStore
    from certs.verdict import Verdict


def verify_any(
    data: bytes, trust: TrustStore, detached: Detached = (), at: datetime | None = None
) -> Verdict:
    """Return the verdict on data of any signed form; see `certs.dispatch.verify_any`."""
    from certs import dispatch

    return dispatch.verify_any(data, trust, detached, at)
