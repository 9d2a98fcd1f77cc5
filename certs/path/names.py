"""Name constraints (RFC 5280, 4.2.1.10 and 6.1): what names an authority may certify.

Types evaluated: dNSName, iPAddress, uniformResourceIdentifier, rfc822Name, directoryName. A name
of another type that is constrained is refused, and so is a name that is not well-formed.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network
from typing import Final
from urllib.parse import urlsplit

from cryptography import x509
from cryptography.x509.oid import NameOID

from certs.path.refusal import constraint, too_much
from certs.x509.certificate import Certificate, name_key

_MOST_COMPARISONS: Final = 100_000
_LABEL: Final = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)")
_LONGEST_HOST: Final = 253


@dataclass(slots=True)
class NameRules:
    """The constraints met so far, from the anchor down; one entry of `permitted` per authority."""

    permitted: list[tuple[x509.GeneralName, ...]] = field(default_factory=list)
    excluded: list[x509.GeneralName] = field(default_factory=list)
    left: int = _MOST_COMPARISONS

    def add(self, authority: Certificate) -> None:
        """Take over the constraints that an authority's certificate puts on all below it."""
        found = authority.extension(x509.NameConstraints)
        if found is None:
            return
        permitted = tuple(found.permitted_subtrees or ())
        excluded = tuple(found.excluded_subtrees or ())
        if not permitted and not excluded:
            raise constraint(authority, "its name constraints are empty", "其名称约束为空")
        for each in (*permitted, *excluded):
            if not _well_formed_base(each):
                raise constraint(authority, "a name constraint is malformed", "名称约束格式有误")
        if permitted:
            self.permitted.append(permitted)
        self.excluded.extend(excluded)

    def check(self, subject: Certificate) -> None:
        """Raise Refused when a name of `subject` is outside of what is permitted."""
        if not self.permitted and not self.excluded:
            return
        for name in _names(subject):
            if not self._allowed(name):
                raise constraint(
                    subject,
                    f"the name {name.value!s:.80} is not within the name constraints",
                    f"名称 {name.value!s:.80} 不符合名称约束",
                )

    def _allowed(self, name: x509.GeneralName) -> bool:
        if any(self._matches(name, base) for base in self.excluded):
            return False
        for bases in self.permitted:
            alike = [base for base in bases if type(base) is type(name)]
            if alike and not any(self._matches(name, base, permit=True) for base in alike):
                return False
        return True

    def _matches(
        self, name: x509.GeneralName, base: x509.GeneralName, *, permit: bool = False
    ) -> bool:
        """Tell whether `name` lies in the subtree; what cannot be judged counts against it."""
        self.left -= 1
        if self.left < 0:
            raise too_much()
        if type(base) is not type(name):
            return False
        inside = _INSIDE.get(type(name))
        if inside is None or not _well_formed(name):
            return not permit
        return inside(name.value, base.value) or (
            not permit and isinstance(name, x509.DNSName) and _wildcard_meets(name.value, base)
        )


def _names(subject: Certificate) -> Iterator[x509.GeneralName]:
    """The subject if not empty, every alternative name, and e-mail addresses in old subjects."""
    parsed = subject.x509.subject
    if subject.subject:
        yield x509.DirectoryName(parsed)
    alternatives = subject.extension(x509.SubjectAlternativeName)
    if alternatives is not None:
        yield from alternatives
        return
    for each in parsed.get_attributes_for_oid(NameOID.EMAIL_ADDRESS):
        yield x509.RFC822Name(str(each.value))


def is_host(text: str, *, wildcard: bool = False) -> bool:
    """Tell whether `text` is a host name in ASCII; `*` may be its first label on request.

    Underscores are let through: hosts inside of companies have them.
    """
    labels = text.lower().split(".")
    if wildcard and labels[0] == "*" and len(labels) > 1:
        labels = labels[1:]
    return len(text) <= _LONGEST_HOST and all(_LABEL.fullmatch(each) for each in labels)


def _well_formed(name: x509.GeneralName) -> bool:
    match name:
        case x509.DNSName(value=str() as value):
            return is_host(value, wildcard=True)
        case x509.RFC822Name(value=str() as value):
            local, _, host = value.rpartition("@")
            return bool(local) and "@" not in local and is_host(host)
        case _:
            return True


def _well_formed_base(base: x509.GeneralName) -> bool:
    match base:
        case x509.DNSName(value=str() as value):
            return not value or is_host(value)
        case x509.RFC822Name(value=str() as value):
            local, at, host = value.rpartition("@")
            return is_host(host) and bool(local) if at else is_host(value.removeprefix("."))
        case _:
            return True


def _within_host(host: str, base: str) -> bool:
    """A host matches itself and everything below it; an empty base matches all."""
    host, base = host.lower(), base.lower()
    return not base or host == base or host.endswith("." + base)


def _wildcard_meets(name: str, base: x509.GeneralName) -> bool:
    """A wildcard name also stands for the one excluded host right below its parent."""
    parent = name.lower().removeprefix("*.")
    excluded = str(base.value).lower()
    return name.startswith("*.") and excluded.partition(".")[2] == parent


def _within_mail(address: str, base: str) -> bool:
    """A base is a mailbox, a host (exactly), or a domain with a leading dot."""
    local, _, host = address.rpartition("@")
    if "@" in base:
        base_local, _, base_host = base.rpartition("@")
        return local == base_local and host.lower() == base_host.lower()
    return _exact_or_below(host, base)


def _within_uri(uri: str, base: str) -> bool:
    """The host of the URI decides; one without a host name cannot be within."""
    try:
        host = urlsplit(uri).hostname or ""
    except ValueError:
        return False
    return bool(host) and _exact_or_below(host, base)


def _exact_or_below(host: str, base: str) -> bool:
    host, base = host.lower(), base.lower()
    return host.endswith(base) and host != base[1:] if base.startswith(".") else host == base


def _within_network(
    address: IPv4Address | IPv6Address | IPv4Network | IPv6Network,
    base: IPv4Network | IPv6Network,
) -> bool:
    return isinstance(address, IPv4Address | IPv6Address) and address in base


def _within_directory(name: x509.Name, base: x509.Name) -> bool:
    """The base is the beginning of the name, compared as RFC 5280, 7.1 says."""
    wanted: Sequence[object] = name_key(base)
    return name_key(name)[: len(wanted)] == wanted


_INSIDE: Final[Mapping[type[x509.GeneralName], Callable[..., bool]]] = {
    x509.DNSName: _within_host,
    x509.IPAddress: _within_network,
    x509.UniformResourceIdentifier: _within_uri,
    x509.RFC822Name: _within_mail,
    x509.DirectoryName: _within_directory,
}
