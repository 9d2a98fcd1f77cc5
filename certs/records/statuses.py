"""What a credential says of its status (`credentialStatus`): a title's register, status lists."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from certs.records.model import Broken, Token
from certs.records.pending import PURPOSES, Listed, Pending, Strange
from certs.records.strict import Json, listed

_TITLE: Final = "TransferableRecords"
_ENTRY: Final = "BitstringStatusListEntry"
_ADDRESS: Final = re.compile(r"0x[0-9a-fA-F]{40}")
_TOKEN: Final = re.compile(r"(?:0x)?([0-9a-fA-F]{64})")
_CHAIN: Final = re.compile(r"[1-9][0-9]{0,18}")
_INDEX: Final = re.compile(r"[0-9]{1,12}")


def token(document: Json) -> Token | None:
    """Return where the title is, None when no status names a register.

    Raises Broken when that cannot be told: several registers, a malformed one or other status.
    """
    titles = [each for each in _statuses(document) if _TITLE in listed(each, "type")]
    if not titles:
        return None
    found = _token(titles[0])
    if found is None or len(titles) > 1:
        raise Broken("Which register keeps the title is not said.", "未说明由哪个登记处保管物权。")
    return found


def pending(document: Json, issuer: str) -> Iterator[Pending]:
    """Yield the statuses that are not a title's: entries of lists, and what is not understood."""
    try:
        found = _statuses(document)
    except Broken:
        yield Strange(kind="")
        return
    for each in found:
        if _TITLE not in listed(each, "type"):
            yield _entry(each, issuer) or Strange(kind=str(each.get("type", "")))


def _statuses(document: Json) -> list[Json]:
    """Return the statuses of a credential; raises Broken where one of them is malformed."""
    if "credentialStatus" not in document:
        return []
    found = listed(document, "credentialStatus")
    if not found or not all(isinstance(each, dict) for each in found):
        raise Broken("The status is malformed.", "状态格式错误。")
    return found


def _token(status: Json) -> Token | None:
    network = status.get("tokenNetwork")
    chain = network.get("chainId") if isinstance(network, dict) else None
    registry = str(status.get("tokenRegistry"))
    token_id = _TOKEN.fullmatch(str(status.get("tokenId")))
    if not isinstance(chain, int | str) or not _CHAIN.fullmatch(str(chain)):
        return None
    if token_id is None or not _ADDRESS.fullmatch(registry):
        return None
    return Token(int(chain), registry, bytes.fromhex(token_id[1]))


def _entry(status: Json, issuer: str) -> Listed | None:
    """Return an entry of a Bitstring Status List, None for what is none."""
    index, size = str(status.get("statusListIndex")), status.get("statusSize", 0)
    purpose = str(status.get("statusPurpose", ""))
    if (
        _ENTRY not in listed(status, "type")
        or not _INDEX.fullmatch(index)
        or purpose not in PURPOSES
    ):
        return None
    if not isinstance(size, int) or size < 0:
        return None
    return Listed(
        url=str(status.get("statusListCredential", "")),
        index=int(index),
        purpose=purpose,
        issuer=issuer,
        size=size,
    )
