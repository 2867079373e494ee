"""Stand-ins that tests register like a stranger's engine: real implementations of the contract, small and fast."""

from __future__ import annotations

import hashlib
import io
import json
import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
from pydantic import Field
from sqlalchemy.orm import Session

from core.media import Picture, Sound
from core.shares import quantize
from generation.engine import (
    AnyParams,
    Asset,
    BadRequest,
    EngineCard,
    Exact,
    Media,
    Params,
    Preset,
    Rendering,
    Report,
    Request,
    Share,
)


def within(session: Session) -> Callable[[], AbstractContextManager[Session]]:
    """Units of work that are all one transaction, which a test rolls back."""
    return partial(nullcontext, session)


class ToyParams(Params):
    """How long the toy pretends to work, and whether it breaks."""

    steps: int = Field(2, ge=1, le=10_000, description="how many steps to report")
    step_seconds: float = Field(0.0, ge=0, le=5, description="how long each step takes")
    breaks: bool = Field(False, description="fail in the middle")


class Toy:
    """Tiles the source's area with pixels of the assets, in vertical stripes by weight. The map names every column.

    It shows the whole contract: batches, several styles with weights, regions, a mask, composing without a source,
    reworks of earlier maps, presets.
    """

    card = EngineCard(
        name="toy",
        version="1",
        medium="picture",
        learned_from="nothing but the assets it is given",
        weights_license=None,
        accepts=frozenset({"source", "compose", "mask", "region", "mix", "rework"}),
        max_batch=8,
        presets=(Preset("brisk", "Brisk", {"steps": 1}), Preset("patient", "Patient", {"steps": 3})),
    )
    Params = ToyParams

    def preview(self, params: AnyParams) -> ToyParams:
        asked = ToyParams.model_validate(params.model_dump())
        return asked.model_copy(update={"steps": min(asked.steps, 2)})

    def prepare(self, assets: Sequence[Asset], *, report: Report) -> bytes:
        out = io.BytesIO()
        names = [[asset.id, asset.media.sha256] for asset in assets]
        arrays = {f"a{i}": asset.media.pixels for i, asset in enumerate(assets)}
        np.savez_compressed(out, header=np.frombuffer(json.dumps(names).encode(), np.uint8), **arrays)  # type: ignore[arg-type]
        return out.getvalue()

    def render(self, requests: Sequence[Request], *, report: Report) -> list[Rendering]:
        return [self._one(request, report) for request in requests]

    def _one(self, request: Request, report: Report) -> Rendering:
        params = request.params
        assert isinstance(params, ToyParams)
        for step in range(params.steps):
            report(step, params.steps, "toying")
            time.sleep(params.step_seconds)
            if params.breaks and step == params.steps // 2:
                raise RuntimeError("the toy broke")
        drawn = self._drawn(request)
        data = write_map(drawn)
        media = self.replay(data, [style.prepared for style in request.styles], request.source)
        shares = self.measure(data, [style.prepared for style in request.styles])
        return Rendering(media, Exact(data, shares, largest_copy=1 / drawn.owner.size))

    def _drawn(self, request: Request) -> ToyMap:
        """Who gives which pixel: as anew, and outside of a rework's mask as it was."""
        base = None if request.base is None else read_map(request.base)
        size = base.owner.shape if base else (32, 32)
        if request.source is not None:
            size = (request.source.height, request.source.width)
        assets = [unpack(style.prepared)[0][:2] for style in request.styles]
        owner = np.zeros(size, np.int32)
        weights = quantize({i: style.weight for i, style in enumerate(request.styles)}, size[1])
        start = 0
        for index, columns in weights.items():
            owner[:, start : start + columns] = index
            start += columns
        for index, style in enumerate(request.styles):
            if style.region is not None:
                owner[stretched(style.region, size)] = index
        kept = np.zeros(size, bool) if request.mask is None else ~request.mask
        made = ToyMap([request.seed], [asset for asset, _ in assets], [sha for _, sha in assets], None, owner, kept)
        if base is not None:
            made = made.over(base, outside=kept)
        source = request.source.sha256 if request.source is not None and made.kept.any() else None
        return replace(made, source=source)

    def replay(self, map: bytes, prepared: Sequence[bytes], source: Media | None = None) -> Media:
        drawn = read_map(map)
        have = {sha: pixels for data in prepared for _, sha, pixels in unpack(data)}
        if drawn.source is not None and (source is None or source.sha256 != drawn.source):
            raise BadRequest("this map needs the content it was made from; give the same file")
        missing = [sha for sha in drawn.hashes if sha not in have]
        if missing:
            raise BadRequest(f"the map names an asset that is not here: {missing[0]}")
        size = drawn.owner.shape
        out = np.zeros((*size, 3), np.uint8)
        for index, sha in enumerate(drawn.hashes):
            pool = have[sha].reshape(-1, 3)
            for layer, seed in enumerate(drawn.seeds):
                mine = (drawn.owner == index) & (drawn.layer == layer)
                places = np.random.default_rng([seed, int(sha[:8], 16)]).integers(0, len(pool), size)
                out[mine] = pool[places][mine]
        if source is not None:
            out[drawn.kept] = source.pixels[drawn.kept]
        return Picture(out)

    def measure(self, map: bytes, prepared: Sequence[bytes]) -> tuple[Share, ...]:
        drawn = read_map(map)
        here = {asset for data in prepared for asset, _, _ in unpack(data)}
        if missing := [asset for asset in drawn.assets if asset not in here]:
            raise BadRequest(f"the map names an asset that is not here: {missing[0]}")
        counts = {x: int(((drawn.owner == i) & ~drawn.kept).sum()) for i, x in enumerate(drawn.assets)}
        return tuple(Share(asset, share) for asset, share in quantize(counts).items())

    def field(self, map: bytes, assets: Sequence[str]) -> np.ndarray:
        drawn = read_map(map)
        places = np.array([assets.index(x) if x in assets else -1 for x in drawn.assets], np.int32)
        return np.where(drawn.kept, -1, places[drawn.owner]).astype(np.int32)


