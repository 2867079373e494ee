"""The server: routers of every floor under `/v1`, problems for every refusal, the pages beside them."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import metadata
from pathlib import Path

from fastapi import APIRouter, FastAPI
from fastapi.concurrency import run_in_threadpool
from fastapi.middleware.cors import CORSMiddleware
from fastapi.routing import APIRoute
from starlette.types import ASGIApp

from app import badge, openapi, pages, problems, uploads, wellknown
from app.gate import Gate
from app.headers import Headers
from app.house import House
from app.identity.authentication import authenticate
from attribution import routes_bindings

# What a page of another site may read of an answer, where HOMAGE_CORS__ORIGINS admits it.
EXPOSED = ("Link", "Location", "Retry-After", "RateLimit", "RateLimit-Policy", *uploads.HEADERS)


class Server(FastAPI):
    """An app whose outermost layers see every answer, those to what went wrong included."""

    def build_middleware_stack(self) -> ASGIApp:
        return Headers(uploads.Tus(super().build_middleware_stack()))


def create_app(house: House, *, dist: Path = pages.DIST) -> FastAPI:
    """The whole API of a house. Nothing is opened before the first request or the lifespan."""

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        await run_in_threadpool(lambda: house.hub)
        yield
        await run_in_threadpool(house.hub.stop)

    app = Server(
        title="Homage",
        version=metadata.version("homage"),
        summary="License a creator's style, make works in it, and share what they earn, to the last unit.",
        openapi_url="/v1/openapi.json",
        docs_url=None,
        redoc_url=None,
        lifespan=life,
        generate_unique_id_function=operation_id,
    )
    app.state.house = house
    app.state.stopping = threading.Event()  # set when the server is told to end: endless answers end at once
    app.state.authenticate = authenticate
    problems.install(app)
    openapi.install(app)
    app.add_middleware(Gate, limits=house.settings.limits)
    for router in routers():
        app.include_router(router, prefix="/v1")
    app.include_router(routes_bindings.discovery)
    if house.settings.cors.origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=house.settings.cors.origins,
            allow_methods=["*"],
            allow_headers=["*"],
            expose_headers=EXPOSED,
        )
    wellknown.install(app, house)
    badge.install(app, house)
    pages.install(app, house, dist)
    return app


def routers() -> list[APIRouter]:
    """Each floor's door, in the order in which requests are matched: what is asked most comes first."""
    from app import about, oembed, sandbox
    from app.identity import routes as people
    from app.webhooks import routes as webhooks
    from creators import routes as creators
    from creators import routes_proofs as proofs
    from generation import routes as studio
    from generation import routes_presets as presets
    from generation import routes_works as works
    from licensing import batch_routes, evaluation_routes, routes_own, routes_styles, snapshot_routes
    from licensing import routes as licensing
    from licensing import verification_routes as verifications
    from payments import routes as money
    from payments import routes_usage

    return [
        verifications.router,
        people.router,
        about.router,
        routes_styles.router,
        routes_own.router,
        creators.router,
        proofs.router,
        licensing.router,
        evaluation_routes.router,
        studio.router,
        works.router,
        presets.router,
        money.router,
        routes_usage.router,
        snapshot_routes.router,
        batch_routes.router,
        oembed.router,
        sandbox.router,
        routes_bindings.router,
        webhooks.router,
        uploads.router,
    ]


def operation_id(route: APIRoute) -> str:
    """`tag-name`, the name clients generate functions from."""
    tag = str(route.tags[0]) if route.tags else "api"
    return f"{tag}-{route.name.replace('_', '-')}"
