"""Hostile calls to every DCSA endpoint: each is answered in DCSA's own shape, and keeps nothing."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from gateway.lading.shapes import check
from gateway.store import ladings, papers
from tests.gateway.lading.envelopes import CONTACT
from tests.gateway.lading.platforms import House

_SENT = (
    ("POST", "/v3/shipping-instructions", "3.0.4"),
    ("PUT", "/v3/shipping-instructions/none", "3.0.4"),
    ("PATCH", "/v3/shipping-instructions/none", "3.0.4"),
    ("PATCH", "/v3/transport-documents/none", "3.0.4"),
    ("PUT", "/v3/transport-documents/none/amendment", "3.0.4"),
    ("POST", "/v3/shipping-instructions-notifications", "3.0.4"),
    ("POST", "/v3/transport-document-notifications", "3.0.4"),
    ("PUT", "/v3/ebl-issuance-requests", "3.0.4"),
    ("POST", "/v3/ebl-issuance-responses", "3.0.4"),
    ("POST", "/v3/ebl-surrender-requests", "3.0.4"),
    ("POST", "/v3/ebl-surrender-responses", "3.0.4"),
    ("POST", "/v3/envelopes", "3.0.0"),
    ("POST", "/v3/receiver-validation", "3.0.0"),
    ("POST", "/v1/arrival-notice-notifications", "1.0.0-Beta-1"),
)
_ASKED = (
    ("GET", "/v3/shipping-instructions/none", "3.0.4"),
    ("GET", "/v3/transport-documents/none", "3.0.4"),
    ("GET", "/v3/transport-documents/none/amendment", "3.0.4"),
    ("DELETE", "/v3/transport-documents/none/amendment", "3.0.4"),
    ("PUT", "/v3/envelopes/none/finish-transfer", "3.0.0"),
    ("GET", "/endorsement-chains/none", "3.0.4"),
    ("GET", "/v1/arrival-notice/none", "1.0.0-Beta-1"),
)
_BODIES = (
    b"",
    b"{",
    b"[]",
    b"null",
    b'"text"',
    b"{}",
    b'{"a": NaN}',
    b'{"a": 1e999}',
    b'{"a": 1, "a": 1}',
    b'{"id": "\\ud800"}',
    b'{"\\udfff": 1}',
    b'{"id": "\xed\xa0\x80"}',
    b'{"id": "a\\u0000b"}',
    b'{"id": "\xff"}',
    b"[" * 100_000,
    b'{"a": ' + b"9" * 5000 + b"}",
)


class Peer:
    """A peer with a key, and what must not change while it is refused."""

    def __init__(self, house: House) -> None:
        """Call `house`."""
        self.house = house
        headers = {"authorization": f"Bearer {house.token('CARX')}"}
        self.http = httpx.Client(base_url=house.url, headers=headers, timeout=30.0)

    def refused(self, method: str, path: str, version: str, **more: object) -> httpx.Response:
        """Call; the refusal has DCSA's shape, and says which version speaks."""
        answer = self.http.request(method, path, **more)  # type: ignore[arg-type]
        assert 400 <= answer.status_code < 500, (method, path, more, answer.text)
        assert answer.headers["api-version"] == version
        assert answer.headers["content-type"] == "application/json"
        said = answer.json()
        assert check(said, "ErrorResponse") == [], said
        assert said["statusCode"] == answer.status_code
        return answer

    def kept(self) -> int:
        """Return how much of these calls is kept."""
        kinds = ("shipping-instructions", "notice", "issuance", "surrender-request")
        with self.house.ladings.desk.store.read() as tx:
            return sum(len(papers.listed(tx, kind)) for kind in kinds) + len(ladings.transfers(tx))


@pytest.fixture(scope="module")
def peer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Peer]:
    """Give a peer of a gateway that is platform and carrier."""
    folder: Path = tmp_path_factory.mktemp("hostile")
    more = "\n[limits]\nburst = 100000\nbody_bytes = 200000\n"
    with House(folder, platform="BOLE", carrier="MAEU", more=more).open() as house:
        made = Peer(house)
        with made.http:
            yield made
        assert made.kept() == 0


@pytest.mark.parametrize(("method", "path", "version"), _SENT)
def test_a_body_that_is_no_message_is_refused(peer: Peer, method: str, path: str, version: str):
    """Not JSON, a name twice, no UTF-8, nested without end: 400; too long: 413."""
    kind = {"content-type": "application/json"}
    for body in _BODIES:
        answer = peer.refused(method, path, version, content=body, headers=kind)
        assert answer.status_code == 400, body[:40]
    long = peer.refused(method, path, version, content=b" " * 200_001, headers=kind)
    assert (long.status_code, long.headers["connection"]) == (413, "close")
    for other in ("text/plain", "application/xml", "garbage"):
        found = peer.refused(method, path, version, content=b"{}", headers={"content-type": other})
        assert found.status_code == 415


@pytest.mark.parametrize(("method", "path", "version"), _SENT + _ASKED)
def test_versions_keys_and_methods_are_checked(peer: Peer, method: str, path: str, version: str):
    """Another major version is 400, no key 401, a method that is not offered 405 with those."""
    major = version.partition(".")[0]
    for asked in ("", "2", f"{int(major) + 1}.0.0", "x", f"{major}x"):
        headers = {"api-version": asked}
        assert peer.refused(method, path, version, json={}, headers=headers).status_code == 400
    without = peer.refused(method, path, version, json={}, headers={"authorization": ""})
    assert without.status_code == 401
    for other in ("OPTIONS", "POST" if method != "POST" else "DELETE"):
        found = peer.refused(other, path, version)
        assert found.status_code == 405
        assert method in found.headers["allow"]


def test_what_a_query_must_not_say_is_400(peer: Peer):
    """422 is PINT's word for a rejected envelope; a wrong parameter is 400 and named."""
    for path, name in (
        ("/v3/shipping-instructions/none?updatedContent=perhaps", "updatedContent"),
        ("/endorsement-chains/none?carrierSCACCode=TOOLONG", "carrierSCACCode"),
        (f"/endorsement-chains/none?transportDocumentSubReference={'x' * 101}", "transport"),
    ):
        answer = peer.refused("GET", path, "3.0.4")
        assert answer.status_code == 400
        assert name in answer.json()["errors"][0]["property"]


def test_what_nobody_expected_is_told_in_dcsas_shape(peer: Peer, monkeypatch: pytest.MonkeyPatch):
    """A failure of our own is 500 with ErrorResponse, not with another shape."""
    receiver = peer.house.ladings.receiver
    monkeypatch.setattr(receiver, "validate", lambda _: 1 / 0)
    answer = peer.http.post("/v3/receiver-validation", json={"codeListProvider": "ZZZ"})
    assert (answer.status_code, answer.headers["api-version"]) == (500, "3.0.0")
    assert check(answer.json(), "ErrorResponse") == []


def test_what_no_shape_names_is_let_pass(peer: Peer):
    """DCSA's shapes are open: a property that nobody listed refuses nothing by itself."""
    contact = {**CONTACT[0], "pager": "1"}
    code = {"codeListProvider": "BOLE", "partyCode": "nobody", "contact": contact}
    answer = peer.refused("POST", "/v3/receiver-validation", "3.0.0", content=json.dumps(code),
                          headers={"content-type": "application/json"})  # fmt: skip
    assert answer.status_code == 404
