"""Bodies on their way to disk: there whole, or not at all, however they end."""

from __future__ import annotations

import hashlib
import os
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import anyio
import pytest
from starlette.requests import ClientDisconnect

from core import spool
from core.errors import HomageError
from core.spool import AT_ONCE, ORPHAN, BodyStopped, BodyTooLong, Spool, Spooled, TooManyBodies
from core.uploads import NoRoom


async def body(*parts: bytes, end: BaseException | None = None, pause: float = 0) -> AsyncIterator[bytes]:
    for part in parts:
        yield part
    await anyio.sleep(pause)
    if end is not None:
        raise end


def receive(place: Spool, coming: AsyncIterator[bytes], name: str = "one", **more: Any) -> Spooled:
    said = {"name": name, "person": "per_1", "most_breaks": 10, **more}
    return anyio.run(lambda: place.receive(coming, **said))


def test_a_body_is_there_whole_with_its_hash_and_its_lines(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool, "BLOCK", 3)
    found = receive(Spool(tmp_path / "new"), body(b"a\nb", b"", b"\nc", b"d"))
    assert found.path.read_bytes() == b"a\nb\ncd"
    assert (found.bytes, found.breaks, found.sha256) == (6, 2, hashlib.sha256(b"a\nb\ncd").hexdigest())
    assert found.path.stat().st_mode & 0o777 == 0o600


@pytest.mark.parametrize(
    ("coming", "more", "refusal"),
    [
        (lambda: body(b"x" * 6, b"x" * 6), {}, BodyTooLong),
        (lambda: body(b"\n\n\n"), {"most_breaks": 2}, BodyTooLong),
        (lambda: body(b"x", end=ClientDisconnect()), {}, BodyStopped),
        (lambda: body(b"x", pause=5), {}, BodyStopped),
    ],
)
def test_nothing_stays_of_what_is_too_much_or_breaks_off(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, coming: Any, more: dict[str, Any], refusal: type[HomageError]
) -> None:
    monkeypatch.setattr(spool, "SILENT_SECONDS", 0.01)
    with pytest.raises(refusal):
        receive(Spool(tmp_path, most_bytes=10), coming(), **more)
    assert list(tmp_path.iterdir()) == []


def test_a_nearly_full_disk_takes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spool, "SPARE_BYTES", 1 << 60)
    with pytest.raises(NoRoom):
        receive(Spool(tmp_path), body(b"x"))
    assert list(tmp_path.iterdir()) == []


def test_one_person_sends_few_at_once_and_others_meanwhile(tmp_path: Path) -> None:
    place, refused = Spool(tmp_path), []

    async def send(name: str, person: str, go: anyio.Event) -> None:
        async def waiting() -> AsyncIterator[bytes]:
            yield b"x"
            await go.wait()

        try:
            await place.receive(waiting(), name=name, person=person, most_breaks=1)
        except TooManyBodies as error:
            refused.append((name, error.facts["retry_after"]))

    async def all_at_once() -> None:
        go = anyio.Event()
        async with anyio.create_task_group() as group:
            for number in range(AT_ONCE + 1):
                group.start_soon(send, f"a{number}", "per_1", go)
            group.start_soon(send, "b", "per_2", go)
            await anyio.sleep(0.05)
            go.set()

    anyio.run(all_at_once)
    assert refused == [(f"a{AT_ONCE}", 5)]
    assert len(list(tmp_path.iterdir())) == AT_ONCE + 1
    receive(place, body(b"x"))


def test_the_sweep_takes_what_nobody_needs_and_is_no_longer_sent(tmp_path: Path) -> None:
    now = datetime(2026, 5, 1, tzinfo=UTC)
    for name, age in (("kept", ORPHAN * 2), ("left", ORPHAN * 2), ("coming", timedelta(0))):
        (tmp_path / name).write_bytes(b"x")
        os.utime(tmp_path / name, ((now - age).timestamp(),) * 2)
    Spool(tmp_path).sweep(keep={"kept"}, at=now)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["coming", "kept"]
    Spool(tmp_path / "none").sweep(keep=(), at=now)
