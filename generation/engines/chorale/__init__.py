"""chorale, the house engine for voices: the fan's own recording, filtered until it sounds like the licensed artist's.

Weight-free: it learns from nothing but the recordings it is given. torch decides which of the artist's frames stand
behind each of the fan's; the samples are made without it, so `replay`, `measure` and `field` need no torch.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.media import Sound
from generation.engine import AnyParams, Asset, BadRequest, EngineCard, NeedsTorch, Rendering, Report, Request, Share
from generation.engines.chorale import maps, remake, shares, voice
from generation.engines.chorale.params import PRESETS, PREVIEW, ChoraleParams, Foretelling


class Chorale:
    """The engine as the house sees it; one instance serves all threads."""

    card = EngineCard(
        name=maps.ENGINE,
        version=maps.VERSION,
        medium="sound",
        learned_from="nothing but the recordings of the licensed voices: it has no weights",
        weights_license=None,
        accepts=frozenset({"source", "mix", "region"}),
        max_batch=1,
        memory_mb=4096,
        presets=PRESETS,
    )
    Params = ChoraleParams

    def preview(self, params: AnyParams) -> ChoraleParams:
        """The same, of 15 seconds at most, with shares that foretell the whole's."""
        asked = Foretelling.model_validate(params.model_dump())
        return asked.model_copy(update={"length": min(asked.length or PREVIEW, PREVIEW)})

    def prepare(self, assets: Sequence[Asset], *, report: Report) -> bytes:
        """What is known of the recordings, frame by frame. Raises BadRequest where no voice is in them, Cancelled."""
        return voice.pack(assets, report)

    def render(self, requests: Sequence[Request], *, report: Report) -> list[Rendering]:
        """One work per request. Raises BadRequest, Cancelled, NeedsTorch."""
        try:
            from generation.engines.chorale import render
        except ImportError as error:
            if error.name != "torch":
                raise
            raise NeedsTorch(f"chorale cannot sing: {error}; install homage[engines]") from error
        return [render.sing(request, report) for request in requests]

    def replay(self, map: bytes, prepared: Sequence[bytes], source: Sound | None = None) -> Sound:
        """The work's samples from its map, its voices and its source. Raises BadRequest naming what does not fit."""
        read = maps.read_map(map)
        part = remake.part_of(read, source)
        tables = remake.targets(read, [voice.unpack(data) for data in prepared])
        return remake.perform(read, tables, part, None, lambda: None)

    def measure(self, map: bytes, prepared: Sequence[bytes]) -> tuple[Share, ...]:
        """Each recording's share, counted again from the map and the voices. Raises BadRequest."""
        return shares.measure(maps.read_map(map), [voice.unpack(data) for data in prepared])

    def field(self, map: bytes, assets: Sequence[str]) -> NDArray[np.int32]:
        """[1, frames] of 10 ms: the index in `assets` of the one that gave most, -1 for others and for silence."""
        return shares.field(maps.read_map(map), assets)


__all__ = ["BadRequest", "Chorale", "ChoraleParams", "NeedsTorch"]
