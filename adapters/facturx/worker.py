"""A process that takes the attachments out of PDF files, one after another.

It is run by its path and needs nothing of the house, so that it starts quickly; whoever asks may
kill it. A question is eight octets of length and the PDF. The answer is eight octets of length and
JSON: the names of the attachments, and the invoice in hexadecimal digits if there is one; or what
was wrong.
"""

from __future__ import annotations

import json
import logging
import sys
from io import BytesIO
from itertools import islice
from typing import IO, Final

LENGTH: Final = 8
NAMES: Final = ("factur-x.xml", "zugferd-invoice.xml", "xrechnung.xml")
"""Names of the XML, in any case: Factur-X and ZUGFeRD 2.1 on, ZUGFeRD 1 and 2.0, XRechnung."""
_FILES: Final = 100


def send(stream: IO[bytes], data: bytes) -> None:
    """Write a message behind its length."""
    stream.write(len(data).to_bytes(LENGTH, "big") + data)
    stream.flush()


def receive(stream: IO[bytes]) -> bytes | None:
    """Return the next message, None where the other side has gone."""
    head = stream.read(LENGTH)
    if len(head) < LENGTH:
        return None
    length = int.from_bytes(head, "big")
    data = stream.read(length)
    return data if len(data) == length else None


def answer(data: bytes) -> dict[str, object]:
    """Return the names of the attachments of a PDF and the invoice among them, or an error."""
    from pypdf import PdfReader

    try:
        reader = PdfReader(BytesIO(data), strict=False)
        if reader.is_encrypted:
            return {"error": "encrypted"}
        found: dict[str, bytes] = {}
        for file in islice(reader.attachment_list, _FILES):
            name = str(file.name).lower()
            if name not in found:
                found[name] = bytes(file.content) if name in NAMES else b""
    except Exception as error:  # noqa: BLE001 - whatever the library stumbles over, it is the file's
        return {"error": f"{type(error).__name__}: {error}"}
    invoice = next((found[name] for name in NAMES if found.get(name)), b"")
    return {"names": sorted(found), "invoice": invoice.hex()}


def main() -> None:
    """Answer until nobody asks any more."""
    # What is wrong with a PDF matters only where the invoice cannot be read; then we say it.
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    while (data := receive(sys.stdin.buffer)) is not None:
        send(sys.stdout.buffer, json.dumps(answer(data)).encode())


if __name__ == "__main__":
    main()
