"""Marks: how many numbers are read bit for bit after attacks, blind and with the original, and what a mark costs.

The peer for pictures is invisible-watermark's dwtDctSvd, where it is installed. A number is 63 bits; the peer's, 64.
"""

from __future__ import annotations

import hashlib
import importlib.util
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np

from attribution.marks.secrets import Key
from benchmarks import asking, attacks, attacks_sounds, corpus
from benchmarks.asking import Plan
from benchmarks.finders import gray, picture, sound
from core.media import Picture, Sound

# What the marks' readers are asked: all public attacks, and of ours those that keep the picture or the recording.
PICTURE_ATTACKS = [
    *attacks.PUBLIC,
    "page screenshot",
    "meme",
    "app filter",
    "enlarged thumbnail",
    "jpeg 10",
    "quarter size",
]
SOUND_ATTACKS = [
    name for name in attacks_sounds.SOUNDS if name not in {"5 s of it", "music 0 dB", "voice 0 dB", "pink noise -5 dB"}
]
SECONDS = 20.0  # of a recording that are read
FLAT = 2.0  # gray levels: a block of 8 x 8 that deviates less is flat
SIGMAS = 6.0  # that `confirm` asks for


@dataclass
class _Tally:
    """Of one attack: how often each reader read the right number, and how often a wrong one."""

    tried: int = 0
    right: dict[str, int] = field(default_factory=dict)
    wrong: int = 0

    def note(self, reader: str, number: int | None, wanted: int) -> None:
        self.right[reader] = self.right.get(reader, 0) + (number == wanted)
        self.wrong += number is not None and number != wanted


def number(name: str) -> int:
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "big") >> 1 | 1


def key(medium: str, epoch: str = "2026Q4") -> Key:
    """A key of the benchmark's own; no house has its secret."""
    return Key(epoch, medium, hashlib.sha256(f"benchmark {medium} {epoch}".encode()).digest())


def pictures(plan: Plan) -> Iterator[str]:
    """The tables of the picture mark."""
    from attribution.features import agreement, points
    from attribution.marked import in_pixels
    from attribution.marks import picture as mark

    files = [file for file in asking.large(corpus.files("pictures", "works")) if mark.fits(picture(file))]
    works = asking.chosen(files, 4 if plan.quick else min(plan.works, 24))
    names = PICTURE_ATTACKS[:: 5 if plan.quick else 1]
    tallies, loss, flat = {name: _Tally() for name in names}, [], []
    peer = _Peer() if importlib.util.find_spec("imwatermark") else None
    ours = key("picture")
    for file in works:
        host, wanted = picture(file), number(file.stem)
        marked = mark.write(host, wanted, ours)
        kept, known = mark.opened(mark.reference(host)), points.of(gray(host))
        loss.append(_psnr(host.pixels, marked.pixels))
        flat += _flat(host.pixels, marked.pixels)
        theirs = peer.write(host, wanted) if peer else None
        for name in names:
            r = asking.seeded(name, file.stem)
            attacked = Picture(attacks.PICTURES[name](marked.pixels, r))
            tally = tallies[name]
            tally.tried += 1
            tally.note("blind", mark.read(attacked, [ours], deep=True).number, wanted)
            lies = agreement.between(next(points.looks(gray(attacked))), known)  # as the fingerprint would tell
            ways = None if lies is None else in_pixels(lies, attacked, kept)
            tally.note("informed", mark.read_informed(attacked, kept, ways, [ours]).number, wanted)
            sure = mark.confirm(attacked, kept, ways, wanted, ours) >= SIGMAS
            tally.note("confirmed", wanted if sure else None, wanted)
            if peer and theirs:
                again = Picture(attacks.PICTURES[name](theirs.pixels, asking.seeded(name, file.stem)))
                tally.right["dwtDctSvd"] = tally.right.get("dwtDctSvd", 0) + (peer.read(again) == wanted)
    yield from _table(tallies, len(works))
    yield f"PSNR mean {np.mean(loss):.2f}, least {min(loss):.2f} dB"
    yield f"flat blocks: {np.mean(flat):.2f} gray levels rms, worst picture {max(flat):.2f}" if flat else "nothing flat"
    yield from _unmarked_pictures(works, 20 if plan.quick else 500)


def _unmarked_pictures(works: Sequence[Path], most: int) -> Iterator[str]:
    from attribution.marks import picture as mark

    keys = [key("picture", epoch) for epoch in ("2026Q4", "2026Q3")]
    files = asking.chosen(corpus.files("pictures", "strangers"), most)
    read = [mark.read(picture(file), keys) for file in files]
    yield _none_read([(one.number, one.strength) for one in read], "pictures")
    wrong = [
        mark.read(mark.write(picture(file), number(file.stem), keys[0]), [key("picture", "other")]) for file in works
    ]
    yield f"wrong key: {sum(one.number is not None for one in wrong)} numbers in {len(wrong)} marked pictures"


def sounds(plan: Plan) -> Iterator[str]:
    """The tables of the sound mark."""
    from attribution.marks import sound as mark

    works = asking.chosen(corpus.files("sounds", "works"), 2 if plan.quick else min(plan.works, 16))
    others = corpus.files("sounds", "strangers")
    names = SOUND_ATTACKS[:: 5 if plan.quick else 1]
    beside, ours = asking.beside(others), key("sound")
    tallies, below = {name: _Tally() for name in names}, []
    for file in works:
        host, wanted = sound(file), number(file.stem)
        marked = mark.write(host, wanted, ours)
        kept = mark.reference(host)
        below.append(_below(host.samples, marked.samples))
        for name in names:
            attacked, start = _excerpt(marked, name, file.stem, beside)
            tally = tallies[name]
            tally.tried += 1
            tally.note("blind", mark.read(attacked, [ours], deep=True).number, wanted)
            tempo, semitones = CHANGED.get(name, (1.0, 0.0))
            aligned = mark.Alignment(start=start, tempo=tempo, semitones=semitones)
            tally.note("informed", mark.read_informed(attacked, kept, aligned, [ours]).number, wanted)
            sure = mark.confirm(attacked, kept, aligned, wanted, ours) >= SIGMAS
            tally.note("confirmed", wanted if sure else None, wanted)
    yield from _table(tallies, len(works))
    yield f"mark to host {np.mean(below):.1f} dB, loudest {max(below):.1f} dB"
    yield from _unmarked_sounds(works, 10 if plan.quick else 200)


