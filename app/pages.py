"""The pages: a built folder of files, and one document for every other address, with a nonce of its own each time."""

from __future__ import annotations

import html
import secrets
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.responses import FileResponse, HTMLResponse, PlainTextResponse, Response
from starlette.exceptions import HTTPException
from starlette.routing import Match, Route
from starlette.types import Scope

from app import cards
from app.headers import page_policy
from app.house import House
from app.settings import ROOT

DIST = ROOT / "frontend" / "dist"
NONCE = "__CSP_NONCE__"
MOST_LETTERS = 200  # of a file's path; the build writes none that is longer
FOREVER = "public, max-age=31536000, immutable"  # the build puts a hash of the content into the name
BRIEFLY = "public, max-age=300"
ENCODINGS = {"br": ".br", "gzip": ".gz"}  # by preference; the files lie beside what they are made from
TYPES = {
    ".css": "text/css",
    ".ico": "image/x-icon",
    ".jpg": "image/jpeg",
    ".js": "text/javascript",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}
ROBOTS = """User-agent: *
Disallow: /v1/
Allow: /v1/oembed
Allow: /v1/works/*/thumbnail
Allow: /v1/assets/*/thumbnail
"""
UNBUILT = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Homage</title>
<h1>The pages are not built yet</h1>
<p>Run <code>make setup</code> in the checkout, then load this page again. The API under /v1 answers already.</p>
</html>
"""


class PageRoute(Route):
    """Every address that is not the API's: what is unknown under /v1 stays the API's to refuse."""

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        if scope["type"] == "http" and (scope["path"] + "/").startswith("/v1/"):
            return Match.NONE, {}
        return super().matches(scope)


def install(app: FastAPI, house: House, dist: Path) -> None:
    """Serve the pages; last, since they answer at every address."""

    def page(request: Request) -> Response:
        path = request.url.path.lstrip("/")
        if file := _file(dist, path):
            return _sent(request, file, hashed=path.startswith("assets/"))
        if path.startswith("assets/") or not _wants_page(request):
            raise HTTPException(404, "there is nothing at this address")
        return document(house, request, dist)

    def robots(request: Request) -> Response:
        return PlainTextResponse(ROBOTS, headers={"Cache-Control": BRIEFLY})

    app.router.routes += [Route("/robots.txt", robots), PageRoute("/{path:path}", page)]


def document(house: House, request: Request, dist: Path) -> Response:
    """The one document, as it is for this address."""
    nonce = secrets.token_urlsafe(16)
    headers = {"Content-Security-Policy": page_policy(nonce), "Cache-Control": "no-store"}
    try:
        text = (dist / "index.html").read_text().replace(NONCE, nonce)  # first: what people wrote gets no nonce
    except FileNotFoundError:
        return HTMLResponse(UNBUILT, status_code=503, headers=headers)
    path = request.url.path
    card = cards.find(house, path)
    origin = house.settings.public_url or str(request.base_url).rstrip("/")
    head = cards.head(card, url=origin + path, origin=origin, private=cards.is_private(path, card))
    if card is not None:
        text = text.replace("<title>Homage</title>", f"<title>{html.escape(card.title)} · Homage</title>", 1)
    return HTMLResponse(text.replace("</head>", f"{head}</head>", 1), headers=headers)


def _wants_page(request: Request) -> bool:
    accepted = request.headers.get("accept", "*/*")
    return "text/html" in accepted or "*/*" in accepted


def _file(dist: Path, path: str) -> Path | None:
    """A file of the build that may be sent: never the document itself, nothing hidden, nothing outside."""
    parts = path.split("/")
    if path in ("", "index.html") or "\0" in path or any(part.startswith(".") or not part for part in parts):
        return None
    if not path.isascii() or len(path) > MOST_LETTERS:  # no disk has such a name, and some say so by an error
        return None
    file = dist.joinpath(*parts)
    return file if file.suffix in TYPES and file.is_file() else None


def _sent(request: Request, file: Path, *, hashed: bool) -> Response:
    headers = {"Cache-Control": FOREVER if hashed else BRIEFLY, "Vary": "Accept-Encoding"}
    accepted = {part.partition(";")[0].strip() for part in request.headers.get("accept-encoding", "").split(",")}
    for encoding, suffix in ENCODINGS.items():
        packed = file.with_name(file.name + suffix)
        if encoding in accepted and packed.is_file():
            return FileResponse(
                packed, media_type=TYPES[file.suffix], headers={**headers, "Content-Encoding": encoding}
            )
    return FileResponse(file, media_type=TYPES[file.suffix], headers=headers)
