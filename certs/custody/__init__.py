"""Keys that are kept elsewhere: in a PKCS#11 token, or with a remote signer.

Each is named by a URI, kept beside its certificate chain instead of the key:

    pkcs11:token=LABEL;object=LABEL?module-path=PATH&pin-source=env:NAME
    csc+https://signer.example/csc/v1?credential=ID&token=file:PATH&ca=PATH
"""

from __future__ import annotations

from certs.algorithms import ExternalKey
from certs.errors import KeyUnreadable


def open_key(uri: str) -> ExternalKey:
    """Return the key that a URI names; raises KeyUnreadable or SecretMissing."""
    if uri.startswith("pkcs11:"):
        from certs.custody.token import TokenKey, TokenUri

        return TokenKey.open(TokenUri.parse(uri))
    if uri.startswith("csc+"):
        from certs.custody.csc import RemoteKey, SignerUri

        return RemoteKey.open(SignerUri.parse(uri))
    raise KeyUnreadable(ref=uri, reason="it is neither pkcs11: nor csc+https:")
