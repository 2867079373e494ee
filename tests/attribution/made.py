"""Works for the tests of this floor, made from a photograph that scikit-learn ships, and what people do to files.

A test's stylization keeps the photograph's composition and lays another texture over it, as engines do: the hard case.
"""

from __future__ import annotations

import io
import json
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache, cached_property
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image, ImageDraw, ImageEnhance, ImageFilter
from sklearn.datasets import load_sample_image
from sqlalchemy.orm import Session

from attribution import registry
from attribution.chain import Chain
from attribution.claim import Claim, Contribution, Licensed
from attribution.seal import Sealed, seal
from attribution.tools import Tools
from attribution.verify import Finding, verify
from core import encode, ids
from core.media import Picture
from tests.fakes import within

AT = datetime(2026, 3, 1, 12, tzinfo=UTC)


@cache
def photograph(name: str = "china") -> Picture:
    """A photograph, 512 pixels wide."""
    return encode.resize(Picture(np.array(load_sample_image(f"{name}.jpg"))), 512)


@cache
def stylized(style: int, name: str = "china") -> Picture:
    """The photograph's light and large shapes, drawn with strokes of this style (another texture for each number)."""
    rng = np.random.default_rng(style)
    picture = photograph(name)
    gray = np.asarray(Image.fromarray(picture.pixels).convert("L"), np.float64)
    noise = rng.standard_normal(gray.shape)
    frequencies = np.hypot(np.fft.fftfreq(gray.shape[0])[:, None], np.fft.fftfreq(gray.shape[1])[None])
    band = np.exp(-(((frequencies - 0.06) / 0.035) ** 2))
    strokes = np.fft.ifft2(np.fft.fft2(noise) * band).real
    strokes *= 22 / strokes.std()
    levels = np.round(gray / 40) * 40
    tint = 0.6 + 0.4 * rng.random(3)
    out = (0.75 * levels + strokes)[..., None] * tint + 20
    return Picture(out.clip(0, 255).astype(np.uint8))


def claim(**changes: Any) -> Claim:
    """The claim of a fresh work with two ingredients."""
    licensed = Licensed(ids.new("lic"), ids.new("sty"), ids.new("cre"), "Ada Marsh", "0" * 64)
    said = Claim(
        work=ids.new("wrk"),
        medium="picture",
        licensee=ids.new("per"),
        licensee_name="Bob Reed",
        licenses=(licensed,),
        contributions=tuple(
            Contribution(ids.new("ast"), digit * 64, title, licensed.licensor, share)
            for digit, title, share in (("1", "A field", 600_001), ("2", "A mill", 399_999))
        ),
        engine="toy 1",
        learned_from="nothing but the assets it is given",
        exact=True,
        method="measured",
    )
    return replace(said, **changes)


@dataclass(frozen=True)
class House:
    """A place with a signing chain, whose works are recorded in a session.

    Always with the same secret of marks: of what is barely read, another would lose what this one keeps.
    """

    session: Session
    root: Path

    @cached_property
    def tools(self) -> Tools:
        master = self.root / "marks" / "master-1.json"
        if not master.exists():
            master.parent.mkdir(exist_ok=True)
            master.write_text(json.dumps({"v": 1, "since": AT.date().isoformat(), "secret": "5e" * 32}))
            master.chmod(0o600)
        return Tools.within(self.root)

    @property
    def chain(self) -> Chain:
        return self.tools.chain

    def seal(self, picture: Picture, source: Picture | None = None, **changes: Any) -> Sealed:
        return seal(picture, claim(**changes), source=source, at=AT, tools=self.tools)

    def record(self, picture: Picture, source: Picture | None = None, **changes: Any) -> Sealed:
        """A sealed and recorded work."""
        sealed = self.seal(picture, source, **changes)
        registry.record(self.session, sealed, at=AT)
        return sealed

    def ask(self, data: bytes | Picture, name: str = "file.png") -> Finding:
        """What a file with these bytes is."""
        path = self.root / name
        path.write_bytes(encode.png(data) if isinstance(data, Picture) else data)
        return verify(within(self.session), path, tools=self.tools)


def image(picture: Picture) -> Image.Image:
    return Image.fromarray(picture.pixels)


def saved(image: Image.Image, form: str = "PNG", **options: Any) -> bytes:
    out = io.BytesIO()
    image.save(out, form, **options)
    return out.getvalue()


def reopened(data: bytes) -> Picture:
    with Image.open(io.BytesIO(data)) as image:
        return Picture(np.array(image.convert("RGB")))


def smaller(picture: Picture, scale: float) -> Image.Image:
    return image(picture).resize((round(picture.width * scale), round(picture.height * scale)))


def cut(picture: Picture, part: float) -> Image.Image:
    """This part of the sides, from near one corner."""
    width, height = round(picture.width * part), round(picture.height * part)
    left, top = (picture.width - width) // 4, (picture.height - height) // 4
    return image(picture).crop((left, top, left + width, top + height))


def brighter(picture: Picture, factor: float) -> Image.Image:
    return ImageEnhance.Brightness(image(picture)).enhance(factor)


def written_over(picture: Picture) -> Image.Image:
    """With lines of letters from side to side."""
    shown = image(picture)
    draw = ImageDraw.Draw(shown)
    for row in range(20, picture.height, 110):
        draw.text((8, row), "NOT FOR SALE " * 4, (250, 250, 240), font_size=20)
    return shown


def framed(picture: Picture) -> Image.Image:
    out = Image.new("RGB", (picture.width + 40, picture.height + 40), "white")
    out.paste(image(picture), (20, 20))
    return out


COPIES = {
    "jpeg 60 at half size": lambda p: saved(smaller(p, 0.5), "JPEG", quality=60),
    "webp": lambda p: saved(image(p), "WEBP", quality=60),
    "cut to 90 %": lambda p: saved(cut(p, 0.9), "JPEG", quality=85),
    "cut to 85 %": lambda p: saved(cut(p, 0.85)),
    "brighter": lambda p: saved(brighter(p, 1.3)),
    "darker": lambda p: saved(brighter(p, 0.7)),
    "mirrored": lambda p: saved(image(p).transpose(Image.Transpose.FLIP_LEFT_RIGHT)),
    "gray": lambda p: saved(image(p).convert("L")),
    "framed": lambda p: saved(framed(p)),
    "turned by 2 degrees": lambda p: saved(image(p).rotate(2, Image.Resampling.BICUBIC)),
    "cut, halved, jpeg 60": lambda p: saved(
        cut(p, 0.9).resize((round(p.width * 0.45), round(p.height * 0.45))), "JPEG", quality=60
    ),
}
HEAVY_COPIES = {
    "a quarter as wide again": lambda p: saved(image(p).resize((round(p.width * 1.12), round(p.height * 0.9)))),
    "blurred": lambda p: saved(image(p).filter(ImageFilter.GaussianBlur(4)), "JPEG", quality=80),
    "written over": lambda p: saved(written_over(p), "JPEG", quality=80),
}
