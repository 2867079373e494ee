"""The server: routers of every floor under `/v1`, problems for every refusal, the pages beside them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import metadata

from fastapi import APIRouter, FastAPI
from fastapi.routing import APIRoute

from app import problems
from app.house import House


def create_app(house: House) -> FastAPI:
    """The whole API of a house. Nothing is opened before the first request or the lifespan."""

    @asynccontextmanager
    async def life(app: FastAPI) -> AsyncIterator[None]:
        yield

    app = FastAPI(
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
    app.state.authenticate = lambda request: None
    problems.install(app)
    for router in routers():
        app.include_router(router, prefix="/v1")
    return app


def routers() -> list[APIRouter]:
    """Each floor's door, in the order of the documentation."""
    return []


def operation_id(route: APIRoute) -> str:
    """`tag-name`, the name clients generate functions from."""
    tag = str(route.tags[0]) if route.tags else "api"
    return f"{tag}-{route.name.replace('_', '-')}"
