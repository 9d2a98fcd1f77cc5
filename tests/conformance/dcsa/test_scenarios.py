"""The 38 scenarios of DCSA's conformance list, each with our gateway in either role.

Our gateway runs in a process of its own, its counterpart is an independent one; everything goes
over HTTP. Receiving means that the other party acts and ours answers, sending the reverse.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from gateway.lading.shapes import check
from tests.conformance.dcsa.counterpart import Counterpart, Party, Receiver
from tests.conformance.dcsa.stage import Stage
from tests.gateway.lading.envelopes import metadata, party
from tests.gateway.lading.platforms import House

pytestmark = [
    pytest.mark.conformance,
    pytest.mark.timeout(300),
    pytest.mark.filterwarnings("ignore:EdDSA is deprecated"),
]
ONE, TWO = b"commercial invoice", b"packing list"
PINT = [f"PINT-{n:02}" for n in range(1, 20)]
ISS = [f"ISS-{n:02}" for n in range(1, 7)]
SUR = [f"SUR-{n:02}" for n in range(1, 14)]


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Give our gateway's process and its counterpart."""
    counterpart = Counterpart()
    house = House(
        tmp_path_factory.mktemp("dcsa"),
        platform="BOLE",
        carrier="MAEU",
        parties=["Buyer", "Bank"],
        more="issue_at_once = false\n",
    )
    for code, signer, carriers in (
        ("CARX", counterpart.platform, []),
        ("CARR", counterpart.carrier, ["CARR"]),
    ):
        house.knows(code, counterpart.url, signer, "sgk_none", carriers=carriers)
    with house.process():
        made = Stage(house, counterpart)
        with made.http:
            yield made
    counterpart.close()


def test_the_list_is_dcsas(shared: Path):
    """The scenarios here are exactly those of the conformance list."""
    listed = (shared / "data" / "ebl" / "dcsa-conformance-scenarios.csv").read_text("utf-8")
    found = [row["id"] for row in csv.DictReader(listed.splitlines())]
    assert found == [*PINT, *ISS, *SUR]


def _code(answer: tuple[int, Any]) -> tuple[int, str]:
    status, said = answer
    return status, said["responseCode"]


def _missing(answer: tuple[int, Any]) -> tuple[int, int]:
    status, said = answer
    return status, len(said["missingAdditionalDocumentChecksums"])


@pytest.mark.parametrize("onward", [False, True])
@pytest.mark.parametrize("again", ["", "same", "signed anew", "changed"])
def test_pint_01_to_07_receiving(stage: Stage, again: str, *, onward: bool):
    """RECE for a first transfer; repeated it is DUPE, changed DISE, also for an onward one."""
    chain = stage.issued_there(onward=onward)
    envelope = stage.envelope(chain)
    assert _code(stage.start(envelope)) == (200, "RECE")
    if again == "same":
        assert _code(stage.start(envelope)) == (200, "DUPE")
    elif again == "signed anew":
        assert _code(stage.start(stage.envelope(chain))) == (200, "DUPE")
    elif again == "changed":
        assert _code(stage.start(stage.envelope(chain, name="Bank"))) == (409, "DISE")


def test_pint_08_receiving(stage: Stage):
    """A bad signature is BSIG; the transfer, signed properly, is then accepted."""
    chain = stage.issued_there()
    bad = stage.envelope(chain, signer=Party("PS256"))
    assert _code(stage.start(bad)) == (422, "BSIG")
    assert _code(stage.start(stage.envelope(chain))) == (200, "RECE")


@pytest.mark.parametrize(("to", "name"), [("WAVE", "Buyer"), ("BOLE", "Nobody")])
def test_pint_09_and_10_receiving(stage: Stage, to: str, name: str):
    """Another platform or an unknown party as recipient is BENV."""
    chain = stage.issued_there()
    assert _code(stage.start(stage.envelope(chain, to=to, name=name))) == (422, "BENV")


