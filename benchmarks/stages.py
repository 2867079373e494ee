"""Where chorale's time goes: processor seconds of each stage, without those of the stages inside it."""

from __future__ import annotations

import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import ModuleType
from typing import Any

import numpy as np

from benchmarks import converted
from benchmarks.recordings import Voice, singers
from core.hearing import features, pitch
from core.media import Sound
from generation.engine import silent
from generation.engines.chorale import Chorale, gains, maps, plan, psola, search

STAGES: tuple[tuple[str, ModuleType, str], ...] = (
    ("pitch", pitch, "track"),
    ("envelope", features, "envelopes"),
    ("align", plan, "align"),
    ("nearest frames", search, "nearest"),
    ("move the pitch", psola, "moved"),
    ("filter", gains, "filtered"),
    ("filter onsets", gains, "sharpened"),
    ("write the map", maps, "write_map"),
)
RUNS = 3


def rows() -> list[dict[str, Any]]:
    """CPU seconds for each second of a sung line, by stage, best of a few runs; and of preparing the other voice."""
    fan, artist = singers()[-2:]
    source = _stereo(fan.takes[0].sound)
    prepared, preparing = _prepared(artist)
    best = min((_run(source, prepared) for _ in range(RUNS)), key=lambda run: run["all"])
    whole = best.pop("all")
    rest = whole - sum(best.values())
    named = {**best, "the rest": rest, "all": whole, f"prepare {artist.name}, a second of recordings": preparing}
    return [
        {"stage": name, "CPU s/s": seconds, "part": seconds / whole if name in best else float("nan")}
        for name, seconds in named.items()
    ]


def _run(source: Sound, prepared: bytes) -> dict[str, float]:
    with _watched() as spent:
        began = time.process_time()
        converted.sung(source, prepared, "song")
        whole = time.process_time() - began
    return {**{name: seconds / source.seconds for name, seconds in spent.items()}, "all": whole / source.seconds}


def _prepared(artist: Voice) -> tuple[bytes, float]:
    began = time.process_time()
    prepared = Chorale().prepare([take.asset for take in artist.takes], report=silent)
    return prepared, (time.process_time() - began) / sum(take.sound.seconds for take in artist.takes)


def _stereo(sound: Sound) -> Sound:
    """Somewhat to the left."""
    return Sound(np.ascontiguousarray(sound.samples * np.array([1.0, 0.8], np.float32)), sound.rate)


@contextmanager
def _watched() -> Iterator[dict[str, float]]:
    """While it is open, each stage's own seconds are added up."""
    spent: dict[str, float] = defaultdict(float)
    inside = [0.0]

    def timed(name: str, doing: Callable[..., Any]) -> Callable[..., Any]:
        def watched(*arguments: Any, **named: Any) -> Any:
            inside.append(0.0)
            began = time.process_time()
            try:
                return doing(*arguments, **named)
            finally:
                took = time.process_time() - began
                spent[name] += took - inside.pop()
                inside[-1] += took

        return watched

    kept = [(module, name, getattr(module, name)) for _, module, name in STAGES]
    try:
        for (label, module, name), (_, _, doing) in zip(STAGES, kept, strict=True):
            setattr(module, name, timed(label, doing))
        yield spent
    finally:
        for module, name, doing in kept:
            setattr(module, name, doing)
