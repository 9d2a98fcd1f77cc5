"""Statuses kept by TradeTrust's own contracts and lists: we say of each what its verifier says."""

from __future__ import annotations

import json
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from certs.records import Recorded
from certs.records.wrapping import wrap
from gateway.wiring.records.lookups import Lookups
from gateway.wiring.records.records import RecordAuditor
from ledger.anchors.account import Account
from ledger.anchors.calls import selector
from ledger.title import abi
from ledger.title.evm import TitleNode, connect
from ledger.title.sending import deploy, send
from tests.certs.records import issuer, lists
from tests.interop.node import HERE, MODULES, anvil
from tests.ledger.title import stores
from tests.ledger.title.stores import tell

pytestmark = [pytest.mark.interop, pytest.mark.timeout(300)]

OFFICE = Account.generate()
Record = dict[str, Any]


@pytest.fixture(scope="module", autouse=True)
def _installed() -> None:
    if not all((MODULES / "@trustvc" / name).exists() for name in ("trustvc", "document-store")):
        pytest.skip("TradeTrust's verifier is not installed: `make interop` installs it")


def _node(script: str, asked: Mapping[str, Any]) -> Any:
    """Run a script of this folder on JSON and return its JSON."""
    command = ["node", str(HERE / script)]
    text = json.dumps(asked)
    done = subprocess.run(
        command, input=text, capture_output=True, text=True, check=False, timeout=240
    )
    assert done.returncode == 0, done.stderr
    return json.loads(done.stdout)


@dataclass
class World:
    """TradeTrust's document stores on a local chain."""

    url: str
    chain: TitleNode
    dns: dict[str, list[str]] = field(default_factory=dict)

    def older(self) -> str:
        """Deploy a store of the kind that answers for one hash; return its address."""
        return self._named(stores.deployed(self.chain, OFFICE, "Store"))

    def newer(self) -> str:
        """Deploy TradeTrust's own store, which takes proofs; return its address."""
        code = subprocess.run(
            ["node", str(HERE / "document_store.cjs")], check=True, capture_output=True, text=True
        ).stdout
        name = b"Silkgate"
        arguments = abi.word(2 * abi.WORD) + abi.word(OFFICE.address)
        arguments += abi.word(len(name)) + name.ljust(abi.WORD, b"\0")
        deployment = bytes.fromhex(code.removeprefix("0x")) + arguments
        return self._named(deploy(self.chain, OFFICE, deployment))

    def _named(self, address: str) -> str:
        """Have the issuer's domain name a store."""
        said = f"openatts net=ethereum netId={self.chain.chain_id()} addr={address}"
        self.dns.setdefault(issuer.DOMAIN, []).append(said)
        return address

    def batch(self, store: str, count: int) -> list[Record]:
        """Return records of one batch that name a store."""
        proof = {"type": "DNS-TXT", "location": issuer.DOMAIN}
        named = {"name": "Sample Line", "documentStore": store, "identityProof": proof}
        template = {"name": "main", "type": "EMBEDDED_RENDERER", "url": "https://r.example.org"}
        network = {"chain": "ETH", "chainId": str(self.chain.chain_id())}
        return wrap(
            [
                {"id": f"X{n}", "issuers": [named], "network": network, "$template": template}
                for n in range(count)
            ]
        )

    def theirs(self, record: Record, folder: Path) -> bool:
        """Tell whether TradeTrust's verifier takes a record for valid."""
        path = folder / "record.json"
        path.write_text(json.dumps(record, ensure_ascii=False), encoding="utf-8")
        asked = {"rpc": self.url, "dns": self.dns, "didweb": {}, "files": [str(path)]}
        (found,) = _node("records.cjs", asked)
        return bool(found["valid"])

    def ours(self, record: Record) -> bool:
        """Tell whether a record passes here, which is intact and whose issuer is known."""
        auditor = RecordAuditor(Recorded(self.dns), lookups=Lookups(chains=[self.chain]))
        verdict = auditor.verify(json.dumps(record).encode())
        assert verdict["integrity"] == verdict["issuer_identity"] == "VALID"
        return bool(verdict["indication"] == "TOTAL-PASSED")


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """Give a chain for them."""
    with anvil() as node:
        node.fund(OFFICE.address)
        yield World(node.url, connect(node.url))


