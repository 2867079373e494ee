"""A file of somebody's as an answer: typed, never sniffed, never run in our origin, cached as far as consent allows."""

from __future__ import annotations

import re
from collections.abc import Callable
from urllib.parse import quote

from fastapi import Request, Response

# An hour, although the bytes never change: what its owner takes back must not live on in caches for a year.
PUBLIC = "public, max-age=3600, immutable"
OWN = "private, no-store"
SAFE = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
}
MOST_LETTERS = 120


def media(
    data: bytes | Callable[[], bytes],
    *,
    type: str,  # noqa: A002  # the header's own word
    name: str,
    public: bool,
    download: bool = False,
    etag: str | None = None,
    request: Request | None = None,
) -> Response:
    """A file to show or, with `download`, to keep under `name`; a public one that the caller has already is 304.

    `etag`: the address of its content. `data` may be a function, which is then called only if the bytes are needed.
    """
    headers = {**SAFE, "Cache-Control": PUBLIC if public else OWN}
    if public and etag:
        headers["ETag"] = f'"{etag}"'
        if request is not None and _known(request.headers.get("if-none-match", ""), etag):
            return Response(status_code=304, headers=headers)
    headers["Content-Disposition"] = disposition(name, download=download)
    body = data() if callable(data) else data
    return Response(body, media_type=type, headers=headers)


def disposition(name: str, *, download: bool) -> str:
    """The `Content-Disposition` of a file (RFC 6266): plain letters for old clients, the whole name for others."""
    whole = "".join(letter for letter in name if letter.isprintable() and letter not in '/\\"')[-MOST_LETTERS:]
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", whole).strip("-.") or "file"
    kind = "attachment" if download else "inline"
    extended = f"; filename*=UTF-8''{quote(whole, safe='')}" if whole and whole != plain else ""
    return f'{kind}; filename="{plain}"{extended}'


def _known(header: str, etag: str) -> bool:
    """Whether `If-None-Match` names it; compared weakly, as the header is defined."""
    return header.strip() == "*" or any(part.strip().removeprefix("W/") == f'"{etag}"' for part in header.split(","))
