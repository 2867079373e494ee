"""What is noticed of styles' recordings as sets, kept in this process: heard once for each version of a style."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from threading import Lock

from core.blobs import BlobStore
from core.keys import Keystore
from core.media import Sound
from creators import assets
from creators.inspection import Finding
from creators.models import Asset

MOST = 200  # styles
LONGEST = 60.0  # seconds of each recording


class Hearings:
    """A house's cache of findings by style and version."""

    def __init__(self) -> None:
        self._known: OrderedDict[tuple[str, int], tuple[Finding, ...]] = OrderedDict()
        self._lock = Lock()

    def of(
        self, rows: Sequence[Asset], *, style: str, version: int, blobs: BlobStore, keys: Keystore
    ) -> tuple[Finding, ...]:
        """What is noticed of these recordings together; slow the first time, so call it outside any transaction."""
        with self._lock:
            known = self._known.get((style, version))
        if known is None:
            from creators import listening  # a second to load

            sounds = (assets.original(row, blobs=blobs, keys=keys) for row in rows)  # one in memory at a time
            heard = [listening.heard(one.part(0.0, LONGEST)) for one in sounds if isinstance(one, Sound)]
            known = listening.of_set(heard)
            with self._lock:
                self._known[style, version] = known
                while len(self._known) > MOST:
                    self._known.popitem(last=False)
        return known
