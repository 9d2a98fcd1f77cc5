# pragma version 0.4.3
# pragma evm-version paris
# @title Register of titles, one storage slot each
# @license Apache-2.0
# @notice A slot keeps the hash of a title's state; whoever moves the title gives the state it
#         comes from. The rules are those of ledger/title/machine.py. An id is issued once ever.

struct State:
    beneficiary: address
    holder: address
    nominee: address
    previous_beneficiary: address
    previous_holder: address
    shipper: address
    consignee: address
    content: bytes32
    sequence: uint64
    kind: uint8
    location: uint8
    paused: bool

struct Move:
    action: uint8
    first: address
    second: address
    remark: bytes32

event Issued:
    id: indexed(bytes32)
    state: State
    remark: bytes32

event Moved:
    id: indexed(bytes32)
    actor: address
    move: Move

event RolesGiven:
    party: indexed(address)
    roles: uint256

MINTER: constant(uint256) = 1
RESTORER: constant(uint256) = 2
ACCEPTER: constant(uint256) = 4
PAUSER: constant(uint256) = 8
ADMIN: constant(uint256) = 16

ESCROW: constant(uint8) = 0
ISSUER: constant(uint8) = 1
ENDED: constant(uint8) = 2

TO_ORDER: constant(uint8) = 1
STRAIGHT: constant(uint8) = 2
BLANK: constant(uint8) = 3

NOMINATE: constant(uint8) = 1
TRANSFER_BENEFICIARY: constant(uint8) = 2
TRANSFER_HOLDER: constant(uint8) = 3
TRANSFER_OWNERS: constant(uint8) = 4
REJECT_BENEFICIARY: constant(uint8) = 5
REJECT_HOLDER: constant(uint8) = 6
REJECT_OWNERS: constant(uint8) = 7
GIVE_BACK: constant(uint8) = 8
TO_BLANK: constant(uint8) = 9
FROM_BLANK: constant(uint8) = 10
RESTORE: constant(uint8) = 11
BURN: constant(uint8) = 12
AMEND: constant(uint8) = 13
TO_PAPER: constant(uint8) = 14
PAUSE: constant(uint8) = 15
UNPAUSE: constant(uint8) = 16

NOBODY: constant(address) = empty(address)
DOMAIN: constant(bytes32) = keccak256(
    "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
)
NAME: constant(bytes32) = keccak256("Silkgate title")
VERSION: constant(bytes32) = keccak256("1")
ORDER: constant(bytes32) = keccak256(
    "Order(bytes32 id,bytes32 head,uint8 action,address first,address second,bytes32 remark,uint64 until)"
)

head: public(HashMap[bytes32, bytes32])
roles: public(HashMap[address, uint256])


@deploy
def __init__():
    self.roles[msg.sender] = MINTER | RESTORER | ACCEPTER | PAUSER | ADMIN
    log RolesGiven(party=msg.sender, roles=self.roles[msg.sender])


@external
def give_roles(party: address, roles: uint256):
    """
    @notice Set what a party may do: 1 issue, 2 restore, 4 accept, 8 pause, 16 give roles.
    """
    assert self.roles[msg.sender] & ADMIN != 0, "no role"
    assert party != msg.sender, "own roles"
    self.roles[party] = roles
    log RolesGiven(party=party, roles=roles)


@external
def issue(
    id: bytes32,
    kind: uint8,
    beneficiary: address,
    holder: address,
    shipper: address,
    consignee: address,
    content: bytes32,
    remark: bytes32,
):
    """
    @notice Issue a title under an id that was never used.
    @param content SHA-256 of the document.
    """
    assert self.roles[msg.sender] & MINTER != 0, "no role"
    assert self.head[id] == empty(bytes32), "id used"
    assert beneficiary != NOBODY and holder != NOBODY, "nobody"
    assert kind <= BLANK, "kind"
    assert kind != BLANK or beneficiary == holder, "title follows possession"
    state: State = empty(State)
    state.beneficiary = beneficiary
    state.holder = holder
    state.shipper = shipper
    state.consignee = consignee
    state.content = content
    state.kind = kind
    self._named(state, beneficiary)
    self.head[id] = keccak256(abi_encode(state))
    log Issued(id=id, state=state, remark=remark)


@external
def move(id: bytes32, state: State, asked: Move):
    """
    @notice Move a title by an action of the caller.
    @param state What the title is now.
    """
    assert self.head[id] == keccak256(abi_encode(state)), "not the head"
    self._move(id, state, asked, msg.sender)


@external
def move_signed(
    id: bytes32, state: State, asked: Move, until: uint64, v: uint8, r: bytes32, s: uint256
):
    """
    @notice Move a title by an action that a party signed (EIP-712) and somebody else sends.
    @param until Last second at which the signature counts; it counts for one head alone.
    """
    head: bytes32 = self.head[id]
    assert head == keccak256(abi_encode(state)), "not the head"
    assert block.timestamp <= convert(until, uint256), "too late"
    # The upper half of the order would give each signature a twin.
    assert s <= 57896044618658097711785492504343953926418782139537452191302581570759080747168, "s"
    actor: address = ecrecover(
        self._digest(id, head, asked, until), convert(v, uint256), convert(r, uint256), s
    )
    assert actor != NOBODY, "signature"
    self._move(id, state, asked, actor)