@pytest.mark.parametrize("scenario", PINT[10:17])
def test_pint_11_to_17_receiving(stage: Stage, scenario: str):
    """Two documents, with a restart, a wrong document or an early finish in between."""
    envelope = stage.envelope(stage.issued_there(), ONE, TWO)
    started = stage.start(envelope)
    assert _missing(started) == (201, 2)
    place = started[1]["envelopeReference"]
    assert stage.send(place, ONE) == (204, None)
    if scenario == "PINT-14":
        second = metadata(TWO)["documentChecksum"]
        assert _code(stage.send(place, b"corrupt", second)) == (409, "INCD")
    elif scenario == "PINT-15":
        assert _code(stage.send(place, b"unrelated")) == (409, "INCD")
    elif scenario in {"PINT-16", "PINT-17"}:
        assert _code(stage.finish(place)) == (409, "MDOC")
    if scenario != "PINT-11":
        again = stage.start(envelope)
        assert _missing(again) == (201, 1)
        place = again[1]["envelopeReference"]
    assert stage.send(place, TWO) == (204, None)
    ended = stage.start(envelope) if scenario in {"PINT-13", "PINT-17"} else stage.finish(place)
    assert _code(ended) == (200, "RECE")
    assert len(ended[1]["receivedAdditionalDocumentChecksums"]) == 2


def test_pint_18_and_19_receiving(stage: Stage):
    """A known party has a name; an invalid request gets ErrorResponse."""
    code = {"codeListProvider": "BOLE", "partyCode": "buyer"}
    named = stage.call("CARX", "POST", "/v3/receiver-validation", code)
    assert named == (200, {"partyName": "Buyer"})
    assert stage.call("CARX", "POST", "/v3/receiver-validation", {})[0] == 400
    assert stage.start({})[0] == 400


@pytest.fixture
def there(stage: Stage) -> Iterator[Receiver]:
    """Give the receiving platform of the counterpart."""
    receiver = Receiver(stage.counterpart.platform, stage.ours)

    def handle(_method: str, path: str, body: Any) -> tuple[int, Any]:
        if path.startswith("/v3/ebl-"):
            return 204, None
        return receiver.handle(path, body)

    stage.counterpart.handle = handle
    yield receiver
    stage.counterpart.interrupt = lambda *_: None
    stage.counterpart.handle = lambda *_: (204, None)


def _once(stage: Stage, path_part: str, answer: tuple[int, Any], *, late: bool) -> None:
    """Have one call answered otherwise; `late` lets the receiver do its work all the same."""
    left = [answer]

    def interrupt(method: str, path: str, body: Any) -> tuple[int, Any] | None:
        if path_part not in path or not left:
            return None
        cut = left.pop()
        if late:
            stage.counterpart.handle(method, path, body)
        return cut

    stage.counterpart.interrupt = interrupt


_DOWN: tuple[int, Any] = (503, {"statusCode": 503})


@pytest.mark.parametrize("onward", [False, True])
@pytest.mark.parametrize("again", ["", "answer lost"])
@pytest.mark.usefixtures("there")
def test_pint_01_02_03_05_06_sending(stage: Stage, again: str, *, onward: bool):
    """The bill is away after RECE; when that answer is lost it is sent again and DUPE counts."""
    reference = stage.issued_here()
    if onward:
        inside = {"actionCode": "TRANSFER", "recipient": party("Bank", "BOLE")}
        path = f"/v1/ladings/{reference}/transactions"
        assert stage.call("buyer", "POST", path, inside)[0] == 202
        stage.tokens["buyer"], kept = stage.house.token("bank", "all"), stage.tokens["buyer"]
    if again:
        _once(stage, "/v3/envelopes", _DOWN, late=True)
    stage.act(reference)
    if onward:
        stage.tokens["buyer"] = kept
    found = stage.becomes(reference, "away")
    answer = found["transfers"][-1]["answer"]["responseCode"]
    assert answer == ("DUPE" if again else "RECE")


