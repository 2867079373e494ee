"""What creators recommend for their styles, and samples to choose by, on the wire."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

from pydantic import AfterValidator, Field

from core.web import In, Out
from generation import presets
from generation.engine import Engine, Preset
from generation.models import StylePreset
from generation.schemas import PresetOut, SourceId, WorkOut, storable
from generation.shown import Shown


class PresetIn(In):
    """Settings to recommend with an engine: by the name of one of its presets, or `own` ones in `params`."""

    engine: str = Field(max_length=100)
    name: str = Field(min_length=1, max_length=100)
    params: Annotated[dict[str, Any], AfterValidator(storable)] = Field(default_factory=dict)


class PresetChosen(Out):
    """What a style's creator recommends with an engine; all but `engine` is null where they recommend nothing.

    `params`: those that differ from the engine's defaults. An order says its parameters itself: nothing is added to it.
    """

    engine: str
    name: str | None
    title: str | None
    params: dict[str, Any] | None
    chosen_at: datetime | None

    @classmethod
    def of(cls, row: StylePreset | None, *, engine: Engine) -> PresetChosen:
        if row is None:
            return cls(engine=engine.card.name, name=None, title=None, params=None, chosen_at=None)
        return cls(
            engine=row.engine,
            name=row.name,
            title=presets.title(engine, row.name),
            params=row.params,
            chosen_at=row.chosen_at,
        )


class SamplesIn(In):
    """What to draw samples with and from. `source`: as in an order."""

    engine: str = Field(max_length=100)
    source: SourceId | None = None


class SampleOut(Out):
    """A style in one of an engine's presets: a preview for its creator alone."""

    preset: PresetOut
    work: WorkOut

    @classmethod
    def of(cls, preset: Preset, shown: Shown) -> SampleOut:
        return cls(preset=PresetOut.model_validate(preset), work=WorkOut.show(shown))
