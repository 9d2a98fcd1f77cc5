"""What JAdES (TS 119 182-1) adds to the protected headers of JWS."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Final

from certs import jose
from certs.digests import SHA256, SHA384, SHA512, Digest
from certs.jose.serialization import Json
from certs.verdict import Refused, SubIndication
from schemas.text import Text

# Header parameters of TS 119 182-1, section 5, that may be critical: all are read or only tell
# more about the signature; none changes what is signed except sigD, which is resolved.
_CRITICAL: Final = frozenset(
    {
        *("sigT", "iat", "sigD", "sigPl", "srCms", "srAts", "adoTst", "sigPId", "sigX5ts"),
        *("x5t#o", "b64"),
    }
)
DIGESTS: Final = {"S256": SHA256, "S384": SHA384, "S512": SHA512}


def claimed_time(header: Json) -> datetime | None:
    """Return iat, or the older sigT; the signer's own claim."""
    try:
        issued = header.get("iat")
        if isinstance(issued, int) and not isinstance(issued, bool):
            return datetime.fromtimestamp(issued, UTC)
        signed = header.get("sigT")
        moment = datetime.fromisoformat(signed) if isinstance(signed, str) else None
    except (ValueError, OverflowError, OSError) as error:
        raise constraint("The signing time is not a time.", "签名时间格式错误。") from error
    return moment if moment is not None and moment.tzinfo else None


def check_header(header: Json, typ: str | None) -> None:
    """Refuse critical headers that are not understood, and a JWS of another kind than `typ`."""
    critical = header.get("crit")
    if critical is not None:
        if not isinstance(critical, list) or not critical:
            raise constraint("“crit” is malformed.", "“crit” 格式错误。")
        for name in critical:
            if not isinstance(name, str) or name not in _CRITICAL or name not in header:
                raise constraint(f"Unknown critical header {name!r}.", f"未知关键头部 {name!r}。")
    if typ is not None and header.get("typ") != typ:
        raise constraint(f"This is not a {typ!r}.", f"这不是 {typ!r}。")


def check_members(strange: frozenset[str]) -> None:
    """Doubt a JWS with members of others: they may be ignored (RFC 7515, 7.2), or be damage."""
    if strange:
        listed = ", ".join(sorted(strange))
        raise constraint(f"Nobody signed the members {listed}.", f"成员 {listed} 未被签名。")


def named_certificate(header: Json) -> tuple[Digest, bytes] | None:
    """Return digest and value by which the header names the signer's certificate, or None.

    In x5t#S256, in x5t#o with a digest of its own, or first in sigX5ts (TS 119 182-1, 5.1.7 and
    5.2.2). Raises Refused (SIG_CONSTRAINTS_FAILURE) for one that cannot be read.
    """
    if "x5t#S256" in header:
        return SHA256, jose.decode(str(header["x5t#S256"]))
    several = header.get("sigX5ts")
    named = several[0] if isinstance(several, list) and several else header.get("x5t#o")
    if named is None:
        return None
    algorithm = named.get("digAlg") if isinstance(named, dict) else None
    digest = DIGESTS.get(str(algorithm))
    if digest is None or not isinstance(named, dict):
        raise constraint("The certificate is named by no known digest.", "证书摘要算法未知。")
    return digest, jose.decode(str(named.get("digVal")))


def constraint(en: str, zh: str) -> Refused:
    """Return the refusal of headers that break a rule of JAdES."""
    return Refused(SubIndication.SIG_CONSTRAINTS_FAILURE, Text(en, zh))