# What a fingerprint would tell the informed reader: how many times faster, how many semitones higher.
CHANGED = {
    "pitch +1": (1.0, 1.0),
    "pitch -2": (1.0, -2.0),
    "tempo +5 %": (1.05, 0.0),
    "tempo -10 %": (0.9, 0.0),
    "tempo +12 %, pitch +1": (1.12, 1.0),
    "speed +2 %": (1.02, 12 * math.log2(1.02)),
    "speed -6 %": (0.94, 12 * math.log2(0.94)),
}


def _excerpt(marked: Sound, name: str, stem: str, beside: attacks_sounds.Beside) -> tuple[Sound, float]:
    """Twenty seconds and their start in the work, in seconds."""
    r = asking.seeded(name, stem, "mark")
    count = round(SECONDS * marked.rate * max(1.0, CHANGED.get(name, (1.0, 0.0))[0]))
    first = int(r.integers(max(1, marked.frames - count)))
    x = np.ascontiguousarray(marked.samples[first : first + count].mean(1))
    y = attacks_sounds.SOUNDS[name](x, marked.rate, r, beside)[: round(SECONDS * marked.rate)]
    y = y / max(1.0, float(np.abs(y).max()))
    return Sound(np.ascontiguousarray(y[:, None], np.float32), marked.rate), first / marked.rate


def _unmarked_sounds(works: Sequence[Path], most: int) -> Iterator[str]:
    from attribution.marks import sound as mark

    keys = [key("sound", epoch) for epoch in ("2026Q4", "2026Q3")]
    files = asking.chosen(corpus.files("sounds", "strangers"), most)
    read = [mark.read(sound(file), keys) for file in files]
    yield _none_read([(one.number, one.strength) for one in read], "recordings")
    wrong = [mark.read(mark.write(sound(file), number(file.stem), keys[0]), [key("sound", "other")]) for file in works]
    yield f"wrong key: {sum(one.number is not None for one in wrong)} numbers in {len(wrong)} marked recordings"


def _none_read(read: Sequence[tuple[int | None, float]], what: str) -> str:
    found = sum(number is not None for number, _ in read)
    pilot = max(strength for _, strength in read)
    return f"unmarked: {found} numbers in {len(read)} {what}, strongest pilot {pilot:.1f} sigma"


class _Peer:
    """dwtDctSvd with its defaults, 64 bits."""

    def write(self, host: Picture, wanted: int) -> Picture:
        from imwatermark import WatermarkEncoder

        encoder = WatermarkEncoder()
        encoder.set_watermark("bytes", wanted.to_bytes(8, "big"))
        return Picture(np.ascontiguousarray(encoder.encode(host.pixels[:, :, ::-1], "dwtDctSvd")[:, :, ::-1]))

    def read(self, attacked: Picture) -> int:
        from imwatermark import WatermarkDecoder

        if min(attacked.pixels.shape[:2]) < 256:
            return 0
        return int.from_bytes(WatermarkDecoder("bytes", 64).decode(attacked.pixels[:, :, ::-1], "dwtDctSvd"), "big")


def _table(tallies: dict[str, _Tally], works: int) -> Iterator[str]:
    readers = sorted({reader for tally in tallies.values() for reader in tally.right})
    yield f"{works} works marked; the right number read after each attack"
    yield f"{'':24}" + "".join(f"{reader:>12}" for reader in readers)
    for name, tally in tallies.items():
        yield f"{name:24}" + "".join(f"{tally.right.get(reader, 0) / tally.tried:12.3f}" for reader in readers)
    means = {r: np.mean([tally.right.get(r, 0) / tally.tried for tally in tallies.values()]) for r in readers}
    yield f"{'mean':24}" + "".join(f"{means[reader]:12.3f}" for reader in readers)
    yield f"wrong numbers read: {sum(tally.wrong for tally in tallies.values())}"


def _psnr(a: np.ndarray, b: np.ndarray) -> float:
    return float(10 * np.log10(255**2 / max(1e-9, float(((a.astype(float) - b) ** 2).mean()))))


def _flat(a: np.ndarray, b: np.ndarray) -> list[float]:
    """The mark's rms over a picture's flat blocks of gray; none where fewer than 50 are flat."""
    gray = [cv2.cvtColor(one, cv2.COLOR_RGB2GRAY).astype(np.float64) for one in (a, b)]
    height, width = (side // 8 * 8 for side in gray[0].shape)
    blocks = [one[:height, :width].reshape(height // 8, 8, width // 8, 8) for one in gray]
    flat = blocks[0].std((1, 3)) < FLAT
    if flat.sum() < 50:
        return []
    return [float(np.sqrt(((blocks[1] - blocks[0]) ** 2).mean((1, 3))[flat].mean()))]


def _below(host: np.ndarray, marked: np.ndarray) -> float:
    return float(10 * np.log10(((marked - host) ** 2).mean() / max(1e-12, float((host**2).mean()))))
