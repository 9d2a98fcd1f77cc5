"""Cryptographic Message Syntax (RFC 5652): SignedData read, checked and written."""

from __future__ import annotations

from certs.cms.structure import (
    NO_TYPE,
    SignedData,
    SignerInfo,
    Types,
    attribute,
    content_info,
    identified_by,
    read,
    read_signer,
    sign_attributes,
    signed_content,
    signer_certificate,
    signer_info,
    signing_certificate_v2,
    signing_time,
)

__all__ = [
    "NO_TYPE",
    "SignedData",
    "SignerInfo",
    "Types",
    "attribute",
    "content_info",
    "identified_by",
    "read",
    "read_signer",
    "sign_attributes",
    "signed_content",
    "signer_certificate",
    "signer_info",
    "signing_certificate_v2",
    "signing_time",
]
