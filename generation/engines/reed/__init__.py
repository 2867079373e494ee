"""reed, the house engine that learns an instrument or a voice: a small net trained on the licensed recordings alone.

It plays one melody: the fan's, at the fan's loudness. torch trains and asks the net; the sound is made without it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NoReturn

import numpy as np
from numpy.typing import NDArray

from core.media import Sound
from generation.engine import (
    AnyParams,
    Asset,
    BadRequest,
    EngineCard,
    Media,
    NeedsTorch,
    Rendering,
    Report,
    Request,
    Share,
)
from generation.engines.reed import player
from generation.engines.reed.params import PRESETS, PREVIEW, ReedParams

STEPS = 700  # of training, where nobody says otherwise: about a minute


class Reed:
    """The engine as the house sees it; one instance serves all threads.

    `steps`: of training; fewer are quicker and rougher.
    """

    card = EngineCard(
        name="reed",
        version="1",
        medium="sound",
        learned_from="nothing but the licensed recordings: its net is trained on them alone, from nothing",
        weights_license=None,
        accepts=frozenset({"source", "mix"}),
        max_batch=1,
        memory_mb=6144,
        presets=PRESETS,
    )
    Params = ReedParams

    def __init__(self, steps: int = STEPS) -> None:
        self._steps = steps

    def preview(self, params: AnyParams) -> ReedParams:
        """The same, of 15 seconds at most."""
        asked = ReedParams.model_validate(params.model_dump())
        return asked.model_copy(update={"length": min(asked.length or PREVIEW, PREVIEW)})

    def prepare(self, assets: Sequence[Asset], *, report: Report) -> bytes:
        """The net, trained. Raises BadRequest where no single tone is heard in them, Cancelled, NeedsTorch."""
        try:
            from generation.engines.reed import preparing
        except ImportError as error:
            raise _without(error, "learn") from error
        return player.pack(preparing.prepare(assets, self._steps, report))

    def has_learned(self, prepared: bytes, assets: Sequence[Asset]) -> bool:
        """Whether this is what it would make of these recordings. Raises BadRequest for bytes that it did not make."""
        return player.unpack(prepared).key == player.key_of(assets, self._steps)

    def render(self, requests: Sequence[Request], *, report: Report) -> list[Rendering]:
        """One work per request. Raises BadRequest, Cancelled, NeedsTorch."""
        try:
            from generation.engines.reed import render
        except ImportError as error:
            raise _without(error, "play") from error
        return [render.sound(request, report) for request in requests]

    def replay(self, map: bytes, prepared: Sequence[bytes], source: Media | None = None) -> Sound:
        """There is nothing to replay from. Raises BadRequest."""
        _no_map()

    def measure(self, map: bytes, prepared: Sequence[bytes]) -> tuple[Share, ...]:
        """There is nothing to measure. Raises BadRequest."""
        _no_map()

    def field(self, map: bytes, assets: Sequence[str]) -> NDArray[np.int32]:
        """There is nothing to show. Raises BadRequest."""
        _no_map()


def _no_map() -> NoReturn:
    raise BadRequest(
        "reed's shares are an estimate and it keeps no map to replay or measure; render again with the same seed"
    )


def _without(error: ImportError, verb: str) -> Exception:
    """What an engine that misses torch says; any other fault stays what it is."""
    if error.name != "torch":
        return error
    return NeedsTorch(f"reed cannot {verb}: {error}; install homage[engines]")


__all__ = ["BadRequest", "NeedsTorch", "Reed", "ReedParams"]