@external
@view
def digest(id: bytes32, head: bytes32, asked: Move, until: uint64) -> bytes32:
    """
    @notice What a party signs to order a move from the state with hash `head`.
    """
    return self._digest(id, head, asked, until)


@internal
@view
def _digest(id: bytes32, head: bytes32, asked: Move, until: uint64) -> bytes32:
    domain: bytes32 = keccak256(abi_encode(DOMAIN, NAME, VERSION, chain.id, self))
    order: bytes32 = keccak256(abi_encode(ORDER, id, head, asked, until))
    return keccak256(concat(b"\x19\x01", domain, order))


@internal
def _move(id: bytes32, state: State, asked: Move, actor: address):
    new: State = state
    assert state.location != ENDED, "ended"
    assert state.paused == (asked.action == UNPAUSE), "paused"
    if asked.action >= PAUSE:
        assert asked.action <= UNPAUSE, "action"
        assert self.roles[actor] & PAUSER != 0, "no role"
        new.paused = not state.paused
    elif asked.action >= RESTORE:
        assert state.location == ISSUER, "not at issuer"
        new = self._at_issuer(state, asked, actor)
    else:
        assert asked.action != 0, "action"
        assert state.location == ESCROW, "not in escrow"
        new = self._in_escrow(state, asked, actor)
    new.sequence = state.sequence + 1
    self.head[id] = keccak256(abi_encode(new))
    log Moved(id=id, actor=actor, move=asked)


@internal
@view
def _at_issuer(state: State, asked: Move, actor: address) -> State:
    new: State = state
    if asked.action == RESTORE:
        assert self.roles[actor] & RESTORER != 0, "no role"
        new.location = ESCROW
        return new
    assert self.roles[actor] & ACCEPTER != 0, "no role"
    if asked.action == AMEND:
        # In place of a remark stands the SHA-256 of the amended document.
        assert asked.remark != empty(bytes32) and asked.remark != state.content, "same content"
        new.content = asked.remark
        return new
    # For paper, in place of a remark stands the commitment to its serial.
    assert asked.action == BURN or asked.remark != empty(bytes32), "no serial"
    new.beneficiary = NOBODY
    new.holder = NOBODY
    new.location = ENDED
    return new


@internal
@pure
def _in_escrow(state: State, asked: Move, actor: address) -> State:
    joined: bool = state.beneficiary == state.holder
    if state.kind == BLANK:
        assert (
            asked.action == TRANSFER_OWNERS and asked.first == asked.second
        ) or asked.action == REJECT_OWNERS or asked.action == GIVE_BACK or asked.action == FROM_BLANK, "title follows possession"
    new: State = state
    if asked.action == NOMINATE:
        assert actor == state.beneficiary, "not the beneficiary"
        assert asked.first != state.beneficiary, "beneficiary already"
        assert asked.first != state.nominee, "nominated already"
        if asked.first != NOBODY:
            self._named(state, asked.first)
        new.nominee = asked.first
        new.previous_beneficiary = NOBODY
        if joined:
            new.previous_holder = NOBODY
        return new
    if asked.action <= TRANSFER_OWNERS:
        assert actor == state.holder, "not the holder"
        if asked.action != TRANSFER_HOLDER:
            assert asked.first != NOBODY, "nobody"
            assert joined or asked.first == state.nominee, "not nominated"
            self._named(state, asked.first)
            new.previous_beneficiary = state.beneficiary
            new.previous_holder = NOBODY
            new.nominee = NOBODY
            new.beneficiary = asked.first
        if asked.action != TRANSFER_BENEFICIARY:
            to: address = asked.first if asked.action == TRANSFER_HOLDER else asked.second
            assert to != NOBODY, "nobody"
            assert to != state.holder, "holder already"
            if new.beneficiary == state.holder:
                new.previous_beneficiary = NOBODY
            new.previous_holder = state.holder
            new.holder = to
        return new
    if asked.action == REJECT_BENEFICIARY:
        assert actor == state.beneficiary, "not the beneficiary"
        assert not joined, "reject both"
        assert state.previous_beneficiary != NOBODY, "nothing to reject"
        new.beneficiary = state.previous_beneficiary
        new.previous_beneficiary = NOBODY
        new.nominee = NOBODY
        return new
    if asked.action == REJECT_HOLDER:
        assert actor == state.holder, "not the holder"
        assert not joined, "reject both"
        assert state.previous_holder != NOBODY, "nothing to reject"
        new.holder = state.previous_holder
        new.previous_holder = NOBODY
        return new
    assert joined and actor == state.holder, "not both"
    new.nominee = NOBODY
    new.previous_beneficiary = NOBODY
    new.previous_holder = NOBODY
    if asked.action == REJECT_OWNERS:
        assert state.previous_beneficiary != NOBODY and state.previous_holder != NOBODY, "nothing to reject"
        new.beneficiary = state.previous_beneficiary
        new.holder = state.previous_holder
    elif asked.action == GIVE_BACK:
        new.location = ISSUER
    elif asked.action == TO_BLANK:
        assert state.kind == TO_ORDER, "kind"
        new.kind = BLANK
    else:
        assert state.kind == BLANK, "kind"
        new.kind = TO_ORDER
    return new


@internal
@pure
def _named(state: State, to: address):
    assert state.kind != STRAIGHT or to == state.shipper or to == state.consignee, "not named"
