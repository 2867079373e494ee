"""The invisible mark of a picture: a work's number, read from a copy with the key, and better beside the original.

The mark's name in soft bindings is `org.homage.picture-mark.1`. How it lies in a picture: `picture_plan`.

Ask in this order: `read` with `deep=False`; `read_informed` where a fingerprint names a work; `confirm` where that reads
nothing; `read` with `deep=True` when somebody asks for it. A picture that was marked twice holds both marks: each is read
with its key, and of two with the same key at most one.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from attribution.marks import picture_informed as informed
from attribution.marks.payload import decode
from attribution.marks.picture_pilot import Sighting, maps, sighted, spectrum, unfolded
from attribution.marks.picture_plan import LONG, TILE, plan
from attribution.marks.picture_signal import Gray, agreement, coded_bits, gray, shrunk, whitened
from attribution.marks.picture_write import LEAST, canonical, written
from attribution.marks.reading import NOTHING, Reading
from attribution.marks.secrets import Key
from core.errors import Invalid
from core.media import Picture

PILOT: Final = 6.0  # standard deviations that a blind read asks of the pilot before it decodes
CONFIRMED: Final = 6.0  # standard deviations of `confirm` that name a work: by chance once in 10^8

_INFORMED_PILOT: Final = 4.5  # fewer places are possible beside the original
_NEAR: Final = 2  # pixels that an alignment may be off
_PATHS: Final = 16  # messages that are tested against the check
_LARGE, _READ, _SMALL = 1700, 1600, 480  # long sides: over the first is read at the second, under the third doubled
_QUICK: Final = 2
_BOTH = (False, True)
_SEARCHES: Final[list[dict[str, Any]]] = [
    {"degrees": 4.0, "mirrored": _BOTH},
    {"degrees": 90.0, "mirrored": _BOTH},
    *(
        {"degrees": 3.0, "mirrored": _BOTH, "stretch": float(np.exp(x))}
        for x in (-0.18, -0.14, -0.1, -0.06, 0.06, 0.1, 0.14, 0.18)
    ),
]


class Unmarkable(Invalid):
    """The picture is too small or too narrow to carry a mark."""


def fits(picture: Picture) -> bool:
    """Whether a picture can carry a mark: it needs 128 pixels a side when its long side is brought to 1024 or less."""
    return min(canonical(picture.width, picture.height)) >= LEAST


def write(picture: Picture, number: int, key: Key) -> Picture:
    """The picture with a number, 1 .. 2**63 - 1, in it: same size, at least 42 dB, gray where it was gray.

    The same picture, number and key give the same pixels. Raises Unmarkable where `fits` is false, ValueError for
    another number.
    """
    if not fits(picture):
        raise Unmarkable(
            f"a picture of {picture.width} x {picture.height} pixels is too small for a mark; it needs {LEAST} a side"
            f" and at most {LONG // LEAST} times as many the other way"
        )
    return written(picture, number, plan(key.secret))


def read(picture: Picture, keys: Sequence[Key], *, deep: bool = False) -> Reading:
    """The number in a picture by its keys alone, tried in this order; `number` is None where none is read.

    `strength`: the pilot's; unmarked pictures stay under 6. `deep` also tries stretched pictures, for some seconds.
    """
    residual, scale = _prepared(picture)
    best = NOTHING
    for key, sight in _sightings(residual, scale, keys, deep):
        reading = _decoded(key, sight, PILOT)
        if reading.number is not None:
            return reading
        best = max(best, reading, key=lambda one: one.strength)
    return best


def read_informed(
    picture: Picture, original: NDArray[np.uint8], alignment: NDArray[np.floating] | None, keys: Sequence[Key]
) -> Reading:
    """The number in a copy of a known work, whose unmarked `original` is what `opened` gives.

    `alignment`: 2x3 or 3x3, from the picture's pixels (x, y; centers are whole numbers) to the original's, right to some
    ten pixels; None: it is searched, mirrored too. `strength` is the pilot's at the place where it must be.
    """
    best = NOTHING
    for tile in _informed_tiles(picture, original, alignment):
        for key in keys:
            reading = _decoded(key, sighted(tile, plan(key.secret), within=_NEAR), _INFORMED_PILOT)
            if reading.number is not None:
                return reading
            best = max(best, reading, key=lambda one: one.strength)
    return best


def confirm(
    picture: Picture, original: NDArray[np.uint8] | None, alignment: NDArray[np.floating] | None, number: int, key: Key
) -> float:
    """How surely a picture holds just this number, in standard deviations: over 5 by chance once in a million.

    For where nothing can be read, but a fingerprint names the work and so the number. `original` and `alignment` as for
    `read_informed`; without an original the pilot is searched, which finds less.
    """
    marked = plan(key.secret)
    if original is not None:
        sights = [sighted(tile, marked, within=_NEAR) for tile in _informed_tiles(picture, original, alignment)]
    else:
        residual, scale = _prepared(picture)
        sights = [sight for _, sight in _sightings(residual, scale, [key], False)]
    sights = sorted(sights, key=lambda one: -one.strength)[:3]
    return max((agreement(one.tile, marked, one.variant, number) for one in sights), default=0.0)


def reference(picture: Picture) -> bytes:
    """What is kept of an unmarked work, for `read_informed`: a gray JPEG of quality 90, long side at most 1024."""
    width, height = canonical(picture.width, picture.height)
    small = np.clip(np.rint(shrunk(gray(picture.pixels), width, height)), 0, 255).astype(np.uint8)
    return cv2.imencode(".jpg", small, [cv2.IMWRITE_JPEG_QUALITY, 90])[1].tobytes()


def opened(kept: bytes) -> NDArray[np.uint8]:
    """The gray picture that `reference` kept: [height, width]. Raises Invalid where the bytes are something else."""
    pixels = cv2.imdecode(np.frombuffer(kept, np.uint8), cv2.IMREAD_GRAYSCALE) if kept else None
    if pixels is None:
        raise Invalid("these bytes are no reference of a picture; register the work again")
    return np.asarray(pixels, np.uint8)


def _decoded(key: Key, sight: Sighting, least: float) -> Reading:
    """What a sighting says, if its pilot has at least this strength."""
    if sight.strength < least:
        return Reading(None, sight.strength, None)
    soft = coded_bits(sight.tile, plan(key.secret), sight.variant)
    number = decode(soft, key.secret, paths=_PATHS)
    return Reading(number, sight.strength, None if number is None else key.epoch)


def _informed_tiles(
    picture: Picture, original: NDArray[np.uint8], alignment: NDArray[np.floating] | None
) -> Iterator[NDArray[np.float64]]:
    y, scale = _sized(picture)
    back = np.diag([1 / scale, 1 / scale, 1.0])
    known = None if alignment is None else np.vstack([alignment, [0, 0, 1]])[:3] @ back
    host = original.astype(np.float32)
    homography = informed.aligned(y, host, known)
    if homography is not None:
        yield from informed.tiles(y, host, homography)


def _sized(picture: Picture) -> tuple[Gray, float]:
    """The luma at the size it is read at, and that size in parts of the picture's."""
    y, side = gray(picture.pixels), max(picture.width, picture.height)
    scale = _READ / side if side > _LARGE else 2.0 if side < _SMALL else 1.0
    return shrunk(y, max(1, round(picture.width * scale)), max(1, round(picture.height * scale))), scale


