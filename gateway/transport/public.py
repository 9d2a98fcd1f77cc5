"""Which addresses a name may lead to: public ones, unless the operator says otherwise.

A domain's owner decides what its name resolves to. Were any address taken, a record could make
this machine ask hosts of its own network.
"""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Final

_NAT64: Final = IPv6Network("64:ff9b::/96")
_IPV4_BITS: Final = 0xFFFFFFFF


def is_public(text: str) -> bool:
    """Tell whether an IP address is one of the public internet (IANA special-purpose registries).

    An IPv4 address inside an IPv6 one (mapped, 6to4, Teredo, NAT64) has to be public as well.
    """
    address = ip_address(text.partition("%")[0])
    if isinstance(address, IPv6Address):
        return _public(address) and all(map(_public, _inside(address)))
    return _public(address)


def resolve(host: str, port: int) -> list[str]:
    """Return the addresses of a host, in the order of the system; raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


def _public(address: IPv4Address | IPv6Address) -> bool:
    return address.is_global and not address.is_multicast


def _inside(address: IPv6Address) -> list[IPv4Address]:
    found = [address.ipv4_mapped, address.sixtofour, *(address.teredo or ())]
    if address in _NAT64:
        found.append(IPv4Address(int(address) & _IPV4_BITS))
    return [each for each in found if each is not None]
