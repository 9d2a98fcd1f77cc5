"""Asking a register on a chain what has become of a title."""

from __future__ import annotations

from dataclasses import dataclass

from certs.records import Token
from gateway.wiring.records import Answer
from gateway.wiring.standing import Title
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


@dataclass(frozen=True, slots=True)
class ChainRegister:
    """The token registries of one chain (TradeTrust, version 4 and 5)."""

    chain: TitleChain

    @classmethod
    def at(cls, url: str) -> ChainRegister:
        """Return the registers behind a JSON-RPC address; nothing is asked of it yet."""
        from ledger.title.evm import connect

        return cls(connect(url))

    def standing(self, token: Token) -> Answer:
        """Return what the registry says; no answer, another chain, no registry are unknown."""
        if not token.chain_id:
            why = Text("Which chain is meant is not said.", "未说明所在链。")
            return Answer(title=Title.UNKNOWN, why=why)
        registry = TradeTrustRegistry(self.chain, token.registry)
        return _standing(registry.checked_status(token.token_id, token.chain_id))


def _standing(found: TitleStatus) -> Answer:
    return Answer(
        title=Title(found.status.value),
        why=_SAYS.get(found.status) or Text(found.reason, f"登记处:{found.reason}"),
        beneficiary=found.beneficiary,
        holder=found.holder,
    )
