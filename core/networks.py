"""Which addresses this house sends requests to when strangers name them: public ones, on ports of the web.

An address that somebody else wrote can be turned inward (server-side request forgery): at this machine, its neighbors,
a cloud's metadata. So a name is resolved once, every address that it has must be public by IANA's registries of special
addresses, and the request goes to what was resolved, whatever the name says a moment later (DNS rebinding).
OWASP ASVS 5.0, 1.3.6 and 13.2.4.
"""

from __future__ import annotations

import ipaddress
import re
import socket
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias
from urllib.parse import quote, urlsplit

from core.errors import Invalid

Address: TypeAlias = ipaddress.IPv4Address | ipaddress.IPv6Address
Subnet: TypeAlias = ipaddress.IPv4Network | ipaddress.IPv6Network
Resolve: TypeAlias = Callable[[str, int, float], Sequence[str]]  # host, port, seconds -> addresses

MOST_URL = 2_000  # characters
PORTS = {"http": 80, "https": 443}
_AUTHORITY = re.compile(r"(?P<host>\[[0-9a-f:.]+\]|[a-z0-9_.-]+)(?::(?P<port>[0-9]{1,5}))?")
_NUMBER = re.compile(r"[0-9]+|0x[0-9a-f]*")  # a last label like this makes the host an IPv4 address (WHATWG URL)
_UNICAST = ipaddress.ip_network("2000::/3")
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_SPECIAL = tuple(
    map(
        ipaddress.ip_network,
        (
            "192.0.0.0/24",  # protocol assignments; a cloud's metadata is among them
            "192.88.99.0/24",  # 6to4 relays
            "168.63.129.16/32",  # a public address that leads to the host of a virtual machine
            "2001::/23",  # Teredo, ORCHID and other protocols
            "2001:db8::/32",
            "2002::/16",  # 6to4: leads to an IPv4 address of its choice
            "3fff::/20",
        ),
    )
)


class NotFetchable(Invalid):
    """Nothing can be had from this address."""


class AddressRefused(NotFetchable):
    """This house sends no requests to such an address."""


class NotReached(NotFetchable):
    """Nobody answers there, or not in a way that can be used."""


class TookTooLong(NotFetchable):
    """The answer did not come in the time there was for it."""


class AnswerTooLarge(NotFetchable):
    """What is there is larger than what is taken."""


@dataclass(frozen=True)
class Target:
    """Where one request goes: the name for `Host` and the certificate, the addresses for the connection."""

    scheme: str
    host: str  # in lower case, an IPv6 address without brackets
    port: int
    path: str  # with the query, in ASCII
    addresses: tuple[str, ...]

    @property
    def authority(self) -> str:
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"

    @property
    def url(self) -> str:
        return f"{self.scheme}://{self.authority}{self.path}"


def resolve(host: str, port: int, seconds: float) -> Sequence[str]:
    """Every address of a name. The system's resolver knows no deadline, so it is asked on a thread that may be left."""
    found: list[str] = []

    def ask() -> None:
        try:
            found.extend(str(entry[4][0]) for entry in socket.getaddrinfo(host, port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError):
            return

    asking = threading.Thread(target=ask, name="resolve", daemon=True)
    asking.start()
    asking.join(timeout=max(0.0, seconds))
    if asking.is_alive():
        raise TookTooLong(f"the name {host} was not resolved in time; try again later")
    return tuple(dict.fromkeys(found))


@dataclass(frozen=True)
class Network:
    """What requests may reach: the public internet, and `private` networks that an operator admits."""

    private: tuple[Subnet, ...] = ()
    ports: frozenset[int] = frozenset(PORTS.values())
    resolve: Resolve = resolve

    def admits(self, address: str) -> bool:
        """Whether a connection may go to this address, spelled as the resolver spells it."""
        led_to = _led_to(ipaddress.ip_address(address))
        return any(led_to in network for network in self.private) or _is_public(led_to)

    def is_private(self, target: Target) -> bool:
        """Whether a target is reached within what the operator admits, and not over the public internet."""
        led_to = [_led_to(ipaddress.ip_address(address)) for address in target.addresses]
        return all(any(address in network for network in self.private) for address in led_to)

    def find(self, url: str, *, seconds: float) -> Target:
        """Where a URL leads now. Raises AddressRefused, NotReached (no such name), TookTooLong."""
        scheme, host, port, path = _parts(url)
        if port not in self.ports:
            ports = ", ".join(map(str, sorted(self.ports)))
            raise AddressRefused(f"port {port} is not asked; the ports that are: {ports}", url=url)
        literal = _literal(host)
        addresses = (literal,) if literal else tuple(self.resolve(host, port, seconds))
        if not addresses:
            raise NotReached(f"there is no host {host}; check its spelling", url=url)
        if not all(map(self.admits, addresses)):
            raise AddressRefused(f"{host} is not on the public internet; name a public host", url=url)
        return Target(scheme, host, port, path, addresses)


PUBLIC = Network()


def _parts(url: str) -> tuple[str, str, int, str]:
    """Scheme, host, port, and path with query, of what can be read in one way only."""
    if len(url) > MOST_URL:
        raise AddressRefused(f"this address has {len(url)} characters; {MOST_URL} are taken")
    if "\\" in url or not url.isprintable() or any(map(str.isspace, url)):
        raise AddressRefused("an address holds no spaces, backslashes or control characters", url=url)
    try:
        split = urlsplit(url)
    except ValueError:
        raise AddressRefused("this is no address; write one like https://example.org/picture.png", url=url) from None
    scheme = split.scheme.lower()
    if scheme not in PORTS:
        raise AddressRefused("only http and https are asked; write an address that begins with https://", url=url)
    if "@" in split.netloc:
        raise AddressRefused("an address with a user's name in it is not asked; leave out what is before @", url=url)
    found = _AUTHORITY.fullmatch(split.netloc.lower())
    if found is None:
        raise AddressRefused(
            "its host cannot be read; write a name in ASCII (xn--… for others) or a plain IP address", url=url
        )
    host = found["host"].strip("[]").removesuffix(".")
    path = quote(split.path or "/", safe="/%:@!$&'()*+,;=~")
    query = "?" + quote(split.query, safe="/%:@!$&'()*+,;=~?[]|") if split.query else ""
    return scheme, host, int(found["port"] or PORTS[scheme]), path + query


def _literal(host: str) -> str | None:
    """The address that a host is by itself; None for a name. Short, octal and hexadecimal spellings are refused."""
    labels = host.split(".")
    if ":" not in host and not _NUMBER.fullmatch(labels[-1]):
        if len(host) > 253 or any(not 0 < len(label) < 64 for label in labels):
            raise AddressRefused(f"{host[:80]} is no name of a host")
        return None
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        raise AddressRefused(f"{host[:80]} is no plain IP address; write it like 192.0.2.1 or [2001:db8::1]") from None


def _led_to(address: Address) -> Address:
    """The IPv4 address that an IPv6 one stands for (mapped, or through NAT64), else itself."""
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped is not None:
            return address.ipv4_mapped
        if address in _NAT64:
            return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address


def _is_public(address: Address) -> bool:
    if any(address in network for network in _SPECIAL) or address.is_multicast or address.is_reserved:
        return False
    return address.is_global and (address.version == 4 or address in _UNICAST)
