"""A score as somebody might play it: instruments, tempo, key, drift, uneven notes, bass and drums under bare tunes."""

from __future__ import annotations

import random
import struct
from collections import Counter, defaultdict
from collections.abc import Sequence

from benchmarks.corpus_scores import Note, Tune

TICKS = 960  # a second: the file's tempo is fixed, and all timing is ours
# General MIDI programs, from 0, that go together.
ENSEMBLES = (
    (0, 0, 0, 0),
    (4, 4, 33, 33),
    (6, 6, 6, 6),
    (19, 19, 19, 19),
    (40, 41, 42, 43),
    (48, 48, 48, 48),
    (52, 52, 53, 53),
    (68, 71, 60, 70),
    (73, 68, 71, 70),
    (56, 56, 57, 58),
    (24, 24, 24, 32),
    (46, 46, 73, 42),
    (11, 12, 13, 12),
    (21, 21, 105, 32),
    (22, 25, 25, 33),
    (65, 66, 26, 33),
    (74, 75, 24, 24),
    (80, 81, 88, 38),
    (109, 110, 21, 43),
    (78, 79, 107, 108),
)
KEYS = (-5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5)  # semitones by which all is moved
DRUMS = 9  # the channel
KICK, SNARE, HAT = 36, 38, 42


def pace(seed: str) -> float:
    """Quarters a minute."""
    return random.Random("pace" + seed).uniform(66, 138)


def performance(tunes: Sequence[Tune], *, seed: str, seconds: float) -> bytes:
    """A MIDI file of the tunes one after another, as `seed` has them played."""
    r = random.Random("play" + seed)
    programs, moved = r.choice(ENSEMBLES), r.choice(KEYS)
    notes = _joined(tunes)
    parts = sorted({note.part for note in notes})
    events: list[tuple[float, bytes]] = []
    if len(parts) == 1:
        notes += _bass(notes)
    beat = 60 / pace(tunes[0].name)
    warp = _Warp(r, beat, max(note.start for note in notes) + 8)
    for note in notes:
        channel = min(note.part, 3)
        at = warp.seconds(note.start) + r.gauss(0, 0.012)
        length = max(0.05, warp.seconds(note.start + note.length) - warp.seconds(note.start)) * r.uniform(0.8, 1.02)
        if at > seconds + 1:
            continue
        pitch = min(108, max(21, note.pitch + moved))
        level = min(120, max(30, round(80 + 14 * (note.start % 2 == 0) + r.gauss(0, 9))))
        events += _sounded(at, length, channel, pitch, level)
    if len(parts) == 1 and r.random() < 0.4:
        events += _drums(r, warp, min(seconds + 1, warp.end))
    pans = [r.randint(30, 98) for _ in range(4)]
    start = [(0.0, bytes([0xC0 | channel, programs[channel]])) for channel in range(4)]
    start += [(0.0, bytes([0xB0 | channel, 10, pans[channel]])) for channel in range(4)]
    return _file([*start, *events])


class _Warp:
    """From quarters to seconds: a tempo that wanders by some percent."""

    def __init__(self, r: random.Random, beat: float, quarters: float) -> None:
        self._at, slow, now = [0.0], 0.0, 0.0
        while len(self._at) < quarters + 2:
            slow = 0.9 * slow + r.gauss(0, 0.012)
            now += beat * (1 + slow)
            self._at.append(now)
        self.end = now

    def seconds(self, quarter: float) -> float:
        whole = min(int(quarter), len(self._at) - 2)
        return self._at[whole] + (quarter - whole) * (self._at[whole + 1] - self._at[whole]) + 0.1


def _joined(tunes: Sequence[Tune]) -> list[Note]:
    notes: list[Note] = []
    offset = 0.0
    for tune in tunes:
        parts = {part: n for n, part in enumerate(sorted({note.part for note in tune.notes}))}
        notes += [Note(one.start + offset, one.length, one.pitch, parts[one.part]) for one in tune.notes]
        offset += float(-(-tune.quarters // 1)) + 1
    return notes


def _bass(notes: Sequence[Note]) -> list[Note]:
    """Under each two quarters of a bare tune, its most heard pitch far below, and then the fifth."""
    heard: dict[int, Counter[int]] = defaultdict(Counter)
    for note in notes:
        heard[int(note.start // 2)][note.pitch % 12] += round(8 * note.length) + 1
    found = []
    for place, pitches in heard.items():
        tone = pitches.most_common(1)[0][0]
        found += [Note(2.0 * place, 1.9, 36 + tone, 2), Note(2.0 * place + 1, 0.9, 43 + tone, 3)]
    return found


def _drums(r: random.Random, warp: _Warp, end: float) -> list[tuple[float, bytes]]:
    events: list[tuple[float, bytes]] = []
    step = 0
    while (at := warp.seconds(step / 2)) < end:
        struck = [HAT] if r.random() < 0.8 else []
        if step % 4 == 0 or r.random() < 0.08:
            struck.append(KICK)
        if step % 4 == 2 or r.random() < 0.04:
            struck.append(SNARE)
        for drum in struck:
            events += _sounded(at + r.gauss(0, 0.008), 0.1, DRUMS, drum, r.randint(50, 90))
        step += 1
    return events


def _sounded(at: float, length: float, channel: int, pitch: int, level: int) -> list[tuple[float, bytes]]:
    at = max(0.0, at)
    return [(at, bytes([0x90 | channel, pitch, level])), (at + length, bytes([0x80 | channel, pitch, 0]))]


def _file(events: Sequence[tuple[float, bytes]]) -> bytes:
    """Format 0, one track, 960 ticks a second."""
    body, before = bytearray(), 0
    for at, message in sorted(events, key=lambda one: (one[0], one[1][0] & 0xF0)):
        tick = round(at * TICKS)
        body += _count(tick - before) + message
        before = tick
    body += b"\x00\xff\x2f\x00"
    tempo = b"\x00\xff\x51\x03" + (1_000_000).to_bytes(3, "big")
    track = tempo + bytes(body)
    return b"MThd" + struct.pack(">IHHH", 6, 0, 1, TICKS) + b"MTrk" + struct.pack(">I", len(track)) + track


def _count(number: int) -> bytes:
    """A variable-length quantity."""
    out = [number & 0x7F]
    while number := number >> 7:
        out.append(0x80 | number & 0x7F)
    return bytes(reversed(out))
