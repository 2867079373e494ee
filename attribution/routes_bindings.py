"""The doors of C2PA's Soft Binding Resolution API 2.4: files that lost their manifest are given it back.

The query parameters, the shapes and the statuses are the specification's. Manifests are stored by sealing alone: nobody
binds another's manifest to a mark of ours.
"""

from __future__ import annotations

import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated, Any

import anyio
from fastapi import APIRouter, Depends, Query, Request, Response
from starlette.requests import ClientDisconnect

from attribution import bindings
from attribution.bindings import AssetUnknown, BadBinding, BindingTooLong
from attribution.receipts import Counter
from attribution.recovery import Recovery, Wanted
from attribution.schemas_bindings import (
    CAPABILITIES,
    VERSION,
    AssetReference,
    BindingAlgorithm,
    BindingAlgorithms,
    BindingCapabilities,
    BindingDiscovery,
    BindingQuery,
    BindingStatus,
    CheckedManifestReceipt,
    ManifestMatches,
    ManifestReceipt,
)
from attribution.tools import Tools
from core import db
from core.clock import Clock
from core.limits import Hourly, Turns
from core.networks import Network
from core.signatures import Signer
from core.web import Anyone, Metered, Sessions, Unit, port

BASE = "/c2pa"
MOST = 100  # matches
MOST_IN_ADDRESS = 2000  # letters of a value
SILENT_SECONDS, MOST_SECONDS = 30.0, 600.0  # what sends nothing, or is not done, for so long is given up
KINDS = ("image", "audio", "video", "application")
STORE = "application/c2pa"
FILE: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {f"{kind}/*": {"schema": {"type": "string", "format": "binary"}} for kind in KINDS[:2]},
    }
}
BYTES: dict[int | str, dict[str, Any]] = {
    200: {"content": {STORE: {"schema": {"type": "string", "format": "binary"}}}, "description": "The manifest store"}
}
# Viewers of manifests run in browsers, on pages of other sites; nothing here depends on who asks.
ANYONE = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}


async def for_pages(response: Response) -> None:
    """Let pages of other sites read the answer."""
    response.headers.update(ANYONE)


router = APIRouter(prefix=BASE, tags=["c2pa"], dependencies=[Depends(for_pages)])
discovery = APIRouter(tags=["c2pa"], dependencies=[Depends(for_pages)])


async def recovery(
    sessions: Sessions,
    tools: Annotated[Tools, port("tools")],
    turns: Annotated[Turns, port("verifying")],
    downloading: Annotated[Turns, port("downloading")],
    network: Annotated[Network, port("network")],
    meter: Metered,
    near_copies: Annotated[Hourly, port("near_copies")],
) -> Recovery:
    """Where files of this request are asked about."""
    return Recovery(sessions, tools, turns, downloading, network, meter, near_copies)


async def origin(request: Request, public_url: Annotated[str | None, port("public_url")]) -> str:
    """How others reach this house."""
    return public_url or str(request.base_url).rstrip("/")


def counter(
    session: Unit,
    signer: Annotated[Signer, port("receipt_keys")],
    origin: Annotated[str, Depends(origin)],
) -> Counter:
    """Where receipts are given out."""
    return Counter(session, signer, f"{origin}/v1{BASE}", f"{origin}/.well-known/jwks.json")


async def sent(request: Request) -> AsyncIterator[Path]:
    """The request's body as a file, which is gone afterwards."""
    kind = request.headers.get("content-type", "").partition("/")[0].strip().lower()
    if kind not in KINDS:
        raise AssetUnknown("send the file's own bytes as the body, with its media type as Content-Type")
    with tempfile.NamedTemporaryFile(prefix="homage-") as copy:
        try:
            with anyio.fail_after(MOST_SECONDS):
                async for chunk in _steadily(request.stream()):
                    copy.write(chunk)
        except (ClientDisconnect, TimeoutError) as error:
            raise AssetUnknown(
                f"the file did not come to its end: within {MOST_SECONDS:.0f} s, never {SILENT_SECONDS:.0f} s without "
                "a byte; send it again"
            ) from error
        copy.flush()
        yield Path(copy.name)


