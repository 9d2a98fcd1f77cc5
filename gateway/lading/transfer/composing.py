"""Writing a transfer: the next entry of a chain, its manifest and the envelope around both."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from certs.jose.compact import CompactSigner
from gateway.lading import checksums
from gateway.lading.chain import Json
from schemas.jcs import canonical_any


def first_entry(
    platform: str, document: Json, issuance: str, transactions: Sequence[Json], registry: str = ""
) -> Json:
    """Return the payload of the entry of issuance."""
    return {
        "eblPlatform": platform,
        "transportDocumentChecksum": checksums.of_json(document),
        "issuanceManifestSignedContent": issuance,
        **({"controlTrackingRegistry": registry} if registry else {}),
        "transactions": list(transactions),
    }


def next_entry(
    platform: str, document: Json, last: str, transactions: Sequence[Json]
) -> dict[str, Any]:
    """Return the payload of the entry after the one that travels as `last`."""
    return {
        "eblPlatform": platform,
        "transportDocumentChecksum": checksums.of_json(document),
        "previousEnvelopeTransferChainEntrySignedContentChecksum": checksums.of_text(last),
        "transactions": list(transactions),
    }


def signed(signer: CompactSigner, payload: Mapping[str, Any]) -> str:
    """Return a payload as a compact JWS over its canonical JSON."""
    return signer.sign(canonical_any(dict(payload)))


def envelope(
    signer: CompactSigner,
    document: Json,
    chain: Sequence[str],
    supporting: Sequence[Json] = (),
    visualisation: Json | None = None,
) -> Json:
    """Return the envelope of a chain, with its manifest signed."""
    manifest: Json = {
        "transportDocumentChecksum": checksums.of_json(document),
        "lastEnvelopeTransferChainEntrySignedContentChecksum": checksums.of_text(chain[-1]),
    }
    if visualisation is not None:
        manifest["eBLVisualisationByCarrier"] = visualisation
    if supporting:
        manifest["supportingDocuments"] = list(supporting)
    return {
        "transportDocument": document,
        "envelopeManifestSignedContent": signed(signer, manifest),
        "envelopeTransferChain": list(chain),
    }


def metadata(name: str, content: bytes, media_type: str) -> Json:
    """Return what a manifest says of a document; the size and checksum are of the octets."""
    return {
        "name": name,
        "size": len(content),
        "mediaType": media_type,
        "documentChecksum": checksums.of_octets(content),
    }
