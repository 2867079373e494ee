"""oEmbed 1.0 (https://oembed.com): how other sites show a shared work from the address of its page.

A picture is a `photo`, or `rich` where it must be smaller than any file of it; a recording is `rich`: its waveform and
a player. Only what a stranger with the link may see is told; there is no 401, since what is hidden is not found.
"""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from fastapi import APIRouter, Query, Request, Response
from pydantic import BaseModel, ConfigDict

from app import cards
from core import db, ids
from core.errors import Invalid, NotFound
from core.waveform import SMALL
from core.web import Sessions
from generation import renditions, shown
from generation.models import Work

router = APIRouter(tags=["embedding"])
BRIEFLY = 300  # seconds that an answer may be kept
PLAYER = 54  # pixels of height that browsers give a bar of controls
FREE = {
    "Access-Control-Allow-Origin": "*",  # the same for everyone, whoever asks
    "Cross-Origin-Resource-Policy": "cross-origin",
    "Cache-Control": f"public, max-age={BRIEFLY}",
}


class FormatUnknown(Invalid):
    """oEmbed is answered as JSON only."""


class NothingToEmbed(NotFound):
    """No page that can be shown elsewhere has this address."""


class EmbedOut(BaseModel):
    """An oEmbed response. A `photo` has a url, `rich` has html; the thumbnail's three are there where it fits."""

    model_config = ConfigDict(frozen=True)

    type: Literal["photo", "rich"]
    version: Literal["1.0"] = "1.0"
    title: str
    author_name: str
    provider_name: str
    provider_url: str
    cache_age: int = BRIEFLY
    thumbnail_url: str | None = None
    thumbnail_width: int | None = None
    thumbnail_height: int | None = None
    width: int
    height: int
    url: str | None = None
    html: str | None = None


@dataclass(frozen=True)
class Size:
    """Width and height in pixels."""

    width: int
    height: int

    def fits(self, most: Size) -> bool:
        return self.width <= most.width and self.height <= most.height

    def within(self, most: Size) -> Size:
        """The same shape, no larger than that, a pixel at least."""
        scale = min(1.0, most.width / self.width, most.height / self.height)
        return Size(max(1, int(self.width * scale)), max(1, int(self.height * scale)))


MOST = 100_000  # pixels: as good as no limit
Limit = Annotated[int, Query(ge=1, le=MOST, description="pixels that it may have at most")]


@router.get("/oembed", response_model_exclude_none=True)
def get_oembed(
    request: Request,
    response: Response,
    sessions: Sessions,
    url: Annotated[str, Query(max_length=500, description="the address of a work's page, as people share it")],
    maxwidth: Limit = MOST,
    maxheight: Limit = MOST,
    format: Annotated[  # noqa: A002  # the protocol's own word
        Literal["json", "xml"], Query(description="json; xml is answered with 501")
    ] = "json",
) -> EmbedOut:
    """How a shared work is shown on another site (oEmbed 1.0), as a stranger with its link would see it."""
    if format != "json":
        raise FormatUnknown("oEmbed is answered as JSON only here; ask with format=json")
    origin = request.app.state.house.settings.public_url or str(request.base_url).rstrip("/")
    work = _work_at(url, {origin, str(request.base_url).rstrip("/")})
    with db.unit(sessions) as session:
        seen = shown.with_file(session, work=work, person=None)
    response.headers.update(FREE)
    return embed(seen, name=request.app.title, origin=origin, most=Size(maxwidth, maxheight))


def embed(seen: shown.Shown, *, name: str, origin: str, most: Size) -> EmbedOut:
    """The answer about a work that everyone may see. `origin`: scheme and host of this house, whose name is `name`."""
    work = seen.work
    at = f"{origin}/v1/works/{work.id}"
    about: dict[str, Any] = {
        "title": cards.titled(seen),
        "author_name": seen.by,
        "provider_name": name,
        "provider_url": origin,
    }
    whole, small = _sizes(work)
    if small.fits(most):
        about |= {"thumbnail_url": f"{at}/thumbnail"}
        about |= {"thumbnail_width": small.width, "thumbnail_height": small.height}
        if work.medium == "picture":
            url, size = (f"{at}/file?format=jpeg", whole) if whole.fits(most) else (f"{at}/thumbnail", small)
            return EmbedOut(type="photo", url=url, **vars(size), **about)
    return EmbedOut(type="rich", **_rich(seen, origin, small, most), **about)


def _rich(seen: shown.Shown, origin: str, small: Size, most: Size) -> dict[str, Any]:
    """The thumbnail, linked to the work's page, and a player under a recording if there is room for it."""
    at = f"{origin}/v1/works/{seen.work.id}"
    below = PLAYER if seen.work.medium == "sound" and most.height > 2 * PLAYER else 0
    size = small.within(Size(most.width, most.height - below))
    image = f'<img src="{at}/thumbnail" width="{size.width}" height="{size.height}"'
    parts = [f'<a href="{origin}/works/{seen.work.id}">{image} alt="{html.escape(cards.titled(seen))}"></a>']
    if below:
        parts.append(f'<br><audio controls preload="none" src="{at}/file?format=mp3"></audio>')
    return {"html": "".join(parts), "width": size.width, "height": size.height + below}


def _work_at(url: str, origins: set[str]) -> str:
    """The number of the work whose page this is. Raises NothingToEmbed."""
    try:
        parts = urlsplit(url.strip())
    except ValueError:  # brackets that hold no address
        parts = urlsplit("")
    hosts = {urlsplit(origin).netloc.lower() for origin in origins}
    folder, _, work = parts.path.strip("/").rpartition("/")
    if parts.scheme not in ("http", "https") or parts.netloc.lower() not in hosts or folder != "works":
        here = min(origins)
        raise NothingToEmbed(f"{url[:80]!r} is no work's page of this house; ask about {here}/works/wrk_…")
    return ids.check(work, "wrk")


def _sizes(work: Work) -> tuple[Size, Size]:
    """Of the whole work, and of its thumbnail."""
    if work.width is None or work.height is None:
        return Size(*SMALL), Size(*SMALL)
    long = max(work.width, work.height)
    scale = min(renditions.SIDE, long) / long
    return Size(work.width, work.height), Size(max(1, round(work.width * scale)), max(1, round(work.height * scale)))
