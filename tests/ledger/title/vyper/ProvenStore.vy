# pragma version ^0.4.0
"""
@title A document store of the newer kind: a hash is asked for with its proof, and only once issued.
"""

isIssued: public(HashMap[bytes32, bool])
_revoked: HashMap[bytes32, bool]


@external
def issue(root: bytes32):
    self.isIssued[root] = True


@external
def revoke(each: bytes32):
    self._revoked[each] = True


@external
@view
def isRevoked(root: bytes32, target: bytes32, proof: DynArray[bytes32, 64]) -> bool:
    found: bytes32 = target
    for each: bytes32 in proof:
        if convert(found, uint256) < convert(each, uint256):
            found = keccak256(concat(found, each))
        else:
            found = keccak256(concat(each, found))
    assert found == root
    assert self.isIssued[root]
    return self._revoked[root] or self._revoked[target]
