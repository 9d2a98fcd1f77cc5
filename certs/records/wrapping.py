"""OpenAttestation 2.0, written: wrapped, and redacted by its holder."""

from __future__ import annotations

import copy
from collections.abc import Sequence

from certs.errors import RecordRefused
from certs.records import merkle, salted
from certs.records.oa2 import VERSION
from certs.records.strict import Json


def wrap(documents: Sequence[Json]) -> list[Json]:
    """Return the wrapped records of documents, in one batch when there are several.

    Raises RecordRefused for a name with a dot, for no document, and for a batch with a title.
    """
    if not documents:
        raise RecordRefused(reason="there is no document")
    if len(documents) > 1 and any(_is_title(each) for each in documents):
        raise RecordRefused(reason="a title record is never wrapped in a batch")
    datas = [salted.salted(each) for each in documents]
    targets = [salted.digest(data, []) for data in datas if isinstance(data, dict)]
    root, paths = merkle.prove(targets)
    return [
        {
            "version": VERSION,
            "data": data,
            "signature": {
                "type": "SHA3MerkleProof",
                "targetHash": target.hex(),
                "proof": [node.hex() for node in path],
                "merkleRoot": root.hex(),
            },
        }
        for data, target, path in zip(datas, targets, paths, strict=True)
    ]


def _is_title(document: Json) -> bool:
    listed = document.get("issuers")
    return isinstance(listed, list) and any(
        isinstance(each, dict) and "tokenRegistry" in each for each in listed
    )


def redacted(record: Json, paths: Sequence[str]) -> Json:
    """Return the record without the fields at these dotted paths; it stays verifiable.

    Raises RecordRefused for a path that is not there, and for one that hides who issued the
    record or which register keeps its title.
    """
    shown = copy.deepcopy(record)
    privacy = shown.setdefault("privacy", {})
    if not isinstance(privacy, dict):
        raise RecordRefused(reason="the redactions are malformed")
    hidden = privacy.setdefault("obfuscatedData", [])
    for path in paths:
        if path.split(".")[0] in {"issuers", "network"}:
            raise RecordRefused(reason=f"{path} tells where the title is kept")
        removed = _cut(shown["data"], path.split("."))
        hidden += [salted.leaf_hash(at, leaf) for at, leaf in salted.leaves(removed, path)]
    return shown


def _cut(data: object, steps: Sequence[str]) -> object:
    """Take the value at a path out of `data`; an item of an array would move the others."""
    place = data
    for step in steps[:-1]:
        place = _step(place, step)
    if not isinstance(place, dict) or steps[-1] not in place:
        raise RecordRefused(reason=f"there is no field {'.'.join(steps)}")
    return place.pop(steps[-1])


def _step(place: object, step: str) -> object:
    if isinstance(place, dict) and step in place:
        return place[step]
    if isinstance(place, list) and step.isdigit() and int(step) < len(place):
        return place[int(step)]
    raise RecordRefused(reason=f"there is no field {step}")
