"""The cryptosuite ecdsa-rdfc-2019: one signature over all (W3C VC-DI-ECDSA 1.0, 3.2), on P-256."""

from __future__ import annotations

import hashlib
from typing import Final

from certs.algorithms import scheme_by_jose
from certs.records import disclosure, multikey, rdf
from certs.records.model import Broken
from certs.records.multikey import Multikey
from certs.records.strict import Json

NAME: Final = "ecdsa-rdfc-2019"
_ES256: Final = scheme_by_jose("ES256")
_BASE58: Final = "z"
_LONGEST: Final = 100


def is_base(value: str) -> bool:
    """Tell whether a proof value is an issuer's: there is no other here."""
    return value.startswith(_BASE58)


def verify(document: Json, proof: Json, key: Multikey) -> None:
    """Raise Broken unless the proof is over the document (without proof) as it is."""
    value = str(proof.get("proofValue", ""))
    if not is_base(value) or len(value) > _LONGEST:
        raise Broken("The proof value is not in base58btc.", "证明值不是 base58btc 编码。")
    signature = multikey.base58_decode(value.removeprefix(_BASE58))
    if not _ES256.verify_raw(key.p256(), signature, signed(document, proof)):
        raise Broken("The issuer's signature does not fit.", "签发方签名不符。")


def signed(document: Json, proof: Json) -> bytes:
    """Return what an issuer signs: the digests of the proof's options and of the document."""
    options = disclosure.options(document, proof)
    parts = (rdf.canonical_text(options), rdf.canonical_text(document))
    return b"".join(hashlib.sha256(each).digest() for each in parts)
