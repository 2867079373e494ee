"""The doors to what creators recommend for their styles, and to samples to choose it by."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query
from sqlalchemy.orm import Session

from core import db
from core.web import Anyone, Named, Principal, Unit, allowed
from creators import styles
from generation import presets, samples, shown
from generation.engine import Preset
from generation.routes import Engines, Shop, Time, Up
from generation.samples import Sheet
from generation.schemas_presets import PresetChosen, PresetIn, SampleOut, SamplesIn
from generation.shown import Shown
from generation.sources import Sources

router = APIRouter(tags=["studio"])

StyleId = Annotated[str, Named("sty")]
Creator = Annotated[Principal, allowed("styles")]
EngineName = Annotated[str, Query(max_length=100, description="the engine that the settings are for")]


@router.get("/styles/{style}/preset")
def get_preset(style: StyleId, engine: EngineName, who: Anyone, session: Unit, catalog: Engines) -> PresetChosen:
    """What the creator of a listed style, or of one of yours, recommends with an engine."""
    person, maker = who.person if who else None, catalog.get(engine)
    return PresetChosen.of(presets.chosen(session, style=style, person=person, engine=maker), engine=maker)


@router.put("/styles/{style}/preset")
def choose_preset(
    style: StyleId, body: PresetIn, who: Creator, session: Unit, catalog: Engines, clock: Time
) -> PresetChosen:
    """Recommend settings for a style of yours: whoever opens it in the studio begins with them."""
    maker = catalog.get(body.engine)
    row = presets.choose(
        session, style=style, person=who.person, engine=maker, name=body.name, params=body.params, at=clock.now()
    )
    return PresetChosen.of(row, engine=maker)


@router.delete("/styles/{style}/preset")
def take_preset_back(style: StyleId, engine: EngineName, who: Creator, session: Unit, catalog: Engines) -> PresetChosen:
    """Recommend nothing any more for a style of yours."""
    maker = catalog.get(engine)
    presets.take_back(session, style=style, person=who.person, engine=engine)
    return PresetChosen.of(None, engine=maker)


@router.post("/styles/{style}/samples", status_code=202)
def make_samples(style: StyleId, body: SamplesIn, who: Creator, shop: Shop, uploads: Up) -> list[SampleOut]:
    """See a style of yours, be it a draft, in each of an engine's presets: previews for yourself alone."""
    at = shop.clock.now()
    with db.unit(shop.sessions) as session:  # before anything is decoded
        styles.of_person(session, style=style, person=who.person)
        samples.refuse_too_many(session, person=who.person, at=at)
    source = None
    if body.source is not None:
        sources = Sources(shop.sessions, shop.blobs, shop.keys, uploads)
        source = sources.bring(person=who.person, origin=body.source, at=at)
    sheet = Sheet(
        person=who.person,
        style=style,
        engine=body.engine,
        source_blob=source.blob if source else None,
        source_sha256=source.sha256 if source else None,
        source_medium=source.medium if source else "picture",
    )

    def placed(session: Session) -> list[tuple[Preset, Shown]]:
        made = samples.place(session, sheet=sheet, catalog=shop.catalog, at=at)
        seen = shown.of(session, [work for _, work in made], person=who.person)
        return [(preset, one) for (preset, _), one in zip(made, seen, strict=True)]

    return [SampleOut.of(preset, one) for preset, one in db.settled(shop.sessions, placed)]