@pytest.mark.parametrize(
    ("scenario", "code", "status", "state"),
    [
        ("PINT-04", "DISE", 409, "disputed"),
        ("PINT-07", "DISE", 409, "disputed"),
        ("PINT-08", "BSIG", 422, "held"),
        ("PINT-09", "BENV", 422, "held"),
        ("PINT-10", "BENV", 422, "held"),
    ],
)
def test_pint_04_and_07_to_10_sending(  # noqa: PLR0917 - the table's columns
    stage: Stage, there: Receiver, scenario: str, code: str, status: int, state: str
):
    """A rejection leaves the bill here: to be sent again, or in dispute."""
    reference = stage.issued_here()

    def refuse(_method: str, path: str, body: Any) -> tuple[int, Any] | None:
        if path != "/v3/envelopes":
            return None
        there.handle(path, body)
        return there.answer(code, status)

    stage.counterpart.interrupt = refuse
    stage.act(reference)
    found = stage.becomes(reference, state)
    assert found["transfers"][-1]["answer"]["responseCode"] == code
    if scenario == "PINT-08":
        there.accepted.clear()
        stage.counterpart.interrupt = lambda *_: None
        stage.act(reference)
        stage.becomes(reference, "away")


@pytest.mark.parametrize("scenario", PINT[10:17])
def test_pint_11_to_17_sending(stage: Stage, there: Receiver, scenario: str):
    """Both documents arrive, through a restart, a document found wrong or a finish too early."""
    reference = stage.issued_here()
    second = metadata(TWO)["documentChecksum"]
    if scenario in {"PINT-12", "PINT-13"}:
        _once(stage, second, _DOWN, late=scenario == "PINT-13")
    elif scenario in {"PINT-14", "PINT-15"}:
        stage.counterpart.interrupt = _first_wrong(there, second)
    elif scenario in {"PINT-16", "PINT-17"}:
        stage.counterpart.interrupt = _first_forgotten(second)
    stage.act(reference, ONE, TWO)
    found = stage.becomes(reference, "away")
    answer = found["transfers"][-1]["answer"]
    assert answer["responseCode"] in {"RECE", "DUPE"}
    assert sorted(there.documents) == sorted(answer["receivedAdditionalDocumentChecksums"])
    assert there.documents[second] == TWO


def _first_wrong(there: Receiver, checksum: str) -> Any:
    """Return an interruption that finds a document wrong the first time."""
    left = [1]

    def interrupt(_method: str, path: str, _body: Any) -> tuple[int, Any] | None:
        if checksum in path and left:
            left.pop()
            return there.answer("INCD", 409)
        return None

    return interrupt


def _first_forgotten(checksum: str) -> Any:
    """Return an interruption that loses a document behind a 204: the finish is then too early."""
    left = [1]

    def interrupt(_method: str, path: str, _body: Any) -> tuple[int, Any] | None:
        if checksum in path and left:
            left.pop()
            return 204, None
        return None

    return interrupt


@pytest.mark.usefixtures("there")
def test_pint_18_sending(stage: Stage):
    """Our user is told the name behind a party code of the other platform."""
    said = {"platform": "CARX", "code": {"codeListProvider": "CARX", "partyCode": "bank"}}
    assert stage.call("buyer", "POST", "/v1/receivers", said) == (200, {"partyName": "Buyer Ltd"})


@pytest.mark.usefixtures("there")
def test_pint_19_sending(stage: Stage):
    """An error that nobody signed decides nothing: the same envelope is sent until one does."""
    reference = stage.issued_here()
    _once(stage, "/v3/envelopes", (400, {"statusCode": 400}), late=False)
    stage.act(reference)
    stage.becomes(reference, "away")
    sent = [
        body
        for _, path, body in stage.counterpart.received
        if path == "/v3/envelopes"
        and body["transportDocument"]["transportDocumentReference"] == reference
    ]
    assert sent[0] == sent[1]


