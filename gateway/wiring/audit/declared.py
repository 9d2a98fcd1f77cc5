"""What an evidence package proves of a declaration: that it has the fields both logs committed to.

The root of a two-side proof tells nothing of the fields below it. A side's own package holds them
with their salt key, beside the declaration they were taken from, and so ties that to the root.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

import adapters
from certs import jws
from certs.evidence import Item, Role
from certs.trust import TrustStore
from certs.verdict import SubIndication
from gateway.clearance.corridor import corridor, corridors
from gateway.clearance.twoside import common_fields
from gateway.wiring.audit.answers import Answer, nothing, proven, refuted
from gateway.wiring.audit.changed import TYPE
from ledger.twoside import TwoSideProof, common_tree
from schemas.document import Document, plain
from schemas.errors import LedgerError, SilkgateError
from schemas.jcs import canonical_json
from schemas.jsondepth import loads
from schemas.text import Text

FIELDS: Final = "log/common-fields.json"


def fields_of(said: Mapping[str, object], declaration: str) -> Item:
    """Return as a file the fields of a declaration that both logs commit to."""
    about = {"declaration": declaration}
    return Item(FIELDS, canonical_json(dict(said)), Role.DISCLOSURE, about)


@dataclass(frozen=True, slots=True)
class _Said:
    corridor: str
    fields: Mapping[str, str]
    salt_key: bytes
    root: bytes

    @classmethod
    def read(cls, data: bytes) -> _Said:
        """Return what a disclosure says; raises ValueError for anything else."""
        said: dict[str, Any] = loads(data)
        try:
            fields = {str(name): str(value) for name, value in said["fields"].items()}
            salt_key = bytes.fromhex(said["salt_key"])
            root = common_tree(fields, fields.keys(), salt_key).root
            return cls(str(said["corridor"]), fields, salt_key, root)
        except (KeyError, TypeError, AttributeError, LedgerError) as error:
            raise ValueError(FIELDS) from error


def declared(items: Sequence[Item], store: TrustStore) -> Answer:
    """Answer whether the declaration has the common fields that make the root.

    Differences are in order where a signed change in the package is about the field.
    """
    shown = next((item for item in items if item.name == FIELDS), None)
    if shown is None:
        return nothing("No common fields are disclosed.", "未披露共同字段。")
    by_name = {item.name: item for item in items}
    declaration = by_name.get(shown.about.get("declaration", ""))
    if declaration is None or declaration.role is not Role.DECLARATION:
        return refuted(_NO_DECLARATION, SubIndication.SIGNED_DATA_NOT_FOUND)
    try:
        said = _Said.read(shown.data)
        document = adapters.read(declaration.data).document
    except (ValueError, SilkgateError) as error:
        return refuted(Text(f"{FIELDS}: {error}", f"{FIELDS}:{error}"), _FORMAT)
    if any(root != said.root for root in _roots(items)):
        return refuted(_ANOTHER_ROOT, SubIndication.HASH_FAILURE)
    if said.corridor not in corridors():
        name = said.corridor
        return nothing(f"The corridor {name} is not known here.", f"此处未知通道 {name}。")
    return _compared(declaration, document, said, _changed(items, store))


def _compared(
    declaration: Item, document: Document, said: _Said, changed: Collection[str]
) -> Answer:
    """Compare the fields committed to with those of the declaration, but those changed since."""
    found = common_fields(document, corridor(said.corridor))
    other = {name for name in {*found, *said.fields} if found.get(name) != said.fields.get(name)}
    unexplained = sorted(other.difference(changed))
    details = ({"file": declaration.name, "fields": len(said.fields), "changed": sorted(other)},)
    if unexplained:
        return refuted(_differ(unexplained), SubIndication.HASH_FAILURE, details)
    return proven(
        Text(
            f"The {len(said.fields)} common fields of {declaration.name} make the root.",
            f"{declaration.name} 的 {len(said.fields)} 个共同字段与承诺根一致。",
        ),
        details,
    )


def _roots(items: Sequence[Item]) -> Iterator[bytes]:
    """Yield the roots of the two-side proofs; what cannot be read is no answer to this question."""
    for item in items:
        if item.role is Role.DISCLOSURE and item.name.endswith(".cbor"):
            with suppress(LedgerError):
                yield TwoSideProof.parse(item.data).root


def _changed(items: Sequence[Item], store: TrustStore) -> set[str]:
    """Return the fields that signed statements in the package change."""
    fields: set[str] = set()
    for item in items:
        if item.role is Role.CHANGE:
            verdict = jws.verify(item.data, store, typ=TYPE)
            said = json.loads(verdict.signed) if verdict.passed else {}
            fields |= {plain(str(each["term"])) for each in said.get("changes", ())}
    return fields


def _differ(names: Sequence[str]) -> Text:
    shown = ", ".join(names[:5])
    return Text(
        f"The declaration says otherwise in: {shown}.", f"申报单中以下字段与承诺不符:{shown}。"
    )


_FORMAT: Final = SubIndication.FORMAT_FAILURE
_NO_DECLARATION: Final = Text(
    "The declaration that the common fields are from is not in the package.",
    "证据包中没有共同字段所出自的申报单。",
)
_ANOTHER_ROOT: Final = Text(
    "The common fields make another root than that of the two-side proof.",
    "共同字段得出的承诺根与双边证明不同。",
)
