"""What was gathered becomes a snapshot's sections, with a few dozen bytes in memory for each work.

Rows are packed as works come in, and refer to each other by the order they came in; at the end everything is sorted.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray

from licensing.snapshots import layout
from licensing.snapshots.gathering import Granted, Work
from licensing.snapshots.layout import CREATOR, HASH, LICENSE, ORIGINAL, OWN, PART, SOUND, WORK
from licensing.terms import Terms

_WORK = np.dtype(
    [("name", ">u8"), ("time", "V6"), ("kind", "u1"), ("withdrawn", "<u2"), ("first", "<u4"), ("parts", "u1")]
)
_HASH = np.dtype([("begin", ">u8"), ("work", "<u4"), ("rest", "V10")])
_PART = np.dtype([("of", "<u4"), ("share", "<u4")])


class Packer:
    """Takes in works and originals, then the licenses that they rest on."""

    def __init__(self) -> None:
        self._works, self._files, self._samples, self._parts = bytearray(), bytearray(), bytearray(), bytearray()
        self._of_own = bytearray()  # of each part, whether it is a creator's
        self.licenses: dict[str, int] = {}  # in the order that they came in
        self._creators: dict[str, int] = {}

    def add(self, work: Work, *, named: bool) -> None:
        """One more work. `named`: an earlier snapshot has its hashes already."""
        number = layout.number(work.id)
        place = len(self._works) // WORK.size
        kind = OWN * work.own + SOUND * (work.medium == "sound")
        first = len(self._parts) // PART.size
        day = layout.day(work.withdrawn_at)
        self._works += WORK.pack(layout.name(number), number[:6], kind, day, first, len(work.parts))
        known = self._creators if work.own else self.licenses
        for of, share in work.parts:
            self._parts += PART.pack(known.setdefault(of, len(known)), share)
            self._of_own.append(work.own)
        if named:
            return
        self._files += _hash(work.file, place, number[6:])
        if work.samples is not None:
            self._samples += _hash(work.samples, place, number[6:])

    def add_original(self, sha256: str) -> None:
        """The samples of a registered original, to which nobody holds a license."""
        self._samples += _hash(sha256, ORIGINAL, bytes(10))

    def sections(self, licenses: Iterable[Granted], terms: Mapping[str, Terms]) -> dict[str, bytes]:
        """All sections but the trust. `licenses`: at least those of the works; `terms`: theirs, by their hash."""
        given = sorted(licenses, key=lambda license: license.id)
        creators = sorted({*self._creators, *(license.licensor for license in given)})
        at_creator = {id: place for place, id in enumerate(creators)}
        at_license = {license.id: place for place, license in enumerate(given)}
        at_terms = {sha256: place for place, sha256 in enumerate(sorted(terms))}
        works = np.frombuffer(self._works, _WORK)
        order = np.argsort(works["name"], kind="stable")
        places = np.empty(len(works), np.uint32)
        places[order] = np.arange(len(works), dtype=np.uint32)
        rows = [
            (layout.number(x.id), at_terms[x.terms], at_creator[x.licensor], *layout.standing(x.state, x.style))
            for x in given
        ]
        return {
            "works": works[order].tobytes(),
            "files": _sorted(self._files, places),
            "samples": _sorted(self._samples, places),
            "parts": self._placed(at_license, at_creator),
            "licenses": b"".join(LICENSE.pack(*row) for row in rows),
            "creators": b"".join(CREATOR.pack(layout.number(id)) for id in creators),
            "terms": b"".join(layout.pack_terms(sha256, terms[sha256]) for sha256 in sorted(terms)),
        }

    def _placed(self, licenses: Mapping[str, int], creators: Mapping[str, int]) -> bytes:
        parts = np.frombuffer(self._parts, _PART).copy()
        own = np.frombuffer(self._of_own, np.bool_)
        for mine, known, where in ((~own, self.licenses, licenses), (own, self._creators, creators)):
            moved = np.array([where[id] for id in known], np.uint32)
            parts["of"][mine] = moved[parts["of"][mine]] if len(moved) else 0
        return parts.tobytes()


def _hash(sha256: str, place: int, rest: bytes) -> bytes:
    return HASH.pack(bytes.fromhex(sha256)[:8], place, layout.covered(rest, sha256))


def _sorted(hashes: bytearray, places: NDArray[np.uint32]) -> bytes:
    rows = np.frombuffer(hashes, _HASH).copy()
    ours = rows["work"] != ORIGINAL
    rows["work"][ours] = places[rows["work"][ours]] if len(places) else 0
    return rows[np.lexsort((rows["work"], rows["begin"]))].tobytes()
