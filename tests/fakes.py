"""Stand-ins that tests register like a stranger's engine: real implementations of the contract, small and fast."""

from __future__ import annotations

import hashlib
import io
import json
import time
from collections.abc import Sequence

import numpy as np
from pydantic import Field

from core.media import Picture
from core.shares import quantize
from generation.engine import (
    AnyParams,
    Asset,
    BadRequest,
    EngineCard,
    Exact,
    Media,
    Params,
    Rendering,
    Report,
    Request,
    Share,
)


class ToyParams(Params):
    """How long the toy pretends to work, and whether it breaks."""

    steps: int = Field(2, ge=1, le=10_000, description="how many steps to report")
    step_seconds: float = Field(0.0, ge=0, le=5, description="how long each step takes")
    breaks: bool = Field(False, description="fail in the middle")


class Toy:
    """Tiles the source's area with pixels of the assets, in vertical stripes by weight. The map names every column.

    It shows the whole contract: batches, several styles with weights, regions, a mask, composing without a source.
    """

    card = EngineCard(
        name="toy",
        version="1",
        medium="picture",
        learned_from="nothing but the assets it is given",
        weights_license=None,
        accepts=frozenset({"source", "compose", "mask", "region", "mix"}),
        max_batch=8,
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
        size = (request.source.height, request.source.width) if request.source else (32, 32)
        assets = [asset for style in request.styles for asset in unpack(style.prepared)]
        owner = np.zeros(size, np.int32)
        weights = quantize({i: style.weight for i, style in enumerate(request.styles)}, size[1])
        start = 0
        for index, columns in weights.items():
            owner[:, start : start + columns] = index
            start += columns
        for index, style in enumerate(request.styles):
            if style.region is not None:
                owner[style.region] = index
        kept = np.zeros(size, bool) if request.mask is None else ~request.mask
        header = {
            "size": size,
            "seed": request.seed,
            "assets": [sha for _, sha, _ in assets],
            "source": request.source.sha256 if request.source is not None and kept.any() else None,
        }
        data = write_map(header, owner, kept)
        media = self.replay(data, [style.prepared for style in request.styles], request.source)
        counts = {i: int(((owner == i) & ~kept).sum()) for i in range(len(request.styles))}
        ids = [unpack(style.prepared)[0][0] for style in request.styles]
        shares = tuple(Share(ids[i], share) for i, share in quantize(counts).items())
        return Rendering(media, Exact(data, shares, largest_copy=1 / owner.size))

    def replay(self, map: bytes, prepared: Sequence[bytes], source: Media | None = None) -> Media:
        header, owner, kept = read_map(map)
        have = {sha: pixels for data in prepared for _, sha, pixels in unpack(data)}
        if header["source"] is not None and (source is None or source.sha256 != header["source"]):
            raise BadRequest("this map needs the content it was made from; give the same file")
        missing = [sha for sha in header["assets"] if sha not in have]
        if missing:
            raise BadRequest(f"the map names an asset that is not here: {missing[0]}")
        firsts = [unpack(data)[0][1] for data in prepared]
        rng = np.random.default_rng(header["seed"])
        out = np.zeros((*header["size"], 3), np.uint8)
        for index, sha in enumerate(firsts):
            pool = have[sha].reshape(-1, 3)
            places = rng.integers(0, len(pool), owner.shape)
            out[owner == index] = pool[places][owner == index]
        if source is not None:
            out[kept] = source.pixels[kept]
        return Picture(out)

    def measure(self, map: bytes, prepared: Sequence[bytes]) -> tuple[Share, ...]:
        _, owner, kept = read_map(map)
        counts = {unpack(p)[0][0]: int(((owner == i) & ~kept).sum()) for i, p in enumerate(prepared)}
        return tuple(Share(asset, share) for asset, share in quantize(counts).items())

    def field(self, map: bytes, assets: Sequence[str]) -> np.ndarray:
        _, owner, kept = read_map(map)
        return np.where(kept, -1, owner).astype(np.int32)


def unpack(data: bytes) -> list[tuple[str, str, np.ndarray]]:
    with np.load(io.BytesIO(data)) as arrays:
        names = json.loads(arrays["header"].tobytes())
        return [(name, sha, arrays[f"a{i}"]) for i, (name, sha) in enumerate(names)]


def write_map(header: dict[str, object], owner: np.ndarray, kept: np.ndarray) -> bytes:
    out = io.BytesIO()
    np.savez_compressed(out, header=np.frombuffer(json.dumps(header).encode(), np.uint8), owner=owner, kept=kept)
    return out.getvalue()


def read_map(data: bytes) -> tuple[dict[str, object], np.ndarray, np.ndarray]:
    with np.load(io.BytesIO(data)) as arrays:
        return json.loads(arrays["header"].tobytes()), arrays["owner"], arrays["kept"]


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
