"""The sandbox's doors: its samples, and the clock of a sandbox key. It answers where real keys ask, too."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal

from fastapi import APIRouter, Path, Request, Response
from pydantic import AwareDatetime, Field

from app.identity import keys
from core.clock import Clock
from core.media_response import media
from core.web import Asker, In, Out, Principal, Unit, allowed, port
from licensing import verdicts
from licensing.sandbox import pictures, samples
from licensing.sandbox.samples import Sample

router = APIRouter(tags=["sandbox"])
Trying = Annotated[Principal, allowed("verify", "reports", tried_out=True)]
Time = Annotated[Clock, port("clock")]
FIRST, BEYOND = datetime(1990, 1, 1, tzinfo=UTC), datetime(2200, 1, 1, tzinfo=UTC)


class SandboxSample(Out):
    """A made-up work. `words`: what is to be known of it; `standing` and `permission`: the answer if its file is to be
    published everywhere, at the time of the key that asks."""

    name: str
    words: str
    work: str
    license: str | None
    mark: str
    sha256: str
    file: str
    standing: Literal["licensed", "withdrawn", "unlicensed", "unknown"]
    permission: Literal["permit", "needs-report", "deny"] | None

    @classmethod
    def of(cls, sample: Sample, *, at: datetime) -> SandboxSample:
        sha256 = pictures.sha256(sample.name)
        found = verdicts.compose(samples.by_file(sha256, at=at), samples.grounds(at), use="publish", at=at)
        return cls(
            name=sample.name,
            words=sample.words,
            work=sample.work,
            license=sample.license if sample.terms is not None else None,
            mark=sample.mark,
            sha256=sha256,
            file=f"/v1/sandbox/samples/{sample.name}.png",
            standing=found.standing,
            permission=found.permission,
        )


class ClockIn(In):
    """The time that a sandbox key's questions are answered at, between 1990 and 2200; null is the real one."""

    at: Annotated[AwareDatetime, Field(ge=FIRST, lt=BEYOND)] | None


class ClockOut(Out):
    """What time it is in the sandbox. `set`: whether that was set, and stands still."""

    at: datetime
    set: bool


@router.get("/sandbox/samples")
def list_samples(who: Asker, clock: Time) -> list[SandboxSample]:
    """Made-up works of every standing, for sandbox keys to ask about."""
    at = who.sandbox.at if who is not None and who.sandbox is not None else None
    return [SandboxSample.of(sample, at=at or clock.now()) for sample in samples.SAMPLES.values()]


@router.get(
    "/sandbox/samples/{name}.png",
    response_class=Response,
    responses={200: {"content": {"image/png": {}}, "description": "The file"}},
)
def get_sample_file(name: Annotated[str, Path(max_length=40)], request: Request) -> Response:
    """A sample's file: a small picture, the same bytes in every house."""
    sample = samples.get(name)
    tag = pictures.sha256(sample.name)
    return media(
        pictures.png(sample.name), type="image/png", name=f"{name}.png", public=True, etag=tag, request=request
    )


@router.put("/sandbox/clock")
def set_sandbox_clock(body: ClockIn, who: Trying, session: Unit, clock: Time) -> ClockOut:
    """Set the time that this sandbox key's questions are answered at: what has begun and ended by then."""
    keys.set_clock(session, who=who, at=body.at)
    return ClockOut(at=body.at or clock.now(), set=body.at is not None)
