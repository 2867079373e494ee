"""`verify`: a platform's question about a file."""

from __future__ import annotations

import datetime as dt
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from app.commands import show, signed, snapshot
from core.errors import Invalid

if TYPE_CHECKING:
    from attribution.evidence import Place
    from licensing.verdicts import Verdict

NEARLY_ALL = 0.9  # of an area, in words
EXIT = {"licensed": 0, "unknown": 3}
WORDS = {
    "licensed": "licensed: a work made here under a standing license",
    "withdrawn": "withdrawn: made here, but the consent it rested on has been withdrawn",
    "unlicensed": "unlicensed: it matches something registered here, but no license covers it",
    "unknown": "unknown: nothing registered here matches it",
}


UNSURE = {
    "derived": "unknown: composed like a work registered here, or with its tune, but no copy of it",
    "hint": "unknown: a mark hidden in it names a work, but nothing else does",
}


def verify(  # noqa: PLR0913  # the parameters are the command's options
    file: Annotated[Path, typer.Argument(metavar="FILE", help="the file to ask about")],
    *,
    use: Annotated[str | None, typer.Option(metavar="USE", help="the use in mind: publish, stream, sell, …")] = None,
    medium: Annotated[str | None, typer.Option(metavar="MEDIUM", help="in which medium; else the work's own")] = None,
    territory: Annotated[
        str | None, typer.Option(metavar="CODE", help="ISO 3166 country code; else the whole world")
    ] = None,
    date: Annotated[
        dt.datetime | None,
        typer.Option(formats=["%Y-%m-%d"], metavar="YYYY-MM-DD", help="the day of use; else today"),
    ] = None,
    deep: Annotated[
        bool, typer.Option("--deep", help="look longer, some seconds, in what was much distorted or is a small part")
    ] = False,
    offline: Annotated[
        Path | None, typer.Option(metavar="SNAPSHOT", help="ask this snapshot, and neither a house nor the network")
    ] = None,
    delta: Annotated[
        list[Path] | None, typer.Option(metavar="FILE", help="with it: what changed since, in its order; repeat")
    ] = None,
    keys: signed.Keys = None,
    as_json: Annotated[bool, typer.Option("--json", help="print the verdict as JSON")] = False,
) -> None:
    """Whose is this file, and is this use licensed?

    Exit code: 0 a licensed work (whether the use is allowed too: see the permission), 3 unknown, 4 anything else.
    """
    asked = {"use": use, "medium": medium, "territory": _place(territory)}
    day = date.date() if date else None
    if offline is None and (delta or keys):
        raise Invalid("--delta and --keys go with --offline; name a snapshot")
    if offline is not None:
        verdict = snapshot.ask([offline, *(delta or ())], file, keys=keys, **asked, day=day)
    else:
        with show.existing_house() as house:
            verdict = ask(house, file, **asked, day=day, deep=deep)
    if as_json:
        show.document(verdict.document())
    else:
        tell(verdict)
    raise typer.Exit(EXIT.get(verdict.standing, 4))


def ask(
    house: object,
    file: Path,
    *,
    use: str | None = None,
    medium: str | None = None,
    territory: str | None = None,
    day: dt.date | None = None,
    deep: bool = False,
) -> Verdict:
    """The house's answer about a file; nothing is written. `deep`: looked for as `attribution.verify` says."""
    from app.house import House
    from attribution import verify as attribution
    from core import db
    from licensing import grounds

    assert isinstance(house, House)
    units = partial(db.unit, house.sessions)
    finding = attribution.verify(units, file, tools=house.tools, deep=deep)
    with units() as session:
        return grounds.answer(
            session, finding, use=use, medium=medium, territory=_place(territory), date=day, at=house.clock.now()
        )


def _place(territory: str | None) -> str | None:
    return territory if territory in (None, "world") else territory.upper()


def tell(verdict: Verdict) -> None:
    """The verdict for people."""
    show.out(UNSURE.get(verdict.identification, WORDS[verdict.standing]))
    if verdict.permission is not None:
        show.out(f"this use: {verdict.permission}")
    for reason in verdict.reasons:
        show.out(f"  because {reason.text}")
    if verdict.work is not None:
        show.out(f"work       {verdict.work}")
        show.out(f"confidence {verdict.confidence:.3f}")
        show.out(f"licensors  {', '.join(x['name'] or x['creator'] for x in verdict.licensors)}")
    if verdict.licensee is not None:
        show.out(f"licensee   {verdict.licensee['name']}")
    for share in verdict.shares:
        show.out(f"  {show.percent(int(share['share'])):>12}  {share['title']}")
    _tell_evidence(verdict)


def _tell_evidence(verdict: Verdict) -> None:
    """Layer by layer, and what follows."""
    for evidence in verdict.evidence:
        of = f"{evidence.work}: " if verdict.others and evidence.work and evidence.work not in evidence.detail else ""
        show.out(f"evidence   {evidence.layer} ({evidence.confidence:.3f}) {of}{evidence.detail}")
        if evidence.here is not None and evidence.there is not None:
            show.out(f"  {_part(evidence.here, 'file')} is {_part(evidence.there, 'work')}")
    if verdict.others:
        show.out(f"also       {', '.join(verdict.others)}")
    if verdict.evidence and verdict.work is not None:
        layers = {x.layer for x in verdict.evidence if x.work == verdict.work}
        agree = "two independent layers agree" if len(layers) > 1 else "it is the work itself"
        why = agree if verdict.payable else "no two independent layers agree"
        show.out(f"money      {'may' if verdict.payable else 'does not'} follow this answer: {why}")


def _part(place: Place, whole: str) -> str:
    """A part of a picture in percent of its sides, of a recording in minutes and seconds."""
    from attribution.evidence import Region

    if not isinstance(place, Region):
        return f"{_clock(place.begin)} to {_clock(place.end)} of the {whole}"
    if place.area > NEARLY_ALL:
        return f"all of the {whole}"
    left, top, right, bottom = (round(100 * x) for x in (place.left, place.top, place.right, place.bottom))
    return f"{left} to {right} % from the left and {top} to {bottom} % from the top of the {whole}"


def _clock(seconds: float) -> str:
    whole = round(seconds)
    return f"{whole // 60}:{whole % 60:02d}"
