"""Recordings of the corpus: scores played by fluidsynth, each once, with seeded instruments, tempo, key and timing.

Short tunes of one book are joined to a set of a minute or more. A tune that shares a fifth of its melody (eight
intervals in a row) with one that was played already is a variant of it, and is left out, on whichever side.
"""

from __future__ import annotations

import hashlib
import os
import random
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path

import numpy as np
import soundfile

from benchmarks import corpus_midi, corpus_scores
from benchmarks.corpus import SIDES, group, tell
from benchmarks.corpus_scores import Tune

WORKS, STRANGERS = 224, 328
RATE = 22_050
SHORTEST, LONGEST = 60.0, 90.0  # s
PLAYERS = 3  # fluidsynths at once
GRAM, VARIANT = 8, 0.2  # intervals in a row; part of them that only a variant shares
# At most so many recordings of one book, in the order in which they are played.
BOOKS = {
    "bach": 90,
    "palestrina": 110,
    "trecento": 60,
    "monteverdi": 40,
    "beethoven": 4,
    "mozart": 8,
    "haydn": 6,
    "schumann_robert": 6,
    "schumann_clara": 4,
    "josquin": 20,
    "ryansMammoth": 90,
    "oneills1850": 90,
    "airdsAirs": 60,
    "essenFolksong": 90,
    "miscFolk": 20,
}
SINGLES = (
    "beach ciconia corelli cpebach handel johnson_j_r joplin liliuokalani luca lusitano schubert verdi weber webern"
)


def build(out: Path) -> None:
    """Fill `sounds/works` and `sounds/strangers`; what is there already stays."""
    for side in SIDES:
        (out / "sounds" / side).mkdir(parents=True, exist_ok=True)
    counts, room = dict.fromkeys(SIDES, 0), {"works": WORKS, "strangers": STRANGERS}
    with ThreadPoolExecutor(PLAYERS) as players:
        waiting: list[Future[None]] = []
        for name, pieces in _sets():
            side = _side(group(name))
            if counts[side] >= room[side]:
                continue
            counts[side] += 1
            file = out / "sounds" / side / f"{name}.flac"
            if not file.exists():
                waiting.append(players.submit(_record, pieces, name, file, out / "unpacked"))
            if len(waiting) >= 24:
                _finish(waiting, counts, out)
        _finish(waiting, counts, out)


def _finish(waiting: list[Future[None]], counts: dict[str, int], out: Path) -> None:
    for one in waiting:
        one.result()
    waiting.clear()
    sys.stdout.write(f"recordings: {counts}\n")
    sys.stdout.flush()
    tell(out)


def _side(name: str) -> str:
    number = int.from_bytes(hashlib.sha256(b"side" + name.encode()).digest()[:4], "big") / 2**32
    return "works" if number < WORKS / (WORKS + STRANGERS) else "strangers"


def _sets() -> Iterator[tuple[str, list[Tune]]]:
    """Names, and what is played under each: book by book in turn, so that any beginning holds some of all."""
    known: set[bytes] = set()
    books = [_of(book, most, known) for book, most in [*BOOKS.items(), *((one, 1) for one in SINGLES.split())]]
    while books:
        for book in list(books):
            if (found := next(book, None)) is None:
                books.remove(book)
            else:
                yield found


def _of(book: str, most: int, known: set[bytes]) -> Iterator[tuple[str, list[Tune]]]:
    place = corpus_scores.home() / book
    files = [file for file in sorted(place.rglob("*")) if file.suffix in {".krn", ".mxl", ".xml", ".musicxml", ".abc"}]
    random.Random(book).shuffle(files)
    waiting: list[Tune] = []
    made = 0
    for tune in (tune for file in files for tune in corpus_scores.read(file, book)):
        if made >= most:
            return
        if len(tune.notes) < 24 or _variant(tune, known):
            continue
        waiting.append(tune)
        if sum(one.quarters for one in waiting) * 60 / corpus_midi.pace(waiting[0].name) >= SHORTEST + 4:
            yield f"{book}-{waiting[0].name}--{made}", waiting
            waiting, made = [], made + 1


def _variant(tune: Tune, known: set[bytes]) -> bool:
    """Whether some part's melody was heard before; else it is remembered."""
    grams: set[bytes] = set()
    for part in {note.part for note in tune.notes}:
        heights = [note.pitch for note in sorted(tune.notes, key=lambda one: one.start) if note.part == part]
        steps = np.clip(np.diff(heights), -12, 12).astype(np.int8)
        steps = steps[steps != 0]
        grams |= {steps[at : at + GRAM].tobytes() for at in range(len(steps) - GRAM + 1)}
    if not grams or len(grams & known) > VARIANT * len(grams):
        return True
    known |= grams
    return False


def _record(pieces: Sequence[Tune], name: str, file: Path, root: Path) -> None:
    """Play, cut to length, fade out, level. Raises RuntimeError where fluidsynth cannot play."""
    with tempfile.TemporaryDirectory(prefix="homage-corpus-") as folder:
        score, played = Path(folder) / "score.mid", Path(folder) / "played.wav"
        seconds = random.Random("length" + name).uniform(SHORTEST, LONGEST)
        score.write_bytes(corpus_midi.performance(pieces, seed=name, seconds=seconds))
        _play(score, played, root)
        x, _ = soundfile.read(played, dtype="float32", always_2d=True)
    mono = x.mean(1)[: round(seconds * RATE)]
    mono[-RATE // 2 :] *= np.linspace(1, 0, RATE // 2, dtype=np.float32)
    mono *= 0.9 / max(1e-6, float(np.abs(mono).max()))
    soundfile.write(file, mono, RATE, format="FLAC", subtype="PCM_16")


def _play(score: Path, played: Path, root: Path) -> None:
    font = root / "usr/share/sounds/sf2/FluidR3_GM.sf2"
    program = root / "usr/bin/fluidsynth"
    libraries = [str(place) for place in (root / "usr/lib").glob("*-linux-gnu")]
    environment = {**os.environ, "LD_LIBRARY_PATH": ":".join(libraries)}
    options = [
        "-o",
        "synth.dynamic-sample-loading=1",
        "-o",
        "synth.chorus.active=0",
        "-o",
        "synth.reverb.active=0",
        "-g",
        "0.5",
        "-r",
        str(RATE),
    ]
    command = [str(program), "-ni", "-q", *options, "-F", str(played), "-T", "wav", str(font), str(score)]
    done = subprocess.run(command, env=environment, capture_output=True, text=True)
    if done.returncode or not played.exists():
        raise RuntimeError(f"fluidsynth cannot play: {done.stderr.strip() or 'no file came out'}")
