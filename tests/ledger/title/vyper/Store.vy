# pragma version ^0.4.0
"""
@title A document store of the older kind, as a test needs it: one hash, yes or no.
"""

isIssued: public(HashMap[bytes32, bool])
isRevoked: public(HashMap[bytes32, bool])


@external
def issue(root: bytes32):
    self.isIssued[root] = True


@external
def revoke(each: bytes32):
    self.isRevoked[each] = True
