"""The settings that a style's creator recommends with an engine: one of the engine's presets, or their own.

They are a proposal: an order says all its parameters itself, and nothing is added to it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from pydantic import ValidationError
from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from creators import styles
from generation import orders
from generation.engine import BadRequest, Engine
from generation.models import StylePreset

OWN, OWN_TITLE = "own", "The artist's own settings"


def chosen(session: Session, *, style: str, person: str | None, engine: Engine) -> StylePreset | None:
    """What is recommended for a listed style, or for one of the person's own; None where nothing is.

    What the engine of today no longer takes is nothing, too. Raises NotFound.
    """
    styles.visible(session, style=style, person=person)
    row = session.get(StylePreset, (style, engine.card.name), populate_existing=True)
    if row is None:
        return None
    try:
        engine.Params.model_validate(row.params)
    except ValidationError:
        return None
    return row


def choose(
    session: Session, *, style: str, person: str, engine: Engine, name: str, params: dict[str, Any], at: datetime
) -> StylePreset:
    """Recommend settings for a style of the person's own, in place of any before.

    `name`: of one of the engine's presets, which has its own `params`, or OWN. Raises NotFound, BadRequest.
    """
    styles.of_person(session, style=style, person=person)
    said = {"name": name, "params": _params(engine, name, params), "chosen_at": at}
    fresh = insert(StylePreset).values(style=style, engine=engine.card.name, **said)
    session.execute(fresh.on_conflict_do_update(index_elements=["style", "engine"], set_=said))
    return session.get_one(StylePreset, (style, engine.card.name), populate_existing=True)


def take_back(session: Session, *, style: str, person: str, engine: str) -> None:
    """Recommend nothing any more; twice is once. Raises NotFound."""
    styles.of_person(session, style=style, person=person)
    session.execute(delete(StylePreset).where(StylePreset.style == style, StylePreset.engine == engine))


def title(engine: Engine, name: str) -> str:
    """What people call the preset of this name."""
    titles = {preset.name: preset.title for preset in engine.card.presets}
    return titles.get(name, OWN_TITLE)


def _params(engine: Engine, name: str, params: dict[str, Any]) -> dict[str, Any]:
    if name == OWN:
        orders.check_params(engine, params)
        return params
    known = {preset.name: preset.params for preset in engine.card.presets}
    if name not in known:
        names = ", ".join([*known, OWN])
        raise BadRequest(f"engine {engine.card.name} has no preset {name[:40]!r}; choose one of: {names}")
    if params not in ({}, known[name]):
        raise BadRequest(f"these are not the parameters of preset {name!r}; send none, or recommend them as {OWN!r}")
    return known[name]
