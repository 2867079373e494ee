"""chorale and mosaic at their defaults: likeness, words, melody, notes, shares and time, beside plain ways to do it.

`make bench-chorale RECORDINGS=folder` measures the full set; the goals beside the figures are set for that. SENTENCES=n
takes n sentences of each speaker instead of all.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import torch

from benchmarks import converted, instruments, listeners, recordings, stages
from benchmarks.converted import Judged
from benchmarks.recordings import Take, Voice

Row = dict[str, Any]
WHOLE_SONGS, LIVE = "benchmarks.songs", "benchmarks.liveness"


def run() -> Iterator[str]:
    torch.set_num_threads(1)
    yield recordings.told()
    yield listeners.told()
    for part in (speech, songs, mosaics, whole, live, times):
        yield ""
        yield from part()


def speech() -> Iterator[str]:
    """Every ordered pair of speakers; a sentence that is converted is never among what was learned from."""
    speakers = recordings.speakers()
    yield "speech: likeness to the artist and word errors in %, each before, by nearest frame, and ours"
    if len(speakers) < 2:
        yield "  no speakers here"
        return
    every: list[Judged] = []
    found = []
    for fan in speakers:
        for artist in (one for one in speakers if one is not fan):
            some = [converted.judged(take, fan, artist, "speech") for take in _some(fan)]
            every += some
            found.append({"pair": f"{fan.name} > {artist.name}", **summary(some)})
    yield from table([*found, {"pair": "all", **summary(every)}])


def songs() -> Iterator[str]:
    """Every ordered pair of singers, and each singer in the speakers' voices."""
    yield "song: F0 within 50 cents (goal: .96), voiced or not as wanted (goal: .95); no sentence is known by its words"
    singers = recordings.singers()
    found = []
    for fan in singers:
        artists = [one for one in (*singers, *recordings.speakers()) if one is not fan]
        for artist in artists:
            if sum(take.sound.seconds for take in artist.takes) >= converted.LEAST_SECONDS:
                found.append(
                    {
                        "pair": f"{fan.name} > {artist.name}",
                        **summary([converted.judged(fan.takes[0], fan, artist, "song")]),
                    }
                )
    yield from table(found)


def mosaics() -> Iterator[str]:
    yield "mosaic: chroma (goal: .9), onsets (goal: .8); before is how alike the untouched source is to the catalogue"
    yield from table(instruments.rows())


def whole() -> Iterator[str]:
    yield "whole songs: the voice filtered inside the mix"
    yield from _elsewhere(WHOLE_SONGS)


def live() -> Iterator[str]:
    yield "live phrase: who registers a voice is not a stranger to it"
    yield from _elsewhere(LIVE)


def times() -> Iterator[str]:
    yield "time: CPU seconds of one thread per second at 44.1 kHz stereo (goals: .15, to prepare .3)"
    yield from table(stages.rows())


def summary(some: Sequence[Judged]) -> Row:
    """Means, but the longest copy is the worst; word errors over all words."""

    def mean(name: str) -> float:
        return float(sum(getattr(one, name) for one in some) / len(some))

    likeness = {f"like {way}": sum(one.likeness[way] for one in some) / len(some) for way in converted.WAYS}
    return {
        "n": len(some),
        **likeness,
        **({f"wer {way}": word_errors(some, way) for way in converted.WAYS} if some[0].misheard["ours"] else {}),
        "to fan": mean("to_fan"),
        "identity": mean("identity"),
        "words": mean("words"),
        "50 c": mean("in_tune"),
        "v/uv": mean("voicing"),
        "copy s": max(one.longest_copy for one in some),
        "kB/s": mean("map_size"),
        "cpu": mean("cpu"),
        "replay": all(one.replays for one in some),
    }


def word_errors(some: Sequence[Judged], way: str) -> float:
    """Percent; nan where nobody counted."""
    counted = [one.misheard[way] for one in some if one.misheard[way] is not None]
    wrong, words = sum(one[0] for one in counted if one), sum(one[1] for one in counted if one)
    return 100 * wrong / words if words else float("nan")


def table(rows: Iterable[Row]) -> Iterator[str]:
    """Rows of one kind as lines under their names; what was not measured is a dash."""
    some = list(rows)
    if not some:
        return
    cells = [[_cell(value) for value in row.values()] for row in some]
    names = list(some[0])
    wide = [max(len(name), *(len(row[n]) for row in cells)) for n, name in enumerate(names)]
    for row in (names, *cells):
        first, *others = zip(row, wide, strict=True)
        yield "  ".join(["", first[0].ljust(first[1]), *(cell.rjust(w) for cell, w in others)])


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "NO"
    if isinstance(value, float):
        return "-" if value != value else f"{value:.3f}" if abs(value) < 10 else f"{value:.1f}"
    return str(value)


def _some(fan: Voice) -> Sequence[Take]:
    most = int(os.environ.get("SENTENCES", "") or len(fan.takes))
    return fan.takes[:: max(1, len(fan.takes) // most)][:most]


def _elsewhere(module: str) -> Iterator[str]:
    """What a module of the benchmarks measures by its `rows(folder)`."""
    if find_spec(module) is None:
        yield "  not measured here"
        return
    yield from table(import_module(module).rows(recordings.folder()))
