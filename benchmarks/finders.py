"""Who is asked: the house's fingerprints, and peers in the same run, all behind one small contract.

A peer of one's own is a Python file with `finder() -> Finder`, named by `PEER_PICTURES` or `PEER_SOUNDS`.
"""

from __future__ import annotations

import hashlib
import importlib.util
import inspect
import os
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol

import cv2
import imagehash
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from attribution.texture import unframed
from benchmarks import corpus
from core.media import Picture, Sound

Media = Picture | Sound
Answer = list[tuple[int, float]]  # (position of the work, score), the best first; a higher score is surer
Bits = NDArray[np.uint8]
BORNE_OUT = 1000.0  # score of a copy whose texture agrees, above any of points


class Finder(Protocol):
    """Learns works, then says which of them a file is a copy of."""

    name: str

    def learn(self, works: Sequence[Path]) -> None: ...
    def ask(self, media: Media) -> Answer: ...


def picture(file: Path) -> Picture:
    with Image.open(file) as image:
        return Picture(np.array(image.convert("RGB")))


def sound(file: Path) -> Sound:
    import soundfile

    samples, rate = soundfile.read(file, dtype="float32", always_2d=True)
    return Sound(samples, int(rate))


def media(file: Path) -> Media:
    return sound(file) if file.suffix == ".flac" else picture(file)


def stamp(*modules: Any) -> str:
    """Of the code that makes features, so that what it made before is made anew."""
    total = hashlib.sha256()
    for module in modules:
        total.update(Path(inspect.getfile(module)).read_bytes())
    return total.hexdigest()[:16]


def _kept(works: Sequence[Path], name: str, make: Callable[[Path], bytes]) -> list[bytes]:
    """What a function makes of each file, from a folder of the corpus where it was made before."""
    place = corpus.folder() / "features" / name
    place.mkdir(parents=True, exist_ok=True)
    found = []
    for work in works:
        file = place / f"{work.parent.name}-{work.stem}.bin"
        if not file.exists():
            part = file.with_suffix(f".{os.getpid()}")
            part.write_bytes(make(work))
            part.replace(file)
        found.append(file.read_bytes())
    return found


class Screen:
    """What the house asks first: hashes of whole pictures propose, texture decides (`attribution.pictured`)."""

    name = "screen"

    def __init__(self) -> None:
        from attribution import fingerprint, pictured, placement, texture

        self._fingerprint, self._pictured = fingerprint, pictured
        self.version = stamp(fingerprint, pictured, placement, texture)

    def learn(self, works: Sequence[Path]) -> None:
        from attribution.models import StoredFingerprint

        views = 8 * len(self._fingerprint.REGISTERED)  # bytes
        self._hashed, self._rows = [], {}
        for number, one in enumerate(_kept(works, "screen", self._packed)):
            subject = str(number)
            self._hashed.append((subject, one[:views]))
            row = StoredFingerprint(subject=subject, owner="", claim=None, content=None, forgotten=False)
            self._rows[subject] = (row, self._fingerprint.unpack(one[views:]))

    def _packed(self, file: Path) -> bytes:
        sheet, _ = unframed(gray(picture(file)))
        views = self._fingerprint.hashes(sheet, self._fingerprint.REGISTERED)
        return self._fingerprint.pack_views(views) + self._fingerprint.pack(sheet)

    def ask(self, media: Media) -> Answer:
        assert isinstance(media, Picture)
        question = self._pictured.Question(gray(media))
        candidates = [self._rows[subject] for subject in self._pictured.nearest(question, self._hashed)]
        return [(int(one.subject), BORNE_OUT + one.score) for one in self._pictured.among(question, candidates)[:5]]


class House:
    """Local points of pictures (`attribution.features`)."""

    name = "points"

    def __init__(self) -> None:
        from attribution.features import agreement, pictures, points, unblurred

        self._points, self._pictures = points, pictures
        self.version = stamp(points, pictures, agreement, unblurred)

    def learn(self, works: Sequence[Path]) -> None:
        self._tables = self._pictures.build([self._points.unpack(one) for one in self.kept(works)])

    def kept(self, works: Sequence[Path]) -> list[bytes]:
        """The works' points, packed."""
        return _kept(works, "points-" + stamp(self._points), self._packed)

    def _packed(self, file: Path) -> bytes:
        return bytes(self._points.pack(self._points.of(gray(picture(file)))))

    def ask(self, media: Media) -> Answer:
        assert isinstance(media, Picture)
        best: dict[int, float] = {}
        for look in self._points.looks(gray(media)):
            for found in self._pictures.search(self._tables, look):
                best[found.position] = max(best.get(found.position, 0.0), float(found.score))
            if max(best.values(), default=0.0) >= self._pictures.SURE:
                break
        return sorted(best.items(), key=lambda one: -one[1])[:5]


def gray(picture: Picture) -> NDArray[np.uint8]:
    return np.asarray(cv2.cvtColor(picture.pixels, cv2.COLOR_RGB2GRAY), np.uint8)


class HouseSounds:
    """Landmarks of recordings (`attribution.features`)."""

    name = "house"

    def __init__(self) -> None:
        from attribution.features import sounds

        self._sounds = sounds
        folder = Path(inspect.getfile(sounds)).parent
        self.version = hashlib.sha256(b"".join(file.read_bytes() for file in sorted(folder.glob("*.py")))).hexdigest()

    def learn(self, works: Sequence[Path]) -> None:
        from attribution.features import heard, spectra, triples

        kept = _kept(works, "heard-" + stamp(heard, spectra, triples), self._packed)
        self._tables = self._sounds.build([self._sounds.unpack(one) for one in kept])

    def _packed(self, file: Path) -> bytes:
        return bytes(self._sounds.pack(self._sounds.of(sound(file))))

    def ask(self, media: Media) -> Answer:
        assert isinstance(media, Sound)
        found = self._sounds.search(self._tables, self._sounds.asked(media))
        best: dict[int, float] = {}
        for one in found:
            best[one.position] = max(best.get(one.position, 0.0), float(one.score))
        return sorted(best.items(), key=lambda one: -one[1])[:5]


