"""What a record leaves open is looked up: it passes for a yes to all of it, for nothing less."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, cast

import pytest

from certs.records import Recorded
from certs.records.merkle import prove
from certs.records.wrapping import wrap
from gateway.wiring.records.lookups import Given, Lookups
from gateway.wiring.records.records import RecordAuditor
from gateway.wiring.records.registers import ChainRegister
from ledger.anchors.account import Account
from ledger.anchors.errors import AnchorUnavailable
from ledger.title.evm import TitleNode, in_process
from schemas.keccak import keccak256
from tests.certs.records import issuer, lists
from tests.gateway.wiring.recorded_chain import RecordedChain
from tests.ledger.title.stores import deployed, tell

if TYPE_CHECKING:
    from ledger.title.chain import TitleChain

OFFICE, SIGNER = Account.generate(), Account.generate()
STORE = "0x" + "5" * 40


@dataclass
class Pages:
    """Pages by address, and which were asked for."""

    table: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def page(self, url: str) -> bytes | None:
        """Return the page."""
        self.asked.append(url)
        return self.table.get(url)


class Away:
    """A node that does not answer."""

    def chain_id(self) -> int:
        """Raise."""
        raise AnchorUnavailable(where="evm", reason="nobody answers")


@pytest.fixture(scope="module")
def chain() -> TitleNode:
    """One chain in this process."""
    return in_process(OFFICE.address, SIGNER.address)


def _verdict(record: Any, lookups: Lookups, known: Recorded | None = None) -> dict[str, Any]:
    auditor = RecordAuditor(known or issuer.identities(), lookups=lookups)
    return dict(auditor.verify(json.dumps(record).encode()))


def _listed(*entries: dict[str, Any]) -> dict[str, Any]:
    return lists.signed(issuer.credential(credentialStatus=list(entries)))


def _on_list(*indices: int) -> Pages:
    return Pages({lists.URL: lists.written(lists.status_list(lists.encoded(*indices)))})


def test_messages_and_refreshes_are_told_and_count_against_nothing() -> None:
    """A set bit of these purposes is said under `status`; the credential passes."""
    said = [{"status": "0x0", "message": "in transit"}, {"status": "0x2", "message": "arrived"}]
    subject = {"statusPurpose": ["message", "refresh"], "statusSize": 2, "statusMessage": said}
    page = lists.written(lists.status_list(lists.encoded(14), subject=subject))
    entries = lists.entry(7, "message"), lists.entry(7, "refresh"), lists.entry(6, "message")
    found = _verdict(_listed(*entries), Lookups(Pages({lists.URL: page})))
    assert found["indication"] == "TOTAL-PASSED"
    assert [each["why"]["en"].partition(" says")[2].lstrip(": ") for each in found["status"]] == [
        "arrived",
        "that there is a newer one.",
        "in transit",
    ]


def test_a_credential_on_a_list_passes_when_it_was_looked_up() -> None:
    """Not looked up: open, and it does not pass. Unset: it passes. Set: it was revoked."""
    record = lists.signed(issuer.credential(credentialStatus=lists.entry(7)))
    alone = _verdict(record, Lookups())
    assert (alone["indication"], len(alone["unchecked"])) == ("INDETERMINATE", 1)
    good = _verdict(record, Lookups(_on_list(6, 8)))
    assert (good["indication"], good["unchecked"]) == ("TOTAL-PASSED", [])
    assert good["status"][0]["good"] is True
    revoked = _verdict(record, Lookups(_on_list(7)))
    assert (revoked["indication"], revoked["subindication"]) == ("TOTAL-FAILED", "REVOKED")


def test_a_suspended_credential_may_be_tried_again() -> None:
    """Revocation and suspension on two lists: either alone keeps it from passing."""
    url = "https://carrier.example.org/status/2"
    record = _listed(lists.entry(3), lists.entry(5, "suspension", statusListCredential=url))
    purpose = {"statusPurpose": "suspension"}
    pages = _on_list()
    assert _verdict(record, Lookups(pages))["indication"] == "INDETERMINATE"
    held = lists.status_list(lists.encoded(5), id=url, subject=purpose)
    pages.table[url] = lists.written(held)
    found = _verdict(record, Lookups(pages))
    assert (found["indication"], found["subindication"]) == ("INDETERMINATE", "TRY_LATER")
    assert found["status"][1]["good"] is False
    free = lists.status_list(lists.encoded(4), id=url, subject=purpose)
    pages.table[url] = lists.written(free)
    assert _verdict(record, Lookups(pages))["indication"] == "TOTAL-PASSED"


def test_a_revoked_credential_has_no_live_title() -> None:
    """A title in force beside a revocation, or beside one not looked up, is not live."""
    title = issuer.credential()["credentialStatus"]
    record = _listed(title, lists.entry(7))
    for pages, said in ((Pages(), "unknown"), (_on_list(7), "unknown"), (_on_list(), "live")):
        table = RecordedChain(issuer.REGISTRY, bytes.fromhex("ab" * 32))
        register = ChainRegister(cast("TitleChain", table))
        known = issuer.identities(issuer.RECORD)
        found = RecordAuditor(known, register, Lookups(pages)).verify(lists.written(record))
        assert found["title"] == said
        assert (found["indication"] == "TOTAL-PASSED") is (said == "live")


def test_of_several_nodes_that_of_the_chain_is_asked(chain: TitleNode) -> None:
    """One that is away or serves another chain costs nothing; without the right one all is open."""
    away, title = cast("TitleChain", Away()), bytes.fromhex("ab" * 32)
    right = cast("TitleChain", RecordedChain(issuer.REGISTRY, title))
    record = lists.written(lists.signed(issuer.credential()))
    known = issuer.identities(issuer.RECORD)
    for nodes, said, why in (
        ((away, chain, right), "live", "in force"),
        ((away, chain), "unknown", "does not answer"),
        ((chain,), "unknown", "No node serves chain 31337"),
        ((), "unknown", "was not asked"),
    ):
        found = dict(RecordAuditor(known, ChainRegister(*nodes)).verify(record))
        assert found["title"] == said
        assert why in str(found["why"])


@pytest.mark.parametrize(
    "status",
    [
        lists.entry(7, "message"),
        lists.entry(7, statusListIndex="-7"),
        lists.entry(7, statusListIndex="7.0"),
        "https://carrier.example.org/status/1",
        [],
    ],
)
def test_a_status_that_is_not_understood_stays_open(status: Any) -> None:
    """Another kind, another purpose, no index: the record does not pass, whatever the list says."""
    record = lists.signed(issuer.credential(credentialStatus=status))
    found = _verdict(record, Lookups(_on_list()))
    assert found["indication"] != "TOTAL-PASSED"


def test_a_status_list_of_2021_stays_open() -> None:
    """An older kind of list is not read: its entry is open."""
    contexts = [*issuer.credential()["@context"], "https://w3id.org/vc/status-list/2021/v1"]
    status = {**lists.entry(7), "type": "StatusList2021Entry", "id": f"{lists.URL}#7"}
    record = lists.signed(issuer.credential(**{"@context": contexts}, credentialStatus=status))
    found = _verdict(record, Lookups(_on_list()))
    assert (found["integrity"], found["indication"]) == ("VALID", "INDETERMINATE")
    assert "StatusList2021Entry" in found["unchecked"][0]["en"]


def test_nobody_is_asked_for_a_record_that_is_not_believed() -> None:
    """A forged record makes nobody send a request."""
    record = lists.signed(issuer.credential(credentialStatus=lists.entry(7)))
    record["credentialSubject"]["blNumber"] = "FORGED"
    pages = _on_list()
    assert _verdict(record, Lookups(pages))["integrity"] == "INVALID"
    assert pages.asked == []


def test_lists_may_be_given_as_files() -> None:
    """A file stands for the address it says it has; what is no list stands for none."""
    record = lists.signed(issuer.credential(credentialStatus=lists.entry(7)))
    data = lists.written(lists.status_list(lists.encoded()))
    behind = Pages()
    found = _verdict(record, Lookups(Given.of([data, b"no list"], behind)))
    assert found["indication"] == "TOTAL-PASSED"
    assert behind.asked == []


def _stored(address: str, chain_id: int, *others: dict[str, Any]) -> dict[str, Any]:
    document = {
        "issuers": [
            {
                "name": "Sample Line",
                "documentStore": address,
                "identityProof": {"type": "DNS-TXT", "location": issuer.DOMAIN},
            }
        ],
        "network": {"chain": "ETH", "chainId": str(chain_id)},
        "blNumber": "X1",
    }
    return wrap([document, *({**document, **each} for each in others)])[0]


def _named(address: str, chain_id: int) -> Recorded:
    said = f"openatts net=ethereum netId={chain_id} addr={address}"
    return Recorded({issuer.DOMAIN: [said]})


@pytest.mark.parametrize("kind", ["Store", "ProvenStore"])
def test_a_record_of_a_document_store_passes_when_issued_and_not_revoked(
    chain: TitleNode, kind: str
) -> None:
    """Never issued, issued, revoked in a batch of two: each is told as what it is."""
    store, chain_id = deployed(chain, OFFICE, kind), chain.chain_id()
    record = _stored(store, chain_id, {"blNumber": "X2"})
    signature = record["signature"]
    lookups, known = Lookups(chains=[chain]), _named(store, chain_id)
    alone = _verdict(record, Lookups(), known)
    assert (alone["issuer_identity"], alone["indication"]) == ("VALID", "INDETERMINATE")
    never = _verdict(record, lookups, known)
    assert (never["status"][0]["good"], never["indication"]) == (False, "INDETERMINATE")
    root, target = (bytes.fromhex(signature[name]) for name in ("merkleRoot", "targetHash"))
    assert root != target
    tell(chain, OFFICE, store, "issue(bytes32)", root)
    assert _verdict(record, lookups, known)["indication"] == "TOTAL-PASSED"
    tell(chain, OFFICE, store, "revoke(bytes32)", target)
    revoked = _verdict(record, lookups, known)
    assert (revoked["indication"], revoked["subindication"]) == ("TOTAL-FAILED", "REVOKED")
    assert revoked["title"] == "not-transferable"


def test_a_store_that_does_not_answer_leaves_it_open(chain: TitleNode) -> None:
    """No contract, another chain, no node: open, never good."""
    chain_id = chain.chain_id()
    for address, number in ((STORE, chain_id), (deployed(chain, OFFICE, "Store"), chain_id + 1)):
        found = _verdict(_stored(address, number), Lookups(chains=[chain]), _named(address, number))
        assert (found["indication"], len(found["unchecked"])) == ("INDETERMINATE", 1)

    away = Lookups(chains=[cast("TitleChain", Away())])
    found = _verdict(_stored(STORE, 1), away, _named(STORE, 1))
    assert "does not answer" in found["unchecked"][0]["en"]


def _by_did(revocation: dict[str, str], network: int) -> dict[str, Any]:
    did = f"did:ethr:{hex(network)}:{SIGNER.address}"
    record = wrap(
        [
            {
                "issuers": [
                    {
                        "id": did,
                        "name": "Sample Line",
                        "revocation": revocation,
                        "identityProof": {"type": "DID", "key": f"{did}#controller"},
                    }
                ],
                "network": {"chain": "ETH", "chainId": str(network)},
                "blNumber": "X1",
            }
        ]
    )[0]
    root = bytes.fromhex(record["signature"]["merkleRoot"])
    proof = {
        "type": "OpenAttestationSignature2018",
        "verificationMethod": f"{did}#controller",
        "signature": _personal_sign(root),
    }
    return {**record, "proof": [proof]}


def _personal_sign(message: bytes) -> str:
    """Return the signer's signature over a message of 32 bytes (EIP-191)."""
    r, s, parity = SIGNER.sign_digest(keccak256(b"\x19Ethereum Signed Message:\n32" + message))
    return "0x" + (r.to_bytes(32, "big") + s.to_bytes(32, "big") + bytes([27 + parity])).hex()


