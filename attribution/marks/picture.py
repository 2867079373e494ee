"""The invisible mark of a picture: a work's number, read from a copy with the key, and better beside the original.

The mark's name in soft bindings is `org.homage.picture-mark.1`. How it lies in a picture: `picture_plan`.

Where a fingerprint names a work, ask `read_or_confirm`; else `read`, with `deep=True` when somebody asks.
A picture that was marked twice holds both marks: each is read with its key, and of two with one key at most one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, Final

import cv2
import numpy as np
from numpy.typing import NDArray

from attribution.marks import picture_informed as informed
from attribution.marks.payload import decode
from attribution.marks.picture_pilot import Guess, Sighting, maps, refined, sighted, spectrum, turned, unfolded
from attribution.marks.picture_plan import LONG, Plan, plan
from attribution.marks.picture_signal import Gray, agreement, coded_bits, gray, shrunk, whitened
from attribution.marks.picture_write import AREA, LEAST, canonical, written
from attribution.marks.reading import NOTHING, Reading
from attribution.marks.secrets import Key
from core.errors import Invalid
from core.media import Picture

PILOT: Final = 5.0  # standard deviations that a blind read asks of the pilot before it decodes
CONFIRMED: Final = 6.0  # standard deviations of `confirm` that name a work: by chance once in 10^8

_INFORMED_PILOT: Final = 4.0  # fewer places are possible beside the original
_SURELY: Final = 5.7  # no unmarked picture shows this
_NEAR: Final = 2  # pixels that an alignment may be off
_PATHS: Final = 16  # messages that are tested against the check
_LARGE, _READ, _SMALL = 1280, 1152, 480  # long sides: over the first is read at the second, under the third doubled
_QUICK: Final[dict[str, Any]] = {"degrees": 4.0, "kept": 2}
_WIDEST, _NARROWEST = 2048, 448  # canonical pixels that a picture's long side is taken to have, unless asked deep
_SEARCHES: Final[list[dict[str, Any]]] = [
    {"degrees": 4.0},
    {"degrees": 90.0},
    *({"degrees": 3.0, "stretch": float(np.exp(x))} for x in (-0.18, -0.14, -0.1, -0.06, 0.06, 0.1, 0.14, 0.18)),
]


class Unmarkable(Invalid):
    """The picture is too small or too narrow to carry a mark."""


def fits(picture: Picture) -> bool:
    """Whether a picture can carry a mark, once its long side is brought to 1024 pixels or less.

    It needs 128 pixels the short way and 65,536 in all (256 x 256): four tiles. Of so few, only `read_informed` reads
    surely; the key alone needs twice as many.
    """
    width, height = canonical(picture.width, picture.height)
    return min(width, height) >= LEAST and width * height >= AREA


def write(picture: Picture, number: int, key: Key) -> Picture:
    """The picture with a number, 1 .. 2**63 - 1, in it: same size, at least 42 dB, gray where it was gray.

    The same picture, number and key give the same pixels. Raises Unmarkable where `fits` is false, ValueError for
    another number.
    """
    if not fits(picture):
        raise Unmarkable(
            f"a picture of {picture.width} x {picture.height} pixels is too small or too narrow for a mark; it needs"
            f" {AREA:,} pixels, {LEAST} a side, and at most {LONG // LEAST} times as many the other way"
        )
    return written(picture, number, plan(key.secret))


def read(picture: Picture, keys: Sequence[Key], *, deep: bool = False) -> Reading:
    """The number in a picture by its keys alone, tried in this order; `number` is None where none is read.

    `strength`: the pilot's; unmarked pictures stay under 5.5. Pictures may be mirrored, turned by quarters and some
    degrees, resized, and cut. `deep` also tries stretched ones, any turn, and works that are a small part of a picture,
    for some seconds.
    """
    return _first(_sightings(picture, keys, deep), PILOT)


def read_informed(
    picture: Picture, original: NDArray[np.uint8], alignment: NDArray[np.floating] | None, keys: Sequence[Key]
) -> Reading:
    """The number in a copy of a known work, whose unmarked `original` is what `opened` gives.

    `alignment`: 2x3 or 3x3, from the picture's pixels (x, y; centers are whole numbers) to the original's, right to
    some ten pixels; None: it is searched, mirrored too. What cannot be laid over the original is read without it.
    """
    reading = _first(_beside(picture, original, alignment, keys), _INFORMED_PILOT)
    return reading if reading.number is not None else max(reading, read(picture, keys), key=_better)


def read_or_confirm(
    picture: Picture,
    original: NDArray[np.uint8],
    alignments: Iterable[NDArray[np.floating] | None],
    keys: Sequence[Key],
    number: int,
    *,
    deep: bool = False,
) -> tuple[Reading, float]:
    """What is read beside the original alone, as by `read_informed`; where nothing is, how surely it is this `number`.

    The latter as `confirm` says it, by the first key; the picture is laid over the original once for both. Of
    `alignments` the first is taken that can be made exact. `deep`: for a second others are searched then.
    """
    looks: list[tuple[Key, Sighting, Guess | None]] = []

    def kept() -> Iterator[tuple[Key, Sighting, Guess | None]]:
        for alignment in alignments:
            for look in _beside(picture, original, alignment, keys, registering=deep):
                looks.append(look)
                yield look
            if looks:
                break

    reading = _first(kept(), _INFORMED_PILOT)
    if reading.number is not None:
        return reading, 0.0
    return reading, _confirmed((sight for key, sight, _ in looks if key == keys[0]), number, plan(keys[0].secret))


def confirm(
    picture: Picture, original: NDArray[np.uint8] | None, alignment: NDArray[np.floating] | None, number: int, key: Key
) -> float:
    """How surely a picture holds just this number, in standard deviations: over 5 by chance once in a million.

    For where nothing can be read, but a fingerprint names the work and so the number. `original` and `alignment` as for
    `read_informed`; without an original the pilot is searched, which finds less.
    """
    found: Iterable[tuple[Key, Sighting, Guess | None]] = (
        _sightings(picture, [key], False) if original is None else _beside(picture, original, alignment, [key])
    )
    return _confirmed((sight for _, sight, _ in found), number, plan(key.secret))


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


def _first(sightings: Iterable[tuple[Key, Sighting, Guess | None]], least: float) -> Reading:
    """What the first sighting says that says anything, of those whose pilot has at least this strength.

    Where none does, but a pilot is surely there, the best guess is refined.
    """
    best, likeliest = NOTHING, None
    for key, sight, guess in sightings:
        reading = _decoded(key, sight) if sight.strength >= least else Reading(None, sight.strength, None)
        if reading.number is not None:
            return reading
        if reading.strength > best.strength:
            best, likeliest = reading, None if guess is None else (key, guess)
    if likeliest is None or best.strength < _SURELY:
        return best
    key, guess = likeliest
    again = refined(guess, plan(key.secret))
    return best if again is None else max(best, _decoded(key, again), key=_better)


def _confirmed(found: Iterable[Sighting], number: int, marked: Plan) -> float:
    sights: list[Sighting] = []
    for sight in found:
        sights.append(sight)
        if sight.strength > PILOT and agreement(sight.tile, marked, sight.variant, number) > CONFIRMED:
            break
    sights = sorted(sights, key=lambda one: -one.strength)[:3]
    return max((agreement(one.tile, marked, one.variant, number) for one in sights), default=0.0)


def _decoded(key: Key, sight: Sighting) -> Reading:
    for weighed in (False, True):
        soft = coded_bits(sight.tile, plan(key.secret), sight.variant, weighed=weighed)
        number = decode(soft, key.secret, paths=_PATHS)
        if number is not None:
            return Reading(number, sight.strength, key.epoch)
    return Reading(None, sight.strength, None)


def _better(reading: Reading) -> tuple[bool, float]:
    return reading.number is not None, reading.strength


def _beside(
    picture: Picture,
    original: NDArray[np.uint8],
    alignment: NDArray[np.floating] | None,
    keys: Sequence[Key],
    *,
    registering: bool = True,
) -> Iterator[tuple[Key, Sighting, None]]:
    """Where each key's pilot shows in the frame of the original."""
    y, scale = _sized(picture)[-1]
    known = None
    if alignment is not None:
        known = np.vstack([alignment, [0, 0, 1]])[:3] @ _centers(1 / scale)
    host = original.astype(np.float32)
    for homography in informed.alignments(y, host, known, registering=registering):
        for tile in informed.tiles(y, host, homography):
            yield from ((key, sighted(tile, plan(key.secret), within=_NEAR), None) for key in keys)


