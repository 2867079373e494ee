"""The door of uploads: tus 1.0 (https://tus.io/protocols/resumable-upload) over `core.uploads`.

Bodies go to disk as they come. A client that comes back while its old connection still seems alive takes over from it.
"""

from __future__ import annotations

import base64
import binascii
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from email.utils import format_datetime
from typing import TYPE_CHECKING, Annotated, Any

import anyio
from anyio import CancelScope
from anyio.to_thread import run_sync
from fastapi import APIRouter, Depends, Header, Request, Response
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from core import db
from core.clock import Clock
from core.errors import Conflict, HomageError, Invalid
from core.uploads import (
    CHECKSUMS,
    Checksum,
    ChecksumMismatch,
    Part,
    Upload,
    UploadBusy,
    UploadExpired,
    UploadOverrun,
    Uploads,
    UploadTooLong,
)
from core.web import Named, Out, Principal, Sessions, allowed, port

if TYPE_CHECKING:
    from procrastinate import App, JobContext

VERSION = "1.0.0"
EXTENSIONS = "creation,creation-with-upload,termination,checksum,expiration"
HEADERS = ("Upload-Offset", "Upload-Length", "Upload-Expires", "Upload-Metadata", "Tus-Resumable", "Tus-Version")
OCTETS = "application/offset+octet-stream"
PREFIX = "/v1/uploads"
BLOCK = 1 << 20  # bytes gathered before they are written
SILENT_SECONDS = 30.0  # a connection that sends nothing for so long is given up
TAKEOVER_SECONDS = 3.0
MOST_NAME, MOST_DESCRIBED = 200, 2000
BYTES: dict[str, Any] = {"requestBody": {"content": {OCTETS: {"schema": {"type": "string", "format": "binary"}}}}}


class WrongTusVersion(Invalid):
    """The client speaks another version of the upload protocol."""


class NotOctets(Invalid):
    """Bytes of an upload come as application/offset+octet-stream."""


class UnknownChecksum(Invalid):
    """The checksum is not one that can be compared here."""


class BadDescription(Invalid):
    """The upload's description cannot be read."""


class UploadStopped(Conflict):
    """Sending broke off; what came is kept."""


class UploadView(Out):
    """An upload, and how far it is."""

    id: str
    name: str
    length: int
    offset: int
    complete: bool
    expires_at: datetime


# The protocol asks for these, where the kind of the error would say something broader.
STATUS: dict[type[HomageError], int] = {
    UnknownChecksum: 400,
    UploadExpired: 410,
    WrongTusVersion: 412,
    UploadTooLong: 413,
    UploadOverrun: 413,
    NotOctets: 415,
    UploadBusy: 423,
    ChecksumMismatch: 460,
}


@dataclass(frozen=True)
class Desk:
    """What every route here needs; its methods are for threads, each with a short transaction of its own."""

    person: str
    uploads: Uploads
    sessions: db.Sessions
    clock: Clock

    def create(self, length: int, described: str) -> Upload:
        name = describe(described).get("filename", "")
        with db.unit(self.sessions) as session:
            return self.uploads.create(
                session,
                person=self.person,
                length=length,
                name=tidy(name) or "upload",
                described=described,
                at=self.clock.now(),
            )

    def get(self, upload: str) -> Upload:
        with db.unit(self.sessions) as session:
            return self.uploads.get(session, upload=upload, person=self.person, at=self.clock.now())

    def keep(self, upload: Upload) -> datetime:
        with db.unit(self.sessions) as session:
            return self.uploads.keep(session, upload=upload.id, at=self.clock.now())

    def remove(self, upload: str) -> None:
        with db.unit(self.sessions) as session:
            self.uploads.remove(session, upload=self.uploads.get(session, upload=upload, person=self.person))

    def view(self, upload: Upload) -> UploadView:
        offset = self.uploads.offset(upload.id)
        return UploadView(
            id=upload.id,
            name=upload.name,
            length=upload.length,
            offset=offset,
            complete=offset == upload.length,
            expires_at=upload.expires_at,
        )


def _desk(
    who: Annotated[Principal, allowed("works", "styles")],
    uploads: Annotated[Uploads, port("uploads")],
    sessions: Sessions,
    clock: Annotated[Clock, port("clock")],
) -> Desk:
    return Desk(who.person, uploads, sessions, clock)


def _version(tus_resumable: Annotated[str, Header(description=f"always {VERSION}")] = "") -> None:
    if tus_resumable != VERSION:
        raise WrongTusVersion(f"send the header Tus-Resumable: {VERSION}; no other version is spoken here")


