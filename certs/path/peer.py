"""The other end of a connection: is this certificate good for that name? (RFC 9525, RFC 5280)."""

from __future__ import annotations

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv6Address
from typing import Final

from cryptography import x509
from cryptography.x509.oid import ExtendedKeyUsageOID

from certs.path.names import is_host
from certs.path.refusal import constraint
from certs.x509.certificate import Certificate

SERVER_AUTH: Final = ExtendedKeyUsageOID.SERVER_AUTH.dotted_string
CLIENT_AUTH: Final = ExtendedKeyUsageOID.CLIENT_AUTH.dotted_string
_COUNTRY: Final = 2
_REGISTRIES: Final = frozenset({"com", "org", "net", "gov", "edu", "mil"})

PeerName = str | IPv4Address | IPv6Address


def check_peer(path: Sequence[Certificate], name: PeerName | None, purpose: str) -> None:
    """Raise Refused unless the path's first certificate is for `name` and `purpose`.

    Names are only looked for in subjectAltName, never in the common name; a wildcard stands for
    one whole label, the leftmost. Intermediate authorities that restrict purposes must allow it.
    """
    signer = path[0]
    for each in path[:-1] if len(path) > 1 else path:
        if each.purposes is not None and purpose not in each.purposes:
            raise constraint(each, "it is not for this purpose", "其用途不符")
    if not signer.is_authority and signer.allows("key_cert_sign") and signer.key_usage is not None:
        raise constraint(signer, "it signs certificates but is no authority", "其密钥用途有误")
    if name is not None and not _names(signer, name):
        raise constraint(signer, f"it is not for {name}", f"它不属于 {name}")


def _names(signer: Certificate, name: PeerName) -> bool:
    found = signer.extension(x509.SubjectAlternativeName)
    if found is None:
        return False
    if isinstance(name, str):
        hosts = found.get_values_for_type(x509.DNSName)
        proper = all(is_host(host, wildcard=True) and "_" not in host for host in hosts)
        return proper and any(_host_matches(host.lower(), name.lower()) for host in hosts)
    return name in found.get_values_for_type(x509.IPAddress)


def _host_matches(pattern: str, host: str) -> bool:
    first, _, rest = pattern.partition(".")
    if first != "*":
        return pattern == host
    return _registrable(rest) and host.partition(".")[2] == rest


def _registrable(domain: str) -> bool:
    """Tell whether a wildcard may stand below: a domain of two labels that is no registry's own.

    The list of public suffixes changes weekly and is not at hand; this errs on the strict side.
    """
    second, _, top = domain.partition(".")
    registry = len(top) == _COUNTRY and (second in _REGISTRIES or len(second) <= _COUNTRY)
    return bool(top) and "." not in top and not registry
