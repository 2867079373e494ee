"""patchwork, the house engine for pictures: a work is patches of the licensed assets, laid so that the content shows.

Weight-free: it learns from nothing but the assets it is given. torch decides where each patch comes from; the samples
themselves are made of whole numbers by `blend`, so `replay` and `measure` need no torch and agree everywhere.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from core.media import Picture
from generation.engine import AnyParams, Asset, BadRequest, EngineCard, NeedsTorch, Rendering, Report, Request, Share
from generation.engines.patchwork import maps, remake, style
from generation.engines.patchwork.params import PRESETS, PatchworkParams, PreviewParams

if TYPE_CHECKING:
    from generation.engines.patchwork.draw import Studio


class Patchwork:
    """The engine as the house sees it; one instance serves all threads."""

    card = EngineCard(
        name=maps.ENGINE,
        version=maps.VERSION,
        medium="picture",
        learned_from="nothing but the assets of the licensed styles: it has no weights; where faces are looked for, a"
        " detector (dlib's) only says where to paint finer",
        weights_license=None,
        accepts=frozenset({"source", "compose", "mix", "mask", "region", "rework"}),
        max_batch=4,
        memory_mb=4096,
        presets=PRESETS,
    )
    Params = PatchworkParams

    def __init__(self) -> None:
        self._device = "cpu"
        self._studio: Studio | None = None

    def preview(self, params: AnyParams) -> PreviewParams:
        """The same, whose search is stopped early; `size` stays that of the work."""
        return PreviewParams.model_validate(params.model_dump())

    def prepare(self, assets: Sequence[Asset], *, report: Report) -> bytes:
        """The assets' samples in one file. Raises BadRequest for a style that cannot be drawn from, Cancelled."""
        return style.pack(assets, report)

    def render(self, requests: Sequence[Request], *, report: Report) -> list[Rendering]:
        """One work per request; those that share styles and sizes share their pack. Raises BadRequest, Cancelled,
        NeedsTorch.
        """
        most = self.card.max_batch
        if len(requests) > most:
            raise BadRequest(
                f"patchwork takes up to {most} requests in a call, not {len(requests)}; make several calls"
            )
        self._studio = self._studio or self._opened()
        return self._studio.draw(requests, report)

    def use(self, device: str) -> None:
        """Search on `cpu`, `cuda` or `cuda:1` from now on. Raises NoDevice and, for a GPU, NeedsTorch."""
        self._device = device
        self._studio = None if device == "cpu" else self._opened()  # a CPU needs no torch before something is drawn

    def _opened(self) -> Studio:
        try:
            from generation.engines.patchwork.device import device_of
            from generation.engines.patchwork.draw import Studio
        except ImportError as error:
            if error.name != "torch":
                raise
            raise NeedsTorch(f"patchwork cannot draw: {error}; install homage[engines]") from error
        return Studio(device_of(self._device))

    def replay(self, map: bytes, prepared: Sequence[bytes], source: Picture | None = None) -> Picture:
        """The work's samples from its map and its styles, byte for byte. Raises BadRequest naming what does not fit."""
        return remake.replay(maps.read_map(map), prepared, source)

    def measure(self, map: bytes, prepared: Sequence[bytes]) -> tuple[Share, ...]:
        """Each asset's share, counted again from the map and the styles. Raises BadRequest."""
        return remake.measure(maps.read_map(map), prepared)

    def field(self, map: bytes, assets: Sequence[str]) -> NDArray[np.int32]:
        """For each pixel the index in `assets` of the one that gave most, -1 for others. Raises BadRequest."""
        read = maps.read_map(map)
        place = {asset: index for index, asset in enumerate(assets)}
        index = np.array([place.get(asset.id, -1) for asset in read.header.assets] + [-1], np.int32)
        return index[read.owner]


__all__ = ["BadRequest", "NeedsTorch", "Patchwork", "PatchworkParams"]