@dataclass(frozen=True)
class ToyMap:
    """What the toy says of a work: per pixel the asset (index in `assets`) and the seed (in `seeds`) of its place."""

    seeds: list[int]
    assets: list[str]
    hashes: list[str]
    source: str | None
    owner: np.ndarray
    kept: np.ndarray
    layer: np.ndarray = field(default_factory=lambda: np.zeros((1, 1), np.uint8))

    def over(self, base: ToyMap, *, outside: np.ndarray) -> ToyMap:
        """This map inside, the base outside."""
        if missing := [x for x in base.assets if x not in self.assets]:
            raise BadRequest(f"the earlier work holds an asset that is not here: {missing[0]}")
        places = np.array([self.assets.index(x) for x in base.assets], np.int32)
        return replace(
            self,
            seeds=[*base.seeds, *self.seeds],
            owner=np.where(outside, places[base.owner], self.owner),
            kept=outside & base.kept,
            layer=np.where(outside, base.layer, len(base.seeds)).astype(np.uint8),
        )


def stretched(region: np.ndarray, size: tuple[int, ...]) -> np.ndarray:
    rows, columns = (np.arange(new) * old // new for new, old in zip(size, region.shape, strict=True))
    found: np.ndarray = region[rows][:, columns]
    return found


def unpack(data: bytes) -> list[tuple[str, str, np.ndarray]]:
    with np.load(io.BytesIO(data)) as arrays:
        names = json.loads(arrays["header"].tobytes())
        return [(name, sha, arrays[f"a{i}"]) for i, (name, sha) in enumerate(names)]


def write_map(drawn: ToyMap) -> bytes:
    out = io.BytesIO()
    arrays = ("owner", "kept", "layer")
    header = {key: value for key, value in vars(drawn).items() if key not in arrays}
    text = np.frombuffer(json.dumps(header).encode(), np.uint8)
    np.savez_compressed(out, header=text, **{name: getattr(drawn, name) for name in arrays})
    return out.getvalue()


def read_map(data: bytes) -> ToyMap:
    with np.load(io.BytesIO(data)) as arrays:
        rest = {name: arrays[name] for name in ("owner", "kept", "layer")}
        return ToyMap(**json.loads(arrays["header"].tobytes()), **rest)


def tone(pitch: float = 220.0, *, seconds: float = 1.0, rate: int = 8_000) -> Sound:
    """A steady tone, mono."""
    time = np.arange(int(seconds * rate)) / rate
    return Sound(np.asarray(0.3 * np.sin(2 * np.pi * pitch * time), np.float32)[:, None], rate)


def texture(seed: int, *, height: int = 96, width: int = 128) -> Picture:
    """A picture with structure at many scales, different for each seed."""
    rng = np.random.default_rng(seed)
    out = np.zeros((height, width, 3))
    for octave in range(2, 6):
        small = rng.random((2**octave, 2**octave, 3))
        rows = np.linspace(0, 2**octave - 1, height).astype(int)
        columns = np.linspace(0, 2**octave - 1, width).astype(int)
        out += small[rows][:, columns] / 2 ** (octave - 2)
    out = (out - out.min()) / (out.max() - out.min()) * 255
    return Picture(out.astype(np.uint8))


def key(*parts: object) -> str:
    return hashlib.sha256(repr(parts).encode()).hexdigest()[:16]
