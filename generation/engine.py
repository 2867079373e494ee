"""The contract between the house and an engine: an engine sees assets and parameters, never a session, user or money.

The house finds engines by the entry-point group `homage.engines`, asks for their `card`, prepares a style once with
`prepare`, and calls `render` with one or more requests. A house engine is registered exactly like a stranger's.
Mixing styles, re-running a masked region and composing without a source are all the same call.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict

from core.errors import Conflict, Invalid, Unavailable
from core.media import Media as Media  # a part of the contract
from core.media import Picture, Sound
from core.shares import WHOLE

Medium = Literal["picture", "sound"]
Accepts = Literal["source", "compose", "mask", "region", "mix", "rework"]
Area = tuple[int, int, int, int]  # top, left, bottom, right: millionths of a picture's height and width


class Cancelled(Conflict):
    """The rendering was told to stop; raised by `report` and never swallowed by an engine."""


class NeedsTorch(Unavailable):
    """Rendering needs torch, which is not installed; replaying and measuring do not."""


class BadRequest(Invalid):
    """The engine cannot render this request as it is."""


class NoDevice(Unavailable):
    """The device that the operator chose is not there, or the engine cannot use it."""


class Params(BaseModel):
    """Base of an engine's own parameters; its JSON schema draws the form. Unknown names are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")


@dataclass(frozen=True)
class Preset:
    """A setting worth trying first; of an engine's presets a creator chooses one for their style.

    `params`: those that differ from the defaults.
    """

    name: str
    title: str
    params: dict[str, Any]


@dataclass(frozen=True)
class EngineCard:
    """What an engine is, for people who choose it and for the manifest of what it makes."""

    name: str
    version: str
    medium: Medium
    learned_from: str  # what its weights, if any, were trained on; quoted in every manifest
    weights_license: str | None  # None: it has no weights
    accepts: frozenset[Accepts]
    max_batch: int = 1  # how many requests one render call takes
    memory_mb: int = 1024  # peak resident memory of one request at its largest size
    presets: tuple[Preset, ...] = ()


@dataclass(frozen=True)
class Asset:
    """One licensed asset as an engine sees it: an id that provenance quotes, and the decoded media.

    `left_out`: areas that no work may take anything from, such as a signature or a frame.
    """

    id: str
    media: Media
    left_out: tuple[Area, ...] = ()


@dataclass(frozen=True, eq=False)
class Ingredient:
    """A prepared style in a request. `weight` > 0 is relative to the other ingredients of the request.

    `region`: bool [height, width] of any size, stretched over the work: where this style may be used; of a sound bool
    [1, moments], stretched over all of the source in time, also where only an excerpt is made. None is everywhere.
    Where no ingredient may be used, all may.
    """

    prepared: bytes
    weight: int = 1
    region: NDArray[np.bool_] | None = None


@dataclass(frozen=True, eq=False)
class Request:
    """One wished-for work.

    `source`: what the fan brings, or None to compose from the styles alone. `mask`: bool [height, width] of the
    source, True where to render; elsewhere the source stays byte for byte. `base`: the map of an earlier work of the
    same source (or of none) that is repainted inside `mask`, which has its size then; the rest stays byte for byte and
    keeps its owners, so `styles` hold all that the earlier work drew from, too. `seed`: 0 to 2**32 - 1. `max_copy`:
    the largest connected piece that the licenses allow to be taken over unchanged, as a fraction of the work; an engine
    that cannot stay below it says so with BadRequest.
    """

    styles: tuple[Ingredient, ...]
    params: Params
    seed: int
    source: Media | None = None
    mask: NDArray[np.bool_] | None = None
    base: bytes | None = None
    max_copy: float = 1.0


@dataclass(frozen=True)
class Share:
    """An asset's part of a work in millionths."""

    asset: str
    share: int


@dataclass(frozen=True)
class Exact:
    """Provenance known for every sample. `map` with the licensed assets is enough to `replay` the media.

    `largest_copy`: the largest connected piece taken over unchanged from one place, as a fraction of the work, 0 to 1.
    """

    map: bytes
    shares: tuple[Share, ...]
    largest_copy: float

    def __post_init__(self) -> None:
        _check(self.shares)
        if not 0.0 <= self.largest_copy <= 1.0:  # refuses NaN, too, which is below no limit and above none
            raise ValueError("the largest copy is a fraction of the work, 0 to 1")


@dataclass(frozen=True)
class Estimate:
    """Provenance declared by a method that cannot know: `interval` is the half-width of each share, in millionths."""

    shares: tuple[Share, ...]
    method: str
    interval: int

    def __post_init__(self) -> None:
        _check(self.shares)


Provenance = Exact | Estimate


@dataclass(frozen=True)
class Rendering:
    """What an engine made of one request."""

    media: Media
    provenance: Provenance
    facts: dict[str, int | str] = field(default_factory=dict)


class Report(Protocol):
    """Called by the engine at least once a second of work; raises Cancelled when the work must stop."""

    def __call__(self, step: int, of: int, stage: str, preview: Media | None = None) -> None: ...


AnyParams = Params  # in an engine's own scope, `Params` is its member


class Engine(Protocol):
    """A maker of works."""

    card: EngineCard
    Params: type[Params]

    def preview(self, params: AnyParams) -> AnyParams:
        """The same wish, small and quick: what a fan is shown for nothing before they order."""
        ...

    def prepare(self, assets: Sequence[Asset], *, report: Report) -> bytes:
        """What the engine learns from a style's assets, as bytes that depend on nothing else. Cached by content."""
        ...

    def render(self, requests: Sequence[Request], *, report: Report) -> list[Rendering]:
        """One rendering per request, in order. Raises BadRequest, Cancelled."""
        ...

    def replay(self, map: bytes, prepared: Sequence[bytes], source: Media | None = None) -> Media:
        """The same samples again from the map and the styles it names. Raises BadRequest naming what does not fit."""
        ...

    def measure(self, map: bytes, prepared: Sequence[bytes]) -> tuple[Share, ...]:
        """The shares again from the map and the styles alone, so that anyone can check who is owed what."""
        ...

    def field(self, map: bytes, assets: Sequence[str]) -> NDArray[np.int32]:
        """The index in `assets` of the one that gave most, -1 for none of them.

        For each pixel of a picture [height, width], for each hundredth of a second of a sound [1, frames].
        """
        ...


@runtime_checkable
class OnDevice(Protocol):
    """What an engine has besides if it can compute elsewhere than on the CPU; any other is left there."""

    def use(self, device: str) -> None:
        """Render on this device from now on: `cpu`, `cuda`, `cuda:1` … Called once, before anything is rendered.

        Raises NoDevice. `prepare`, `replay`, `measure` and `field` give the same bytes on every device.
        """
        ...


def as_picture(media: Media) -> Picture:
    """The media, which has to be a picture. Raises BadRequest."""
    if not isinstance(media, Picture):
        raise BadRequest("this is a recording; give a picture")
    return media


def as_sound(media: Media) -> Sound:
    """The media, which has to be a sound. Raises BadRequest."""
    if not isinstance(media, Sound):
        raise BadRequest("this is a picture; give a recording")
    return media


def silent(step: int, of: int, stage: str, preview: Media | None = None) -> None:
    """A report that nobody reads."""


def _check(shares: tuple[Share, ...]) -> None:
    if sum(s.share for s in shares) != WHOLE or any(s.share < 0 for s in shares):
        raise ValueError("shares are non-negative and sum to 1,000,000")
    if len({s.asset for s in shares}) != len(shares):
        raise ValueError("each asset has one share")
