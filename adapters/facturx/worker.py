"""What takes the attachments out of a PDF, run by `schemas.bounded` in a process of its own.

It needs nothing of the house, so that the process starts quickly. The answer is JSON: the names of
the attachments, and the invoice in hexadecimal digits if there is one; or what was wrong.
"""

from __future__ import annotations

import json
import logging
from io import BytesIO
from itertools import islice
from typing import Final

NAMES: Final = ("factur-x.xml", "zugferd-invoice.xml", "xrechnung.xml")
"""Names of the XML, in any case: Factur-X and ZUGFeRD 2.1 on, ZUGFeRD 1 and 2.0, XRechnung."""
_FILES: Final = 100


def answer(data: bytes) -> bytes:
    """Return the names of the attachments of a PDF and the invoice among them, or an error."""
    from pypdf import PdfReader

    # What is wrong with a PDF matters only where the invoice cannot be read; then we say it.
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    try:
        reader = PdfReader(BytesIO(data), strict=False)
        if reader.is_encrypted:
            return json.dumps({"error": "encrypted"}).encode()
        found: dict[str, bytes] = {}
        for file in islice(reader.attachment_list, _FILES):
            name = str(file.name).lower()
            if name not in found:
                found[name] = bytes(file.content) if name in NAMES else b""
    except Exception as error:  # noqa: BLE001 - whatever the library stumbles over, it is the file's
        return json.dumps({"error": f"{type(error).__name__}: {error}"}).encode()
    invoice = next((found[name] for name in NAMES if found.get(name)), b"")
    return json.dumps({"names": sorted(found), "invoice": invoice.hex()}).encode()
