"""Document stores and registries of DIDs are asked as they are, and believed when they answer."""

from __future__ import annotations

import pytest

from ledger.anchors.account import Account
from ledger.title.attestations import DidRegistry, DocumentStore
from ledger.title.errors import BadAnswer
from ledger.title.evm import TitleNode, in_process
from schemas.keccak import keccak256
from tests.ledger.title.stores import deployed, tell

OFFICE, ALICE, BOB = (Account.generate() for _ in range(3))
LEAF, OTHER = keccak256(b"leaf"), keccak256(b"other")
ROOT = keccak256(min(LEAF, OTHER) + max(LEAF, OTHER))


@pytest.fixture(scope="module")
def chain() -> TitleNode:
    """One chain in this process."""
    return in_process(OFFICE.address, ALICE.address)


@pytest.fixture(params=["Store", "ProvenStore"])
def store(request: pytest.FixtureRequest, chain: TitleNode) -> DocumentStore:
    """A store of the older and of the newer kind."""
    return DocumentStore(chain, deployed(chain, OFFICE, request.param))


def _revoked(store: DocumentStore) -> bool:
    return store.revoked(LEAF, [OTHER], [LEAF, ROOT])


def test_a_store_says_what_it_issued_and_revoked(store: DocumentStore, chain: TitleNode) -> None:
    """Issued or not, revoked or not: the answer is the contract's."""
    assert not store.issued(ROOT)
    tell(chain, OFFICE, store.address, "issue(bytes32)", ROOT)
    assert store.issued(ROOT)
    assert not _revoked(store)
    tell(chain, OFFICE, store.address, "revoke(bytes32)", LEAF)
    assert _revoked(store)


def test_a_revoked_batch_revokes_each_of_it(store: DocumentStore, chain: TitleNode) -> None:
    """The root revoked, every record below it is; the address may be in any case."""
    tell(chain, OFFICE, store.address, "issue(bytes32)", ROOT)
    tell(chain, OFFICE, store.address, "revoke(bytes32)", ROOT)
    assert _revoked(DocumentStore(chain, store.address.lower()))


def test_what_is_no_store_does_not_answer(chain: TitleNode) -> None:
    """No contract, another contract: no answer, never a no."""
    stranger = deployed(chain, OFFICE, "Dids")
    for address in (BOB.address, stranger):
        store = DocumentStore(chain, address)
        with pytest.raises(BadAnswer):
            store.issued(ROOT)
        with pytest.raises(BadAnswer):
            _revoked(store)
    with pytest.raises(BadAnswer):
        DidRegistry(chain, BOB.address).owner(ALICE.address)


def test_a_did_belongs_to_its_account_until_that_gives_it_away(chain: TitleNode) -> None:
    """By default to itself; then to another, or to nobody."""
    registry = DidRegistry(chain, deployed(chain, OFFICE, "Dids"))
    assert registry.owner(ALICE.address) == ALICE.address
    change = "changeOwner(address,address)"
    tell(chain, ALICE, registry.address, change, ALICE.address, BOB.address)
    assert registry.owner(ALICE.address) == BOB.address
    tell(chain, OFFICE, registry.address, change, OFFICE.address, None)
    assert registry.owner(OFFICE.address) is None