_KINDS = {
    "ISS-01": {},
    "ISS-02": {"to_order": True},
    "ISS-03": {"to_order": True, "blank": True},
}


def _document(stage: Stage, scenario: str) -> Any:
    said = dict(_KINDS.get(scenario, {}))
    blank = said.pop("blank", False)
    made = stage.bill(**said)
    if blank:
        del made["documentParties"]["endorsee"]
    return made


@pytest.mark.parametrize("scenario", ISS)
def test_iss_as_platform(stage: Stage, scenario: str):
    """The counterpart's carrier asks; our platform answers ISSU, BREQ or REFU, or an error."""
    made = _document(stage, scenario)
    reference = made["transportDocumentReference"]
    if scenario == "ISS-06":
        assert stage.call("CARR", "PUT", "/v3/ebl-issuance-requests", {"document": made})[0] == 400
        return
    request = stage.issuance(made)
    assert stage.call("CARR", "PUT", "/v3/ebl-issuance-requests", request) == (204, None)
    assert stage.call("CARR", "PUT", "/v3/ebl-issuance-requests", request)[0] == 409
    code = {"ISS-04": "BREQ", "ISS-05": "REFU"}.get(scenario, "ISSU")
    decided = {"issuanceResponseCode": code, "reason": "not for this platform"}
    assert stage.call("bole", "POST", f"/v1/issuances/{reference}", decided)[0] == 200
    answer = stage.counterpart.wait_for(
        "/v3/ebl-issuance-responses", lambda b: b["transportDocumentReference"] == reference
    )
    assert (answer["issuanceResponseCode"], check(answer, "IssuanceResponse")) == (code, [])
    assert stage.call("bole", "GET", f"/v1/ladings/{reference}")[0] == (
        200 if code == "ISSU" else 404
    )


def _own(stage: Stage, scenario: str) -> tuple[str, Any]:
    """Have our carrier ask the counterpart's platform; return the reference and the request."""
    made = {**_document(stage, scenario), "carrierCode": "MAEU"}
    reference = str(made["transportDocumentReference"])
    code = {"codeListProvider": "CARX", "partyCode": "shipper"}
    issue_to = {"partyName": "Shipper", "sendToPlatform": "CARX", "identifyingCodes": [code]}
    said = {"document": made, "issueTo": issue_to}
    assert stage.call("bole", "POST", "/v1/ladings", said) == (202, {"reference": reference})
    request = stage.counterpart.wait_for(
        "/v3/ebl-issuance-requests",
        lambda b: b["document"]["transportDocumentReference"] == reference,
    )
    return reference, request


def _state(stage: Stage, kind: str, path: str, reference: str) -> str:
    rows = stage.call("bole", "GET", path)[1]["items"]
    found = (r["state"] for r in rows if (r["kind"], r["reference"]) == (kind, reference))
    return str(next(found))


@pytest.mark.parametrize("scenario", ISS)
def test_iss_as_carrier(stage: Stage, scenario: str):
    """Our carrier's request is valid and signed; each answer is taken once."""
    reference, request = _own(stage, scenario)
    assert check(request, "IssuanceRequest") == []
    code = {"ISS-04": "BREQ", "ISS-05": "REFU"}.get(scenario, "ISSU")
    answer = {"transportDocumentReference": reference, "issuanceResponseCode": code}
    path = "/v3/ebl-issuance-responses"
    if scenario == "ISS-06":
        assert stage.call("CARX", "POST", path, {**answer, "issuanceResponseCode": "X"})[0] == 400
        assert _state(stage, "issuance-request", "/v1/issuances", reference) == "pending"
        return
    assert stage.call("CARX", "POST", path, answer) == (204, None)
    assert stage.call("CARX", "POST", path, answer)[0] == 409
    state = {"BREQ": "returned", "REFU": "refused", "ISSU": "issued"}[code]
    assert _state(stage, "issuance-request", "/v1/issuances", reference) == state


