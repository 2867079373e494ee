"""The doors for many questions at once: NDJSON in and out, at once for a thousand lines, in the background for more."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request, Response
from fastapi.responses import FileResponse, JSONResponse, StreamingResponse

from core import db, ids
from core.clock import Clock
from core.errors import Invalid
from core.limits import Meter
from core.spool import Spool, Spooled, WrongMediaType
from core.uploads import Uploads
from core.web import Listed, Metered, Named, Page, Paged, Principal, Sessions, Unit, allowed, port
from licensing import batches, lines
from licensing.batch_schemas import BatchOut, LineOut
from licensing.desk import FILE_COSTS, Desk
from licensing.lines import LineIn
from licensing.verification_schemas import HouseOut

router = APIRouter(tags=["verifications"])
NDJSON = "application/x-ndjson"
TAKEN = {NDJSON, "application/ndjson", "application/jsonl", "application/jsonlines"}
AT_ONCE = 1_000  # lines that are answered while one waits
MOST_FILES = 1_000  # lines about files, even where askers have no limit
LINES_PER_UNIT = 100  # of the caller's minute; a line about a file costs as much as a question about one
BULK: dict[str, Any] = {"requestBody": {"required": True, "content": {NDJSON: {"schema": LineIn.model_json_schema()}}}}
ANSWERS: dict[int | str, dict[str, Any]] = {
    200: {"content": {NDJSON: {"schema": {"type": "string"}}}, "description": "An answer for each line, in their order"}
}
Asker = Annotated[Principal, allowed("verify")]
Trying = Annotated[Principal, allowed("verify", tried_out=True)]  # also with a sandbox key
BatchId = Annotated[str, Named("bat")]
Files = Annotated[Spool, port("batches")]
Time = Annotated[Clock, port("clock")]
Uploading = Annotated[Uploads, port("uploads")]
Desks = Annotated[Callable[..., Desk], port("desk")]


class EmptyBatch(Invalid):
    """The batch has no lines."""


class TooManyFiles(Invalid):
    """A batch asks about more files than may be asked about in a minute."""


class TooLongForSandbox(Invalid):
    """In the sandbox a batch has up to 1,000 lines."""


async def spooled(request: Request, who: Trying, files: Files) -> Spooled:
    """The questions, on disk. Raises WrongMediaType, BodyTooLong, TooManyBodies."""
    if request.headers.get("content-type", "").partition(";")[0].strip().lower() not in TAKEN:
        raise WrongMediaType(f"send lines of JSON, as Content-Type: {NDJSON}")
    name = ids.new("bat")
    return await files.receive(request.stream(), name=name, person=who.person, most_breaks=batches.MOST_LINES)


@router.post(
    "/verifications/batch",
    openapi_extra=BULK,
    response_class=Response,
    responses={**ANSWERS, 202: {"model": BatchOut, "description": "Over 1,000 lines: answered in the background"}},
)
def verify_batch(  # noqa: PLR0913  # what is asked, who asks, what answers
    body: Annotated[Spooled, Depends(spooled)],
    who: Trying,
    of: Desks,
    meter: Metered,
    files: Files,
    sessions: Sessions,
    uploads: Uploading,
    clock: Time,
    house: Annotated[HouseOut, port("about")],
) -> Response:
    """Ask many questions, a line of JSON each. Answers come in the same order; a bad line gets a problem of its own."""
    try:
        count, about_files = lines.counted(body.path)
        if not count:
            raise EmptyBatch('the body has no lines; send one like {"id": "1", "sha256": "…"}')
        _bounded(about_files, meter)
        meter.costs(1 + count // LINES_PER_UNIT + FILE_COSTS * about_files)
        if count > AT_ONCE and who.sandbox is not None:
            raise TooLongForSandbox(f"in the sandbox a batch has up to {AT_ONCE:,} lines; this one has {count:,}")
        if count > AT_ONCE:
            with db.unit(sessions) as session:
                row = batches.take(session, id=body.path.name, asker=who.person, body=body, at=clock.now())
                return _accepted(row.id, BatchOut.of(row))
    except BaseException:
        files.remove(body.path.name)
        raise
    asker = who.sandbox.key if who.sandbox is not None else who.person  # ids of lines are its own there
    said = told(of(meter, all_of_it=who.staff, sandbox=who.sandbox), body, house, asker=asker, uploads=uploads)
    return StreamingResponse(_then(said, partial(files.remove, body.path.name)), media_type=NDJSON)


@router.get("/verifications/batches")
def list_batches(who: Asker, session: Unit, page: Paged) -> Listed[BatchOut]:
    """Your batches that were answered in the background, the newest first."""
    rows = batches.of_asker(session, asker=who.person, limit=page.limit + 1, before=_seen(page))
    return page.of(rows, lambda row: [row.id], BatchOut.of)


@router.get("/verifications/batches/{id}")
def get_batch(id: BatchId, who: Asker, session: Unit) -> BatchOut:
    """How far a batch of yours is."""
    return BatchOut.of(batches.find(session, batch=id, asker=who.person))


@router.get("/verifications/batches/{id}/answers", response_class=FileResponse, responses=ANSWERS)
def get_batch_answers(id: BatchId, who: Asker, session: Unit, files: Files) -> FileResponse:
    """The answers of a batch that is done, for a week."""
    path = batches.answers(session, batch=id, asker=who.person, spool=files)
    return FileResponse(path, media_type=NDJSON, filename=f"{id}.ndjson")


@router.delete("/verifications/batches/{id}")
def cancel_batch(id: BatchId, who: Asker, session: Unit, clock: Time) -> BatchOut:
    """Stop answering a batch; one that is done stays done. Twice is once."""
    return BatchOut.of(batches.cancel(session, batch=id, asker=who.person, at=clock.now()))


def _bounded(about_files: int, meter: Meter) -> None:
    """A minute's units pay for a minute's files: nobody keeps the house busy for hours by one request."""
    most = min(MOST_FILES, meter.quota.units // FILE_COSTS) if meter.quota.units else MOST_FILES
    if about_files > most:
        raise TooManyFiles(
            f"a batch may ask about {most:,} uploads and addresses, and this one asks about {about_files:,};"
            " send it in parts, a minute apart, or ask by hash",
            most=most,
        )


def told(desk: Desk, body: Spooled, house: HouseOut, *, asker: str, uploads: Uploads) -> Iterator[bytes]:
    """The answers as lines of JSON, some at a time."""
    upload = partial(lines.upload_of, uploads, asker)
    with body.path.open("rb") as file:
        for some in lines.answered(desk, lines.read(file), asker=asker, upload=upload):
            yield b"".join(LineOut.of(x, house=house).model_dump_json().encode() + b"\n" for x in some)


def _then(answers: Iterator[bytes], after: Callable[[], None]) -> Iterator[bytes]:
    """Clean up also where whoever asked no longer listens."""
    try:
        yield from answers
    finally:
        after()


def _accepted(id: str, said: BatchOut) -> JSONResponse:
    where = {"Location": f"/v1/verifications/batches/{id}"}
    return JSONResponse(said.model_dump(mode="json"), status_code=202, headers=where)


def _seen(page: Page) -> str | None:
    """The id of the last item of the page before."""
    key = page.key(str)
    return key[0] if key else None
