"""Object identifiers used in CMS, time-stamps and certificates, by their names in the standards.

RFC 5652 (CMS), RFC 5035 (ESS), RFC 3161 (time-stamps), RFC 5280 (certificates), EN 319 122-1.
"""

from __future__ import annotations

from typing import Final

ID_DATA: Final = "1.2.840.113549.1.7.1"
ID_SIGNED_DATA: Final = "1.2.840.113549.1.7.2"
ID_CT_TST_INFO: Final = "1.2.840.113549.1.9.16.1.4"

CONTENT_TYPE: Final = "1.2.840.113549.1.9.3"
MESSAGE_DIGEST: Final = "1.2.840.113549.1.9.4"
SIGNING_TIME: Final = "1.2.840.113549.1.9.5"
COUNTERSIGNATURE: Final = "1.2.840.113549.1.9.6"
SIGNING_CERTIFICATE: Final = "1.2.840.113549.1.9.16.2.12"
SIGNING_CERTIFICATE_V2: Final = "1.2.840.113549.1.9.16.2.47"
CONTENT_TIME_STAMP: Final = "1.2.840.113549.1.9.16.2.20"
SIGNATURE_TIME_STAMP: Final = "1.2.840.113549.1.9.16.2.14"
ARCHIVE_TIME_STAMP_V2: Final = "1.2.840.113549.1.9.16.2.48"
ARCHIVE_TIME_STAMP_V3: Final = "0.4.0.1733.2.4"
ATS_HASH_INDEX_V3: Final = "0.4.0.19122.1.5"
# Older forms of the index: its first version, and the second.
ATS_HASH_INDEXES: Final = frozenset({"0.4.0.1733.2.5", "0.4.0.19122.1.4"})
CERTIFICATE_VALUES: Final = "1.2.840.113549.1.9.16.2.23"
REVOCATION_VALUES: Final = "1.2.840.113549.1.9.16.2.24"
# Unsigned attributes of EN 319 122-1 and RFC 5126: references and values of certificates and
# revocation data, further time-stamps; RFC 4998: evidence records.
UNSIGNED_ATTRIBUTES: Final = frozenset(
    {
        COUNTERSIGNATURE,
        SIGNATURE_TIME_STAMP,
        *(f"1.2.840.113549.1.9.16.2.{last}" for last in (21, 22, 23, 24, 25, 26, 27, 44, 45)),
        *("1.2.840.113549.1.9.16.2.49", "1.2.840.113549.1.9.16.2.50"),
        ARCHIVE_TIME_STAMP_V2,
        ARCHIVE_TIME_STAMP_V3,
        "0.4.0.1733.2.2",
    }
)

# RFC 5940: an OCSPResponse as revocation data; RFC 6960: a BasicOCSPResponse.
RI_OCSP_RESPONSE: Final = "1.3.6.1.5.5.7.16.2"
OCSP_BASIC: Final = "1.3.6.1.5.5.7.48.1.1"

RSA_ENCRYPTION: Final = "1.2.840.113549.1.1.1"
RSASSA_PSS: Final = "1.2.840.113549.1.1.10"
MGF1: Final = "1.2.840.113549.1.1.8"
EC_PUBLIC_KEY: Final = "1.2.840.10045.2.1"
ED25519: Final = "1.3.101.112"
# GB/T 33560 and GB/T 35275: the curve, the digest, and SM2 signing in certificates and in CMS.
SM2_CURVE: Final = "1.2.156.10197.1.301"
SM3: Final = "1.2.156.10197.1.401"
SM2_WITH_SM3: Final = "1.2.156.10197.1.501"
SM2_1: Final = "1.2.156.10197.1.301.1"
SM2_3: Final = "1.2.156.10197.1.301.3"
# GB/T 33560: SM4 by its mode, and by its bare name, which older writers give to CBC.
SM4: Final = "1.2.156.10197.1.104"
SM4_CBC: Final = "1.2.156.10197.1.104.2"

KEY_PURPOSE_TIME_STAMPING: Final = "1.3.6.1.5.5.7.3.8"
# GB/T 35275-2017 (GM/T 0010): content types of its own for the structures of CMS.
GBT_DATA: Final = "1.2.156.10197.6.1.4.2.1"
GBT_SIGNED_DATA: Final = "1.2.156.10197.6.1.4.2.2"
GBT_ENVELOPED_DATA: Final = "1.2.156.10197.6.1.4.2.3"
