# pragma version ^0.4.0
"""
@title A registry of DIDs (ERC-1056) as a test needs it: who owns an account's DID.
"""

_owners: HashMap[address, address]
_changed: HashMap[address, bool]


@external
@view
def identityOwner(identity: address) -> address:
    return self._owners[identity] if self._changed[identity] else identity


@external
def changeOwner(identity: address, owner: address):
    assert not self._changed[identity] and msg.sender == identity
    self._owners[identity] = owner
    self._changed[identity] = True
