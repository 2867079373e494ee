"""`inspect`: what can be said of anyone's pictures or recordings before a style is made of them, with no account."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.commands import show
from app.commands.files import PICTURES, RECORDINGS, Kind, assets_in
from core.errors import Invalid

if TYPE_CHECKING:
    from core.media import Picture
    from creators.areas import Area
    from creators.inspection import Finding
    from creators.listening import Heard


def inspect(
    assets: Annotated[
        list[Path], typer.Argument(metavar="ASSETS", help="pictures or recordings, and folders of either")
    ],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="print the report as JSON")] = False,
) -> None:
    """Say what to know of pictures or recordings before a style is made of them: blur, noise, copies, strangers."""
    kind = _kind(assets)
    files = [(str(file), asset.media) for path in assets for file, asset in assets_in(path, kind)]
    (_pictures if kind is PICTURES else _recordings)(files, as_json)


def _kind(paths: Sequence[Path]) -> Kind:
    """Raises Invalid where both are given, since a style is of one kind."""
    names = [name for path in paths for name in (path.iterdir() if path.is_dir() else [path])]
    heard = any(name.suffix.lower() in RECORDINGS.suffixes for name in names)
    seen = any(name.suffix.lower() in PICTURES.suffixes for name in names)
    if heard and seen:
        raise Invalid("pictures and recordings are of different styles; inspect either by itself")
    return RECORDINGS if heard else PICTURES


def _pictures(pictures: list[tuple[str, Picture]], as_json: bool) -> None:
    from creators import inspection

    alone: list[tuple[Finding, ...]] = []
    with show.progress("inspect") as bar:
        for number, (name, picture) in enumerate(pictures):
            bar(number, len(pictures), Path(name).name)
            alone.append(inspection.of(picture))
        bar(len(pictures), len(pictures), "comparing")
        together = _together([picture for _, picture in pictures], alone)
    if as_json:
        show.document(_document(pictures, alone, together))
        return
    for (name, picture), findings in zip(pictures, alone, strict=True):
        show.out(f"{name}  ({picture.width} × {picture.height})")
        _tell(findings)
    show.out(f"together  ({len(pictures)} picture{'s' if len(pictures) > 1 else ''})")
    _tell(together, [name for name, _ in pictures])


def _recordings(sounds: list[tuple[str, Any]], as_json: bool) -> None:
    from creators import listening, music

    names, known, heard = [name for name, _ in sounds], [], []
    with show.progress("inspect") as bar:
        for number, (name, sound) in enumerate(sounds):
            bar(number, len(sounds), Path(name).name)
            known.append(listening.heard(sound))
            heard.append(music.of(sound))
        bar(len(sounds), len(sounds), "comparing")
        alone, together = [listening.of(one) for one in known], listening.of_set(known)
    if as_json:
        told = [
            {"file": name, **one.document(), **vars(tune), "findings": [x.document() for x in found]}
            for name, one, tune, found in zip(names, known, heard, alone, strict=True)
        ]
        show.document({"recordings": told, "together": [x.document() for x in together], **_coverage(known)})
        return
    for name, one, tune, found in zip(names, known, heard, alone, strict=True):
        show.out(f"{name}  ({one.seconds:.1f} s{_voice(one)}{f', {tune.words}' if tune.words else ''})")
        _tell(found)
    show.out(f"together  ({len(sounds)} recording{'s' if len(sounds) > 1 else ''})")
    _tell(together, names)


def _coverage(known: Sequence[Heard]) -> dict[str, Any]:
    """Seconds of voice, range and sounds of all voices together."""
    from creators import listening

    voices = [one for one in known if one.voice]
    if not voices:
        return {"voiced": 0.0, "range": None, "sounds": None}
    covered = [round(part, 2) for part in listening.sounds(voices)]
    return {
        "voiced": round(sum(one.voiced for one in voices), 1),
        "range": list(listening.range_of(voices)),
        "sounds": dict(zip(("all", "low", "middle", "high"), covered, strict=True)),
    }


def _voice(one: Heard) -> str:
    """What is told of a voice beside how long its recording is."""
    from creators import listening

    if not one.voice:
        return ""
    noise = "" if one.noise is None else f", pauses {-one.noise:.0f} dB below"
    return f", {one.voiced:.1f} s of voice, {' to '.join(listening.range_of([one]))}{noise}"


def _together(pictures: Sequence[Picture], alone: Sequence[tuple[Finding, ...]]) -> tuple[Finding, ...]:
    """Of the pictures that hold something; places are those among all pictures."""
    from dataclasses import replace

    from attribution import fingerprint
    from creators import inspection, look

    usable = [i for i, found in enumerate(alone) if not any(x.code in inspection.REFUSED for x in found)]
    copies = inspection.copies([fingerprint.of(pictures[i]) for i in usable])
    later = {second for _, second in copies}
    kept = [place for place in range(len(usable)) if place not in later]
    said = [
        replace(finding, works=tuple(kept[i] for i in finding.works))
        for finding in inspection.of_set([look.of(pictures[usable[place]]) for place in kept])
    ]
    found = (*(inspection.copied(*pair) for pair in copies), *said)
    return tuple(replace(x, works=tuple(usable[i] for i in x.works)) for x in found)


def _tell(findings: Sequence[Finding], names: Sequence[str] = ()) -> None:
    for finding in findings:
        about = ", ".join(Path(names[i]).name for i in finding.works) if names else ""
        where = f" [{_words(finding.area)}]" if finding.area else ""
        where += f" [{finding.span[0]:.1f} to {finding.span[1]:.1f} s]" if finding.span else ""
        show.out(f"  {finding.code}: {f'{about}: ' if about else ''}{finding.say}{where}; {finding.do}")
    if not findings:
        show.out("  nothing to mend")


def _words(area: Area) -> str:
    """An area in percent of the picture's sides."""
    top, left, bottom, right = (f"{x / 10_000:.1f}" for x in area)
    return f"{top} to {bottom} % from the top, {left} to {right} % from the left"


def _document(
    pictures: Sequence[tuple[str, Picture]], alone: Sequence[tuple[Finding, ...]], together: Sequence[Finding]
) -> dict[str, Any]:
    return {
        "pictures": [
            {
                "file": name,
                "width": picture.width,
                "height": picture.height,
                "findings": [x.document() for x in findings],
            }
            for (name, picture), findings in zip(pictures, alone, strict=True)
        ],
        "together": [x.document() for x in together],
    }
