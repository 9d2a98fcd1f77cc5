"""The issuance manifest (DCSA ISS 3.0.4): what exactly a carrier has issued, by checksums."""

from __future__ import annotations

import base64
from datetime import datetime

from certs import jose
from certs.jose.compact import open_signed
from certs.jose.keybook import KeyBook, Signer
from certs.verdict import Refused
from gateway.lading import checksums
from gateway.lading.chain import Json
from gateway.lading.refusals import EnvelopeRefused, SignatureRefused
from gateway.lading.shapes import check
from schemas.text import Text


def manifest(document: Json, issue_to: Json, visualisation: bytes | None = None) -> Json:
    """Return the checksums that the carrier signs."""
    said = {
        "documentChecksum": checksums.of_json(document),
        "issueToChecksum": checksums.of_json(issue_to),
    }
    if visualisation is not None:
        said["eBLVisualisationByCarrierChecksum"] = checksums.of_octets(visualisation)
    return said


def check_manifest(request: Json, book: KeyBook, at: datetime) -> Signer:
    """Return who signed an issuance request's manifest.

    Raises SignatureRefused, or EnvelopeRefused where it is about another document, party or
    picture than those that came with it.
    """
    try:
        opened = open_signed(request["issuanceManifestSignedContent"], book, at)
        said = jose.parse(opened.payload)
    except Refused as refused:
        raise SignatureRefused(refused.reason) from refused
    if check(said, "IssuanceManifest"):
        raise EnvelopeRefused(Text("the manifest is malformed", "清单格式错误"))
    shown = request.get("eBLVisualisationByCarrier")
    picture = base64.b64decode(shown["content"]) if shown else None
    if {name: said.get(name) for name in said} != manifest(
        request["document"], request["issueTo"], picture
    ):
        raise EnvelopeRefused(
            Text("the manifest is about another document or party", "清单所指的单证或接收方不符")
        )
    if opened.signer.doubt is not None:
        raise SignatureRefused(opened.signer.doubt)
    return opened.signer
