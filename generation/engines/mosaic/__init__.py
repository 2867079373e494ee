"""mosaic, the house engine for instruments and catalogues: a recording rebuilt from a catalogue's own passages.

Weight-free: it learns from nothing but the recordings it is given. Without a source it continues them, to any length.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.media import Sound
from generation.engine import AnyParams, Asset, BadRequest, EngineCard, Media, Rendering, Report, Request, Share
from generation.engines.mosaic import catalogue, maps, perform, render, shares
from generation.engines.mosaic.params import PRESETS, PREVIEW, MosaicParams


class Mosaic:
    """The engine as the house sees it; one instance serves all threads."""

    card = EngineCard(
        name=maps.ENGINE,
        version=maps.VERSION,
        medium="sound",
        learned_from="nothing but the licensed recordings: it has no weights",
        weights_license=None,
        accepts=frozenset({"source", "compose", "mix"}),
        max_batch=1,
        memory_mb=4096,
        presets=PRESETS,
    )
    Params = MosaicParams

    def preview(self, params: AnyParams) -> MosaicParams:
        """The same, of 15 seconds at most."""
        asked = MosaicParams.model_validate(params.model_dump())
        short = {"length": min(asked.length or PREVIEW, PREVIEW), "seconds": min(asked.seconds, PREVIEW)}
        return asked.model_copy(update=short)

    def prepare(self, assets: Sequence[Asset], *, report: Report) -> bytes:
        """The recordings, and what of them may be used. Raises BadRequest where nothing sounds in them, Cancelled."""
        return catalogue.pack(assets, report)

    def render(self, requests: Sequence[Request], *, report: Report) -> list[Rendering]:
        """One work per request. Raises BadRequest, Cancelled."""
        return [render.make(request, report) for request in requests]

    def replay(self, map: bytes, prepared: Sequence[bytes], source: Media | None = None) -> Sound:
        """The work's samples from its map and its catalogues; the source is not needed. Raises BadRequest."""
        read = maps.read_map(map)
        having = [one for data in prepared for one in catalogue.unpack(data).recordings]
        return perform.perform(read, perform.named(read, having), lambda: None)

    def measure(self, map: bytes, prepared: Sequence[bytes]) -> tuple[Share, ...]:
        """Each recording's share, counted again from the map and the catalogues. Raises BadRequest."""
        return shares.measure(maps.read_map(map), [catalogue.unpack(data) for data in prepared])

    def field(self, map: bytes, assets: Sequence[str]) -> NDArray[np.int32]:
        """[1, ticks] of 10 ms: the index in `assets` of the one that gave most, -1 for others and for silence."""
        return shares.field(maps.read_map(map), assets)


__all__ = ["BadRequest", "Mosaic", "MosaicParams"]
