"""How many requests a client may send, and what counts as one client."""

import fcntl
import ipaddress
import mmap
import os
import secrets
import time
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import blake2b

# Clients whose rate is remembered, in sets by a digest; of a full one, who may send the most is
# forgotten first.
SETS, WAYS = 2048, 8


class RateLimit:
    """Requests a minute of each client, which may also come all at once.

    The generic cell rate algorithm (ITU-T I.371): of each client is kept only the moment at which
    all that it has sent would have been due, had it come evenly. They are kept in memory that
    processes share which are forked after this was made: together they allow one rate.
    """

    def __init__(self, a_minute: int, clock: Callable[[], float] = time.monotonic) -> None:
        """Allow `a_minute` requests a minute."""
        self._interval = 60 / a_minute
        self._clock = clock
        self._file = os.memfd_create("rates")
        weakref.finalize(self, os.close, self._file)
        half = 8 * SETS * WAYS
        os.ftruncate(self._file, 2 * half)
        memory = memoryview(mmap.mmap(self._file, 2 * half))
        self._clients, self._due = memory[:half].cast("Q"), memory[half:].cast("d")
        # Else a client could choose addresses that push another out of its set.
        self._secret = secrets.token_bytes(16)

    def wait(self, client: str) -> float:
        """Count a request; 0 if it may pass, else the seconds until one of this client may."""
        packed = blake2b(client.encode("utf-8", "replace"), key=self._secret, digest_size=8)
        digest = int.from_bytes(packed.digest(), "little")
        some = range(digest % SETS * WAYS, (digest % SETS + 1) * WAYS)
        now = self._clock()
        with self._locked():
            place = next((n for n in some if self._clients[n] == digest), None)
            due = now if place is None else max(self._due[place], now)
            wait = due + self._interval - now - 60
            # Rounding must not take the last request of a full minute.
            allowed = wait <= 1e-6
            if place is None:
                place = min(some, key=self._due.__getitem__)
                self._clients[place] = digest
            self._due[place] = due + self._interval if allowed else due
        return 0.0 if allowed else wait

    @contextmanager
    def _locked(self) -> Iterator[None]:
        # The system gives up the lock of a process that is killed.
        fcntl.lockf(self._file, fcntl.LOCK_EX)
        try:
            yield
        finally:
            fcntl.lockf(self._file, fcntl.LOCK_UN)


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
