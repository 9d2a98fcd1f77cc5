"""The allow-list of signature schemes, per key type, with their names in each form."""

from certs.algorithms.identifiers import scheme_of_cms, scheme_of_identifier
from certs.algorithms.scheme import ExternalKey, Family, PrivateKey, PublicKey, Scheme
from certs.algorithms.strength import strength_of, usable, weakness
from certs.algorithms.table import (
    SCHEMES,
    default_scheme,
    scheme_by_jose,
    scheme_by_oid,
    scheme_by_uri,
)

__all__ = [
    "SCHEMES",
    "ExternalKey",
    "Family",
    "PrivateKey",
    "PublicKey",
    "Scheme",
    "default_scheme",
    "scheme_by_jose",
    "scheme_by_oid",
    "scheme_by_uri",
    "scheme_of_cms",
    "scheme_of_identifier",
    "strength_of",
    "usable",
    "weakness",
]
