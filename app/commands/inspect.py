"""`inspect`: what can be said of anyone's pictures before a style is made of them, with no account and no database."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.commands import show
from app.commands.files import assets_in

if TYPE_CHECKING:
    from core.media import Picture
    from creators.areas import Area
    from creators.inspection import Finding


def inspect(
    assets: Annotated[list[Path], typer.Argument(metavar="ASSETS", help="pictures, and folders of pictures")],
    *,
    as_json: Annotated[bool, typer.Option("--json", help="print the report as JSON")] = False,
) -> None:
    """Say what to know of pictures before a style is learned from them: frames, signatures, blur, copies, strangers."""
    from creators import inspection

    pictures = [(str(file), asset.media) for path in assets for file, asset in assets_in(path)]
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
