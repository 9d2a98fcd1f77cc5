"""Certificate policies along a path (RFC 5280, 6.1), as the graph of RFC 9618.

The tree of RFC 5280 can grow with the power of the path's length; the graph keeps one node per
policy and level. A node remembers what it expects below and from which policies of the anchor's
domain it comes, so nothing has to be pruned: a level without nodes is the empty tree.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from cryptography import x509

from certs.path.refusal import constraint, too_much
from certs.verdict import Refused, SubIndication
from certs.x509.certificate import Certificate
from schemas.text import Text

ANY_POLICY: Final = "2.5.29.32.0"
_MOST_POLICIES: Final = 200
_UNBOUNDED: Final = 1 << 30


@dataclass(frozen=True, slots=True, kw_only=True)
class PolicyInputs:
    """What the relying party asks for (RFC 5280, 6.1.1 c to g)."""

    acceptable: frozenset[str] = frozenset({ANY_POLICY})
    explicit: bool = False
    inhibit_mapping: bool = False
    inhibit_any: bool = False


@dataclass(slots=True)
class _Node:
    expected: set[str]
    roots: set[str]


@dataclass(slots=True)
class _State:
    """The graph's lowest level, and the three counters."""

    explicit: int
    mapping: int
    any: int
    level: dict[str, _Node] = field(
        default_factory=lambda: {ANY_POLICY: _Node({ANY_POLICY}, {ANY_POLICY})}
    )


def check_policies(path: Sequence[Certificate], inputs: PolicyInputs) -> None:
    """Raise Refused unless a path (signer first, anchor last) keeps the rules on policies."""
    state = _State(
        explicit=0 if inputs.explicit else _UNBOUNDED,
        mapping=0 if inputs.inhibit_mapping else _UNBOUNDED,
        any=0 if inputs.inhibit_any else _UNBOUNDED,
    )
    below = path[-2::-1]
    for depth, each in enumerate(below, start=1):
        last = depth == len(below)
        state.level = _level(state, each, last=last)
        if not state.level and state.explicit == 0:
            raise _no_policy(each)
        if not last:
            _map(state, each)
            _count(state, each)
    if below:
        _wrap_up(state, below[-1], inputs)


def _policies(each: Certificate) -> set[str]:
    found = each.extension(x509.CertificatePolicies)
    policies = {one.policy_identifier.dotted_string for one in found or ()}
    if len(policies) > _MOST_POLICIES:
        raise too_much()
    return policies


def _level(state: _State, each: Certificate, *, last: bool) -> dict[str, _Node]:
    """Return the next level of the graph (6.1.3 d, e)."""
    above, policies = state.level, _policies(each)
    if not above or not policies:
        return {}
    level: dict[str, _Node] = {}
    for policy in policies - {ANY_POLICY}:
        parents = [node for node in above.values() if policy in node.expected]
        if parents:
            level[policy] = _child(policy, above, parents)
        elif ANY_POLICY in above:
            level[policy] = _child(policy, above, [above[ANY_POLICY]])
    if ANY_POLICY in policies and (state.any > 0 or (not last and each.self_issued)):
        wanted = set().union(*(node.expected for node in above.values())) - level.keys()
        for policy in wanted:
            parents = [node for node in above.values() if policy in node.expected]
            level[policy] = _child(policy, above, parents)
    return level


def _child(policy: str, above: dict[str, _Node], parents: Sequence[_Node]) -> _Node:
    """A child of anyPolicy is a root of its own; any other comes from its parents' roots."""
    top = above.get(ANY_POLICY)
    roots: set[str] = set()
    for parent in parents:
        roots |= {policy} if parent is top else parent.roots
    return _Node({policy}, roots)


def _map(state: _State, each: Certificate) -> None:
    """Apply policy mappings (6.1.4 a, b)."""
    mappings = each.policy_mappings
    if any(ANY_POLICY in pair for pair in mappings):
        raise constraint(each, "anyPolicy may not be mapped", "不得映射 anyPolicy")
    if len(mappings) > _MOST_POLICIES:
        raise too_much()
    top = state.level.get(ANY_POLICY)
    targets: dict[str, set[str]] = {}
    for issuer, subject in mappings:
        targets.setdefault(issuer, set()).add(subject)
    for issuer, subjects in targets.items():
        if state.mapping == 0:
            state.level.pop(issuer, None)
        elif issuer in state.level:
            state.level[issuer].expected = subjects
        elif top is not None:
            state.level[issuer] = _Node(subjects, {issuer})


def _count(state: _State, each: Certificate) -> None:
    """Run the counters down and take over the certificate's own limits (6.1.4 h to j)."""
    if not each.self_issued:
        state.explicit = max(state.explicit - 1, 0)
        state.mapping = max(state.mapping - 1, 0)
        state.any = max(state.any - 1, 0)
    limits = each.extension(x509.PolicyConstraints)
    if limits is not None:
        state.explicit = min(state.explicit, _or_unbounded(limits.require_explicit_policy))
        state.mapping = min(state.mapping, _or_unbounded(limits.inhibit_policy_mapping))
    inhibit = each.extension(x509.InhibitAnyPolicy)
    if inhibit is not None:
        state.any = min(state.any, inhibit.skip_certs)


def _or_unbounded(value: int | None) -> int:
    return _UNBOUNDED if value is None else value


def _wrap_up(state: _State, signer: Certificate, inputs: PolicyInputs) -> None:
    """Intersect with what the relying party accepts (6.1.5 a, b, g)."""
    explicit = max(state.explicit - 1, 0)
    limits = signer.extension(x509.PolicyConstraints)
    if limits is not None and limits.require_explicit_policy == 0:
        explicit = 0
    accepted = state.level and (
        ANY_POLICY in inputs.acceptable
        or any(node.roots & {ANY_POLICY, *inputs.acceptable} for node in state.level.values())
    )
    if explicit == 0 and not accepted:
        raise _no_policy(signer)


def _no_policy(each: Certificate) -> Refused:
    return Refused(
        SubIndication.CHAIN_CONSTRAINTS_FAILURE,
        Text(
            f"“{each.name}”: no certificate policy holds along the whole path.",
            f"“{each.name}”:没有贯穿整条路径的证书策略。",
        ),
    )