class Hash:
    """A hash of the whole picture: the score is 256 less the bits by which the nearest differs, scaled to 256."""

    version = "1"

    def __init__(self, name: str, of: Callable[[Picture], Sequence[Bits]]) -> None:
        self.name, self._of = name, of

    def learn(self, works: Sequence[Path]) -> None:
        kept = _kept(works, "hash-" + self.name.replace(" ", "-"), lambda file: self._of(picture(file))[0].tobytes())
        self._codes = np.array([np.frombuffer(one, np.uint8) for one in kept])

    def ask(self, media: Media) -> Answer:
        assert isinstance(media, Picture)
        apart = np.min([(self._codes != one).mean(1) for one in self._of(media)], axis=0)
        best = np.argsort(apart, kind="stable")[:5]
        return [(int(one), 256 * (1 - float(apart[one]))) for one in best]


def _phash(picture: Picture) -> list[Bits]:
    return [imagehash.phash(Image.fromarray(picture.pixels)).hash.astype(np.uint8).ravel()]


def _pdq(picture: Picture) -> list[Bits]:
    """The hash, and those of the picture turned by quarters and mirrored."""
    import pdqhash

    return [np.asarray(one, np.uint8) for one in pdqhash.compute_dihedral(picture.pixels)[0]]


def _iscc(picture: Picture) -> list[Bits]:
    import iscc_core

    small = Image.fromarray(picture.pixels).convert("L").resize((32, 32), Image.Resampling.BICUBIC)
    code = iscc_core.soft_hash_image_v0(list(small.getdata()), bits=256)
    return [np.unpackbits(np.frombuffer(code, np.uint8))]


class Chromaprint:
    """fpcalc's raw fingerprints, laid over each other at every offset: the score is the part of equal bits of the best.

    Fewer than 24 words (3 s) over each other say nothing.
    """

    name, version = "Chromaprint", "1"

    def learn(self, works: Sequence[Path]) -> None:
        kept = _kept(works, "chromaprint", lambda file: self._words(sound(file)).tobytes())
        self._works = [np.unpackbits(np.frombuffer(one, np.uint8)).reshape(-1, 32) * 2.0 - 1 for one in kept]
        self._longest = max(len(one) for one in self._works)

    def _words(self, heard: Sound) -> NDArray[np.uint32]:
        import soundfile

        root = corpus.folder() / "unpacked/usr"
        libraries = ":".join(str(place) for place in (root / "lib").glob("*-linux-gnu"))
        with tempfile.TemporaryDirectory(prefix="homage-bench-") as folder:
            file = Path(folder) / "a.wav"
            soundfile.write(file, heard.samples, heard.rate, subtype="PCM_16")
            call = [str(root / "bin/fpcalc"), "-raw", "-plain", "-length", "0", str(file)]
            environment = {**os.environ, "LD_LIBRARY_PATH": libraries}
            told = subprocess.run(call, env=environment, capture_output=True, text=True).stdout.strip()
        return np.array([int(word) & 0xFFFFFFFF for word in told.split(",") if word], np.uint32)

    def ask(self, media: Media) -> Answer:
        from scipy.fft import irfft, rfft

        assert isinstance(media, Sound)
        words = self._words(media)
        if len(words) < 24:
            return []
        asked = np.unpackbits(words.view(np.uint8)).reshape(-1, 32) * 2.0 - 1
        size = 1 << int(np.ceil(np.log2(self._longest + len(asked))))
        spectrum = rfft(asked[::-1], size, axis=0)
        best = []
        for work in self._works:
            agree = irfft((rfft(work, size, axis=0) * spectrum).sum(1), size)[: len(work) + len(asked) - 1]
            at = np.arange(len(agree))
            over = np.minimum(np.minimum(at + 1, len(asked)), len(work) + len(asked) - 1 - at)
            best.append(float(np.where(over >= 24, (agree / (32 * over) + 1) / 2, 0.0).max()))
        order = np.argsort(best)[::-1][:5]
        return [(int(one), best[one]) for one in order]


def _of_file(variable: str) -> list[Finder]:
    """The peer whose file an environment variable names. Raises ValueError where it is none."""
    if not (named := os.environ.get(variable)):
        return []
    spec = importlib.util.spec_from_file_location("peer", named)
    if spec is None or spec.loader is None:
        raise ValueError(f"{variable} names {named}, which is no Python file")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    if not hasattr(module, "finder"):
        raise ValueError(f"{named} has no `finder()`: it must give an object with `name`, `learn` and `ask`")
    return [module.finder()]


def of_pictures() -> list[Finder]:
    finders: list[Finder] = [Screen(), House(), Hash("pHash", _phash), Hash("ISCC", _iscc)]
    if importlib.util.find_spec("pdqhash"):
        finders.insert(3, Hash("PDQ", _pdq))
    return finders + _of_file("PEER_PICTURES")


def of_sounds() -> list[Finder]:
    finders: list[Finder] = [HouseSounds()]
    if (corpus.folder() / "unpacked/usr/bin/fpcalc").exists():
        finders.append(Chromaprint())
    return finders + _of_file("PEER_SOUNDS")
