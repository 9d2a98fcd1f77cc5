"""Our gateway in a process of its own, as platform and carrier, and its counterpart."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import httpx
from joserfc.jwk import ECKey, OKPKey, RSAKey

from gateway.lading.shapes import check
from tests.conformance.dcsa.counterpart import (
    PATIENCE,
    Counterpart,
    Json,
    Party,
    checksum,
    of_text,
    opened,
)
from tests.gateway.lading.envelopes import document, metadata, party, transaction
from tests.gateway.lading.platforms import House

_numbers = iter(range(1, 100_000))


@dataclass
class Chain:
    """A transfer chain of the counterpart's platform."""

    document: Json
    entries: list[str] = field(default_factory=list)


class Stage:
    """Both sides, and the words between them."""

    def __init__(self, house: House, counterpart: Counterpart) -> None:
        """Put our gateway and its counterpart on."""
        self.house, self.counterpart = house, counterpart
        self.http = httpx.Client(base_url=house.url, timeout=30.0)
        self.ours = _key(house.signer.published())
        self.tokens = {
            name: house.token(name, scope)
            for name, scope in (
                ("CARX", "ladings:peer"),
                ("CARR", "ladings:peer"),
                ("buyer", "all"),
                ("bole", "all"),
            )
        }

    def call(self, who: str, method: str, path: str, body: Any = None) -> tuple[int, Any]:
        """Call our gateway; a signed answer is opened with our public key, an error is checked."""
        headers = {"authorization": f"Bearer {self.tokens[who]}"}
        answer = self.http.request(method, path, json=body, headers=headers)
        said = answer.json() if answer.content else None
        if path.startswith("/v3/"):
            assert answer.headers["api-version"].startswith("3.")
        if isinstance(said, str):
            said = opened(said, self.ours)
            assert check(said, "EnvelopeTransferFinishedResponse") == []
        elif path.startswith("/v3/") and answer.status_code >= 400:
            assert check(said, "ErrorResponse") == []
        return answer.status_code, said

    def start(self, envelope: Json) -> tuple[int, Any]:
        """Start a transfer to our platform."""
        return self.call("CARX", "POST", "/v3/envelopes", envelope)

    def send(self, place: str, content: bytes, name: str = "") -> tuple[int, Any]:
        """Send an additional document to our platform."""
        name = name or metadata(content)["documentChecksum"]
        path = f"/v3/envelopes/{place}/additional-documents/{name}"
        return self.call("CARX", "PUT", path, base64.b64encode(content).decode())

    def finish(self, place: str) -> tuple[int, Any]:
        """Finish a transfer to our platform."""
        return self.call("CARX", "PUT", f"/v3/envelopes/{place}/finish-transfer")

    def bill(self, **more: Any) -> Json:
        """Return a new transport document of the counterpart's carrier."""
        reference = f"DCS{next(_numbers):05}"
        return document(reference, carrierCode="CARR", **more)

    def issued_there(self, *, onward: bool = False) -> Chain:
        """Return a bill on the counterpart's platform, perhaps moved on there already."""
        chain = Chain(self.bill())
        shipper, bank = party("Shipper", "CARX"), party("Bank", "CARX")
        self.add(chain, transaction("ISSUE", party("Carrier", "CARX"), shipper))
        if onward:
            self.add(chain, transaction("TRANSFER", shipper, bank))
        return chain

    def add(self, chain: Chain, *made: Json, signer: Party | None = None) -> Chain:
        """Return the chain with one entry more."""
        payload: Json = {
            "eblPlatform": "CARX",
            "transportDocumentChecksum": checksum(chain.document),
            "transactions": list(made),
        }
        if chain.entries:
            payload["previousEnvelopeTransferChainEntrySignedContentChecksum"] = of_text(
                chain.entries[-1]
            )
        else:
            manifest = {"documentChecksum": checksum(chain.document), "issueToChecksum": "0" * 64}
            signed = self.counterpart.carrier.sign(json.dumps(manifest).encode())
            payload["issuanceManifestSignedContent"] = signed
        chain.entries.append(
            (signer or self.counterpart.platform).sign(json.dumps(payload).encode())
        )
        return chain

    def envelope(
        self,
        chain: Chain,
        *documents: bytes,
        to: str = "BOLE",
        name: str = "Buyer",
        signer: Party | None = None,
    ) -> Json:
        """Return the envelope of a transfer to a party of a platform."""
        last = self.holder(chain)
        moved = transaction("TRANSFER", last, party(name, to))
        made = self.add(Chain(chain.document, [*chain.entries]), moved, signer=signer)
        manifest: Json = {
            "transportDocumentChecksum": checksum(chain.document),
            "lastEnvelopeTransferChainEntrySignedContentChecksum": of_text(made.entries[-1]),
        }
        if documents:
            manifest["supportingDocuments"] = [metadata(each) for each in documents]
        signed = (signer or self.counterpart.platform).sign(json.dumps(manifest).encode())
        return {
            "transportDocument": chain.document,
            "envelopeManifestSignedContent": signed,
            "envelopeTransferChain": made.entries,
        }

    def holder(self, chain: Chain) -> Json:
        """Return who holds a bill on the counterpart's platform."""
        return party("Bank" if len(chain.entries) > 1 else "Shipper", "CARX")

    def issuance(self, made: Json, name: str = "Buyer") -> Json:
        """Return the counterpart carrier's request to issue a document on our platform."""
        code = {"codeListProvider": "BOLE", "partyCode": name.lower()}
        issue_to = {"partyName": name, "sendToPlatform": "BOLE", "identifyingCodes": [code]}
        manifest = {"documentChecksum": checksum(made), "issueToChecksum": checksum(issue_to)}
        return {
            "document": made,
            "issueTo": issue_to,
            "issuanceManifestSignedContent": self.counterpart.carrier.sign(
                json.dumps(manifest).encode()
            ),
        }

    def issued_here(self, **more: Any) -> str:
        """Have the counterpart's carrier issue a bill on our platform; return its reference."""
        made = self.bill(**more)
        reference = str(made["transportDocumentReference"])
        asked = self.call("CARR", "PUT", "/v3/ebl-issuance-requests", self.issuance(made))
        assert asked == (204, None)
        decided = {"issuanceResponseCode": "ISSU"}
        assert self.call("bole", "POST", f"/v1/issuances/{reference}", decided)[0] == 200
        return reference

    def act(self, reference: str, *documents: bytes) -> str:
        """Have our platform transfer a bill to the counterpart's; return the transfer's id."""
        said = {
            "actionCode": "TRANSFER",
            "recipient": party("Bank", "CARX"),
            "documents": [
                {"name": f"{n}.pdf", "content": base64.b64encode(each).decode()}
                for n, each in enumerate(documents)
            ],
        }
        status, made = self.call("buyer", "POST", f"/v1/ladings/{reference}/transactions", said)
        assert status == 202, made
        return str(made["transfer"])

    def shown(self, reference: str) -> Json:
        """Return a bill as our platform shows it."""
        status, found = self.call("bole", "GET", f"/v1/ladings/{reference}")
        assert status == 200, found
        bill: Json = found
        return bill

    def becomes(self, reference: str, state: str) -> Json:
        """Wait until a bill is in a state here, and return it."""
        return self.until(
            lambda: self.shown(reference), lambda found: bool(found["state"] == state)
        )

    def until(self, look: Callable[[], Json], holds: Callable[[Json], bool]) -> Json:
        """Look until something holds."""
        until = time.monotonic() + PATIENCE
        found = look()
        while not holds(found):
            assert time.monotonic() < until, found
            time.sleep(0.05)
            found = look()
        return found


def _key(jwk: Json) -> Any:
    kind: Any = {"RSA": RSAKey, "EC": ECKey, "OKP": OKPKey}[jwk["kty"]]
    return kind.import_key(jwk)
