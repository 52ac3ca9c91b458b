"""Which network addresses may be contacted: an untrusted feed must not reach into the user's own network."""

from __future__ import annotations

import socket
import threading
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

__all__ = ["is_public", "resolve"]

_GLOBAL_UNICAST = IPv6Network("2000::/3")
# The prefix under which IPv6-only networks map IPv4 (RFC 6052).
_NAT64 = IPv6Network("64:ff9b::/96")
# Not public, though ``is_global`` may say so: blocks for protocols (RFC 6890, RFC 2928), some of which newer Pythons
# except; retired 6to4 relays (RFC 7526); and addresses for documentation (RFC 9637).
_SPECIAL_4 = (IPv4Network("192.0.0.0/24"), IPv4Network("192.88.99.0/24"))
_SPECIAL_6 = (IPv6Network("2001::/23"), IPv6Network("3fff::/20"))


def is_public(address: str) -> bool:
    """Return whether a numeric IP address is a public one.

    Loopback, private, link-local, shared (RFC 6598), multicast and reserved ones are not, and neither are IPv6
    addresses that stand for such an IPv4 one, or for a tunnel (Teredo).
    """
    ip = _embedded(ip_address(address.partition("%")[0]))
    if isinstance(ip, IPv6Address):
        return ip in _GLOBAL_UNICAST and ip.is_global and not any(ip in block for block in _SPECIAL_6)
    special = ip.is_multicast or ip.is_reserved or any(ip in block for block in _SPECIAL_4)
    return ip.is_global and not special


def resolve(host: str, port: int, patience: float) -> tuple[str, ...]:
    """Return the numeric addresses of a host, in the order in which to try them; waits ``patience`` seconds at most.

    Also reads numbers as the system does: ``2130706433``, ``0x7f.1`` and ``0177.0.0.1`` are all 127.0.0.1.
    Raises ``OSError`` (``socket.gaierror``, ``TimeoutError``).
    """
    found: list[str] = []
    failed: list[OSError] = []

    def look_up() -> None:
        try:
            entries = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
            found.extend(str(entry[4][0]) for entry in entries)
        except OSError as error:
            failed.append(error)
        except UnicodeError:  # a label of over 63 letters
            failed.append(socket.gaierror(socket.EAI_NONAME, "Name or service not known"))

    # The system's resolver has no time limit; an abandoned thread ends with the process.
    thread = threading.Thread(target=look_up, daemon=True)
    thread.start()
    thread.join(patience)
    if failed:
        raise failed[0]
    if not found:
        raise TimeoutError(f"the name {host} was not resolved in {patience:.0f} seconds")
    return tuple(dict.fromkeys(found))


def _embedded(ip: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """Return the IPv4 address that an IPv6 one stands for, if it does."""
    if isinstance(ip, IPv4Address):
        return ip
    if ip in _NAT64:
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour or ip
