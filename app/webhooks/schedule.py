"""When a delivery that failed is tried again, by the schedule of the Standard Webhooks specification."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta

SECONDS = 15.0  # for one attempt; the specification advises 15 to 30
WAITS = tuple(
    timedelta(seconds=seconds)
    for seconds in (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400, 72_000, 86_400)  # 75 hours and a half in all
)
JITTER = 0.2  # of a wait, added to it at most, so that what failed together does not come back together
LONGEST_REST = timedelta(minutes=10)
LONGEST_ASKED = timedelta(hours=24)
GIVEN_UP_AFTER = timedelta(days=5)
GONE = 410


def wait(tries: int, *, jitter: float) -> timedelta | None:
    """How long after the try of this number (from 1) the next one comes; None after the last. `jitter`: 0 to 1."""
    if tries > len(WAITS):
        return None
    return WAITS[tries - 1] + JITTER * jitter * WAITS[tries - 1]


def rest(failures: int) -> timedelta:
    """How long a server is left in peace after so many failures in a row, whatever is due: 5 s doubling to 10 min."""
    return min(timedelta(seconds=5 << min(failures - 1, 10)), LONGEST_REST)


def arrived(status: int | None) -> bool:
    """Whether an answer means that the event was taken; a redirect does not."""
    return status is not None and 200 <= status < 300


def asked(headers: Mapping[str, str]) -> timedelta:
    """How long the server itself asks to be left in peace: `Retry-After` in seconds, up to a day."""
    said = headers.get("retry-after", "").strip()
    return min(timedelta(seconds=int(said[:9])), LONGEST_ASKED) if said.isdecimal() else timedelta()
