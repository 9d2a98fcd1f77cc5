"""The rules that the certificates of a path keep (RFC 5280, 6.1), one by one."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Final

from certs.path.names import NameRules
from certs.path.refusal import constraint
from certs.verdict import Refused, SubIndication
from certs.x509.certificate import Certificate
from schemas.text import Text

_WEAK: Final = frozenset({"md5", "sha1"})


def check_validity(each: Certificate, at: datetime, *, anchor: bool) -> None:
    """A certificate must be valid at the time; an anchor is trusted from its start on."""
    if each.valid_at(at) or (anchor and each.not_before <= at):
        return
    raise Refused(
        SubIndication.OUT_OF_BOUNDS_NO_POE,
        Text(
            f"“{each.name}” is not valid at the proven time {at:%Y-%m-%d %H:%M:%S}Z.",
            f"证书“{each.name}”在可证明的时间 {at:%Y-%m-%d %H:%M:%S}Z 不在有效期内。",
        ),
    )


def check_strength(each: Certificate) -> None:
    """A certificate below the anchor may not be signed over a digest that can be forged."""
    digest = each.signature_digest
    if digest in _WEAK:
        raise Refused(
            SubIndication.CRYPTO_CONSTRAINTS_FAILURE_NO_POE,
            Text(
                f"“{each.name}” is signed with {digest}.",
                f"证书“{each.name}”使用 {digest} 签名。",
            ),
        )


def check_authority(each: Certificate, below: Sequence[Certificate], *, anchor: bool) -> None:
    """An issuer must be a CA allowed to sign certificates, and not too high above the signer."""
    old_anchor = anchor and each.x509.version.value == 0
    if not each.is_authority and not old_anchor:
        raise constraint(each, "it is no certification authority", "它不是认证机构证书")
    if not each.allows("key_cert_sign"):
        raise constraint(each, "it may not sign certificates", "它不得签发证书")
    between = sum(not lower.self_issued for lower in below)
    if each.path_length is not None and between > each.path_length:
        raise constraint(each, "the path is longer than it allows", "证书路径超过其允许的长度")


def check_names(path: Sequence[Certificate]) -> None:
    """Names below an authority keep its constraints; self-issued ones in between are free."""
    rules = NameRules()
    for depth in range(len(path) - 1, 0, -1):
        rules.add(path[depth])
        below = path[depth - 1]
        if depth == 1 or not below.self_issued:
            rules.check(below)
