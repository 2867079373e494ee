"""One content in one style: made, or taken from `var/sheet` if nothing that made it has changed since."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from benchmarks.pictures import VAR, Content, Style, stamp
from core.media import Picture
from generation.catalog import Catalog
from generation.engine import Engine, Exact, Ingredient, Rendering, Request, as_picture, silent

ENGINE = "patchwork"
CODE = "generation/engines/patchwork"


@dataclass(frozen=True)
class Wish:
    """How all cells of a sheet are made: parameters of the engine, with `size`, and the seed."""

    params: dict[str, Any]
    seed: int = 1

    @property
    def folder(self) -> Path:
        """Where they lie: by size, and by what else is not the default."""
        rest = [f"{key}={value}" for key, value in sorted(self.params.items()) if key != "size"]
        if self.seed != 1:
            rest.append(f"seed={self.seed}")
        return VAR / "-".join([str(self.params.get("size", 512)), *rest])


@dataclass(frozen=True)
class Cell:
    """A work and what is known of it: `facts` has cpu (seconds), largest_copy (0 to 1) and shares (by asset)."""

    content: str
    style: str
    picture: Picture
    facts: dict[str, Any]


def engine(device: str = "cpu") -> Engine:
    """A fresh instance, with nothing cached in it."""
    return Catalog((ENGINE,), device).get(ENGINE)


def request(source: Picture | None, parts: Sequence[tuple[bytes, int]], wish: Wish, made: Engine) -> Request:
    """A source in prepared styles with weights."""
    params = made.Params.model_validate(wish.params)
    return Request(tuple(Ingredient(prepared, weight) for prepared, weight in parts), params, wish.seed, source)


def exact(rendering: Rendering) -> Exact:
    """The provenance of a house engine."""
    if not isinstance(rendering.provenance, Exact):
        raise TypeError(f"{ENGINE} gave {type(rendering.provenance).__name__}, not exact provenance")
    return rendering.provenance


def cells(contents: Sequence[Content], styles: Sequence[Style], wish: Wish, *, fresh: bool = False) -> Iterator[Cell]:
    """All contents in all styles, style by style, as an engine caches them."""
    key = json.dumps([stamp(CODE), wish.params, wish.seed], sort_keys=True)
    wish.folder.mkdir(parents=True, exist_ok=True)
    made: Engine | None = None
    for style in styles:
        prepared = b""
        for content in contents:
            file = wish.folder / f"{content.name}__{style.name}.png"
            if not fresh and (known := _known(file, key)) is not None:
                yield Cell(content.name, style.name, *known)
                continue
            made = made or engine()
            prepared = prepared or made.prepare(style.assets, report=silent)
            picture, facts = _make(made, content, prepared, wish)
            _keep(file, picture, {"key": key, **facts})
            yield Cell(content.name, style.name, picture, facts)


def _make(made: Engine, content: Content, prepared: bytes, wish: Wish) -> tuple[Picture, dict[str, Any]]:
    began = time.process_time()
    rendering = made.render([request(content.picture, [(prepared, 1)], wish, made)], report=silent)[0]
    provenance = exact(rendering)
    return as_picture(rendering.media), {
        "cpu": round(time.process_time() - began, 3),
        "largest_copy": provenance.largest_copy,
        "shares": {share.asset: share.share for share in provenance.shares},
    }


def _known(file: Path, key: str) -> tuple[Picture, dict[str, Any]] | None:
    note = file.with_suffix(".json")
    if not file.is_file() or not note.is_file():
        return None
    facts: dict[str, Any] = json.loads(note.read_text())
    if facts.get("key") != key:
        return None
    with Image.open(file) as image:
        return Picture(np.array(image.convert("RGB"))), facts


def _keep(file: Path, picture: Picture, facts: dict[str, Any]) -> None:
    note = file.with_suffix(".json")
    note.unlink(missing_ok=True)  # so that a picture never lies beside facts of another
    Image.fromarray(picture.pixels).save(file)
    note.write_text(json.dumps(facts, sort_keys=True) + "\n")