def _surrenders() -> list[tuple[str, str, str, str, str]]:
    kinds = [("SREQ", ""), ("AREQ", ""), ("AREQ", "SWTP")]
    rows = [(o, c, r, a) for a in ("SURR", "SREJ") for o in ("", "to order") for c, r in kinds]
    return [(f"SUR-{n:02}", *row) for n, row in enumerate(rows, 1)]


@pytest.mark.parametrize(("scenario", "to_order", "code", "reason", "action"), _surrenders())
def test_sur_01_to_12_as_platform(  # noqa: PLR0917 - the table's columns
    stage: Stage, scenario: str, to_order: str, code: str, reason: str, action: str
):
    """Our platform surrenders; the carrier's SURR ends the bill, its SREJ gives it back."""
    del scenario
    reference = stage.issued_here(to_order=bool(to_order))
    said = {"surrenderRequestCode": code, **({"reasonCode": reason} if reason else {})}
    status, asked = stage.call("buyer", "POST", f"/v1/ladings/{reference}/surrender", said)
    assert status == 202, asked
    request = stage.counterpart.wait_for(
        "/v3/ebl-surrender-requests", lambda b: b["transportDocumentReference"] == reference
    )
    assert check(request, "SurrenderRequestDetails") == []
    assert (request["surrenderRequestCode"], request.get("reasonCode", "")) == (code, reason)
    answer = {"surrenderRequestReference": asked["reference"], "action": action}
    answer |= {"comments": "charges are open"} if action == "SREJ" else {}
    assert stage.call("CARR", "POST", "/v3/ebl-surrender-responses", answer) == (204, None)
    assert stage.call("CARR", "POST", "/v3/ebl-surrender-responses", answer)[0] == 409
    assert stage.shown(reference)["state"] == ("ended" if action == "SURR" else "held")


@pytest.mark.parametrize(("scenario", "to_order", "code", "reason", "action"), _surrenders())
def test_sur_01_to_12_as_carrier(  # noqa: PLR0917 - the table's columns
    stage: Stage, scenario: str, to_order: str, code: str, reason: str, action: str
):
    """Our carrier takes the request once and answers with SURR or SREJ."""
    reference, _ = _own(stage, "ISS-02" if to_order else "ISS-01")
    issued = {"transportDocumentReference": reference, "issuanceResponseCode": "ISSU"}
    assert stage.call("CARX", "POST", "/v3/ebl-issuance-responses", issued)[0] == 204
    asked = f"{scenario}-{reference}"
    request = {
        "surrenderRequestReference": asked,
        "transportDocumentReference": reference,
        "surrenderRequestCode": code,
        **({"reasonCode": reason} if reason else {}),
    }
    path = "/v3/ebl-surrender-requests"
    assert stage.call("CARX", "POST", path, request) == (204, None)
    assert stage.call("CARX", "POST", path, request)[0] == 409
    said = {"action": action, "comments": "charges are open" if action == "SREJ" else ""}
    assert stage.call("bole", "POST", f"/v1/surrenders/{asked}", said)[0] == 200
    answer = stage.counterpart.wait_for(
        "/v3/ebl-surrender-responses", lambda b: b["surrenderRequestReference"] == asked
    )
    assert (answer["action"], check(answer, "SurrenderRequestAnswer")) == (action, [])


def test_sur_13(stage: Stage):
    """An invalid request to our carrier, and an invalid answer to our platform: ErrorResponse."""
    assert stage.call("CARX", "POST", "/v3/ebl-surrender-requests", {})[0] == 400
    assert stage.call("CARR", "POST", "/v3/ebl-surrender-responses", {"action": "SURR"})[0] == 400
