"""How many requests a client may send, and what counts as one client."""

import ipaddress
import time
from collections import OrderedDict
from collections.abc import Callable

# Clients whose rate is remembered; the one that has been quiet longest is forgotten first.
MOST_CLIENTS = 10_000


class RateLimit:
    """Requests a minute of each client, which may also come all at once.

    The generic cell rate algorithm (ITU-T I.371): of each client is kept only the moment at which
    all that it has sent would have been due, had it come evenly.
    """

    def __init__(self, a_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        """Allow `a_minute` requests a minute."""
        self._interval = 60 / a_minute
        self._clock = clock
        self._due: OrderedDict[str, float] = OrderedDict()

    def wait(self, client: str) -> float:
        """Count a request; 0 if it may pass, else the seconds until one of this client may."""
        now = self._clock()
        due = max(self._due.pop(client, now), now)
        wait = due + self._interval - now - 60
        # Rounding must not take the last request of a full minute.
        allowed = wait <= 1e-6
        self._due[client] = due + self._interval if allowed else due
        if len(self._due) > MOST_CLIENTS:
            self._due.popitem(last=False)
        return 0.0 if allowed else wait


def client_of(address: str) -> str:
    """What counts as one client: an IPv4 address, or the network of 64 bits that a site has."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        # A proxy on this machine may say anything.
        return address[:64]
    if isinstance(parsed, ipaddress.IPv4Address):
        return address
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(ipaddress.IPv6Network((int(parsed) >> 64 << 64, 64)))
