"""Asking registers on chains what has become of a title."""

from __future__ import annotations

from certs.records import Token
from gateway.wiring.records.nodes import serving
from gateway.wiring.records.records import Answer, Offline
from gateway.wiring.records.standing import Title
from ledger.anchors.errors import AnchorUnavailable
from ledger.title.chain import TitleChain
from ledger.title.tradetrust import Status, TitleStatus, TradeTrustRegistry
from schemas.text import Text

_SAYS = {
    Status.LIVE: Text("The register has it in force.", "登记处显示其有效。"),
    Status.SURRENDERED: Text(
        "It was returned to the issuer and awaits its answer.", "已退回签发人,等待其答复。"
    ),
    Status.ENDED: Text("It was surrendered and has ended.", "已交单并终结。"),
}


class ChainRegister:
    """The token registries of some chains (TradeTrust, version 4 and 5)."""

    def __init__(self, *chains: TitleChain) -> None:
        """Ask these nodes, each about its own chain."""
        self._chains = chains

    def standing(self, token: Token) -> Answer:
        """Return what the registry says; no answer, another chain, no registry are unknown."""
        if not token.chain_id:
            why = Text("Which chain is meant is not said.", "未说明所在链。")
            return Answer(title=Title.UNKNOWN, why=why)
        if not self._chains:
            return Offline().standing(token)
        try:
            chain = serving(self._chains, token.chain_id)
        except AnchorUnavailable as lost:
            return Answer(title=Title.UNKNOWN, why=lost.message)
        if chain is None:
            number = token.chain_id
            why = Text(f"No node serves chain {number}.", f"没有服务链 {number} 的节点。")
            return Answer(title=Title.UNKNOWN, why=why)
        registry = TradeTrustRegistry(chain, token.registry)
        return _standing(registry.checked_status(token.token_id, token.chain_id))


def _standing(found: TitleStatus) -> Answer:
    return Answer(
        title=Title(found.status.value),
        why=_SAYS.get(found.status) or Text(found.reason, f"登记处:{found.reason}"),
        beneficiary=found.beneficiary,
        holder=found.holder,
    )
