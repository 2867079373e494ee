"""Files of others as answers: what they may do in a browser, how long they are kept, what they are called."""

from __future__ import annotations

import pytest
from fastapi import Request

from core.media_response import disposition, media


def asking(header: str, name: str = "if-none-match") -> Request:
    return Request({"type": "http", "method": "GET", "path": "/", "headers": [(name.encode(), header.encode())]})


def never() -> bytes:
    raise AssertionError("the bytes are not needed")


@pytest.mark.parametrize("public", [True, False])
def test_media_can_do_nothing_in_our_origin(public: bool) -> None:
    answer = media(b"<script>", type="image/png", name="x.png", public=public)
    assert answer.headers["content-type"] == "image/png"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-security-policy"] == "sandbox; default-src 'none'"
    assert answer.headers["cross-origin-resource-policy"] == "same-origin"


def test_own_media_stays_in_no_cache() -> None:
    answer = media(lambda: b"x", type="image/png", name="x.png", public=False, etag="abc", request=asking('"abc"'))
    assert (answer.status_code, answer.body) == (200, b"x")
    assert answer.headers["cache-control"] == "private, no-store"
    assert "etag" not in answer.headers


@pytest.mark.parametrize("header", ['"abc"', 'W/"abc"', '"x", "abc"', "*"])
def test_public_media_that_is_known_is_not_read_again(header: str) -> None:
    answer = media(never, type="image/png", name="x.png", public=True, etag="abc", request=asking(header))
    assert (answer.status_code, answer.body) == (304, b"")
    assert answer.headers["etag"] == '"abc"'
    assert answer.headers["cache-control"].startswith("public")


@pytest.mark.parametrize("header", ['"other"', "abc", ""])
def test_other_media_is_sent(header: str) -> None:
    answer = media(lambda: b"x", type="image/png", name="x.png", public=True, etag="abc", request=asking(header))
    assert (answer.status_code, answer.body) == (200, b"x")


@pytest.mark.parametrize(
    ("asked", "status", "said", "body"),
    [
        ("bytes=0-1", 206, "bytes 0-1/6", b"ab"),  # what Safari asks before it plays anything
        ("bytes=4-", 206, "bytes 4-5/6", b"ef"),
        ("bytes=2-99", 206, "bytes 2-5/6", b"cdef"),
        ("bytes=-2", 206, "bytes 4-5/6", b"ef"),
        ("bytes=6-", 416, "bytes */6", b""),
        ("bytes=-0", 416, "bytes */6", b""),
        ("bytes=3-2", 416, "bytes */6", b""),
        ("bytes=0-1,3-4", 200, None, b"abcdef"),
        ("bytes=-", 200, None, b"abcdef"),
        ("lines=1-2", 200, None, b"abcdef"),
    ],
)
def test_a_part_is_sent_where_a_part_is_asked_for(asked: str, status: int, said: str | None, body: bytes) -> None:
    answer = media(b"abcdef", type="audio/flac", name="x.flac", public=False, request=asking(asked, "range"))
    assert (answer.status_code, answer.headers.get("content-range"), answer.body) == (status, said, body)
    assert answer.headers["accept-ranges"] == "bytes"


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("work.png", 'attachment; filename="work.png"'),
        ("Ölfarbe 1.png", "attachment; filename=\"lfarbe-1.png\"; filename*=UTF-8''%C3%96lfarbe%201.png"),
        (
            'a"; evil="\r\nX: y/../b.png',
            "attachment; filename=\"a-evil-X-y..b.png\"; filename*=UTF-8''a%3B%20evil%3DX%3A%20y..b.png",
        ),
        ("…", "attachment; filename=\"file\"; filename*=UTF-8''%E2%80%A6"),
        ("", 'attachment; filename="file"'),
    ],
)
def test_a_files_name_cannot_leave_its_header(name: str, header: str) -> None:
    assert disposition(name, download=True) == header


def test_what_is_shown_is_inline() -> None:
    assert disposition("a.jpg", download=False) == 'inline; filename="a.jpg"'
