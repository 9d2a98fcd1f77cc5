"""The operator's party master: what its customers are called and registered as elsewhere.

A file of the gateway's own (`parties.toml`), because a Chinese declaration names its declarant in
Chinese alone and nothing is ever transliterated:

    [[party]]
    id = "91370200MA9TETX134"                            # any id the declaration may carry
    name = "Sample Bridge Customs Brokers Co., Ltd."      # Latin script
    ids = { "SG-UEN" = "209900001Z" }                     # registrations in other countries
"""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from gateway.clearance.compare import folded
from gateway.clearance.joinrules import Source
from schemas.document import Document, Family, Term
from schemas.errors import SettingsError
from schemas.loss import LossClass
from schemas.text import Text

_ROLES: Final = ("Declarant", "Exporter", "GoodsShipment.Importer", "GoodsShipment.Consignee")


class PartiesWrong(SettingsError):
    """The party master cannot be read."""

    code = "SG-9320"
    title = Text("The party master {where} is wrong: {reason}", "企业资料 {where} 有误:{reason}")
    hint = Text(
        "Each [[party]] has an `id` and a `name`, both text.",
        "每个 [[party]] 须有文本 `id` 与 `name`。",
    )


@dataclass(frozen=True, slots=True)
class Party:
    """One known party: its id at home, its name in Latin script, its ids elsewhere by scheme."""

    id: str
    name: str
    ids: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PartyMaster:
    """The known parties, by id and by name."""

    by_id: Mapping[str, Party]
    by_name: Mapping[str, Party]

    @classmethod
    def load(cls, path: Path) -> PartyMaster:
        """Read a party master, an empty one where there is no file; raises PartiesWrong."""
        if not path.is_file():
            return cls({}, {})
        try:
            rows = tomllib.loads(path.read_text(encoding="utf-8")).get("party", [])
            parties = [_party(row) for row in rows]
        except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
            raise PartiesWrong(where=str(path), reason=repr(error)) from error
        by_id = {party.id: party for party in parties}
        return cls(by_id, {folded(party.name): party for party in parties})

    def document(self, declaration: Document) -> Document | None:
        """Return what is known of the parties of a declaration, for the join; None if nothing."""
        terms = [term for role in _ROLES for term in self._terms(role, declaration)]
        if not terms:
            return None
        return Document(Source.PARTY_MASTER.value, "", Family.DECLARATION, terms)

    def _terms(self, role: str, declaration: Document) -> Iterator[Term]:
        party = self.by_id.get(declaration.value(f"{role}.ID"))
        party = party or self.by_name.get(folded(declaration.value(f"{role}.Name")))
        if party is None:
            return
        yield Term(f"{role}.Name", party.name, cls=LossClass.DERIVE)
        if not declaration.value(f"{role}.ID"):
            for scheme, number in party.ids.items():
                yield Term(f"{role}.ID", number, {"scheme": scheme}, cls=LossClass.DERIVE)


def _party(row: Mapping[str, Any]) -> Party:
    party_id, name, ids = row["id"], row["name"], row.get("ids", {})
    if not isinstance(party_id, str) or not isinstance(name, str):
        raise TypeError(row)
    return Party(party_id, name, {str(k): str(v) for k, v in ids.items()})
