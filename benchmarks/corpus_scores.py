"""Notes out of the scores that music21 ships: MusicXML, Humdrum kern and ABC, read just far enough to be played.

music21 itself reads them too, a hundred times slower. Repeats are not played; graces and ornaments are left out.
"""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from xml.etree import ElementTree

STEPS = {"C": 0, "D": 2, "E": 4, "F": 5, "G": 7, "A": 9, "B": 11}
SHARPS, FLATS = "FCGDAEB", "BEADGCF"
SPLIT = {"*^", "*v", "*x", "*+"}  # a spine becomes two, two become one
MODES = {"maj": 0, "ion": 0, "": 0, "m": 3, "min": 3, "aeo": 3, "dor": 2, "phr": 4, "lyd": -1, "mix": 1, "loc": 5}
MAJORS = {"C": 0, "G": 1, "D": 2, "A": 3, "E": 4, "B": 5, "F#": 6, "C#": 7, "F": -1, "Bb": -2, "Eb": -3, "Ab": -4}
_ABC = re.compile(
    r"(?P<skip>\"[^\"]*\"|\{[^}]*\}|![^!]*!|\[[A-Za-z]:[^\]]*\])"
    r"|\((?P<group>[2-9])(?![0-9])|(?P<bar>[|:\]]+)|(?P<broken>[<>]+)|(?P<open>\[)"
    r"|(?P<accidental>\^\^|__|[\^_=])?(?P<note>[A-Ga-gzx])(?P<octave>[,']*)(?P<length>[0-9]*/*[0-9]*)(?P<tie>-)?"
)


@dataclass(frozen=True)
class Note:
    """`start` and `length` in quarters, `pitch` in MIDI numbers, `part` from 0."""

    start: float
    length: float
    pitch: int
    part: int


@dataclass(frozen=True)
class Tune:
    """A piece, named, from a book (a composer, a mass, a collection)."""

    book: str
    name: str
    notes: tuple[Note, ...]

    @property
    def quarters(self) -> float:
        return max((note.start + note.length for note in self.notes), default=0.0)


def home() -> Path:
    """Where music21 keeps its scores. Raises FileNotFoundError."""
    found = find_spec("music21")
    if found is None or found.origin is None:
        raise FileNotFoundError("music21's scores are not installed: `pip install music21`")
    return Path(found.origin).parent / "corpus"


def read(file: Path, book: str) -> Iterator[Tune]:
    """The tunes of a file; of a book of tunes, many. A file that cannot be understood has none."""
    if file.suffix == ".abc":
        yield from _abc(file.read_text("utf-8", "replace"), book)
        return
    try:
        notes = _kern(file.read_text("latin-1")) if file.suffix == ".krn" else _musicxml(file)
    except (ValueError, KeyError, IndexError, ElementTree.ParseError, zipfile.BadZipFile, StopIteration):
        return
    name = file.stem if file.parent.name == book else f"{file.parent.name} {file.stem}"
    yield Tune(book, re.sub(r"[^A-Za-z0-9]+", "_", name), tuple(notes))


def _musicxml(file: Path) -> list[Note]:
    text = file.read_bytes()
    if file.suffix == ".mxl":
        with zipfile.ZipFile(file) as packed:
            text = packed.read(next(n for n in packed.namelist() if n.endswith("xml") and not n.startswith("META")))
    notes: list[Note] = []
    for number, part in enumerate(ElementTree.fromstring(text).findall("part")):  # noqa: S314 (music21's own files)
        notes += _part(part, number)
    return notes


def _part(part: ElementTree.Element, number: int) -> list[Note]:
    now, last, divisions, moved = 0.0, 0.0, 1.0, 0
    notes: list[Note] = []
    for item in part.iter():
        if item.tag == "divisions":
            divisions = float(item.text or 1)
        elif item.tag == "transpose":
            moved = int(item.findtext("chromatic") or 0)
        elif item.tag in {"backup", "forward"}:
            step = float(item.findtext("duration") or 0) / divisions
            now += step if item.tag == "forward" else -step
        elif item.tag == "note" and item.find("grace") is None:
            length = float(item.findtext("duration") or 0) / divisions
            if item.find("chord") is None:
                last, now = now, now + length
            if (pitch := item.find("pitch")) is not None:
                height = 12 * (int(pitch.findtext("octave") or 4) + 1) + STEPS[pitch.findtext("step") or "C"]
                height += round(float(pitch.findtext("alter") or 0)) + moved
                tied = any(tie.get("type") == "stop" for tie in item.findall("tie"))
                _add(notes, Note(last, length, height, number), tied=tied)
    return notes


def _add(notes: list[Note], note: Note, *, tied: bool) -> None:
    """Append a note, or lengthen the one that it is tied to."""
    if tied:
        for at in range(len(notes) - 1, max(-1, len(notes) - 24), -1):
            before = notes[at]
            if before.pitch == note.pitch and abs(before.start + before.length - note.start) < 1e-3:
                notes[at] = Note(before.start, before.length + note.length, note.pitch, note.part)
                return
    notes.append(note)


