"""A badge for other sites: a small picture that says whether a work's license stands, to be linked to the Verify page.

It says what `GET /v1/claims/{work}` says, in a word. Anyone can draw such a picture: what proves something is the page
that it is linked to.
"""

from __future__ import annotations

import html
from typing import NamedTuple

from fastapi import FastAPI, Request
from fastapi.responses import Response
from starlette.routing import Route

from app.house import House
from attribution import named
from core import db, ids
from licensing import grounds
from licensing.verdicts import Verdict

HEADERS = {
    "Cache-Control": "public, max-age=300",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'; sandbox",
    "Cross-Origin-Resource-Policy": "cross-origin",
}
# Pixels that letters of 11 pixels are about wide; `textLength` fits any font to it.
NARROW, WIDE, CAPITAL, OTHER = 3.3, 9.6, 7.6, 6.5
PAPER, INK = "#fffefa", "#2d3531"
SEAL = "M9 8v16M23 8v16M9 17c3-4 6 3 14-2"  # as in frontend/public/seal.svg


class Look(NamedTuple):
    """What a badge says of a standing, and the color behind it."""

    words: str
    color: str


LOOKS: dict[str, Look] = {
    "licensed": Look("licensed", "#0e6250"),
    "withdrawn": Look("withdrawn", "#9c1d37"),
    "unlicensed": Look("no license", "#7d5203"),
    "unknown": Look("unknown", "#59625c"),
}


def install(app: FastAPI, house: House) -> None:
    """Serve badges at `/badge/{work}.svg`, which is no part of the API: it is put into other sites' pages."""

    def badge(request: Request) -> Response:
        work = ids.check(request.path_params["work"], "wrk")
        with db.unit(house.sessions) as session:
            verdict = grounds.answer(session, named.one(session, "work", work), at=house.clock.now())
        return Response(svg(app.title, work, verdict), media_type="image/svg+xml", headers=HEADERS)

    app.router.routes.append(Route("/badge/{work}.svg", badge))


def svg(house: str, work: str, verdict: Verdict) -> str:
    """The badge as a drawing without script or style, 20 pixels high, named for who cannot see it."""
    words, color = LOOKS[verdict.standing]
    left, right = _wide(house), _wide(words)
    middle, width = left + 32, left + right + 48
    name = html.escape(f"{house}: {words} ({work})")
    letters = f'fill="{PAPER}" font-family="system-ui,Segoe UI,Roboto,Helvetica,Arial,sans-serif" font-size="11"'
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="20" role="img" aria-label="{name}">'
        f"<title>{name}</title>"
        f'<rect width="{width}" height="20" rx="4" fill="{color}"/>'
        f'<path d="M4 0h{middle - 4}v20h-{middle - 4}a4 4 0 0 1-4-4v-12a4 4 0 0 1 4-4z" fill="{INK}"/>'
        f'<path transform="translate(4 3) scale(.44)" d="{SEAL}" fill="none" stroke="{PAPER}" stroke-width="3.2"'
        ' stroke-linecap="round"/>'
        f'<g {letters}><text x="24" y="14" textLength="{left}">{html.escape(house)}</text>'
        f'<text x="{middle + 8}" y="14" textLength="{right}">{words}</text></g></svg>\n'
    )


def _wide(text: str) -> int:
    """About how many pixels a text takes."""
    widths = {**dict.fromkeys("ijl.,:;' ", NARROW), **dict.fromkeys("mMW", WIDE), "w": CAPITAL + 0.6}
    return round(sum(widths.get(letter, CAPITAL if letter.isupper() else OTHER) for letter in text))