def _prepared(picture: Picture) -> tuple[Gray, float]:
    y, scale = _sized(picture)
    return whitened(y), scale


def _sightings(residual: Gray, scale: float, keys: Sequence[Key], deep: bool) -> Iterator[tuple[Key, Sighting]]:
    """Where each key's pilot shows, the cheapest guesses at the picture's geometry first."""
    if residual.size < TILE * TILE:
        return
    plans = [(key, plan(key.secret)) for key in keys]
    for side in dict.fromkeys((scale, max(residual.shape) / LONG)):
        tile = unfolded(residual, np.eye(2) * side)
        for view in _views(tile) if tile is not None else ():
            yield from ((key, sighted(view, marked)) for key, marked in plans)
    bright = spectrum(residual)
    for search in _SEARCHES[: None if deep else _QUICK]:
        for key, marked in plans:
            for linear in maps(bright, marked, **search):
                tile = unfolded(residual, linear)
                if tile is not None:
                    yield from ((key, sighted(view, marked)) for view in (tile, tile[::-1, ::-1]))


def _views(tile: NDArray[np.float64]) -> Iterator[NDArray[np.float64]]:
    """A tile turned by quarters and mirrored: eight ways."""
    for one in (tile, tile[:, ::-1]):
        yield from (np.rot90(one, turns) for turns in range(4))
