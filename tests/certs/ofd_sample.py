"""A small OFD file, and its signatures written by hand, so that each can be wrong in one way."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from datetime import timedelta

from certs import archive, seal
from certs.seal import Picture, SealData
from tests.certs.chinese import DAY, China
from tests.certs.pki import NOW

NS = "http://www.ofdspec.org/2016"
PAGE = "Doc_0/Pages/Page_0/Content.xml"
SIGNS = "Doc_0/Signs"
LISTING = f"{SIGNS}/Signatures.xml"
DESCRIPTION = f"{SIGNS}/Sign_0/Signature.xml"
VALUE = f"{SIGNS}/Sign_0/SignedValue.dat"
SEAL = f"{SIGNS}/Sign_0/Seal.esl"
SM3 = "1.2.156.10197.1.401"
PLAIN: Mapping[str, bytes] = {
    "OFD.xml": (
        f'<ofd:OFD xmlns:ofd="{NS}" Version="1.0" DocType="OFD"><ofd:DocBody><ofd:DocInfo>'
        "<ofd:DocID>5a8c0f3e9d7b4c21a6e0d4f8b2917c35</ofd:DocID></ofd:DocInfo>"
        "<ofd:DocRoot>Doc_0/Document.xml</ofd:DocRoot></ofd:DocBody></ofd:OFD>"
    ).encode(),
    "Doc_0/Document.xml": (
        f'<ofd:Document xmlns:ofd="{NS}"><ofd:CommonData><ofd:MaxUnitID>4</ofd:MaxUnitID>'
        "<ofd:PageArea><ofd:PhysicalBox>0 0 210 297</ofd:PhysicalBox></ofd:PageArea>"
        '</ofd:CommonData><ofd:Pages><ofd:Page ID="1" BaseLoc="Pages/Page_0/Content.xml"/>'
        "</ofd:Pages></ofd:Document>"
    ).encode(),
    PAGE: (
        f'<ofd:Page xmlns:ofd="{NS}"><ofd:Content><ofd:Layer ID="2"><ofd:TextObject ID="3" '
        'Boundary="20 20 100 10" Font="4" Size="5"><ofd:TextCode X="0" Y="5">报关单</ofd:TextCode>'
        "</ofd:TextObject></ofd:Layer></ofd:Content></ofd:Page>"
    ).encode(),
}


def made_seal(china: China) -> bytes:
    """Return a seal that the operator's certificate may affix."""
    data = SealData(
        identifier="31010000000001",
        name="港口公司公章",
        vendor="SILKGATE",
        users=[china.seal.certificate],
        picture=Picture("png", b"\x89PNG", 42, 42),
        not_before=NOW - DAY,
        not_after=NOW + timedelta(days=365),
    )
    return seal.make_seal(data, china.maker, now=NOW - DAY)


def listed(*places: str) -> bytes:
    """Return a list of signatures."""
    entries = "".join(
        f'<ofd:Signature ID="{number}" Type="Seal" BaseLoc="{place}"/>'
        for number, place in enumerate(places, start=1)
    )
    return f'<ofd:Signatures xmlns:ofd="{NS}">{entries}</ofd:Signatures>'.encode()


def reference(name: str, content: bytes, method: str = "sm3") -> str:
    """Return the Reference to a file."""
    value = base64.b64encode(hashlib.new(method, content).digest()).decode()
    return (
        f'<ofd:Reference FileRef="{name}"><ofd:CheckValue>{value}</ofd:CheckValue></ofd:Reference>'
    )


def description(
    references: str, method: str = SM3, value: str = f"/{VALUE}", seal_file: str = f"/{SEAL}"
) -> bytes:
    """Return Signature.xml."""
    return (
        f'<ofd:Signature xmlns:ofd="{NS}"><ofd:SignedInfo><ofd:Provider ProviderName="test"/>'
        f'<ofd:References CheckMethod="{method}">{references}</ofd:References>'
        f"<ofd:Seal><ofd:BaseLoc>{seal_file}</ofd:BaseLoc></ofd:Seal></ofd:SignedInfo>"
        f"<ofd:SignedValue>{value}</ofd:SignedValue></ofd:Signature>"
    ).encode()


def with_list(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """Return the files with OFD.xml naming a list of signatures."""
    named = b"<ofd:Signatures>Doc_0/Signs/Signatures.xml</ofd:Signatures></ofd:DocBody>"
    return {**files, "OFD.xml": files["OFD.xml"].replace(b"</ofd:DocBody>", named)}


def whole(files: Mapping[str, bytes]) -> str:
    """Return the References to all of these files."""
    return "".join(reference(f"/{name}", content) for name, content in files.items())


def sealed(
    china: China,
    files: Mapping[str, bytes] | None = None,
    described: bytes | None = None,
    **more: bytes,
) -> dict[str, bytes]:
    """Return the files of a package sealed over `described`, by default over all `files`."""
    covered = with_list(PLAIN) if files is None else dict(files)
    text = described or description(whole(covered))
    own = made_seal(china)
    value = seal.affix(own, text, china.seal, property_info=f"/{DESCRIPTION}", now=NOW)
    return {
        **covered,
        LISTING: listed(f"/{DESCRIPTION}"),
        DESCRIPTION: text,
        VALUE: value,
        SEAL: own,
        **more,
    }


def packed(files: Mapping[str, bytes]) -> bytes:
    """Return the ZIP of these files."""
    return archive.write(files)
