"""`revoice`: the house engine for voices on anyone's own recordings, with no account and no database."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from app.commands import files, options, show, songs
from app.commands.making import drawn, house_engine, params_of, ranked
from core.errors import Invalid

if TYPE_CHECKING:
    from core.media import Sound
    from generation.engine import Asset, Engine, Exact, Ingredient, Rendering


def revoice(  # noqa: PLR0913  # the parameters are the command's options
    *,
    voice: options.Voices,
    content: Annotated[Path, typer.Option("--content", metavar="FILE", help="the vocal to sing or speak anew")],
    out: options.SoundOut,
    backing: options.Backing = None,
    fader: options.Fader = 0.0,
    whole_song: options.WholeSong = False,
    separator: options.SeparatorName = None,
    stem: options.Stem = None,
    section: options.Sections = None,
    map: options.SoundMapOut = None,
    lane: options.Lane = None,
    weight: options.Weights = None,
    transpose: options.Transpose = "auto",
    identity: options.Identity = None,
    breath: options.Breath = None,
    delivery: options.Delivery = None,
    excerpt: options.Excerpt = None,
    seed: options.Seed = 0,
    as_json: options.Json = False,
) -> None:
    """Turn a vocal into an artist's voice, and say whose recording shaped each moment."""
    from core.decode_sound import sound
    from generation import mixing
    from generation.engine import Exact, Request, as_sound

    _whole(whole_song, separator, backing, excerpt, stem)
    targets = Targets(out, map, lane, content, stem)
    targets.check(keep=[*voice, *([backing] if backing is not None else [])])
    given = {"identity": identity, "breath": breath, "delivery": delivery, "whole_song": whole_song or None}
    engine = house_engine("chorale")
    params = params_of(engine, {**given, **pitch_of(transpose), **part_of(excerpt)})
    source = sound(content)
    below = None if backing is None else sound(backing)
    if separator is not None:
        source, below = songs.taken_apart(separator, source)
    learned = files.distinct(voice, files.RECORDINGS)
    regions = songs.regions_of(section or [], len(learned), source.seconds)
    styles = songs.sung_in(prepared(engine, learned, weight, "voices"), regions)
    rendering, seconds = drawn("revoice", engine, Request(styles, params, seed, source=source))
    provenance = rendering.provenance
    if not isinstance(provenance, Exact):
        raise Invalid("this engine keeps no exact map")
    sung = as_sound(rendering.media)
    made = sung if below is None else mixing.over(sung, below, fader=fader)
    targets.write(engine, made, provenance, [asset for group in learned for asset in group], sung)
    targets.keep(source)
    tell(engine, targets.out, rendering, provenance, seed, seconds, as_json)


def _whole(
    whole_song: bool, separator: str | None, backing: Path | None, excerpt: str | None, stem: Path | None
) -> None:
    """Raises Invalid for what does not go together."""
    if stem is not None and separator is None:
        raise Invalid("--stem keeps what a separator took out; name one with --separator, or leave out --stem")
    if separator is not None and (whole_song or backing is not None):
        raise Invalid("a separator brings the backing; leave out --whole-song and --backing, or --separator")
    if whole_song and backing is not None:
        raise Invalid("a whole song has its backing in it; leave out --whole-song or --backing")
    if excerpt is not None and (backing is not None or separator is not None):
        raise Invalid("an excerpt is made without its backing; leave out --backing, --separator or --excerpt")


@dataclass(frozen=True)
class Targets:
    """What to write; `content`: the recording that is made anew, whose tags the work keeps."""

    out: Path
    map: Path | None
    lane: Path | None
    content: Path | None = None
    stem: Path | None = None

    def check(self, keep: list[Path]) -> None:
        keep = [*keep, *([self.content] if self.content is not None else [])]
        files.writable(self.out, files.SOUND_OUT_SUFFIXES, keep=keep)
        if self.map is not None:
            files.writable(self.map, files.SOUND_MAP_SUFFIXES, keep=[self.out, *keep])
        if self.lane is not None:
            files.writable(self.lane, files.OUT_SUFFIXES, keep=[self.out, *keep])
        if self.stem is not None:
            files.writable(self.stem, (".flac", ".wav"), keep=[self.out, *keep])

    def keep(self, stem: Sound) -> None:
        """Write the voice that a separator took out, if that is wished."""
        if self.stem is not None:
            files.write_sound(self.stem, stem)

    def write(self, engine: Engine, made: Sound, provenance: Exact, assets: list[Asset], sung: Sound) -> None:
        files.write_sound(self.out, made, self.content)
        if self.map is not None:
            files.write(self.map, provenance.map)
        if self.lane is not None:
            files.write_picture(self.lane, _lane(engine, provenance, assets, sung))