def _kern(text: str) -> list[Note]:
    """Spines side by side; a line lasts until the first of them is free. Raises ValueError for split spines."""
    notes: list[Note] = []
    free: list[float] = []
    now, spines = 0.0, list[bool]()
    for line in text.splitlines():
        cells = line.split("\t")
        if cells[0].startswith("**"):
            spines, free = [cell == "**kern" for cell in cells], [0.0] * len(cells)
        elif line.startswith("*") and SPLIT.intersection(cells):
            raise ValueError("a spine is split")
        if not line or line[0] in "!*=":
            continue
        now = min((end for end, kept in zip(free, spines, strict=True) if kept), default=now)
        for column, cell in enumerate(cells):
            if spines[column] and cell != ".":
                free[column] = now + _tokens(cell, now, column, notes)
    return notes


def _tokens(cell: str, now: float, part: int, notes: list[Note]) -> float:
    length = 0.0
    for token in cell.split():
        found = re.search(r"(\d+)(\.*)", token)
        if found is None:
            continue
        whole = int(found[1])
        length = (8.0 if whole == 0 else 4.0 / whole) * (2 - 0.5 ** len(found[2]))
        letters = re.search(r"([A-Ga-g])\1*", token)
        if letters is None or "r" in token or "q" in token:
            continue
        count = len(letters[0])
        height = 60 + 12 * (count - 1) if letters[1].islower() else 60 - 12 * count
        height += STEPS[letters[1].upper()] + token.count("#") - token.count("-")
        _add(notes, Note(now, length, height, part), tied="]" in token or "_" in token)
    return length


def _abc(text: str, book: str) -> Iterator[Tune]:
    for number, block in enumerate(re.split(r"(?m)^X:", text)[1:]):
        title = re.search(r"(?m)^T:\s*(.+)$", block)
        name = re.sub(r"[^A-Za-z0-9]+", "_", title[1] if title else str(number)).strip("_")[:40]
        yield Tune(book, name or str(number), tuple(_tune(block)))


def _tune(block: str) -> list[Note]:
    meter, key = re.search(r"(?m)^M:\s*(\d+)/(\d+)", block), re.search(r"(?m)^K:\s*(\S*)", block)
    unit = re.search(r"(?m)^L:\s*(\d+)/(\d+)", block)
    signed = _signature(key[1] if key else "C")
    if unit:
        quarter = 4 * int(unit[1]) / int(unit[2])
    else:
        quarter = 0.5 if meter is None or int(meter[1]) / int(meter[2]) >= 0.75 else 0.25
    body = "\n".join(line for line in block.splitlines()[1:] if not re.match(r"^([A-Za-z]:|%)", line))
    return _body(body, signed, quarter)


def _signature(key: str) -> dict[str, int]:
    found = re.match(r"([A-G][#b]?)\s*([A-Za-z]*)", key)
    if found is None or found[1] not in MAJORS:
        return {}
    fifths = MAJORS[found[1]] - MODES.get(found[2][:3].lower(), 3 if found[2] == "m" else 0)
    return dict.fromkeys(SHARPS[: max(0, fifths)], 1) | dict.fromkeys(FLATS[: max(0, -fifths)], -1)


def _body(body: str, signed: dict[str, int], quarter: float) -> list[Note]:
    notes: list[Note] = []
    now, left, factor, pushed, tied = 0.0, 0, 1.0, 1.0, False
    local: dict[str, int] = {}
    for token in _ABC.finditer(body):
        if token["bar"]:
            local = {}
        elif token["group"]:
            left = int(token["group"])
            factor = {2: 1.5, 3: 2 / 3, 4: 0.75}.get(left, 2 / left)
        elif token["broken"]:
            pushed = _break(notes, token["broken"])
            now = notes[-1].start + notes[-1].length if notes else now
        elif token["note"]:
            length = _length(token["length"]) * quarter * pushed * (factor if left > 0 else 1)
            left, pushed = left - 1, 1.0
            if token["note"] not in "zx":
                _add(notes, Note(now, length, _height(token, signed, local), 0), tied=tied)
            tied, now = bool(token["tie"]), now + length
    return notes


def _break(notes: list[Note], signs: str) -> float:
    """Shorten or lengthen the last note as `>` and `<` say; returns what the next is multiplied by."""
    less = 0.5 ** len(signs)
    if notes:
        last = notes[-1]
        by = 2 - less if signs[0] == ">" else less
        notes[-1] = Note(last.start, last.length * by, last.pitch, last.part)
    return less if signs[0] == ">" else 2 - less


def _length(text: str) -> float:
    above, slash, below = text.partition("/")
    if not slash:
        return float(above or 1)
    return float(above or 1) / (float(below.strip("/")) if below.strip("/") else 2.0 ** (1 + below.count("/")))


def _height(token: re.Match[str], signed: dict[str, int], local: dict[str, int]) -> int:
    letter = token["note"].upper()
    octave = (5 if token["note"].islower() else 4) + token["octave"].count("'") - token["octave"].count(",")
    if token["accidental"]:
        local[letter] = {"^": 1, "^^": 2, "_": -1, "__": -2, "=": 0}[token["accidental"]]
    return 12 * (octave + 1) + STEPS[letter] + local.get(letter, signed.get(letter, 0))