def _checksum(
    upload_checksum: Annotated[
        str | None, Header(description=f"{', '.join(CHECKSUMS)}; a space; the digest of this body in base 64")
    ] = None,
) -> Checksum | None:
    if upload_checksum is None:
        return None
    algorithm, _, digest = upload_checksum.partition(" ")
    if algorithm not in CHECKSUMS:
        raise UnknownChecksum(f"no checksum {algorithm[:20]!r} is compared here; use one of {', '.join(CHECKSUMS)}")
    try:
        return Checksum(algorithm, base64.b64decode(digest, validate=True))
    except binascii.Error as error:
        raise UnknownChecksum("the checksum is not in base 64; send it as: sha256 <digest in base 64>") from error


AtDesk = Annotated[Desk, Depends(_desk)]
Sum = Annotated[Checksum | None, Depends(_checksum)]
UploadId = Annotated[str, Named("upl")]
Length = Annotated[int, Header(ge=0, alias="Upload-Length", description="how many bytes it will have")]
Offset = Annotated[int, Header(ge=0, alias="Upload-Offset", description="where this body begins")]
Described = Annotated[
    str,
    Header(
        alias="Upload-Metadata",
        max_length=MOST_DESCRIBED,
        description="pairs of a key and a value in base 64, such as `filename d29y`",
    ),
]
router = APIRouter(prefix="/uploads", tags=["uploads"])
speaks_tus = [Depends(_version)]


@router.options("", status_code=204)
async def capabilities(uploads: Annotated[Uploads, port("uploads")]) -> Response:
    """What this server can do of the tus protocol."""
    headers = {
        "Tus-Version": VERSION,
        "Tus-Extension": EXTENSIONS,
        "Tus-Max-Size": str(uploads.most_bytes),
        "Tus-Checksum-Algorithm": ",".join(CHECKSUMS),
    }
    return Response(status_code=204, headers=headers)


@router.post("", status_code=201, dependencies=speaks_tus, openapi_extra=BYTES)
async def create(
    request: Request, response: Response, desk: AtDesk, length: Length, checksum: Sum, described: Described = ""
) -> UploadView:
    """Announce a file; its first bytes may come along."""
    brings = _brings_bytes(request)
    upload = await run_sync(desk.create, length, described)
    if brings or length == 0:
        upload.expires_at = await _append(request, desk, upload, 0, checksum)
    view = await run_sync(desk.view, upload)
    response.headers["Location"] = f"{PREFIX}/{upload.id}"
    response.headers.update(_told(upload, view.offset))
    return view


@router.patch("/{upload}", status_code=204, dependencies=speaks_tus, openapi_extra=BYTES)
async def append(request: Request, desk: AtDesk, upload: UploadId, offset: Offset, checksum: Sum) -> Response:
    """Send on from where it is."""
    if not _brings_bytes(request, always=True):
        raise NotOctets(f"send the bytes as {OCTETS}")
    found = await run_sync(desk.get, upload)
    found.expires_at = await _append(request, desk, found, offset, checksum)
    return Response(status_code=204, headers=_told(found, await run_sync(desk.uploads.offset, upload)))


@router.head("/{upload}", response_class=Response, dependencies=speaks_tus)
async def offset(desk: AtDesk, upload: UploadId) -> Response:
    """How far it is, in the header `Upload-Offset`."""
    found = await run_sync(desk.get, upload)
    headers = _told(found, await run_sync(desk.uploads.offset, upload))
    headers |= {"Upload-Length": str(found.length), "Cache-Control": "no-store"}
    return Response(headers=headers | ({"Upload-Metadata": found.described} if found.described else {}))


@router.get("/{upload}")
async def show(desk: AtDesk, upload: UploadId) -> UploadView:
    """An upload of one's own, and how far it is."""
    return await run_sync(lambda: desk.view(desk.get(upload)))


@router.delete("/{upload}", status_code=204, dependencies=speaks_tus)
async def remove(desk: AtDesk, upload: UploadId) -> Response:
    """Remove it, finished or not."""
    await run_sync(desk.get, upload)
    if sender := _senders.get(upload):
        sender.cancel()
    await run_sync(desk.remove, upload)
    return Response(status_code=204)


_senders: dict[str, CancelScope] = {}  # of this process: who is sending to which upload


