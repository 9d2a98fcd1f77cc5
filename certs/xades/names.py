"""Names in XML signatures: XMLDSig, exclusive C14N, XAdES 1.3.2 and 1.4.1 (EN 319 132-1)."""

from __future__ import annotations

from typing import Final

DS: Final = "http://www.w3.org/2000/09/xmldsig#"
XADES: Final = "http://uri.etsi.org/01903/v1.3.2#"
XADES_141: Final = "http://uri.etsi.org/01903/v1.4.1#"
NS: Final = {"ds": DS, "xades": XADES, "xades141": XADES_141}

C14N: Final = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
C14N_11: Final = "http://www.w3.org/2006/12/xml-c14n11"
EXCLUSIVE: Final = "http://www.w3.org/2001/10/xml-exc-c14n#"
ENVELOPED: Final = DS + "enveloped-signature"
BASE64: Final = DS + "base64"
XPATH: Final = "http://www.w3.org/TR/1999/REC-xpath-19991116"
XPATH_FILTER: Final = "http://www.w3.org/2002/06/xmldsig-filter2"

SIGNED_PROPERTIES: Final = "http://uri.etsi.org/01903#SignedProperties"
COUNTERSIGNED: Final = "http://uri.etsi.org/01903#CountersignedSignature"
MANIFEST: Final = DS + "Manifest"
OBJECT: Final = DS + "Object"
# The root of a file of signatures in a container (EN 319 162-1, A.5).
CONTAINED: Final = "{http://uri.etsi.org/02918/v1.2.1#}XAdESSignatures"


def ds(name: str) -> str:
    """Return the XMLDSig name in Clark notation."""
    return f"{{{DS}}}{name}"


def xades(name: str) -> str:
    """Return the XAdES 1.3.2 name in Clark notation."""
    return f"{{{XADES}}}{name}"


def xades141(name: str) -> str:
    """Return the XAdES 1.4.1 name in Clark notation."""
    return f"{{{XADES_141}}}{name}"


SIGNATURE: Final = ds("Signature")