def test_the_account_of_a_did_has_to_own_it_still(chain: TitleNode) -> None:
    """A DID given away no longer signs: what it signed is not passed on its word."""
    registry, chain_id = deployed(chain, OFFICE, "Dids"), chain.chain_id()
    record = _by_did({"type": "NONE"}, chain_id)
    lookups = Lookups(chains=[chain], did_registry=registry)
    assert _verdict(record, Lookups(chains=[chain]))["indication"] == "INDETERMINATE"
    assert _verdict(record, lookups)["indication"] == "TOTAL-PASSED"
    store = deployed(chain, OFFICE, "Store")
    kept = _by_did({"type": "REVOCATION_STORE", "location": store}, chain_id)
    assert _verdict(kept, lookups)["indication"] == "TOTAL-PASSED"
    root = bytes.fromhex(kept["signature"]["merkleRoot"])
    tell(chain, OFFICE, store, "revoke(bytes32)", root)
    assert _verdict(kept, lookups)["subindication"] == "REVOKED"
    change = "changeOwner(address,address)"
    tell(chain, SIGNER, registry, change, SIGNER.address, OFFICE.address)
    assert _verdict(record, lookups)["subindication"] == "REVOKED"


@pytest.mark.parametrize(
    ("said", "indication"),
    [
        ({"revoked": False}, "TOTAL-PASSED"),
        ({"revoked": True, "reasonCode": 3}, "TOTAL-FAILED"),
        ({"revoked": False, "documentHash": "0x00"}, "INDETERMINATE"),
        ({"revoked": "false"}, "INDETERMINATE"),
        ({"documentHash": None, "certificateStatus": "good"}, "TOTAL-PASSED"),
        ({"documentHash": None, "certificateStatus": "revoked", "reasonCode": 3}, "TOTAL-FAILED"),
        ({"documentHash": None, "certificateStatus": "unknown"}, "INDETERMINATE"),
        (None, "INDETERMINATE"),
    ],
)
def test_a_responder_is_asked_for_each_hash(
    chain: TitleNode, said: dict[str, Any] | None, indication: str
) -> None:
    """Its answer has to be about the hash, and plain; no answer leaves it open."""
    registry = deployed(chain, OFFICE, "Dids")
    where = {"type": "OCSP_RESPONDER", "location": "https://ocsp.example.org/"}
    record = _by_did(where, chain.chain_id())
    name = f"0x{record['signature']['targetHash']}"
    pages = Pages()
    if said is not None:
        answer = {"documentHash": name, **said}
        pages.table[f"https://ocsp.example.org/{name}"] = json.dumps(answer).encode()
    found = _verdict(record, Lookups(pages, [chain], registry))
    assert found["indication"] == indication


def test_an_unknown_kind_of_revocation_stays_open(chain: TitleNode) -> None:
    """A kind that is not known, or none said: not good."""
    lookups = Lookups(Pages(), [chain], deployed(chain, OFFICE, "Dids"))
    for revocation in ({}, {"type": "SOMETHING"}, {"type": "REVOCATION_STORE", "location": "0x1"}):
        found = _verdict(_by_did(revocation, chain.chain_id()), lookups)
        assert found["indication"] == "INDETERMINATE"
        assert found["status"][0]["good"] is True


def test_the_path_of_a_batch_ends_at_its_root() -> None:
    """Every node on a record's way can be revoked: the path has them all."""
    from certs.records.pending import Place

    leaves = [bytes([n]) * 32 for n in range(5)]
    root, paths = prove(leaves)
    for leaf, path in zip(leaves, paths, strict=True):
        place = Place(leaf, tuple(path))
        assert (place.hashes[0], place.root, len(place.hashes)) == (leaf, root, len(path) + 1)
