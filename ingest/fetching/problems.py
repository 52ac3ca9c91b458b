"""Why a document cannot be fetched, in sentences for a person."""

from __future__ import annotations

import re
import shutil
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

from ingest.fetching.connection import PrivateAddress, Refused
from ingest.fetching.retrying import again_in
from kb.errors import FetchError, SourceError
from kb.translatable import phrase

__all__ = ["check_arrived", "check_size", "check_space", "check_status", "disk_explained", "net_explained"]

_TEMPORARY = frozenset({408, 425, 429, 500, 502, 503, 504})
_STATUS = {
    401: (
        phrase("asks for a password (401)."),
        phrase("Put it into the feed's address: https://NAME:PASSWORD@HOST/..."),
    ),
    403: (phrase("may not be read (403)."), phrase("The publisher does not allow it; check the address.")),
    404: (phrase("is not there (404)."), phrase("Perhaps the publisher took it down; check the address.")),
    410: (phrase("was taken down for good (410)."), phrase("Look for its new address.")),
    429: (phrase("is asked for too often (429)."), phrase("Try again later.")),
}


def check_status(url: str, response: httpx.Response, *right: int) -> None:
    """Raise ``FetchError`` for a status that is not in ``right``."""
    status = response.status_code
    if status in right:
        return
    temporary = status in _TEMPORARY
    if temporary:
        other = phrase("is not available now (%(status)s).", status=status), phrase("Try again later.")
    else:
        other = phrase("is refused (%(status)s).", status=status), phrase("Check the address.")
    problem, remedy = _STATUS.get(status, other)
    wait = again_in(response.headers.get("Retry-After")) if temporary else None
    raise FetchError(url, problem, remedy, temporary=temporary, again_in=wait)


def check_size(url: str, size: int | None, most: int) -> None:
    """Raise ``FetchError`` if the server says that there are more bytes than ``most``."""
    if size is None or size <= most:
        return
    told, allowed = _bytes(size), _bytes(most)
    if told == allowed:  # "0.7 MB, more than 0.7 MB" would confuse
        raise _too_large(url, most)
    problem = phrase("has %(size)s, more than the %(most)s allowed.", size=told, most=allowed)
    raise FetchError(url, problem, phrase("Is it the right address?"))


def check_arrived(url: str, size: int, most: int) -> None:
    """Raise ``FetchError`` if more bytes than ``most`` have arrived; how many more would come, nobody knows."""
    if size > most:
        raise _too_large(url, most)


def _too_large(url: str, most: int) -> FetchError:
    problem = phrase("has more than the %(most)s allowed.", most=_bytes(most))
    return FetchError(url, problem, phrase("Is it the right address?"))


def check_space(target: Path, needed: int) -> None:
    """Raise ``SourceError`` if the disk has fewer than ``needed`` bytes."""
    free = shutil.disk_usage(target.parent).free
    if needed > free:
        problem = phrase("needs %(size)s and the disk has %(free)s free.", size=_bytes(needed), free=_bytes(free))
        raise SourceError(target, problem, phrase("Make room first."))


@contextmanager
def net_explained(url: str, deadline: float) -> Iterator[None]:
    """Turn the network's errors into ``FetchError``."""
    try:
        yield
    except PrivateAddress as error:
        remedy = phrase("If that is right, add the feed with --allow-private or --allow-host.")
        raise FetchError(url, phrase("is not fetched: %(why)s.", why=str(error)), remedy) from error
    except Refused as error:
        raise FetchError(
            url, phrase("is not fetched: %(why)s.", why=str(error)), phrase("Check the address.")
        ) from error
    except httpx.TimeoutException as error:
        late = time.monotonic() >= deadline
        problem = phrase("takes longer than allowed.") if late else phrase("does not answer, or stopped in the middle.")
        raise FetchError(url, problem, phrase("Try again later."), temporary=not late) from error
    except httpx.ConnectError as error:
        raise _unconnected(url, error) from error
    except (httpx.NetworkError, httpx.ProtocolError) as error:
        odd = isinstance(error, httpx.ProtocolError) and not re.search("closed|disconnected", str(error))
        problem = phrase("stops in the middle.")
        if odd:
            problem = phrase("does not answer in HTTP (%(reason)s).", reason=str(error)[:100])
        raise FetchError(url, problem, phrase("Try again later."), temporary=True) from error
    except (httpx.InvalidURL, httpx.TransportError) as error:
        problem = phrase("is not an address that can be fetched (%(reason)s).", reason=str(error)[:100])
        raise FetchError(url, problem, phrase("Check it.")) from error


@contextmanager
def disk_explained(target: Path) -> Iterator[None]:
    """Turn the disk's errors into ``SourceError``."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        remedy = phrase("Make room on the disk, or check the folder's permissions.")
        raise SourceError(target, phrase("cannot be written (%(reason)s).", reason=reason), remedy) from error


def _unconnected(url: str, error: BaseException) -> FetchError:
    causes = list(_causes(error))
    if any(isinstance(cause, ssl.SSLError) for cause in causes):
        reasons = (cause.verify_message for cause in causes if isinstance(cause, ssl.SSLCertVerificationError))
        problem = phrase("cannot prove who it is (%(reason)s).", reason=next(reasons, phrase("no common encryption")))
        return FetchError(url, problem, phrase("Check the address, and this computer's clock."))
    if any(isinstance(cause, socket.gaierror) for cause in causes):
        problem = phrase("names a server that cannot be found.")
        return FetchError(url, problem, phrase("Check the spelling, and your connection."))
    remedy = phrase("Check the connection and try again.")
    return FetchError(url, phrase("cannot be reached."), remedy, temporary=True)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _bytes(size: int) -> str:
    text = f"{size / 1e9:.1f} GB" if size >= 1e9 else f"{size / 1e6:.1f} MB" if size >= 1e5 else f"{size:,} bytes"
    return re.sub(r"\.0(?= )", "", text)