def _centers(scale: float) -> NDArray[np.float64]:
    """The map of pixels' centers when a picture is resized."""
    return np.array([[scale, 0, scale / 2 - 0.5], [0, scale, scale / 2 - 0.5], [0, 0, 1]])


def _sized(picture: Picture) -> list[tuple[Gray, float]]:
    """The luma at the sizes it is read at, in parts of the picture's, the last for all searches."""
    y, side = gray(picture.pixels), max(picture.width, picture.height)
    scales = [_READ / side] if side > _LARGE else [1.0, 2.0] if side < _SMALL else [1.0]
    sizes = [(max(1, round(picture.width * scale)), max(1, round(picture.height * scale))) for scale in scales]
    return [(shrunk(y, *size), scale) for size, scale in zip(sizes, scales, strict=True)]


def _sightings(picture: Picture, keys: Sequence[Key], deep: bool) -> Iterator[tuple[Key, Sighting, Guess]]:
    """Where each key's pilot shows, the cheapest guesses at the picture's geometry first."""
    residual = np.empty((0, 0), np.float32)
    for y, scale in _sized(picture):
        residual = whitened(y)
        for side in dict.fromkeys((scale, max(y.shape) / LONG)):
            yield from _seen(residual, np.eye(2) * side, keys, range(8))
    sizes = max(residual.shape) / _WIDEST, max(residual.shape) / _NARROWEST
    bright = spectrum(residual, least=0.0 if deep else sizes[0])
    for search in _SEARCHES if deep else [_QUICK | {"sizes": sizes}]:
        for key in keys:
            for linear in maps(bright, plan(key.secret), **search):
                yield from _seen(residual, linear, [key], (0, 2))


def _seen(
    residual: Gray, linear: NDArray[np.float64], keys: Sequence[Key], ways: Iterable[int]
) -> Iterator[tuple[Key, Sighting, Guess]]:
    tile = unfolded(residual, linear)
    if tile is None:
        return
    for way in ways:
        for key in keys:
            yield key, sighted(turned(tile, way), plan(key.secret)), Guess(residual, linear, way)
