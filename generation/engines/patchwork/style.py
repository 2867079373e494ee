"""A prepared style: its assets' ids, hashes and samples in one self-contained file that depends on nothing else."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from generation.engine import Area, Asset, BadRequest, Report, as_picture

FORMAT = "homage.patchwork.style/1"
MOST_ASSETS = 50
LONG_SIDE = 2048  # samples are kept up to this size; strokes of larger works are drawn from these
SHORT_SIDE = 64
WIDEST = 16  # long side over short side
_BROKEN = (OSError, ValueError, KeyError, TypeError, AttributeError, EOFError, zipfile.BadZipFile, zlib.error)


@dataclass(frozen=True, eq=False)
class Learned:
    """One asset as kept: `sha256` is that of the whole picture, `height` and `width` those of its kept samples.

    `left_out`: areas that nothing is taken from.
    """

    id: str
    sha256: str
    height: int
    width: int
    _data: bytes
    _index: int
    left_out: tuple[Area, ...] = ()

    @property
    def pixels(self) -> NDArray[np.uint8]:
        """uint8 [h, w, 3], decoded at each call: most works draw from a part of a large style. Raises BadRequest."""
        try:
            with np.load(io.BytesIO(self._data), allow_pickle=False) as arrays:
                return _decoded(arrays[f"asset{self._index}"].tobytes(), self.height, self.width)
        except _BROKEN as error:
            raise BadRequest(f"the prepared style's asset {self.id} is damaged; prepare the style again") from error


@dataclass(frozen=True, eq=False)
class Style:
    """A prepared style, read: `data`, and their hash as `key`."""

    data: bytes
    key: str
    assets: tuple[Learned, ...]


def pack(assets: Sequence[Asset], report: Report) -> bytes:
    """Deterministic bytes: a JSON header and one lossless PNG for each asset, in the given order.

    The same picture under a second name is left out. Raises BadRequest.
    """
    if not 1 <= len(assets) <= MOST_ASSETS:
        raise BadRequest(f"a style has 1 to {MOST_ASSETS} assets, this one has {len(assets)}; split it")
    if len({asset.id for asset in assets}) != len(assets):
        raise BadRequest("the style names an asset twice; give each asset once")
    arrays: dict[str, NDArray[np.uint8]] = {}
    names: list[dict[str, Any]] = []
    for number, asset in enumerate(assets):
        report(number, len(assets), "preparing")
        _check_shape(asset)
        if any(name["sha256"] == asset.media.sha256 for name in names):
            continue  # the same picture again gives nothing, and earns nothing
        index = len(names)
        image, out = capped(as_picture(asset.media).pixels), io.BytesIO()
        image.save(out, "PNG", compress_level=4)
        name = {"id": asset.id, "sha256": asset.media.sha256, "height": image.height, "width": image.width}
        names.append(name | ({"left_out": [list(area) for area in asset.left_out]} if asset.left_out else {}))
        arrays[f"asset{index}"] = np.frombuffer(out.getvalue(), np.uint8)
    header = json.dumps({"format": FORMAT, "assets": names}, sort_keys=True).encode()
    out = io.BytesIO()
    np.savez(out, header=np.frombuffer(header, np.uint8), **arrays)  # type: ignore[arg-type] # stub bug: allow_pickle
    report(len(assets), len(assets), "preparing")
    return out.getvalue()


def unpack(data: bytes) -> Style:
    """Read what `pack` wrote. Raises BadRequest."""
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            header: dict[str, Any] = json.loads(arrays["header"].tobytes())
            if header["format"] != FORMAT:
                raise BadRequest(f"the prepared style is {header['format']!r}, not {FORMAT!r}; prepare it again")
            kept = tuple(_learned(name, data, index) for index, name in enumerate(header["assets"]))
    except _BROKEN as error:
        raise BadRequest("these bytes are no style that patchwork prepared; prepare it again") from error
    return Style(data, hashlib.sha256(data).hexdigest(), kept)


def _learned(name: dict[str, Any], data: bytes, index: int) -> Learned:
    areas = tuple(
        (int(top), int(left), int(bottom), int(right)) for top, left, bottom, right in name.get("left_out", ())
    )
    size = int(name["height"]), int(name["width"])
    return Learned(str(name["id"]), str(name["sha256"]), *size, data, index, areas)


def capped(pixels: NDArray[np.uint8]) -> Image.Image:
    """The picture, no longer than LONG_SIDE."""
    image = Image.fromarray(pixels)
    scale = LONG_SIDE / max(image.size)
    if scale >= 1:
        return image
    return image.resize(
        (max(1, round(image.width * scale)), max(1, round(image.height * scale))), Image.Resampling.LANCZOS
    )


def _check_shape(asset: Asset) -> None:
    picture = as_picture(asset.media)
    height, width = picture.height, picture.width
    short, long = sorted((height, width))
    if short < SHORT_SIDE:
        raise BadRequest(
            f"asset {asset.id} is {width}x{height} pixels; strokes need at least {SHORT_SIDE} on the short side",
            asset=asset.id,
        )
    if long > WIDEST * short:
        raise BadRequest(
            f"asset {asset.id} is {width}x{height} pixels, longer than {WIDEST} times its width; crop it",
            asset=asset.id,
        )


def _decoded(data: bytes, height: int, width: int) -> NDArray[np.uint8]:
    with Image.open(io.BytesIO(data), formats=["PNG"]) as image:
        if image.size != (width, height) or max(image.size) > LONG_SIDE or image.mode != "RGB":
            raise ValueError("not a sample picture")
        return np.asarray(image)
