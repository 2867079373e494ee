"""The options of the commands that make works: their names, ranges and words."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

MOST_TAKES = 8

Styles = Annotated[
    list[Path],
    typer.Option("--style", metavar="PATH", help="a picture, or a folder of pictures, to learn from; repeat to mix"),
]
Weights = Annotated[
    list[int] | None,
    typer.Option("--weight", min=1, metavar="N", help="how much of each style, in their order [default: all alike]"),
]
Out = Annotated[Path, typer.Option("--out", metavar="FILE", help="where to write the picture (.png, .jpg or .webp)")]
MapOut = Annotated[Path | None, typer.Option("--map", metavar="FILE", help="where to write the provenance map (.npz)")]
Sources = Annotated[
    Path | None,
    typer.Option(
        "--sources", metavar="FILE", help="where to write a picture of whose strokes lie where, with a legend"
    ),
]
Strength = Annotated[
    float | None, typer.Option(min=0, max=1, metavar="0..1", help="0 stays near the content, 1 is bold [default: 0.5]")
]
Structure = Annotated[
    float | None,
    typer.Option(min=0, max=1, metavar="0..1", help="0 lets strokes cross edges, 1 keeps every contour [default: 0.5]"),
]
OwnColors = Annotated[
    float | None,
    typer.Option(min=0, max=1, metavar="0..1", help="0 is the style's colors, 1 the content's [default: 0]"),
]
StrokeScale = Annotated[
    float | None, typer.Option(min=0.5, max=2, metavar="0.5..2", help="size of the strokes [default: 1]")
]
WishedColor = Annotated[
    str | None, typer.Option("--wished-color", metavar="#RRGGBB", help="a color that the whole work leans to")
]
Planes = Annotated[bool, typer.Option("--planes", help="lay color on in crisp planes")]
CopyCap = Annotated[
    float | None,
    typer.Option(min=0.002, max=1, metavar="PART", help="largest piece copied from one place [default: 0.01]"),
]
Size = Annotated[
    int | None,
    typer.Option(min=64, max=4096, metavar="PIXELS", help="long side, at most twice the content's [default: 512]"),
]
Seed = Annotated[int, typer.Option(min=0, max=2**32 - 1, metavar="N", help="another seed is another take")]
Takes = Annotated[
    int,
    typer.Option(min=1, max=MOST_TAKES, metavar="N", help="several at once, with seeds N, N + 1, …: FILE-1, FILE-2 …"),
]
Device = Annotated[
    str | None,
    typer.Option(
        metavar="DEVICE", help="what to compute on: cpu, cuda, cuda:1 … [default: HOMAGE_ENGINE_DEVICE, or cpu]"
    ),
]
Json = Annotated[bool, typer.Option("--json", help="print the result as JSON")]
Regions = Annotated[
    list[str] | None,
    typer.Option("--region", metavar="N=FILE", help="where the Nth style may be used: a picture, white is yes"),
]
Mask = Annotated[Path | None, typer.Option("--mask", metavar="FILE", help="paint only where this picture is white")]
Rework = Annotated[
    Path | None,
    typer.Option("--rework", metavar="MAP", help="the map of an earlier work of this content, to repaint in the mask"),
]
Faces = Annotated[bool, typer.Option("--faces/--no-faces", help="paint faces finer and closer to the content")]
Kind = Annotated[
    str, typer.Option(metavar="KIND", help="variation, retarget (another shape), texture or tile (seamless)")
]
Shape = Annotated[
    str | None, typer.Option(metavar="W:H", help="1:1, 4:3, 3:2, 16:9, 2:1, 3:1 … [default: as the style's works]")
]
Sketch = Annotated[
    Path | None, typer.Option("--sketch", metavar="FILE", help="dark lines on light paper that say what goes where")
]
Colors = Annotated[
    Path | None, typer.Option("--colors", metavar="FILE", help="blobs of color that say what goes where")
]

Voices = Annotated[
    list[Path],
    typer.Option("--voice", metavar="PATH", help="a recording of the artist, or a folder of them; repeat to mix"),
]
Catalogues = Annotated[
    list[Path],
    typer.Option(
        "--catalogue", metavar="PATH", help="a recording to draw from, or a folder of them; repeat to mix catalogues"
    ),
]
SoundOut = Annotated[
    Path, typer.Option("--out", metavar="FILE", help="where to write the sound (.flac, .wav, .mp3 or .opus)")
]
SoundMapOut = Annotated[
    Path | None, typer.Option("--map", metavar="FILE", help="where to write the provenance map (.map)")
]
Lane = Annotated[
    Path | None,
    typer.Option("--lane", metavar="FILE", help="where to draw the waveform in the colors of the recordings"),
]
Backing = Annotated[
    Path | None,
    typer.Option("--backing", metavar="FILE", help="the rest of the song, put back under the voice in sync"),
]
Fader = Annotated[
    float, typer.Option(min=-24, max=24, metavar="DB", help="the voice over its backing, louder or softer")
]
WholeSong = Annotated[
    bool, typer.Option("--whole-song", help="the content is a mix: find the voice in it and change it there (rough)")
]
SeparatorName = Annotated[
    str | None, typer.Option(metavar="NAME", help="the content is a mix: have this plug-in take the voice out first")
]
Stem = Annotated[
    Path | None, typer.Option(metavar="FILE", help="where to keep the voice that the separator took out, for replay")
]
Sections = Annotated[
    list[str] | None,
    typer.Option(metavar="N:FROM-TO", help="when the Nth voice sings, in seconds, such as 1:0-12.5; repeat"),
]
Transpose = Annotated[
    str, typer.Option(metavar="auto|keep|N", help="to the artist's range, as it is, or by N semitones (-24 to 24)")
]
Identity = Annotated[
    float | None,
    typer.Option(min=0, max=1, metavar="0..1", help="0 keeps words clearest, 1 sounds most alike [default: 0.5]"),
]
Breath = Annotated[
    float | None, typer.Option(min=0, max=1, metavar="0..1", help="how much breath is added [default: 0]")
]
Delivery = Annotated[
    str | None, typer.Option(metavar="speech|song", help="what the vocal is [default: listens for held notes]")
]
Excerpt = Annotated[str | None, typer.Option(metavar="FROM-TO", help="only this part of it, in seconds, such as 12-27")]
