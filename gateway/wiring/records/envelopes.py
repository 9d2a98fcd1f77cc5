"""Verifying a PINT envelope alone, with nothing but public keys beside it.

Whether the bill is alive is not in the envelope: a chain that went on elsewhere looks the same.
"""

from __future__ import annotations

from typing import Final

from certs.jose.keybook import Signer
from certs.verdict import Refused, SubIndication
from gateway.lading.chain import Control
from gateway.lading.envelope import Envelope, open_envelope, signers
from gateway.lading.refusals import LadingError
from gateway.lading.shapes import check
from gateway.wiring.records.standing import Evidence, Json, Standing, Title, TitleVerdict
from schemas.errors import InputError
from schemas.text import Text

_SIGNED: Final = ("envelopeManifestSignedContent", "envelopeTransferChain")
_WAYBILL: Final = "SWB"


def verify(value: Json, beside: Evidence) -> TitleVerdict:
    """Return the answers about an envelope; its business content is not judged."""
    faults = [each for each in check(value, "EblEnvelope") if _bears(each.path)]
    if faults:
        path, wanted = faults[0].path, faults[0].wanted
        malformed = Text(f"{path}: {wanted}", f"{path}:{wanted}")
        return TitleVerdict(Standing.INVALID, Standing.UNKNOWN, Title.UNKNOWN, reason=malformed)
    try:
        envelope = open_envelope(value, beside.keys, beside.at)
        control = envelope.control()
    except (LadingError, InputError) as error:
        return _refused(value, beside, error)
    names = tuple(dict.fromkeys(each.owner for each in envelope.signers))
    identity, doubt = _identity(envelope)
    return TitleVerdict(Standing.VALID, identity, _title(envelope, control), names, doubt)


def _bears(path: str) -> bool:
    """Tell whether a fault is in what is signed, not in the transport document's own content."""
    return path == "$.transportDocument" or path.startswith(tuple(f"$.{name}" for name in _SIGNED))


def _refused(value: Json, beside: Evidence, error: LadingError | InputError) -> TitleVerdict:
    cause = error.__cause__
    if not isinstance(cause, Refused):
        identity = _standing(signers(value, beside.keys, beside.at))
    elif cause.sub is SubIndication.NO_SIGNING_CERTIFICATE_FOUND:
        identity = Standing.UNKNOWN
    else:
        identity = Standing.INVALID
    return TitleVerdict(Standing.INVALID, identity, Title.UNKNOWN, reason=error.message)


def _identity(envelope: Envelope) -> tuple[Standing, Text | None]:
    crossed = envelope.crossed()
    if crossed:
        return Standing.INVALID, Text(
            f"Somebody else speaks for {crossed}.", f"有人冒用 {crossed} 的名义。"
        )
    doubt = next((each.doubt for each in envelope.signers if each.doubt), None)
    return _standing(envelope.signers), doubt


def _standing(found: list[Signer] | list[Signer | None]) -> Standing:
    if any(each is None or (each.registered and each.doubt) for each in found):
        return Standing.INVALID
    known = all(each is not None and each.known for each in found)
    return Standing.VALID if known else Standing.UNKNOWN


def _title(envelope: Envelope, control: Control) -> Title:
    if envelope.document.get("transportDocumentTypeCode") == _WAYBILL:
        return Title.NOT_TRANSFERABLE
    if control.ended:
        return Title.ENDED
    return Title.SURRENDERED if control.surrendered_by else Title.UNKNOWN
