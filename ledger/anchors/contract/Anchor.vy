# pragma version 0.4.3
# pragma evm-version paris
# @title Anchor of transparency logs
# @license Apache-2.0
# @notice Keeps the latest root of each log of one owner and accepts the next only with a
#         consistency proof (RFC 9162, 2.1.4): whoever shows two histories can anchor only one.
#         A log, or a shard of one, is named by the SHA-256 of its origin.

event Anchored:
    origin: indexed(bytes32)
    size: indexed(uint64)
    root: bytes32

OWNER: immutable(address)

size: public(HashMap[bytes32, uint64])
root: public(HashMap[bytes32, bytes32])


@deploy
def __init__():
    OWNER = msg.sender


@external
@view
def owner() -> address:
    return OWNER


@external
def anchor(origin: bytes32, size: uint64, root: bytes32, proof: DynArray[bytes32, 64]):
    """
    @notice Anchor the next checkpoint of a log.
    @param origin SHA-256 of the origin line of the log.
    @param size Leaves of the tree, more than those anchored before.
    @param root Root hash of the tree.
    @param proof Consistency proof from the anchored size; empty for the first anchor.
    """
    assert msg.sender == OWNER, "not the owner"
    old: uint256 = convert(self.size[origin], uint256)
    new: uint256 = convert(size, uint256)
    assert new > old, "not larger"
    if old == 0:
        assert len(proof) == 0, "proof not empty"
    else:
        assert self._extends(old, new, self.root[origin], root, proof), "not append-only"
    self.size[origin] = size
    self.root[origin] = root
    log Anchored(origin=origin, size=size, root=root)


@internal
@pure
def _extends(
    old: uint256, new: uint256, old_root: bytes32, new_root: bytes32, proof: DynArray[bytes32, 64]
) -> bool:
    # The largest complete subtree that ends at `old` is where both roots start from. From there
    # the path climbs `inner` levels until both trees' edges meet, and then along the left border.
    path: uint256 = old - 1
    meet: uint256 = path ^ (new - 1)
    for _: uint256 in range(64):
        if path & 1 == 0:
            break
        path = path >> 1
        meet = meet >> 1
    start: uint256 = 0
    before: bytes32 = old_root
    if path != 0:
        if len(proof) == 0:
            return False
        before = proof[0]
        start = 1
    after: bytes32 = before
    for i: uint256 in range(start, len(proof), bound=64):
        if meet == 0 and path == 0:
            return False
        if path & 1 == 1:
            before = sha256(concat(b"\x01", proof[i], before))
            after = sha256(concat(b"\x01", proof[i], after))
        else:
            after = sha256(concat(b"\x01", after, proof[i]))
        path = path >> 1
        meet = meet >> 1
        if meet == 0:
            # Beyond the meeting point only the left border has siblings: levels where the path
            # turns left have none.
            for _: uint256 in range(64):
                if path & 1 == 1 or path == 0:
                    break
                path = path >> 1
    return meet == 0 and path == 0 and before == old_root and after == new_root
