"""How much one client may ask for in a minute, all together in an hour, and how much of something may go on at once.

A bucket holds the units of one minute and fills steadily; each request takes its cost. State is this process's own:
two servers count apart, and a restart forgets. Limits that must survive that are kept where the thing itself is.
"""

from __future__ import annotations

import ipaddress
import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from core.errors import TooMany, Unavailable

MINUTE, HOUR = 60, 3_600


class TooManyRequests(TooMany):
    """You have asked for more than your share of this minute."""


class AllBusy(Unavailable):
    """As much of this goes on as the machine can do at once."""


@dataclass(frozen=True)
class Quota:
    """`units` a minute under a policy's name; 0 is no limit."""

    name: str
    units: int


@dataclass(frozen=True)
class Taken:
    """What a bucket answered. `remaining` units; `reset`: seconds until it is full; `wait`: until this is possible."""

    allowed: bool
    remaining: int
    reset: int
    wait: int


@dataclass
class _Bucket:
    units: float
    at: float


class Buckets:
    """Token buckets of clients, the `most` most recent; one that is dropped begins anew with a full minute."""

    def __init__(self, *, most: int = 20_000, now: Callable[[], float] = time.monotonic) -> None:
        self._most = most
        self._now = now
        self._held: OrderedDict[str, _Bucket] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return len(self._held)

    def take(self, client: str, quota: Quota, cost: int) -> Taken:
        """Take the cost from a client's bucket, or nothing when it does not hold as much. Constant time."""
        cost = min(cost, quota.units)  # what is dearer than a whole minute takes the whole minute
        rate = quota.units / MINUTE
        with self._lock:
            now = self._now()
            bucket = self._held.setdefault(client, _Bucket(quota.units, now))
            self._held.move_to_end(client)
            if len(self._held) > self._most:
                self._held.popitem(last=False)
            bucket.units = min(float(quota.units), bucket.units + (now - bucket.at) * rate)
            bucket.at = now
            allowed = bucket.units >= cost
            if allowed:
                bucket.units -= cost
            left = bucket.units
        reset = math.ceil((quota.units - left) / rate)
        return Taken(allowed, int(left), reset, 0 if allowed else max(1, math.ceil((cost - left) / rate)))


@dataclass
class Meter:
    """What one request has taken from its client's bucket so far. Without a limit it takes nothing."""

    buckets: Buckets
    client: str
    quota: Quota
    spent: int = 0
    last: Taken | None = field(default=None)

    def costs(self, units: int) -> None:
        """This request costs so many units in all; what it has not paid yet is taken. Raises TooManyRequests."""
        if not self.quota.units or (units <= self.spent and self.last is not None):
            return
        self.last = self.buckets.take(self.client, self.quota, units - self.spent)
        if not self.last.allowed:
            raise TooManyRequests(
                f"this costs {units} units, {self.last.remaining} of {self.quota.units} a minute are left;"
                f" wait {self.last.wait} s",
                retry_after=self.last.wait,
                remaining=self.last.remaining,
                limit=self.quota.units,
            )
        self.spent = units

    def headers(self) -> dict[str, str]:
        """The IETF's RateLimit fields, as structured fields (draft-ietf-httpapi-ratelimit-headers)."""
        if self.last is None:
            return {}
        return {
            "RateLimit-Policy": f'"{self.quota.name}";q={self.quota.units};w={MINUTE}',
            "RateLimit": f'"{self.quota.name}";r={self.last.remaining};t={self.last.reset}',
        }


class Hourly:
    """How many different askings each thing has had within an hour: of the `most` things asked about last.

    `each`: where counting ends; what was asked longest ago is forgotten first.
    """

    def __init__(self, *, most: int = 5_000, each: int = 100, now: Callable[[], float] = time.monotonic) -> None:
        self._most, self._each = most, each
        self._now = now
        self._held: OrderedDict[str, OrderedDict[str, float]] = OrderedDict()
        self._lock = threading.Lock()

    def count(self, thing: str, asking: str) -> int:
        """Note an asking, and say how many different ones there were, this one among them."""
        with self._lock:
            now = self._now()
            known = self._held.setdefault(thing, OrderedDict())
            self._held.move_to_end(thing)
            if len(self._held) > self._most:
                self._held.popitem(last=False)
            while known and (len(known) > self._each or next(iter(known.values())) <= now - HOUR):
                known.popitem(last=False)
            known.setdefault(asking, now)
            return len(known)


class Turns:
    """At most `most` at once; `queue` others wait up to `seconds` for a turn, and whoever comes then is sent away."""

    def __init__(self, most: int, *, queue: int, seconds: float) -> None:
        self._free = threading.BoundedSemaphore(most)
        self._places = threading.BoundedSemaphore(most + queue)
        self._seconds = seconds

    @contextmanager
    def turn(self) -> Iterator[None]:
        """Hold a turn. Raises AllBusy."""
        if not self._places.acquire(blocking=False):
            raise self._busy()
        try:
            if not self._free.acquire(timeout=self._seconds):
                raise self._busy()
            try:
                yield
            finally:
                self._free.release()
        finally:
            self._places.release()

    def _busy(self) -> AllBusy:
        wait = max(1, math.ceil(self._seconds))
        return AllBusy(f"others are being served; try again in {wait} s", retry_after=wait)


def network(address: str) -> str:
    """Whom an address is counted as: itself; of IPv6 the network of 64 bits that one household has."""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return address[:64]
    if isinstance(found, ipaddress.IPv6Address):
        if found.ipv4_mapped is not None:
            return str(found.ipv4_mapped)
        return str(ipaddress.ip_network((found, 64), strict=False))
    return str(found)
