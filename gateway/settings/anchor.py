"""Settings of where the roots of checkpoints are anchored."""

from __future__ import annotations

from typing import Annotated, Final, Literal, Self

from pydantic import Field, model_validator

from gateway.settings.part import Part

IN_PROCESS: Final = "in-process"


class AnchorTarget(Part):
    """One place for checkpoint roots: an EVM chain, a file, or nowhere but the witness."""

    kind: Literal["evm", "file", "witness"] = "evm"
    rpc_url: str = IN_PROCESS
    chain_id: int | None = None
    contract: str | None = None
    key: str = "file:chain.key"
    confirmations: Annotated[int, Field(ge=0, le=10_000)] = 1

    @property
    def in_process(self) -> bool:
        """Whether it is the chain inside the gateway's own process."""
        return self.kind == "evm" and self.rpc_url == IN_PROCESS


class AnchorSettings(AnchorTarget):
    """Where checkpoint roots are anchored; `also` are further places, each on its own."""

    also: tuple[AnchorTarget, ...] = ()

    @property
    def targets(self) -> tuple[AnchorTarget, ...]:
        """Every place that takes anchors."""
        return tuple(each for each in (self, *self.also) if each.kind != "witness")

    @model_validator(mode="after")
    def _one_writer_each(self) -> Self:
        """An account has one sequence of transactions on a chain, and a file one chain of lines."""
        writers = [
            (each.kind, each.key, each.chain_id) if each.kind == "evm" else (each.kind, "", None)
            for each in self.targets
        ]
        if len(set(writers)) < len(writers):
            raise ValueError("two anchors share a chain and an account, or a file")
        return self
