"""The doors to works: lists, one work, its files, whose it is, its progress as it happens, cancelling and sharing."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Header, Query, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import StreamingResponse

from core import db
from core.media_response import media
from core.progress import Hub
from core.web import Anyone, Listed, Named, Paged, Principal, Sessions, Unit, port
from generation import credits, finishing, follow, provenance, renditions, shown, works
from generation.credits_schemas import CreditsOut
from generation.provenance_schemas import ProvenanceOut
from generation.routes import Fan, Shop, Time
from generation.schemas import Kind, SharingIn, State, WorkOut
from generation.workshop import Workshop

router = APIRouter(tags=["works"])

WorkId = Annotated[str, Named("wrk")]
FILES = [renditions.TYPES[form] for form in (*renditions.PICTURES, *renditions.SOUNDS)]
KINDS, STATES = ("work", "preview"), ("queued", "running", "done", "failed", "cancelled")


def _file(*types: str) -> dict[str, Any]:
    """How a route that answers with a file is described."""
    binary = {"schema": {"type": "string", "format": "binary"}}
    return {
        "response_class": Response,
        "responses": {200: {"content": dict.fromkeys(types, binary), "description": "The file"}},
    }


@router.get("/works")
def list_works(
    who: Fan,
    session: Unit,
    page: Paged,
    clock: Time,
    kind: Annotated[Kind | None, Query(description="only these")] = None,
    state: Annotated[list[State] | None, Query(description="only in one of these states")] = None,
) -> Listed[WorkOut]:
    """Your works and previews, the newest first."""
    rows = shown.mine(
        session,
        person=who.person,
        wanted=shown.Wanted((kind,) if kind else KINDS, state or STATES),
        before=next(iter(page.key(str) or ()), None),
        limit=page.limit + 1,
        at=clock.now(),
    )
    return page.of(rows, lambda row: [row.work.id], WorkOut.show)


@router.get("/works/{id}")
def get_work(id: WorkId, who: Anyone, session: Unit) -> WorkOut:
    """A work of yours, or one that is shared."""
    return WorkOut.show(shown.one(session, work=id, person=_person(who)))


@router.get(
    "/works/{id}/events",
    response_class=StreamingResponse,
    responses={
        200: {"content": {"text/event-stream": {}}, "description": "Events named `work`: a Standing as JSON"},
        204: {"description": "It has ended, and you have its last event"},
    },
)
async def follow_work(
    id: WorkId,
    who: Fan,
    request: Request,
    sessions: Sessions,
    hub: Annotated[Hub, port("hub")],
    last: Annotated[str | None, Header(alias="Last-Event-ID", max_length=40)] = None,
) -> Response:
    """How your work stands, now and at each change, until it has ended (server-sent events)."""
    stopping = request.app.state.stopping
    stream = follow.Stream(hub, sessions, stopping=stopping, work=id, person=who.person)
    now = await run_in_threadpool(stream.begin)
    if now.state in follow.ENDED and str(now.beat) == last:
        return Response(status_code=204)  # there is nothing more to say: a browser comes back after any other answer
    return StreamingResponse(stream.events(after=last), media_type="text/event-stream", headers=follow.HEADERS)


@router.post("/works/{id}/cancellation", status_code=202)
def cancel_work(id: WorkId, who: Fan, session: Unit, clock: Time) -> WorkOut:
    """Stop a work of yours: at once while it waits, at its next step while it runs. The price comes back."""
    row = works.cancel(session, work=id, person=who.person, at=clock.now())
    return WorkOut.show(shown.of(session, [row], person=who.person)[0])


@router.get(
    "/works/{id}/file", **_file(*(renditions.TYPES[form] for form in (*renditions.PICTURES, *renditions.SOUNDS)))
)
def get_work_file(
    id: WorkId,
    who: Anyone,
    shop: Shop,
    request: Request,
    form: Annotated[
        Literal["png", "jpeg", "webp", "flac", "wav", "mp3", "opus"] | None,
        Query(alias="format", description="else as it was sealed: a picture as png, a recording as flac"),
    ] = None,
    download: Annotated[bool, Query(description="as a file to keep")] = False,
    notice: Annotated[
        bool | None,
        Query(description="with a label in its corner, or a signal before it, that it was made with AI; else: a voice"),
    ] = None,
) -> Response:
    """The work, with its signed manifest inside in each form but Opus, which carries none; a preview has none.

    Where nothing is said of the notice, a file to keep has it if its kind of work asks for one, as a voice does.
    """
    return _shown_file(shop, id, who, form, request=request, download=download, notice=notice)


@router.get("/works/{id}/thumbnail", **_file("image/jpeg"))
def get_work_thumbnail(id: WorkId, who: Anyone, shop: Shop, request: Request) -> Response:
    """The work small: 512 pixels at its longer side; of a recording its waveform."""
    return _shown_file(shop, id, who, renditions.THUMBNAIL, request=request)


@router.get("/works/{id}/overlay.png", **_file("image/png"))
def get_work_overlay(id: WorkId, who: Anyone, shop: Shop, request: Request) -> Response:
    """Whose pixels lie where: a palette picture whose index is a contribution's, in that contribution's color.

    Of a recording it is one row: a column for each hundredth of a second, or for more where it is long.
    """
    return _shown_file(shop, id, who, renditions.OVERLAY, request=request)


@router.get("/works/{id}/source", **_file("image/png", "audio/flac"))
def get_work_source(id: WorkId, who: Fan, shop: Shop, request: Request) -> Response:
    """The picture or recording that you brought for it."""
    with db.unit(shop.sessions) as session:
        row = works.get(session, work=id, person=who.person)
    data = renditions.source(shop, work=row)
    form = finishing.SEALED[row.medium]
    return media(data, type=renditions.TYPES[form], name=f"{id}-source.{form}", public=False, request=request)


@router.get("/works/{id}/map", **_file("application/octet-stream"))
def get_work_map(id: WorkId, who: Fan, shop: Shop) -> Response:
    """The map of a work of yours, from which anyone with the licensed assets can make it and count it again."""
    with db.unit(shop.sessions) as session:
        row = works.get(session, work=id, person=who.person)
    data = renditions.map(shop, work=row)
    suffix = "npz" if row.medium == "picture" else "map"
    return media(data, type="application/octet-stream", name=f"{id}.{suffix}", public=False, download=True)


@router.get("/works/{id}/provenance")
def get_provenance(id: WorkId, who: Anyone, session: Unit) -> ProvenanceOut:
    """Whose the work is: what each picture gave and got, who was paid, and what stands behind that."""
    return ProvenanceOut.of(provenance.of(session, work=id, person=_person(who)))


@router.get("/works/{id}/credits")
def get_credits(id: WorkId, who: Anyone, session: Unit) -> CreditsOut:
    """Whom to credit for the work, and which parts of it to disclose as made by AI, as distributors ask for it."""
    return CreditsOut.of(credits.of(session, work=id, person=_person(who)))


@router.put("/works/{id}/sharing")
def share_work(id: WorkId, body: SharingIn, who: Fan, session: Unit, clock: Time) -> WorkOut:
    """Show a finished work of yours to everyone who has its link, or no more."""
    return WorkOut.show(shown.share(session, work=id, person=who.person, shared=body.shared, at=clock.now()))


def _shown_file(
    shop: Workshop,
    id: str,
    who: Principal | None,
    form: str | None,
    *,
    request: Request,
    download: bool = False,
    notice: bool | None = False,
) -> Response:
    with db.unit(shop.sessions) as session:
        seen = shown.with_file(session, work=id, person=_person(who))
    noticed = notice if notice is not None else download and renditions.notices_of(shop, work=seen.work)
    file = renditions.get(shop, work=seen.work, form=form, noticed=noticed)
    suffix = renditions.SUFFIXES[form or finishing.SEALED[seen.work.medium]]
    public = seen.work.shared_at is not None and seen.withdrawn_at is None
    answer = media(
        file.data,
        type=file.type,
        name=f"{id}{suffix}",
        public=public,
        download=download,
        etag=file.address,
        request=request,
    )
    if public:  # as oEmbed offers it; the answer is the same for everybody
        answer.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return answer


def _person(who: Principal | None) -> str | None:
    return who.person if who else None
