"""Guard of outgoing calls: a receiver's address never leads into the administration's own network.

The name is resolved once, every address that it has is checked, and the connection goes to an address that was checked.
A name that answers otherwise a second time (DNS rebinding) is never asked a second time.
"""

import ipaddress
import socket
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address

import httpx

from greenlane.values.errors import GreenlaneError

PORTS = frozenset({443, 8443})
MAX_URL = 2000

# Beyond what the registries of IANA mark as not globally reachable, which `ipaddress` knows.
_REFUSED = tuple(
    ipaddress.ip_network(text)
    for text in (
        "100.64.0.0/10",  # shared by carriers (RFC 6598); a cloud's metadata too
        "168.63.129.16/32",  # a cloud's host service on a public address
        "192.0.0.0/24",  # protocol assignments (RFC 6890); a cloud's metadata too
        "192.88.99.0/24",  # 6to4 relays (RFC 7526)
        "198.18.0.0/15",  # benchmarks (RFC 2544)
        "64:ff9b:1::/48",  # local translation (RFC 8215)
        "100::/64",  # discard (RFC 6666)
        "2001::/23",  # protocol assignments, Teredo among them (RFC 2928)
        "2002::/16",  # 6to4: an IPv4 address inside (RFC 7526)
        "3fff::/20",  # documentation (RFC 9637)
        "5f00::/16",  # segment routing (RFC 9602)
        "fec0::/10",  # site-local (RFC 3879)
    )
)
_TRANSLATED = ipaddress.ip_network("64:ff9b::/96")

Address = IPv4Address | IPv6Address
Resolver = Callable[[str, int], Sequence[str]]
"""From host name and port to numeric addresses; blocking. Raises ``OSError`` where there is none."""


class AddressRefused(GreenlaneError):
    """A receiver's URL or address is not one that greenlane calls."""


@dataclass(frozen=True, slots=True)
class Target:
    """Where a request goes: the URL as registered, and the checked addresses that its name had, in order."""

    url: httpx.URL
    addresses: tuple[Address, ...]


def resolve(host: str, port: int) -> Sequence[str]:
    """Ask the system's resolver.

    Example:
        >>> resolve("127.0.0.1", 443)
        ['127.0.0.1']
    """
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def is_public(address: Address) -> bool:
    """Say whether *address* is one of the open internet, by every registry known here.

    Example:
        >>> [is_public(ipaddress.ip_address(a)) for a in ("192.0.2.1", "10.0.0.1", "::ffff:8.8.8.8", "8.8.8.8")]
        [False, False, False, True]
    """
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped is not None or address.scope_id is not None:
            return False
        if address in _TRANSLATED:
            return is_public(IPv4Address(int(address) & 0xFFFFFFFF))
    if any(address.version == network.version and address in network for network in _REFUSED):
        return False
    return address.is_global and not (address.is_multicast or address.is_reserved or address.is_unspecified)


def read_url(url: str, *, allow_private: bool = False) -> httpx.URL:
    """Read a receiver's URL as far as it can be judged without asking the network.

    Args:
        url: As the party registers it.
        allow_private: For tests on loopback: also ``http`` and any port; `target` then holds them to private addresses.
    Raises:
        AddressRefused: It says why and what to do; the URL itself is not repeated.
    Example:
        >>> read_url("https://user:pass@receiver.example/")
        Traceback (most recent call last):
        ...
        greenlane.exchange.address.AddressRefused: the URL holds a user name or password: leave them out
    """
    if len(url) > MAX_URL or not url.isprintable() or " " in url:
        raise AddressRefused(
            f"the URL is longer than {MAX_URL} characters or holds spaces or control characters"
        )
    try:
        parsed = httpx.URL(url)
    except httpx.InvalidURL:
        raise AddressRefused("the URL cannot be read: write https://host/path") from None
    if parsed.scheme != "https" and not (allow_private and parsed.scheme == "http"):
        raise AddressRefused("the URL is not https: notices go out encrypted only")
    if parsed.userinfo:
        raise AddressRefused("the URL holds a user name or password: leave them out")
    if not parsed.host or parsed.fragment:
        raise AddressRefused("the URL has no host, or a fragment: write https://host/path")
    port = _port(parsed)
    if not (0 < port < 65_536) or (not allow_private and port not in PORTS):
        raise AddressRefused("the port is neither 443 nor 8443")
    return parsed


def _port(url: httpx.URL) -> int:
    return (443 if url.scheme == "https" else 80) if url.port is None else url.port


def target(url: str, *, allow_private: bool = False, resolver: Resolver = resolve) -> Target:
    """Resolve a receiver's URL once and check all that it resolves to.

    One address that is refused refuses the name: a name that is half inside is not a receiver's.

    Raises:
        AddressRefused: See `read_url`; or the name has no address, or one that is not public.
    """
    parsed = read_url(url, allow_private=allow_private)
    port = _port(parsed)
    try:
        addresses = tuple(ipaddress.ip_address(text) for text in resolver(parsed.host, port))
    except (OSError, UnicodeError, ValueError):
        raise AddressRefused("the host name has no address") from None
    if not addresses:
        raise AddressRefused("the host name has no address")
    public = all(map(is_public, addresses))
    if not public and not allow_private:
        raise AddressRefused(
            "the host leads to an address that is not public: loopback, private, link-local or reserved"
        )
    if public and allow_private and (parsed.scheme != "https" or port not in PORTS):
        raise AddressRefused("plain http and other ports are for private addresses alone")
    return Target(parsed, addresses)
