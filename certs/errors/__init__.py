"""What goes wrong in the certs room (SG-3xxx); verdicts about signatures are not errors."""

from certs.errors.form import (
    ContainerRefused,
    MalformedCertificate,
    MalformedDer,
    MalformedDiagnosis,
    MalformedPolicy,
    NotCanonical,
    TooCostly,
    UnsupportedAlgorithm,
)
from certs.errors.keys import (
    KeyExists,
    KeyNotFound,
    KeyUnreadable,
    MalformedKey,
    NoEncryptionKey,
    NoLibcrypto,
    NotDecrypted,
    SecretMissing,
)
from certs.errors.records import BadContexts, BadIdentities, RecordRefused
from certs.errors.services import (
    ClockNotTrusted,
    HttpSignatureRefused,
    NoRevocationData,
    ReceiptRefused,
    SourceUnreachable,
    StampRefused,
)
from certs.errors.signing import (
    AlreadySigned,
    NoPdfSupport,
    NotExtendable,
    NotJoined,
    PdfRefused,
    SealChanged,
)
from certs.errors.trust import BadTrustList, MandateRefused, NotAttested, RolledBack

__all__ = [
    "AlreadySigned",
    "BadContexts",
    "BadIdentities",
    "BadTrustList",
    "ClockNotTrusted",
    "ContainerRefused",
    "HttpSignatureRefused",
    "KeyExists",
    "KeyNotFound",
    "KeyUnreadable",
    "MalformedCertificate",
    "MalformedDer",
    "MalformedDiagnosis",
    "MalformedKey",
    "MalformedPolicy",
    "MandateRefused",
    "NoEncryptionKey",
    "NoLibcrypto",
    "NoPdfSupport",
    "NoRevocationData",
    "NotAttested",
    "NotCanonical",
    "NotDecrypted",
    "NotExtendable",
    "NotJoined",
    "PdfRefused",
    "ReceiptRefused",
    "RecordRefused",
    "RolledBack",
    "SealChanged",
    "SecretMissing",
    "SourceUnreachable",
    "StampRefused",
    "TooCostly",
    "UnsupportedAlgorithm",
]