async def _steadily(body: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Raises TimeoutError when nothing comes."""
    while True:
        with anyio.fail_after(SILENT_SECONDS):
            chunk = await anext(body, None)
        if chunk is None:
            return
        yield chunk


MostResults = Annotated[int, Query(alias="maxResults", ge=1, description=f"at most so many matches, up to {MOST}")]


async def wanted(
    alg: Annotated[str | None, Query(description="look for this binding; else for all")] = None,
    hint_alg: Annotated[
        str | None, Query(alias="hintAlg", description="an algorithm that was tried on the file")
    ] = None,
    hint_value: Annotated[str | None, Query(alias="hintValue", description="and what it found, in base 64")] = None,
    max_results: MostResults = 10,
) -> Wanted:
    """What is looked for in a file. Raises BadBinding."""
    if (hint_alg is None) != (hint_value is None):
        raise BadBinding("a hint has both hintAlg and hintValue; send both, or neither")
    hint = (hint_alg, hint_value) if hint_alg is not None and hint_value is not None else None
    return Wanted(alg, hint, min(max_results, MOST))


@router.get("/matches/byBinding")
def query_by_binding(
    session: Unit,
    who: Anyone,
    alg: Annotated[str, Query(description="io.iscc.v0, or the name of a mark of this house")],
    value: Annotated[str, Query(description="what it says, in base 64")],
    max_results: MostResults = 10,
) -> ManifestMatches:
    """The manifests that say this soft binding; by ISCC those of like content, too."""
    if len(value) > MOST_IN_ADDRESS:
        raise BindingTooLong(f"a value has up to {MOST_IN_ADDRESS} letters here; send it by POST")
    return ManifestMatches.of(bindings.by_binding(session, alg=alg, value=value, most=min(max_results, MOST)))


@router.post("/matches/byBinding")
def query_by_large_binding(
    session: Unit, who: Anyone, asked: BindingQuery, max_results: MostResults = 10
) -> ManifestMatches:
    """The same by a body."""
    return ManifestMatches.of(
        bindings.by_binding(session, alg=asked.alg, value=asked.value, most=min(max_results, MOST))
    )


@router.post("/matches/byContent", openapi_extra=FILE)
def query_by_content(
    wanted: Annotated[Wanted, Depends(wanted)],
    file: Annotated[Path, Depends(sent)],
    recovery: Annotated[Recovery, Depends(recovery)],
    who: Anyone,
) -> ManifestMatches:
    """The manifests of what is in a file of up to 64 MiB, by its mark, code and fingerprint. It is not kept."""
    return ManifestMatches.of(recovery.by_file(file, wanted))


@router.post("/matches/byReference")
def query_by_reference(
    wanted: Annotated[Wanted, Depends(wanted)],
    reference: AssetReference,
    recovery: Annotated[Recovery, Depends(recovery)],
    who: Anyone,
) -> ManifestMatches:
    """The same of a file at a public address, which is downloaded, looked into, and not kept."""
    return ManifestMatches.of(recovery.by_address(reference.address(), wanted))


@router.get("/manifests/{id}", response_class=Response, responses=BYTES)
def get_manifest(
    id: str,
    session: Unit,
    who: Anyone,
    active_only: Annotated[
        bool, Query(alias="returnActiveManifest", description="changes nothing: a store here holds one manifest")
    ] = False,
) -> Response:
    """A manifest store, as it was signed. Withdrawn works keep theirs: it says how a work was made, not whether it is
    licensed today."""
    return Response(bindings.kept(session, label=id).data, media_type=STORE, headers=ANYONE)


@router.get("/manifests/{id}/receipts", response_model_exclude_none=True)
def get_receipt(
    id: str, counter: Annotated[Counter, Depends(counter)], clock: Annotated[Clock, port("clock")], who: Anyone
) -> CheckedManifestReceipt:
    """Signed word that this house keeps this manifest, and since when."""
    return CheckedManifestReceipt.of(counter.issue(id, at=clock.now()))


@router.post("/manifests/{id}/receipts", response_model_exclude_none=True)
def verify_receipt(
    id: str, receipt: ManifestReceipt, counter: Annotated[Counter, Depends(counter)], who: Anyone
) -> CheckedManifestReceipt:
    """Whether a receipt for this manifest holds; `error` says why not. The keys of /.well-known/jwks.json say the same
    without asking."""
    return receipt.checked(counter, id)


@router.get("/services/supportedAlgorithms")
async def get_algorithms() -> BindingAlgorithms:
    """By what manifests are looked up."""
    watermarks, fingerprints = (
        [BindingAlgorithm(alg=x) for x in names] for names in (bindings.WATERMARKS, bindings.FINGERPRINTS)
    )
    return BindingAlgorithms(watermarks=watermarks, fingerprints=fingerprints)


@router.get("/services/capabilities")
async def get_capabilities() -> BindingCapabilities:
    """What of the specification is served here."""
    return BindingCapabilities(c2pa_specification_version=VERSION, supported_capabilities=list(CAPABILITIES))


@router.get("/services/status")
def get_status(sessions: Sessions, clock: Annotated[Clock, port("clock")]) -> BindingStatus:
    """Whether questions are answered: `down` while the database is not there."""
    return BindingStatus(status="ok" if db.answers(sessions) else "down", timestamp=clock.now())


@discovery.get("/.well-known/c2pa-soft-binding-resolution")
async def discover(origin: Annotated[str, Depends(origin)]) -> BindingDiscovery:
    """Where this house's service is (RFC 8615)."""
    base = f"{origin}/v1{BASE}"
    return BindingDiscovery(
        api_endpoint=base,
        c2pa_specification_version=VERSION,
        capabilities_endpoint=f"{base}/services/capabilities",
        status_endpoint=f"{base}/services/status",
    )
