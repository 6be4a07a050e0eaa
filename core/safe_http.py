"""Requests to addresses that people gave: only to the public internet, or where the operator allows.

The name is resolved here and the connection made to the very address that was checked, so a name that changes its
address in between gains nothing. No redirect is followed, no proxy of the environment asked, and a request has one
deadline, however slowly it is answered.
"""

import ipaddress
import socket
import ssl
import time
from collections.abc import Iterable, Mapping
from typing import Any
from urllib.parse import urlsplit

import httpcore
from django.conf import settings

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
# Addresses that carry another one inside, which the checks of `ipaddress` do not look into.
TUNNELS = tuple(
    ipaddress.ip_network(text) for text in ("64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32")
)


class Refused(Exception):
    """The address may not be reached, or is none; the words are for people."""


class Unanswered(Exception):
    """The receiver could not be reached, or did not answer; the words are for people."""


def check_url(url: str) -> None:
    """Refuse what can be seen to be wrong without asking anybody.

    Raises:
        Refused: no http address, one with a password in it, or one of a network that may not be reached.
    """
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname or "", parts.port
    except ValueError:
        raise Refused("This is no address.") from None
    if parts.scheme not in ("http", "https") or not host:
        raise Refused("Write an address that begins with https:// or http://.")
    if parts.username or parts.password:
        raise Refused("Leave user and password out of the address; messages are signed instead.")
    if any(ord(letter) <= 32 or ord(letter) == 127 for letter in url):
        raise Refused("An address holds no spaces.")
    if host.rstrip(".") == "localhost" and not _is_named(host):
        raise Refused("This address leads into a private network.")
    try:
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return
    if not may_reach(host, address):
        raise Refused("This address leads into a private network.")


def may_reach(host: str, address: Address) -> bool:
    """Whether a connection to `address`, which `host` stands for, is allowed."""
    inner = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    if inner is not None:
        address = inner
    if _is_named(host) or any(address in network for network in _networks()):
        return True
    if any(address.version == tunnel.version and address in tunnel for tunnel in TUNNELS):
        return False
    return address.is_global and not address.is_multicast and not address.is_reserved


def _is_named(host: str) -> bool:
    return host.lower().rstrip(".") in {word.lower() for word in settings.VITRINE_WEBHOOK_HOSTS}


def _networks() -> list[ipaddress.IPv4Network | ipaddress.IPv6Network]:
    found = []
    for word in settings.VITRINE_WEBHOOK_HOSTS:
        try:
            found.append(ipaddress.ip_network(word, strict=False))
        except ValueError:
            continue  # a name
    return found


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a host, all of them allowed.

    Raises:
        Refused: one of them is not. Unanswered: there are none.
    """
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        raise Unanswered("The name of the host is not known.") from None
    texts = list(dict.fromkeys(str(row[4][0]).partition("%")[0] for row in found))
    for text in texts:
        if not may_reach(host, ipaddress.ip_address(text)):
            raise Refused("The address leads into a private network.")
    return texts


class GuardedBackend(httpcore.NetworkBackend):
    """Connects to checked addresses only, until a deadline."""

    def __init__(self, deadline: float) -> None:
        self.inner = httpcore.SyncBackend()
        self.deadline = deadline

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore.NetworkStream:
        last: Exception = Unanswered("The name of the host is not known.")
        for address in resolve(host, port):
            try:
                stream = self.inner.connect_tcp(address, port, left(self.deadline, timeout))
                return HurriedStream(stream, self.deadline)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                last = error
        raise last

    def connect_unix_socket(
        self, path: str, timeout: float | None = None, socket_options: Iterable[Any] | None = None
    ) -> httpcore.NetworkStream:
        raise Refused("Only http and https are spoken here.")


class HurriedStream(httpcore.NetworkStream):
    """A connection on which all waiting together ends at the deadline."""

    def __init__(self, inner: httpcore.NetworkStream, deadline: float) -> None:
        self.inner = inner
        self.deadline = deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self.inner.read(max_bytes, left(self.deadline, timeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self.inner.write(buffer, left(self.deadline, timeout))

    def close(self) -> None:
        self.inner.close()

    def start_tls(
        self,
        ssl_context: ssl.SSLContext,
        server_hostname: str | None = None,
        timeout: float | None = None,
    ) -> httpcore.NetworkStream:
        return HurriedStream(
            self.inner.start_tls(ssl_context, server_hostname, left(self.deadline, timeout)), self.deadline
        )

    def get_extra_info(self, info: str) -> Any:
        return self.inner.get_extra_info(info)


def left(deadline: float, timeout: float | None) -> float:
    """The seconds that are left.

    Raises:
        ReadTimeout: none are.
    """
    seconds = deadline - time.monotonic()
    if seconds <= 0:
        raise httpcore.ReadTimeout("the deadline has passed")
    return seconds if timeout is None else min(seconds, timeout)


def post(url: str, body: bytes, headers: Mapping[str, str]) -> int:
    """Send a body; the status of the answer, whose own body is not read.

    Raises:
        Refused: the address may not be reached. Unanswered: no answer came in time.
    """
    check_url(url)
    seconds = float(settings.VITRINE_WEBHOOK_TIMEOUT)
    backend = GuardedBackend(time.monotonic() + seconds)
    timeouts = {"connect": seconds, "read": seconds, "write": seconds, "pool": seconds}
    try:
        with (
            httpcore.ConnectionPool(network_backend=backend) as pool,
            pool.stream(
                "POST", url, headers=list(headers.items()), content=body, extensions={"timeout": timeouts}
            ) as response,
        ):
            return int(response.status)
    except httpcore.TimeoutException:
        raise Unanswered(f"No answer within {seconds:g} s.") from None
    except httpcore.ConnectError as error:
        reason = (
            "its certificate is not trusted"
            if "CERTIFICATE" in str(error).upper()
            else "nobody answers there"
        )
        raise Unanswered(f"No connection: {reason}.") from None
    except (httpcore.NetworkError, httpcore.ProtocolError, OSError):
        raise Unanswered("The connection broke off before an answer.") from None
    except (httpcore.UnsupportedProtocol, ValueError, UnicodeError):
        raise Refused("This is no address.") from None