def _hashes(record: Record) -> tuple[bytes, bytes, list[bytes]]:
    signature = record["signature"]
    target, root = (bytes.fromhex(signature[name]) for name in ("targetHash", "merkleRoot"))
    return target, root, [bytes.fromhex(each) for each in signature["proof"]]


@pytest.mark.parametrize("count", [1, 3])
@pytest.mark.parametrize("revoked", ["targetHash", "merkleRoot"])
def test_of_a_record_in_a_store_we_say_what_their_verifier_says(
    world: World, tmp_path: Path, count: int, revoked: str
) -> None:
    """Never issued, issued, revoked: alone and in a batch, the same verdict."""
    store = world.older()
    record = world.batch(store, count)[-1]
    hashes = {
        name: bytes.fromhex(record["signature"][name]) for name in ("targetHash", "merkleRoot")
    }
    for call, good in (
        ("", False),
        ("issue(bytes32)", True),
        ("revoke(bytes32)", False),
    ):
        if call:
            name = revoked if call.startswith("revoke") else "merkleRoot"
            tell(world.chain, OFFICE, store, call, hashes[name])
        assert (world.theirs(record, tmp_path), world.ours(record)) == (good, good), call


def test_their_own_store_of_the_newer_kind_is_read(world: World) -> None:
    """One of a batch revoked by its proof: it alone is not good; then the whole batch.

    Their verifier cannot judge these: it asks this store with hashes that its library refuses.
    """
    store = world.newer()
    first, second = world.batch(store, 2)
    target, root, (other,) = _hashes(first)
    assert not world.ours(first)
    tell(world.chain, OFFICE, store, "issue(bytes32)", root)
    assert (world.ours(first), world.ours(second)) == (True, True)
    said = root + target + abi.word(3 * abi.WORD) + abi.word(1) + other
    send(world.chain, OFFICE, store, selector("revoke(bytes32,bytes32,bytes32[])") + said)
    assert (world.ours(first), world.ours(second)) == (False, True)
    tell(world.chain, OFFICE, store, "revoke(bytes32)", root)
    assert (world.ours(first), world.ours(second)) == (False, False)


@dataclass
class Pages:
    """One page."""

    url: str
    data: bytes

    def page(self, url: str) -> bytes | None:
        """Return it at its address."""
        return self.data if url == self.url else None


@pytest.mark.parametrize(
    ("purpose", "sub"), [("revocation", "REVOKED"), ("suspension", "TRY_LATER")]
)
def test_lists_of_their_library_are_read(purpose: str, sub: str) -> None:
    """A list and credentials made and signed by their library: each bit is what they set."""
    indices = (0, 7, 8, 94_567, 131_071)
    documents = [issuer.credential(credentialStatus=lists.entry(n, purpose)) for n in indices]
    for each in documents:
        del each["id"]  # their library gives one
    made = _node(
        "status_list.cjs",
        {
            "did": issuer.DID,
            "url": lists.URL,
            "purpose": purpose,
            "length": lists.BYTES * 8,
            "set": [7, 131_071],
            "documents": documents,
        },
    )
    lookups = Lookups(Pages(lists.URL, json.dumps(made["list"]).encode()))
    auditor = RecordAuditor(Recorded(didweb=made["dids"]), lookups=lookups)
    for index, record in zip(indices, made["records"], strict=True):
        found = auditor.verify(json.dumps(record).encode())
        assert found["integrity"] == "VALID"
        if index in (7, 131_071):
            assert found["subindication"] == sub
        else:
            assert found["indication"] == "TOTAL-PASSED"