def prepared(
    engine: Engine, learned: list[list[Asset]], weight: list[int] | None, called: str
) -> tuple[Ingredient, ...]:
    """The styles of a request; `called`: what the command calls them."""
    from generation.engine import Ingredient, silent

    weights = weights_for(learned, weight, called)
    with show.progress(f"listen to the {called}") as bar:
        done = []
        for number, assets in enumerate(learned):
            bar(number, len(learned), f"{len(assets)} recording{'s' if len(assets) > 1 else ''}")
            done.append(engine.prepare(assets, report=silent))
    return tuple(Ingredient(data, part) for data, part in zip(done, weights, strict=True))


def weights_for(learned: list[list[Asset]], weight: list[int] | None, called: str) -> list[int]:
    """As given, or all alike. Raises Invalid."""
    weights = weight or [1] * len(learned)
    if len(weights) != len(learned):
        raise Invalid(f"{len(learned)} {called} are given and {len(weights)} weights; give one for each or none")
    return weights


def pitch_of(asked: str) -> dict[str, Any]:
    """The engine's parameters for `auto`, `keep` or a number of semitones."""
    if asked in ("auto", "keep"):
        return {"transpose": asked}
    try:
        return {"transpose": "semitones", "semitones": int(asked)}
    except ValueError as error:
        raise Invalid(f"--transpose {asked!r}: say auto, keep, or whole semitones such as -5") from error


def part_of(asked: str | None) -> dict[str, float]:
    """The engine's parameters for an excerpt."""
    if asked is None:
        return {}
    begin, _, end = asked.partition("-")
    try:
        start, length = float(begin), float(end) - float(begin)
    except ValueError as error:
        raise Invalid(f"--excerpt {asked!r}: say from when to when in seconds, such as 12-27") from error
    if start < 0 or length <= 0:
        raise Invalid(f"--excerpt {asked!r}: it ends before it begins; say from when to when in seconds, such as 12-27")
    return {"start": start, "length": length}


def tell(
    engine: Engine,
    out: Path,
    rendering: Rendering,
    provenance: Exact,
    seed: int,
    seconds: float,
    as_json: bool,
) -> None:
    """Whose recordings a work is of, and how much it copies."""
    from generation.engine import as_sound

    sung = as_sound(rendering.media)
    name, copied = f"{engine.card.name} {engine.card.version}", provenance.largest_copy * sung.seconds
    if as_json:
        show.document(
            {
                "out": str(out),
                "seconds": round(seconds, 3),
                "engine": name,
                "seed": seed,
                "shares": [{"asset": share.asset, "share": share.share} for share in ranked(provenance.shares)],
                "longest_copy": round(copied, 3),
                "facts": rendering.facts,
            }
        )
        return
    show.out(f"{out}  ({sung.seconds:.2f} s of sound, made in {seconds:.1f} s, {name})")
    for share in ranked(provenance.shares):
        if share.share:
            show.out(f"  {show.percent(share.share):>12}  {share.asset}")
    show.out(f"longest passage in the order of one recording: {copied:.2f} s")
    for name in ("whole_song", "shares"):
        if name in rendering.facts:
            show.out(f"{name.replace('_', ' ')}: {rendering.facts[name]}")


def _lane(engine: Engine, provenance: Exact, assets: list[Asset], made: Any) -> Any:
    """The waveform in the colors of the recordings."""
    from app.demo import lanes, sheets
    from core.waveform import waveform

    sounds: dict[str, Sound] = {asset.id: asset.media for asset in assets}  # type: ignore[misc]
    entries = [
        sheets.Entry(
            share.asset,
            share.asset,
            "",
            share.share,
            sheets.color_of(number),
            waveform(sounds[share.asset], 96, 72),
        )
        for number, share in enumerate(one for one in ranked(provenance.shares) if one.share)
    ]
    field = engine.field(provenance.map, [entry.id for entry in entries])
    return lanes.provenance_lane(field.reshape(-1), entries, over=made)
