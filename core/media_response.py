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
_RANGE = re.compile(r"bytes=([0-9]{0,15})-([0-9]{0,15})")


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
    With a `request`, a part of it is sent where a part is asked for: some browsers play no recording otherwise, and
    none jumps about in it.
    """
    headers = {**SAFE, "Cache-Control": PUBLIC if public else OWN}
    if public and etag:
        headers["ETag"] = f'"{etag}"'
        if request is not None and _known(request.headers.get("if-none-match", ""), etag):
            return Response(status_code=304, headers=headers)
    headers["Content-Disposition"] = disposition(name, download=download)
    body = data() if callable(data) else data
    if request is None:
        return Response(body, media_type=type, headers=headers)
    headers["Accept-Ranges"] = "bytes"
    if request.headers.get("if-range", headers.get("ETag")) != headers.get("ETag"):
        return Response(body, media_type=type, headers=headers)
    return _partly(body, request.headers.get("range", ""), type, headers)


def _partly(body: bytes, asked: str, type_: str, headers: dict[str, str]) -> Response:
    """The bytes that a `Range` names (RFC 9110, section 14.2); all of them where it names none, or several parts."""
    found = _RANGE.fullmatch(asked.strip())
    if found is None or found[0] == "bytes=-":
        return Response(body, media_type=type_, headers=headers)
    size = len(body)
    begin = int(found[1]) if found[1] else max(0, size - int(found[2]))
    end = min(int(found[2]) + 1, size) if found[1] and found[2] else size
    if begin >= size or begin >= end:
        return Response(status_code=416, headers={**headers, "Content-Range": f"bytes */{size}"})
    said = {**headers, "Content-Range": f"bytes {begin}-{end - 1}/{size}"}
    return Response(body[begin:end], status_code=206, media_type=type_, headers=said)


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
