"""A record of title dropped on the console: its three answers and statuses, for people."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

import httpx
import pytest

from gateway.wiring.records.lookups import Given, Lookups, NoPages
from gateway.wiring.records.records import RecordAuditor
from gateway.wiring.records.registers import ChainRegister
from tests.certs.records import issuer, lists
from tests.gateway.api.world import World
from tests.gateway.console.test_console import _token
from tests.gateway.wiring.recorded_chain import RecordedChain

if TYPE_CHECKING:
    from ledger.title.chain import TitleChain

TITLE = bytes.fromhex("ab" * 32)


@pytest.fixture
def knowing(
    reader: httpx.Client,
    world: World,
    monkeypatch: pytest.MonkeyPatch,
    owner: str,
    bits: tuple[int, ...],
) -> httpx.Client:
    """A browser at a gateway that knows the issuer, where its title lies, and its status list."""
    chain = RecordedChain(issuer.REGISTRY, TITLE, owner=owner)
    listed = lists.written(lists.status_list(lists.encoded(*bits)))
    auditor = RecordAuditor(
        issuer.identities(issuer.RECORD),
        ChainRegister(cast("TitleChain", chain)),
        Lookups(Given.of([listed], NoPages())),
    )

    def verify(data: bytes, **_: Any) -> Any:
        return auditor.verify(data)

    monkeypatch.setattr(world.tools, "verify", verify)
    return reader


@pytest.mark.parametrize(
    ("owner", "bits", "words"),
    [
        (
            "escrow",
            (),
            {"en": ("live", "nothing against it", "Status list"), "zh": ("有效", "状态列表")},
        ),
        ("registry", (), {"en": ("surrendered", "awaits its answer"), "zh": ("已交单",)}),
        ("burnt", (), {"en": ("ended",), "zh": ("已终结",)}),
        ("escrow", (7,), {"en": ("not known", "was revoked", "REVOKED"), "zh": ("未知", "已吊销")}),
    ],
)
def test_a_record_says_what_has_become_of_it(
    knowing: httpx.Client, words: dict[str, tuple[str, ...]]
) -> None:
    """Intact, issuer, title, and each status, in both languages."""
    title = issuer.credential()["credentialStatus"]
    record = lists.signed(issuer.credential(credentialStatus=[title, lists.entry(7)]))
    token = _token(knowing.get("/console/verify").text)
    for language, expected in words.items():
        answer = knowing.post(
            f"/console/verify?lang={language}",
            data={"token": token},
            files={"file": ("bill.json", lists.written(record))},
        )
        shown = answer.text.partition('id="verdict"')[2].partition("<details>")[0]
        assert all(word in shown for word in expected)
        assert '<li class="good">' in shown
