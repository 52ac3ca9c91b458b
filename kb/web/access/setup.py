"""How a server identifies users: by a file of users, by a proxy in front, or not at all on one's own machine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from pathlib import Path

from ...catalogue import Role
from ...errors import UsageError
from .accounts import Accounts
from .sessions import Sessions
from .tries import Tries

__all__ = ["Access", "access_from", "is_this_machine"]


@dataclass(frozen=True, slots=True)
class Access:
    """How users are identified: ``header`` names them, if sent by one of ``proxies``; ``accounts`` have passwords."""

    accounts: Accounts
    sessions: Sessions
    signs_in: bool = True
    header: str | None = None
    header_role: Role = "reader"
    proxies: tuple[IPv4Network | IPv6Network, ...] = ()
    tries: Tries = field(default_factory=Tries)

    def is_proxy(self, address: str) -> bool:
        """Return whether this address is a trusted proxy."""
        try:
            found = ip_address(address)
        except ValueError:
            return False
        plain = getattr(found, "ipv4_mapped", None) or found  # an IPv6 socket gives IPv4 addresses inside IPv6 ones
        return any(plain in network for network in self.proxies)


def access_from(
    host: str,
    users: Path | None = None,
    header: str | None = None,
    proxies: Sequence[str] = (),
    header_role: Role = "reader",
) -> Access | None:
    """Return the access that the options set, ``None`` on one's own machine; ``UsageError`` if anybody could enter."""
    if users is None and header is None:
        if proxies:
            raise UsageError("--trusted-proxy needs --trust-header NAME or --users FILE.")
        if is_this_machine(host):
            return None
        raise UsageError(
            f"--host {host} lets others in, so say who may: --users FILE (made by 'kb users add'), or --trust-header "
            "NAME --trusted-proxy ADDRESS for a login in front (docs/serving.md)."
        )
    if header is not None and not proxies:
        raise UsageError("--trust-header needs --trusted-proxy ADDRESS: from elsewhere, anybody could send it.")
    if header is not None and not all(letter.isascii() and (letter.isalnum() or letter in "-_") for letter in header):
        raise UsageError(f"--trust-header {header!r} is not a header's name, such as X-Remote-User.")
    accounts = Accounts(users)
    if users is not None and not accounts.all() and header is None:
        raise UsageError(f"There are no users in {users}; add the first with 'kb users add NAME --role admin'.")
    signs_in = users is not None and header is None
    return Access(accounts, Sessions(accounts), signs_in, header, header_role, proxies=tuple(map(_network, proxies)))


def is_this_machine(host: str) -> bool:
    """Return whether only programs of this machine can reach a server that listens on ``host``."""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def _network(text: str) -> IPv4Network | IPv6Network:
    try:
        return ip_network(text)
    except ValueError as error:
        raise UsageError(
            f"--trusted-proxy {text!r} is not an address or a network, such as 10.0.0.5 or 10.0.0.0/24."
        ) from error