async def _append(request: Request, desk: Desk, upload: Upload, offset: int, checksum: Checksum | None) -> datetime:
    """Take the body to disk; until when the upload now lives. However it ends, what came and counts is durable."""
    part = await _begin(desk, upload, offset, checksum)
    whole = False
    try:
        with CancelScope() as _senders[upload.id]:
            async for block in _blocks(request):
                await run_sync(part.write, block)
            whole = True
    except (ClientDisconnect, TimeoutError):
        pass
    finally:
        with CancelScope(shield=True):
            _senders.pop(upload.id, None)
            await run_sync(lambda: part.end(whole=whole))
    until = await run_sync(desk.keep, upload)
    if not whole:
        raise UploadStopped(f"sending broke off; {part.offset} bytes are kept, go on from there", offset=part.offset)
    return until


async def _begin(desk: Desk, upload: Upload, offset: int, checksum: Checksum | None) -> Part:
    """Begin, after the end of a connection that broke without our being told."""
    until = anyio.current_time() + TAKEOVER_SECONDS
    while True:
        try:
            return await run_sync(lambda: desk.uploads.begin(upload, offset=offset, checksum=checksum))
        except UploadBusy:
            if anyio.current_time() > until:
                raise
            if sender := _senders.get(upload.id):
                sender.cancel()
            await anyio.sleep(0.05)


async def _blocks(request: Request) -> AsyncIterator[bytes]:
    """The body in blocks worth a write. What came before the connection broke is not lost."""
    coming, block = aiter(request.stream()), bytearray()
    try:
        while True:
            with anyio.fail_after(SILENT_SECONDS):
                chunk = await anext(coming, None)
            if chunk is None:
                break
            block += chunk
            if len(block) >= BLOCK:
                yield bytes(block)
                block.clear()
    except (ClientDisconnect, TimeoutError):
        yield bytes(block)
        raise
    yield bytes(block)


def _brings_bytes(request: Request, *, always: bool = False) -> bool:
    """Whether the request has a body to take. Raises NotOctets."""
    headers = request.headers
    brings = always or headers.get("content-length", "0") != "0" or "transfer-encoding" in headers
    if brings and headers.get("content-type", "") != OCTETS:
        raise NotOctets(f"bytes of an upload are sent with Content-Type: {OCTETS}")
    return brings


def _told(upload: Upload, offset: int) -> dict[str, str]:
    return {"Upload-Offset": str(offset), "Upload-Expires": format_datetime(upload.expires_at, usegmt=True)}


def describe(header: str) -> dict[str, str]:
    """tus metadata: pairs of a key and, in base 64, a value. Raises BadDescription."""
    found = {}
    for pair in filter(None, (pair.strip(" ") for pair in header.split(","))):
        key, _, value = pair.partition(" ")
        try:
            found[key] = base64.b64decode(value, validate=True).decode()
        except (binascii.Error, UnicodeDecodeError) as error:
            raise BadDescription(f"Upload-Metadata: the value of {key[:40]!r} is no UTF-8 in base 64") from error
    return found


def tidy(name: str) -> str:
    """A file's name as it may be shown: no folders, no signs that move the cursor."""
    last = name.replace("\\", "/").rpartition("/")[2]
    return "".join(sign for sign in last if sign.isprintable()).strip()[:MOST_NAME]


class Tus:
    """Around the app: the protocol's version on every answer under its address, and its way to send other methods."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(PREFIX):
            await self.app(scope, receive, send)
            return
        method = dict(scope["headers"]).get(b"x-http-method-override", b"").decode("latin-1").upper()
        if scope["method"] == "POST" and method in ("PATCH", "DELETE"):
            scope = {**scope, "method": method}

        async def told(message: Message) -> None:
            if message["type"] == "http.response.start":
                version = VERSION.encode()
                message["headers"] = [
                    *message.get("headers", ()),
                    (b"tus-resumable", version),
                    *([(b"tus-version", version)] if message["status"] == 412 else ()),
                ]
            await send(message)

        await self.app(scope, receive, told)


def register(app: App) -> None:
    """Give the queue the sweep of what expired."""
    sweeping = app.task(name="uploads:sweep", queue="uploads", pass_context=True)(sweep)
    app.periodic(cron="*/5 * * * *")(sweeping)


def sweep(context: JobContext, timestamp: int = 0) -> None:
    """Remove expired uploads and files of none; `timestamp` is the minute it was due."""
    ports = context.additional_context
    ports["uploads"].sweep(ports["sessions"], at=ports["clock"].now())
